package account

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
)

// OrgState is the stream "org/ID".
type OrgState struct{ Org }

// Apply implements event.State.
func (s *OrgState) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case OrgRegistered:
		s.Org = Org{ID: r.Stream.ID(), Kind: e.Kind, Name: e.Name, Country: e.Country, Registry: e.Registry, Status: Active}
		if e.Status != "" {
			s.Status = e.Status
		}
	case OrgSettled:
		s.Status = e.Status
	case OrgChanged:
		s.Name, s.Country, s.Registry, s.Status = e.Name, e.Country, e.Registry, e.Status
	default:
		return fmt.Errorf("account: %T in the stream of an organisation", e)
	}
	return nil
}

// Rows implements event.State.
func (s *OrgState) Rows() []event.Row {
	if s.ID == "" {
		return nil
	}
	var registry any // no number is no value, so that two without one do not collide
	if s.Registry != "" {
		registry = s.Country + ":" + s.Registry
	}
	return []event.Row{{Table: "org_row", ID: s.ID, Columns: []event.Column{
		event.C("name", s.Name), event.C("kind", string(s.Kind)), event.C("country", s.Country),
		event.C("registry", registry), event.C("status", string(s.Status)),
		event.C("find", Folded(s.Name)),
	}}}
}

// State is the stream "account/ID".
type State struct{ Account }

// Apply implements event.State.
func (s *State) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case Opened:
		s.Account = Account{ID: r.Stream.ID(), Org: e.Org, Profile: e.Profile.Value, Roles: e.Roles, Status: Active, Program: e.Program, Erased: e.Profile.Erased}
		if s.Erased != nil {
			// The sign-in name must stay unique, and says nothing of the person.
			s.Profile.Sign = "erased-" + s.ID
			s.Status = Disabled
		}
	case RolesChanged:
		s.Roles, s.Compartments = e.Roles, e.Compartments
	case StatusChanged:
		if s.Erased == nil {
			s.Status = e.Status
		}
	case CredentialSet:
	default:
		return fmt.Errorf("account: %T in the stream of an account", e)
	}
	return nil
}

// Rows implements event.State.
func (s *State) Rows() []event.Row {
	if s.ID == "" {
		return nil
	}
	return append(s.programRow(), event.Row{Table: "account_row", ID: s.ID, Columns: []event.Column{
		event.C("name", s.Profile.Sign), event.C("display", s.Profile.Name), event.C("org", s.Org),
		event.C("status", string(s.Status)), event.C("roles", joinRoles(s.Roles)),
		event.C("find", Folded(s.Profile.Name+" "+s.Profile.Sign)),
	}})
}

func joinRoles(roles []access.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, " ")
}

// Folded is a name as it is looked for: small letters without marks, single
// blanks. Lists find a name by a part of it, however it is typed.
func Folded(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.Join(strings.Fields(name), " ")) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
