package volume

import (
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
)

// conclude brings an assessed case to advice, recommendation and decision, as
// far as its fate goes.
func (c *aCase) conclude(out []func(*node.Many) error) []func(*node.Many) error {
	g, p := c.g, c.g.people
	do := func(actor access.Actor, cmd any) { out = append(out, c.give(actor, cmd)) }
	refuse := map[string]bool{}
	for _, l := range c.refusedLines() {
		refuse[l] = true
	}
	if c.grave || c.fate == advised || c.fate == toRecommend || g.chance(30) {
		departments := []string{"foreign"}
		if c.grave {
			departments = append(departments, "human_rights")
		}
		do(c.officer, licensing.AskAdvice{On: c.on(), Departments: departments})
		if c.fate == advised {
			return out
		}
		for _, d := range departments {
			actor := p.foreign
			if d == "human_rights" {
				actor = p.adviser
			}
			cmd := licensing.GiveAdvice{On: c.on(), Advice: g.id(), Department: d, Role: actor.Roles[0], Text: "By the reports we hold and the use that is stated."}
			for _, l := range c.app.Lines {
				v := licensing.View{Line: l.ID, Advice: licensing.Approve}
				if refuse[l.ID] {
					v.Advice, v.Grounds = licensing.Refuse, []licensing.Ground{{ID: "G1", Rule: "CP2-a", Text: "The unit has a record."}}
				}
				cmd.Views = append(cmd.Views, v)
			}
			do(actor, cmd)
		}
	}
	if c.fate == toRecommend || c.fate == advised {
		return out
	}
	var outcomes []licensing.LineOutcome
	issue := false
	for _, l := range c.app.Lines {
		o := licensing.LineOutcome{Line: l.ID, Outcome: licensing.Issue}
		if refuse[l.ID] {
			o.Outcome, o.Grounds = licensing.RefuseLine, []string{"CP2-a"}
		}
		issue = issue || o.Outcome == licensing.Issue
		outcomes = append(outcomes, o)
	}
	do(c.officer, licensing.Recommend{On: c.on(), Outcomes: outcomes, Reasons: "By the assessment and the advice given."})
	if c.fate == toSign && g.chance(50) {
		return out
	}
	do(p.senior, licensing.Countersign{On: c.on(), Agree: true})
	if c.fate == toSign {
		return out
	}
	var told []licensing.ReleasedReason
	var weighed []licensing.WeighedPoint
	if len(refuse) > 0 {
		told = []licensing.ReleasedReason{{Ground: "CP2-a", Text: "There is a clear risk that the items might be used for internal repression.", Rests: []string{"CP2-a"}}}
		do(c.officer, licensing.IntendToRefuse{On: c.on(), Lines: c.refusedLines(), Reasons: told})
		if c.fate == intended {
			return out
		}
		do(c.exporter, licensing.ApplicantReplies{On: c.on(), Text: "The end user has promised to obey the law."})
		do(c.officer, licensing.WeighReply{On: c.on(), Text: "A promise without a check does not change the test."})
		weighed = []licensing.WeighedPoint{{Point: "The end user has promised to obey the law.", Answer: "A promise that nobody can check leaves the ground as it was."}}
	}
	if c.fate == intended {
		return out
	}
	licence, code := g.id(), g.code()
	if issue {
		c.fresh = append(c.fresh, event.StreamOf(licensing.KindLicence, licence))
	}
	return append(out, func(m *node.Many) error {
		cmd := licensing.DecideCase{On: c.on(), Outcomes: outcomes, Reasons: "As recommended.", ToApplicant: told, Weighed: weighed, Redress: "2026-11-22"}
		if issue {
			from := deadline.DateOf(m.Now(), nil).Add(1)
			cmd.Licence = &licensing.NewLicence{ID: licence, Code: code, From: from, Until: from.Add(730)}
		}
		return c.give(p.senior, cmd)(m)
	})
}

// code makes a check code of the group's random numbers. It is no secret: the
// case is made up.
func (g *group) code() string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, 20)
	for i := range b {
		b[i] = letters[g.rnd.IntN(len(letters))]
	}
	return fmt.Sprintf("%s-%s-%s-%s", b[:5], b[5:10], b[10:15], b[15:])
}
