package node

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

// registerExchange files the commands on what states say to each other.
func (a *App) registerExchange() {
	handlePrepared(a, openBatch, receive)
	handle(a, grantPassing)
	handle(a, noteUse)
	handle(a, settle)
	handle(a, onPaper[dispatch.Write])
	handle(a, onPaper[dispatch.CheckHarm])
	handle(a, onPaper[dispatch.ReadPerson])
	handle(a, onPaper[dispatch.Drop])
	handle(a, issuePaper[dispatch.Issue])
	handle(a, issuePaper[dispatch.Narrow])
	handle(a, issuePaper[dispatch.Revoke])
	handle(a, recallPaper)
	handle(a, replyWord)
	handle(a, raiseAlert)
	handle(a, considerAlert)
	handle(a, reportNothing)
}

// PaperStream is the stream of a paper, for Expect.
func PaperStream(id string) event.Stream { return event.StreamOf(dispatch.KindPaper, id) }

// onPaper is the way of the commands on a paper that sign nothing.
func onPaper[C dispatch.PaperCommand](t *Tx, cmd C) error {
	p, _, err := load[*dispatch.Paper](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.ExchangeRead, access.ExchangeWrite, access.Thing{Kind: dispatch.KindPaper}); err != nil {
		return err
	}
	f := dispatch.Facts{Actor: t.Actor.Account, Now: t.Now()}
	if w, ok := any(cmd).(dispatch.Write); ok {
		from := p.From
		if p.ID == "" {
			from = w.From
		}
		if f.Summary, err = t.summary(from.Item); err != nil {
			return err
		}
		if err := t.answerable(from.Leaf, w); err != nil {
			return err
		}
	}
	events, err := dispatch.DecidePaper(p, cmd, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// answerable holds a draft in answer to a statement against what is here: it is
// another state's, stands, and is what the answer names.
func (t *Tx) answerable(leaf string, w dispatch.Write) error {
	r := w.Content.Reply
	if r == nil || r.As() == "" {
		return nil
	}
	e, found, err := t.Envelope(leaf)
	switch {
	case err != nil:
		return err
	case !found || e.Own || e.Purpose != string(envelope.ForStatement) || e.Object != r.Object || e.TLP == "red" && !named(t.Actor):
		return fault.New(fault.NotFound, "fault.not_found")
	case e.Sealed == nil || e.State == store.Withheld:
		return fault.New(fault.Blocked, "dispatch.recalled")
	}
	return nil
}

// summary is what a reviewed summary of the library says, where a paper is
// raised from one. Sources of other kinds are told as they are graded.
func (t *Tx) summary(item string) (string, error) {
	if item == "" {
		return "", nil
	}
	i, _, err := load[*evidence.Item](t, ItemStream(item))
	if err != nil {
		return "", err
	}
	switch {
	case i.ID == "" || !access.Can(t.Actor, access.EvidenceRead, itemThing(i)):
		return "", fault.New(fault.NotFound, "fault.not_found")
	case i.Withdrawn != nil:
		return "", fault.New(fault.Blocked, "evidence.withdrawn_already")
	case i.Kind != evidence.Summary:
		return "", nil
	}
	return i.Details.Title + " " + i.Details.Says, nil
}

// issuingFacts are what issuing a paper rests on.
func (t *Tx) issuingFacts(p *dispatch.Paper, l *trust.List) (f dispatch.Facts, err error) {
	f = dispatch.Facts{Actor: t.Actor.Account, Now: t.Now()}
	for _, s := range l.States {
		if s.ID != t.app.cfg.State {
			f.Members = append(f.Members, s.ID)
		}
	}
	if f.Procedure, f.Accepted, err = t.app.procedure(t.Tx, p.Handling.Procedure); err != nil {
		return f, err
	}
	if p.From.Leaf == "" {
		return f, nil
	}
	e, found, err := t.Envelope(p.From.Leaf)
	if err != nil {
		return f, err
	}
	if !found || e.Sealed == nil || e.State == store.Withheld {
		return f, fault.New(fault.Blocked, "dispatch.recalled")
	}
	v, err := t.app.said(t.Tx, e)
	if err != nil {
		return f, err
	}
	f.Passes = &dispatch.Passing{Issuer: e.Issuer, TLP: e.TLP, Have: v.Statement.Handling.Audience}
	if f.Passes.Procedure, _, err = t.app.procedure(t.Tx, procedureOf(v.Object)); err != nil {
		return f, err
	}
	f.Passes.Consent, err = t.ReplyOf(e.Issuer, e.Object, dispatch.WordConsentGiven)
	return f, err
}

// procedureOf is the id of the procedure that an object is shared under.
func procedureOf(o *stix.Object) string {
	h, _ := dispatch.ReadHandling(o)
	return h.Procedure
}

// procedure gives the rules of a procedure that is here, and the states that
// have accepted it: its issuer, and whoever said so and has not left.
func (a *App) procedure(t *store.Tx, object string) (*dispatch.Rules, []string, error) {
	if object == "" {
		return nil, nil, nil
	}
	e, found, err := t.LatestStatement(object)
	if err != nil || !found {
		return nil, nil, err
	}
	v, err := a.said(t, e)
	if err != nil {
		return nil, nil, err
	}
	rules := dispatch.ReadReport(v.Object).Procedure
	if rules == nil {
		return nil, nil, nil
	}
	accepted, err := t.Accepted(object, dispatch.WordAccepted, dispatch.WordLeft)
	return rules, append(accepted, e.Issuer), err
}

// issuePaper signs a version of a paper and gives it to its audience.
func issuePaper[C dispatch.PaperCommand](t *Tx, cmd C) error {
	p, _, err := load[*dispatch.Paper](t, cmd.Stream())
	if err != nil {
		return err
	}
	act := access.ExchangeIssue
	if err := t.Must(access.ExchangeRead, act, access.Thing{Kind: dispatch.KindPaper}); err != nil {
		return err
	}
	l, _, err := t.app.speaker(t.Now())
	if err != nil {
		return err
	}
	f, err := t.issuingFacts(p, l)
	if err != nil {
		return err
	}
	plan, err := dispatch.PlanIssue(p, cmd, f)
	if err != nil {
		return err
	}
	self, _ := l.State(t.app.cfg.State)
	n := int64(len(p.Leaves))
	made := plan.Issued
	for _, o := range plan.Objects {
		leaf, err := t.say(p.ID, n+int64(len(made.Leaves)), o, plan.Handling, self.Identity)
		if err != nil {
			return err
		}
		made.Leaves = append(made.Leaves, leaf)
	}
	back, err := t.takeBack(p, n+int64(len(made.Leaves)), plan.Removed, envelope.Erase)
	if err != nil {
		return err
	}
	made.Leaves = append(made.Leaves, back...)
	if len(plan.Notice) > 0 {
		leaf, err := t.notice(p, n+int64(len(made.Leaves)), plan, self.Identity)
		if err != nil {
			return err
		}
		made.Leaves = append(made.Leaves, leaf)
	}
	return t.Append([]event.New{{Stream: cmd.Stream(), Event: made}})
}

// say issues the next version of an object.
func (t *Tx) say(paper string, n int64, o dispatch.Object, h dispatch.Handling, identity string) (string, error) {
	raw := []byte(`{"created_by_ref":"` + identity + `",` + string(o.Raw[1:]))
	d, err := stix.Read(raw, stix.Limits{})
	if err != nil || len(d.Objects) != 1 {
		return "", fault.Wrap(err, "node: object %s", o.ID)
	}
	st := envelope.Statement{ID: o.ID, Version: 1, Issued: stixTime(t.Now()), Handling: envelope.Handling{TLP: h.TLP, PAP: h.PAP, Audience: h.Audience, ReviewBy: string(h.ReviewBy)}, Object: jsontext.Value(raw)}
	if st.Handling.Audience == nil {
		st.Handling.Audience = []string{}
	}
	before, found, err := t.LatestOwnStatement(o.ID)
	if err != nil {
		return "", err
	}
	if found {
		st.Version, st.Previous = before.Version+1, envelope.Hash(before.Payload)
		if err := t.SetEnvelope(before.ID, store.Replaced); err != nil {
			return "", err
		}
	}
	e := store.Envelope{Purpose: string(envelope.ForStatement), Object: o.ID, Version: st.Version, Kind: d.Objects[0].Type(), TLP: h.TLP, Marks: t.app.marksOf(&d.Objects[0])}
	e.About, e.Word = aboutOf(&d.Objects[0])
	e, err = t.issue(PaperStream(paper), n, h.Audience, e, func(header envelope.Header) any { st.Header = header; return st })
	return e.ID, err
}

// takeBack recalls every object of a paper from states: one recall for each
// state, so that none learns of the others.
func (t *Tx) takeBack(p *dispatch.Paper, n int64, from []string, d envelope.Disposal) (leaves []string, err error) {
	if len(from) == 0 {
		return nil, nil
	}
	rows, err := t.EnvelopesOf(PaperStream(p.ID), true)
	if err != nil {
		return nil, err
	}
	// Up to which version each state has each object: what came later it never
	// sees, not even by its number.
	for _, state := range from {
		had := map[string]int64{}
		for _, e := range rows {
			if e.Purpose != string(envelope.ForStatement) {
				continue
			}
			to, err := t.Recipients(e.Seq)
			if err != nil {
				return nil, err
			}
			if slices.Contains(to, state) {
				had[e.Object] = max(had[e.Object], e.Version)
			}
		}
		objects := make([]string, 0, len(had))
		for o := range had {
			objects = append(objects, o)
		}
		slices.Sort(objects)
		for _, o := range objects {
			r := envelope.Recall{ID: o, Version: had[o], From: []string{state}, Issued: stixTime(t.Now()), Disposal: d}
			e, err := t.issue(PaperStream(p.ID), n+int64(len(leaves)), r.From, store.Envelope{Purpose: string(envelope.ForRecall), Object: o, Version: had[o]},
				func(h envelope.Header) any { r.Header = h; return r })
			if err != nil {
				return nil, err
			}
			leaves = append(leaves, e.ID)
		}
	}
	return leaves, nil
}

// notice tells states that something was shared under a procedure that they have
// not accepted, and nothing of it.
func (t *Tx) notice(p *dispatch.Paper, n int64, plan *dispatch.Plan, identity string) (string, error) {
	about := &dispatch.Paper{ID: p.ID + "/notice", Kind: dispatch.Reply}
	h := dispatch.Handling{TLP: "amber", Audience: plan.Notice}
	objects := dispatch.Objects(about, &dispatch.Content{Reply: &dispatch.ReplyTo{Object: plan.Handling.Procedure, Word: dispatch.WordExists}},
		&dispatch.Plan{Issued: dispatch.Issued{Handling: h, Created: plan.Created, Modified: plan.Modified}})
	return t.say(p.ID, n, objects[0], h, identity)
}

// recallPaper takes a paper back from states.
func recallPaper(t *Tx, c dispatch.Recall) error {
	p, _, err := load[*dispatch.Paper](t, c.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.ExchangeRead, access.ExchangeIssue, access.Thing{Kind: dispatch.KindPaper}); err != nil {
		return err
	}
	from, err := dispatch.PlanRecall(p, c)
	if err != nil {
		return err
	}
	leaves, err := t.takeBack(p, int64(len(p.Leaves)), from, envelope.Disposal(c.Disposal))
	if err != nil {
		return err
	}
	return t.Append([]event.New{{Stream: c.Stream(), Event: dispatch.Recalled{From: from, Disposal: c.Disposal, Leaves: leaves, Why: event.P(c.Stream(), strings.TrimSpace(c.Why))}}})
}

// aboutOf is what an object answers, and its word.
func aboutOf(o *stix.Object) (about, word string) {
	r := dispatch.ReadReport(o).Reply
	switch {
	case r == nil:
		return "", ""
	case r.As() != "":
		return r.Object, r.As()
	}
	return r.Object, r.Word
}

// marksOf are the keyed hashes of the names and numbers that an object gives of
// somebody or something, by which cases find it.
func (a *App) marksOf(o *stix.Object) (marks []string) {
	for _, text := range append(namesOf(o), numbersOf(o)...) {
		if mark := a.mark(text); mark != "" && !slices.Contains(marks, mark) {
			marks = append(marks, mark)
		}
	}
	return marks
}

// mark is the keyed hash of a name or a number, in the form in which names are
// compared: "" for what is too short to mean anybody.
func (a *App) mark(name string) string {
	folded := strings.Join(screening.Fold(name), " ")
	if len(folded) < 3 {
		return ""
	}
	h := hmac.New(sha256.New, a.saying.marks)
	h.Write([]byte(folded))
	return hex.EncodeToString(h.Sum(nil)[:16])
}
