package licensing

import (
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// Case is what the events of one "case/ID" add up to. The zero Case is a draft
// that was not submitted.
type Case struct {
	ID          string            `json:"id"`
	Reference   string            `json:"reference"`
	Kind        string            `json:"kind"`
	Manifest    string            `json:"manifest,omitempty"` // version of the kind's manifest when it was submitted
	Org         string            `json:"org"`
	Compartment string            `json:"compartment,omitempty"`
	Stage       Stage             `json:"stage"`
	Before      Stage             `json:"before,omitempty"` // where it returns to when nothing is waited for
	Versions    []Version         `json:"versions,omitempty"`
	Officer     string            `json:"officer,omitempty"`
	Clock       deadline.Clock    `json:"clock"`
	Basis       int               `json:"basis"`   // counts every material change
	Changes     []BasisChange     `json:"changes"` // what made each basis
	Assessed    Assessed          `json:"assessed"`
	RFIs        []RFI             `json:"rfis,omitempty"`
	Assurances  []Assurance       `json:"assurances,omitempty"`
	Asked       []AskedAdvice     `json:"asked,omitempty"`
	Advice      []Advice          `json:"advice,omitempty"`
	Proposal    *Proposal         `json:"proposal,omitempty"`
	Earlier     []Proposal        `json:"earlier,omitempty"` // proposals that were replaced
	Signatures  []CaseSignature   `json:"signatures,omitempty"`
	Intended    *IntendedRefusal  `json:"intended,omitempty"`
	Decision    *Decision         `json:"decision,omitempty"` // in force
	Former      []Decision        `json:"former,omitempty"`   // that later ones took the place of, the first first
	Heard       []IntendedRefusal `json:"heard,omitempty"`    // intentions of decisions before
	Rounds      []Again           `json:"rounds,omitempty"`   // decisions anew, and what they came of
	Appeals     []CaseAppeal      `json:"appeals,omitempty"`
	Ticked      []deadline.Clock  `json:"ticked,omitempty"`  // clocks before the present one
	Periods     []CasePeriod      `json:"periods,omitempty"` // of laws, in the order in which they began
	Letters     []Letter          `json:"letters,omitempty"`
	Notes       []Note            `json:"notes,omitempty"`
	Informed    []SentLetter      `json:"informed,omitempty"`
	Recusals    []Recusal         `json:"recusals,omitempty"`
	Directions  []Direction       `json:"directions,omitempty"`
	Dissents    []CaseDissent     `json:"dissents,omitempty"`
	Escalations []Escalation      `json:"escalations,omitempty"`
	Opened      bool              `json:"opened,omitempty"` // by the authority
	Learned     Text              `json:"learned,omitzero"` // why it was opened
	Withdrawal  *Text             `json:"withdrawal,omitempty"`
	Submitted   time.Time         `json:"submitted"`
	Withdrawn   time.Time         `json:"withdrawn,omitzero"`
	Changed     time.Time         `json:"changed"` // time of the last event
	LastActor   string            `json:"last_actor,omitempty"`
	Moved       int64             `json:"moved,omitempty"`  // version of the last event that makes an open page out of date
	Handed      int64             `json:"handed,omitempty"` // version of the last event that changed whose case it is
}

// Version is one submitted version with everything that can still be read of it.
type Version struct {
	Number    int            `json:"number"`
	At        time.Time      `json:"at"`
	By        string         `json:"by"`
	App       Application    `json:"app"` // where the content was erased: codes only
	Profile   string         `json:"profile"`
	Why       Text           `json:"why,omitzero"` // of an amendment
	Documents []DocumentFact `json:"documents,omitempty"`
	Parties   []PartyFact    `json:"parties"`
	Erased    *event.Erasure `json:"erased,omitempty"` // the content
	People    []ErasedPerson `json:"people,omitempty"` // natural persons who were erased
	Held      []HeldPerson   `json:"held,omitempty"`   // natural persons whose details have a date to go
}

// ErasedPerson says that a natural person's details are gone.
type ErasedPerson struct {
	Ref    string        `json:"ref"` // id of the party or owner, "contact" or "declaration"
	Erased event.Erasure `json:"erased"`
}

// ErasedPart tells when and why a party's or owner's details are gone; nil where
// they are there.
func (v *Version) ErasedPart(ref string) *event.Erasure {
	for i := range v.People {
		if v.People[i].Ref == ref {
			return &v.People[i].Erased
		}
	}
	return v.Erased
}

// BasisChange is one material change.
type BasisChange struct {
	Basis int       `json:"basis"` // the basis that it made
	What  BasisKind `json:"what"`
	Ref   string    `json:"ref,omitempty"`
	Note  Text      `json:"note,omitzero"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// Assessed is what the case knows of its assessment, for lists.
type Assessed struct {
	Severity int  `json:"severity,omitempty"` // 0 not known
	Complete bool `json:"complete,omitempty"`
	Basis    int  `json:"basis,omitempty"`
}

// RFI is one request for information.
type RFI struct {
	ID        string         `json:"id"`
	Number    int            `json:"number"`
	Questions []Question     `json:"questions,omitempty"`
	Erased    *event.Erasure `json:"erased,omitempty"` // the questions
	AskedBy   string         `json:"asked_by"`
	AskedAt   time.Time      `json:"asked_at"`
	Due       time.Time      `json:"due"`
	Answers   []RFIAnswer    `json:"answers,omitempty"`  // holding replies and the answer
	Closed    time.Time      `json:"closed,omitzero"`    // zero while it is open
	How       string         `json:"how,omitempty"`      // RFIAnswered ...
	Extended  []Extension    `json:"extended,omitempty"` // more time that was given
	Why       Text           `json:"why,omitzero"`       // where it was closed
}

// Extension is more time that was given for an answer.
type Extension struct {
	At  time.Time `json:"at"`
	By  string    `json:"by"`
	Due time.Time `json:"due"`
	Why Text      `json:"why,omitzero"`
}

// Open tells whether an answer is still awaited.
func (r RFI) Open() bool { return r.Closed.IsZero() }

// RFIAnswer is one answer or holding reply.
type RFIAnswer struct {
	At        time.Time      `json:"at"`
	By        string         `json:"by"`
	Holding   bool           `json:"holding,omitempty"`
	Answer    AnswerText     `json:"answer"`
	Documents []DocumentFact `json:"documents,omitempty"`
	Erased    *event.Erasure `json:"erased,omitempty"`
}

// Letter is one letter that was written.
type Letter struct {
	Kind     LetterKind `json:"kind"`
	Form     string     `json:"form,omitempty"` // FormDOCX; empty: to read, or to keep
	Document string     `json:"document"`
	Hash     string     `json:"hash"`
	At       time.Time  `json:"at"`
}

// AskedAdvice is a department that was asked.
type AskedAdvice struct {
	Department string    `json:"department"`
	At         time.Time `json:"at"`
	By         string    `json:"by"`
}

// Advice is a department's view. A later one of the same department supersedes
// it; both stay.
type Advice struct {
	ID         string         `json:"id"`
	Department string         `json:"department"`
	Role       access.Role    `json:"role"`
	Person     string         `json:"person"`
	At         time.Time      `json:"at"`
	Basis      int            `json:"basis"` // on which it was given or last confirmed
	Facts      []ViewFact     `json:"facts"`
	Text       AdviceText     `json:"text"`
	Erased     *event.Erasure `json:"erased,omitempty"`
	Superseded bool           `json:"superseded,omitempty"`
	Notes      []Text         `json:"notes,omitempty"` // of confirmations
}

// Proposal is the officer's recommendation.
type Proposal struct {
	Person     string         `json:"person"`
	At         time.Time      `json:"at"`
	Basis      int            `json:"basis"`
	Outcomes   []LineOutcome  `json:"outcomes"`
	Conditions []Condition    `json:"conditions,omitempty"`
	Grant      string         `json:"grant,omitempty"` // a narrower kind than was applied for
	Without    []string       `json:"without,omitempty"`
	Text       ProposalText   `json:"text"`
	Erased     *event.Erasure `json:"erased,omitempty"`
}

// CaseSignature is a second person's word on the proposal.
type CaseSignature struct {
	Person  string        `json:"person"`
	At      time.Time     `json:"at"`
	Roles   []access.Role `json:"roles,omitempty"` // that the signer held
	Agree   bool          `json:"agree"`
	Basis   int           `json:"basis"`
	Reasons Text          `json:"reasons,omitzero"`
	Void    bool          `json:"void,omitempty"` // the outcome changed afterwards
}

// IntendedRefusal is what the applicant was told is intended.
type IntendedRefusal struct {
	At       time.Time      `json:"at"`
	Lines    []string       `json:"lines"`
	Grounds  []string       `json:"grounds"`
	Released ReleasedText   `json:"released"`
	Withheld []Withheld     `json:"withheld,omitempty"`
	Due      time.Time      `json:"due"`
	Erased   *event.Erasure `json:"erased,omitempty"`
	Replies  []CaseReply    `json:"replies,omitempty"`
}

// CaseReply is the applicant's reply and how it was weighed.
type CaseReply struct {
	At        time.Time      `json:"at"`
	By        string         `json:"by"`
	Late      bool           `json:"late,omitempty"`
	Text      AnswerText     `json:"text"`
	Documents []DocumentFact `json:"documents,omitempty"`
	Erased    *event.Erasure `json:"erased,omitempty"`
	Weighed   bool           `json:"weighed,omitempty"`
	WeighedBy string         `json:"weighed_by,omitempty"`
	Weighing  Text           `json:"weighing,omitzero"`
}

// Decision is how the case ended.
type Decision struct {
	Number         int              `json:"number,omitempty"` // where it is not the first
	Way            Way              `json:"way,omitempty"`    // of a decision anew: what it came of
	Contest        time.Time        `json:"contest,omitzero"` // the last instant for an appeal
	At             time.Time        `json:"at"`
	Person         string           `json:"person"`
	Outcome        Outcome          `json:"outcome"`
	Lines          []LineDecision   `json:"lines"`
	Conditions     []Condition      `json:"conditions,omitempty"`
	Text           DecisionText     `json:"text"`
	Released       ReleasedText     `json:"released"`
	Withheld       []Withheld       `json:"withheld,omitempty"`
	Redress        string           `json:"redress,omitempty"`
	AgainstAdviser []AnsweredGround `json:"against_adviser,omitempty"`
	Recommender    string           `json:"recommender"`
	Countersigner  string           `json:"countersigner,omitempty"` // empty where the pack asks for none
	Licence        string           `json:"licence,omitempty"`
	Direction      string           `json:"direction,omitempty"` // that it carried out
	Basis          int              `json:"basis"`
	Rests          Rests            `json:"rests"`
	Erased         *event.Erasure   `json:"erased,omitempty"`
}

// Current is the latest version; nil for a case that was not submitted.
func (c *Case) Current() *Version {
	if len(c.Versions) == 0 {
		return nil
	}
	return &c.Versions[len(c.Versions)-1]
}

// App is the application as last submitted.
func (c *Case) App() *Application {
	if v := c.Current(); v != nil {
		return &v.App
	}
	return &Application{}
}

// RFI finds a request by its id.
func (c *Case) RFI(id string) *RFI {
	for i := range c.RFIs {
		if c.RFIs[i].ID == id {
			return &c.RFIs[i]
		}
	}
	return nil
}

// OpenRFIs counts the requests that wait for an answer.
func (c *Case) OpenRFIs() int {
	n := 0
	for _, r := range c.RFIs {
		if r.Open() {
			n++
		}
	}
	return n
}

// AdviceByID finds advice by its id.
func (c *Case) AdviceByID(id string) *Advice {
	for i := range c.Advice {
		if c.Advice[i].ID == id {
			return &c.Advice[i]
		}
	}
	return nil
}

// Outstanding are the departments that were asked and have not answered.
func (c *Case) Outstanding() []string {
	var out []string
	for _, a := range c.Asked {
		if !c.answered(a.Department) && !contains(out, a.Department) {
			out = append(out, a.Department)
		}
	}
	return out
}

func (c *Case) answered(department string) bool {
	for _, a := range c.Advice {
		if a.Department == department {
			return true
		}
	}
	return false
}

// Signature is the countersignature that holds: the last one, if it agrees and
// is not void. Whether it is stale is another question.
func (c *Case) Signature() *CaseSignature {
	if n := len(c.Signatures); n > 0 && c.Signatures[n-1].Agree && !c.Signatures[n-1].Void {
		return &c.Signatures[n-1]
	}
	return nil
}

// AtRest tells whether a decision stands and nobody works on another one.
func (c *Case) AtRest() bool { return c.Stage == DecidedStage || c.Stage == AppealStage }

// WhoseTurn says who has to act next: "coordinator", "officer", "applicant",
// "adviser", "countersigner", "decider", "reviewer" or "nobody".
func (c *Case) WhoseTurn() string {
	switch c.Stage {
	case SubmittedStage:
		return "coordinator"
	case Waiting:
		return "applicant"
	case AdviceStage:
		return "adviser"
	case Countersignature:
		if c.Signature() == nil {
			return "countersigner"
		}
		return "decider"
	case AppealStage:
		if a := c.Appeal(); a != nil && len(a.Reviewers) > 0 {
			return "reviewer"
		}
		return "coordinator"
	case Intention:
		if c.Intended != nil && len(c.Intended.Replies) == 0 {
			return "applicant"
		}
		return "officer"
	case Assessment, RecommendStage:
		if c.Officer == "" {
			return "coordinator"
		}
		return "officer"
	}
	return "nobody"
}
