package licensing_test

import (
	"testing"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
)

func ofKind(id string) func(*licensing.Facts) {
	return func(f *licensing.Facts) {
		k, err := licensing.ParseKinds(contentFS, "kinds")
		if err == nil {
			f.Kind, _ = k.Of(id)
		}
	}
}

func openCase() licensing.Open {
	return licensing.Open{On: on, Why: "A report of civil society names the model.", Application: licensing.Application{
		ID: "case-1", Kind: "informed", Title: "Probes for an internet provider",
		Lines:   []licensing.Line{{ID: "line-1", Kind: licensing.Goods, Description: "Probes that read traffic", Tariff: "8517.62", TariffAsOf: "2026-01-01"}},
		Parties: []party.Party{{ID: "party-1", Roles: []party.Role{party.EndUser}, Kind: party.Organisation, Country: "XA", Names: []party.Name{{Text: "Delta Secure FZE"}}}},
		EndUse:  licensing.EndUse{Country: "XA"},
	}}
}

func inform() licensing.Inform {
	return licensing.Inform{
		On: on, Letter: "letter-1", Org: "org-1", Basis: "Art. 5(1)", Items: "Probes that read traffic", Users: []string{"Delta Secure FZE"}, Tariffs: []string{"8517.62", "8517 62"},
		Destination: "XA", Text: "Because they may be used to throttle speech.",
	}
}

// opened is a case that the authority began.
func opened(w *world) { w.do(officer, openCase(), ofKind("informed")) }

// informed is such a case with its letter.
func informed(w *world) { opened(w); w.do(officer, inform()) }

func informedRows() []row {
	but := func(change func(*licensing.Inform)) licensing.Inform {
		c := inform()
		change(&c)
		return c
	}
	return []row{
		{name: "by the authority", given: draft, actor: officer, when: openCase(), facts: ofKind("informed"), event: "case.submitted"},
		{name: "of an applicant's kind", given: draft, actor: officer, when: openCase(), facts: ofKind("individual"), refused: "licensing.kind.unknown"},
		{name: "without reason", given: draft, actor: officer, when: licensing.Open{On: on, Application: openCase().Application}, facts: ofKind("informed"), refused: "licensing.reason.missing"},
		{name: "about nothing", given: draft, actor: officer, when: licensing.Open{On: on, Why: "x", Application: licensing.Application{Kind: "informed", Title: "x"}}, facts: ofKind("informed"), refused: "licensing.application.incomplete"},
		{name: "malformed", given: draft, actor: officer, when: licensing.Open{On: on, Why: "x", Application: licensing.Application{Kind: "informed", EndUse: licensing.EndUse{Country: "Atlantis"}}}, facts: ofKind("informed"), refused: "licensing.application.invalid"},
		{name: "one exporter", given: opened, actor: officer, when: inform(), event: "case.informed"},
		{name: "every exporter", given: opened, actor: officer, when: but(func(c *licensing.Inform) { c.Org = "" }), event: "case.informed"},
		{name: "another exporter than the case's", given: assigned, actor: officer, when: but(func(c *licensing.Inform) { c.Org = "org-2" }), refused: "licensing.informed.other"},
		{name: "without basis", given: opened, actor: officer, when: but(func(c *licensing.Inform) { c.Basis = "" }), refused: "licensing.informed.basis"},
		{name: "without items", given: opened, actor: officer, when: but(func(c *licensing.Inform) { c.Items = " " }), refused: "licensing.informed.items"},
		{name: "without words", given: opened, actor: officer, when: but(func(c *licensing.Inform) { c.Text = "" }), refused: "licensing.informed.text"},
		{name: "about everything", given: opened, actor: officer, when: but(func(c *licensing.Inform) { c.Users, c.Tariffs, c.Destination = nil, nil, "" }), refused: "licensing.informed.covers"},
		{name: "no tariff code", given: opened, actor: officer, when: but(func(c *licensing.Inform) { c.Tariffs = []string{"85x"} }), refused: "licensing.informed.tariff"},
		{name: "in force", given: informed, actor: officer, when: licensing.LiftInformed{On: on, Letter: "letter-1", Why: "Unfounded."}, event: "case.informed_lifted"},
		{name: "not in force", given: opened, actor: officer, when: licensing.LiftInformed{On: on, Letter: "letter-1", Why: "x"}, refused: "licensing.informed.none"},
		{name: "without reason", given: informed, actor: officer, when: licensing.LiftInformed{On: on, Letter: "letter-1"}, refused: "licensing.reason.missing"},
	}
}

// A case that the authority opened belongs to no exporter until the letter is
// sent, and then shows them what was written for them and nobody who wrote it.
func TestAnOpenedCaseIsNobodysUntilTheLetter(t *testing.T) {
	w := newWorld(t)
	opened(w)
	if w.c.Org != "" || !w.c.Opened || w.c.Learned.Value == "" {
		t.Fatalf("org %q, opened %v", w.c.Org, w.c.Opened)
	}
	w.do(officer, inform())
	if w.c.Org != "org-1" || !w.c.Standing("letter-1") || w.letter.Reference == "" || w.letter.Tariffs[0] != "851762" || len(w.letter.Tariffs) != 1 {
		t.Fatalf("org %q, letter %+v", w.c.Org, w.letter)
	}
	if v := w.c.ForApplicant(); v.Versions[0].By != "" {
		t.Errorf("the exporter is shown who opened it: %q", v.Versions[0].By)
	}
	w.do(officer, licensing.LiftInformed{On: on, Letter: "letter-1", Why: "Unfounded."})
	if w.c.Standing("letter-1") || w.letter.Lifted == "" {
		t.Errorf("lifted, and still in force: %+v", w.letter)
	}
}
