package dispatch

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// OnPaper names the paper that a command is for.
type OnPaper struct{ Paper string }

// Stream is the paper's stream.
func (o OnPaper) Stream() event.Stream { return event.StreamOf(KindPaper, o.Paper) }

// PaperCommand is one of the commands on papers that sign nothing.
type PaperCommand interface{ Stream() event.Stream }

// Commands on papers.
type (
	// Write begins a paper, or says what its draft says from now on. Kind and
	// From count at the beginning alone.
	Write struct {
		OnPaper
		Kind     Kind
		From     From
		Content  Content
		Handling Handling
	}
	// CheckHarm is a second person's harm check of the draft as it stands.
	CheckHarm struct {
		OnPaper
		Answers Answers
		Note    string
	}
	// ReadPerson is the second reading of a draft that names a natural person.
	ReadPerson struct{ OnPaper }
	// Drop ends a draft that was never issued.
	Drop struct{ OnPaper }
	// Issue signs the draft and gives it to its audience.
	Issue struct{ OnPaper }
	// Narrow gives what was issued to fewer states.
	Narrow struct {
		OnPaper
		Audience []string
	}
	// Revoke says that what was issued does not stand any more, for good.
	Revoke struct{ OnPaper }
	// Recall takes what was issued back from states. Why stays with us.
	Recall struct {
		OnPaper
		From     []string
		Disposal string // erase, withhold, keep-metadata
		Why      string
	}
)

// Facts are what commands on papers rest on beside the paper.
type Facts struct {
	Actor   string
	Now     time.Time
	Summary string // what the reviewed summary says that the paper is raised from
	// Of issuing: the other members; the procedure that it is under and who has
	// accepted it; what it passes on.
	Members   []string
	Procedure *Rules
	Accepted  []string
	Passes    *Passing
	Dry       bool // who would get it, checked for harm or not
}

// Passing is another state's statement that a paper passes on.
type Passing struct {
	Issuer    string
	TLP       string
	Procedure *Rules   // it was shared under, nil for none
	Consent   bool     // its issuer has said yes
	Have      []string // states that have it from its issuer
}

func (f Facts) today() deadline.Date { return deadline.DateOf(f.Now, time.UTC) }

// DecidePaper turns a command that signs nothing into events, or says why it
// can't be done.
func DecidePaper(p *Paper, cmd PaperCommand, f Facts) ([]event.New, error) {
	own := cmd.Stream()
	if w, ok := cmd.(Write); ok {
		return write(p, w, f)
	}
	switch {
	case p.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case p.Ended != nil:
		return nil, fault.New(fault.Blocked, "dispatch.ended")
	}
	last, issued := p.Last()
	one := func(e event.Event) ([]event.New, error) { return []event.New{{Stream: own, Event: e}}, nil }
	switch c := cmd.(type) {
	case CheckHarm:
		e := invalid()
		switch {
		case issued && last.Draft == p.Draft:
			return nil, fault.New(fault.Blocked, "dispatch.issued_already")
		case p.Check != nil && p.Check.Draft == p.Draft:
			return nil, fault.New(fault.Blocked, "dispatch.checked_already")
		case slices.Contains(p.Writers, f.Actor):
			return nil, fault.New(fault.Denied, "dispatch.second_person")
		}
		oneOf(e, "consent", c.Answers.Consent, Consents)
		if !party.Bounded(c.Note, maxText) {
			e.Field("note", "dispatch.long", "max", maxText)
		}
		if c.Answers.Consent == "not-asked" && strings.TrimSpace(c.Note) == "" {
			e.Field("note", "dispatch.consent_why")
		}
		if err := e.Or(); err != nil {
			return nil, err
		}
		return one(Checked{Draft: p.Draft, Passed: c.Answers.Harmless(), Answers: c.Answers, Note: event.P(own, strings.TrimSpace(c.Note))})
	case ReadPerson:
		switch {
		case len(p.Content.persons()) == 0 || p.Reader != nil:
			return nil, fault.New(fault.Blocked, "dispatch.no_reading")
		case slices.Contains(p.Writers, f.Actor) || p.Check != nil && p.Check.By.Account == f.Actor:
			return nil, fault.New(fault.Denied, "dispatch.second_person")
		}
		return one(Read{p.Draft})
	case Drop:
		if issued {
			return nil, fault.New(fault.Blocked, "dispatch.issued_already")
		}
		return one(Dropped{})
	}
	return nil, fault.New(fault.Internal, "fault.internal")
}

func write(p *Paper, c Write, f Facts) ([]event.New, error) {
	if last, issued := p.Last(); p.Ended != nil || issued && last.Revoked {
		return nil, fault.New(fault.Blocked, "dispatch.ended")
	}
	if p.ID != "" {
		c.Kind, c.From = p.Kind, p.From
	}
	e := invalid()
	if !slices.Contains(append(slices.Clone(Kinds), Reply), c.Kind) {
		e.Field("kind", "dispatch.choose")
	}
	slices.Sort(c.Handling.Audience)
	c.Content.check(c.Kind, f.today(), e)
	c.Handling.check(c.Kind, f.today(), e)
	if before := p.Content.Reply; p.ID != "" && before != nil && c.Content.Reply != nil && (before.As() != c.Content.Reply.As() || before.Object != c.Content.Reply.Object) {
		e.Field("as", "dispatch.reply.fixed") // the next version is one of the same object
	}
	if f.Summary != "" {
		c.protect(f.Summary, e)
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: c.Stream(), Event: Written{Kind: c.Kind, From: c.From, Handling: c.Handling, Content: event.P(c.Stream(), c.Content)}}}, nil
}

// protect keeps a reviewed summary from being passed on: what other states get
// says that there is a reviewed report, how it is graded, and nothing of its
// text, its language or who spoke.
func (c *Write) protect(summary string, e *fault.Error) {
	if c.Handling.Origin != "reviewed-report" {
		e.Field("origin", "dispatch.summary.origin")
	}
	if c.Content.Report != nil && len(c.Content.Report.Basis) > 0 {
		e.Field("basis", "dispatch.summary.basis")
	}
	if c.Handling.TLP == "clear" || c.Handling.TLP == "green" {
		e.Field("tlp", "dispatch.summary.tlp")
	}
	if Repeats(c.Content.Title+" "+c.Content.Text, summary) {
		e.Field("text", "dispatch.summary.text")
	}
}

// Plan is what is to be signed for a version.
type Plan struct {
	Issued            // leaves still empty
	Objects  []Object // what the version says, each a statement of its own
	Removed  []string // states that had it and are sent a recall without a reason
	Notice   []string // states that learn that something exists under the procedure
	Replaces Content  // what the version before said, for objects that go
}

// PlanIssue says what issuing, narrowing or revoking would sign, or why it can't
// be done. It is also the dry run.
func PlanIssue(p *Paper, cmd PaperCommand, f Facts) (*Plan, error) {
	switch {
	case p.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case p.Ended != nil:
		return nil, fault.New(fault.Blocked, "dispatch.ended")
	case p.Erased != nil:
		return nil, fault.New(fault.Blocked, "dispatch.erased")
	}
	last, issued := p.Last()
	if issued && last.Revoked {
		return nil, fault.New(fault.Blocked, "dispatch.ended")
	}
	plan := &Plan{Issued: Issued{Number: len(p.Releases) + 1, Draft: p.Draft, Handling: p.Handling, Created: f.Now, Modified: f.Now}}
	content := p.Content
	if issued {
		plan.Created = last.Created
		content = p.Said
		plan.Replaces = p.Said
	}
	switch c := cmd.(type) {
	case Issue:
		content = p.Content
		if err := p.ready(f); err != nil && !f.Dry {
			return nil, err
		}
	case Narrow:
		if !issued {
			return nil, fault.New(fault.Blocked, "dispatch.not_issued")
		}
		plan.Handling, plan.Modified, plan.Draft = last.Handling, last.Modified, last.Draft
		plan.Handling.Audience = slices.Compact(slices.Sorted(slices.Values(c.Audience)))
		for _, s := range plan.Handling.Audience {
			if !slices.Contains(last.Handling.Audience, s) {
				return nil, invalid().Field("audience", "dispatch.narrow_only")
			}
		}
		if len(plan.Handling.Audience) == len(last.Handling.Audience) {
			return nil, invalid().Field("audience", "dispatch.narrow_none")
		}
	case Revoke:
		if !issued {
			return nil, fault.New(fault.Blocked, "dispatch.not_issued")
		}
		plan.Handling, plan.Draft, plan.Revoked = last.Handling, last.Draft, true
	}
	for _, s := range plan.Handling.Audience {
		if !slices.Contains(f.Members, s) {
			return nil, invalid().Field("audience", "dispatch.not_member", "state", s)
		}
	}
	if _, issues := cmd.(Issue); issues {
		if err := plan.underRules(&content, f); err != nil {
			return nil, err
		}
	}
	if issued {
		for _, s := range p.Have() {
			if !slices.Contains(plan.Handling.Audience, s) {
				plan.Removed = append(plan.Removed, s)
			}
		}
	}
	plan.Objects = Objects(p, &content, plan)
	return plan, nil
}

// ready says what the draft still lacks.
func (p *Paper) ready(f Facts) error {
	last, issued := p.Last()
	if issued && last.Draft == p.Draft {
		return fault.New(fault.Blocked, "dispatch.issued_already")
	}
	if len(p.Handling.Audience) == 0 {
		return invalid().Field("audience", "dispatch.nobody")
	}
	e := invalid()
	p.Content.check(p.Kind, f.today(), e)
	p.Handling.check(p.Kind, f.today(), e)
	if err := e.Or(); err != nil {
		return err // a day has passed since it was written
	}
	if p.Content.Bare() {
		return nil
	}
	switch {
	case p.Check == nil || p.Check.Draft != p.Draft:
		return fault.New(fault.Blocked, "dispatch.unchecked")
	case !p.Check.Passed:
		return fault.New(fault.Blocked, "dispatch.harmful")
	case len(p.Content.persons()) > 0 && p.Reader == nil:
		return fault.New(fault.Blocked, "dispatch.unread")
	}
	return nil
}

// underRules holds the version to the procedure it is shared under, and what it
// passes on to the procedure of that.
func (plan *Plan) underRules(c *Content, f Facts) error {
	h := &plan.Handling
	if h.Procedure != "" && (c.Reply == nil || c.Reply.Object != h.Procedure) {
		r := f.Procedure
		if r == nil {
			return invalid().Field("procedure", "dispatch.procedure.unknown")
		}
		if slices.Index(TLPs, h.TLP) < slices.Index(TLPs, r.LowestTLP) {
			return r.refusal(fault.Invalid, "lowest_tlp", "dispatch.procedure.tlp")
		}
		for _, purpose := range h.Purposes {
			if !slices.Contains(r.Purposes, purpose) {
				return r.refusal(fault.Invalid, "purpose", "dispatch.procedure.purpose")
			}
		}
		var keep []string
		for _, s := range h.Audience {
			if slices.Contains(f.Accepted, s) {
				keep = append(keep, s)
			} else {
				plan.Left = append(plan.Left, s)
			}
		}
		h.Audience = keep
		if h.Notice {
			plan.Notice = plan.Left
		}
	}
	if pass := f.Passes; pass != nil {
		if c.Reply != nil {
			return pass.answers(h)
		}
		return pass.allows(h)
	}
	return nil
}

// allows says whether another's statement may be passed on to an audience. To
// its issuer alone it always may: they know it.
func (x *Passing) allows(h *Handling) error {
	if slices.Equal(h.Audience, []string{x.Issuer}) || x.Consent {
		return nil
	}
	if slices.Index(TLPs, h.TLP) < slices.Index(TLPs, x.TLP) {
		return invalid().Field("tlp", "dispatch.marked_down", "tlp", strings.ToUpper(x.TLP))
	}
	if x.Procedure != nil && x.Procedure.Onward == "free" {
		return nil
	}
	if x.Procedure != nil {
		return x.Procedure.refusal(fault.Blocked, "onward", "dispatch.procedure.onward")
	}
	return fault.New(fault.Blocked, "dispatch.consent_needed", "state", x.Issuer)
}

// answers says whether an answer of our own may go to an audience: to those who
// have the statement, marked no lower than it.
func (x *Passing) answers(h *Handling) error {
	if slices.Index(TLPs, h.TLP) < slices.Index(TLPs, x.TLP) {
		return invalid().Field("tlp", "dispatch.marked_down", "tlp", strings.ToUpper(x.TLP))
	}
	for _, s := range h.Audience {
		if s != x.Issuer && !slices.Contains(x.Have, s) {
			return invalid().Field("audience", "dispatch.reply.audience", "state", s)
		}
	}
	return nil
}

// MayRelay says whether a state that has a paper may hand it to another of its
// audience that cannot reach us. What is for named people goes by no third hand;
// under a procedure both must have accepted it, and what it says of passing on
// holds: free, or with the consent that we gave the relay.
func MayRelay(h Handling, r *Rules, accepted []string, consent bool, relay, to string) bool {
	switch {
	case h.TLP == "red":
		return false
	case h.Procedure == "":
		return true
	case r == nil || r.Status == "ended" || !slices.Contains(accepted, relay) || !slices.Contains(accepted, to):
		return false
	}
	return r.Onward == "free" || r.Onward == "consent" && consent
}

// refusal names the paragraph that a refusal rests on.
func (r *Rules) refusal(code fault.Code, rule, key string) error {
	p, ok := r.Of(rule)
	if !ok {
		p = Paragraph{Number: r.Number}
	}
	return fault.New(code, key, "procedure", r.Number, "paragraph", p.Number, "text", p.Text)
}

// PlanRecall says which states a recall goes to.
func PlanRecall(p *Paper, c Recall) ([]string, error) {
	if _, issued := p.Last(); !issued {
		return nil, fault.New(fault.Blocked, "dispatch.not_issued")
	}
	e := invalid()
	oneOf(e, "disposal", c.Disposal, []string{"erase", "withhold", "keep-metadata"})
	want(e, "why", c.Why, maxText)
	have := p.Have()
	from := slices.Compact(slices.Sorted(slices.Values(c.From)))
	for _, s := range from {
		if !slices.Contains(have, s) {
			e.Field("from", "dispatch.has_not", "state", s)
		}
	}
	if len(from) == 0 {
		e.Field("from", "dispatch.recall_whom")
	}
	return from, e.Or()
}
