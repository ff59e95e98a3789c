package demo

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/policy"
)

// Take has the coordinator give the case to an officer, and the lists searched.
func (s *State) Take(ctx context.Context, id string, officer access.Actor) error {
	if err := s.App.ScreenCase(ctx, id); err != nil {
		return err
	}
	return s.App.Do(ctx, s.Actors["carl"], licensing.Assign{On: licensing.On{Case: id}, Officer: officer.Account})
}

// Classify confirms what each line is and how severe its misuse would be.
func (s *State) Classify(ctx context.Context, id string, in *assessment.Input) error {
	for _, l := range in.Lines {
		if k := l.Confirmed; k != nil {
			if err := s.App.Do(ctx, s.Actors["tone"], assessment.Classify{
				Case: id, Line: l.ID, Category: k.Category, Listed: k.Listed, Codes: k.Codes, List: k.List, Reason: or(k.Reason, "By the technical sheet and the deciding paragraph of the list."),
			}); err != nil {
				return fmt.Errorf("demo: classify %s: %w", l.ID, err)
			}
		}
		if l.Severity.Max() > 0 {
			if err := s.App.Do(ctx, s.Actors["liv"], assessment.JudgeSeverity{Case: id, Line: l.ID, Severity: l.Severity, Reason: "What the item does to those it is used on, and how many they are."}); err != nil {
				return fmt.Errorf("demo: severity %s: %w", l.ID, err)
			}
		}
	}
	return nil
}

// Resolve answers every open hit: as the example says, else as a different
// party.
func (s *State) Resolve(ctx context.Context, id string, in *assessment.Input) error {
	f, err := s.App.CaseFile(ctx, s.Actors["liv"], id)
	if err != nil {
		return err
	}
	for _, h := range f.Assessment.Hits {
		if !h.Open() {
			continue
		}
		cmd := assessment.ResolveHit{Case: id, Hit: h.ID, Outcome: assessment.Different, Reason: "Other country, other activity, other people; nothing but a common word agrees."}
		for _, told := range in.Hits {
			if told.Party == h.Party && told.List == h.List && told.Entry == h.Entry {
				cmd.Outcome, cmd.Reason = told.Outcome, told.Reason
			}
		}
		if err := s.App.Do(ctx, s.Actors["liv"], cmd); err != nil {
			return fmt.Errorf("demo: hit %s: %w", h.Details.Shown, err)
		}
	}
	return nil
}

// Facts records the example's answers, by the adviser.
func (s *State) Facts(ctx context.Context, id string, in *assessment.Input) error {
	today := policy.DateOf(s.App.Now())
	for _, a := range in.Answers {
		a.Date = min(a.Date, today) // an example may be dated after the demonstration's day
		if err := s.App.Do(ctx, s.Actors["amira"], assessment.RecordFact{Case: id, ID: node.NewID(), Answer: a}); err != nil {
			return fmt.Errorf("demo: fact %s: %w", a.Fact, err)
		}
	}
	if len(in.Groups) == 0 {
		return nil
	}
	return s.App.Do(ctx, s.Actors["amira"], assessment.StateGroups{Case: id, Groups: in.Groups, Reason: "By the reports on record and the stated use."})
}

// View records the adviser's own view; grounds are the rules met for the lines
// that the adviser would refuse.
func (s *State) View(ctx context.Context, id string, likelihood assessment.Likelihood, severity int, worry string, refuse ...string) error {
	cmd := assessment.RecordView{Case: id, Likelihood: likelihood, Severity: severity, Worry: worry, Refuse: refuse}
	if len(refuse) > 0 {
		cmd.Grounds = []assessment.ViewGround{{ID: "G1", Rule: "CP2-a", Text: worry}}
	}
	return s.App.Do(ctx, s.Actors["amira"], cmd)
}

// Complete makes every finding that the rules ask for, on the facts that are
// there, and completes the assessment.
func (s *State) Complete(ctx context.Context, id string) error {
	amira := s.Actors["amira"]
	f, err := s.App.CaseFile(ctx, amira, id)
	if err != nil {
		return err
	}
	report, err := s.App.Report(ctx, f)
	if err != nil {
		return err
	}
	e, err := s.App.Engines(ctx)
	if err != nil {
		return err
	}
	var findings []assessment.FindingInput
	for _, l := range report.Lines {
		for _, x := range l.Findings {
			if !x.Force.Binding() || x.Aside != "" {
				continue
			}
			in := assessment.FindingInput{Line: l.Line, Rule: x.Rule, Status: x.Status, Reason: "On the facts recorded."}
			for _, name := range e.Pack.RuleFacts(x.Rule) {
				if fact, ok := l.Facts[name]; ok && fact.Value.Known() && fact.Date != "" {
					in.Facts = append(in.Facts, name)
				}
			}
			if len(in.Facts) == 0 {
				in.Search = "case file, lists in use, reports of UN bodies and of the embassy, November 2026"
			}
			findings = append(findings, in)
		}
	}
	if len(findings) > 0 {
		if err := s.App.Do(ctx, amira, assessment.MakeFindings{Case: id, Findings: findings}); err != nil {
			return fmt.Errorf("demo: findings: %w", err)
		}
	}
	return s.App.Do(ctx, amira, assessment.Complete{Case: id})
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
