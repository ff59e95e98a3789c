// Package account is who works with the node: organisations (exporters and the
// authority's departments) and accounts with their roles. Passwords and second
// factors are credentials: working state of the store, never events.
package account

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Kinds of streams in this domain.
const (
	KindOrg     = "org"
	KindAccount = "account"
)

// OrgKind says on which side of the counter an organisation stands.
type OrgKind string

// The kinds of organisations.
const (
	Exporter  OrgKind = "exporter"
	Authority OrgKind = "authority" // the licensing authority and the departments that advise it
)

// Status of an organisation or an account.
type Status string

// The statuses.
const (
	Active   Status = "active"
	Disabled Status = "disabled"
)

// Org is an organisation.
type Org struct {
	ID       string  `json:"id"`
	Kind     OrgKind `json:"kind"`
	Name     string  `json:"name"`
	Country  string  `json:"country"`  // ISO alpha-2 or a user-assigned code
	Registry string  `json:"registry"` // number in the companies register; may be empty for an authority
	Status   Status  `json:"status"`
}

// Profile is what is known of the person behind an account.
type Profile struct {
	Name  string `json:"name"`  // as the person writes it
	Email string `json:"email"` // for notices; may be empty
	Sign  string `json:"sign"`  // the name to sign in with
}

// Account is one person's way in.
type Account struct {
	ID           string         `json:"id"`
	Org          string         `json:"org"`
	Profile      Profile        `json:"profile"`
	Roles        []access.Role  `json:"roles"`
	Compartments []string       `json:"compartments,omitempty"`
	Status       Status         `json:"status"`
	Erased       *event.Erasure `json:"erased,omitempty"`
}

// Actor is the account as access sees it.
func (a Account) Actor() access.Actor {
	return access.Actor{Account: a.ID, Name: a.Profile.Name, Org: a.Org, Roles: a.Roles, Compartments: a.Compartments}
}

// Events.
type (
	// OrgRegistered: an organisation was put on record. A company's name is public.
	OrgRegistered struct {
		Kind     OrgKind `json:"kind"`
		Name     string  `json:"name"`
		Country  string  `json:"country"`
		Registry string  `json:"registry,omitempty"`
	}
	// OrgChanged: its record was changed.
	OrgChanged struct {
		Name     string `json:"name"`
		Country  string `json:"country"`
		Registry string `json:"registry,omitempty"`
		Status   Status `json:"status"`
	}
	// Opened: an account was opened.
	Opened struct {
		Org     string                 `json:"org"`
		Roles   []access.Role          `json:"roles"`
		Profile event.Private[Profile] `json:"profile"`
	}
	// RolesChanged: what the account may do was changed.
	RolesChanged struct {
		Roles        []access.Role `json:"roles"`
		Compartments []string      `json:"compartments,omitempty"`
		Reason       string        `json:"reason"`
	}
	// StatusChanged: the account was disabled, or opened again.
	StatusChanged struct {
		Status Status `json:"status"`
		Reason string `json:"reason"`
	}
	// CredentialSet: a password or second factor was set; the event says which, not what.
	CredentialSet struct {
		What string `json:"what"` // "password", "totp", "totp_removed"
	}
)

// EventType implements event.Event.
func (OrgRegistered) EventType() string { return "org.registered" }

// EventType implements event.Event.
func (OrgChanged) EventType() string { return "org.changed" }

// EventType implements event.Event.
func (Opened) EventType() string { return "account.opened" }

// EventType implements event.Event.
func (RolesChanged) EventType() string { return "account.roles_changed" }

// EventType implements event.Event.
func (StatusChanged) EventType() string { return "account.status_changed" }

// EventType implements event.Event.
func (CredentialSet) EventType() string { return "account.credential_set" }

// Events lists one of each event of this domain, for the registry.
func Events() []event.Event {
	return []event.Event{OrgRegistered{}, OrgChanged{}, Opened{}, RolesChanged{}, StatusChanged{}, CredentialSet{}}
}

// Commands.
type (
	// RegisterOrg puts an organisation on record. ID is a fresh UUIDv7.
	RegisterOrg struct {
		ID       string
		Kind     OrgKind
		Name     string
		Country  string
		Registry string
	}
	// ChangeOrg changes its record.
	ChangeOrg struct {
		ID       string
		Name     string
		Country  string
		Registry string
		Status   Status
	}
	// Open opens an account. ID is a fresh UUIDv7.
	Open struct {
		ID      string
		Org     string
		Profile Profile
		Roles   []access.Role
	}
	// ChangeRoles changes what an account may do.
	ChangeRoles struct {
		ID           string
		Roles        []access.Role
		Compartments []string
		Reason       string
	}
	// SetStatus disables an account or opens it again.
	SetStatus struct {
		ID     string
		Status Status
		Reason string
	}
	// SetCredential records that a credential was set.
	SetCredential struct {
		ID   string
		What string
	}
)

const (
	maxName   = 200
	maxReason = 2000
)

// DecideOrg decides commands on an organisation. org is nil before its first event.
func DecideOrg(org *OrgState, cmd any) ([]event.New, error) {
	switch c := cmd.(type) {
	case RegisterOrg:
		if org.ID != "" {
			return nil, fault.New(fault.Conflict, "account.org_exists")
		}
		if c.Kind != Exporter && c.Kind != Authority {
			return nil, fault.New(fault.Invalid, "account.org_invalid").Field("kind", "account.org_kind")
		}
		name, country, registry, err := checkOrg(c.Name, c.Country, c.Registry, c.Kind)
		if err != nil {
			return nil, err
		}
		return one(KindOrg, c.ID, OrgRegistered{c.Kind, name, country, registry}), nil
	case ChangeOrg:
		if org.ID == "" {
			return nil, fault.New(fault.NotFound, "fault.not_found")
		}
		if c.Status != Active && c.Status != Disabled {
			return nil, fault.New(fault.Invalid, "account.org_invalid").Field("status", "account.status_unknown")
		}
		name, country, registry, err := checkOrg(c.Name, c.Country, c.Registry, org.Kind)
		if err != nil {
			return nil, err
		}
		return one(KindOrg, c.ID, OrgChanged{name, country, registry, c.Status}), nil
	}
	return nil, fmt.Errorf("account: %T is not a command on an organisation", cmd)
}

// Facts are what commands on accounts need to know besides the account.
type Facts struct {
	Org Org // the organisation the account is to belong to; zero when there is none
}

// Decide decides commands on an account.
func Decide(acc *State, cmd any, facts Facts) ([]event.New, error) {
	if o, ok := cmd.(Open); ok {
		return open(acc, o, facts)
	}
	if acc.ID == "" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	switch c := cmd.(type) {
	case ChangeRoles:
		bad := fault.New(fault.Invalid, "account.invalid")
		checkRoles(bad, c.Roles, facts.Org.Kind)
		checkReason(bad, c.Reason)
		for _, name := range c.Compartments {
			if !slug(name) {
				bad.Field("compartments", "account.compartment_form")
				break
			}
		}
		if err := bad.Or(); err != nil {
			return nil, err
		}
		return one(KindAccount, c.ID, RolesChanged{sorted(c.Roles), sorted(c.Compartments), strings.TrimSpace(c.Reason)}), nil
	case SetStatus:
		bad := fault.New(fault.Invalid, "account.invalid")
		if c.Status != Active && c.Status != Disabled {
			bad.Field("status", "account.status_unknown")
		}
		checkReason(bad, c.Reason)
		if err := bad.Or(); err != nil {
			return nil, err
		}
		if acc.Status == c.Status {
			return nil, nil
		}
		return one(KindAccount, c.ID, StatusChanged{c.Status, strings.TrimSpace(c.Reason)}), nil
	case SetCredential:
		return one(KindAccount, c.ID, CredentialSet{c.What}), nil
	}
	return nil, fmt.Errorf("account: %T is not a command on an account", cmd)
}

func open(acc *State, c Open, facts Facts) ([]event.New, error) {
	if acc.ID != "" {
		return nil, fault.New(fault.Conflict, "account.exists")
	}
	bad := fault.New(fault.Invalid, "account.invalid")
	p := Profile{strings.TrimSpace(c.Profile.Name), strings.TrimSpace(c.Profile.Email), strings.ToLower(strings.TrimSpace(c.Profile.Sign))}
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > maxName {
		bad.Field("name", "account.name_length", "max", maxName)
	}
	if n := utf8.RuneCountInString(p.Sign); n < 2 || n > 100 || strings.ContainsAny(p.Sign, " \t\n") {
		bad.Field("sign", "account.sign_form")
	}
	if p.Email != "" {
		if _, err := mail.ParseAddress(p.Email); err != nil || len(p.Email) > 254 {
			bad.Field("email", "account.email_form")
		}
	}
	if facts.Org.ID == "" || facts.Org.Status != Active {
		bad.Field("org", "account.org_unknown")
	}
	checkRoles(bad, c.Roles, facts.Org.Kind)
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return one(KindAccount, c.ID, Opened{facts.Org.ID, sorted(c.Roles), event.P(event.StreamOf(KindAccount, c.ID), p)}), nil
}

// checkRoles keeps the two sides of the counter apart: nobody is at once an
// exporter's user and on the authority's staff.
func checkRoles(bad *fault.Error, roles []access.Role, kind OrgKind) {
	if len(roles) == 0 {
		bad.Field("roles", "account.roles_none")
		return
	}
	for _, r := range roles {
		if !r.Valid() {
			bad.Field("roles", "account.role_unknown", "role", string(r))
			return
		}
		if (r == access.ExporterUser) != (kind == Exporter) {
			bad.Field("roles", "account.role_side")
			return
		}
	}
}

func checkReason(bad *fault.Error, reason string) {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n == 0 || n > maxReason {
		bad.Field("reason", "account.reason_length", "max", maxReason)
	}
}

func checkOrg(name, country, registry string, kind OrgKind) (string, string, string, error) {
	name, country, registry = strings.TrimSpace(name), strings.ToUpper(strings.TrimSpace(country)), strings.TrimSpace(registry)
	bad := fault.New(fault.Invalid, "account.org_invalid")
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
		bad.Field("name", "account.name_length", "max", maxName)
	}
	if len(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' || country[1] > 'Z' {
		bad.Field("country", "account.country_form")
	}
	if n := utf8.RuneCountInString(registry); n > 60 || n == 0 && kind == Exporter {
		bad.Field("registry", "account.registry_form")
	}
	return name, country, registry, bad.Or()
}

func slug(s string) bool {
	if s == "" || len(s) > 60 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func sorted[T ~string](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

func one(kind, id string, ev event.Event) []event.New {
	return []event.New{{Stream: event.StreamOf(kind, id), Event: ev}}
}
