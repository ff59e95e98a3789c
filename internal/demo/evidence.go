package demo

import (
	"context"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/node"
)

// askAbroad puts two questions for a case: one that an embassy holds, one that a
// department answered into the library. A partner's statement and a reviewed
// summary lie beside them.
func (s *State) askAbroad(ctx context.Context, id, country string) error {
	today := deadline.DateOf(s.App.Now(), time.UTC)
	amira := s.Actors["amira"]
	held, answered := evidence.OnQuestion{Question: node.NewID()}, evidence.OnQuestion{Question: node.NewID()}
	ask := evidence.Ask{
		OnQuestion: held, Of: evidence.Embassy, Words: evidence.Asking{Whom: "Embassy in Tembuka", Text: "Which company of the gendarmerie would receive the vehicles, and was it at the assemblies in May?"},
		Country: country, Case: id, Fact: "user.abuse_record", Marking: evidence.Amber, Due: today.Add(14),
	}
	other := ask
	other.OnQuestion, other.Of, other.Fact = answered, evidence.Department, ""
	other.Words = evidence.Asking{Whom: "Ministry of Justice, mutual legal assistance", Text: "Does the law of Tembuka bind the use of irritants to a written order?"}
	source := func(kind evidence.Kind, title, says string) evidence.Add {
		return evidence.Add{
			OnItem: evidence.OnItem{Item: node.NewID()}, Country: country, Marking: evidence.Amber, Grade: "B2", Published: today.Add(-20), Kind: kind,
			Details: evidence.Details{Title: title, Says: says},
		}
	}
	reply := source("", "Law on assemblies of Tembuka", "The law asks for a written order of the commander; no register of orders is kept.")
	statement := source(evidence.Statement, "Statement on the gendarmerie of Tembuka", "Alvania refused spare parts for the same vehicles, because the company that uses them is not named.")
	statement.Partner, statement.Details.Source = "XA", "Ministry of Trade of Alvania"
	summary := source(evidence.Summary, "Assemblies in May", "Several people told us that water with an irritant was used on people who were leaving.")
	summary.Asked, summary.Reviewed = "organisations", true
	for _, cmd := range []any{
		ask, other,
		evidence.Hold{OnQuestion: held, Note: "The defence attaché will visit the barracks.", Due: today.Add(30)},
		evidence.TakeAnswer{OnQuestion: answered, Item: reply},
		statement, summary,
	} {
		if err := s.App.Do(ctx, amira, cmd); err != nil {
			return err
		}
	}
	return nil
}
