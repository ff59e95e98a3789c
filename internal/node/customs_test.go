package node_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// post is a node with customs beside it.
type post struct{ *nodetest.House }

func (p post) usage(l *licensing.Licence, number int64, quantity string) licensing.CustomsMessage {
	return licensing.CustomsMessage{
		Sender: "xn-customs", Number: number, Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: fmt.Sprintf("26XN%06d", number), Office: "XN000100", Document: "X060",
		At: p.App.Now(), Lines: []licensing.MessageLine{{Line: l.Lines[0].Line, Quantity: quantity, Unit: l.Lines[0].Unit}},
	}
}

func (p post) send(m licensing.CustomsMessage) (a licensing.MessageAnswer, err error) {
	err = p.App.Do(context.Background(), p.Customs, node.TakeMessage{CustomsMessage: m}, node.Into(&a))
	return a, err
}

// say sends a message and holds its answer to a sentence.
func (p post) say(m licensing.CustomsMessage, want string) licensing.MessageAnswer {
	p.T.Helper()
	a, err := p.send(m)
	if err != nil {
		p.T.Fatal(err)
	}
	got := fmt.Sprintf("%s %s", a.Outcome, a.Why)
	for _, n := range a.Lines {
		got += " left " + n.Left
	}
	if len(a.Missing) > 0 {
		got += fmt.Sprint(" missing ", a.Missing)
	}
	if got != want {
		p.T.Errorf("message %d: %q, want %q", m.Number, got, want)
	}
	return a
}

// Messages that come twice, late, out of order or not at all: each is counted
// once, each is answered as it was, and what is missing is named.
func TestCustomsMessages(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		p := post{nodetest.Staff(t, app)}
		l := p.Licence()
		clock.Move(24 * time.Hour)
		one, two, three := p.usage(l, 1, "2"), p.usage(l, 2, "3"), p.usage(l, 3, "4")
		first := p.say(one, "accepted  left 4")
		p.say(three, "accepted  left 0 missing [2]")
		if now := p.Issued(l.ID).Now(); now != licensing.Exhausted {
			t.Errorf("with nothing left the licence is %s", now)
		}
		p.say(two, "refused licensing.use.too_much left 0")
		p.say(licensing.CustomsMessage{Sender: "xn-customs", Number: 4, Kind: licensing.CancelMessage, Licence: l.Reference, Of: 3, Why: "Not presented."}, "accepted ")
		again := p.say(one, "accepted  left 4")
		if !again.Repeated {
			t.Error("a repeated message is not said to be one")
		}
		again.Repeated = false
		if !reflect.DeepEqual(first, again) {
			t.Errorf("%+v and %+v", first, again)
		}
		p.say(two, "refused licensing.use.too_much left 0") // as it was answered, though there would be room now
		if left := p.Issued(l.ID).Left(l.Lines[0].Line); left != 4000 {
			t.Errorf("%s left", left)
		}
		// A lost message is sent again when the licence has long expired.
		late := p.usage(l, 5, "4")
		clock.Move(800 * 24 * time.Hour)
		p.say(late, "accepted  left 0")

		other := p.usage(l, 1, "1")
		if _, err := p.send(other); !fault.Is(err, fault.Conflict) {
			t.Errorf("another message under a number that has come: %v", err)
		}
		unknown := p.usage(l, 6, "1")
		unknown.Licence = "XX-2026-9999"
		p.say(unknown, "refused licensing.message.unknown")
		if _, err := p.send(licensing.CustomsMessage{Sender: "xn-customs", Number: 8, Kind: licensing.CancelMessage, Licence: l.Reference, Of: 7}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a cancellation before what it takes back: %v", err)
		}
		if err := app.Do(context.Background(), p.Officer, node.TakeMessage{CustomsMessage: one}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an officer sends customs messages: %v", err)
		}
	})
}

// Two declarations at once never overdraw a licence.
func TestTwoDeclarationsAtOnce(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		p := post{nodetest.Staff(t, app)}
		l := p.Licence()
		clock.Move(time.Hour)
		var wait sync.WaitGroup
		answers := make([]licensing.MessageAnswer, 8)
		for i := range answers {
			m := p.usage(l, 1, "4")
			m.Sender = fmt.Sprintf("office-%d", i)
			m.Declaration += m.Sender
			wait.Go(func() {
				var err error
				if answers[i], err = p.send(m); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		accepted := 0
		for _, a := range answers {
			if a.Outcome == licensing.MessageAccepted {
				accepted++
			}
		}
		if left := p.Issued(l.ID).Left(l.Lines[0].Line); accepted != 1 || left != 2000 {
			t.Errorf("%d accepted, %s left", accepted, left)
		}
	})
}

// Customs are told of each change once, in order, and can ask again from any
// number: what is lost on the way is lost to nobody.
func TestNoticesToCustoms(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		p := post{nodetest.Staff(t, app)}
		ctx := context.Background()
		l := p.Licence()
		on := licensing.OnLicence{Licence: l.ID}
		p.Do(p.Senior, licensing.Suspend{OnLicence: on, Ground: "new_facts", Why: "A report."})
		p.Licence()
		p.Do(p.Senior, licensing.Reinstate{OnLicence: on, Why: "Unfounded."})
		p.Do(p.Applicant, licensing.Surrender{OnLicence: on, Why: "The contract ended."})
		all, err := app.Notices(ctx, p.Customs, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		said, previous := "", int64(0)
		for _, n := range all {
			if n.Previous != previous {
				t.Errorf("notice %d follows %d, not %d", n.Number, n.Previous, previous)
			}
			previous = n.Number
			said += fmt.Sprintf("%s %s, ", n.Kind, n.Status)
		}
		if said != "issue valid, cancel suspended, issue valid, update valid, cancel surrendered, " || all[0].Document != "X060" || all[0].Holder != "Norland Radio Systems" {
			t.Errorf("%s %+v", said, all[0])
		}
		some, err := app.Notices(ctx, p.Customs, all[1].Number, 2)
		if err != nil || !reflect.DeepEqual(some, all[2:4]) {
			t.Errorf("asked again: %+v, %v", some, err)
		}
		if _, err := app.Notices(ctx, p.Officer, 0, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("an officer reads them: %v", err)
		}
	})
}

// A licence whose last day is over is noted by itself, suspended or not, and
// customs are told; what was revoked stays revoked.
func TestLicencesRunOut(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		p := post{nodetest.Staff(t, app)}
		ctx := context.Background()
		one, two := p.Licence(), p.Licence()
		p.Do(p.Senior, licensing.Suspend{OnLicence: licensing.OnLicence{Licence: two.ID}, Ground: "new_facts", Why: "A report."})
		app.Runner().Drain(ctx)
		if now := p.Issued(one.ID).Now(); now != licensing.Valid {
			t.Errorf("%s on its first day", now)
		}
		clock.Move(731 * 24 * time.Hour)
		app.Runner().Drain(ctx)
		for _, l := range []*licensing.Licence{one, two} {
			if now := p.Issued(l.ID).Now(); now != licensing.Expired {
				t.Errorf("%s after its last day", now)
			}
		}
		all, err := app.Notices(ctx, p.Customs, 0, 100)
		if err != nil || all[len(all)-1].Kind != licensing.NoticeCancel || all[len(all)-1].Status != licensing.Expired {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
