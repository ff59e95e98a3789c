package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
)

// Assure seeks the Code's three assurances from a party. Where the check that
// would verify it was made, it is recorded as verified.
func (s *State) Assure(ctx context.Context, id, from, text string, verified bool, lines ...string) error {
	liv, assurance := s.Actors["liv"], node.NewID()
	on := licensing.On{Case: id}
	if err := s.App.Do(ctx, liv, licensing.SeekAssurance{
		On: on, Assurance: assurance, From: from, Clauses: licensing.Clauses, Lines: lines, How: "note verbale",
		Text: "The item will not be misused, re-exported or transferred so that serious violations or abuses of human rights result.",
	}); err != nil {
		return fmt.Errorf("demo: seek an assurance: %w", err)
	}
	record := licensing.RecordAssurance{On: on, Assurance: assurance, Text: text, Check: "Count of serial numbers and audit of the log, yearly"}
	for _, c := range licensing.Clauses {
		record.Replies = append(record.Replies, licensing.ClauseReply{Clause: c, Reply: licensing.Given})
	}
	record.Signatory = &licensing.Signatory{
		ID: node.NewID(), Names: []party.Name{{Text: "Deputy minister (made up)"}},
		Record: &party.Record{Function: "signatory of an assurance", Source: "the assurance itself", Purpose: "licence application", RetainUntil: "2036-12-31"},
	}
	if verified {
		record.Signatory.Authority = "Appointment published in the gazette of 3 March 2026"
	}
	if err := s.App.Do(ctx, liv, record); err != nil {
		return fmt.Errorf("demo: record an assurance: %w", err)
	}
	if !verified {
		return nil
	}
	return s.App.Do(ctx, s.Actors["vidar"], licensing.VerifyAssurance{
		On: on, Assurance: assurance, Result: licensing.Verified, Evidence: "Signature and office confirmed at the ministry; log of the installed gateway inspected by video.",
		Day: deadline.DateOf(s.App.Now(), nil),
	})
}

// Advise asks departments and gives the advice of the adviser and of the
// foreign ministry, the same view of every line unless a line is named.
func (s *State) Advise(ctx context.Context, id string, views map[string]licensing.AdviceKind, words string) error {
	on := licensing.On{Case: id}
	if err := s.App.Do(ctx, s.Actors["liv"], licensing.AskAdvice{On: on, Departments: []string{"human_rights", "foreign"}}); err != nil {
		return fmt.Errorf("demo: ask advice: %w", err)
	}
	for _, d := range []struct{ who, department string }{{"amira", "human_rights"}, {"fatou", "foreign"}} {
		cmd := licensing.GiveAdvice{On: on, Advice: node.NewID(), Department: d.department, Role: s.Actors[d.who].Roles[0], Text: words}
		for _, line := range sortedLines(views) {
			v := licensing.View{Line: line, Advice: views[line]}
			switch v.Advice {
			case licensing.Refuse:
				v.Grounds = []licensing.Ground{{ID: "G-" + line, Rule: "CP2-a", Text: words}}
			case licensing.ApproveWithCondition:
				v.Condition = "Capacity of at most 500 targets, a log kept for three years, the identifier of a warrant as a mandatory field."
			}
			cmd.Views = append(cmd.Views, v)
		}
		if err := s.App.Do(ctx, s.Actors[d.who], cmd); err != nil {
			return fmt.Errorf("demo: advice of %s: %w", d.department, err)
		}
	}
	return nil
}

// Recommend proposes outcomes, and a second person signs where sign is given.
func (s *State) Recommend(ctx context.Context, id string, outcomes []licensing.LineOutcome, conditions []licensing.Condition, reasons, sign string) error {
	on := licensing.On{Case: id}
	if err := s.App.Do(ctx, s.Actors["liv"], licensing.Recommend{On: on, Outcomes: outcomes, Conditions: conditions, Reasons: reasons}); err != nil {
		return fmt.Errorf("demo: recommend: %w", err)
	}
	if sign == "" {
		return nil
	}
	return s.App.Do(ctx, s.Actors[sign], licensing.Countersign{On: on, Agree: true})
}

// Intend tells the applicant what is intended.
func (s *State) Intend(ctx context.Context, id string, lines []string, told []licensing.ReleasedReason, withheld []licensing.Withheld) error {
	return s.App.Do(ctx, s.Actors["liv"], licensing.IntendToRefuse{On: licensing.On{Case: id}, Lines: lines, Reasons: told, Withheld: withheld})
}

// Reply sends the applicant's reply and has it weighed.
func (s *State) Reply(ctx context.Context, id string, who access.Actor, text, weighed string) error {
	on := licensing.On{Case: id}
	if err := s.App.Do(ctx, who, licensing.ApplicantReplies{On: on, Text: text}); err != nil {
		return err
	}
	return s.App.Do(ctx, s.Actors["liv"], licensing.WeighReply{On: on, Text: weighed})
}

// Decide decides the case as a person, with a licence where a line is issued.
func (s *State) Decide(ctx context.Context, id string, who access.Actor, cmd licensing.DecideCase) error {
	cmd.On = licensing.On{Case: id}
	for _, o := range cmd.Outcomes {
		if o.Outcome == licensing.Issue && cmd.Licence == nil {
			from := deadline.DateOf(s.App.Now(), nil)
			cmd.Licence = &licensing.NewLicence{ID: node.NewID(), Code: NewCode(), From: from, Until: from.Add(730)}
		}
	}
	return s.App.Do(ctx, who, cmd)
}

// NewCode makes a random check code of 100 bits, in groups that can be read out.
func NewCode() string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, 20)
	if _, err := rand.Read(b); err != nil {
		panic(err) // crypto/rand does not fail on the systems we run on
	}
	out := ""
	for i, x := range b {
		if i > 0 && i%5 == 0 {
			out += "-"
		}
		out += string(letters[x%32])
	}
	return out
}

func sortedLines(m map[string]licensing.AdviceKind) []string { return slices.Sorted(maps.Keys(m)) }
