package access

import "slices"

// Act is something one may be allowed to do.
type Act string

// The acts. The part before the dot is the kind of thing; acts of an
// application are the exporter's side of a case, acts of a case the authority's.
const (
	AccountRead       Act = "account.read"
	AccountManage     Act = "account.manage"   // create, change roles, compartments, disable
	AccountOwn        Act = "account.own"      // own password, second factor, sessions
	AccountOpenOrg    Act = "account.open_org" // see and open accounts of one's own exporter, its programs' too
	OrgRead           Act = "org.read"
	OrgManage         Act = "org.manage"
	OrgRegister       Act = "org.register" // an exporter's own record
	OrgActivate       Act = "org.activate" // look at an exporter that put itself on record
	Erase             Act = "erase.carry_out"
	LedgerRead        Act = "ledger.read" // verify, prove, export
	NodeOperate       Act = "node.operate"
	StatisticsRead    Act = "statistics.read"
	StatisticsPublish Act = "statistics.publish"

	ListRead     Act = "list.read"
	ListImport   Act = "list.import"
	ListActivate Act = "list.activate"
	ListForce    Act = "list.force" // a suspicious version, with a reason
	ListReview   Act = "list.review"
	ListCorrect  Act = "list.correct" // correction or objection of a listed person
	PolicyRead   Act = "policy.read"
	PolicyEdit   Act = "policy.edit"
	PolicyAdopt  Act = "policy.adopt"
	ScreenRun    Act = "screen.run"   // outside a case
	ScreenAudit  Act = "screen.audit" // volumes and purposes
	PartyRead    Act = "party.read"
	PartyCorrect Act = "party.correct"

	ApplicationRead   Act = "application.read"
	ApplicationEdit   Act = "application.edit"
	ApplicationSubmit Act = "application.submit"
	ApplicationAnswer Act = "application.answer" // requests for information, intention to refuse
	LicenceReadOwn    Act = "application.licence"
	LicenceUseOwn     Act = "application.use_licence" // report use and delivery, give a licence back

	CaseRead         Act = "case.read"
	CaseRecuse       Act = "case.recuse"
	CaseDirect       Act = "case.direct"        // record a direction of a minister or the cabinet
	CaseDissent      Act = "case.dissent"       // hold something against a decision, on record
	CaseCloseDissent Act = "case.close_dissent" // the auditor's one word in a case
	CaseEscalate     Act = "case.escalate"
	CaseMinute       Act = "case.minute" // write what the committee came to
	CaseOpen         Act = "case.open"   // by the authority itself
	CaseInform       Act = "case.inform" // tell exporters that a licence is needed
	CaseAssign       Act = "case.assign"
	CaseCompartment  Act = "case.compartment"
	CaseClassify     Act = "case.classify"
	CaseResolve      Act = "case.resolve_hit"
	CaseAsk          Act = "case.ask"
	CaseAssess       Act = "case.assess"
	CaseRights       Act = "case.rights" // the human-rights adviser's own view and completion
	CaseAssurance    Act = "case.assurance"
	CaseVerify       Act = "case.verify_assurance"
	CertificateSign  Act = "certificate.sign" // by whoever holds its code: the node itself alone
	CaseAdvise       Act = "case.advise"
	CaseRecommend    Act = "case.recommend"
	CaseCountersign  Act = "case.countersign"
	CaseIntend       Act = "case.intend"
	CaseDecide       Act = "case.decide"
	CaseOverride     Act = "case.override" // against the adviser
	CaseReopen       Act = "case.reopen"   // have a decided case decided anew
	CaseReplay       Act = "case.replay"
	CaseNote         Act = "case.note" // what people who work on a case tell one another

	EvidenceRead Act = "evidence.read" // the library of sources, and briefs
	EvidenceKeep Act = "evidence.keep"

	ExchangeRead  Act = "exchange.read"  // what other states say, and what we say to them
	ExchangeWrite Act = "exchange.write" // draft what we say, check it for harm, note what was used
	ExchangeIssue Act = "exchange.issue" // give it to other states, narrow it, take it back
	ExchangeTake  Act = "exchange.take"  // take in what others publish, keep collections and who may use them
	ExchangeShelf Act = "exchange.shelf" // read and write a collection that names the account: programs alone
	ExchangeCarry Act = "exchange.carry" // what came from another node: the node itself alone

	InstrumentRead Act = "instrument.read" // the state's own tools, and how it judges them
	InstrumentKeep Act = "instrument.keep"

	LicenceRead   Act = "licence.read"
	LicenceChange Act = "licence.change" // suspend, reinstate, revoke
	LicenceVerify Act = "licence.verify" // what became of what left

	CheckRead     Act = "check.read"      // checks after shipment, and the plans they come of
	CheckPlan     Act = "check.plan"      // draw, plan, follow up, close
	CheckCarryOut Act = "check.carry_out" // consent, visit, answers, finding

	IncidentRead   Act = "incident.read"   // what happened, and what it touches
	IncidentKeep   Act = "incident.keep"   // open, link, weigh, propose, answer
	IncidentAct    Act = "incident.act"    // confirm, and suspend in an emergency
	IncidentOrigin Act = "incident.origin" // who raised it

	InterestOwn  Act = "interest.own"  // declare, end and confirm one's own interests
	InterestRead Act = "interest.read" // what people declared

	MatterRead   Act = "matter.read" // enforcement files
	MatterKeep   Act = "matter.keep"
	MatterDecide Act = "matter.decide"
	MatterOwn    Act = "application.matter" // an exporter's side: disclose, answer, appeal

	CustomsLook   Act = "customs.look"   // may this leave, and how much is left
	CustomsUse    Act = "customs.use"    // count what left, take it back
	CustomsStop   Act = "customs.stop"   // hold, ask, release, detain
	CustomsAnswer Act = "customs.answer" // licensing's answer to a stop
	StopRead      Act = "customs.read_stop"
)

// programs are the acts of machine clients, as far as their role allows them: a
// token that is lost opens no case and no page.
var programs = []Act{ScreenRun, CustomsLook, CustomsUse, ExchangeShelf}

// everyone stands for any signed-in account.
const everyone Role = ""

// caseStaff are the roles that read cases because they work on them.
var caseStaff = []Role{
	CaseCoordinator, LicensingOfficer, TechnicalAssessor, RightsAdviser, AdvisingMinistry, EnforcementOfficer,
	VerificationOfficer, SeniorOfficer, Auditor,
}

// interested are the roles that act in cases, and so declare their interests.
var interested = []Role{
	CaseCoordinator, LicensingOfficer, TechnicalAssessor, RightsAdviser, AdvisingMinistry, EnforcementOfficer, VerificationOfficer, SeniorOfficer,
}

// rule is the whole rule. An administrator keeps accounts and the node running
// and reads no case; an auditor reads and changes nothing.
var rule = map[Act][]grant{
	AccountRead:       at(anywhere, Administrator, Auditor),
	AccountManage:     at(anywhere, Administrator),
	AccountOwn:        at(self, everyone),
	AccountOpenOrg:    at(ownOrg, ExporterUser),
	OrgRead:           append(at(anywhere, append(slices.Clone(caseStaff), Administrator)...), at(ownOrg, ExporterUser)...),
	OrgManage:         at(anywhere, Administrator),
	OrgRegister:       at(ownOrg, ExporterUser),
	OrgActivate:       at(anywhere, CaseCoordinator, Administrator),
	Erase:             at(anywhere, Custodian),
	LedgerRead:        at(anywhere, Auditor, Administrator),
	NodeOperate:       at(anywhere, Administrator),
	StatisticsRead:    at(anywhere, append(slices.Clone(caseStaff), PointOfContact, PolicyEditor)...),
	StatisticsPublish: at(anywhere, SeniorOfficer),

	ListRead:     at(anywhere, append(slices.Clone(caseStaff), ListKeeper, PolicyEditor, Administrator, CustomsOfficer)...),
	ListImport:   at(anywhere, ListKeeper),
	ListActivate: at(anywhere, ListKeeper),
	ListForce:    at(anywhere, Administrator),
	ListReview:   at(anywhere, ListKeeper),
	ListCorrect:  at(anywhere, ListKeeper, Custodian),
	PolicyRead:   at(anywhere, append(slices.Clone(caseStaff), ListKeeper, PolicyEditor, Administrator)...),
	PolicyEdit:   at(anywhere, PolicyEditor),
	PolicyAdopt:  at(anywhere, SeniorOfficer),
	ScreenRun:    at(anywhere, LicensingOfficer, TechnicalAssessor, EnforcementOfficer, RightsAdviser, CustomsOfficer, ExporterUser),
	ScreenAudit:  at(anywhere, Auditor),
	PartyRead:    at(anywhere, caseStaff...),
	PartyCorrect: at(anywhere, LicensingOfficer, Custodian),

	ApplicationRead:   at(ownOrg, ExporterUser),
	ApplicationEdit:   at(ownOrg, ExporterUser),
	ApplicationSubmit: at(ownOrg, ExporterUser),
	ApplicationAnswer: at(ownOrg, ExporterUser),
	LicenceReadOwn:    at(ownOrg, ExporterUser),
	LicenceUseOwn:     at(ownOrg, ExporterUser),

	CaseRead:         at(anywhere, caseStaff...),
	CaseRecuse:       at(anywhere, interested...),
	CaseDirect:       at(anywhere, SeniorOfficer, CaseCoordinator),
	CaseDissent:      at(anywhere, LicensingOfficer, TechnicalAssessor, RightsAdviser, AdvisingMinistry, EnforcementOfficer, SeniorOfficer),
	CaseCloseDissent: at(anywhere, Auditor),
	CaseEscalate:     at(anywhere, LicensingOfficer, RightsAdviser, AdvisingMinistry, SeniorOfficer),
	CaseMinute:       at(anywhere, SeniorOfficer, CaseCoordinator),
	CaseOpen:         at(anywhere, CaseCoordinator, LicensingOfficer, SeniorOfficer),
	CaseInform:       at(anywhere, LicensingOfficer, SeniorOfficer),
	CaseAssign:       at(anywhere, CaseCoordinator, SeniorOfficer),
	CaseCompartment:  at(anywhere, CaseCoordinator, SeniorOfficer),
	CaseClassify:     at(anywhere, TechnicalAssessor, LicensingOfficer),
	CaseResolve:      at(anywhere, LicensingOfficer, EnforcementOfficer, RightsAdviser),
	CaseAsk:          at(anywhere, CaseCoordinator, LicensingOfficer, TechnicalAssessor, RightsAdviser, EnforcementOfficer),
	CaseAssess:       at(anywhere, LicensingOfficer, RightsAdviser),
	CaseRights:       at(anywhere, RightsAdviser),
	CaseAssurance:    at(anywhere, LicensingOfficer, RightsAdviser),
	CertificateSign:  nil,
	CaseVerify:       at(anywhere, VerificationOfficer, LicensingOfficer),
	CaseAdvise:       at(anywhere, AdvisingMinistry, TechnicalAssessor, RightsAdviser, EnforcementOfficer),
	CaseRecommend:    at(anywhere, LicensingOfficer),
	CaseCountersign:  at(anywhere, LicensingOfficer, SeniorOfficer),
	CaseIntend:       at(anywhere, LicensingOfficer, SeniorOfficer),
	CaseDecide:       at(anywhere, LicensingOfficer, SeniorOfficer),
	CaseOverride:     at(anywhere, SeniorOfficer),
	CaseReopen:       at(anywhere, SeniorOfficer),
	CaseReplay:       at(anywhere, append(slices.Clone(caseStaff), PolicyEditor)...),

	CaseNote: at(anywhere, slices.DeleteFunc(slices.Clone(caseStaff), func(r Role) bool { return r == Auditor })...),

	EvidenceRead: at(anywhere, caseStaff...),
	EvidenceKeep: at(anywhere, LicensingOfficer, RightsAdviser, EnforcementOfficer),

	ExchangeRead:  at(anywhere, PointOfContact, RightsAdviser, LicensingOfficer, EnforcementOfficer, SeniorOfficer, Auditor),
	ExchangeWrite: at(anywhere, PointOfContact, RightsAdviser, LicensingOfficer, EnforcementOfficer, SeniorOfficer),
	ExchangeIssue: at(anywhere, PointOfContact),
	ExchangeTake:  at(anywhere, PointOfContact),
	ExchangeShelf: at(anywhere, PointOfContact),
	ExchangeCarry: nil,

	InstrumentRead: at(anywhere, append(slices.Clone(caseStaff), PolicyEditor, ListKeeper, PointOfContact)...),
	InstrumentKeep: at(anywhere, PolicyEditor, PointOfContact),

	LicenceRead:   at(anywhere, caseStaff...),
	LicenceChange: at(anywhere, SeniorOfficer, LicensingOfficer),
	LicenceVerify: at(anywhere, VerificationOfficer, LicensingOfficer),

	CheckRead:     at(anywhere, caseStaff...),
	CheckPlan:     at(anywhere, VerificationOfficer, LicensingOfficer, SeniorOfficer),
	CheckCarryOut: at(anywhere, VerificationOfficer, LicensingOfficer),

	IncidentRead:   at(anywhere, CaseCoordinator, LicensingOfficer, RightsAdviser, EnforcementOfficer, VerificationOfficer, SeniorOfficer, Auditor),
	IncidentKeep:   at(anywhere, LicensingOfficer, RightsAdviser, EnforcementOfficer, SeniorOfficer),
	IncidentAct:    at(anywhere, SeniorOfficer),
	IncidentOrigin: append(at(anywhere, SeniorOfficer), at(self, LicensingOfficer, RightsAdviser, EnforcementOfficer)...),

	InterestOwn:  at(self, interested...),
	InterestRead: append(at(anywhere, SeniorOfficer, Auditor), at(self, interested...)...),

	MatterRead:   at(anywhere, EnforcementOfficer, SeniorOfficer),
	MatterKeep:   at(anywhere, EnforcementOfficer),
	MatterDecide: at(anywhere, SeniorOfficer),
	MatterOwn:    at(ownOrg, ExporterUser),

	CustomsLook:   at(anywhere, CustomsOfficer),
	CustomsUse:    at(anywhere, CustomsOfficer),
	CustomsStop:   at(anywhere, CustomsOfficer),
	CustomsAnswer: at(anywhere, LicensingOfficer, SeniorOfficer),
	StopRead:      at(anywhere, CustomsOfficer, LicensingOfficer, SeniorOfficer, EnforcementOfficer, Auditor),
}

func at(rel relation, roles ...Role) []grant {
	grants := make([]grant, len(roles))
	for i, r := range roles {
		grants[i] = grant{r, rel}
	}
	return grants
}

// RolesThat are the roles that may do an act to things of others.
func RolesThat(act Act) []Role {
	var out []Role
	for _, g := range rule[act] {
		if g.rel == anywhere {
			out = append(out, g.role)
		}
	}
	return out
}

// Acts lists every act that the rule knows, sorted.
func Acts() []Act {
	acts := make([]Act, 0, len(rule))
	for a := range rule {
		acts = append(acts, a)
	}
	slices.Sort(acts)
	return acts
}
