package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
)

// Clock is the demonstration's clock while it is being made: weeks of work pass
// in a second. The node must have been opened with it.
type Clock struct {
	mu sync.Mutex
	at time.Time // guarded by mu
}

// NewClock makes a clock that stands at a time.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move moves the clock on.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// mover is a clock that can be moved on.
type mover interface{ Move(time.Duration) }

// days moves a clock on.
func days(c mover, n int) { c.Move(time.Duration(n) * 24 * time.Hour) }

// Span is how long before its present a demonstration begins.
const Span = 80 * 24 * time.Hour

// Build carries cases to every stage: a draft, cases that wait, cases in each
// step of the work, and decided ones. The clock must be the node's own.
func (s *State) Build(ctx context.Context, clock mover, progress func(done, total int)) error {
	steps := []struct {
		name string
		run  func(context.Context, mover) error
	}{
		{"the state's own instruments", s.instruments},
		{"an exporter that was warned", s.warning},
		{"the encryption product for a newspaper, decided", s.newspaper},
		{"the encryption product for a broadcaster, decided", s.broadcaster},
		{"the gateway and the monitoring centre, split", s.gateway},
		{"the interception vehicles, refused", s.refusal},
		{"the private intelligence firm, withdrawn", s.withdrawn},
		{"the sequencers, refusal intended", s.sequencers},
		{"the forensics, to be countersigned", s.forensics},
		{"the thermal cameras, advice", s.thermal},
		{"the water cannon, assessed", s.waterCannon},
		{"the traffic probes, waiting for the applicant", s.probes},
		{"the large frame contract, to be assessed", s.large},
		{"the intrusion suite, just in", s.intrusion},
		{"face recognition, a draft", s.draft},
		{"checks after shipment", s.checks},
		{"incidents", s.incidents},
		{"enforcement files", s.files},
		{"the self-assessment", s.selfAssessment},
	}
	for i, step := range steps {
		if err := step.run(ctx, clock); err != nil {
			return fmt.Errorf("demo: %s: %w", step.name, err)
		}
		s.App.Runner().Drain(ctx) // letters and screenings, as on any day
		if progress != nil {
			progress(i+1, len(steps))
		}
	}
	_, err := s.App.Checkpoint(ctx)
	return err
}

// begin applies and takes the case into work.
func (s *State) begin(ctx context.Context, who, example string) (string, *assessment.Input, error) {
	in, err := Example(example)
	if err != nil {
		return "", nil, err
	}
	id, err := s.Apply(ctx, s.Actors[who], in)
	if err != nil {
		return "", nil, err
	}
	return id, in, s.Take(ctx, id, s.Actors["liv"])
}

// assess works a case through to a complete assessment.
func (s *State) assess(ctx context.Context, id string, in *assessment.Input) error {
	if err := s.Classify(ctx, id, in); err != nil {
		return err
	}
	if err := s.Resolve(ctx, id, in); err != nil {
		return err
	}
	return s.Facts(ctx, id, in)
}

func (s *State) newspaper(ctx context.Context, clock mover) error {
	return s.encryption(ctx, clock, "")
}

// encryption carries the encryption product to a licence, under another title
// where one is given.
func (s *State) encryption(ctx context.Context, clock mover, title string) error {
	in, err := Example(Encryption)
	if err != nil {
		return err
	}
	in.Title = or(title, in.Title)
	id, err := s.Apply(ctx, s.Actors["cyra"], in)
	if err != nil {
		return err
	}
	if err := s.Take(ctx, id, s.Actors["liv"]); err != nil {
		return err
	}
	days(clock, 2)
	if err := s.assess(ctx, id, in); err != nil {
		return err
	}
	if err := s.Complete(ctx, id); err != nil {
		return err
	}
	issue := all(in, licensing.Issue)
	if err := s.Recommend(ctx, id, issue, nil, "The item protects those who use it. Nothing in the rules turns on the destination.", ""); err != nil {
		return err
	}
	return s.Decide(ctx, id, s.Actors["liv"], licensing.DecideCase{
		Outcomes: issue, Reasons: "As recommended.", Redress: "2026-11-22",
		ToApplicant: []licensing.ReleasedReason{{Ground: "COC-4a", Text: "The item protects the communications of its users."}},
	})
}

func all(in *assessment.Input, outcome licensing.Outcome, grounds ...string) []licensing.LineOutcome {
	var out []licensing.LineOutcome
	for _, l := range in.Lines {
		out = append(out, licensing.LineOutcome{Line: l.ID, Outcome: outcome, Grounds: grounds})
	}
	return out
}

// Gateway carries the gateway line of the mediation case to a licence with
// conditions and a verified assurance, and refuses the other line.
func (s *State) gateway(ctx context.Context, clock mover) error {
	id, in, err := s.begin(ctx, "wim", Mediation)
	if err != nil {
		return err
	}
	days(clock, 3)
	for _, user := range []string{"service", "operator"} {
		if err := s.register(ctx, id, user); err != nil {
			return err
		}
	}
	if err := s.assess(ctx, id, in); err != nil {
		return err
	}
	if err := s.Assure(ctx, id, "service", "No measure without a warrant; no bulk handover; no transfer.", true, "gateway"); err != nil {
		return err
	}
	if err := s.View(ctx, id, assessment.Possible, 5, "The analytics module searches everybody, not those named in a warrant.", "analytics"); err != nil {
		return err
	}
	if err := s.Complete(ctx, id); err != nil {
		return err
	}
	if err := s.Advise(ctx, id, map[string]licensing.AdviceKind{"gateway": licensing.ApproveWithCondition, "analytics": licensing.Refuse},
		"The gateway can be bound to warrants and shows what it did. The module cannot."); err != nil {
		return err
	}
	outcomes := []licensing.LineOutcome{{Line: "gateway", Outcome: licensing.Issue}, {Line: "analytics", Outcome: licensing.RefuseLine, Grounds: []string{"COC-R"}}}
	conditions := GatewayConditions()
	if err := s.Recommend(ctx, id, outcomes, conditions, "Split: the gateway under conditions, the module refused.", "siri"); err != nil {
		return err
	}
	told := []licensing.ReleasedReason{{Ground: "COC-R", Text: "The module searches the communications of people who are named in no warrant.", Rests: []string{"COC-R"}}}
	if err := s.Intend(ctx, id, []string{"analytics"}, told, nil); err != nil {
		return err
	}
	days(clock, 40) // the reply period passes without a reply
	return s.Decide(ctx, id, s.Actors["siri"], licensing.DecideCase{
		Outcomes: outcomes, Conditions: conditions, Reasons: "As recommended; the applicant did not reply.", ToApplicant: told, Redress: "2026-11-22",
	})
}

// GatewayConditions are the conditions of the gateway's licence.
func GatewayConditions() []licensing.Condition {
	consequence := "Suspension of the licence and of updates"
	return []licensing.Condition{
		{ID: "c1", Type: licensing.MaxQuantity, Lines: []string{"gateway"}, Who: "licensee", What: "Capacity of at most 500 simultaneous targets.", Number: 6000, Unit: "items", Verify: "Licence key and audit of the log", Consequence: consequence},
		{ID: "c2", Type: licensing.Logs, Lines: []string{"gateway"}, Who: "operator", What: "The audit log is kept for three years and can't be changed.", EveryDays: 90, Verify: "Log audit by video and on site", Consequence: consequence},
		{ID: "c3", Type: licensing.ModulesDisabled, Lines: []string{"gateway"}, Who: "operator", What: "No bulk handover; the identifier of a warrant is a mandatory field.", Verify: "Hash of the installed configuration", Consequence: consequence},
		{ID: "c4", Type: licensing.Reports, Lines: []string{"gateway"}, Who: "licensee", What: "A summary of the log goes to the authority each quarter.", EveryDays: 90, Verify: "Comparison with the log", Consequence: "Reminder, then suspension"},
	}
}

func (s *State) refusal(ctx context.Context, clock mover) error {
	id, in, err := s.begin(ctx, "kari", IMSICatchers)
	if err != nil {
		return err
	}
	on := licensing.On{Case: id}
	days(clock, 1)
	if err := s.assess(ctx, id, in); err != nil {
		return err
	}
	rfi := node.NewID()
	if err := s.App.Do(ctx, s.Actors["liv"], licensing.AskInformation{On: on, RFI: rfi, Questions: []licensing.Question{{ID: "q1", Text: "Which unit of the ministry will operate the vehicles, and where?"}}}); err != nil {
		return err
	}
	days(clock, 4)
	if err := s.App.Do(ctx, s.Actors["kari"], licensing.AnswerInformation{On: on, RFI: rfi, Answers: []licensing.QuestionAnswer{{Question: "q1", Text: "The Special Department, in Veden."}}, Text: "See the answer."}); err != nil {
		return err
	}
	s.App.Runner().Drain(ctx)
	if err := s.Resolve(ctx, id, in); err != nil {
		return err
	}
	if err := s.Assure(ctx, id, "ministry", "The ministry will obey the law of Karsovia.", false); err != nil {
		return err
	}
	if err := s.View(ctx, id, assessment.Likely, 5, "Whole crowds can be identified; nobody authorises it beforehand.", "1", "2", "3"); err != nil {
		return err
	}
	if err := s.Complete(ctx, id); err != nil {
		return err
	}
	views := map[string]licensing.AdviceKind{"1": licensing.Refuse, "2": licensing.Refuse, "3": licensing.Refuse}
	if err := s.Advise(ctx, id, views, "Clear risk of internal repression; the unit traced telephones around an assembly."); err != nil {
		return err
	}
	refuse := all(in, licensing.RefuseLine, "CP2-a", "COC-R")
	if err := s.Recommend(ctx, id, refuse, nil, "The unit has a record, and no court authorises the use.", "siri"); err != nil {
		return err
	}
	told := []licensing.ReleasedReason{
		{Ground: "CP2-a", Text: "There is a clear risk that the items might be used for internal repression.", Rests: []string{"CP2-a"}},
		{Ground: "COC-R", Text: "The law of the destination asks for no authorisation before such equipment is used against a person.", Rests: []string{"COC-R"}},
	}
	hidden := []licensing.Withheld{{Basis: "Norland Export Control Act, section 21"}}
	if err := s.Intend(ctx, id, []string{"1", "2", "3"}, told, hidden); err != nil {
		return err
	}
	days(clock, 5)
	if err := s.Reply(ctx, id, s.Actors["kari"], "The ministry has promised in writing to obey the law of Karsovia.", "A promise to obey a law that asks for no warrant changes nothing in the test."); err != nil {
		return err
	}
	if err := s.again(ctx, id); err != nil {
		return err
	}
	return s.Decide(ctx, id, s.Actors["liv"], licensing.DecideCase{Outcomes: refuse, Reasons: "As recommended; the reply was weighed.", ToApplicant: told, Withheld: hidden, Redress: "2026-11-22", Weighed: []licensing.WeighedPoint{
		{Point: "The ministry has promised in writing to obey the law of Karsovia.", Answer: "That law asks for no order of a court before such equipment is used. A promise to obey it leaves the ground as it was."},
	}})
}

// again confirms what a change made stale: assessment, advice, signature.
func (s *State) again(ctx context.Context, id string) error {
	on := licensing.On{Case: id}
	if err := s.Complete(ctx, id); err != nil {
		return err
	}
	f, err := s.App.CaseFile(ctx, s.Actors["audun"], id)
	if err != nil {
		return err
	}
	for _, a := range f.Case.Advice {
		if a.Superseded || a.Basis == f.Case.Basis {
			continue
		}
		who := s.Actors["fatou"]
		if a.Role == access.RightsAdviser {
			who = s.Actors["amira"]
		}
		if err := s.App.Do(ctx, who, licensing.ConfirmAdvice{On: on, Advice: a.ID, Note: "Read again; it stands."}); err != nil {
			return err
		}
	}
	return s.App.Do(ctx, s.Actors["siri"], licensing.Countersign{On: on, Agree: true})
}

func (s *State) withdrawn(ctx context.Context, clock mover) error {
	id, _, err := s.begin(ctx, "wim", "11-private-intelligence-firm")
	if err != nil {
		return err
	}
	days(clock, 2)
	return s.App.Do(ctx, s.Actors["wim"], licensing.Withdraw{On: licensing.On{Case: id}, Why: "The customer did not tell us who owns it."})
}

func (s *State) sequencers(ctx context.Context, clock mover) error {
	id, in, err := s.begin(ctx, "vera", "09-dna-sequencers")
	if err != nil {
		return err
	}
	days(clock, 2)
	if err := s.assess(ctx, id, in); err != nil {
		return err
	}
	if err := s.Assure(ctx, id, in.Parties[0].ID, "Samples are taken with consent.", false); err != nil {
		return err
	}
	if err := s.View(ctx, id, assessment.AlmostCertain, 5, "Samples of a minority are taken without consent.", "bureau", "kits"); err != nil {
		return err
	}
	if err := s.Complete(ctx, id); err != nil {
		return err
	}
	if err := s.Advise(ctx, id, map[string]licensing.AdviceKind{"bureau": licensing.Refuse, "kits": licensing.Refuse, "clinic": licensing.ApproveWithCondition},
		"The clinic diagnoses patients who asked for it; the bureau collects from people who were not asked."); err != nil {
		return err
	}
	outcomes := []licensing.LineOutcome{
		{Line: "bureau", Outcome: licensing.RefuseLine, Grounds: []string{"CP2-a"}},
		{Line: "kits", Outcome: licensing.RefuseLine, Grounds: []string{"CP2-a"}},
		{Line: "clinic", Outcome: licensing.Issue},
	}
	conditions := []licensing.Condition{{ID: "c1", Type: licensing.AtSite, Lines: []string{"clinic"}, Who: "licensee", What: "Used at the university clinic alone, by named staff.", Verify: "Visit to the site, register of staff", Consequence: "Revocation"}}
	if err := s.Recommend(ctx, id, outcomes, conditions, "The same product, two users, two outcomes.", "siri"); err != nil {
		return err
	}
	return s.Intend(ctx, id, []string{"bureau", "kits"}, []licensing.ReleasedReason{{Ground: "CP2-a", Text: "There is a clear risk that the items might be used for internal repression.", Rests: []string{"CP2-a"}}}, nil)
}

func (s *State) forensics(ctx context.Context, clock mover) error {
	id, in, err := s.begin(ctx, "kari", "05-phone-forensics-prosecutor")
	if err != nil {
		return err
	}
	days(clock, 1)
	if err := s.assess(ctx, id, in); err != nil {
		return err
	}
	if err := s.Assure(ctx, id, in.Parties[0].ID, "Used under the prosecutor's orders alone.", true); err != nil {
		return err
	}
	if err := s.View(ctx, id, assessment.Possible, 4, "Police units received such stations before; serial numbers must be checked."); err != nil {
		return err
	}
	if err := s.Complete(ctx, id); err != nil {
		return err
	}
	views := map[string]licensing.AdviceKind{}
	for _, l := range in.Lines {
		views[l.ID] = licensing.ApproveWithCondition
	}
	if err := s.Advise(ctx, id, views, "With serial numbers and named sites the use can be checked."); err != nil {
		return err
	}
	return s.Recommend(ctx, id, all(in, licensing.Issue), []licensing.Condition{{
		ID: "c1", Type: licensing.Serials, Who: "licensee", What: "Each station is bound to a named site by its serial number.", Verify: "Count of serial numbers at eight sites", Consequence: "Revocation",
	}}, "Approve with serial numbers tracked.", "")
}

func (s *State) thermal(ctx context.Context, clock mover) error {
	id, in, err := s.begin(ctx, "vera", "08-thermal-cameras-border-guard")
	if err != nil {
		return err
	}
	days(clock, 1)
	if err := s.assess(ctx, id, in); err != nil {
		return err
	}
	return s.App.Do(ctx, s.Actors["liv"], licensing.AskAdvice{On: licensing.On{Case: id}, Departments: []string{"human_rights", "foreign"}})
}

func (s *State) waterCannon(ctx context.Context, clock mover) error {
	id, in, err := s.begin(ctx, "kari", "06-water-cannon-gendarmerie")
	if err != nil {
		return err
	}
	days(clock, 1)
	if err := s.Classify(ctx, id, in); err != nil {
		return err
	}
	if err := s.Resolve(ctx, id, in); err != nil {
		return err
	}
	return s.askAbroad(ctx, id, in.Destination)
}

func (s *State) probes(ctx context.Context, clock mover) error {
	id, _, err := s.begin(ctx, "wim", "03-traffic-management-catch-all")
	if err != nil {
		return err
	}
	days(clock, 1)
	return s.App.Do(ctx, s.Actors["liv"], licensing.AskInformation{On: licensing.On{Case: id}, RFI: node.NewID(), Questions: []licensing.Question{
		{ID: "q1", Text: "Which functions of the probes can block or slow down traffic, and are they switched on?"},
		{ID: "q2", Text: "Who asked for the function that detects tunnels, and for what?"},
	}})
}

func (s *State) intrusion(ctx context.Context, clock mover) error {
	in, err := Example("07-intrusion-software-reseller")
	if err != nil {
		return err
	}
	days(clock, 1)
	_, err = s.Apply(ctx, s.Actors["kari"], in)
	return err
}

// large is a frame contract of 100 lines and 60 parties.
func (s *State) large(ctx context.Context, clock mover) error {
	in, err := Example("08-thermal-cameras-border-guard")
	if err != nil {
		return err
	}
	in.Title = "Frame contract for cameras and lenses, Ostria"
	first := in.Lines[0]
	in.Lines = in.Lines[:0]
	for i := range 100 {
		l := first
		l.ID, l.PartNumber = fmt.Sprintf("%03d", i+1), fmt.Sprintf("WI-%04d", 4000+i)
		l.Description = fmt.Sprintf("Uncooled thermal camera core, %d x %d pixels, lens %d mm", 320+i%4*160, 240+i%4*128, 9+i%7*4)
		in.Lines = append(in.Lines, l)
	}
	names := []string{"Brannvik", "Solheim", "Ostergaard", "Halvari", "Lindmark", "Tormod", "Viken", "Askeland", "Fjellnes", "Mortvedt"}
	kinds := []string{"Logistics", "Optics Service", "Border Works", "Forwarding", "Field Support", "Maintenance"}
	for i := len(in.Parties); i < 60; i++ {
		in.Parties = append(in.Parties, assessment.Party{
			ID: fmt.Sprintf("p%02d", i), Roles: []string{string(party.IntermediateConsignee)}, Kind: string(party.Organisation), Tie: string(party.NonState), Country: "XO",
			Names: []string{names[i%len(names)] + " " + kinds[i/len(names)] + " " + fmt.Sprint(i)},
		})
	}
	days(clock, 1)
	id, err := s.Apply(ctx, s.Actors["vera"], in)
	if err != nil {
		return err
	}
	return s.Take(ctx, id, s.Actors["olav"])
}

func (s *State) draft(ctx context.Context, _ mover) error {
	in, err := Example("04-face-recognition-city-police")
	if err != nil {
		return err
	}
	a, err := s.Application(ctx, s.Actors["vera"], node.NewID(), in)
	if err != nil {
		return err
	}
	a.Declaration, a.EndUse.OnWhom, a.Route = licensing.Declaration{}, "", nil
	return s.Draft(ctx, s.Actors["vera"], a)
}
