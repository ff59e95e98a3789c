// Package access is who may do what to which thing: one rule in two forms.
// Can answers for one thing; Scope gives the same rule as a value that the store
// turns into a WHERE clause for lists, search, counts and exports alike.
//
// Deny is the default. What one may not see answers as if it did not exist:
// doors turn a refused Read into "not found".
package access

import "slices"

// Role is what a person is there for. An account holds one or more.
type Role string

// The roles.
const (
	ExporterUser        Role = "exporter_user"
	CaseCoordinator     Role = "case_coordinator"
	LicensingOfficer    Role = "licensing_officer"
	TechnicalAssessor   Role = "technical_assessor"
	RightsAdviser       Role = "rights_adviser"
	AdvisingMinistry    Role = "advising_ministry"
	EnforcementOfficer  Role = "enforcement_officer"
	CustomsOfficer      Role = "customs_officer"
	VerificationOfficer Role = "verification_officer"
	ListKeeper          Role = "list_keeper"
	PolicyEditor        Role = "policy_editor"
	SeniorOfficer       Role = "senior_officer"
	Auditor             Role = "auditor"
	PointOfContact      Role = "point_of_contact"
	IntakeRecipient     Role = "intake_recipient"
	Custodian           Role = "custodian"
	Administrator       Role = "administrator"
)

// Roles lists every role, in the order in which pages show them.
func Roles() []Role {
	return []Role{
		ExporterUser, CaseCoordinator, LicensingOfficer, TechnicalAssessor, RightsAdviser, AdvisingMinistry,
		EnforcementOfficer, CustomsOfficer, VerificationOfficer, ListKeeper, PolicyEditor, SeniorOfficer, Auditor,
		PointOfContact, IntakeRecipient, Custodian, Administrator,
	}
}

// Valid tells whether the role is one of ours.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Actor is who asks.
type Actor struct {
	Account      string // account id; "system" for the node itself
	Name         string // shown in timelines
	Org          string // organisation id: the exporter's, or the authority's department
	Roles        []Role
	Compartments []string // compartments the account was admitted to
	Program      string   // purpose that a machine client's account is bound to; "" for a person
	About        string   // and the law or matter it serves
	System       bool     // the node's own jobs; never set by a door
}

// System is the node itself: nightly jobs, start of a demonstration.
func System() Actor { return Actor{Account: "system", Name: "system", System: true} }

// Nobody is a visitor without an account.
func Nobody() Actor { return Actor{} }

// Has tells whether the actor holds a role.
func (a Actor) Has(r Role) bool { return slices.Contains(a.Roles, r) }

// Thing is what is acted on, as far as the rule looks at it.
type Thing struct {
	Kind        string // "case", "account", "list": for the reader of logs only
	Org         string // the organisation it belongs to: an application's exporter
	Account     string // the account it belongs to: own profile, own draft
	Compartment string // "" or the compartment that one must have been admitted to
}

// grant is one line of the rule: a role may do an act to things in a relation.
type grant struct {
	role Role
	rel  relation
}

type relation int

const (
	// anywhere means every thing outside compartments, and those in the
	// actor's own compartments.
	anywhere relation = iota
	// ownOrg means the things of the actor's organisation, compartment or not:
	// an applicant is never told that their case lies in one.
	ownOrg
	// self means the actor's own account.
	self
)

// Can is the rule for one thing.
func Can(a Actor, act Act, t Thing) bool {
	if a.System {
		return true
	}
	if a.Account == "" || a.Program != "" && !slices.Contains(programs, act) {
		return false
	}
	for _, g := range rule[act] {
		if g.role != "" && !a.Has(g.role) {
			continue
		}
		switch g.rel {
		case anywhere:
			if t.Compartment == "" || slices.Contains(a.Compartments, t.Compartment) {
				return true
			}
		case ownOrg:
			if a.Org != "" && t.Org == a.Org {
				return true
			}
		case self:
			if t.Account == a.Account {
				return true
			}
		}
	}
	return false
}

// Scope is the same rule as a value: a thing is in it when one clause holds.
// The zero Scope holds nothing.
type Scope struct {
	Everything bool     // the node itself
	Anywhere   bool     // things outside compartments and in Compartments
	Admitted   []string // compartments for Anywhere
	Org        string   // things of this organisation, "" for none
	Account    string   // things of this account, "" for none
}

// ScopeOf gives the things that an actor may do an act to.
func ScopeOf(a Actor, act Act) Scope {
	if a.System {
		return Scope{Everything: true}
	}
	var s Scope
	if a.Account == "" || a.Program != "" && !slices.Contains(programs, act) {
		return s
	}
	for _, g := range rule[act] {
		if g.role != "" && !a.Has(g.role) {
			continue
		}
		switch g.rel {
		case anywhere:
			s.Anywhere, s.Admitted = true, a.Compartments
		case ownOrg:
			s.Org = a.Org
		case self:
			s.Account = a.Account
		}
	}
	return s
}

// Empty tells that nothing is in scope.
func (s Scope) Empty() bool {
	return !s.Everything && !s.Anywhere && s.Org == "" && s.Account == ""
}

// Holds tells whether a thing is in the scope. It is what the store's WHERE
// clause computes, and what tests hold equal to Can.
func (s Scope) Holds(t Thing) bool {
	return s.Everything ||
		s.Anywhere && (t.Compartment == "" || slices.Contains(s.Admitted, t.Compartment)) ||
		s.Org != "" && t.Org == s.Org ||
		s.Account != "" && t.Account == s.Account
}
