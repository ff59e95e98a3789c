package node

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// BriefStream is the stream of a brief, for Expect.
func BriefStream(id string) event.Stream { return event.StreamOf(evidence.KindBrief, id) }

func briefThing(b *evidence.Brief) access.Thing {
	return access.Thing{Kind: evidence.KindBrief, Compartment: b.Compartment}
}

func openBrief(t *Tx, cmd evidence.Open) error {
	b, _, err := load[*evidence.Brief](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must("", access.EvidenceKeep, access.Thing{Kind: evidence.KindBrief, Compartment: cmd.Compartment}); err != nil {
		return err
	}
	f := evidence.BriefFacts{Now: t.Now(), Known: party.ValidCountry(cmd.Subject)}
	if cmd.About == evidence.EndUser {
		if f.Known, err = t.knowsParty(cmd.Subject); err != nil {
			return err
		}
	}
	events, err := evidence.DecideBrief(b, cmd, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// itemsOf are the sources that a command on a brief names.
func itemsOf(cmd evidence.BriefCommand) []string {
	switch c := cmd.(type) {
	case evidence.Write:
		return c.Items
	case evidence.SetLaw:
		return c.Items
	}
	return nil
}

// onBrief is the way of every other command on a brief.
func onBrief[C evidence.BriefCommand](t *Tx, cmd C) error {
	b, _, err := load[*evidence.Brief](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.EvidenceRead, access.EvidenceKeep, briefThing(b)); err != nil {
		return err
	}
	f := evidence.BriefFacts{Now: t.Now(), Items: map[string]*evidence.Item{}}
	for _, id := range itemsOf(cmd) {
		item, _, err := load[*evidence.Item](t, ItemStream(id))
		if err != nil {
			return err
		}
		if access.Can(t.Actor, access.EvidenceRead, itemThing(item)) {
			f.Items[id] = item
		}
	}
	events, err := evidence.DecideBrief(b, cmd, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// setLaw says what is known of a law. Rules read it from a brief that everybody
// may read; open cases with that destination are opened again.
func setLaw(t *Tx, cmd evidence.SetLaw) error {
	if err := onBrief(t, cmd); err != nil {
		return err
	}
	b, version, err := load[*evidence.Brief](t, cmd.Stream())
	if err != nil || b.Compartment != "" {
		return err
	}
	t.AfterCommit(t.app.refreshEngines)
	return t.enqueue(jobReopen, fmt.Sprintf("%s/%s/%d", jobReopen, b.ID, version), reopenJob{Country: b.Subject, Brief: b.ID})
}

// lawFacts are the facts that rules read of a law, with the parts of a brief
// that each is made of: all of them must hold.
var lawFacts = []struct {
	fact  string
	parts []evidence.Part
}{
	{"dest.law_prior_authorisation", []evidence.Part{evidence.Warrant, evidence.Judge}},
	{"dest.law_limits", []evidence.Part{evidence.Necessity, evidence.TimeLimit}},
	{"dest.law_oversight", []evidence.Part{evidence.Oversight}},
	{"dest.law_remedy", []evidence.Part{evidence.Notice, evidence.Remedy}},
}

// lawOf is the law of a brief as rules read it: a fact of which the brief
// answers no part is left to what else is known of the destination.
func lawOf(b *evidence.Brief) []assessment.Safeguard {
	var out []assessment.Safeguard
	for _, l := range lawFacts {
		s := assessment.Safeguard{Fact: l.fact, Paper: policy.Bool(true), Practice: policy.Bool(true)}
		answered := false
		var texts, sources []string
		for _, name := range l.parts {
			p, ok := b.Law[name]
			answered = answered || ok
			s.Paper, s.Practice = both(s.Paper, p.Paper), both(s.Practice, p.Practice)
			for _, text := range []string{p.Words.Text, p.Words.Practice} {
				if text != "" {
					texts = append(texts, text)
				}
			}
			for _, source := range []string{p.Words.Provision, p.Words.Source} {
				if source != "" && !slices.Contains(sources, source) {
					sources = append(sources, source)
				}
			}
			for _, d := range []deadline.Date{p.Date, p.PracticeDate} {
				if d != "" && (s.Date == "" || policy.Date(d) < s.Date) {
					s.Date = policy.Date(d)
				}
			}
		}
		if answered {
			s.Text, s.Source = strings.Join(texts, " "), strings.Join(sources, "; ")
			out = append(out, s)
		}
	}
	return out
}

// both is "and" over three values.
func both(v policy.Value, a evidence.Answer) policy.Value {
	switch {
	case v.False() || a == evidence.No:
		return policy.Bool(false)
	case v.True() && a == evidence.Yes:
		return v
	}
	return policy.Value{}
}

// readLaws reads the laws that rules read from briefs, by country.
func readLaws(t *store.Tx) (map[string][]assessment.Safeguard, error) {
	ids, err := t.LawBriefs()
	if err != nil {
		return nil, err
	}
	out := map[string][]assessment.Safeguard{}
	for _, id := range ids {
		var b evidence.Brief
		if _, err := t.Load(BriefStream(id), &b); err != nil {
			return nil, err
		}
		out[b.Subject] = lawOf(&b)
	}
	return out, nil
}

// addLaws puts the laws of briefs in the place of what else is known of them.
func (e *Engines) addLaws(laws map[string][]assessment.Safeguard) {
	e.Destinations = maps.Clone(e.Destinations)
	if e.Destinations == nil {
		e.Destinations = assessment.Destinations{}
	}
	for _, code := range slices.Sorted(maps.Keys(laws)) {
		d := destination(e.Destinations, code)
		d.Law = slices.Clone(d.Law)
		for _, s := range laws[code] {
			i := slices.IndexFunc(d.Law, func(x assessment.Safeguard) bool { return x.Fact == s.Fact })
			if i < 0 {
				d.Law = append(d.Law, s)
			} else {
				d.Law[i] = s
			}
		}
		e.Destinations[code] = d
	}
}

// BriefFile is a brief as its page shows it.
type BriefFile struct {
	*evidence.Brief
	Version int64
	Sources map[string]store.EvidenceRow  // of the items that the reader may see
	Dest    *assessment.DestinationReport // of a destination's brief
	Profile assessment.Profile
	User    *History // of an end user's brief
	Names   map[string]string
}

// History is an end user's own history with us, from the register and the cases
// that the reader may see.
type History struct {
	Entry      *party.Entry
	Cases      []store.CaseRow
	Assurances []store.AssuranceRow
	More       bool                        // there are more cases than are shown
	Past       map[string]*PastCase        // of the cases, by id
	Licences   map[string]store.LicenceRow // of the cases, by id of the case
}

// PastCase is what one case says of an end user: which of its units would use the
// items, who owns it as was stated then, what was decided, and what was recorded
// against it.
type PastCase struct {
	Units     []string
	Ownership party.Ownership
	Lines     []licensing.LineDecision // none while it is not decided
	Incidents []assessment.FactState
}

// held are the facts that tell of an incident: they are recorded of a party when
// something was found, with source and date.
var held = []string{"user.abuse_record", "user.conduct_concern", "user.broke_assurance"}

// readPast reads it from the cases and their assessments, in two statements.
func (h *History) readPast(t *store.Tx, register string) error {
	h.Past = map[string]*PastCase{}
	var cases, assessments []event.Stream
	for _, c := range h.Cases {
		cases, assessments = append(cases, CaseStream(c.ID)), append(assessments, AssessmentStream(c.ID))
	}
	all := map[event.Stream]*licensing.Case{}
	if err := t.LoadEach(cases, func(s event.Stream) event.State {
		all[s] = &licensing.Case{}
		return all[s]
	}); err != nil {
		return err
	}
	users := map[string][]string{} // ids of the party in the case, by case
	for _, c := range all {
		past := &PastCase{}
		h.Past[c.ID] = past
		if c.Decision != nil {
			past.Lines = c.Decision.Lines
		}
		for _, p := range c.App().Parties {
			if p.Register != register {
				continue
			}
			users[c.ID], past.Ownership = append(users[c.ID], p.ID), p.Ownership
			for _, u := range p.Tree {
				if u.Uses {
					past.Units = append(past.Units, party.PrimaryName(u.Names))
				}
			}
		}
	}
	found := map[event.Stream]*assessment.State{}
	if err := t.LoadEach(assessments, func(s event.Stream) event.State {
		found[s] = &assessment.State{}
		return found[s]
	}); err != nil {
		return err
	}
	for _, s := range found {
		past := h.Past[s.Case]
		if past == nil {
			continue
		}
		for _, f := range s.Facts {
			if f.Stands() && f.Value.True() && slices.Contains(held, f.Fact) && (f.Party == "" || slices.Contains(users[s.Case], f.Party)) {
				past.Incidents = append(past.Incidents, f)
			}
		}
	}
	return nil
}

// historyShown bounds the cases on a brief's page.
const historyShown = 50

// BriefFile reads a brief for an actor. What may not be seen does not exist.
func (a *App) BriefFile(ctx context.Context, actor access.Actor, id string) (*BriefFile, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	f := &BriefFile{Brief: &evidence.Brief{}, Sources: map[string]store.EvidenceRow{}}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(BriefStream(id), f.Brief); err != nil {
			return err
		}
		if f.Version == 0 || !access.Can(actor, access.EvidenceRead, briefThing(f.Brief)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if items := f.Items(); len(items) > 0 {
			rows, err := t.ListEvidence(store.Evidence{Scope: access.ScopeOf(actor, access.EvidenceRead), IDs: items, Limit: len(items)})
			if err != nil {
				return err
			}
			for _, r := range rows {
				f.Sources[r.ID] = r
			}
		}
		if f.About == evidence.EndUser {
			if f.User, err = readHistory(t, actor, f.Subject); err != nil {
				return err
			}
		}
		people := []string{f.Opened.Account}
		for _, p := range f.Passages {
			people = append(people, p.By.Account)
		}
		for _, l := range f.Law {
			people = append(people, l.By.Account)
		}
		for _, r := range f.Reviews {
			people = append(people, r.By.Account)
		}
		f.Names, err = t.Names(people)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: brief")
	}
	if f.About == evidence.Destination {
		r := e.Destinations.Report(e.Pack, f.Subject, policy.DateOf(a.Now()))
		f.Dest, f.Profile = &r, r.Profile(e.Pack)
	}
	return f, nil
}

func readHistory(t *store.Tx, actor access.Actor, register string) (*History, error) {
	h := &History{Entry: &party.Entry{}}
	if !access.Can(actor, access.PartyRead, access.Thing{Kind: party.StreamKind}) {
		return h, nil
	}
	if _, err := t.Load(event.StreamOf(party.StreamKind, register), h.Entry); err != nil {
		return nil, err
	}
	scope := access.ScopeOf(actor, access.CaseRead)
	var err error
	if h.Cases, err = t.ListCases(store.Cases{Scope: scope, List: store.AllCases, Register: register, Limit: historyShown + 1}); err != nil {
		return nil, err
	}
	if len(h.Cases) > historyShown {
		h.Cases, h.More = h.Cases[:historyShown], true
	}
	if h.Assurances, err = t.AssurancesOf(register, scope, historyShown); err != nil {
		return nil, err
	}
	ids := []string{}
	for _, c := range h.Cases {
		ids = append(ids, c.ID)
	}
	rows, err := t.ListLicences(store.Licences{Scope: access.ScopeOf(actor, access.LicenceRead), Cases: ids, Limit: historyShown})
	if err != nil {
		return nil, err
	}
	h.Licences = map[string]store.LicenceRow{}
	for _, r := range rows {
		h.Licences[r.Case] = r
	}
	return h, h.readPast(t, register)
}
