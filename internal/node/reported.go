package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/stix"
)

// Reported is what this node holds about names and numbers that a case gives:
// what other states reported, and what others published. That it is empty says
// that nothing here bears such a name as it is written, and no more.
type Reported struct {
	Looked    int // so many names and numbers; 0: the reader may not read it
	Said      []SaidRow
	Published []PublishedRow
}

// Any tells whether anything was found.
func (r Reported) Any() bool { return len(r.Said)+len(r.Published) > 0 }

// PublishedRow is an object of a collection as a case shows it.
type PublishedRow struct {
	Import, Object, Kind string
	Name, Says           string // "" where Shut
	Source, Licence      string
	Admiralty            string
	Retrieved            time.Time
	TLP, PAP             string
	Shut                 bool // TLP:RED: for named people
}

// reportsShown bounds what a case shows of each.
const reportsShown = 20

// ReportedAbout gathers what is reported about whom and what an application
// names, the latest first.
func (a *App) ReportedAbout(ctx context.Context, actor access.Actor, app *licensing.Application) (out Reported, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return out, nil
	}
	marks := a.marksIn(app)
	if out.Looked = len(marks); len(marks) == 0 {
		return out, nil
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		all, err := a.reportsAbout(t, app, reportsShown)
		if err != nil {
			return err
		}
		objects, err := t.ImportsMarked(marks, reportsShown)
		if err != nil {
			return err
		}
		if err := t.FetchKeys(statementStreams(all)); err != nil {
			return err
		}
		if out.Said, err = a.rows(t, actor, all); err != nil {
			return err
		}
		out.Published, err = a.published(t, actor, objects)
		return err
	})
	return out, fault.Wrap(err, "node: what was reported")
}

// reportsAbout are the statements of other states that stand about whom and what
// an application names, the latest first. A report stands for whom it names.
func (a *App) reportsAbout(t *store.Tx, app *licensing.Application, limit int) ([]store.Envelope, error) {
	marks := a.marksIn(app)
	if len(marks) == 0 {
		return nil, nil
	}
	all, err := t.EnvelopesMarked(marks, limit)
	if err != nil {
		return nil, err
	}
	told := map[event.Stream]bool{}
	for _, e := range all {
		told[e.Stream] = told[e.Stream] || e.Kind == "report"
	}
	return slices.DeleteFunc(all, func(e store.Envelope) bool { return e.Kind != "report" && told[e.Stream] }), nil
}

// marksIn are the keyed hashes of the names of an application's parties and items.
func (a *App) marksIn(app *licensing.Application) (marks []string) {
	add := func(name string) {
		if m := a.mark(name); m != "" && !slices.Contains(marks, m) && len(marks) < gatherAtOnce {
			marks = append(marks, m)
		}
	}
	for _, x := range app.Parties {
		for _, n := range x.Names {
			add(n.Text)
			add(n.Latin)
		}
		if x.Kind == party.Person {
			continue
		}
		for _, i := range x.Identifiers {
			add(i.Number(x.Country))
		}
	}
	for _, l := range app.Lines {
		add(l.Description)
		add(l.PartNumber)
	}
	return marks
}

// published reads objects of collections with where they come from.
func (a *App) published(t *store.Tx, actor access.Actor, objects []store.MarkedObject) (out []PublishedRow, err error) {
	read, err := a.openMarked(t, objects)
	if err != nil {
		return nil, err
	}
	for i, o := range objects {
		if read[i] == nil {
			continue
		}
		h := read[i].Strictest()
		r := PublishedRow{
			Import: o.Import, Object: o.Object, Kind: o.Kind, Source: o.Source, Licence: o.Licence, Admiralty: o.Admiralty, Retrieved: o.Added,
			TLP: strings.ToLower(strings.TrimPrefix(max(stix.AmberStrict, h.TLP).String(), "TLP:")), Shut: h.TLP == stix.Red && !named(actor),
		}
		if h.PAP != stix.NoPAP {
			r.PAP = h.PAP.String()
		}
		if !r.Shut {
			c := dispatch.ReadReport(read[i])
			r.Name, r.Says = c.Title, excerpt(c.Text)
		}
		out = append(out, r)
	}
	return out, nil
}

// excerptLong bounds what a case shows of what an object says; its import has it
// whole.
const excerptLong = 300

func excerpt(text string) string {
	if r := []rune(text); len(r) > excerptLong {
		return string(r[:excerptLong]) + "…"
	}
	return text
}
