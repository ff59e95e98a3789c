package licensing

import (
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// A licence is varied by saying what changes; everything else stays as it was. A
// variation that eases anything takes a second person, and one that only
// tightens takes one where the pack asks for it. It never reaches beyond what
// the case was assessed for: more than was asked for is a new application.

// Terms are what a variation changes of a licence.
type Terms struct {
	Until deadline.Date `json:"until,omitempty"` // new last day; empty: as it is
	Lines []LineTerm    `json:"lines,omitempty"`
	Ends  []string      `json:"ends,omitempty"` // conditions that bind no longer, by id
	Adds  []Condition   `json:"adds,omitempty"` // new ones; see Condition.Replaces
}

// LineTerm is how much a line allows from now on, in all.
type LineTerm struct {
	Line     string   `json:"line"`
	Quantity Quantity `json:"quantity"`
	Value    int64    `json:"value"` // goes with the quantity
}

// AddressPart is a party's new address, sealed under the party's own key where
// it is a natural person.
type AddressPart struct {
	Party   string                       `json:"party"`
	Address event.Private[party.Address] `json:"address"`
}

// PartyAddress is where a party is to be found, instead of what its application says.
type PartyAddress struct {
	Party   string         `json:"party"`
	Address party.Address  `json:"address,omitzero"`
	Erased  *event.Erasure `json:"erased,omitempty"`
}

// VariationText is what is private about a variation.
type VariationText struct {
	Why  string      `json:"why"`            // inside the authority
	Told string      `json:"told"`           // to the holder
	Adds []Condition `json:"adds,omitempty"` // with their words
}

// VariationProposed says what is to change. It changes nothing yet.
type VariationProposed struct {
	Variation string                       `json:"variation"`
	Ground    string                       `json:"ground"`
	Eases     bool                         `json:"eases,omitempty"`
	Roles     []access.Role                `json:"roles,omitempty"` // whose agreement the pack asks for
	Terms     Terms                        `json:"terms"`           // without words
	Person    string                       `json:"person"`
	Text      event.Private[VariationText] `json:"text"`
	Addresses []AddressPart                `json:"addresses,omitempty"`
}

// VariationDropped says that a proposal comes to nothing.
type VariationDropped struct {
	Variation string                `json:"variation"`
	Person    string                `json:"person"`
	Own       bool                  `json:"own,omitempty"` // by whoever proposed it
	Why       event.Private[string] `json:"why"`
}

// LicenceVaried makes a new version of the licence.
type LicenceVaried struct {
	Variation string                       `json:"variation"`
	Number    int                          `json:"number"` // of the version, the issued one being 1
	Day       deadline.Date                `json:"day"`    // from which it counts
	Terms     Terms                        `json:"terms"`  // without words
	Proposer  string                       `json:"proposer"`
	Person    string                       `json:"person"`
	CodeHash  string                       `json:"code_hash"`
	Text      event.Private[VariationText] `json:"text"`
	Addresses []AddressPart                `json:"addresses,omitempty"`
}

// EventType is "licence.variation_proposed".
func (VariationProposed) EventType() string { return "licence.variation_proposed" }

// EventType is "licence.variation_dropped".
func (VariationDropped) EventType() string { return "licence.variation_dropped" }

// EventType is "licence.varied".
func (LicenceVaried) EventType() string { return "licence.varied" }

// ProposeVariation proposes to vary a licence, or varies it where nobody else
// has to agree.
type ProposeVariation struct {
	OnLicence
	Variation string // id
	Ground    string
	Terms     Terms
	Addresses []PartyAddress
	Why       string
	Told      string
	Code      string // check code of the new version; see NormalCode
}

// AnswerVariation is the second person's word on a proposal, or whoever proposed
// it taking it back.
type AnswerVariation struct {
	OnLicence
	Variation string
	Agree     bool
	Why       string // required to disagree
	Code      string
}

// Name is "licence.propose_variation".
func (ProposeVariation) Name() string { return "licence.propose_variation" }

// Name is "licence.answer_variation".
func (AnswerVariation) Name() string { return "licence.answer_variation" }

// VaryFacts are what a variation is held against.
type VaryFacts struct {
	Asked    []Line        // of the application that was decided
	Months   int           // the most that a licence of its kind runs
	Second   *Second       // what the pack asks of the second person
	Alike    int           // likenesses of the proposal's parties with a listed party that wait for a person
	Presumed deadline.Date // from when denial is presumed for the destination; "": it is not
}

// Variation is a proposal and what became of it.
type Variation struct {
	ID        string           `json:"id"`
	At        time.Time        `json:"at"`
	By        string           `json:"by"`
	Ground    string           `json:"ground"`
	Eases     bool             `json:"eases,omitempty"`
	Roles     []access.Role    `json:"roles,omitempty"`
	Terms     Terms            `json:"terms"`
	Addresses []PartyAddress   `json:"addresses,omitempty"`
	Why       string           `json:"why,omitempty"`
	Told      string           `json:"told,omitempty"`
	Erased    *event.Erasure   `json:"erased,omitempty"`
	Number    int              `json:"number,omitempty"`   // of the version that it made
	Searched  *VariationSearch `json:"searched,omitempty"` // of the parties with a new address
	Closed    time.Time        `json:"closed,omitzero"`    // zero: it waits for an answer
	ClosedBy  string           `json:"closed_by,omitempty"`
	Against   Text             `json:"against,omitzero"` // why it was dropped
}

// LicenceVersion is a licence as it was before a variation.
type LicenceVersion struct {
	Number     int            `json:"number"`
	Since      time.Time      `json:"since"`
	Lines      []LicenceLine  `json:"lines"`
	Conditions []Condition    `json:"conditions,omitempty"`
	Addresses  []PartyAddress `json:"addresses,omitempty"`
	Until      deadline.Date  `json:"until"`
	CodeHash   string         `json:"code_hash,omitempty"`
	Document   string         `json:"document,omitempty"`
	Hash       string         `json:"hash,omitempty"`
}

// Replaced is what the public check says of a paper that a later version has
// taken the place of.
const Replaced LicenceStatus = "replaced"

func (l *Licence) proposeVariation(c ProposeVariation, f Facts) ([]event.Event, error) {
	if f.Vary == nil {
		return nil, missingFact("Vary")
	}
	if l.Proposed() != nil {
		return nil, fault.New(fault.Conflict, "licensing.vary.waiting")
	}
	if err := newID("variation", c.Variation, slices.ContainsFunc(l.Variations, func(v Variation) bool { return v.ID == c.Variation })); err != nil {
		return nil, err
	}
	if !ground(c.Ground) {
		return nil, fault.New(fault.Invalid, "licensing.licence.ground").Field("ground", "licensing.licence.ground")
	}
	if err := text("why", c.Why, true); err != nil {
		return nil, err
	}
	if err := text("told", c.Told, true); err != nil {
		return nil, err
	}
	terms, err := l.terms(c, f)
	if err != nil {
		return nil, err
	}
	e := VariationProposed{
		Variation: c.Variation, Ground: c.Ground, Eases: l.eases(terms, len(c.Addresses)), Terms: terms, Person: f.Actor.person(),
		Text: event.P(c.Stream(), VariationText{Why: c.Why, Told: c.Told, Adds: terms.Adds}), Addresses: l.sealed(c),
	}
	e.Terms.Adds = wordless(terms.Adds)
	if s := f.Vary.Second; s != nil {
		e.Roles = s.By
	}
	if e.Eases && f.Vary.Presumed != "" {
		return nil, fault.New(fault.Blocked, "licensing.vary.presumed", "from", string(f.Vary.Presumed))
	}
	if e.Eases || len(e.Roles) > 0 {
		return []event.Event{e}, nil
	}
	code, ok := NormalCode(c.Code)
	if !ok {
		return nil, fault.New(fault.Invalid, "licensing.licence.code")
	}
	return l.vary([]event.Event{e}, LicenceVaried{
		Variation: c.Variation, Terms: e.Terms, Proposer: e.Person, Person: e.Person, CodeHash: CodeHash(code), Text: e.Text, Addresses: e.Addresses,
	}, f), nil
}

// terms checks what is to change, and works out what goes with it.
func (l *Licence) terms(c ProposeVariation, f Facts) (Terms, error) {
	t, bad := c.Terms, fault.New(fault.Invalid, "licensing.vary.invalid")
	if t.Until == "" && len(t.Lines)+len(t.Ends)+len(t.Adds)+len(c.Addresses) == 0 {
		return t, fault.New(fault.Invalid, "licensing.vary.nothing")
	}
	if t.Until != "" && (!t.Until.Valid() || t.Until < deadline.DateOf(f.Now, f.zone()) || t.Until < l.From) {
		bad.Field("until", "licensing.licence.validity")
	} else if t.Until > l.From.AddMonths(f.Vary.Months) {
		bad.Field("until", "licensing.licence.long", "months", f.Vary.Months)
	}
	ends := map[string]bool{}
	for _, id := range t.Ends {
		if !slices.ContainsFunc(l.Conditions, func(k Condition) bool { return k.ID == id }) || ends[id] {
			bad.Field("ends", "licensing.duty.unknown")
		}
		ends[id] = true
	}
	today := deadline.DateOf(f.Now, f.zone())
	t.Adds = slices.Clone(t.Adds)
	ids := map[string]bool{}
	for i := range t.Adds {
		k := &t.Adds[i]
		k.Since, k.Ended = max(today, l.From), ""
		if !k.testable(l.hasParty, l.has) || l.Condition(k.ID) != nil || ids[k.ID] || k.Replaces != "" && !ends[k.Replaces] {
			bad.Field("conditions", "licensing.condition.untestable")
		}
		ids[k.ID] = true
	}
	t.Lines = l.limited(t)
	for i := range t.Lines {
		l.lineTerm(&t.Lines[i], t, f, bad)
	}
	seen := map[string]bool{}
	for _, a := range c.Addresses {
		if !l.hasParty(a.Party) || seen[a.Party] || !party.ValidCountry(a.Address.Country) || a.Address.City == "" || !party.Bounded(a.Address.City, MaxShort) ||
			!party.Bounded(a.Address.Postcode, 40) || len(a.Address.Lines) > 6 || slices.ContainsFunc(a.Address.Lines, func(s string) bool { return !party.Bounded(s, MaxShort) }) {
			bad.Field("addresses", "licensing.vary.address")
		}
		seen[a.Party] = true
	}
	return t, bad.Or()
}

// limited are the quantities of terms, with those that new conditions limit.
func (l *Licence) limited(t Terms) []LineTerm {
	out := slices.Clone(t.Lines)
	for _, k := range t.Adds {
		for _, line := range k.Lines {
			n := l.Line(line)
			if k.Type == MaxQuantity && n != nil && k.Unit == n.Unit && Quantity(k.Number) < n.Quantity && !slices.ContainsFunc(out, func(x LineTerm) bool { return x.Line == line }) {
				out = append(out, LineTerm{Line: line, Quantity: Quantity(k.Number)})
			}
		}
	}
	return out
}

// lineTerm holds a new quantity against what was asked for, what has left, and
// the conditions that limit it.
func (l *Licence) lineTerm(n *LineTerm, t Terms, f Facts, bad *fault.Error) {
	have, at := l.Line(n.Line), slices.IndexFunc(f.Vary.Asked, func(x Line) bool { return x.ID == n.Line })
	switch {
	case have == nil || at < 0:
		bad.Field("lines", "licensing.line.unknown")
		return
	case n.Quantity <= 0:
		bad.Field("lines."+n.Line, "licensing.use.quantity")
		return
	case n.Quantity < l.Used(n.Line):
		bad.Field("lines."+n.Line, "licensing.vary.used", "used", l.Used(n.Line).String())
	case n.Quantity > f.Vary.Asked[at].Quantity:
		bad.Field("lines."+n.Line, "licensing.vary.beyond", "asked", f.Vary.Asked[at].Quantity.String())
	}
	for _, k := range append(slices.Clone(l.Conditions), t.Adds...) {
		if k.Type == MaxQuantity && contains(k.Lines, n.Line) && k.Unit == have.Unit && !slices.Contains(t.Ends, k.ID) && n.Quantity > Quantity(k.Number) {
			bad.Field("lines."+n.Line, "licensing.vary.limit", "limit", Quantity(k.Number).String())
		}
	}
	n.Value = share(f.Vary.Asked[at].Value, n.Quantity, f.Vary.Asked[at].Quantity)
}

// eases tells whether terms give the holder more room in anything: a condition
// that is replaced may be looser in its words, and goods at another place are
// not where they were assessed to be.
func (l *Licence) eases(t Terms, addresses int) bool {
	more := slices.ContainsFunc(t.Lines, func(n LineTerm) bool { return n.Quantity > l.Line(n.Line).Quantity })
	return more || t.Until > l.Until || len(t.Ends) > 0 || addresses > 0
}

func (l *Licence) hasParty(id string) bool {
	return slices.ContainsFunc(l.Parties, func(p PartyFact) bool { return p.ID == id })
}

// sealed puts each new address under its owner's key.
func (l *Licence) sealed(c ProposeVariation) (out []AddressPart) {
	for _, a := range c.Addresses {
		owner := c.Stream()
		for _, p := range l.Parties {
			if p.ID == a.Party && p.Kind == party.Person {
				owner = party.Party{ID: p.ID, Register: p.Register}.Owner()
			}
		}
		out = append(out, AddressPart{a.Party, event.P(owner, a.Address)})
	}
	return out
}

func (l *Licence) answerVariation(c AnswerVariation, f Facts) ([]event.Event, error) {
	v := l.Proposed()
	if v == nil || v.ID != c.Variation {
		return nil, fault.New(fault.Conflict, "licensing.vary.none")
	}
	own := f.Actor.person() == v.By
	if err := text("why", c.Why, !c.Agree); err != nil {
		return nil, err
	}
	if !c.Agree {
		return []event.Event{VariationDropped{Variation: v.ID, Person: f.Actor.person(), Own: own, Why: event.P(c.Stream(), c.Why)}}, nil
	}
	if f.Vary == nil {
		return nil, missingFact("Vary")
	}
	by := CaseSignature{Roles: f.Actor.Roles}
	switch i := slices.IndexFunc(v.Roles, func(r access.Role) bool { return !by.as(r) }); {
	case own:
		return nil, fault.New(fault.Denied, "licensing.vary.self")
	case i >= 0:
		return nil, fault.New(fault.Denied, "licensing.vary.role", "role", string(v.Roles[i]))
	case v.Eases && f.Vary.Presumed != "":
		return nil, fault.New(fault.Blocked, "licensing.vary.presumed", "from", string(f.Vary.Presumed))
	case v.Erased != nil || slices.ContainsFunc(v.Addresses, func(a PartyAddress) bool { return a.Erased != nil }):
		return nil, fault.New(fault.Blocked, "licensing.vary.erased")
	}
	if err := v.settled(f.Vary.Alike); err != nil {
		return nil, err
	}
	// Goods may have left, days passed and the pack changed since it was proposed.
	again := ProposeVariation{OnLicence: c.OnLicence, Terms: v.Terms, Addresses: v.Addresses}
	terms, err := l.terms(again, f)
	if err != nil {
		return nil, err
	}
	code, ok := NormalCode(c.Code)
	if !ok {
		return nil, fault.New(fault.Invalid, "licensing.licence.code")
	}
	e := LicenceVaried{
		Variation: v.ID, Terms: terms, Proposer: v.By, Person: f.Actor.person(), CodeHash: CodeHash(code),
		Text: event.P(c.Stream(), VariationText{Why: v.Why, Told: v.Told, Adds: terms.Adds}), Addresses: l.sealed(again),
	}
	e.Terms.Adds = wordless(terms.Adds)
	return l.vary(nil, e, f), nil
}

// vary adds the new version, and what becomes of the licence's status by it.
func (l *Licence) vary(events []event.Event, e LicenceVaried, f Facts) []event.Event {
	e.Number, e.Day = l.Version()+1, deadline.DateOf(f.Now, f.zone())
	events = append(events, e)
	after := *l
	after.Lines = slices.Clone(l.Lines)
	after.allow(e.Terms.Lines)
	switch now := l.Now(); {
	case now == Exhausted && !after.usedUp():
		events = append(events, LicenceReplenished{})
	case (now == Valid || now == Restricted) && after.usedUp():
		events = append(events, LicenceExhausted{})
	}
	return events
}

// allow sets the quantities of lines anew.
func (l *Licence) allow(lines []LineTerm) {
	for _, n := range lines {
		if x := l.Line(n.Line); x != nil {
			x.Quantity, x.Value = n.Quantity, n.Value
		}
	}
}
