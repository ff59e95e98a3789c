package licensing

import (
	"github.com/comity-project/comity/internal/event"
)

// Sentence is the message of one event for a timeline in plain words: a key
// "timeline.EVENT TYPE", with a variant after it where the outcome matters, and
// the values for its placeholders. Who did it and when stand beside it.
// Private text is not in it: a timeline says that something was said, the page
// of that thing says what.
func Sentence(r event.Recorded) (key string, args map[string]any) {
	variant := ""
	set := func(pairs ...any) {
		args = map[string]any{}
		for i := 0; i+1 < len(pairs); i += 2 {
			args[pairs[i].(string)] = pairs[i+1]
		}
	}
	switch e := r.Event.(type) {
	case Submitted:
		set("reference", e.Reference, "lines", len(e.Version.Lines), "parties", len(e.Version.Parties), "due", e.Clock.Mark.Due)
		if e.Opened {
			variant = ".opened"
		}
	case CaseInformed:
		if e.Org == "" {
			variant = ".all"
		}
	case Amended:
		set("version", e.Version.Number)
		if len(e.Changed) == 0 {
			variant = ".formal"
		}
	case Assigned:
		set("officer", e.Officer)
	case Unassigned:
		set("officer", e.Officer)
	case InformationAsked:
		set("number", e.Number, "due", e.Due)
	case InformationAnswered:
		set("count", len(e.Documents), "due", e.Clock.Mark.Due)
		if e.Holding {
			variant = ".holding"
		}
	case InformationClosed:
		if e.Unanswered {
			variant = ".unanswered"
		}
	case InformationExtended:
		set("due", e.Due)
	case AssuranceSought:
		set("count", len(e.Clauses), "party", e.From)
	case AssuranceRecorded:
		variant = "." + string(worst(e.Replies))
	case AssuranceVerified:
		variant = "." + string(e.Result)
		set("day", string(e.Day))
	case AdviceAsked:
		set("departments", e.Departments)
	case AdviceGiven:
		set("department", e.Department)
	case AdviceConfirmed:
		set("basis", e.Basis)
	case Recommended:
		if e.Voids {
			variant = ".again"
		}
	case Countersigned:
		if !e.Agree {
			variant = ".refused"
		}
	case RefusalIntended:
		set("due", e.Due, "count", len(e.Lines))
	case ApplicantReplied:
		if e.Late {
			variant = ".late"
		}
	case ReplyWeighed:
		if e.NewFacts {
			variant = ".new_facts"
		}
	case Decided:
		variant = "." + string(e.Outcome)
		set("against", len(e.AgainstAdviser))
	case AppealLodged:
		set("number", e.Number, "due", e.Clock.Mark.Due)
		if e.Measure != 0 {
			variant = ".measure"
		}
	case ReviewAssigned:
		set("count", len(e.Reviewers))
	case AppealDecided:
		variant = "." + string(e.Result)
	case Reopened:
		variant = "." + string(e.Ground)
	case BasisChanged:
		variant = "." + string(e.What)
		set("ref", e.Ref)
	case AssessmentNoted:
		if !e.Complete {
			variant = ".open"
		}
		set("severity", e.Severity)
	case LetterRecorded:
		variant = "." + string(e.Kind)
	case ClockMoved:
		set("due", e.Clock.Mark.Due, "days", e.Clock.Days)
	case PeriodsTicked:
		set("count", len(e.Ticks))
	case LicenceIssued:
		set("reference", e.Reference, "from", string(e.From), "until", string(e.Until))
	case LicenceSuspended:
		if len(e.Lines) > 0 {
			variant = ".lines"
			set("count", len(e.Lines))
		}
	case VariationDropped:
		if e.Own {
			variant = ".own"
		}
	case LicenceVaried:
		set("number", e.Number)
	case ShipmentHeld:
		set("declaration", e.Declaration, "due", e.Due)
	case ShipmentAnswered:
		variant = "." + string(e.Reply)
	case ShipmentEnded:
		variant = "." + string(e.Outcome)
	case GapRaised:
		set("instrument", e.Instrument)
	case LicenceUsed:
		if e.Message == nil {
			variant = ".return"
		}
		set("declaration", e.Declaration, "count", len(e.Lines))
	case LicenceUseRefused:
		set("declaration", e.Declaration)
	case DeliveryVerified:
		variant = "." + string(e.Result)
	case DutyReviewed:
		variant = "." + string(e.Result)
	case LicenceExpired:
		set("until", string(e.Until))
	}
	return "timeline." + r.Event.EventType() + variant, args
}

// worst is the reply by which a recorded assurance is named: a declined clause
// outweighs a given one.
func worst(replies []ClauseReply) Reply {
	for _, want := range []Reply{Declined, Unanswered, Changed} {
		for _, r := range replies {
			if r.Reply == want {
				return want
			}
		}
	}
	return Given
}
