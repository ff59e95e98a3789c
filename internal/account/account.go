// Package account is who works with the node: organisations (exporters and the
// authority's departments) and accounts with their roles. Passwords and second
// factors are credentials: working state of the store, never events.
package account

import (
	"fmt"
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
	// Pending is an organisation that put itself on record: its people sign in
	// and draft, and submit nothing until the authority has looked at it.
	Pending Status = "pending"
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
	Program      *Program       `json:"program,omitempty"` // of a machine client; nil: a person's account
	Erased       *event.Erasure `json:"erased,omitempty"`
}

// Actor is the account as access sees it.
func (a Account) Actor() access.Actor {
	actor := access.Actor{Account: a.ID, Name: a.Profile.Name, Org: a.Org, Roles: a.Roles, Compartments: a.Compartments}
	if a.Program != nil {
		actor.Program, actor.About = a.Program.Purpose, a.Program.About
	}
	return actor
}

// Events.
type (
	// OrgRegistered: an organisation was put on record. A company's name is
	// public. Status is empty (active) or Pending where it put itself there.
	OrgRegistered struct {
		Kind     OrgKind `json:"kind"`
		Name     string  `json:"name"`
		Country  string  `json:"country"`
		Registry string  `json:"registry,omitempty"`
		Status   Status  `json:"status,omitempty"`
	}
	// OrgSettled: a pending organisation was looked at, and activated or turned
	// away. The note is the officer's own words.
	OrgSettled struct {
		Status Status                `json:"status"` // Active or Disabled
		Note   event.Private[string] `json:"note"`
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
		Program *Program               `json:"program,omitempty"` // of a machine client
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
		What string `json:"what"` // "password", "totp", "totp_removed", "token"
	}
)

// EventType implements event.Event.
func (OrgRegistered) EventType() string { return "org.registered" }

// EventType implements event.Event.
func (OrgSettled) EventType() string { return "org.settled" }

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
	return []event.Event{OrgRegistered{}, OrgChanged{}, OrgSettled{}, Opened{}, RolesChanged{}, StatusChanged{}, CredentialSet{}}
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
	// SettleOrg activates a pending organisation, or turns it away.
	SettleOrg struct {
		ID     string
		Status Status // Active or Disabled
		Note   string
	}
	// Register is how a company comes in by itself: the company, pending, and
	// its first person, who is an exporter's user. Both ids are fresh UUIDv7.
	Register struct {
		Org      string
		Name     string
		Country  string
		Registry string
		Account  string
		Profile  Profile
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
		return one(KindOrg, c.ID, OrgRegistered{Kind: c.Kind, Name: name, Country: country, Registry: registry}), nil
	case ChangeOrg:
		if org.ID == "" {
			return nil, fault.New(fault.NotFound, "fault.not_found")
		}
		// A pending organisation is settled, not changed past its settlement.
		if c.Status != Active && c.Status != Disabled && c.Status != org.Status || org.Status == Pending && c.Status == Active {
			return nil, fault.New(fault.Invalid, "account.org_invalid").Field("status", "account.status_unknown")
		}
		name, country, registry, err := checkOrg(c.Name, c.Country, c.Registry, org.Kind)
		if err != nil {
			return nil, err
		}
		return one(KindOrg, c.ID, OrgChanged{name, country, registry, c.Status}), nil
	case SettleOrg:
		if org.ID == "" {
			return nil, fault.New(fault.NotFound, "fault.not_found")
		}
		if org.Status != Pending {
			return nil, fault.New(fault.Conflict, "account.org_settled")
		}
		bad := fault.New(fault.Invalid, "account.invalid")
		if c.Status != Active && c.Status != Disabled {
			bad.Field("status", "account.settle_unknown")
		}
		if n := utf8.RuneCountInString(strings.TrimSpace(c.Note)); n == 0 || n > maxReason {
			bad.Field("note", "account.reason_length", "max", maxReason)
		}
		if err := bad.Or(); err != nil {
			return nil, err
		}
		return one(KindOrg, c.ID, OrgSettled{c.Status, event.P(event.StreamOf(KindOrg, c.ID), strings.TrimSpace(c.Note))}), nil
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
	if o, ok := cmd.(OpenProgram); ok {
		return openProgram(acc, o, facts)
	}
	if acc.ID == "" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if err := programFixed(acc, cmd); err != nil {
		return nil, err
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
	p := checkProfile(bad, c.Profile)
	// A pending company's people may come in: they draft and do not submit.
	if facts.Org.ID == "" || facts.Org.Status != Active && facts.Org.Status != Pending {
		bad.Field("org", "account.org_unknown")
	}
	checkRoles(bad, c.Roles, facts.Org.Kind)
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return one(KindAccount, c.ID, Opened{Org: facts.Org.ID, Roles: sorted(c.Roles), Profile: event.P(event.StreamOf(KindAccount, c.ID), p)}), nil
}

func sorted[T ~string](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

func one(kind, id string, ev event.Event) []event.New {
	return []event.New{{Stream: event.StreamOf(kind, id), Event: ev}}
}
