package licensing

import (
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
)

// Actor is who gives a command.
type Actor struct {
	access.Actor
	// Person is the natural person behind the account, where the caller knows
	// one person with several accounts; empty: the account is the person.
	// Two-person rules go by it.
	Person string
}

// person is the one whom two-person rules mean.
func (a Actor) person() string {
	if a.Person != "" {
		return a.Person
	}
	return a.Account
}

// Facts are what the caller gathered. Each command needs Now, Actor and what
// its row of Table names under Facts.
type Facts struct {
	Now   time.Time // the events are recorded with this very time
	Actor Actor

	Reference        string                        // human reference of the new case, from the counter
	LicenceReference string                        // human reference of the new licence
	Compartment      string                        // compartment of the new case; empty: none
	Kind             Kind                          // of the case, or of the application that becomes one
	Granted          Kind                          // as which what is recommended is issued, where that is a narrower kind
	Profile          Profile                       // completeness profile of the policy pack
	Calendar         *deadline.Calendar            // the authority's working days
	Calendars        map[string]*deadline.Calendar // by id, for periods of laws
	Periods          []PeriodRule                  // of the pack, that events of cases begin
	TargetDays       int                           // until the decision, from the pack
	TargetUnit       deadline.Unit                 // what they are; empty: working days
	RFIPeriod        deadline.Period               // by when an answer is wanted, from the pack
	RFIExtension     deadline.Period               // more time for it, from the pack
	ReplyPeriod      deadline.Period               // time to reply to an intended refusal, from the pack
	CommitteePeriod  deadline.Period               // by when a committee's minutes are there, from the pack
	StopPeriod       deadline.Period               // by when a stop is answered, from the pack
	AppealPeriod     deadline.Period               // time to contest a decision, from the pack
	ReviewDays       int                           // target for the word on an appeal, in working days, from the pack
	Licence          *Licence                      // of the decision in force, where there is one
	OwnView          bool                          // the actor has recorded likelihood, severity and main worry of their own in the assessment
	Vary             *VaryFacts                    // for varying a licence
	Decision         *DecisionFacts                // for deciding and for intending to refuse
}

// DecisionFacts is what the assessment's stream says about the case, and what
// the case rests on. The caller fills it inside the transaction.
type DecisionFacts struct {
	Complete bool         // every refuse_if test has a finding by a named person with a dated fact or a stated search
	Missing  []fault.Item // what is missing, with where it is solved
	Basis    int          // basis of the case on which the assessment was last confirmed
	Author   string       // person who wrote the assessment
	Lines    []LineFacts
	Adviser  *AdviserView      // nil where the human-rights adviser has recorded no view
	Broken   []BrokenElsewhere // assurances that end users of this case broke in other cases
	Release  []string          // ids of the facts and findings that may be told to the applicant
	Second   *Second           // what the pack asks of the second person under this outcome; nil: one of any role
	Rests    Rests
	Presumed deadline.Date // from when denial is presumed for the destination, and this case is not exempted; "": it is not
}

// Second says whose countersignature the pack asks for.
type Second struct {
	By []access.Role // each must be among the signer's roles, a senior officer's holding that of an officer; none: no countersignature is needed
}

// LineFacts is what the assessment says about one line.
type LineFacts struct {
	Line      string
	Category  string // kind of item as the authority confirmed it; empty: nobody has
	Code      string // control code as the authority determined it; empty: not listed
	Severity  int    // 1 to 5, the maximum of scale, scope and irremediability; 0: not known, treated as 5
	Undecided []Rule // refuse_if tests still unknown at severity 4-5 or for an item not yet known: the line can't be issued
	Met       []Rule // refuse_if tests that are met: the line can't be issued
	Unknowns  []Unknown
	Undercuts bool // a party was refused before, and neither was a state consulted nor is it on record why not: the line can't be issued
}

// Rule names a rule of the policy pack.
type Rule struct {
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
}

// Unknown is an open unknown below severity 4, with the officer's reason why it
// is bearable; without a reason the line can't be issued.
type Unknown struct {
	Rule   Rule
	Reason string
}

// AdviserView is the human-rights adviser's own view in the assessment.
type AdviserView struct {
	Person  string
	Refuse  []string // lines the adviser would refuse
	Grounds []Ground // each of which a senior officer has to answer
	Text    string
}

// BrokenElsewhere says that a party of this case broke an assurance in another.
type BrokenElsewhere struct {
	Party string // id of the party in this case
	Case  string // reference of the other case
	Day   deadline.Date
}

// Rests is everything a decision rested on, by hash, so that it can be
// replayed.
type Rests struct {
	PolicyPack  string   `json:"policy_pack"`
	ControlList string   `json:"control_list"`
	WatchLists  []string `json:"watch_lists"`
	Indicators  string   `json:"indicators"`
	Facts       string   `json:"facts"`                  // hash of the document of facts
	Document    string   `json:"document"`               // vault id of the document of facts
	NotSearched []string `json:"not_searched,omitempty"` // lists that were not searched
}

// line finds the facts of a line; a line that nobody assessed is not known.
func (d *DecisionFacts) line(id string) LineFacts {
	for _, l := range d.Lines {
		if l.Line == id {
			return l
		}
	}
	return LineFacts{Line: id}
}

// severity reads "not known" as the highest.
func (l LineFacts) severity() int {
	if l.Severity < 1 || l.Severity > 5 {
		return 5
	}
	return l.Severity
}
