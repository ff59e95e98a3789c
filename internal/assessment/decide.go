package assessment

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/policy"
)

// Bounds of what one command may hold.
const (
	maxReason   = 20_000 // characters
	maxHits     = 5_000
	maxFindings = 20_000
)

// HitID is the id of a hit: the same party, list and entry have the same id in
// every screening of a case.
func HitID(party, list, entry string) string {
	sum := sha256.Sum256([]byte(party + "\x00" + list + "\x00" + entry))
	return hex.EncodeToString(sum[:10])
}

// Decide turns a command into events, or says why it can't be done. Who may give
// which command is the caller's to ask of access; Decide holds the rules of the
// work itself.
func Decide(s *State, cmd Command, f Facts) ([]event.New, error) {
	if cmd.caseID() == "" || s.Case != "" && s.Case != cmd.caseID() {
		return nil, fault.New(fault.NotFound, "assessment.case")
	}
	d := decision{s: s, f: f, id: cmd.caseID()}
	switch c := cmd.(type) {
	case Classify:
		return d.classify(c)
	case JudgeSeverity:
		return d.severity(c)
	case RecordScreening:
		return d.screening(c)
	case ResolveHit:
		return d.resolve(c)
	case ReopenHits:
		return d.reopen(c)
	case RecordFact:
		return d.fact(c)
	case WithdrawFact:
		return d.withdraw(c)
	case LoseSource:
		return d.lose(c)
	case NoteLaw:
		return d.law(c)
	case MakeFindings:
		return d.findings(c)
	case StateGroups:
		return d.groups(c)
	case RecordView:
		return d.view(c)
	case StateMitigation:
		return d.mitigation(c)
	case BearUnknown:
		return d.bear(c)
	case Complete:
		return d.complete()
	case ConfirmSentences:
		return d.confirm(c)
	case RecordDissent:
		return d.dissent(c)
	case SignText:
		return d.sign()
	}
	return nil, fault.New(fault.Internal, "fault.internal")
}

type decision struct {
	s  *State
	f  Facts
	id string
}

func (d decision) one(e event.Event) ([]event.New, error) {
	return []event.New{{Stream: event.StreamOf("assessment", d.id), Event: e}}, nil
}

// text seals free text under the key of the case.
func (d decision) text(s string) Reason {
	if s = strings.TrimSpace(s); s == "" {
		return Reason{}
	}
	return event.P(event.StreamOf("case", d.id), s)
}

func (d decision) hasLine(id string) bool {
	return slices.ContainsFunc(d.f.Case.Lines, func(l Line) bool { return l.ID == id })
}

func (d decision) hasParty(id string) bool {
	return slices.ContainsFunc(d.f.Case.Parties, func(p Party) bool { return p.ID == id })
}

func invalid() *fault.Error { return fault.New(fault.Invalid, "assessment.invalid") }

func reasonWanted(e *fault.Error, field, text string) {
	switch {
	case strings.TrimSpace(text) == "":
		e.Field(field, "assessment.reason.missing")
	case len(text) > maxReason:
		e.Field(field, "assessment.reason.long", "max", maxReason)
	}
}

func (d decision) classify(c Classify) ([]event.New, error) {
	e := invalid()
	if !d.hasLine(c.Line) {
		e.Field("line", "assessment.line.unknown")
	}
	if _, ok := d.f.Pack.Category(c.Category); !ok {
		e.Field("category", "assessment.category.unknown")
	}
	if c.Listed != nil && *c.Listed && len(c.Codes) == 0 {
		e.Field("codes", "assessment.codes.missing")
	}
	if c.Place == 0 {
		reasonWanted(e, "reason", c.Reason)
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return d.one(Classified{c.Line, c.Category, c.Listed, c.Codes, c.List, c.Place, d.text(c.Reason)})
}

func (d decision) severity(c JudgeSeverity) ([]event.New, error) {
	e := invalid()
	lines := d.lines(c.Line, c.Also, e)
	if !c.Severity.Complete() {
		e.Field("severity", "assessment.severity.parts")
	}
	reasonWanted(e, "reason", c.Reason)
	if err := e.Or(); err != nil {
		return nil, err
	}
	return d.each(lines, func(line string) event.Event { return SeverityJudged{line, c.Severity, d.text(c.Reason)} }), nil
}

// lines are a line and further ones, each once; e is told of those that the case
// does not have.
func (d decision) lines(line string, also []string, e *fault.Error) []string {
	var out []string
	for i, l := range append([]string{line}, also...) {
		switch {
		case slices.Contains(out, l):
			continue
		case !d.hasLine(l) && i == 0:
			e.Field("line", "assessment.line.unknown")
		case !d.hasLine(l):
			e.Field("also", "assessment.line.unknown")
		}
		out = append(out, l)
	}
	return out
}

// each is one event for each line.
func (d decision) each(lines []string, of func(line string) event.Event) []event.New {
	out := make([]event.New, 0, len(lines))
	for _, l := range lines {
		out = append(out, event.New{Stream: event.StreamOf("assessment", d.id), Event: of(l)})
	}
	return out
}

func (d decision) screening(c RecordScreening) ([]event.New, error) {
	e := invalid()
	if c.Purpose == "" {
		e.Field("purpose", "assessment.screening.purpose")
	}
	if len(c.Hits) > maxHits {
		e.Field("hits", "assessment.screening.many", "max", maxHits)
	}
	out := Screened{Purpose: c.Purpose, Index: c.Index, Lists: c.Lists, NotSearched: c.NotSearched, Parties: slices.Clone(c.Parties)}
	slices.Sort(out.Parties)
	seen := map[string]bool{}
	for _, h := range c.Hits {
		if !slices.Contains(out.Parties, h.Party) || !d.hasParty(h.Party) {
			e.Field("hits", "assessment.party.unknown")
			continue
		}
		id := HitID(h.Party, h.List, h.Entry)
		if seen[id] {
			continue
		}
		seen[id] = true
		out.Hits = append(out.Hits, FoundHit{
			ID: id, Party: h.Party, List: h.List, Kind: h.Kind, Entry: h.Entry, Score: h.Score, Band: h.Band,
			PartyHash: h.PartyHash, EntryHash: h.EntryHash,
			Details: event.P(event.StreamOf("case", d.id), HitDetails{Shown: h.Shown, Matched: h.Matched, Asked: h.Asked, Evidence: h.Evidence, AskFor: h.AskFor}),
		})
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return d.one(out)
}

func (d decision) resolve(c ResolveHit) ([]event.New, error) {
	h, ok := d.s.Hit(c.Hit)
	if !ok {
		return nil, fault.New(fault.NotFound, "assessment.hit.unknown")
	}
	e := invalid()
	if c.Outcome != SameParty && c.Outcome != Different && c.Outcome != CantTell {
		e.Field("outcome", "assessment.hit.outcome")
	}
	reasonWanted(e, "reason", c.Reason)
	if err := e.Or(); err != nil {
		return nil, err
	}
	if h.Outcome == c.Outcome && h.Reason.Value == strings.TrimSpace(c.Reason) {
		return nil, nil // said already
	}
	return d.one(HitResolved{c.Hit, c.Outcome, d.text(c.Reason)})
}

func (d decision) reopen(c ReopenHits) ([]event.New, error) {
	switch c.Why {
	case "party_changed", "listing_changed", "objection":
	default:
		return nil, invalid().Field("why", "assessment.hit.why")
	}
	var ids []string
	for _, h := range d.s.Hits {
		match := c.Hit != "" && h.ID == c.Hit || c.Party != "" && h.Party == c.Party || c.Entry != "" && h.List == c.List && h.Entry == c.Entry
		if match && h.Outcome != "" {
			ids = append(ids, h.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return d.one(HitsReopened{ids, c.Why, d.text(c.Reason)})
}

func (d decision) fact(c RecordFact) ([]event.New, error) {
	e := invalid()
	def, ok := d.f.Pack.Fact(c.Answer.Fact)
	switch {
	case !ok:
		e.Field("fact", "assessment.fact.unknown")
	case def.Derived:
		e.Field("fact", "assessment.fact.derived")
	case !def.Accepts(c.Answer.Value) && c.Answer.Value.Known():
		e.Field("value", "assessment.fact.value")
	}
	if c.ID == "" || slices.ContainsFunc(d.s.Facts, func(f FactState) bool { return f.ID == c.ID }) {
		e.Field("id", "assessment.fact.id")
	}
	if c.Answer.Line != "" && !d.hasLine(c.Answer.Line) {
		e.Field("line", "assessment.line.unknown")
	}
	if c.Answer.Party != "" && !d.hasParty(c.Answer.Party) {
		e.Field("party", "assessment.party.unknown")
	}
	if !c.Answer.Date.Valid() {
		e.Field("date", "assessment.fact.date")
	} else if c.Answer.Date > policy.DateOf(d.f.Now.UTC()) {
		e.Field("date", "assessment.fact.future")
	}
	if strings.TrimSpace(c.Answer.Source) == "" && strings.TrimSpace(c.Answer.Searched) == "" && c.Item == "" {
		e.Field("source", "assessment.fact.source")
	}
	if len(c.Answer.Source)+len(c.Answer.Searched)+len(c.Answer.Note) > maxReason {
		e.Field("note", "assessment.reason.long", "max", maxReason)
	}
	if c.Replaces != "" {
		i := slices.IndexFunc(d.s.Facts, func(f FactState) bool { return f.ID == c.Replaces && f.Stands() })
		if i < 0 || d.s.Facts[i].Fact != c.Answer.Fact || d.s.Facts[i].Line != c.Answer.Line || d.s.Facts[i].Party != c.Answer.Party {
			e.Field("replaces", "assessment.fact.replaces")
		}
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	a := c.Answer
	var cited Reason
	if c.Item != "" {
		cited = event.P(event.StreamOf("evidence", c.Item), c.Cited)
	}
	return d.one(FactRecorded{
		ID: c.ID, Fact: a.Fact, Value: a.Value, Line: a.Line, Party: a.Party, Date: a.Date, Replaces: c.Replaces, Document: c.Document, Grade: c.Grade,
		Origin: event.P(event.StreamOf("case", d.id), FactOrigin{Source: a.Source, Searched: a.Searched, Note: a.Note}), Item: c.Item, Cited: cited,
	})
}

func (d decision) lose(c LoseSource) ([]event.New, error) {
	e := SourceLost{Item: c.Item}
	for _, f := range d.s.Facts {
		if f.Item == c.Item && f.Stands() {
			e.Facts = append(e.Facts, f.ID)
		}
	}
	if c.Item == "" || len(e.Facts) == 0 {
		return nil, nil
	}
	return d.one(e)
}

// law opens a completed assessment again; one that is open reads the law anew by
// itself.
func (d decision) law(c NoteLaw) ([]event.New, error) {
	if d.s.Completion == nil {
		return nil, nil
	}
	return d.one(LawChanged{c.Country, c.Brief})
}

func (d decision) withdraw(c WithdrawFact) ([]event.New, error) {
	i := slices.IndexFunc(d.s.Facts, func(f FactState) bool { return f.ID == c.ID && f.Stands() })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "assessment.fact.gone")
	}
	e := invalid()
	reasonWanted(e, "reason", c.Reason)
	if err := e.Or(); err != nil {
		return nil, err
	}
	return d.one(FactWithdrawn{c.ID, d.text(c.Reason)})
}

func (d decision) groups(c StateGroups) ([]event.New, error) {
	e := invalid()
	for _, g := range Groups {
		switch c.Groups[g] {
		case IsAffected, NotAffected, AffectedUnknown:
		default:
			e.Field("groups."+string(g), "assessment.groups.answer")
		}
	}
	for g := range c.Groups {
		if !slices.Contains(Groups, g) {
			e.Field("groups", "assessment.groups.unknown")
		}
	}
	reasonWanted(e, "reason", c.Reason)
	if err := e.Or(); err != nil {
		return nil, err
	}
	return d.one(GroupsStated{c.Groups, d.text(c.Reason)})
}

func (d decision) view(c RecordView) ([]event.New, error) {
	e := invalid()
	if !c.Likelihood.valid() {
		e.Field("likelihood", "assessment.view.likelihood")
	}
	if c.Severity < 1 || c.Severity > 5 {
		e.Field("severity", "assessment.view.severity")
	}
	for _, l := range c.Refuse {
		if !d.hasLine(l) {
			e.Field("refuse", "assessment.line.unknown")
		}
	}
	ids := map[string]bool{}
	for _, g := range c.Grounds {
		if g.ID == "" || ids[g.ID] || strings.TrimSpace(g.Text) == "" {
			e.Field("grounds", "assessment.view.ground")
		}
		ids[g.ID] = true
	}
	if len(c.Refuse) > 0 && len(c.Grounds) == 0 {
		e.Field("grounds", "assessment.view.grounds")
	}
	reasonWanted(e, "worry", c.Worry)
	if err := e.Or(); err != nil {
		return nil, err
	}
	v := ViewRecorded{Person: d.f.Actor.Person, Likelihood: c.Likelihood, Severity: c.Severity, Refuse: c.Refuse, Worry: d.text(c.Worry)}
	for _, g := range c.Grounds {
		v.Grounds = append(v.Grounds, event.P(event.StreamOf("case", d.id), g))
	}
	return d.one(v)
}
