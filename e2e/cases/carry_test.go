package cases

import (
	"maps"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
)

// asWritten gives an application what its worked case says of lines and parties:
// who uses each line, how much of it, and who owns whom.
func asWritten(in assessment.Input, amounts map[string]string) func(*licensing.Application) {
	return func(a *licensing.Application) {
		for i, l := range in.Lines {
			a.Lines[i].User = l.User
			if n, ok := amounts[l.ID]; ok {
				a.Lines[i].Quantity, _ = licensing.ParseQuantity(n)
			}
		}
		for i, p := range in.Parties {
			if p.Hidden {
				a.Parties[i].Ownership.Knowledge = party.Hidden
			}
			for _, o := range p.Owners {
				a.Parties[i].Ownership.Owners = append(a.Parties[i].Ownership.Owners, party.Owner{ID: "owner-" + p.ID, Kind: party.Organisation, Names: []party.Name{{Text: o}}})
			}
		}
	}
}

// assessed is a worked case that was applied for and assessed as it tells; refuse
// are the lines that the adviser would refuse.
func (s *stage) assessed(in assessment.Input, amounts map[string]string, refuse ...string) string {
	s.T.Helper()
	kind := in.Kind
	if kind == "" {
		kind = "individual"
	}
	id := s.apply(kind, in, asWritten(in, amounts))
	s.Settle(id, in)
	s.Complete(id, in, refuse...)
	return id
}

// told is what an applicant reads of a ground.
const told = "There is a clear risk that the items are used for serious violations."

// heard has the applicant told of what will be refused, reply, and the reply
// weighed.
func (s *stage) heard(id, ground string, lines ...string) {
	s.T.Helper()
	s.intend(id, ground, told, lines...)
	home, tab := "/exporter/cases/"+id, "/cases/"+id+"/decision"
	s.fill(s.Applicant, home+"/intention", home+"/intention", fields{"text": "We trust our customer.", "how": "reply"})
	s.fill(s.Officer, tab+"/weigh", tab+"/weigh", fields{"text": "Trust is no safeguard.", "new": "no"})
}

// carry takes an assessed case from recommendation to decision.
func (s *stage) carry(id, ground string, outcomes map[string]licensing.Outcome, more fields) {
	s.T.Helper()
	s.recommend(id, outcomes, ground, more)
	in := fields{}
	var refused []string
	for _, line := range slices.Sorted(maps.Keys(outcomes)) {
		if outcomes[line] == licensing.RefuseLine {
			refused = append(refused, line)
		}
	}
	if len(refused) > 0 {
		s.heard(id, ground, refused...)
		in = fields{"told." + ground: told, "weighed.1.point": "You trust your customer.", "weighed.1.answer": "The facts on record outweigh it."}
	}
	s.decide(id, outcomes, in)
}

// beside is the stage with another exporter before it.
func (s *stage) beside(firm string, who access.Actor) *stage {
	other := *s.House
	other.Firm, other.Applicant = firm, who
	return &stage{&other, s.clock, s.site}
}
