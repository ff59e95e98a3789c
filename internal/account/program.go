package account

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Program is what the account of a machine client is bound to: a customs system,
// an exporter's order system. It has no sign-in and no password; it calls with a
// token, for one purpose, until a day.
type Program struct {
	Purpose string `json:"purpose"` // of every screening it asks for: "duty" or "customers"; "exchange" screens nothing
	About   string `json:"about"`   // the law it serves, or what the company checks
	Expires string `json:"expires"` // the last day, ISO
}

// The purposes of programs: the authority's serve a duty under law, a company's
// look through its own customers.
const (
	DutyProgram      = "duty"
	CustomersProgram = "customers"
	ExchangeProgram  = "exchange" // reads and writes collections of what others publish
)

// ProgramRoles are the roles that a program can have.
func ProgramRoles() []access.Role {
	return []access.Role{access.CustomsOfficer, access.EnforcementOfficer, access.PointOfContact, access.ExporterUser}
}

// OpenProgram opens the account of a program. ID is a fresh UUIDv7.
type OpenProgram struct {
	ID      string
	Org     string
	Name    string // what people call it
	Role    access.Role
	About   string
	Expires string // the last day, ISO
	Today   string // set by the node
	// Certificate, where the program shows one instead of a token, is the SHA-256
	// of its public key in hexadecimal digits.
	Certificate string
}

const (
	maxAbout    = 120 // as on record with a screening
	longestLife = 400 // days of a program's account
)

func openProgram(acc *State, c OpenProgram, facts Facts) ([]event.New, error) {
	if acc.ID != "" {
		return nil, fault.New(fault.Conflict, "account.exists")
	}
	bad := fault.New(fault.Invalid, "account.invalid")
	p := Profile{Name: strings.TrimSpace(c.Name), Sign: "program-" + c.ID}
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > maxName {
		bad.Field("name", "account.name_length", "max", maxName)
	}
	if facts.Org.ID == "" || facts.Org.Status != Active {
		bad.Field("org", "account.org_unknown")
	}
	switch c.Role {
	case access.CustomsOfficer, access.EnforcementOfficer, access.PointOfContact, access.ExporterUser:
		if (c.Role == access.ExporterUser) != (facts.Org.Kind == Exporter) {
			bad.Field("role", "account.role_side")
		}
	default:
		bad.Field("role", "account.program_role")
	}
	about := strings.TrimSpace(c.About)
	if n := utf8.RuneCountInString(about); n == 0 || n > maxAbout {
		bad.Field("about", "account.program_about", "max", maxAbout)
	}
	if pin, err := hex.DecodeString(c.Certificate); err != nil || len(pin) != 0 && len(pin) != sha256.Size || len(pin) > 0 && c.Role != access.PointOfContact {
		bad.Field("certificate", "account.program_certificate")
	}
	last, err := time.Parse(time.DateOnly, c.Expires)
	today, errToday := time.Parse(time.DateOnly, c.Today)
	if err != nil || errToday != nil || last.Before(today) || last.After(today.AddDate(0, 0, longestLife)) {
		bad.Field("expires", "account.program_expires", "max", longestLife)
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	bound := &Program{Purpose: DutyProgram, About: about, Expires: c.Expires}
	switch c.Role {
	case access.ExporterUser:
		bound.Purpose = CustomersProgram
	case access.PointOfContact:
		bound.Purpose = ExchangeProgram
	}
	return one(KindAccount, c.ID, Opened{Org: facts.Org.ID, Roles: []access.Role{c.Role}, Profile: event.P(event.StreamOf(KindAccount, c.ID), p), Program: bound}), nil
}

// programFixed refuses what is for people: a program's account keeps the role it
// was opened with, and proves itself by its token or its certificate alone.
func programFixed(acc *State, cmd any) error {
	switch c := cmd.(type) {
	case ChangeRoles:
		if acc.Program != nil {
			return fault.New(fault.Conflict, "account.program_fixed")
		}
	case SetCredential:
		if (acc.Program != nil) != (c.What == "token" || c.What == "certificate") {
			return fault.New(fault.Conflict, "account.program_fixed")
		}
	}
	return nil
}

func (s *State) programRow() []event.Row {
	p := s.Program
	if p == nil {
		return nil
	}
	return []event.Row{{Table: "program_row", ID: s.ID, Columns: []event.Column{
		event.C("name", s.Profile.Name), event.C("org", s.Org), event.C("status", string(s.Status)), event.C("role", joinRoles(s.Roles)),
		event.C("purpose", p.Purpose), event.C("about", p.About), event.C("expires", p.Expires),
	}}}
}
