package node

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// onStop is the way of every command about a stopped shipment. A hold gets its
// reference from the counter, and its clock from the pack.
func onStop[C licensing.StopCommand](t *Tx, cmd C, e *Engines) error {
	s, version, err := load[*licensing.Stop](t, cmd.Stream())
	if err != nil {
		return err
	}
	see := access.StopRead
	if version == 0 {
		see = ""
	}
	for _, row := range licensing.StopTable {
		if row.Command == cmd.Name() {
			if err := t.Must(see, row.Act, access.Thing{Kind: licensing.KindStop}); err != nil {
				return err
			}
		}
	}
	f := licensing.Facts{Now: t.Now(), Actor: t.person(), Calendar: e.Calendar, StopPeriod: periodOf(e.Pack, "customs_stop")}
	if version == 0 {
		year := t.Now().In(e.Calendar.Location()).Year()
		n, err := t.Next(fmt.Sprintf("stop %d", year))
		if err != nil {
			return fault.Wrap(err, "node: reference")
		}
		f.Reference = fmt.Sprintf("%s-S-%d-%04d", t.app.cfg.prefix(), year, n)
	}
	given := licensing.StopCommand(cmd)
	if gap, ok := given.(licensing.RaiseGap); ok && gap.Entry != "" {
		i, _, err := load[*instruments.Instrument](t, InstrumentStream(gap.Entry))
		if err != nil {
			return err
		}
		if i.ID == "" || !access.Can(t.Actor, access.InstrumentRead, access.Thing{}) {
			return fault.New(fault.Invalid, "licensing.stop.instrument").Field("entry", "licensing.stop.instrument")
		}
		gap.Instrument = i.Latest().Words.Title
		given = gap
	}
	events, err := licensing.DecideStop(s, given, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// StopFile is a stopped shipment as its page shows it.
type StopFile struct {
	licensing.Stop
	Version     int64
	Instruments []*instruments.Instrument // of the register, where the reader may read it
	names       map[string]string
}

// Name is a person's name by account; the id where nobody knows it.
func (f *StopFile) Name(id string) string {
	if n := f.names[id]; n != "" {
		return n
	}
	return id
}

// StopFile reads a stopped shipment for an actor.
func (a *App) StopFile(ctx context.Context, actor access.Actor, id string) (*StopFile, error) {
	f := &StopFile{}
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(event.StreamOf(licensing.KindStop, id), &f.Stop); err != nil {
			return err
		}
		if f.Version == 0 || !access.Can(actor, access.StopRead, access.Thing{Kind: licensing.KindStop}) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		ids := []string{f.By}
		for _, x := range f.Answers {
			ids = append(ids, x.By)
		}
		for _, x := range f.Gaps {
			ids = append(ids, x.By)
		}
		if f.Ended != nil {
			ids = append(ids, f.Ended.By)
		}
		if f.names, err = t.Names(ids); err != nil || !access.Can(actor, access.InstrumentRead, access.Thing{}) {
			return err
		}
		return t.LoadKind(instruments.KindInstrument, maxInstruments, func(event.Stream) event.State {
			i := &instruments.Instrument{}
			f.Instruments = append(f.Instruments, i)
			return i
		})
	})
	return f, fault.Wrap(err, "node: stop")
}
