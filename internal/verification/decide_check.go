package verification

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// OnCheck names the check that a command is for.
type OnCheck struct{ Check string }

// Stream is the check's stream.
func (o OnCheck) Stream() event.Stream { return event.StreamOf(KindCheck, o.Check) }

// Command is one of the commands on checks.
type Command interface {
	Name() string
	Stream() event.Stream
}

// Commands on a check.
type (
	// Prepare plans a check of a licence.
	Prepare struct {
		OnCheck
		Licence   string // id
		Reason    Reason
		Plan      string // id; for Drawn
		Why       string
		Checklist string
		Officer   string // account
		Due       deadline.Date
		Place     string
		Note      string
		Sample    int    // serial numbers to look for, drawn from those that left; 0: all
		Hash      string // of the configuration that is expected
	}
	// RecordConsent records that consent was asked for, or the answer.
	RecordConsent struct {
		OnCheck
		Day    deadline.Date
		Answer Consent
		Said   string
	}
	// Arrange says when somebody goes, or looks, and who.
	Arrange struct {
		OnCheck
		Day     deadline.Date
		Officer string
		Where   string
	}
	// Look records what was seen so far.
	Look struct {
		OnCheck
		Answers []Seen
		OnSite  OnSite
	}
	// AddEvidence puts a paper or picture to the check.
	AddEvidence struct {
		OnCheck
		Document, Hash, Type, Title string
		Size                        int64
	}
	// Conclude records the finding.
	Conclude struct {
		OnCheck
		Result     Result
		Why        string
		Conditions []string
		Promises   []Promise
	}
	// SetFollowUp says what somebody does about the finding.
	SetFollowUp struct {
		OnCheck
		ID, Officer, What string
		Due               deadline.Date
	}
	// EndFollowUp says what was done.
	EndFollowUp struct {
		OnCheck
		ID, Done string
	}
	// Close closes a check that has its finding and nothing open.
	Close struct {
		OnCheck
		Why string
	}
	// Cancel gives a check up before there is a finding.
	Cancel struct {
		OnCheck
		Why string
	}
)

// Name is "check.prepare".
func (Prepare) Name() string { return "check.prepare" }

// Name is "check.consent".
func (RecordConsent) Name() string { return "check.consent" }

// Name is "check.arrange".
func (Arrange) Name() string { return "check.arrange" }

// Name is "check.look".
func (Look) Name() string { return "check.look" }

// Name is "check.evidence".
func (AddEvidence) Name() string { return "check.evidence" }

// Name is "check.conclude".
func (Conclude) Name() string { return "check.conclude" }

// Name is "check.follow_up".
func (SetFollowUp) Name() string { return "check.follow_up" }

// Name is "check.done".
func (EndFollowUp) Name() string { return "check.done" }

// Name is "check.close".
func (Close) Name() string { return "check.close" }

// Name is "check.cancel".
func (Cancel) Name() string { return "check.cancel" }

// Transition is one row of the table of a check's life.
type Transition struct {
	From    []Status // the empty status: there is no check yet
	Command string
	Act     access.Act
}

// CheckTable is everything that can happen to a check.
var CheckTable = []Transition{
	{[]Status{""}, "check.prepare", access.CheckPlan},
	{[]Status{Planned}, "check.consent", access.CheckCarryOut},
	{[]Status{Planned}, "check.arrange", access.CheckCarryOut},
	{[]Status{Planned}, "check.look", access.CheckCarryOut},
	{[]Status{Planned, Found}, "check.evidence", access.CheckCarryOut},
	{[]Status{Planned}, "check.conclude", access.CheckCarryOut},
	{[]Status{Found}, "check.follow_up", access.CheckPlan},
	{[]Status{Found}, "check.done", access.CheckCarryOut},
	{[]Status{Found}, "check.close", access.CheckPlan},
	{[]Status{Planned}, "check.cancel", access.CheckPlan},
}

// ActOf is the act that a command asks for.
func ActOf(command string) access.Act {
	for _, t := range CheckTable {
		if t.Command == command {
			return t.Act
		}
	}
	return ""
}

// Facts are what the caller gathered for a command on a check.
type Facts struct {
	Now       time.Time
	Zone      *time.Location // of the authority; days are counted there
	Reference string
	Checklist Checklist // in the version that ships
	Rules     string
	Officer   bool   // whom the command names can carry a check out
	Licence   Target // of Prepare
	Drawn     bool   // the plan that the command names picked the licence
	Seed      string // for a sample of serial numbers
	// Of Conclude: what of the command the licence and its case do not know.
	Unknown []string
}

// Target is the licence that a check looks at.
type Target struct {
	ID, Reference, Case, User string
	Left                      bool // something left under it
	Serials                   []string
}

// DecideCheck turns a command into events, or says why it can't be done.
func DecideCheck(c *Check, cmd Command, f Facts) ([]event.New, error) {
	if !slices.ContainsFunc(CheckTable, func(t Transition) bool { return t.Command == cmd.Name() && slices.Contains(t.From, c.Status) }) {
		if c.ID == "" {
			return nil, fault.New(fault.NotFound, "fault.not_found")
		}
		return nil, fault.New(fault.Conflict, "verification.status."+string(c.Status))
	}
	e, err := c.decide(cmd, f)
	if err != nil {
		return nil, err
	}
	return []event.New{{Stream: cmd.Stream(), Event: e}}, nil
}

func (f Facts) today() deadline.Date { return deadline.DateOf(f.Now, f.Zone) }

// ahead asks for a day from today on.
func (f Facts) ahead(bad *fault.Error, field string, d deadline.Date) {
	if !d.Valid() || d < f.today() {
		bad.Field(field, "verification.day.ahead")
	}
}

func (f Facts) officer(bad *fault.Error) {
	if !f.Officer {
		bad.Field("officer", "verification.officer")
	}
}

func (c *Check) decide(cmd Command, f Facts) (e event.Event, err error) {
	own, bad := cmd.Stream(), fault.New(fault.Invalid, "verification.invalid")
	private := func(field, text string) event.Private[string] { return event.P(own, words(bad, field, text, maxText)) }
	switch x := cmd.(type) {
	case Prepare:
		e = x.prepare(bad, f)
	case RecordConsent:
		if !slices.Contains(Consents, x.Answer) {
			bad.Field("answer", "verification.consent.missing")
		}
		if !x.Day.Valid() || x.Day > f.today() {
			bad.Field("day", "verification.day.past")
		}
		e = ConsentRecorded{x.Day, x.Answer, private("said", x.Said)}
	case Arrange:
		f.ahead(bad, "day", x.Day)
		f.officer(bad)
		e = CheckArranged{x.Day, x.Officer, private("where", x.Where)}
	case Look:
		if f.Checklist.Consent && c.Consent() != Given {
			return nil, fault.New(fault.Blocked, "verification.consent.needed")
		}
		e = x.look(bad, own, f)
	case AddEvidence:
		if x.Document == "" || len(x.Hash) != 64 {
			return nil, fmt.Errorf("verification: a paper without its document")
		}
		e = EvidenceAdded{x.Document, x.Hash, x.Size, x.Type, private("title", x.Title)}
	case Conclude:
		return c.conclude(x, f)
	case SetFollowUp:
		if x.ID == "" || slices.ContainsFunc(c.FollowUps, func(u FollowUp) bool { return u.ID == x.ID }) {
			return nil, fault.New(fault.Conflict, "verification.sent")
		}
		f.ahead(bad, "due", x.Due)
		f.officer(bad)
		e = FollowUpSet{x.ID, x.Officer, x.Due, private("what", x.What)}
	case EndFollowUp:
		if !slices.ContainsFunc(c.FollowUps, func(u FollowUp) bool { return u.ID == x.ID && u.Open() }) {
			return nil, fault.New(fault.Conflict, "verification.sent")
		}
		e = FollowUpDone{x.ID, private("done", x.Done)}
	case Close:
		switch {
		case slices.ContainsFunc(c.FollowUps, FollowUp.Open):
			return nil, fault.New(fault.Blocked, "verification.close.open")
		case c.Finding.Result != Favourable && len(c.FollowUps) == 0:
			return nil, fault.New(fault.Blocked, "verification.close.none")
		}
		e = CheckEnded{Closed, private("why", x.Why)}
	case Cancel:
		e = CheckEnded{Cancelled, private("why", x.Why)}
	default:
		return nil, fmt.Errorf("verification: no check takes a %T", cmd)
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return e, nil
}

func (x Prepare) prepare(bad *fault.Error, f Facts) event.Event {
	if f.Licence.ID == "" || !f.Licence.Left {
		bad.Field("licence", "verification.licence.nothing_left")
	}
	if !slices.Contains(Reasons, x.Reason) {
		bad.Field("reason", "verification.reason.missing")
	}
	if x.Reason == Drawn && !f.Drawn {
		bad.Field("reason", "verification.reason.not_drawn")
	}
	if f.Checklist.ID == "" {
		bad.Field("checklist", "verification.checklist.missing")
	}
	f.ahead(bad, "due", x.Due)
	f.officer(bad)
	task := Task{
		User: f.Licence.User, Place: words(bad, "place", x.Place, maxText), Why: words(bad, "why", x.Why, maxText), Note: strings.TrimSpace(x.Note),
	}
	if !party.Bounded(task.Note, maxText) {
		bad.Field("note", "verification.long", "max", maxText)
	}
	out := CheckPlanned{
		Reference: f.Reference, Licence: f.Licence.ID, LicenceRef: f.Licence.Reference, Case: f.Licence.Case, Reason: x.Reason, Checklist: f.Checklist.ID,
		Rules: f.Rules, Officer: x.Officer, Due: x.Due,
	}
	if x.Reason == Drawn {
		out.Plan = x.Plan
	}
	if f.Checklist.Serials {
		if len(f.Licence.Serials) == 0 {
			bad.Field("checklist", "verification.serials.none")
		}
		if x.Sample < 0 || x.Sample > len(f.Licence.Serials) {
			bad.Field("sample", "verification.sample", "max", len(f.Licence.Serials))
		}
		task.Serials, out.Of = Sample(f.Seed, f.Licence.Serials, x.Sample), len(f.Licence.Serials)
		if len(task.Serials) < out.Of {
			out.Seed = f.Seed
		}
	}
	if f.Checklist.Hash {
		if task.Hash = strings.ToLower(strings.TrimSpace(x.Hash)); !isDigest(task.Hash) {
			bad.Field("hash", "verification.hash")
		}
	}
	out.Task = event.P(x.Stream(), task)
	return out
}

// isDigest tells whether a text is a hash in hex.
func isDigest(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) >= 16 && len(raw) <= 64
}

// maxFound bounds the serial numbers of one check.
const maxFound = 5_000

func (x Look) look(bad *fault.Error, own event.Stream, f Facts) event.Event {
	for _, s := range x.Answers {
		known := slices.ContainsFunc(f.Checklist.Items, func(i Item) bool { return i.ID == s.Item })
		if !known || !slices.Contains(Answers, s.Answer) {
			bad.Field("answer."+s.Item, "verification.answer.missing")
		}
	}
	for id, note := range x.OnSite.Notes {
		if !party.Bounded(note, maxText) {
			bad.Field("note."+id, "verification.long", "max", maxText)
		}
	}
	if x.OnSite.Hash = strings.ToLower(strings.TrimSpace(x.OnSite.Hash)); x.OnSite.Hash != "" && !isDigest(x.OnSite.Hash) {
		bad.Field("hash", "verification.hash")
	}
	if len(x.OnSite.Serials) > maxFound {
		bad.Field("serials", "verification.serials.many", "max", maxFound)
	}
	for _, s := range x.OnSite.Serials {
		if !party.Bounded(s, 100) {
			bad.Field("serials", "verification.serials.long")
			break
		}
	}
	slices.Sort(x.OnSite.Serials)
	x.OnSite.Serials = slices.Compact(x.OnSite.Serials)
	return CheckAnswered{x.Answers, event.P(own, x.OnSite)}
}

// conclude checks a finding against what was seen: nothing that was missed,
// refused or not seen is favourable, and nothing is concluded in silence.
func (c *Check) conclude(x Conclude, f Facts) (event.Event, error) {
	bad := fault.New(fault.Invalid, "verification.invalid")
	if !slices.Contains(Results, x.Result) {
		bad.Field("result", "verification.result.missing")
	}
	for _, name := range f.Unknown {
		bad.Field(name, "verification.unknown")
	}
	why := words(bad, "why", x.Why, maxText)
	if err := bad.Or(); err != nil {
		return nil, err
	}
	refused := f.Checklist.Consent && c.Consent() != Given
	if stop := c.unanswered(f.Checklist); stop != nil && !(refused && (c.Consent() == Refused || c.Consent() == NoAnswer)) {
		return nil, stop
	}
	broken := len(x.Conditions) > 0 || slices.ContainsFunc(x.Promises, func(p Promise) bool { return p.Result == "broken" })
	stop := fault.New(fault.Blocked, "verification.not_favourable")
	if x.Result == Favourable {
		if refused {
			stop.Item("#consent", "verification.because.consent")
		}
		for _, i := range f.Checklist.Items {
			if i.Must && c.Answers[i.ID] != Yes {
				stop.Item("#answers", "verification.because.answer", "question", i.Question)
			}
		}
		if n := len(c.Missing()); n > 0 {
			stop.Item("#answers", "verification.because.missing", "count", n)
		}
		if n := len(c.Strange()); n > 0 {
			stop.Item("#answers", "verification.because.strange", "count", n)
		}
		if c.Differs() {
			stop.Item("#answers", "verification.because.hash")
		}
	}
	if broken && x.Result != Unsatisfactory {
		stop.Item("#conclude", "verification.because.broken")
	}
	if refused && x.Result == Partial {
		stop.Item("#consent", "verification.because.consent")
	}
	if len(stop.Items) > 0 {
		return nil, stop
	}
	e := CheckConcluded{Result: x.Result, Day: f.today(), Conditions: x.Conditions, Promises: x.Promises, Why: event.P(x.Stream(), why)}
	if !refused {
		e.Missing, e.Strange, e.Differs = len(c.Missing()), len(c.Strange()), c.Differs()
	}
	return e, nil
}

// unanswered names what nobody has said yet.
func (c *Check) unanswered(list Checklist) error {
	stop := fault.New(fault.Blocked, "verification.unanswered")
	for _, i := range list.Items {
		if c.Answers[i.ID] == "" {
			stop.Item("#answers", "verification.because.unanswered", "question", i.Question)
		}
	}
	if len(stop.Items) > 0 {
		return stop
	}
	return nil
}
