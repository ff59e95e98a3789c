package licensing

import "github.com/comity-project/comity/internal/access"

// Stage is where a case stands.
type Stage string

// The stages. A draft has no case yet.
const (
	Draft            Stage = "draft"
	SubmittedStage   Stage = "submitted"        // nobody has taken it yet
	Assessment       Stage = "assessment"       // an officer works on it
	Waiting          Stage = "waiting"          // a request for information is open, the clock stands
	AdviceStage      Stage = "advice"           // departments were asked and have not all answered
	RecommendStage   Stage = "recommendation"   // all that was asked for is there
	Countersignature Stage = "countersignature" // a recommendation waits for, or has, its second person
	Intention        Stage = "intention"        // the applicant was told that a refusal is intended
	DecidedStage     Stage = "decided"
	AppealStage      Stage = "appeal" // decided, and contested: a review is awaited
	WithdrawnStage   Stage = "withdrawn"
)

// Group puts stages together for lists: "open", "waiting" or "closed".
func (s Stage) Group() string {
	switch s {
	case Waiting:
		return "waiting"
	case DecidedStage, WithdrawnStage:
		return "closed"
	}
	return "open"
}

// Effect is what an event does to the case's clock.
type Effect string

// The effects.
const (
	NoEffect Effect = ""
	Starts   Effect = "starts"
	Stops    Effect = "stops"
	Runs     Effect = "runs" // runs again when nothing else is waited for
	Moves    Effect = "moves"
	Ends     Effect = "ends"
)

// System is the node itself, where a row names no act.
const System access.Role = "system"

// Transition is one row of the table of everything that can happen to a case.
type Transition struct {
	From    []Stage  // stages in which the command is taken
	Command string   // Command.Name
	Event   string   // the event type that it gives
	Guards  []string // message keys of the refusals it may meet, besides "licensing.stage.*"; a key may stand for those under it
	To      []Stage  // where the case may stand afterwards; none: where it stood
	Clock   Effect
	Act     access.Act // what access is asked; empty: the node itself gives the command
	Facts   []string   // fields of Facts that the caller must fill, besides Now and Actor
}

var (
	open   = []Stage{SubmittedStage, Assessment, Waiting, AdviceStage, RecommendStage, Countersignature, Intention}
	worked = []Stage{Assessment, Waiting, AdviceStage, RecommendStage, Countersignature, Intention}
	active = []Stage{Assessment, AdviceStage, RecommendStage, Countersignature, Intention}
	living = append([]Stage{AppealStage}, open...)                    // until it is at rest
	ever   = append([]Stage{DecidedStage, WithdrawnStage}, living...) // as long as there is a case
)

// Table is every row: the one place that says what may happen when, to whom it
// leads and what it does to the clock. Decide refuses what it does not hold.
// The authority's page of the procedure draws it.
var Table = []Transition{
	{
		From: []Stage{Draft}, Command: "case.submit", Event: "case.submitted", To: []Stage{SubmittedStage}, Clock: Starts, Act: access.ApplicationSubmit,
		Guards: []string{"licensing.application.invalid", "licensing.application.incomplete", "licensing.facts.missing"},
		Facts:  []string{"Reference", "Compartment", "Kind", "Profile", "Calendar", "TargetDays"},
	},
	{
		From: open, Command: "case.amend", Event: "case.amended", Act: access.ApplicationSubmit,
		Guards: []string{"licensing.application.invalid", "licensing.application.incomplete", "licensing.amend.other", "licensing.amend.same"},
		Facts:  []string{"Kind", "Profile"},
	},
	{
		From: []Stage{Draft}, Command: "case.open", Event: "case.submitted", To: []Stage{SubmittedStage}, Clock: Starts, Act: access.CaseOpen,
		Guards: []string{"licensing.application.invalid", "licensing.application.incomplete", "licensing.kind.unknown", "licensing.reason.missing"},
		Facts:  []string{"Reference", "Compartment", "Kind", "Profile", "Calendar", "TargetDays"},
	},
	{
		From: open, Command: "case.inform", Event: "case.informed", Act: access.CaseInform, Facts: []string{"Reference", "Calendar"},
		Guards: []string{"licensing.informed.other", "licensing.informed.basis", "licensing.informed.items", "licensing.informed.text", "licensing.informed.covers", "licensing.informed.tariff"},
	},
	{From: ever, Command: "case.lift_informed", Event: "case.informed_lifted", Act: access.CaseInform, Guards: []string{"licensing.informed.none", "licensing.reason.missing"}},
	{From: living, Command: "case.recuse", Event: "case.recused", Act: access.CaseRecuse, Guards: []string{"licensing.recusal.person", "licensing.recusal.other", "licensing.recusal.stands", "licensing.recusal.ground", "licensing.reason.missing"}},
	{From: living, Command: "case.lift_recusal", Event: "case.recusal_lifted", Act: access.CaseAssign, Guards: []string{"licensing.recusal.none", "licensing.recusal.self", "licensing.reason.missing"}},
	{
		From: []Stage{DecidedStage}, Command: "case.appeal", Event: "case.appeal_lodged", To: []Stage{AppealStage}, Clock: Starts, Act: access.ApplicationAnswer,
		Guards: []string{"licensing.id", "licensing.appeal.none", "licensing.appeal.late", "licensing.appeal.twice", "licensing.reason.missing", "licensing.document.hash"},
		Facts:  []string{"Calendar", "AppealPeriod", "ReviewDays", "Licence"},
	},
	{
		From: []Stage{AppealStage}, Command: "case.withdraw_appeal", Event: "case.appeal_withdrawn", To: []Stage{DecidedStage}, Clock: Ends, Act: access.ApplicationAnswer,
		Guards: []string{"licensing.appeal.unknown", "licensing.reason.missing"}, Facts: []string{"Calendar"},
	},
	{
		From: []Stage{AppealStage}, Command: "case.assign_review", Event: "case.review_assigned", Act: access.CaseAssign,
		Guards: []string{"licensing.appeal.unknown", "licensing.appeal.reviewers", "licensing.appeal.took_part", "licensing.officer.same"}, Facts: []string{"Licence"},
	},
	{
		From: []Stage{AppealStage}, Command: "case.decide_appeal", Event: "case.appeal_decided", To: []Stage{DecidedStage, Assessment}, Clock: Ends, Act: access.CaseDecide,
		Guards: []string{"licensing.appeal.unknown", "licensing.appeal.reviewer", "licensing.appeal.result", "licensing.outcome.lines", "licensing.line.unknown", "licensing.reason.missing"},
		Facts:  []string{"Calendar", "Kind", "TargetDays", "Licence"},
	},
	{
		From: []Stage{DecidedStage}, Command: "case.reopen", Event: "case.reopened", To: []Stage{Assessment}, Clock: Starts, Act: access.CaseReopen,
		Guards: []string{"licensing.reopen.ground", "licensing.reason.missing"}, Facts: []string{"Calendar", "TargetDays"},
	},
	{
		From: []Stage{Countersignature, Intention}, Command: "case.direct", Event: "case.directed", Act: access.CaseDirect,
		Guards: []string{"licensing.id", "licensing.direction.who", "licensing.direction.day", "licensing.direction.text", "licensing.outcome.lines"}, Facts: []string{"Kind", "Calendar"},
	},
	{From: append([]Stage{DecidedStage, AppealStage}, worked...), Command: "case.lodge_dissent", Event: "case.dissent_lodged", Act: access.CaseDissent, Guards: []string{"licensing.id", "licensing.reason.missing"}},
	{From: ever, Command: "case.close_dissent", Event: "case.dissent_closed", Act: access.CaseCloseDissent, Guards: []string{"licensing.dissent.none", "licensing.reason.missing"}},
	{From: worked, Command: "case.escalate", Event: "case.escalated", Act: access.CaseEscalate, Guards: []string{"licensing.id", "licensing.reason.missing", "licensing.committee.waits"}, Facts: []string{"Calendar", "CommitteePeriod"}},
	{
		From: worked, Command: "case.minute", Event: "case.minuted", Act: access.CaseMinute,
		Guards: []string{"licensing.committee.none", "licensing.reason.missing", "licensing.committee.positions", "licensing.committee.dissent", "licensing.outcome.lines"}, Facts: []string{"Kind"},
	},
	{From: open, Command: "case.withdraw", Event: "case.withdrawn", To: []Stage{WithdrawnStage}, Clock: Ends, Act: access.ApplicationSubmit, Guards: []string{"licensing.reason.missing", "licensing.again.withdraw"}, Facts: []string{"Calendar"}},
	{From: open, Command: "case.assign", Event: "case.assigned", To: []Stage{Assessment}, Act: access.CaseAssign, Guards: []string{"licensing.officer.missing", "licensing.officer.same"}},
	{From: worked, Command: "case.unassign", Event: "case.unassigned", Act: access.CaseAssign, Guards: []string{"licensing.officer.none", "licensing.reason.missing"}},
	{
		From: open, Command: "case.ask_information", Event: "case.information_asked", To: []Stage{Waiting}, Clock: Stops, Act: access.CaseAsk,
		Guards: []string{"licensing.id", "licensing.rfi.questions", "licensing.rfi.due"}, Facts: []string{"Calendar", "RFIPeriod"},
	},
	{
		From: []Stage{Waiting}, Command: "case.answer_information", Event: "case.information_answered", To: []Stage{Waiting, SubmittedStage, Assessment, AdviceStage, RecommendStage, Countersignature, Intention},
		Clock: Runs, Act: access.ApplicationAnswer, Guards: []string{"licensing.rfi.unknown", "licensing.rfi.closed", "licensing.rfi.empty", "licensing.document.hash"}, Facts: []string{"Calendar"},
	},
	{
		From: []Stage{Waiting}, Command: "case.extend_information", Event: "case.information_extended", Act: access.CaseAsk,
		Guards: []string{"licensing.rfi.unknown", "licensing.rfi.closed", "licensing.rfi.due", "licensing.rfi.no_later", "licensing.reason.missing"}, Facts: []string{"Calendar", "RFIExtension"},
	},
	{
		From: []Stage{Waiting}, Command: "case.close_information", Event: "case.information_closed", To: []Stage{Waiting, SubmittedStage, Assessment, AdviceStage, RecommendStage, Countersignature, Intention},
		Clock: Runs, Act: access.CaseAsk, Guards: []string{"licensing.rfi.unknown", "licensing.rfi.closed", "licensing.rfi.still", "licensing.reason.missing"}, Facts: []string{"Calendar"},
	},
	{
		From: worked, Command: "case.seek_assurance", Event: "case.assurance_sought", Act: access.CaseAssurance,
		Guards: []string{"licensing.id", "licensing.assurance.clauses", "licensing.party.unknown", "licensing.line.unknown", "licensing.assurance.how"},
	},
	{
		From: worked, Command: "case.record_assurance", Event: "case.assurance_recorded", Act: access.CaseAssurance,
		Guards: []string{"licensing.assurance.unknown", "licensing.assurance.clauses", "licensing.assurance.signatory", "licensing.assurance.text", "licensing.document.hash"},
	},
	{
		From: append([]Stage{DecidedStage, AppealStage}, worked...), Command: "case.verify_assurance", Event: "case.assurance_verified", Act: access.CaseVerify,
		Guards: []string{"licensing.assurance.unknown", "licensing.assurance.not_given", "licensing.assurance.no_check", "licensing.assurance.evidence"},
	},
	{From: []Stage{Assessment, AdviceStage, RecommendStage}, Command: "case.ask_advice", Event: "case.advice_asked", To: []Stage{AdviceStage}, Act: access.CaseRecommend, Guards: []string{"licensing.advice.departments"}},
	{
		From: active, Command: "case.give_advice", Event: "case.advice_given", To: []Stage{Assessment, AdviceStage, RecommendStage, Countersignature, Intention}, Act: access.CaseAdvise,
		Guards: []string{"licensing.id", "licensing.advice.own_view", "licensing.advice.views", "licensing.line.unknown", "licensing.party.unknown", "licensing.advice.grounds", "licensing.advice.condition"}, Facts: []string{"OwnView"},
	},
	{From: active, Command: "case.confirm_advice", Event: "case.advice_confirmed", Act: access.CaseAdvise, Guards: []string{"licensing.advice.unknown", "licensing.advice.other", "licensing.advice.current"}},
	{
		From: active, Command: "case.recommend", Event: "case.recommended", To: []Stage{Countersignature}, Act: access.CaseRecommend,
		Guards: []string{"licensing.outcome.lines", "licensing.outcome.grounds", "licensing.condition.untestable", "licensing.grant.kind", "licensing.advice.outstanding", "licensing.reason.missing"},
	},
	{
		From: []Stage{Countersignature, Intention}, Command: "case.countersign", Event: "case.countersigned", To: []Stage{Countersignature, Intention, RecommendStage}, Act: access.CaseCountersign,
		Guards: []string{"licensing.recommendation.missing", "licensing.countersign.same_person", "licensing.reason.missing"},
	},
	{
		From: []Stage{Countersignature}, Command: "case.intend_to_refuse", Event: "case.refusal_intended", To: []Stage{Intention}, Act: access.CaseIntend,
		Guards: []string{"licensing.assessment.incomplete", "licensing.stale", "licensing.countersign.missing", "licensing.intention.lines", "licensing.reason.missing", "licensing.reason.not_releasable", "licensing.reason.withheld"},
		Facts:  []string{"Calendar", "ReplyPeriod", "Decision"},
	},
	{From: []Stage{Countersignature, Intention}, Command: "case.reply", Event: "case.applicant_replied", Act: access.ApplicationAnswer, Guards: []string{"licensing.intention.missing", "licensing.reply.empty", "licensing.document.hash"}},
	{From: []Stage{Countersignature, Intention}, Command: "case.weigh_reply", Event: "case.reply_weighed", Act: access.CaseIntend, Guards: []string{"licensing.reply.none", "licensing.reason.missing"}},
	{
		From: []Stage{Countersignature, Intention}, Command: "case.decide", Event: "case.decided", To: []Stage{DecidedStage}, Clock: Ends, Act: access.CaseDecide,
		Guards: []string{
			"licensing.assessment.incomplete", "licensing.stale", "licensing.outcome.lines", "licensing.outcome.grounds", "licensing.condition.untestable", "licensing.line.undecided", "licensing.line.rule_met",
			"licensing.line.unknown_open", "licensing.assurance.not_sought", "licensing.adviser.missing", "licensing.adviser.senior", "licensing.adviser.author", "licensing.adviser.reasons",
			"licensing.countersign.missing", "licensing.countersign.void", "licensing.intention.missing", "licensing.intention.running", "licensing.reply.unweighed",
			"licensing.reason.missing", "licensing.reason.untold", "licensing.reason.not_releasable", "licensing.reason.withheld", "licensing.redress.missing", "licensing.licence.missing", "licensing.licence.code", "licensing.licence.validity", "licensing.rests.missing", "licensing.appeal.took_part", "licensing.appeal.bound",
		},
		Facts: []string{"Calendar", "Decision", "LicenceReference", "AppealPeriod", "Licence"},
	},
	{From: ever, Command: "case.write_note", Event: "case.note_written", Act: access.CaseNote, Guards: []string{"licensing.note.many", "licensing.note.told", "licensing.reason.missing"}},
	{From: ever, Command: "case.read_notes", Event: "case.notes_read", Act: access.CaseNote, Guards: []string{"licensing.note.read"}},
	{From: living, Command: "case.change_basis", Event: "case.basis_changed", Act: access.CaseAssess, Guards: []string{"licensing.basis.what"}},
	{From: ever, Command: "case.move_compartment", Event: "case.compartment_moved", Act: access.CaseCompartment, Guards: []string{"licensing.compartment.same", "licensing.reason.missing"}},
	{From: living, Command: "case.link_party", Event: "case.party_linked", Act: access.CaseAssess, Guards: []string{"licensing.party.unknown", "licensing.party.linked"}},
	{From: living, Command: "case.note_assessment", Event: "case.assessment_noted", Guards: []string{"licensing.assessment.note"}},
	{From: ever, Command: "case.record_letter", Event: "case.letter_recorded", Guards: []string{"licensing.letter.kind", "licensing.document.hash"}},
	{From: living, Command: "case.move_clock", Event: "case.clock_moved", Clock: Moves, Guards: []string{"licensing.reason.missing"}, Facts: []string{"Calendar", "TargetDays"}},
}

// Who are the roles that may give the command: what access answers for a case
// outside compartments, or the node itself.
func (t Transition) Who() []access.Role { return whoMay(t.Act) }

func whoMay(act access.Act) []access.Role {
	if act == "" {
		return []access.Role{System}
	}
	var out []access.Role
	for _, r := range access.Roles() {
		if access.Can(access.Actor{Account: "someone", Org: "own", Roles: []access.Role{r}}, act, access.Thing{Kind: KindCase, Org: "own"}) {
			out = append(out, r)
		}
	}
	return out
}

// rowOf finds the row of a command.
func rowOf(command string) (Transition, bool) {
	for _, t := range Table {
		if t.Command == command {
			return t, true
		}
	}
	return Transition{}, false
}

// May tells whether the table takes a command in the stage in which the case
// stands. Guards may still refuse it.
func (c *Case) May(command string) bool {
	t, ok := rowOf(command)
	if !ok {
		return false
	}
	for _, s := range t.From {
		if s == c.stage() {
			return true
		}
	}
	return false
}

// stage is the case's stage; a case that was never submitted is a draft.
func (c *Case) stage() Stage {
	if c.Stage == "" {
		return Draft
	}
	return c.Stage
}
