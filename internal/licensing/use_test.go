package licensing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
	"pgregory.net/rapid"
)

var (
	customs  = who("customs", access.CustomsOfficer)
	verifier = who("verifier", access.VerificationOfficer)
)

// reach says of every lever whether it can still be stopped.
var reach = []licensing.ReachSaid{
	{Lever: licensing.LeverUpdates, State: licensing.CanStop, How: "The update server is the exporter's."},
	{Lever: licensing.LeverKeys, State: licensing.CanStop, How: "Keys run for a year."},
	{Lever: licensing.LeverSupport, State: licensing.CanStop, How: "By contract."},
	{Lever: licensing.LeverSpares, State: licensing.CannotStop, How: "A stock for two years was delivered."},
	{Lever: licensing.LeverTraining, State: licensing.NotPart},
}

func message(n int64) *licensing.Message {
	return &licensing.Message{Sender: "xn-customs", Number: n, Hash: hash}
}

// draws is a use of the first line, declared when the licence's second day began.
func draws(use string, number int64, quantity licensing.Quantity) licensing.DrawDown {
	return licensing.DrawDown{
		OnLicence: onLicence, Use: use, Message: message(number), Declaration: "26XN00" + use, Office: "XN000100", Document: "X060", Left: newNow.AddDate(0, 0, 2),
		Lines: []licensing.UsedLine{{Line: "line-1", Quantity: quantity, Unit: "items"}},
	}
}

func returns(use string, quantity licensing.Quantity) licensing.DrawDown {
	c := draws(use, 0, quantity)
	c.Message = nil
	return c
}

// everythingLeaves takes all that is left of every line.
func everythingLeaves(w *world, use string) licensing.DrawDown {
	c := draws(use, 90, 0)
	c.Lines = nil
	for _, l := range w.l.Lines {
		if left := w.l.Left(l.Line); left > 0 {
			c.Lines = append(c.Lines, licensing.UsedLine{Line: l.Line, Quantity: left, Unit: l.Unit})
		}
	}
	return c
}

// used is a licence to which everything happened that can.
func used(t *testing.T) *world {
	w := newWorld(t)
	issued(w)
	w.later(3)
	first := draws("use-1", 1, 2000)
	first.Serials = []licensing.LineSerials{{Line: "line-1", Numbers: []string{"NR6-1", "NR6-2"}}}
	w.licence(customs, first)
	w.licence(customs, draws("use-2", 2, 9000))
	w.licence(exporter, licensing.ReportDelivery{OnLicence: onLicence, Use: "use-1", Day: "2026-11-26", Evidence: "Signed at the ministry's gate."})
	w.licence(verifier, licensing.VerifyDelivery{OnLicence: onLicence, Use: "use-1", Day: "2026-11-26", Result: licensing.Arrived, Evidence: "Certificate of the destination."})
	w.licence(customs, everythingLeaves(w, "use-3"))
	w.licence(customs, licensing.CancelUse{OnLicence: onLicence, Use: "use-3", Message: message(4), Why: "Not presented."})
	w.licence(exporter, licensing.Surrender{OnLicence: onLicence, Why: "The contract ended."})
	for _, m := range []struct {
		number int64
		placed bool
	}{{2, true}, {3, false}} {
		events, err := w.s.Received(*message(m.number), "NO/L/1", m.placed)
		if err != nil {
			t.Fatal(err)
		}
		w.store(customs, events)
	}
	return w
}

func TestDecideUse(t *testing.T) {
	do := func(cmds ...licensing.LicenceCommand) func(*world) {
		return func(w *world) {
			issued(w)
			w.later(3)
			for _, c := range cmds {
				w.licence(customs, c)
			}
		}
	}
	with := func(c licensing.DrawDown, f func(*licensing.DrawDown)) licensing.DrawDown { f(&c); return c }
	line := func(id string, q licensing.Quantity, unit string) func(*licensing.DrawDown) {
		return func(c *licensing.DrawDown) { c.Lines = []licensing.UsedLine{{Line: id, Quantity: q, Unit: unit}} }
	}
	serials := func(line string, numbers ...string) func(*licensing.DrawDown) {
		return func(c *licensing.DrawDown) {
			c.Serials = []licensing.LineSerials{{Line: line, Numbers: numbers}}
		}
	}
	needsSerials := func(w *world) {
		do()(w)
		w.l.Conditions = append(w.l.Conditions, licensing.Condition{ID: "c-9", Type: licensing.Serials, Lines: []string{"line-1"}})
	}
	suspended := licensing.Suspend{OnLicence: onLicence, Lines: []string{"line-1"}, Ground: "incident", Why: "x"}
	quietly := licensing.Suspend{OnLicence: onLicence, Lines: []string{"line-1"}, Ground: "incident", Why: "x", Quiet: true}
	told := licensing.Instruct{OnLicence: onLicence, Text: "Stop."}
	late := func(c *licensing.DrawDown) { c.Left = newNow.AddDate(0, 0, 3) }
	on26 := licensing.ReportDelivery{OnLicence: onLicence, Use: "use-1", Day: "2026-11-26", Evidence: "Receipt."}
	checked := licensing.VerifyDelivery{OnLicence: onLicence, Use: "use-1", Day: "2026-11-26", Result: licensing.NotArrived, Evidence: "Nobody there knows of it."}
	failing := map[string]bool{}
	for _, r := range []struct {
		name   string
		given  func(*world)
		when   licensing.LicenceCommand
		events string // types, without "licence."
		why    string // of the fault, or of the refusal in the event
	}{
		{"part of a line", do(), draws("use-1", 1, 2500), "used", ""},
		{"all that is left of it", do(draws("use-1", 1, 2000)), draws("use-2", 2, 4000), "used", ""},
		{"more than is left", do(draws("use-1", 1, 2000)), draws("use-2", 2, 4001), "use_refused", licensing.WhyUseTooMuch},
		{"another line than there is", do(), with(draws("use-1", 1, 1), line("line-9", 1, "items")), "use_refused", licensing.WhyUseLine},
		{"another unit", do(), with(draws("use-1", 1, 1), line("line-1", 1, "kilograms")), "use_refused", licensing.WhyUseUnit},
		{"the same declaration twice", do(draws("use-1", 1, 1000)), with(draws("use-2", 2, 1000), func(c *licensing.DrawDown) { c.Declaration = "26XN00use-1" }), "use_refused", licensing.WhyUseTwice},
		{"again once it was taken back", do(draws("use-1", 1, 6000), licensing.CancelUse{OnLicence: onLicence, Use: "use-1", Message: message(2)}), draws("use-3", 3, 6000), "used", ""},
		{"a suspended line", do(suspended), with(draws("use-1", 1, 1000), func(c *licensing.DrawDown) { c.Left = newNow.AddDate(0, 0, 3) }), "use_refused", licensing.WhyUseStatus + "suspended"},
		{"a return while the holder is not told of the suspension", do(quietly), with(returns("use-1", 1000), late), "used", ""},
		{"the same of customs", do(quietly), with(draws("use-1", 1, 1000), late), "use_refused", licensing.WhyUseStatus + "suspended"},
		{"a return once the holder was told", do(quietly, told), with(returns("use-1", 1000), late), "", licensing.WhyUseStatus + "suspended"},
		{"what left before the suspension, told late", do(suspended), draws("use-1", 1, 1000), "used", ""},
		{"another line than the suspended one", do(suspended), with(with(draws("use-1", 1, 1000), line("line-2", 1000, "licences")), func(c *licensing.DrawDown) { c.Left = newNow.AddDate(0, 0, 3) }), "used", ""},
		{"before it is valid", do(), with(draws("use-1", 1, 1000), func(c *licensing.DrawDown) { c.Left = newNow.Add(time.Hour) }), "use_refused", licensing.WhyUseStatus + "not_yet_valid"},
		{"after it has expired", func(w *world) { do()(w); w.later(900) }, with(draws("use-1", 1, 1000), func(c *licensing.DrawDown) { c.Left = newNow.AddDate(0, 0, 800) }), "use_refused", licensing.WhyUseStatus + "expired"},
		{"what left while it was valid, told after it has expired", func(w *world) { do()(w); w.later(900) }, draws("use-1", 1, 1000), "used", ""},
		{"with its serial numbers", needsSerials, with(draws("use-1", 1, 2000), serials("line-1", "A1", "A2")), "used", ""},
		{"without the serial numbers that a condition asks for", needsSerials, draws("use-1", 1, 2000), "use_refused", licensing.WhyUseNoSerials},
		{"with too few of them", needsSerials, with(draws("use-1", 1, 2000), serials("line-1", "A1")), "use_refused", licensing.WhyUseNoSerials},
		{"a serial number that has left", do(with(draws("use-1", 1, 1000), serials("line-1", "A1"))), with(draws("use-2", 2, 1000), serials("line-1", "A1")), "use_refused", licensing.WhyUseSerial},
		{"a serial number of no line", do(), with(draws("use-1", 1, 1000), serials("line-2", "A1")), "", "licensing.use.invalid"},
		{"nothing", do(), draws("use-1", 1, 0), "", "licensing.use.invalid"},
		{"in the future", do(), with(draws("use-1", 1, 1), func(c *licensing.DrawDown) { c.Left = newNow.AddDate(0, 0, 9) }), "", "licensing.use.invalid"},
		{"a message without number", do(), draws("use-1", 0, 1), "", "licensing.use.invalid"},

		{"the holder's return", do(), returns("use-1", 1000), "used", ""},
		{"a return of nothing", do(), returns("use-1", 0), "", "licensing.use.invalid"},
		{"a return of more than is left", do(), returns("use-1", 7000), "", licensing.WhyUseTooMuch},
		{"a return of another line", do(), with(returns("use-1", 1), line("line-9", 1, "items")), "", licensing.WhyUseLine},
		{"a return in another unit", do(), with(returns("use-1", 1), line("line-1", 1, "days")), "", licensing.WhyUseUnit},
		{"a return of what customs counted", do(draws("use-1", 1, 1000)), with(returns("use-2", 1), func(c *licensing.DrawDown) { c.Declaration = "26XN00use-1" }), "", licensing.WhyUseTwice},
		{"a return without serial numbers", needsSerials, returns("use-1", 1000), "", licensing.WhyUseNoSerials},
		{"a return of a serial number that has left", do(with(draws("use-1", 1, 1000), serials("line-1", "A1"))), with(returns("use-2", 1000), serials("line-1", "A1")), "", licensing.WhyUseSerial},
		{"a return while suspended", do(licensing.Suspend{OnLicence: onLicence, Ground: "incident", Why: "x"}), with(returns("use-1", 1000), func(c *licensing.DrawDown) { c.Left = newNow.AddDate(0, 0, 3) }), "", licensing.WhyUseStatus + "suspended"},

		{"taken back twice", do(draws("use-1", 1, 1000), licensing.CancelUse{OnLicence: onLicence, Use: "use-1", Why: "x"}), licensing.CancelUse{OnLicence: onLicence, Use: "use-1", Why: "x"}, "", "licensing.use.not_counted"},
		{"taken back by a person without a reason", do(draws("use-1", 1, 1000)), licensing.CancelUse{OnLicence: onLicence, Use: "use-1"}, "", "licensing.reason.missing"},
		{"arrived", do(draws("use-1", 1, 1000)), on26, "delivery_reported", ""},
		{"arrived, what never left", do(), on26, "", "licensing.use.not_counted"},
		{"arrived tomorrow", do(draws("use-1", 1, 1000)), licensing.ReportDelivery{OnLicence: onLicence, Use: "use-1", Day: "2027-11-27", Evidence: "x"}, "", "licensing.date"},
		{"arrived, without evidence", do(draws("use-1", 1, 1000)), licensing.ReportDelivery{OnLicence: onLicence, Use: "use-1", Day: "2026-11-26"}, "", "licensing.reason.missing"},
		{"did not arrive", do(draws("use-1", 1, 1000)), checked, "delivery_verified", ""},
		{"a check of what never left", do(), checked, "", "licensing.use.not_counted"},
		{"a check without result", do(draws("use-1", 1, 1000)), licensing.VerifyDelivery{OnLicence: onLicence, Use: "use-1", Day: "2026-11-26", Evidence: "x"}, "", "licensing.delivery.result"},
		{"surrender", do(), licensing.Surrender{OnLicence: onLicence, Why: "No longer needed."}, "surrendered", ""},
		{"surrender without reason", do(), licensing.Surrender{OnLicence: onLicence}, "", "licensing.reason.missing"},
		{"surrender twice", do(licensing.Surrender{OnLicence: onLicence, Why: "x"}), licensing.Surrender{OnLicence: onLicence, Why: "x"}, "", "licensing.licence.status.surrendered"},
		{"suspend what was surrendered", do(licensing.Surrender{OnLicence: onLicence, Why: "x"}), licensing.Suspend{OnLicence: onLicence, Ground: "incident", Why: "x"}, "", "licensing.licence.status.surrendered"},
	} {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t)
			r.given(w)
			events, err := licensing.DecideLicence(w.l, r.when, w.facts(customs))
			if r.events == "" {
				failing[r.when.Name()+" "+r.why] = true
				if !says(err, r.why) {
					t.Fatalf("want %s, got %v", r.why, err)
				}
				return
			}
			if err != nil || types(events) != r.events {
				t.Fatalf("%s, %v", types(events), err)
			}
			if e, ok := events[0].Event.(licensing.LicenceUseRefused); ok && e.Why != r.why {
				t.Errorf("refused because of %s", e.Why)
			}
		})
	}
	for _, tr := range licensing.LicenceTable {
		if strings.Contains(tr.Event, "duty") || strings.Contains(tr.Event, "breach") {
			continue // TestDuties
		}
		for _, g := range tr.Guards {
			if (tr.Act == access.LicenceUseOwn || tr.Act == access.CustomsUse || tr.Act == access.LicenceVerify) && !failing[tr.Command+" "+g] {
				t.Errorf("%s: no row fails at %s", tr.Command, g)
			}
		}
	}
}

func types(events []event.New) string {
	var out []string
	for _, e := range events {
		out = append(out, strings.TrimPrefix(e.Event.EventType(), "licence."))
	}
	return strings.Join(out, " ")
}

// A licence of which nothing is left is exhausted, may be revoked all the same
// (updates and keys can still be stopped), and is what it was before once a use
// is taken back.
func TestExhausted(t *testing.T) {
	w := newWorld(t)
	issued(w)
	w.later(3)
	w.licence(senior, licensing.Suspend{OnLicence: onLicence, Lines: []string{"line-3"}, Ground: "incident", Why: "x"})
	w.licence(customs, everythingLeaves(w, "use-1"))
	if w.l.Now() != licensing.Exhausted || w.l.Left("line-1") != 0 {
		t.Fatalf("%s, %s left", w.l.Now(), w.l.Left("line-1"))
	}
	w.licence(customs, licensing.CancelUse{OnLicence: onLicence, Use: "use-1", Message: message(91)})
	if w.l.Now() != licensing.Restricted || !w.l.SuspendedLine("line-3") || w.l.Left("line-1") != 6000 {
		t.Fatalf("%s, %s left", w.l.Now(), w.l.Left("line-1"))
	}
	w.licence(customs, func() licensing.DrawDown { c := everythingLeaves(w, "use-2"); c.Message = message(92); return c }())
	w.licence(senior, licensing.Suspend{OnLicence: onLicence, Ground: "incident", Why: "x"})
	w.licence(senior, licensing.Reinstate{OnLicence: onLicence, Why: "x"})
	if w.l.Now() != licensing.Exhausted {
		t.Errorf("reinstated with nothing left: %s", w.l.Now())
	}
	w.licence(senior, licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "x", Reach: reach})
	if len(w.l.Reach) != 5 || w.l.Reach[0].State != licensing.CanStop || w.l.Reach[0].How.Value == "" || w.l.Reach[3].State != licensing.CannotStop {
		t.Errorf("what can still be stopped: %+v", w.l.Reach)
	}
}

// Whatever customs declare and take back in whatever order, a line never gives
// more than the licence allows, and what is left is what the counted uses leave.
func TestNeverOverdrawn(t *testing.T) {
	start := newWorld(t)
	issued(start)
	rapid.Check(t, func(r *rapid.T) {
		l := *start.l
		l.Uses, l.Drawn, l.History = nil, nil, append([]licensing.LicenceChange(nil), start.l.History...)
		now := newNow.AddDate(0, 0, 5)
		for i := range rapid.IntRange(1, 30).Draw(r, "steps") {
			var cmd licensing.LicenceCommand = draws(fmt.Sprintf("u%d", i), int64(i+1), licensing.Quantity(rapid.Int64Range(1, 4000).Draw(r, "quantity")))
			if i > 0 && rapid.IntRange(0, 3).Draw(r, "cancel") == 0 {
				cmd = licensing.CancelUse{OnLicence: onLicence, Use: fmt.Sprintf("u%d", rapid.IntRange(0, i-1).Draw(r, "of")), Message: message(int64(i + 1))}
			}
			events, err := licensing.DecideLicence(&l, cmd, licensing.Facts{Now: now, Actor: customs, Calendar: start.cal})
			if err != nil {
				continue
			}
			for _, n := range events {
				if err := l.Apply(event.Recorded{Seq: int64(1000 + i), Stream: n.Stream, Time: now, Event: n.Event}); err != nil {
					r.Fatal(err)
				}
			}
			var sum licensing.Quantity
			for _, u := range l.Uses {
				if u.Counts() {
					sum += u.Lines[0].Quantity
				}
			}
			if sum > 6000 || l.Left("line-1") != 6000-sum {
				r.Fatalf("%s counted, %s left", sum, l.Left("line-1"))
			}
		}
	})
}

func TestMissingNumbers(t *testing.T) {
	w := newWorld(t)
	issued(w)
	for _, n := range []int64{3, 1, 6, 3} {
		events, err := w.s.Received(*message(n), "", true)
		if err != nil {
			t.Fatal(err)
		}
		w.store(customs, events)
	}
	if got := fmt.Sprint(w.s.Missing()); got != "[2 4 5]" || w.s.Next != 2 {
		t.Errorf("%s, next %d", got, w.s.Next)
	}
	for _, n := range []int64{2, 5, 4} {
		events, _ := w.s.Received(*message(n), "", true)
		w.store(customs, events)
	}
	if w.s.Next != 7 || len(w.s.Ahead) != 0 {
		t.Errorf("next %d, ahead %v", w.s.Next, w.s.Ahead)
	}
	if _, err := w.s.Received(*message(20_000), "", true); !says(err, "licensing.message.ahead") {
		t.Errorf("far ahead: %v", err)
	}
}

// Notices say the same for the same number, whatever happened since.
func TestNotices(t *testing.T) {
	w := newWorld(t)
	issued(w)
	codes := &licensing.DocumentCodes{Documents: []licensing.DocumentCode{{Code: "X060", Kinds: []string{"individual"}, Licence: true}}}
	first := fmt.Sprint(w.l.Notice(0, codes))
	w = used(t)
	var kinds []string
	for i := range w.l.History {
		n := w.l.Notice(i, codes)
		kinds = append(kinds, string(n.Kind)+" "+string(n.Status))
	}
	if got := strings.Join(kinds, ", "); got != "issue valid, cancel exhausted, update valid, cancel surrendered" {
		t.Error(got)
	}
	if fmt.Sprint(w.l.Notice(0, codes)) != first || w.l.Notice(0, codes).Document != "X060" {
		t.Error("the first notice is another one now")
	}
}

const usage = `{"sender":"xn-customs","number":7,"kind":"usage","licence":"XN-L-2026-0001","declaration":"26XN0001","office":"XN000100","document":"X060","at":"2026-11-25T10:00:00Z","lines":[{"line":"1","quantity":"2","unit":"items","serials":["A1","A2"]}]}`

func TestParseMessage(t *testing.T) {
	m, err := licensing.ParseMessage([]byte(usage))
	if err != nil || m.Number != 7 || m.Lines[0].Serials[1] != "A2" {
		t.Fatalf("%+v, %v", m, err)
	}
	for name, bad := range map[string]string{
		"unknown field": strings.Replace(usage, `"number"`, `"colour":1,"number"`, 1),
		"no number":     strings.Replace(usage, `"number":7`, `"number":0`, 1),
		"no sender":     strings.Replace(usage, "xn-customs", "XN customs", 1),
		"other kind":    strings.Replace(usage, `"usage"`, `"hello"`, 1),
		"two":           usage + usage,
		"cancel of 0":   `{"sender":"a","number":1,"kind":"cancel","licence":"L"}`,
		"nothing":       "",
	} {
		if _, err := licensing.ParseMessage([]byte(bad)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	codes := &licensing.DocumentCodes{Documents: []licensing.DocumentCode{{Code: "Y901", Title: "none"}}}
	if _, err := m.Use(onLicence, "u", codes); !says(err, "licensing.message.invalid") {
		t.Errorf("a code that cites no licence: %v", err)
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add([]byte(usage))
	f.Add([]byte(`{"sender":"xn-customs","number":8,"kind":"cancel","licence":"L","of":7,"why":"withdrawn"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := licensing.ParseMessage(b)
		if err != nil {
			return
		}
		a, err := m.Message()
		if err != nil {
			t.Fatal(err)
		}
		again, err := m.Message()
		if err != nil || a != again {
			t.Fatal("the same message has two hashes")
		}
	})
}

func FuzzParseDocumentCodes(f *testing.F) {
	f.Add([]byte("id='a'\nversion='1'\nsource='s'\n[[document]]\ncode='X060'\ntitle='t'\nlicence=true\nkinds=['individual']\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := licensing.ParseDocumentCodes(b)
		if err == nil && c.Licence("") {
			t.Error("no code cites a licence")
		}
	})
}
