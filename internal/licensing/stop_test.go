package licensing_test

import (
	"testing"

	"github.com/comity-project/comity/internal/licensing"
)

var (
	onStop = licensing.OnStop{Stop: "stop-1"}
	hold   = licensing.Hold{
		OnStop: onStop, Declaration: "26XN000077", Office: "XN000100", Tariff: "8517.62", Destination: "XA",
		Text: licensing.StopText{Goods: "Two racks of probes", Exporter: "Alvania Flowgate", Question: "Does this need a licence?"},
	}
)

func (w *world) onStop(actor licensing.Actor, cmd licensing.StopCommand) *world {
	w.t.Helper()
	events, err := licensing.DecideStop(w.stop, cmd, w.facts(actor))
	if err != nil {
		w.t.Fatalf("%s: %v", cmd.Name(), err)
	}
	w.store(actor, events)
	return w
}

// stopped is a stop to which everything happened that can.
func stopped(t *testing.T) *world {
	w := newWorld(t)
	w.onStop(customs, hold)
	w.onStop(officer, licensing.AnswerStop{OnStop: onStop, Reply: licensing.ReplyLicenceNeeded, Why: "It finds people."})
	w.onStop(officer, licensing.RaiseGap{OnStop: onStop, Instrument: "Order 12 of 2024", What: "It names no traffic probes."})
	return w.onStop(customs, licensing.EndStop{OnStop: onStop, Outcome: licensing.StopDetained, Why: "As licensing says."})
}

func TestDecideStop(t *testing.T) {
	do := func(cmds ...licensing.StopCommand) func(*world) {
		return func(w *world) {
			for _, c := range cmds {
				w.onStop(customs, c)
			}
		}
	}
	answer := func(r licensing.StopReply) licensing.AnswerStop {
		return licensing.AnswerStop{OnStop: onStop, Reply: r, Why: "By the sheet."}
	}
	end := func(o licensing.StopStatus) licensing.EndStop {
		return licensing.EndStop{OnStop: onStop, Outcome: o, Why: "As licensing says."}
	}
	gap := licensing.RaiseGap{OnStop: onStop, Instrument: "Order 12", What: "No word of probes."}
	failing := map[string]bool{}
	for _, r := range []struct {
		name           string
		given          func(*world)
		when           licensing.StopCommand
		days           int
		event, refused string
	}{
		{"hold", do(), hold, 0, "stop.held", ""},
		{"hold twice", do(hold), hold, 0, "", "licensing.stop.status.open"},
		{"hold nothing", do(), licensing.Hold{OnStop: onStop}, 0, "", "licensing.stop.invalid"},
		{"answer", do(hold), answer(licensing.ReplyCovered), 0, "stop.answered", ""},
		{"answer otherwise", do(hold, answer(licensing.ReplyLicenceNeeded)), answer(licensing.ReplyCovered), 0, "stop.answered", ""},
		{"answer nothing", do(hold), answer(""), 0, "", "licensing.stop.reply"},
		{"answer without reason", do(hold), licensing.AnswerStop{OnStop: onStop, Reply: licensing.ReplyCovered}, 0, "", "licensing.reason.missing"},
		{"release", do(hold, answer(licensing.ReplyNotRequired)), end(licensing.StopReleased), 0, "stop.ended", ""},
		{"release what needs a licence", do(hold, answer(licensing.ReplyLicenceNeeded)), end(licensing.StopReleased), 0, "", "licensing.stop.licence_needed"},
		{"detain what needs a licence", do(hold, answer(licensing.ReplyLicenceNeeded)), end(licensing.StopDetained), 0, "stop.ended", ""},
		{"release before the answer", do(hold), end(licensing.StopReleased), 1, "", "licensing.stop.waiting"},
		{"release when the time has passed in silence", do(hold), end(licensing.StopReleased), 9, "stop.ended", ""},
		{"end otherwise", do(hold, answer(licensing.ReplyCovered)), end(licensing.StopOpen), 0, "", "licensing.stop.outcome"},
		{"release without reason", do(hold, answer(licensing.ReplyCovered)), licensing.EndStop{OnStop: onStop, Outcome: licensing.StopReleased}, 0, "", "licensing.reason.missing"},
		{"answer what was released", do(hold, answer(licensing.ReplyCovered), end(licensing.StopReleased)), answer(licensing.ReplyLicenceNeeded), 0, "", "licensing.stop.status.released"},
		{"a gap", do(hold, answer(licensing.ReplyCovered), end(licensing.StopReleased)), gap, 0, "stop.gap_raised", ""},
		{"a gap nowhere", do(hold), licensing.RaiseGap{OnStop: onStop, What: "x"}, 0, "", "licensing.stop.instrument"},
		{"a gap without words", do(hold), licensing.RaiseGap{OnStop: onStop, Instrument: "Order 12"}, 0, "", "licensing.reason.missing"},
	} {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t)
			r.given(w)
			w.later(r.days)
			events, err := licensing.DecideStop(w.stop, r.when, w.facts(officer))
			if r.refused != "" {
				failing[r.when.Name()+" "+r.refused] = true
				if !says(err, r.refused) {
					t.Fatalf("want %s, got %v", r.refused, err)
				}
				return
			}
			if err != nil || events[0].Event.EventType() != r.event {
				t.Fatalf("%v, %v", events, err)
			}
			if e, ok := events[0].Event.(licensing.ShipmentEnded); ok && e.Unanswered != (r.days == 9) {
				t.Errorf("unanswered: %v", e.Unanswered)
			}
		})
	}
	for _, tr := range licensing.StopTable {
		for _, g := range tr.Guards {
			if !failing[tr.Command+" "+g] {
				t.Errorf("%s: no row fails at %s", tr.Command, g)
			}
		}
	}
}
