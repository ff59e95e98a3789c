package licensing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
)

const laterCode = "8KQ2-M9XR-4TBD-W3ZE-8HNP"

// vary proposes what its terms say.
func vary(id string, terms licensing.Terms, addresses ...licensing.PartyAddress) licensing.ProposeVariation {
	return licensing.ProposeVariation{
		OnLicence: onLicence, Variation: id, Ground: "new_facts", Terms: terms, Addresses: addresses, Why: "A report of misuse.", Told: "What we learned makes it necessary.", Code: laterCode,
	}
}

func agree(id string) licensing.AnswerVariation {
	return licensing.AnswerVariation{OnLicence: onLicence, Variation: id, Agree: true, Code: laterCode}
}

// searched says that a variation's parties were searched for.
func searched(id string) licensing.RecordVariationSearch {
	return licensing.RecordVariationSearch{OnLicence: onLicence, VariationSearched: licensing.VariationSearched{
		Variation: id, Index: hash, Lists: []licensing.SearchedList{{List: "eu", Day: "2026-11-20"}}, NotSearched: []string{"un"}, Alike: 1,
	}}
}

// varied decides under the facts of a variation.
func (w *world) varying(actor licensing.Actor, cmd licensing.LicenceCommand, change ...func(*licensing.VaryFacts)) ([]event.New, error) {
	f := w.facts(actor)
	f.Vary = &licensing.VaryFacts{Asked: w.c.App().Lines, Months: 24}
	for _, c := range change {
		c(f.Vary)
	}
	return licensing.DecideLicence(w.l, cmd, f)
}

func (w *world) vary(actor licensing.Actor, cmd licensing.LicenceCommand, change ...func(*licensing.VaryFacts)) *world {
	w.t.Helper()
	events, err := w.varying(actor, cmd, change...)
	if err != nil {
		w.t.Fatalf("%s: %v", cmd.Name(), err)
	}
	w.store(actor, events)
	return w
}

var (
	fewer   = licensing.Terms{Lines: []licensing.LineTerm{{Line: "line-1", Quantity: 1000}}}
	shorter = licensing.Terms{Until: "2027-05-31"}
	logs    = licensing.Condition{ID: "own-1", Type: licensing.Logs, Who: "party-1", What: "A summary of the log.", EveryDays: 90, Verify: "the summary", Consequence: "suspension"}
	moved   = licensing.PartyAddress{Party: "party-1", Address: party.Address{Lines: []string{"Hill Street 4"}, City: "Karsov", Country: "KZ"}}
)

func TestDecideVariation(t *testing.T) {
	senioragrees := func(f *licensing.VaryFacts) { f.Second = &licensing.Second{By: []access.Role{access.SeniorOfficer}} }
	presumed := func(f *licensing.VaryFacts) { f.Presumed = "2026-11-01" }
	plain := func(w *world) { countersigned2(w) }
	under := func(w *world) { underDuty(w) }
	unsearched := func(w *world) { plain(w); w.vary(officer, vary("v1", licensing.Terms{}, moved)) }
	eased := func(w *world) { unsearched(w); w.vary(node, searched("v1")) }
	alike := func(f *licensing.VaryFacts) { f.Alike = 1 }
	asked := func(w *world) { plain(w); w.vary(officer, vary("v1", fewer), senioragrees) }
	change := func(f func(*licensing.ProposeVariation)) licensing.ProposeVariation {
		c := vary("v1", fewer)
		f(&c)
		return c
	}
	failing := map[string]bool{}
	for _, r := range []struct {
		name    string
		given   func(*world)
		actor   licensing.Actor
		when    licensing.LicenceCommand
		facts   func(*licensing.VaryFacts)
		events  string
		refused string
	}{
		{"less, by one person", plain, officer, vary("v1", fewer), nil, "licence.variation_proposed licence.varied", ""},
		{"an earlier end", plain, officer, vary("v1", shorter), nil, "licence.variation_proposed licence.varied", ""},
		{"a new condition", plain, officer, vary("v1", licensing.Terms{Adds: []licensing.Condition{logs}}), nil, "licence.variation_proposed licence.varied", ""},
		{"less, where the pack asks for a senior officer", plain, officer, vary("v1", fewer), senioragrees, "licence.variation_proposed", ""},
		{"another address", plain, officer, vary("v1", licensing.Terms{}, moved), nil, "licence.variation_proposed", ""},
		{"a condition ends", under, officer, vary("v1", licensing.Terms{Ends: []string{"c1"}}), nil, "licence.variation_proposed", ""},
		{"two at once", asked, officer, vary("v2", fewer), nil, "", "licensing.vary.waiting"},
		{"nothing", plain, officer, vary("v1", licensing.Terms{}), nil, "", "licensing.vary.nothing"},
		{"no ground", plain, officer, change(func(c *licensing.ProposeVariation) { c.Ground = "" }), nil, "", "licensing.licence.ground"},
		{"no reason", plain, officer, change(func(c *licensing.ProposeVariation) { c.Why = "" }), nil, "", "licensing.reason.missing"},
		{"nothing for the holder to read", plain, officer, change(func(c *licensing.ProposeVariation) { c.Told = " " }), nil, "", "licensing.reason.missing"},
		{"an end before it begins", plain, officer, vary("v1", licensing.Terms{Until: "2026-11-23"}), nil, "", "licensing.licence.validity"},
		{"an end beyond its kind", plain, officer, vary("v1", licensing.Terms{Until: "2030-01-01"}), nil, "", "licensing.licence.long"},
		{"a condition that is not there ends", plain, officer, vary("v1", licensing.Terms{Ends: []string{"K9"}}), nil, "", "licensing.duty.unknown"},
		{"a condition nobody can test", plain, officer, vary("v1", licensing.Terms{Adds: []licensing.Condition{{ID: "x", Type: licensing.Logs}}}), nil, "", "licensing.condition.untestable"},
		{"a line that is not there", plain, officer, vary("v1", licensing.Terms{Lines: []licensing.LineTerm{{Line: "line-9", Quantity: 1000}}}), nil, "", "licensing.line.unknown"},
		{"none of a line", plain, officer, vary("v1", licensing.Terms{Lines: []licensing.LineTerm{{Line: "line-1"}}}), nil, "", "licensing.use.quantity"},
		{"less than has left", func(w *world) { plain(w); leaves(w, "u1", 2000) }, officer, vary("v1", fewer), nil, "", "licensing.vary.used"},
		{"more than was asked for", plain, officer, vary("v1", licensing.Terms{Lines: []licensing.LineTerm{{Line: "line-1", Quantity: 900_000}}}), nil, "", "licensing.vary.beyond"},
		{"more than a condition allows", plain, officer, vary("v1", licensing.Terms{Lines: []licensing.LineTerm{{Line: "line-1", Quantity: 3000}}}), nil, "", "licensing.vary.limit"},
		{"an address of nobody", plain, officer, vary("v1", licensing.Terms{}, licensing.PartyAddress{Party: "party-99", Address: moved.Address}), nil, "", "licensing.vary.address"},
		{"an address without a town", plain, officer, vary("v1", licensing.Terms{}, licensing.PartyAddress{Party: "party-1", Address: party.Address{Country: "KZ"}}), nil, "", "licensing.vary.address"},
		{"easing where denial is presumed", plain, officer, vary("v1", licensing.Terms{}, moved), presumed, "", "licensing.vary.presumed"},
		{"tightening where denial is presumed", plain, officer, vary("v1", fewer), presumed, "licence.variation_proposed licence.varied", ""},
		{"agreed", eased, second, agree("v1"), nil, "licence.varied", ""},
		{"searched for with the new address", unsearched, node, searched("v1"), nil, "licence.variation_searched", ""},
		{"searched for after it was dropped", plain, node, searched("v1"), nil, "", "licensing.vary.none"},
		{"agreed before the lists were searched", unsearched, second, agree("v1"), nil, "", "licensing.vary.unsearched"},
		{"agreed while a likeness waits for a person", eased, second, agree("v1"), alike, "", "licensing.vary.alike"},
		{"not agreed while a likeness waits", eased, second, licensing.AnswerVariation{OnLicence: onLicence, Variation: "v1", Why: "They are the same."}, alike, "licence.variation_dropped", ""},
		{"agreed by a senior officer", asked, senior, agree("v1"), nil, "licence.varied", ""},
		{"not agreed", asked, senior, licensing.AnswerVariation{OnLicence: onLicence, Variation: "v1", Why: "Too little."}, nil, "licence.variation_dropped", ""},
		{"taken back", asked, officer, licensing.AnswerVariation{OnLicence: onLicence, Variation: "v1", Why: "A slip."}, nil, "licence.variation_dropped", ""},
		{"not agreed, without a reason", asked, senior, licensing.AnswerVariation{OnLicence: onLicence, Variation: "v1"}, nil, "", "licensing.reason.missing"},
		{"agreed to nothing", plain, senior, agree("v1"), nil, "", "licensing.vary.none"},
		{"agreed by the same person", eased, officer, agree("v1"), nil, "", "licensing.vary.self"},
		{"agreed in another role", asked, second, agree("v1"), nil, "", "licensing.vary.role"},
		{"agreed after denial came to be presumed", eased, second, agree("v1"), presumed, "", "licensing.vary.presumed"},
		{"agreed after more has left", func(w *world) { asked(w); leaves(w, "u1", 2000) }, senior, agree("v1"), nil, "", "licensing.vary.used"},
		{"agreed after its words are gone", func(w *world) {
			eased(w)
			w.erased[event.StreamOf("licence", "licence-1")] = event.Erasure{Time: w.now, Rule: "art. 17"}
			w.fold()
		}, second, agree("v1"), nil, "", "licensing.vary.erased"},
	} {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t)
			r.given(w)
			events, err := w.varying(r.actor, r.when, func(f *licensing.VaryFacts) {
				if r.facts != nil {
					r.facts(f)
				}
			})
			if r.refused != "" {
				failing[r.when.Name()+" "+r.refused] = true
				if !says(err, r.refused) {
					t.Fatalf("want %s, got %v", r.refused, err)
				}
				return
			}
			var got []string
			for _, e := range events {
				got = append(got, e.Event.EventType())
			}
			if err != nil || strings.Join(got, " ") != r.events {
				t.Fatalf("%v, %v", got, err)
			}
			w.store(r.actor, events)
		})
	}
	for _, tr := range licensing.LicenceTable {
		for _, g := range tr.Guards {
			if strings.Contains(tr.Command, "variation") && !failing[tr.Command+" "+g] {
				t.Errorf("%s: no row fails at %s", tr.Command, g)
			}
		}
	}
}

// countersigned2 is an issued licence with a condition on quantity.
func countersigned2(w *world) {
	advised(w)
	w.do(officer, recommend(licensing.Issue, condition())).do(second, licensing.Countersign{On: on, Agree: true})
	w.do(officer, decide(licensing.Issue, condition()))
	w.licence(node, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-l", Hash: hash})
	w.later(10)
}

func leaves(w *world, id string, quantity licensing.Quantity) {
	w.licence(exporter, licensing.DrawDown{
		OnLicence: onLicence, Use: id, Left: w.now.Add(-time.Hour), Lines: []licensing.UsedLine{{Line: "line-1", Quantity: quantity, Unit: w.l.Line("line-1").Unit}},
	})
}

func TestAVariedLicence(t *testing.T) {
	w := newWorld(t)
	countersigned2(w)
	issued := w.l.CodeHash
	leaves(w, "u1", 1000)
	before := w.now.Add(-time.Minute)
	w.vary(officer, vary("v1", licensing.Terms{Until: "2027-05-31", Lines: fewer.Lines, Adds: []licensing.Condition{logs}}))
	if w.l.Version() != 2 || w.l.Line("line-1").Quantity != 1000 || w.l.Until != "2027-05-31" || len(w.l.Conditions) != 2 || w.l.Hash != "" {
		t.Fatalf("%+v", w.l)
	}
	first, ok := w.l.As(1)
	if !ok || first.Hash != hash || first.Lines[0].Quantity != 2000 || first.Until != "2028-11-23" || len(first.Conditions) != 1 {
		t.Fatalf("the first version reads %+v", first)
	}
	if w.l.Left("line-1") != 0 || w.l.Lines[1].Quantity != first.Lines[1].Quantity {
		t.Error("what was not varied has changed, or something is left")
	}
	// Whoever holds the paper of before learns that it is replaced.
	for code, want := range map[string]licensing.LicenceStatus{issued: licensing.Replaced, w.l.CodeHash: licensing.Valid} {
		if a := licensing.PublicCheck(w.l, code, w.now, nil); !a.Genuine || a.Status != want {
			t.Errorf("%+v, want %s", a, want)
		}
	}
	// The paper of the first version, filed late, is not that of the second.
	_, err := licensing.DecideLicence(w.l, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-1", Hash: hash}, w.facts(node))
	if !says(err, "licensing.licence.version") {
		t.Errorf("%v", err)
	}
	w.licence(node, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-2", Hash: hash, Version: 2})
	// Customs are told of the change, and what they were told before stays as it was.
	notices := len(w.l.History)
	old, now := w.l.Notice(0, &licensing.DocumentCodes{}), w.l.Notice(notices-1, &licensing.DocumentCodes{})
	if old.Lines[0].Quantity != "2" || old.Until != "2028-11-23" || now.Kind != licensing.NoticeUpdate || now.Lines[0].Quantity != "1" || now.Until != "2027-05-31" {
		t.Errorf("customs were told %+v and then %+v", old, now)
	}
	// Reports under the new condition count from its first day.
	d, open := w.l.Open(w.l.Condition("own-1"))
	if day := deadline.DateOf(w.now, w.cal.Location()); !open || d.Due != day.Add(90) {
		t.Errorf("%+v, %v", d, open)
	}
	// What left under the version of that day counts, however late customs say so.
	w.licence(officer, licensing.DrawDown{
		OnLicence: onLicence, Use: "u2", Message: &licensing.Message{Sender: "no-customs", Number: 1, Hash: hash}, Declaration: "D2", Left: before,
		Lines: []licensing.UsedLine{{Line: "line-1", Quantity: 1000, Unit: w.l.Line("line-1").Unit}},
	})
	if u := w.l.Use("u2"); u == nil || u.Refused != "" || u.Lines[0].Left != 0 {
		t.Errorf("%+v", u)
	}
	// The holder reads what was decided and what they were told, not who or why.
	held := w.l.ForHolder()
	if v := held.Variations[0]; v.By != "" || v.Why != "" || v.Told == "" || held.Earlier[0].CodeHash != "" {
		t.Errorf("the holder reads %+v", v)
	}
	w.later(1).vary(officer, vary("v2", licensing.Terms{Ends: []string{"own-1"}}, moved))
	w.vary(node, searched("v2"))
	if n := len(w.l.ForHolder().Variations); n != 1 {
		t.Errorf("the holder reads of %d variations", n)
	}
	w.later(120).vary(second, licensing.AnswerVariation{OnLicence: onLicence, Variation: "v2", Agree: true, Code: "9KQ2-M9XR-4TBD-W3ZE-8HNP"})
	if v := w.l.ForHolder().Variations[1]; v.Searched != nil {
		t.Error("the holder reads where a party was searched for")
	}
	// The condition has ended; what fell due under it before is still owed.
	if d, open := w.l.Open(w.l.Condition("own-1")); !open || d.Due >= deadline.DateOf(w.now, w.cal.Location()) || w.l.Condition("own-1").Ended == "" {
		t.Errorf("%+v, %v", d, open)
	}
	w.licence(exporter, licensing.ReportDuty{OnLicence: onLicence, Condition: "own-1", Number: 1, Said: "As asked."})
	if _, open := w.l.Open(w.l.Condition("own-1")); open || w.l.Waiting("own-1") == nil {
		t.Error("something falls due under a condition that has ended, or its last report is lost")
	}
	if len(w.l.Addresses) != 1 || w.l.Addresses[0].Address.City != "Karsov" || len(w.l.Earlier[1].Addresses) != 0 {
		t.Errorf("%+v", w.l.Addresses)
	}
	if strings.Contains(w.readable(), laterCode) {
		t.Error("a check code is kept")
	}
}

// A licence that everything left of is used up when it is cut to that, and has
// something left again when it is eased.
func TestVariationAndWhatIsLeft(t *testing.T) {
	w := newWorld(t)
	countersigned2(w)
	var lines []licensing.LineTerm
	var used []licensing.UsedLine
	for _, n := range w.l.Lines {
		used = append(used, licensing.UsedLine{Line: n.Line, Quantity: 500, Unit: n.Unit})
		lines = append(lines, licensing.LineTerm{Line: n.Line, Quantity: 500})
	}
	w.licence(exporter, licensing.DrawDown{OnLicence: onLicence, Use: "u1", Left: w.now.Add(-time.Hour), Lines: used})
	w.vary(officer, vary("v1", licensing.Terms{Lines: lines}))
	if w.l.Now() != licensing.Exhausted {
		t.Fatalf("it is %s", w.l.Now())
	}
	w.vary(officer, vary("v2", fewer)).vary(second, licensing.AnswerVariation{OnLicence: onLicence, Variation: "v2", Agree: true, Code: "9KQ2-M9XR-4TBD-W3ZE-8HNP"})
	if w.l.Now() != licensing.Valid || w.l.Left("line-1") != 500 || w.l.Version() != 3 {
		t.Fatalf("it is %s with %s", w.l.Now(), w.l.Left("line-1"))
	}
}
