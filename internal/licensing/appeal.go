package licensing

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// AppealResult is what became of an appeal.
type AppealResult string

// The results. Varied and annulled lead to a decision anew beside the first one.
const (
	Upheld   AppealResult = "upheld"   // what was decided stands
	Varied   AppealResult = "varied"   // the reviewers say, line by line, what takes its place
	Annulled AppealResult = "annulled" // it is decided afresh, by others
)

// AppealResults are all of them, in the order in which they are offered.
var AppealResults = []AppealResult{Upheld, Varied, Annulled}

// LodgeAppeal contests the decision in force, or a measure on its licence.
type LodgeAppeal struct {
	On
	Appeal    string // id
	Measure   int64  // number in the ledger of the licence's change that is contested; 0: the decision
	Text      string // the grounds
	Documents []Document
}

// WithdrawAppeal ends an appeal at the applicant's wish.
type WithdrawAppeal struct {
	On
	Appeal string
	Why    string
}

// AssignReview says who reviews an appeal: one officer or a panel, none of whom
// had a part in what is contested.
type AssignReview struct {
	On
	Appeal    string
	Reviewers []string // accounts
}

// DecideAppeal is the reviewers' word, written down by one of them.
type DecideAppeal struct {
	On
	Appeal   string
	Result   AppealResult
	Outcomes []LineOutcome // varied, of a decision: what it is to be, line by line
	Lines    []string      // varied, of a measure: the lines that stay suspended; none: all
	Reasons  string        // internal
	Told     string        // to the applicant
}

// Name is "case.appeal".
func (LodgeAppeal) Name() string { return "case.appeal" }

// Name is "case.withdraw_appeal".
func (WithdrawAppeal) Name() string { return "case.withdraw_appeal" }

// Name is "case.assign_review".
func (AssignReview) Name() string { return "case.assign_review" }

// Name is "case.decide_appeal".
func (DecideAppeal) Name() string { return "case.decide_appeal" }

// AppealLodged contests a decision or a measure.
type AppealLodged struct {
	To        Stage                     `json:"to"`
	Appeal    string                    `json:"appeal"`
	Number    int                       `json:"number"`            // of the case's appeals, from 1
	Decision  int                       `json:"decision"`          // number of the decision in force
	Licence   string                    `json:"licence,omitempty"` // of the measure
	Measure   int64                     `json:"measure,omitempty"` // number in the ledger
	Until     time.Time                 `json:"until"`             // the end of the period in which it came
	Clock     ClockMark                 `json:"clock"`
	Documents []DocumentFact            `json:"documents,omitempty"`
	Text      event.Private[AnswerText] `json:"text"`
}

// AppealWithdrawn ends it.
type AppealWithdrawn struct {
	To     Stage                 `json:"to"`
	Appeal string                `json:"appeal"`
	Clock  ClockMark             `json:"clock"`
	Why    event.Private[string] `json:"why"`
}

// ReviewAssigned says who reviews it.
type ReviewAssigned struct {
	Appeal    string   `json:"appeal"`
	Reviewers []string `json:"reviewers"`
}

// AppealText is what the reviewers wrote. Told is the part that leaves the authority.
type AppealText struct {
	Reasons string `json:"reasons"`
	Told    string `json:"told"`
}

// AppealDecided is what became of it.
type AppealDecided struct {
	To        Stage                     `json:"to"`
	Appeal    string                    `json:"appeal"`
	Result    AppealResult              `json:"result"`
	Person    string                    `json:"person"`
	Reviewers []string                  `json:"reviewers"`
	Outcomes  []LineOutcome             `json:"outcomes,omitempty"`
	Lines     []string                  `json:"lines,omitempty"`
	Again     int                       `json:"again,omitempty"` // number of the decision to come
	Basis     int                       `json:"basis"`
	Clock     ClockMark                 `json:"clock"`
	Text      event.Private[AppealText] `json:"text"`
}

// EventType is "case.appeal_lodged".
func (AppealLodged) EventType() string { return "case.appeal_lodged" }

// EventType is "case.appeal_withdrawn".
func (AppealWithdrawn) EventType() string { return "case.appeal_withdrawn" }

// EventType is "case.review_assigned".
func (ReviewAssigned) EventType() string { return "case.review_assigned" }

// EventType is "case.appeal_decided".
func (AppealDecided) EventType() string { return "case.appeal_decided" }

// CaseAppeal is an appeal as the case holds it.
type CaseAppeal struct {
	ID        string         `json:"id"`
	Number    int            `json:"number"`
	At        time.Time      `json:"at"`
	By        string         `json:"by"`
	Decision  int            `json:"decision"`
	Licence   string         `json:"licence,omitempty"`
	Measure   int64          `json:"measure,omitempty"`
	Until     time.Time      `json:"until"`
	Text      AnswerText     `json:"text"`
	Documents []DocumentFact `json:"documents,omitempty"`
	Erased    *event.Erasure `json:"erased,omitempty"` // the grounds
	Reviewers []string       `json:"reviewers,omitempty"`
	Ended     time.Time      `json:"ended,omitzero"`
	Withdrawn *Text          `json:"withdrawn,omitempty"`
	Result    AppealResult   `json:"result,omitempty"`
	Person    string         `json:"person,omitempty"` // who wrote the reviewers' word
	Outcomes  []LineOutcome  `json:"outcomes,omitempty"`
	Lines     []string       `json:"lines,omitempty"`
	Words     AppealText     `json:"words,omitzero"`
	Gone      *event.Erasure `json:"gone,omitempty"` // the reviewers' words
}

// Appeal is the appeal that waits for a word; nil where none does.
func (c *Case) Appeal() *CaseAppeal {
	if n := len(c.Appeals); n > 0 && c.Appeals[n-1].Ended.IsZero() {
		return &c.Appeals[n-1]
	}
	return nil
}

// contests tells whether a decision or measure was contested already.
func (c *Case) contests(decision int, measure int64) bool {
	return slices.ContainsFunc(c.Appeals, func(a CaseAppeal) bool { return a.Decision == decision && a.Measure == measure })
}

// Contestable are the measures on a licence that its holder can contest: what
// the authority did to it, the last first.
func (l *Licence) Contestable() []LicenceChange {
	var out []LicenceChange
	for _, h := range slices.Backward(l.History) {
		if h.Status == Suspended || h.Status == Restricted || h.Status == Revoked {
			out = append(out, h)
		}
	}
	return out
}

// measure finds a contestable measure.
func (l *Licence) measure(number int64) *LicenceChange {
	if l == nil {
		return nil
	}
	for _, h := range l.Contestable() {
		if h.Seq == number {
			return &h
		}
	}
	return nil
}

// AppealUntil is the last instant at which what was done at a time can be
// contested; zero where the pack gives no time for it.
func AppealUntil(at time.Time, cal *deadline.Calendar, p deadline.Period) time.Time {
	until, err := cal.After(at, p)
	if err != nil {
		return time.Time{}
	}
	return until
}

func (d *decider) lodgeAppeal(cmd LodgeAppeal) error {
	if err := newID("appeal", cmd.Appeal, slices.ContainsFunc(d.c.Appeals, func(a CaseAppeal) bool { return a.ID == cmd.Appeal })); err != nil {
		return err
	}
	if err := text("text", cmd.Text, true); err != nil {
		return err
	}
	if err := documents(cmd.Documents); err != nil {
		return err
	}
	if d.f.Calendar == nil {
		return missingFact("Calendar")
	}
	e := AppealLodged{
		To: AppealStage, Appeal: cmd.Appeal, Number: len(d.c.Appeals) + 1, Decision: d.c.Decision.number(), Measure: cmd.Measure,
		Documents: factsOf(cmd.Documents), Text: event.P(d.stream, AnswerText{Text: cmd.Text, Titles: titlesOf(cmd.Documents)}),
	}
	e.Until = d.c.Decision.Contest
	if e.Until.IsZero() {
		e.Until = AppealUntil(d.c.Decision.At, d.f.Calendar, d.f.AppealPeriod)
	}
	if cmd.Measure != 0 {
		m := d.f.Licence.measure(cmd.Measure)
		if m == nil {
			return fault.New(fault.NotFound, "licensing.appeal.none")
		}
		e.Licence, e.Until = d.c.Decision.Licence, AppealUntil(m.At, d.f.Calendar, d.f.AppealPeriod)
	}
	switch {
	case e.Until.IsZero():
		return fault.New(fault.Blocked, "licensing.appeal.none")
	case d.f.Now.After(e.Until):
		return fault.New(fault.Blocked, "licensing.appeal.late", "until", e.Until)
	case d.c.contests(e.Decision, e.Measure):
		return fault.New(fault.Conflict, "licensing.appeal.twice")
	}
	var err error
	if e.Clock, err = d.mark(Starts, deadline.Start(d.f.ReviewDays, d.f.Now)); err != nil {
		return err
	}
	return d.emit(e)
}

// appeal finds the appeal that is open.
func (d *decider) appeal(id string) (*CaseAppeal, error) {
	if a := d.c.Appeal(); a != nil && a.ID == id {
		return a, nil
	}
	return nil, fault.New(fault.NotFound, "licensing.appeal.unknown")
}

func (d *decider) withdrawAppeal(cmd WithdrawAppeal) error {
	a, err := d.appeal(cmd.Appeal)
	if err != nil {
		return err
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	clock, err := d.mark(Ends, d.c.Clock.End(d.f.Now))
	if err != nil {
		return err
	}
	return d.emit(AppealWithdrawn{To: DecidedStage, Appeal: a.ID, Clock: clock, Why: d.private(cmd.Why)})
}

// TookPart tells whether a person had a part in what is contested: they proposed,
// signed or took the decision, or took the measure.
func (c *Case) TookPart(person string, l *Licence) bool {
	d := c.Decision
	if d == nil || person == "" {
		return false
	}
	if person == d.Person || person == d.Recommender || person == d.Countersigner {
		return true
	}
	a := c.Appeal()
	if a == nil || a.Measure == 0 {
		return false
	}
	m := l.measure(a.Measure)
	return m != nil && m.By == person
}

// maxReviewers bounds a panel.
const maxReviewers = 9

func (d *decider) assignReview(cmd AssignReview) error {
	a, err := d.appeal(cmd.Appeal)
	if err != nil {
		return err
	}
	if len(cmd.Reviewers) == 0 || len(cmd.Reviewers) > maxReviewers {
		return fault.New(fault.Invalid, "licensing.appeal.reviewers").Field("reviewers", "licensing.appeal.reviewers")
	}
	var panel []string
	for _, p := range cmd.Reviewers {
		switch {
		case p == "" || len(p) > 64 || slices.Contains(panel, p):
			return fault.New(fault.Invalid, "licensing.appeal.reviewers").Field("reviewers", "licensing.appeal.reviewers")
		case d.c.TookPart(p, d.f.Licence):
			return fault.New(fault.Blocked, "licensing.appeal.took_part").Field("reviewers", "licensing.appeal.took_part")
		case d.c.RecusalOf(p) != nil:
			return fault.New(fault.Blocked, "licensing.recusal.officer").Field("reviewers", "licensing.recusal.officer")
		}
		panel = append(panel, p)
	}
	if slices.Equal(panel, a.Reviewers) {
		return fault.New(fault.Conflict, "licensing.officer.same")
	}
	return d.emit(ReviewAssigned{Appeal: a.ID, Reviewers: panel})
}

func (d *decider) decideAppeal(cmd DecideAppeal) error {
	a, err := d.appeal(cmd.Appeal)
	if err != nil {
		return err
	}
	switch {
	case !slices.Contains(a.Reviewers, d.f.Actor.person()):
		return fault.New(fault.Denied, "licensing.appeal.reviewer")
	case !slices.Contains(AppealResults, cmd.Result):
		return fault.New(fault.Invalid, "licensing.appeal.result").Field("result", "licensing.appeal.result")
	}
	if err := text("reasons", cmd.Reasons, true); err != nil {
		return err
	}
	if err := text("told", cmd.Told, true); err != nil {
		return err
	}
	e := AppealDecided{
		To: DecidedStage, Appeal: a.ID, Result: cmd.Result, Person: d.f.Actor.person(), Reviewers: a.Reviewers, Basis: d.c.Basis,
		Text: event.P(d.stream, AppealText{Reasons: cmd.Reasons, Told: cmd.Told}),
	}
	var follows []event.New
	switch {
	case cmd.Result == Upheld:
	case a.Measure != 0:
		if e.Lines, follows, err = d.reviseMeasure(a, cmd); err != nil {
			return err
		}
	default:
		if cmd.Result == Varied {
			if err := d.lineOutcomes(cmd.Outcomes); err != nil {
				return err
			}
			e.Outcomes = sorted(cmd.Outcomes)
		}
		e.To, e.Again, e.Basis = Assessment, d.c.Decision.number()+1, d.c.Basis+1
	}
	if e.To == Assessment {
		e.Clock, err = d.mark(Starts, startClock(d.f))
	} else {
		e.Clock, err = d.mark(Ends, d.c.Clock.End(d.f.Now))
	}
	if err != nil {
		return err
	}
	d.events = append(d.events, event.New{Stream: d.stream, Event: e})
	d.events = append(d.events, follows...)
	return nil
}

// reviseMeasure is what the reviewers' word does to the licence, where the
// measure is still in force: it is lifted, or lines of it stay suspended.
func (d *decider) reviseMeasure(a *CaseAppeal, cmd DecideAppeal) ([]string, []event.New, error) {
	l := d.f.Licence
	m := l.measure(a.Measure)
	if m == nil {
		return nil, nil, missingFact("Licence")
	}
	for i, id := range cmd.Lines {
		if cmd.Result != Varied || !l.has(id) || i >= MaxLines {
			return nil, nil, fault.New(fault.Invalid, "licensing.line.unknown").Field("lines", "licensing.line.unknown")
		}
	}
	now := l.Now()
	if now != Suspended && now != Restricted && now != Revoked {
		return cmd.Lines, nil, nil // it ended meanwhile
	}
	stream := event.StreamOf(KindLicence, l.ID)
	why := event.P(stream, strings.TrimSpace(cmd.Told))
	if cmd.Result == Varied {
		return cmd.Lines, []event.New{{Stream: stream, Event: LicenceSuspended{Lines: cmd.Lines, Person: d.f.Actor.person(), Ground: m.Ground, Why: why}}}, nil
	}
	out := []event.New{{Stream: stream, Event: LicenceReinstated{Person: d.f.Actor.person(), Why: why}}}
	if l.usedUp() {
		out = append(out, event.New{Stream: stream, Event: LicenceExhausted{}})
	}
	return nil, out, nil
}

// applyAppeal folds an event about appeals and decisions anew in; false where it
// is none.
func (c *Case) applyAppeal(r event.Recorded) bool {
	switch e := r.Event.(type) {
	case AppealLodged:
		c.Appeals = append(c.Appeals, CaseAppeal{
			ID: e.Appeal, Number: e.Number, At: r.Time, By: r.Actor, Decision: e.Decision, Licence: e.Licence, Measure: e.Measure, Until: e.Until,
			Text: e.Text.Value, Documents: e.Documents, Erased: e.Text.Erased,
		})
		c.move(e.To, "")
		c.tick(r.Time, e.Clock, "", "")
	case ReviewAssigned:
		if a := c.Appeal(); a != nil {
			a.Reviewers = e.Reviewers
		}
	case AppealWithdrawn:
		if a := c.Appeal(); a != nil {
			why := event.TextOf(e.Why)
			a.Ended, a.Withdrawn = r.Time, &why
		}
		c.move(e.To, "")
		c.tick(r.Time, e.Clock, "", "")
	case AppealDecided:
		a := c.Appeal()
		if a == nil {
			return false
		}
		a.Ended, a.Result, a.Person, a.Reviewers, a.Outcomes, a.Lines, a.Words, a.Gone = r.Time, e.Result, e.Person, e.Reviewers, e.Outcomes, e.Lines, e.Text.Value, e.Text.Erased
		c.changed(r, e.Basis, BasisReply, "appeal", Text{})
		if e.Again > 0 {
			c.anew(Again{Number: e.Again, Way: OnAppeal, At: r.Time, By: e.Person, Appeal: a.ID, Outcomes: e.Outcomes})
		}
		c.move(e.To, "")
		c.tick(r.Time, e.Clock, "", "")
	case Reopened:
		c.changed(r, e.Basis, BasisIncident, "reopened", Text{})
		c.anew(Again{Number: e.Again, Way: OnReopening, At: r.Time, By: e.Person, Ground: e.Ground, Words: e.Text.Value, Erased: e.Text.Erased})
		c.move(e.To, "")
		c.tick(r.Time, e.Clock, "", "")
	default:
		return false
	}
	return true
}
