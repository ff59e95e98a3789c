package authority

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// recommendCommand reads the outcome of every line, its grounds, and the
// conditions: those of the pack's library and one's own.
func recommendCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	bad := fault.New(fault.Invalid, "assessment.invalid")
	c := licensing.Recommend{On: licensing.On{Case: s.ID()}, Grant: grantIn(s, f.Get("grant")), Reasons: strings.TrimSpace(f.Get("reasons")), WithoutAdvice: strings.TrimSpace(f.Get("without"))}
	var issued, undertaken []string
	keys := s.answered(f)
	for _, l := range s.Case.App().Lines {
		key := keys[l.ID]
		o := licensing.LineOutcome{Line: l.ID, Outcome: licensing.Outcome(f.Get("outcome." + key))}
		switch o.Outcome {
		case licensing.Issue:
			issued = append(issued, l.ID)
		case licensing.Undertaken:
			undertaken = append(undertaken, l.ID)
		case licensing.RefuseLine:
			if o.Grounds = f["grounds."+key]; len(o.Grounds) == 0 && !hasField(bad, "grounds."+key) {
				bad.Field("grounds."+key, "licensing.outcome.grounds")
			}
		case "":
			outcomeMissing(bad, key)
		}
		c.Outcomes = append(c.Outcomes, o)
	}
	if len(issued) > 0 {
		c.Conditions = s.Kind.Required(s.Case.App(), issued)
	}
	c.Conditions = append(c.Conditions, s.libraryConditions(r.Context(), f["conditions"], append(issued, undertaken...))...)
	c.Conditions = append(c.Conditions, ownConditions(f, bad)...)
	if c.Reasons == "" {
		bad.Field("reasons", "licensing.reason.missing")
	}
	if len(s.Case.Outstanding()) > 0 && c.WithoutAdvice == "" {
		bad.Field("without", "deciding.without.missing")
	}
	return c, bad.Or()
}

// grantable are the kinds as which what was applied for can be issued; none where
// there is no choice.
func (s *sheet) grantable() []ui.Option {
	if len(s.Kind.Narrower) == 0 {
		return nil
	}
	out := []ui.Option{{Value: s.Kind.ID, Text: s.Kind.Title, Hint: s.Kind.Fits}}
	for _, id := range s.Kind.Narrower {
		k, _ := s.Kinds.Of(id)
		out = append(out, ui.Option{Value: id, Text: k.Title, Hint: k.Fits})
	}
	return out
}

// kindTitle is what a kind is called.
func (v *caseView) kindTitle(id string) string {
	k, _ := v.Kinds.Of(id)
	return k.Title
}

// grantIn is the kind that was chosen, where it is not the one applied for.
func grantIn(s *sheet, chosen string) string {
	if chosen == s.Kind.ID {
		return ""
	}
	return chosen
}

// conditionTypes says what the conditions of the pack's library limit or ask.
// One that is not here is of the type "other": its words say it.
var conditionTypes = map[string]licensing.ConditionType{
	"named-sites": licensing.AtSite, "feature-removed": licensing.ModulesDisabled, "audit-log": licensing.Logs, "serial-tracking": licensing.Serials,
	"usage-report": licensing.Reports, "no-military": licensing.WithoutTransfer, "compliance-programme": licensing.Reports,
}

// libraryConditions are conditions of the pack for those issued lines that they
// suit.
func (s *sheet) libraryConditions(ctx context.Context, ids, issued []string) []licensing.Condition {
	var out []licensing.Condition
	for _, k := range s.library() {
		if !slices.Contains(ids, k.ID) {
			continue
		}
		c := licensing.Condition{
			ID: k.ID, Type: conditionTypes[k.ID], Who: "licensee", What: k.Text, Verify: k.Check, EveryDays: k.Every,
			Consequence: lang.From(ctx).T("deciding.condition.consequence_default"),
		}
		if c.Type == "" {
			c.Type = licensing.OtherCondition
		}
		for _, l := range issued {
			if s.suits(k.ID, l) {
				c.Lines = append(c.Lines, l)
			}
		}
		if len(c.Lines) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// library are the conditions of the pack that suit any line, in its order.
func (s *sheet) library() []policy.Condition {
	var out []policy.Condition
	for _, k := range s.Pack.Document().Conditions {
		for _, l := range s.lines() {
			if s.suits(k.ID, l.Line) {
				out = append(out, k)
				break
			}
		}
	}
	return out
}

func (s *sheet) suits(condition, line string) bool {
	return slices.ContainsFunc(s.line(line).Conditions, func(k policy.Condition) bool { return k.ID == condition })
}

// conditionRows is how many conditions of one's own the form takes at once.
const conditionRows = 3

// ownConditions reads conditions in one's own words. Each says who must do what,
// how anyone can tell and what follows if not, or is refused by the part that is
// missing.
func ownConditions(f url.Values, bad *fault.Error) []licensing.Condition {
	var out []licensing.Condition
	for i := range conditionRows {
		name := "own." + strconv.Itoa(i+1)
		get := func(part string) string { return strings.TrimSpace(f.Get(name + "." + part)) }
		if get("type")+get("what")+get("verify") == "" {
			continue
		}
		number, _ := licensing.ParseQuantity(get("number"))
		every, _ := strconv.Atoi(get("every"))
		c := licensing.Condition{
			ID: "own-" + strconv.Itoa(i+1), Type: licensing.ConditionType(get("type")), Lines: f[name+".lines"], Who: "licensee", What: get("what"), Unit: get("unit"),
			Number: int64(number), EveryDays: every, Until: dayIn(f, name+".until", bad), Verify: get("verify"), Consequence: get("consequence"),
		}
		if who := get("who"); who != "" {
			c.Who = who
		}
		for _, x := range []struct{ part, value string }{{"type", string(c.Type)}, {"what", c.What}, {"verify", c.Verify}, {"consequence", c.Consequence}} {
			if x.value == "" {
				bad.Field(name+"."+x.part, "deciding.condition.missing."+x.part)
			}
		}
		switch c.Type {
		case licensing.MaxQuantity:
			if c.Number == 0 || c.Unit == "" {
				bad.Field(name+".number", "deciding.condition.missing.number")
			}
		case licensing.Retention:
			if c.Number == 0 {
				bad.Field(name+".number", "deciding.condition.missing.number")
			}
			c.Number, c.Unit = c.Number/1000, "days"
		case licensing.Reports, licensing.Logs:
			if c.EveryDays < 1 {
				bad.Field(name+".every", "deciding.condition.missing.every")
			}
		}
		out = append(out, c)
	}
	return out
}

func countersignCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	c := licensing.Countersign{On: licensing.On{Case: s.ID()}, Reasons: strings.TrimSpace(r.PostForm.Get("reasons"))}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	switch r.PostForm.Get("agree") {
	case "yes":
		c.Agree = true
	case "no":
		if c.Reasons == "" {
			bad.Field("reasons", "licensing.reason.missing")
		}
	default:
		bad.Field("agree", "deciding.sign.missing")
	}
	return c, bad.Or()
}

func intendCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	c := licensing.IntendToRefuse{On: licensing.On{Case: s.ID()}, Lines: f["lines"]}
	c.Reasons, c.Withheld = toldIn(f, s.refusedGrounds())
	bad := fault.New(fault.Invalid, "assessment.invalid")
	if len(c.Lines) == 0 {
		bad.Field("lines", "licensing.intention.lines")
	}
	if len(c.Reasons) == 0 {
		for _, g := range s.refusedGrounds() {
			bad.Field("told."+g, "deciding.told.missing")
			break
		}
	}
	return c, bad.Or()
}

func weighCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	c := licensing.WeighReply{On: licensing.On{Case: s.ID()}, Text: strings.TrimSpace(r.PostForm.Get("text")), NewFacts: r.PostForm.Get("new") == "yes"}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	if c.Text == "" {
		bad.Field("text", "licensing.reason.missing")
	}
	if r.PostForm.Get("new") == "" {
		bad.Field("new", "deciding.weigh.new_missing")
	}
	return c, bad.Or()
}

// decideCommand reads a decision. Each line's outcome is chosen anew; grounds and
// conditions are those that were recommended and countersigned, for the domain
// takes no others.
func decideCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	bad := fault.New(fault.Invalid, "assessment.invalid")
	c := licensing.DecideCase{On: licensing.On{Case: s.ID()}, Reasons: strings.TrimSpace(f.Get("reasons")), Redress: redress(s.Pack)}
	if s.Case.Proposal != nil {
		c.Conditions = s.Case.Proposal.Conditions
	}
	c.Direction = f.Get("direction")
	directed := map[string]licensing.LineOutcome{}
	if x := s.Case.Direction(); x != nil && x.ID == c.Direction {
		for _, o := range x.Outcomes {
			directed[o.Line] = o
		}
	}
	issues, refuses := false, false
	keys := s.answered(f)
	for _, l := range s.Case.App().Lines {
		o := licensing.LineOutcome{Line: l.ID, Outcome: licensing.Outcome(f.Get("outcome." + keys[l.ID]))}
		switch {
		case o.Outcome == "":
			outcomeMissing(bad, keys[l.ID])
		case directed[l.ID].Outcome == o.Outcome:
			o.Grounds = directed[l.ID].Grounds
		case s.proposed(l.ID).Outcome == o.Outcome:
			o.Grounds = s.proposed(l.ID).Grounds
		case o.Outcome == licensing.RefuseLine:
			o.Grounds = s.refusable(l.ID)
		}
		issues, refuses = issues || o.Outcome == licensing.Issue, refuses || o.Outcome == licensing.RefuseLine
		c.Outcomes = append(c.Outcomes, o)
	}
	c.ToApplicant, c.Withheld = toldIn(f, s.refusedGrounds())
	if text := strings.TrimSpace(f.Get("told.answer")); s.answers() && text != "" {
		c.ToApplicant = append(c.ToApplicant, licensing.ReleasedReason{Ground: licensing.AnswerGround, Text: text})
	}
	for _, o := range s.objections() {
		if text := strings.TrimSpace(f.Get(o.name())); text != "" {
			c.AgainstAdviser = append(c.AgainstAdviser, licensing.GroundReason{Advice: o.Advice, Ground: o.Ground, Reason: text})
		}
	}
	if s.replied() && len(s.refusedLines()) > 0 {
		c.Weighed = weighedIn(f, bad)
		if refuses && len(c.Weighed) == 0 {
			bad.Field("weighed.1.point", "licensing.reply.untold")
		}
	}
	if c.Reasons == "" {
		bad.Field("reasons", "licensing.reason.missing")
	}
	if issues {
		from, until := dayIn(f, "from", bad), dayIn(f, "until", bad)
		if from == "" && !hasField(bad, "from") {
			bad.Field("from", "deciding.validity.from")
		}
		if until == "" && !hasField(bad, "until") {
			bad.Field("until", "deciding.validity.until")
		}
		code, err := checkCode()
		if err != nil {
			return nil, err
		}
		c.Licence = &licensing.NewLicence{ID: node.NewID(), Code: code, From: from, Until: until}
	}
	return c, bad.Or()
}

// outcomeMissing marks a question without an outcome, once for all its lines.
func outcomeMissing(bad *fault.Error, key string) {
	if name := "outcome." + key; !hasField(bad, name) {
		bad.Field(name, "deciding.outcome.missing")
	}
}

// weighedRows is how many points of a reply the form answers.
const weighedRows = 6

// replied tells whether the applicant replied to an intention to refuse.
func (s *sheet) replied() bool { return s.Case.Intended != nil && len(s.Case.Intended.Replies) > 0 }

// weighedIn reads what the applicant is told of their reply; half a point is none.
func weighedIn(f url.Values, bad *fault.Error) []licensing.WeighedPoint {
	var out []licensing.WeighedPoint
	for n := 1; n <= weighedRows; n++ {
		name := "weighed." + strconv.Itoa(n)
		p := licensing.WeighedPoint{Point: strings.TrimSpace(f.Get(name + ".point")), Answer: strings.TrimSpace(f.Get(name + ".answer"))}
		switch {
		case p.Point == "" && p.Answer == "":
			continue
		case p.Point == "":
			bad.Field(name+".point", "deciding.weighed.point_missing")
		case p.Answer == "":
			bad.Field(name+".answer", "deciding.weighed.answer_missing")
		}
		out = append(out, p)
	}
	return out
}

// refusable are the tests on which a refusal of a line could rest.
func (s *sheet) refusable(line string) []string {
	for _, o := range s.line(line).Options {
		if o.Outcome == "refuse" {
			return o.Rules
		}
	}
	return nil
}

// redress names the text of the pack that says how a decision can be challenged.
func redress(p *policy.Pack) string {
	if _, ok := p.Period("appeal_period"); !ok {
		return ""
	}
	return p.ID() + "@" + p.Version() + "/appeal_period"
}

// A check code is 20 letters of five bits each, in groups of four.
const codeLetters, codeGroup = 20, 4

// checkCode makes the code by which anybody can check a licence: 20 letters of
// an alphabet that survives being read out, 100 bits, in groups of four. It is
// printed in the letter and stored nowhere.
func checkCode() (string, error) {
	raw := make([]byte, codeLetters*5/8+1)
	if _, err := rand.Read(raw); err != nil {
		return "", fault.Wrap(err, "authority: check code")
	}
	text := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(raw)[:codeLetters]
	var groups []string
	for i := 0; i < codeLetters; i += codeGroup {
		groups = append(groups, text[i:i+codeGroup])
	}
	code := strings.Join(groups, "-")
	if _, ok := licensing.NormalCode(code); !ok {
		return "", errors.New("authority: a check code that is none")
	}
	return code, nil
}

func hasField(e *fault.Error, name string) bool {
	return slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == name || strings.HasPrefix(f.Name, name+".") })
}

// inForm turns the fields that a refusal names by their place in the command
// into the inputs of the form, of which keys tells how it asked about each line.
func inForm(err error, cmd any, keys map[string]string) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return err
	}
	var told []licensing.ReleasedReason
	var outcomes []licensing.LineOutcome
	switch c := cmd.(type) {
	case licensing.IntendToRefuse:
		told = c.Reasons
	case licensing.DecideCase:
		told, outcomes = c.ToApplicant, c.Outcomes
	case licensing.Recommend:
		outcomes = c.Outcomes
	default:
		return err
	}
	copied := *f
	copied.Fields = slices.Clone(f.Fields)
	for i := range copied.Fields {
		name := &copied.Fields[i].Name
		kind, place, _ := strings.Cut(*name, ".")
		n, bad := strconv.Atoi(place)
		switch {
		case bad != nil:
		case kind == "reasons" && n < len(told):
			*name = "told." + told[n].Ground
		case kind == "outcomes" && n < len(outcomes):
			*name = "outcome." + keys[outcomes[n].Line]
		}
	}
	return &copied
}
