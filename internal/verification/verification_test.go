package verification

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// The draw can be done again by anybody from what docs/verification.md says;
// these are its vectors.
func TestDrawVectors(t *testing.T) {
	pool := []Candidate{{ID: "c", Weight: 9}, {ID: "a", Weight: 1}, {ID: "b", Weight: 4}, {ID: "d", Weight: 1}}
	for seed, want := range map[string]string{
		"00000000000000000000000000000000": "c b d a",
		"55555555555555555555555555555555": "c a b d",
		"ffffffffffffffffffffffffffffffff": "c b a d",
	} {
		if got := strings.Join(Draw(seed, pool, 4), " "); got != want {
			t.Errorf("seed %s: %s, not %s", seed, got, want)
		}
	}
	if got := Draw("00", nil, 3); len(got) != 0 {
		t.Errorf("out of nothing came %v", got)
	}
}

// The same seed and pool give the same picks in whatever order the pool comes,
// and nobody is picked twice.
func TestDrawIsAFunctionOfSeedAndPool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "pool")
		var pool []Candidate
		for i := range n {
			pool = append(pool, Candidate{ID: fmt.Sprintf("%02d", i), Weight: rapid.IntRange(1, 40).Draw(t, "weight")})
		}
		seed, wanted := rapid.StringMatching(`[0-9a-f]{32}`).Draw(t, "seed"), rapid.IntRange(0, 40).Draw(t, "wanted")
		got := Draw(seed, pool, wanted)
		again := Draw(seed, rapid.Permutation(pool).Draw(t, "order"), wanted)
		if !slices.Equal(got, again) {
			t.Fatalf("%v and %v", got, again)
		}
		if len(got) != min(n, wanted) {
			t.Fatalf("%d of %d for %d", len(got), n, wanted)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != min(n, wanted) {
			t.Fatal("somebody was picked twice")
		}
	})
}

// Chances follow weights: over many seeds each share comes out within a tenth.
func TestDrawFollowsWeights(t *testing.T) {
	pool := []Candidate{{ID: "a", Weight: 1}, {ID: "b", Weight: 2}, {ID: "c", Weight: 7}}
	first := map[string]int{}
	const seeds = 20_000
	for i := range seeds {
		first[Draw(fmt.Sprintf("%032x", i), pool, 1)[0]]++
	}
	for _, c := range pool {
		if want := seeds * c.Weight / 10; first[c.ID] < want*9/10 || first[c.ID] > want*11/10 {
			t.Errorf("%s was first %d times of %d, not about %d", c.ID, first[c.ID], seeds, want)
		}
	}
}

func rules(t testing.TB) Rules {
	t.Helper()
	raw, err := content.FS.ReadFile("verification/checklists.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseRules(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWeightsRestOnTheRecordAlone(t *testing.T) {
	r := rules(t)
	if c := r.Weigh("l", Record{Severity: 2, Checked: true}); c.Weight != 1 || c.Why != nil {
		t.Errorf("nothing on record weighs %+v", c)
	}
	if c := r.Weigh("l", Record{Checked: true}); !slices.Equal(c.Why, []string{"severe"}) {
		t.Errorf("a severity that nobody knows weighs %+v", c)
	}
	all := r.Weigh("l", Record{Severity: 5, Breach: true, Short: true, Late: true, Unverified: true, OnSite: true})
	if len(all.Why) != len(r.Factors) {
		t.Errorf("of %d factors %v weigh", len(r.Factors), all.Why)
	}
	for _, bad := range []string{
		"version: x\nsource: y\nfactors: [{id: nationality, weight: 3, text: x}]",
		"version: x\nsource: y\nfactors: [{id: breach, weight: 0, text: x}]",
		"version: x\nsource: y\nfactors: [{id: breach, weight: 1, text: x}, {id: breach, weight: 1, text: x}]",
		"version: x\nsource: y\nfactors: [{id: breach, weight: 1, text: x}]\nchecklists: [{id: a, title: A, method: guess, items: [{id: q, question: Q}]}]",
		"version: x\ncountries: [XK]",
	} {
		if _, err := ParseRules([]byte(bad)); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}

func FuzzParseRules(f *testing.F) {
	raw, _ := content.FS.ReadFile("verification/checklists.yaml")
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseRules(raw)
		if err == nil {
			r.Weigh("x", Record{})
		}
	})
}

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// life is a check and the commands that it went through.
type life struct {
	t *testing.T
	c *Check
	f Facts
	n int64
}

func begin(t *testing.T, list string, serials []string, hash string) *life {
	t.Helper()
	l := &life{t: t, c: &Check{}, f: Facts{Now: now, Reference: "XN-V-2026-0001", Rules: "2026-11-22", Officer: true, Seed: strings.Repeat("0", 32)}}
	l.f.Checklist, _ = rules(t).Checklist(list)
	l.f.Licence = Target{ID: "l1", Reference: "XN-L-1", Case: "c1", User: "Prosecutor General of Belmar", Left: true, Serials: serials}
	l.do(Prepare{OnCheck: on, Licence: "l1", Reason: Condition, Why: "The licence asks for a count.", Checklist: list, Officer: "vera", Due: "2026-12-01", Place: "Veden", Hash: hash})
	return l
}

var on = OnCheck{Check: "k1"}

func (l *life) try(cmd Command) error {
	events, err := DecideCheck(l.c, cmd, l.f)
	if err != nil {
		return err
	}
	for _, e := range events {
		l.n++
		if err := l.c.Apply(event.Recorded{Stream: e.Stream, Version: l.n, Time: l.f.Now, Actor: "vera", Event: e.Event}); err != nil {
			l.t.Fatal(err)
		}
	}
	return nil
}

func (l *life) do(cmd Command) {
	l.t.Helper()
	if err := l.try(cmd); err != nil {
		l.t.Fatalf("%s: %v", cmd.Name(), err)
	}
}

// refused holds a refusal to its key, and to the keys that it names.
func (l *life) refused(cmd Command, key string, named ...string) {
	l.t.Helper()
	err := l.try(cmd)
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != key {
		l.t.Errorf("%s: %v, not %s", cmd.Name(), err, key)
		return
	}
	var got []string
	for _, x := range f.Fields {
		got = append(got, x.Name)
	}
	for _, x := range f.Items {
		got = append(got, x.Key)
	}
	for _, want := range named {
		if !slices.Contains(got, want) {
			l.t.Errorf("%s names %v, not %s", cmd.Name(), got, want)
		}
	}
}

func (l *life) allYes() (out []Seen) {
	for _, i := range l.f.Checklist.Items {
		out = append(out, Seen{i.ID, Yes})
	}
	return out
}

func TestNothingIsLookedAtWithoutConsent(t *testing.T) {
	l := begin(t, "site", nil, "")
	l.refused(Look{OnCheck: on, Answers: l.allYes()}, "verification.consent.needed")
	l.refused(Conclude{OnCheck: on, Result: Unsatisfactory, Why: "x"}, "verification.unanswered")
	l.do(RecordConsent{OnCheck: on, Day: "2026-11-20", Answer: Asked, Said: "Note to the ministry"})
	l.refused(Look{OnCheck: on, Answers: l.allYes()}, "verification.consent.needed")
	l.do(RecordConsent{OnCheck: on, Day: "2026-11-22", Answer: Refused, Said: "By telephone"})
	l.refused(Conclude{OnCheck: on, Result: Favourable, Why: "They are nice."}, "verification.not_favourable", "verification.because.consent")
	l.refused(Conclude{OnCheck: on, Result: Partial, Why: "They are nice."}, "verification.not_favourable", "verification.because.consent")
	l.do(Conclude{OnCheck: on, Result: Unsatisfactory, Why: "Consent was refused."})
	l.refused(Close{OnCheck: on, Why: "x"}, "verification.close.none")
}

func TestWhatWasNotSeenIsNotFavourable(t *testing.T) {
	l := begin(t, "site", nil, "")
	l.do(RecordConsent{OnCheck: on, Day: "2026-11-22", Answer: Given, Said: "Clause 4 of the certificate"})
	answers := l.allYes()
	l.do(Look{OnCheck: on, Answers: answers[:2]})
	l.refused(Conclude{OnCheck: on, Result: Partial, Why: "x"}, "verification.unanswered", "verification.because.unanswered")
	answers[0].Answer = NotSeen
	l.do(Look{OnCheck: on, Answers: answers})
	l.refused(Conclude{OnCheck: on, Result: Favourable, Why: "x"}, "verification.not_favourable", "verification.because.answer")
	l.refused(Conclude{OnCheck: on, Result: Partial, Why: "x", Conditions: []string{"c1"}}, "verification.not_favourable", "verification.because.broken")
	l.do(Conclude{OnCheck: on, Result: Partial, Why: "The place could not be entered."})
	l.refused(Look{OnCheck: on, Answers: answers}, "verification.status.found")
	l.do(SetFollowUp{OnCheck: on, ID: "f1", Officer: "vera", What: "Go again with the ministry.", Due: "2027-01-10"})
	l.refused(Close{OnCheck: on, Why: "x"}, "verification.close.open")
	l.do(EndFollowUp{OnCheck: on, ID: "f1", Done: "Seen on 9 January."})
	l.do(Close{OnCheck: on, Why: "All was seen."})
	if l.c.Status != Closed || slices.ContainsFunc(l.c.Rows(), func(r event.Row) bool { return r.Table == "duty_row" }) {
		t.Errorf("%s with rows %v", l.c.Status, l.c.Rows())
	}
}

// 57 of 60 found is not favourable, and the three are named.
func TestSerialNumbersAreCompared(t *testing.T) {
	var all []string
	for i := range 60 {
		all = append(all, fmt.Sprintf("WFT-%03d", i))
	}
	l := begin(t, "serials", all, "")
	l.do(RecordConsent{OnCheck: on, Day: "2026-11-22", Answer: Given, Said: "Clause 4"})
	l.do(Look{OnCheck: on, Answers: l.allYes(), OnSite: OnSite{Serials: append(slices.Clone(all[:57]), "XYZ-9", "WFT-000")}})
	l.refused(Conclude{OnCheck: on, Result: Favourable, Why: "x"}, "verification.not_favourable", "verification.because.missing", "verification.because.strange")
	l.do(Conclude{OnCheck: on, Result: Unsatisfactory, Why: "Three are missing."})
	if f := l.c.Finding; f.Missing != 3 || f.Strange != 1 || !slices.Equal(l.c.Missing(), all[57:]) {
		t.Errorf("%+v, missing %v", f, l.c.Missing())
	}
}

// A sample is drawn before the visit and recorded with its seed.
func TestASampleOfSerialNumbersIsDrawnBeforeTheVisit(t *testing.T) {
	var all []string
	for i := range 250 {
		all = append(all, fmt.Sprintf("IR-%03d", i))
	}
	l := begin(t, "serials", all, "")
	again := &life{t: t, c: &Check{}, f: l.f}
	again.do(Prepare{OnCheck: on, Licence: "l1", Reason: Condition, Why: "A tenth.", Checklist: "serials", Officer: "vera", Due: "2026-12-01", Place: "Veden", Sample: 25})
	if c := again.c; len(c.Task.Serials) != 25 || c.Of != 250 || c.Seed != l.f.Seed || !slices.Equal(c.Task.Serials, Sample(c.Seed, all, 25)) {
		t.Errorf("%d of %d by %q", len(c.Task.Serials), c.Of, c.Seed)
	}
	again.c = &Check{}
	again.refused(Prepare{OnCheck: on, Reason: Condition, Why: "x", Checklist: "serials", Officer: "vera", Due: "2026-12-01", Place: "Veden", Sample: 251}, "verification.invalid", "sample")
}

func TestTheConfigurationIsCompared(t *testing.T) {
	want := strings.Repeat("ab", 32)
	l := begin(t, "configuration", nil, strings.ToUpper(want))
	l.do(RecordConsent{OnCheck: on, Day: "2026-11-22", Answer: Given, Said: "Clause 4"})
	l.do(Look{OnCheck: on, Answers: l.allYes()})
	l.refused(Conclude{OnCheck: on, Result: Favourable, Why: "x"}, "verification.not_favourable", "verification.because.hash")
	l.refused(Look{OnCheck: on, OnSite: OnSite{Hash: "none"}}, "verification.invalid", "hash")
	l.do(Look{OnCheck: on, OnSite: OnSite{Hash: want}})
	l.do(Conclude{OnCheck: on, Result: Favourable, Why: "The hash is the one of the licence."})
	l.do(Close{OnCheck: on, Why: "Done."})
}

func TestPlanningAsksForAReason(t *testing.T) {
	l := &life{t: t, c: &Check{}, f: Facts{Now: now}}
	l.refused(Prepare{OnCheck: on, Reason: Drawn, Due: "2026-11-21"}, "verification.invalid", "licence", "reason", "checklist", "due", "officer", "place", "why")
	l.refused(Close{OnCheck: on}, "fault.not_found")
	p := &Plan{}
	f := PlanFacts{Now: now, Seed: strings.Repeat("0", 32), Pool: []Candidate{{ID: "a", Weight: 1}}}
	if _, err := DecidePlan(p, DrawPlan{Plan: "p", From: "2026-12-01", To: "2026-11-01", Wanted: 0}, f); err == nil {
		t.Error("an empty draw was made")
	}
	f.Seed = "0"
	if _, err := DecidePlan(p, DrawPlan{Plan: "p", From: "2026-01-01", To: "2026-11-01", Wanted: 1, Purpose: "x"}, f); err == nil {
		t.Error("a seed that anybody guesses was taken")
	}
}
