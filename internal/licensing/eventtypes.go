package licensing

import "github.com/comity-project/comity/internal/event"

// Kinds of streams of this package.
const (
	KindCase    = "case"
	KindLicence = "licence"
)

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{
		Submitted{},
		Amended{},
		Withdrawn{},
		Assigned{},
		Unassigned{},
		InformationAsked{},
		InformationAnswered{},
		InformationClosed{},
		InformationExtended{},
		AssuranceSought{},
		AssuranceRecorded{},
		AssuranceVerified{},
		AdviceAsked{},
		AdviceGiven{},
		AdviceConfirmed{},
		Recommended{},
		Countersigned{},
		RefusalIntended{},
		NoteWritten{},
		NotesRead{},
		ApplicantReplied{},
		ReplyWeighed{},
		Decided{},
		BasisChanged{},
		PartyLinked{},
		AssessmentNoted{},
		LetterRecorded{},
		ClockMoved{},
		PeriodsTicked{},
		CompartmentMoved{},
		AppealLodged{},
		AppealWithdrawn{},
		ReviewAssigned{},
		AppealDecided{},
		Reopened{},
		Recused{},
		RecusalLifted{},
		Directed{},
		DissentLodged{},
		DissentClosed{},
		Escalated{},
		Minuted{},
		CaseInformed{},
		CaseLifted{},
		InformedSent{},
		InformedLifted{},
		LicenceIssued{},
		LicenceDocumented{},
		LicenceSuspended{},
		LicenceReinstated{},
		LicenceRevoked{},
		LicenceExpired{},
		VariationProposed{},
		VariationSearched{},
		VariationDropped{},
		LicenceVaried{},
		UndertakingGiven{},
		UndertakingReleased{},
		LicenceMoved{},
		ShipmentHeld{},
		ShipmentAnswered{},
		ShipmentEnded{},
		GapRaised{},
		CustomsReceived{},
		CustomsUnplaced{},
		LicenceUsed{},
		LicenceUseRefused{},
		LicenceUseCancelled{},
		LicenceExhausted{},
		LicenceReplenished{},
		LicenceSurrendered{},
		LicenceInstructed{},
		DeliveryReported{},
		DeliveryVerified{},
		DutyReported{},
		DutyReviewed{},
		BreachFound{},
	}
}

// EventType is "case.submitted".
func (Submitted) EventType() string { return "case.submitted" }

// EventType is "case.amended".
func (Amended) EventType() string { return "case.amended" }

// EventType is "case.withdrawn".
func (Withdrawn) EventType() string { return "case.withdrawn" }

// EventType is "case.assigned".
func (Assigned) EventType() string { return "case.assigned" }

// EventType is "case.unassigned".
func (Unassigned) EventType() string { return "case.unassigned" }

// EventType is "case.information_asked".
func (InformationAsked) EventType() string { return "case.information_asked" }

// EventType is "case.information_answered".
func (InformationAnswered) EventType() string { return "case.information_answered" }

// EventType is "case.information_closed".
func (InformationClosed) EventType() string { return "case.information_closed" }

// EventType is "case.assurance_sought".
func (AssuranceSought) EventType() string { return "case.assurance_sought" }

// EventType is "case.assurance_recorded".
func (AssuranceRecorded) EventType() string { return "case.assurance_recorded" }

// EventType is "case.assurance_verified".
func (AssuranceVerified) EventType() string { return "case.assurance_verified" }

// EventType is "case.advice_asked".
func (AdviceAsked) EventType() string { return "case.advice_asked" }

// EventType is "case.advice_given".
func (AdviceGiven) EventType() string { return "case.advice_given" }

// EventType is "case.advice_confirmed".
func (AdviceConfirmed) EventType() string { return "case.advice_confirmed" }

// EventType is "case.recommended".
func (Recommended) EventType() string { return "case.recommended" }

// EventType is "case.countersigned".
func (Countersigned) EventType() string { return "case.countersigned" }

// EventType is "case.refusal_intended".
func (RefusalIntended) EventType() string { return "case.refusal_intended" }

// EventType is "case.applicant_replied".
func (ApplicantReplied) EventType() string { return "case.applicant_replied" }

// EventType is "case.reply_weighed".
func (ReplyWeighed) EventType() string { return "case.reply_weighed" }

// EventType is "case.decided".
func (Decided) EventType() string { return "case.decided" }

// EventType is "case.basis_changed".
func (BasisChanged) EventType() string { return "case.basis_changed" }

// EventType is "case.party_linked".
func (PartyLinked) EventType() string { return "case.party_linked" }

// EventType is "case.assessment_noted".
func (AssessmentNoted) EventType() string { return "case.assessment_noted" }

// EventType is "case.letter_recorded".
func (LetterRecorded) EventType() string { return "case.letter_recorded" }

// EventType is "case.compartment_moved".
func (CompartmentMoved) EventType() string { return "case.compartment_moved" }

// EventType is "licence.compartment_moved".
func (LicenceMoved) EventType() string { return "licence.compartment_moved" }

// EventType is "case.clock_moved".
func (ClockMoved) EventType() string { return "case.clock_moved" }

// EventType is "licence.issued".
func (LicenceIssued) EventType() string { return "licence.issued" }

// EventType is "licence.documented".
func (LicenceDocumented) EventType() string { return "licence.documented" }

// EventType is "licence.suspended".
func (LicenceSuspended) EventType() string { return "licence.suspended" }

// EventType is "licence.reinstated".
func (LicenceReinstated) EventType() string { return "licence.reinstated" }

// EventType is "licence.revoked".
func (LicenceRevoked) EventType() string { return "licence.revoked" }

// EventType is "licence.expired".
func (LicenceExpired) EventType() string { return "licence.expired" }

// EventType is "licence.used".
func (LicenceUsed) EventType() string { return "licence.used" }

// EventType is "licence.use_refused".
func (LicenceUseRefused) EventType() string { return "licence.use_refused" }

// EventType is "licence.use_cancelled".
func (LicenceUseCancelled) EventType() string { return "licence.use_cancelled" }

// EventType is "licence.exhausted".
func (LicenceExhausted) EventType() string { return "licence.exhausted" }

// EventType is "licence.replenished".
func (LicenceReplenished) EventType() string { return "licence.replenished" }

// EventType is "licence.surrendered".
func (LicenceSurrendered) EventType() string { return "licence.surrendered" }

// EventType is "licence.delivery_reported".
func (DeliveryReported) EventType() string { return "licence.delivery_reported" }

// EventType is "licence.duty_reported".
func (DutyReported) EventType() string { return "licence.duty_reported" }

// EventType is "licence.duty_reviewed".
func (DutyReviewed) EventType() string { return "licence.duty_reviewed" }

// EventType is "licence.breach_found".
func (BreachFound) EventType() string { return "licence.breach_found" }

// EventType is "licence.delivery_verified".
func (DeliveryVerified) EventType() string { return "licence.delivery_verified" }
