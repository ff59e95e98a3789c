package node

import (
	"fmt"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/policy"
)

// varying is the way of the commands by which a licence is varied: the case that
// it came of says what was asked for and assessed, the pack who has to agree.
func varying[C licensing.LicenceCommand](t *Tx, cmd C, e *Engines) error {
	l, _, err := load[*licensing.Licence](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.mayOnLicence(l, cmd.Name()); err != nil {
		return err
	}
	c, _, err := load[*licensing.Case](t, CaseStream(l.Case))
	if err != nil {
		return err
	}
	if err := c.KeptOut(t.person()); err != nil {
		return err
	}
	if err := t.mayTell(c, cmd); err != nil {
		return err
	}
	facts := licensing.Facts{Now: t.Now(), Actor: t.person(), Calendar: e.Calendar}
	if facts.Vary, err = t.varyFacts(l, c, e); err != nil {
		return err
	}
	events, err := licensing.DecideLicence(l, cmd, facts)
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	for _, n := range events {
		if p, ok := n.Event.(licensing.VariationProposed); ok && len(p.Addresses) > 0 {
			job := screenJob{Case: c.ID, Reason: "varied", Licence: l.ID, Variation: p.Variation}
			if err := t.enqueue(jobScreen, jobScreen+"/"+c.ID+"/"+p.Variation, job); err != nil {
				return err
			}
		}
		if _, varied := n.Event.(licensing.LicenceVaried); !varied {
			continue
		}
		job := letterJob{Case: c.ID, Kind: licensing.LetterVariation, Seq: t.seq(), Code: codeOf(cmd)}
		if err := t.tell(c); err != nil {
			return err
		}
		return t.enqueue(jobLetter, fmt.Sprintf("%s/%s/%d", jobLetter, l.ID, job.Seq), job)
	}
	return nil
}

// codeOf is the check code of the version that a command makes.
func codeOf(cmd any) string {
	switch c := cmd.(type) {
	case licensing.ProposeVariation:
		return c.Code
	case licensing.AnswerVariation:
		return c.Code
	}
	return ""
}

func (t *Tx) varyFacts(l *licensing.Licence, c *licensing.Case, e *Engines) (*licensing.VaryFacts, error) {
	kind, err := t.app.KindOf(c.Kind)
	if err != nil {
		return nil, err
	}
	s, _, err := load[*assessment.State](t, AssessmentStream(c.ID))
	if err != nil {
		return nil, err
	}
	broken, err := brokenElsewhere(t.Tx, c)
	if err != nil {
		return nil, err
	}
	var outcomes []licensing.LineOutcome
	for _, n := range l.Lines {
		outcomes = append(outcomes, licensing.LineOutcome{Line: n.Line, Outcome: licensing.Issue})
	}
	f := &licensing.VaryFacts{Asked: c.App().Lines, Months: kind.Months, Second: second(e, s.Input(CaseInput(c, policy.DateOf(t.Now()), broken)), outcomes)}
	if v := l.Proposed(); v != nil && len(v.Addresses) > 0 {
		w, _, err := load[*watchState](t, watchStream(c.ID))
		if err != nil {
			return nil, err
		}
		f.Alike = alikeOf(v, w, s)
	}
	presumption, err := presumed(t, l.Destination)
	if err == nil && presumption.Holds(c.ID, e.Calendar.Day(t.Now())) {
		f.Presumed = presumption.From
	}
	return f, err
}

// varied are the letter that tells of the last variation, and the licence as it
// reads from then on.
func (w *letterWriter) varied(code string) []written {
	l := w.l
	if l == nil || len(l.Variations) == 0 || l.Version() < 2 || w.c.Decision == nil {
		return nil
	}
	d := w.c.ForApplicant().Decision
	x := l.Last()
	d.At = x.Closed
	f := letter.VariationFacts{
		Head: w.head(x.Closed, w.signer), Number: l.Reference, Version: fmt.Sprint(x.Number), From: w.day(x.Closed), Told: letter.Releasable(x.Told),
		Redress: w.redress(d, licensing.Issue), Contact: w.a.cfg.Contact,
	}
	say := func(label, text string) {
		f.Changes = append(f.Changes, letter.Definition{Term: label, Runs: letter.Text(text)})
	}
	if x.Terms.Until != "" {
		say(w.p.T("node.letter.vary.until"), w.p.DayOf(string(x.Terms.Until)))
	}
	for _, n := range x.Terms.Lines {
		if line := l.Line(n.Line); line != nil {
			say(w.p.T("node.letter.vary.line", "line", n.Line), w.p.T("node.letter.at_most", "amount", n.Quantity.String()+" "+w.p.T("unit."+line.Unit)))
		}
	}
	for _, id := range x.Terms.Ends {
		if k := l.Condition(id); k != nil {
			say(w.p.T("node.letter.vary.ends"), k.What)
		}
	}
	for _, k := range x.Terms.Adds {
		say(w.p.T("node.letter.vary.adds"), k.What)
	}
	for _, a := range x.Addresses {
		say(w.p.T("node.letter.vary.address", "party", w.keeper(a.Party).Text), addressLine(a.Address))
	}
	return []written{
		{kind: licensing.LetterVariation, doc: letter.Variation(w.p, f)},
		{kind: licensing.LetterLicence, doc: letter.Licence(w.p, w.licence(d, code, false)), licence: l.ID, version: x.Number},
	}
}

// answered is the letter that answers a question: which lines need a licence that
// has to be applied for, and which are answered in words.
func (w *letterWriter) answered(d *licensing.Told) []written {
	f := letter.AnswerFacts{
		Head: w.head(d.At, w.signer), Destination: w.countryName(w.c.App().EndUse.Country), Answers: reasons(d.Reasons), Address: w.a.cfg.URL, Contact: w.a.cfg.Contact,
	}
	if user, ok := w.c.App().EndUser(); ok {
		f.EndUser = given(user.Names)
	}
	outcome := map[string]licensing.Outcome{}
	for _, o := range d.Lines {
		outcome[o.Line] = o.Outcome
	}
	for i, l := range w.c.App().Lines {
		x := letter.ExemptLine{Number: i + 1, Description: letter.Name(l.Description), Code: l.ClaimedCode}
		switch outcome[l.ID] {
		case licensing.LicenceNeeded:
			f.Needed = append(f.Needed, x)
		case licensing.Advised:
			f.Advised = append(f.Advised, x)
		}
	}
	if len(f.Needed)+len(f.Advised) == 0 {
		return nil
	}
	return []written{{kind: licensing.LetterDecision, doc: letter.Answer(w.p, f)}}
}
