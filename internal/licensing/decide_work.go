package licensing

import (
	"fmt"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

func startClock(f Facts) deadline.Clock {
	return deadline.StartFor(deadline.Period{Days: f.TargetDays, Unit: f.TargetUnit}, f.Now)
}

func (d *decider) askInformation(cmd AskInformation) error {
	if err := newID("rfi", cmd.RFI, d.c.RFI(cmd.RFI) != nil); err != nil {
		return err
	}
	if len(cmd.Questions) == 0 || len(cmd.Questions) > 100 {
		return fault.New(fault.Invalid, "licensing.rfi.questions").Field("questions", "licensing.rfi.questions")
	}
	seen := map[string]bool{}
	for i, q := range cmd.Questions {
		if q.ID == "" || seen[q.ID] || strings.TrimSpace(q.Text) == "" || !party.Bounded(q.Text, MaxLong) {
			return fault.New(fault.Invalid, "licensing.rfi.questions").Field(fmt.Sprintf("questions.%d", i), "licensing.rfi.questions")
		}
		seen[q.ID] = true
	}
	due, err := d.due(cmd.Due, d.f.RFIPeriod)
	if err != nil {
		return err
	}
	e := InformationAsked{To: Waiting, Before: d.c.Stage, RFI: cmd.RFI, Number: len(d.c.RFIs) + 1, Due: due, Questions: event.P(d.stream, cmd.Questions)}
	if d.c.Stage == Waiting {
		e.Before = d.c.Before
	}
	if d.c.Clock.Running() {
		if e.Clock, err = d.mark(Stops, d.c.Clock.Stop(d.f.Now, "rfi/"+cmd.RFI, d.f.Actor.Account)); err != nil {
			return err
		}
	}
	return d.emit(e)
}

// openRFI finds a request that can still be answered.
func (d *decider) openRFI(id string) error {
	q := d.c.RFI(id)
	switch {
	case q == nil:
		return fault.New(fault.NotFound, "licensing.rfi.unknown")
	case !q.Open():
		return fault.New(fault.Conflict, "licensing.rfi.closed", "number", q.Number, "date", q.Closed)
	}
	return nil
}

// resume says where the case stands when one request less is waited for.
func (d *decider) resume() (Stage, ClockMark, error) {
	if d.c.OpenRFIs() > 1 {
		return Waiting, ClockMark{}, nil
	}
	clock, err := d.mark(Runs, d.c.Clock.Run(d.f.Now))
	return d.c.Before, clock, err
}

func (d *decider) answerInformation(cmd AnswerInformation) error {
	if err := d.openRFI(cmd.RFI); err != nil {
		return err
	}
	blank := strings.TrimSpace(cmd.Text) == "" && len(cmd.Documents) == 0
	for _, a := range cmd.Answers {
		blank = blank && strings.TrimSpace(a.Text) == ""
		if len(a.Question) > 64 {
			return fault.New(fault.Invalid, "licensing.id").Field("answers", "licensing.id")
		}
		if err := text("answers", a.Text, false); err != nil {
			return err
		}
	}
	if blank || len(cmd.Answers) > 100 {
		return fault.New(fault.Invalid, "licensing.rfi.empty").Field("text", "licensing.rfi.empty")
	}
	if err := text("text", cmd.Text, false); err != nil {
		return err
	}
	if err := documents(cmd.Documents); err != nil {
		return err
	}
	e := InformationAnswered{
		To: Waiting, RFI: cmd.RFI, Holding: cmd.Holding, Basis: d.c.Basis, Documents: factsOf(cmd.Documents),
		Answer: event.P(d.stream, AnswerText{Text: cmd.Text, Answers: cmd.Answers, Titles: titlesOf(cmd.Documents)}),
	}
	if !cmd.Holding || len(cmd.Documents) > 0 {
		e.Basis++
	}
	if !cmd.Holding {
		var err error
		if e.To, e.Clock, err = d.resume(); err != nil {
			return err
		}
	}
	return d.emit(e)
}

func (d *decider) closeInformation(cmd CloseInformation) error {
	if err := d.openRFI(cmd.RFI); err != nil {
		return err
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	if due := d.c.RFI(cmd.RFI).Due; cmd.Unanswered && d.f.Now.Before(due) {
		return fault.New(fault.Blocked, "licensing.rfi.still", "due", due)
	}
	to, clock, err := d.resume()
	if err != nil {
		return err
	}
	return d.emit(InformationClosed{To: to, RFI: cmd.RFI, Unanswered: cmd.Unanswered, Clock: clock, Why: d.private(cmd.Why)})
}

func (d *decider) seekAssurance(cmd SeekAssurance) error {
	if err := newID("assurance", cmd.Assurance, d.c.Assurance(cmd.Assurance) != nil); err != nil {
		return err
	}
	if !clauses(cmd.Clauses, Clauses) {
		return fault.New(fault.Invalid, "licensing.assurance.clauses").Field("clauses", "licensing.assurance.clauses")
	}
	if _, ok := d.c.App().Party(cmd.From); !ok {
		return fault.New(fault.Invalid, "licensing.party.unknown").Field("from", "licensing.party.unknown")
	}
	for i, l := range cmd.Lines {
		if _, ok := d.c.App().Line(l); !ok || i >= MaxLines {
			return fault.New(fault.Invalid, "licensing.line.unknown").Field("lines", "licensing.line.unknown")
		}
	}
	if strings.TrimSpace(cmd.How) == "" || !party.Bounded(cmd.How, MaxLong) || !party.Bounded(cmd.Text, MaxLong) {
		return fault.New(fault.Invalid, "licensing.assurance.how").Field("how", "licensing.assurance.how")
	}
	return d.emit(AssuranceSought{
		Assurance: cmd.Assurance, From: cmd.From, Clauses: cmd.Clauses, Lines: cmd.Lines,
		Text: event.P(d.stream, SoughtText{How: cmd.How, Text: cmd.Text}),
	})
}

// clauses tells whether the clauses are some of those allowed, each once.
func clauses(got, allowed []Clause) bool {
	seen := map[Clause]bool{}
	for _, c := range got {
		ok := false
		for _, a := range allowed {
			ok = ok || a == c
		}
		if !ok || seen[c] {
			return false
		}
		seen[c] = true
	}
	return len(got) > 0
}

func (d *decider) recordAssurance(cmd RecordAssurance) error {
	a := d.c.Assurance(cmd.Assurance)
	if a == nil {
		return fault.New(fault.NotFound, "licensing.assurance.unknown")
	}
	var named []Clause
	binding := false
	for _, r := range cmd.Replies {
		named = append(named, r.Clause)
		switch r.Reply {
		case Given, Changed:
			binding = true
		case Declined, Unanswered:
		default:
			named = nil
		}
	}
	if !clauses(named, a.Clauses) {
		return fault.New(fault.Invalid, "licensing.assurance.clauses").Field("replies", "licensing.assurance.clauses")
	}
	e := AssuranceRecorded{Assurance: a.ID, Replies: cmd.Replies, Expires: cmd.Expires, HasCheck: strings.TrimSpace(cmd.Check) != "", Basis: d.c.Basis + 1}
	words := RecordedText{Text: cmd.Text, Check: cmd.Check}
	if binding && (strings.TrimSpace(cmd.Text) == "" || (cmd.Expires != "" && !cmd.Expires.Valid())) {
		return fault.New(fault.Invalid, "licensing.assurance.text").Field("text", "licensing.assurance.text")
	}
	for _, s := range []string{cmd.Text, cmd.Check} {
		if err := text("text", s, false); err != nil {
			return err
		}
	}
	if s := cmd.Signatory; s != nil {
		if s.ID == "" || party.PrimaryName(s.Names) == "" || !party.Bounded(party.PrimaryName(s.Names), MaxShort) || !s.Record.Valid() || !party.Bounded(s.Authority, MaxLong) {
			return fault.New(fault.Invalid, "licensing.assurance.signatory").Field("signatory", "licensing.assurance.signatory")
		}
		e.Authority = strings.TrimSpace(s.Authority) != ""
		e.Retain = s.Record.RetainUntil
		e.Signatory = event.P(event.StreamOf("party", s.ID), party.Details{Names: s.Names})
		words.Function, words.Source, words.Authority = s.Record.Function, s.Record.Source, s.Authority
	} else if binding {
		return fault.New(fault.Invalid, "licensing.assurance.signatory").Field("signatory", "licensing.assurance.signatory")
	}
	if doc := cmd.Document; doc != nil {
		if err := documents([]Document{*doc}); err != nil {
			return err
		}
		fact := doc.fact()
		e.Document, words.Title = &fact, doc.Title
	}
	e.Text = event.P(d.stream, words)
	return d.emit(e)
}

func (d *decider) verifyAssurance(cmd VerifyAssurance) error {
	a := d.c.Assurance(cmd.Assurance)
	if a == nil {
		return fault.New(fault.NotFound, "licensing.assurance.unknown")
	}
	var given []Clause
	for _, cl := range a.Clauses {
		if r := a.Reply(cl); r == Given || r == Changed {
			given = append(given, cl)
		}
	}
	checked := cmd.Clauses
	if len(checked) == 0 {
		checked = given
	}
	if !clauses(checked, given) {
		return fault.New(fault.Blocked, "licensing.assurance.not_given")
	}
	switch cmd.Result {
	case Verified, Broken, Inconclusive:
	default:
		return fault.New(fault.Invalid, "licensing.assurance.evidence").Field("result", "licensing.assurance.evidence")
	}
	if cmd.Result == Verified && !a.Answer.HasCheck {
		return fault.New(fault.Blocked, "licensing.assurance.no_check")
	}
	if strings.TrimSpace(cmd.Evidence) == "" || !party.Bounded(cmd.Evidence, MaxLong) || !cmd.Day.Valid() || cmd.Day > deadline.DateOf(d.f.Now.AddDate(0, 0, 1), nil) {
		return fault.New(fault.Invalid, "licensing.assurance.evidence").Field("evidence", "licensing.assurance.evidence")
	}
	if err := documents(cmd.Documents); err != nil {
		return err
	}
	return d.emit(AssuranceVerified{
		Assurance: a.ID, Clauses: checked, Result: cmd.Result, Day: cmd.Day, Documents: factsOf(cmd.Documents),
		Basis: d.c.Basis + 1, Evidence: d.private(cmd.Evidence),
	})
}
