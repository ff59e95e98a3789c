package volume

import (
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/policy"
)

// fate is where a case ends.
type fate int

const (
	submitted fate = iota
	assigned
	waiting
	advised
	toRecommend
	toSign
	intended
	issued
	refused
	split
	withdrawn
)

// aCase is one case on its way.
type aCase struct {
	g        *group
	id       string
	fate     fate
	grave    bool
	product  product
	exporter access.Actor
	officer  access.Actor
	app      licensing.Application
	hits     []assessment.ScreenedHit
	parties  int // ids of parties made
	fresh    []event.Stream
}

// Weights of fates, in percent, of old cases and of those of the last tenth.
var (
	oldFates = []struct {
		fate fate
		of   int
	}{{issued, 72}, {refused, 11}, {split, 6}, {withdrawn, 8}, {waiting, 1}, {assigned, 1}, {toSign, 1}}
	newFates = []struct {
		fate fate
		of   int
	}{{submitted, 12}, {assigned, 16}, {waiting, 10}, {advised, 8}, {toRecommend, 6}, {toSign, 6}, {intended, 4}, {issued, 28}, {refused, 4}, {split, 2}, {withdrawn, 4}}
)

func (g *group) newCase() *aCase {
	c := &aCase{g: g, id: g.id(), exporter: pick(g, g.people.exporters), officer: pick(g, g.people.officers), product: products[g.rnd.IntN(5)]}
	if g.chance(22) {
		c.product = products[5+g.rnd.IntN(3)]
	}
	fates, n := oldFates, g.rnd.IntN(100)
	if g.recent {
		fates = newFates
	}
	for _, f := range fates {
		if c.fate = f.fate; n < f.of {
			break
		}
		n -= f.of
	}
	if c.fate == refused || c.fate == split { // only what can do harm is refused here
		c.product = products[5+g.rnd.IntN(3)]
	}
	lines := 1 + g.rnd.IntN(2)
	switch {
	case g.chance(5):
		lines, c.product = 40, products[2]
		if c.fate == refused || c.fate == split {
			c.fate = issued
		}
	case c.fate == split:
		lines++
	}
	c.grave = c.product.grave
	c.apply(lines)
	c.fresh = append(c.fresh, node.CaseStream(c.id), node.AssessmentStream(c.id))
	g.count.Lines += int64(len(c.app.Lines))
	g.count.Parties += int64(len(c.app.Parties))
	return c
}

func (c *aCase) on() licensing.On { return licensing.On{Case: c.id} }

// apply writes the application.
func (c *aCase) apply(lines int) {
	g, country := c.g, pick(c.g, countries)
	c.app = licensing.Application{
		ID: c.id, Kind: "individual", Title: fmt.Sprintf("%s for %s", c.product.words, country), Org: c.exporter.Org,
		Contact: licensing.Contact{Account: c.exporter.Account, Name: c.exporter.Name},
		EndUse: licensing.EndUse{
			Purpose: "As the end user's letter says, which the applicant has checked.", OnWhom: "Those whom the end user's mandate names.", Place: "The capital and two branches", Country: country,
		},
		Route:       []licensing.Leg{{Country: "XN", Place: "Nordhavn", Carrier: "air freight"}, {Country: country}},
		Contract:    fmt.Sprintf("K-%06d", g.rnd.IntN(1_000_000)),
		Declaration: licensing.Declaration{Text: "declaration/2026-11-22", Accepted: true, Name: c.exporter.Name},
	}
	for i := range lines {
		c.app.Lines = append(c.app.Lines, licensing.Line{
			ID: fmt.Sprintf("%03d", i+1), Kind: licensing.Goods, PartNumber: fmt.Sprintf("NR-%05d", g.rnd.IntN(100_000)), Description: c.product.words,
			ClaimedCode: c.product.code, Categories: []string{c.product.category}, Tariff: "8525 60 00", TariffAsOf: "2026-01-01", Origin: "XN", Dispatch: "XN",
			Quantity: licensing.Quantity(1000 * (1 + g.rnd.IntN(20))), Unit: "items", Value: int64(100_000 + g.rnd.IntN(90_000_000)), Currency: "EUR",
		})
	}
	user := c.party(party.EndUser, country)
	user.Kind, user.Tie = party.Agency, party.State
	user.Names = []party.Name{{Text: pick(g, bodies) + " of " + country}}
	if g.chance(20) {
		s := pick(g, scripts)
		user.Names = []party.Name{{Text: s.text, Script: s.script, Latin: s.latin + " " + country}}
	}
	user.Tree = party.Tree{{ID: "u1", Level: party.Ministry, Names: user.Names}, {ID: "u2", Parent: "u1", Level: party.UnitLevel, Names: []party.Name{{Text: fmt.Sprintf("Unit %d", 1+g.rnd.IntN(90))}}, Uses: true}}
	c.app.Parties = append(c.app.Parties, user, c.party(party.Consignee, country))
	for range 1 + g.rnd.IntN(2) {
		c.app.Parties = append(c.app.Parties, c.party(pick(g, []party.Role{party.Forwarder, party.IntermediateConsignee, party.Integrator}), pick(g, countries)))
	}
	if g.chance(20) {
		p := party.Party{
			ID: g.id(), Roles: []party.Role{party.Agent}, Kind: party.Person, Tie: party.NonState, Country: country,
			Names:  []party.Name{{Text: pick(g, given) + " " + pick(g, firstNames)}},
			Record: &party.Record{Function: "sales agent", Source: "applicant", Purpose: "licence application", RetainUntil: "2036-12-31"},
		}
		c.app.Parties = append(c.app.Parties, p)
		c.fresh = append(c.fresh, p.Owner())
	}
}

func (c *aCase) party(role party.Role, country string) party.Party {
	g := c.g
	c.parties++
	return party.Party{
		ID: fmt.Sprintf("p%d", c.parties), Roles: []party.Role{role}, Kind: party.Organisation, Tie: party.NonState, Country: country,
		Names:     []party.Name{{Text: fmt.Sprintf("%s %s %d", pick(g, firstNames), pick(g, trades), 1+g.rnd.IntN(999))}},
		Addresses: []party.Address{{Lines: []string{fmt.Sprintf("%d Harbour Row", 1+g.rnd.IntN(200))}, City: "Port", Country: country}},
		Ownership: party.Ownership{Knowledge: party.Unknown, Source: "register extract"},
	}
}

func (c *aCase) give(actor access.Actor, cmd any) func(*node.Many) error {
	return func(m *node.Many) error {
		if err := m.Do(actor, cmd); err != nil {
			return fmt.Errorf("%T: %w", cmd, err)
		}
		return nil
	}
}

// steps are the commands that bring the case to its fate, in order.
func (c *aCase) steps() (out []func(*node.Many) error) {
	g, p := c.g, c.g.people
	do := func(actor access.Actor, cmd any) { out = append(out, c.give(actor, cmd)) }
	do(c.exporter, licensing.Submit{On: c.on(), Application: c.app})
	if c.fate == submitted {
		return out
	}
	do(access.System(), c.screening())
	do(p.coordinator, licensing.Assign{On: c.on(), Officer: c.officer.Account})
	if c.fate == assigned && g.chance(40) {
		return out
	}
	listed := c.product.code != ""
	for _, l := range c.app.Lines {
		k := assessment.Classify{Case: c.id, Line: l.ID, Category: c.product.category, Listed: &listed, Place: 1}
		if listed {
			k.Codes, k.List = []string{c.product.code}, "EU 2025"
		}
		do(p.technical, k)
	}
	if g.chance(25) || c.fate == waiting {
		rfi := g.id()
		do(c.officer, licensing.AskInformation{On: c.on(), RFI: rfi, Questions: []licensing.Question{{ID: "q1", Text: "Which unit will operate the items, and where?"}}})
		if c.fate == waiting {
			return out
		}
		do(c.exporter, licensing.AnswerInformation{On: c.on(), RFI: rfi, Answers: []licensing.QuestionAnswer{{Question: "q1", Text: "The unit named in the application, in the capital."}}})
	}
	for _, h := range c.hits {
		do(c.officer, assessment.ResolveHit{Case: c.id, Hit: assessment.HitID(h.Party, h.List, h.Entry), Outcome: assessment.Different, Reason: "Another country and another trade; one common word agrees."})
	}
	if c.fate == assigned {
		return out
	}
	if c.fate == withdrawn {
		do(c.exporter, licensing.Withdraw{On: c.on(), Why: "The customer has given up the project."})
		return out
	}
	out = c.assess(out)
	return c.conclude(out)
}

// screening is a search that finds something like one of the parties in one
// case of four.
func (c *aCase) screening() assessment.RecordScreening {
	g := c.g
	s := assessment.RecordScreening{
		Case: c.id, Purpose: "case", Index: "generated", NotSearched: []string{"EU"},
		Lists: []assessment.Searched{{List: "UN", Kind: assessment.Sanctions, Date: "2026-11-20"}, {List: "Alvania", Kind: assessment.Denials, Date: "2026-11-01"}},
	}
	for _, p := range c.app.Parties {
		s.Parties = append(s.Parties, p.ID)
	}
	if g.chance(25) {
		for range 1 + g.rnd.IntN(2) {
			name := pick(g, firstNames) + " Trading"
			h := assessment.ScreenedHit{Hit: assessment.Hit{
				Party: "p2", List: "UN", Kind: assessment.Sanctions, Entry: fmt.Sprintf("UN-%04d", g.rnd.IntN(2000)), Shown: name, Matched: name,
				Asked: c.app.Parties[1].Name(), Score: 0.71, Band: "likely", Evidence: []string{"one word of two agrees"},
			}, PartyHash: "p", EntryHash: "e"}
			if len(c.hits) == 0 || c.hits[0].Entry != h.Entry {
				c.hits = append(c.hits, h)
			}
		}
	}
	s.Hits = c.hits
	return s
}

// assess works the assessment through to its completion.
func (c *aCase) assess(out []func(*node.Many) error) []func(*node.Many) error {
	g, p := c.g, c.g.people
	do := func(actor access.Actor, cmd any) { out = append(out, c.give(actor, cmd)) }
	bad := c.fate == refused || c.fate == split || c.fate == intended
	record := func(line string, value bool) {
		out = append(out, func(m *node.Many) error {
			return c.give(p.adviser, assessment.RecordFact{Case: c.id, ID: g.id(), Answer: assessment.Answer{
				Fact: "user.repression", Value: policy.Bool(value), Line: line, Source: "report of the embassy", Date: policy.DateOf(m.Now()),
			}})(m)
		})
	}
	switch {
	case c.fate == split:
		for i, l := range c.app.Lines {
			record(l.ID, i == 0)
		}
	default:
		record("", bad && c.grave)
	}
	if c.grave {
		for _, l := range c.app.Lines {
			do(c.officer, assessment.JudgeSeverity{Case: c.id, Line: l.ID, Severity: policy.Severity{Scale: 3, Scope: 4, Irremediability: 3}, Reason: "By what the item reaches."})
		}
		groups := map[assessment.Group]assessment.Affected{}
		for _, x := range assessment.Groups {
			groups[x] = assessment.AffectedUnknown
		}
		do(p.adviser, assessment.StateGroups{Case: c.id, Groups: groups, Reason: "Reports on the end user name none and exclude none."})
		view := assessment.RecordView{Case: c.id, Likelihood: assessment.Possible, Severity: 4, Worry: "Nobody outside the body looks at its use."}
		if refuse := c.refusedLines(); len(refuse) > 0 {
			view.Refuse, view.Grounds = refuse, []assessment.ViewGround{{ID: "G1", Rule: "CP2-a", Text: "The unit has a record."}}
		}
		do(p.adviser, view)
	}
	if c.grave && c.fate != advised {
		c.assure(&out)
	}
	findings := assessment.MakeFindings{Case: c.id}
	for i, l := range c.app.Lines {
		status := policy.NotMet
		if bad && c.grave && (c.fate != split || i == 0) {
			status = policy.Met
		}
		findings.Findings = append(findings.Findings, assessment.FindingInput{Line: l.ID, Rule: "CP2-a", Status: status, Facts: []string{"user.repression"}, Reason: "On the facts recorded."})
	}
	do(c.officer, findings)
	do(c.officer, assessment.Complete{Case: c.id})
	return out
}

func (c *aCase) refusedLines() []string {
	switch {
	case c.fate == split:
		return []string{c.app.Lines[0].ID}
	case (c.fate == refused || c.fate == intended) && c.grave:
		var out []string
		for _, l := range c.app.Lines {
			out = append(out, l.ID)
		}
		return out
	}
	return nil
}

func (c *aCase) assure(out *[]func(*node.Many) error) {
	g, p := c.g, c.g.people
	id := g.id()
	signer := g.id()
	c.fresh = append(c.fresh, event.StreamOf("party", signer))
	*out = append(*out, c.give(c.officer, licensing.SeekAssurance{
		On: c.on(), Assurance: id, From: "p1", Clauses: licensing.Clauses, How: "note verbale", Text: "The item will not be misused, re-exported or transferred.",
	}))
	record := licensing.RecordAssurance{
		On: c.on(), Assurance: id, Text: "Given as asked.", Check: "Count of serial numbers, yearly",
		Signatory: &licensing.Signatory{
			ID: signer, Names: []party.Name{{Text: pick(g, given) + " " + pick(g, firstNames)}}, Authority: "Decree 4 of 2024",
			Record: &party.Record{Function: "signatory", Source: "the assurance itself", Purpose: "licence application", RetainUntil: "2036-12-31"},
		},
	}
	for _, k := range licensing.Clauses {
		record.Replies = append(record.Replies, licensing.ClauseReply{Clause: k, Reply: licensing.Given})
	}
	*out = append(*out, c.give(c.officer, record))
	if g.chance(60) {
		*out = append(*out, func(m *node.Many) error {
			return c.give(p.verifier, licensing.VerifyAssurance{
				On: c.on(), Assurance: id, Result: licensing.Verified, Evidence: "Signature confirmed at the ministry.", Day: deadline.DateOf(m.Now(), nil),
			})(m)
		})
	}
}
