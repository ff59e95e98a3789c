package licensing

import (
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// ClockMark is what an event says about the clock after it. Fold takes it as it
// is and never counts days itself.
type ClockMark struct {
	Effect   Effect        `json:"effect"`
	Mark     deadline.Mark `json:"mark"`
	Days     int           `json:"days,omitempty"`     // target, where it starts or moves
	Unit     deadline.Unit `json:"unit,omitempty"`     // of the target; empty: working days
	Calendar string        `json:"calendar,omitempty"` // id and version of the calendar used
}

// PartyFact is what is kept of a party for ever: codes, no names.
type PartyFact struct {
	ID       string       `json:"id"`
	Register string       `json:"register,omitempty"`
	Roles    []party.Role `json:"roles"`
	Kind     party.Kind   `json:"kind"`
	Tie      party.Tie    `json:"tie,omitempty"`
	Country  string       `json:"country"`
	Retain   string       `json:"retain,omitempty"` // for natural persons
}

// PersonPart is what is private about one natural person in a version, sealed
// under that person's own key.
type PersonPart struct {
	Ref     string                       `json:"ref"` // id of the party or owner, "contact" or "declaration"
	Details event.Private[party.Details] `json:"details"`
	Retain  string                       `json:"retain,omitempty"` // until when; empty for the applicant's own people, who go with their account
}

// VersionPart is one submitted version: codes in the kept part, everything else
// sealed under the case's key, natural persons under their own.
type VersionPart struct {
	Number    int                        `json:"number"`
	Kind      string                     `json:"kind"`
	Org       string                     `json:"org"`
	Country   string                     `json:"country"` // of use
	Lines     []Line                     `json:"lines"`   // without words
	Parties   []PartyFact                `json:"parties"`
	Documents []DocumentFact             `json:"documents,omitempty"`
	Profile   string                     `json:"profile"` // id and version
	Content   event.Private[Application] `json:"content"`
	People    []PersonPart               `json:"people,omitempty"`
}

// DocumentFact is what is kept of a document for ever.
type DocumentFact struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Hash string `json:"hash"`
	Size int64  `json:"size"`
}

// Submitted opens the case.
type Submitted struct {
	Reference   string      `json:"reference"`
	Compartment string      `json:"compartment,omitempty"`
	Manifest    string      `json:"manifest,omitempty"` // version of the kind's manifest
	Opened      bool        `json:"opened,omitempty"`   // by the authority itself
	To          Stage       `json:"to"`
	Basis       int         `json:"basis"`
	Clock       ClockMark   `json:"clock"`
	Version     VersionPart `json:"version"`
	// Why is what the authority has learned, of a case that it opened.
	Why event.Private[string] `json:"why,omitzero"`
}

// Amended adds a version.
type Amended struct {
	Basis   int                   `json:"basis"`
	Changed []BasisKind           `json:"changed"`
	Version VersionPart           `json:"version"`
	Why     event.Private[string] `json:"why"`
}

// Withdrawn ends the case at the applicant's wish.
type Withdrawn struct {
	To    Stage                 `json:"to"`
	Clock ClockMark             `json:"clock"`
	Why   event.Private[string] `json:"why"`
}

// Assigned gives the case to an officer.
type Assigned struct {
	To      Stage  `json:"to,omitempty"`
	Before  Stage  `json:"before,omitempty"` // where a waiting case returns to, where that changes
	Officer string `json:"officer"`
}

// Unassigned takes it away.
type Unassigned struct {
	Officer string                `json:"officer"`
	Why     event.Private[string] `json:"why"`
}

// InformationAsked opens a request for information.
type InformationAsked struct {
	To        Stage                     `json:"to"`
	Before    Stage                     `json:"before"` // stage to return to
	RFI       string                    `json:"rfi"`
	Number    int                       `json:"number"` // of this case, from 1
	Due       time.Time                 `json:"due"`
	Clock     ClockMark                 `json:"clock"`
	Questions event.Private[[]Question] `json:"questions"`
}

// AnswerText is the private part of an answer.
type AnswerText struct {
	Text    string           `json:"text,omitempty"`
	Answers []QuestionAnswer `json:"answers,omitempty"`
	Titles  []string         `json:"titles,omitempty"` // of the documents, in their order
}

// InformationAnswered is an answer or a holding reply.
type InformationAnswered struct {
	To        Stage                     `json:"to"`
	RFI       string                    `json:"rfi"`
	Holding   bool                      `json:"holding,omitempty"`
	Basis     int                       `json:"basis"`
	Documents []DocumentFact            `json:"documents,omitempty"`
	Clock     ClockMark                 `json:"clock"`
	Answer    event.Private[AnswerText] `json:"answer"`
}

// InformationClosed ends a request.
type InformationClosed struct {
	To         Stage                 `json:"to"`
	RFI        string                `json:"rfi"`
	Unanswered bool                  `json:"unanswered,omitempty"`
	Clock      ClockMark             `json:"clock"`
	Why        event.Private[string] `json:"why"`
}

// AssuranceSought asks for an assurance.
type AssuranceSought struct {
	Assurance string                    `json:"assurance"`
	From      string                    `json:"from"`
	Clauses   []Clause                  `json:"clauses"`
	Lines     []string                  `json:"lines,omitempty"`
	Text      event.Private[SoughtText] `json:"text"`
}

// SoughtText is how and in which words an assurance was asked for.
type SoughtText struct {
	How  string `json:"how"`
	Text string `json:"text"`
}

// AssuranceRecorded is what came of it.
type AssuranceRecorded struct {
	Assurance string                       `json:"assurance"`
	Replies   []ClauseReply                `json:"replies"`
	Expires   deadline.Date                `json:"expires,omitempty"`
	Authority bool                         `json:"authority"` // the signatory's authority is on record
	HasCheck  bool                         `json:"has_check"`
	Document  *DocumentFact                `json:"document,omitempty"`
	Basis     int                          `json:"basis"`
	Retain    string                       `json:"retain,omitempty"` // the signatory's details are kept until
	Text      event.Private[RecordedText]  `json:"text"`
	Signatory event.Private[party.Details] `json:"signatory"` // owned by the signatory's stream
}

// RecordedText is what an assurance says.
type RecordedText struct {
	Text      string `json:"text"`
	Check     string `json:"check,omitempty"`
	Function  string `json:"function,omitempty"`  // the signatory's
	Source    string `json:"source,omitempty"`    // who told us of the signatory
	Authority string `json:"authority,omitempty"` // what shows the authority
	Title     string `json:"title,omitempty"`     // of the document
}

// AssuranceVerified is a check that was made.
type AssuranceVerified struct {
	Assurance string                `json:"assurance"`
	Clauses   []Clause              `json:"clauses"`
	Result    CheckResult           `json:"result"`
	Day       deadline.Date         `json:"day"`
	Documents []DocumentFact        `json:"documents,omitempty"`
	Basis     int                   `json:"basis"`
	Evidence  event.Private[string] `json:"evidence"`
}

// AdviceAsked asks departments.
type AdviceAsked struct {
	To          Stage    `json:"to"`
	Departments []string `json:"departments"`
}

// ViewFact is what is kept of a view for ever.
type ViewFact struct {
	Line    string     `json:"line,omitempty"`
	Party   string     `json:"party,omitempty"`
	Advice  AdviceKind `json:"advice"`
	Grounds []string   `json:"grounds,omitempty"` // ids
}

// AdviceText is an adviser's words.
type AdviceText struct {
	Text  string `json:"text"`
	Views []View `json:"views"`
}

// AdviceGiven is a department's advice.
type AdviceGiven struct {
	To         Stage                     `json:"to"`
	Advice     string                    `json:"advice"`
	Department string                    `json:"department"`
	Role       access.Role               `json:"role"`
	Person     string                    `json:"person"`
	Basis      int                       `json:"basis"`
	Views      []ViewFact                `json:"views"`
	Text       event.Private[AdviceText] `json:"text"`
}

// AdviceConfirmed says that advice stands on the present basis.
type AdviceConfirmed struct {
	Advice string                `json:"advice"`
	Person string                `json:"person"`
	Basis  int                   `json:"basis"`
	Note   event.Private[string] `json:"note"`
}

// ProposalText is the private part of a recommendation.
type ProposalText struct {
	Reasons       string      `json:"reasons"`
	WithoutAdvice string      `json:"without_advice,omitempty"`
	Conditions    []Condition `json:"conditions,omitempty"` // with their words
}

// Recommended is the officer's proposal.
type Recommended struct {
	To         Stage                       `json:"to"`
	Person     string                      `json:"person"`
	Basis      int                         `json:"basis"`
	Outcomes   []LineOutcome               `json:"outcomes"`
	Conditions []Condition                 `json:"conditions,omitempty"` // without words
	Grant      string                      `json:"grant,omitempty"`      // a narrower kind than was applied for
	Without    []string                    `json:"without,omitempty"`    // departments that had not answered
	Voids      bool                        `json:"voids,omitempty"`      // an earlier countersignature
	Text       event.Private[ProposalText] `json:"text"`
}

// Countersigned is the second person's word.
type Countersigned struct {
	To      Stage                 `json:"to"`
	Person  string                `json:"person"`
	Roles   []access.Role         `json:"roles"` // that the signer held
	Agree   bool                  `json:"agree"`
	Basis   int                   `json:"basis"`
	Reasons event.Private[string] `json:"reasons"`
}

// ReleasedText is what the applicant is told; it is sealed under the case's key
// like the rest, and is the only part of it that leaves the authority.
type ReleasedText struct {
	Reasons []ReleasedReason `json:"reasons"`
	Weighed []WeighedPoint   `json:"weighed,omitempty"` // of a decision: the applicant's reply
}

// RefusalIntended tells the applicant what is intended.
type RefusalIntended struct {
	To       Stage                       `json:"to"`
	Lines    []string                    `json:"lines"`
	Grounds  []string                    `json:"grounds"`
	Withheld []Withheld                  `json:"withheld,omitempty"`
	Due      time.Time                   `json:"due"`
	Released event.Private[ReleasedText] `json:"released"`
}

// ApplicantReplied is the applicant's answer.
type ApplicantReplied struct {
	Basis     int                       `json:"basis"`
	Late      bool                      `json:"late,omitempty"`
	Documents []DocumentFact            `json:"documents,omitempty"`
	Text      event.Private[AnswerText] `json:"text"`
}

// ReplyWeighed says how the reply was weighed.
type ReplyWeighed struct {
	NewFacts bool                  `json:"new_facts,omitempty"`
	Basis    int                   `json:"basis"`
	Text     event.Private[string] `json:"text"`
}

// LineDecision is what was decided on a line, with what statistics need.
type LineDecision struct {
	Line     string   `json:"line"`
	Outcome  Outcome  `json:"outcome"`
	Grounds  []string `json:"grounds,omitempty"`
	Code     string   `json:"code,omitempty"`
	Category string   `json:"category,omitempty"` // kind of item
	Severity int      `json:"severity,omitempty"`
	Unknowns []string `json:"unknowns,omitempty"` // rules that stayed open, below severity 4
}

// AnsweredGround is a ground of the adviser that a senior officer answered.
type AnsweredGround struct {
	Advice string `json:"advice,omitempty"`
	Ground string `json:"ground"`
}

// DecisionText is the authority's own reasoning; it never leaves it.
type DecisionText struct {
	Reasons        string         `json:"reasons"`
	AgainstAdviser []GroundReason `json:"against_adviser,omitempty"`
	Conditions     []Condition    `json:"conditions,omitempty"` // with their words
}

// Decided ends the case.
type Decided struct {
	To             Stage                       `json:"to"`
	Number         int                         `json:"number,omitempty"` // of a decision anew, from 2
	Way            Way                         `json:"way,omitempty"`    // of a decision anew
	Contest        time.Time                   `json:"contest,omitzero"` // the last instant for an appeal
	Outcome        Outcome                     `json:"outcome"`
	Lines          []LineDecision              `json:"lines"`
	Conditions     []Condition                 `json:"conditions,omitempty"` // without words
	Person         string                      `json:"person"`
	Recommender    string                      `json:"recommender"`
	Countersigner  string                      `json:"countersigner,omitempty"`
	AgainstAdviser []AnsweredGround            `json:"against_adviser,omitempty"`
	Withheld       []Withheld                  `json:"withheld,omitempty"`
	Redress        string                      `json:"redress,omitempty"`
	Licence        string                      `json:"licence,omitempty"`   // id
	Direction      string                      `json:"direction,omitempty"` // that it carries out: then it is nobody's view here
	Basis          int                         `json:"basis"`
	Rests          Rests                       `json:"rests"`
	Clock          ClockMark                   `json:"clock"`
	Text           event.Private[DecisionText] `json:"text"`
	Released       event.Private[ReleasedText] `json:"released"`
}

// BasisChanged says that what the case rests on has changed.
type BasisChanged struct {
	What  BasisKind             `json:"what"`
	Ref   string                `json:"ref"`
	Basis int                   `json:"basis"`
	Note  event.Private[string] `json:"note"`
}

// PartyLinked ties a party to its entry in the register.
type PartyLinked struct {
	Party    string `json:"party"`
	Register string `json:"register"`
	Basis    int    `json:"basis"`
}

// AssessmentNoted carries the assessment's state to the list.
type AssessmentNoted struct {
	Severity int  `json:"severity,omitempty"`
	Complete bool `json:"complete,omitempty"`
	Basis    int  `json:"basis"`
}

// LetterRecorded says that a letter was written.
type LetterRecorded struct {
	Kind     LetterKind `json:"kind"`
	Form     string     `json:"form,omitempty"`
	Document string     `json:"document"`
	Hash     string     `json:"hash"`
}

// CompartmentMoved says in which compartment the case lies from now on.
type CompartmentMoved struct {
	Compartment string                `json:"compartment,omitempty"`
	Why         event.Private[string] `json:"why"`
}

// ClockMoved counts the clock anew.
type ClockMoved struct {
	Clock ClockMark             `json:"clock"`
	Why   event.Private[string] `json:"why"`
}
