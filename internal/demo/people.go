// Package demo makes a demonstration state: made-up people and companies, and
// cases at every stage, all by the commands that real people give. Nothing is
// inserted; what the demonstration shows, the program did.
package demo

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/node"
)

// Password is everybody's in a demonstration; it is shown at the sign-in.
const Password = "norland demonstration"

// Person is a sample person.
type Person struct {
	Sign, Name string
	Org        string // name of the organisation
	Role       access.Role
}

// States are the invented states of the demonstration, by code.
var States = map[string]string{
	"XN": "Norland", "XA": "Alvania", "XW": "Westmark", "XR": "Karsovia", "XB": "Belmar", "XT": "Tembuka", "XO": "Ostria",
}

// Organisations of the demonstration.
const (
	Authority  = "Norland Export Control Authority"
	Foreign    = "Ministry of Foreign Affairs of Norland"
	Customs    = "Norland Customs"
	Radio      = "Norland Radio Systems"
	Westmark   = "Westmark Mediation GmbH"
	Vision     = "Norland Vision"
	CipherPost = "Cipherpost AS"
)

type organisation struct {
	name, country, registry string
	kind                    account.OrgKind
}

var organisations = []organisation{
	{Authority, "XN", "", account.Authority},
	{Foreign, "XN", "", account.Authority},
	{Customs, "XN", "", account.Authority},
	{Radio, "XN", "NO-811 204", account.Exporter},
	{Westmark, "XN", "NO-640 118", account.Exporter},
	{Vision, "XN", "NO-733 905", account.Exporter},
	{CipherPost, "XN", "NO-902 377", account.Exporter},
}

// People are the sample people, one for each role and one for each exporter, with a
// second senior officer for what takes two.
var People = []Person{
	{"kari", "Kari Nordahl", Radio, access.ExporterUser},
	{"wim", "Wim Aalders", Westmark, access.ExporterUser},
	{"vera", "Vera Lindqvist", Vision, access.ExporterUser},
	{"cyra", "Cyra Holm", CipherPost, access.ExporterUser},
	{"carl", "Carl Coordinator", Authority, access.CaseCoordinator},
	{"liv", "Liv Sandvik", Authority, access.LicensingOfficer},
	{"olav", "Olav Berge", Authority, access.LicensingOfficer},
	{"tone", "Tone Technical", Authority, access.TechnicalAssessor},
	{"amira", "Amira Haddad", Authority, access.RightsAdviser},
	{"fatou", "Fatou Diallo", Foreign, access.AdvisingMinistry},
	{"einar", "Einar Enforcement", Authority, access.EnforcementOfficer},
	{"tollef", "Tollef Customs", Customs, access.CustomsOfficer},
	{"vidar", "Vidar Abroad", Foreign, access.VerificationOfficer},
	{"lotte", "Lotte Lists", Authority, access.ListKeeper},
	{"petra", "Petra Policy", Authority, access.PolicyEditor},
	{"siri", "Siri Senior", Authority, access.SeniorOfficer},
	{"stein", "Stein Second", Authority, access.SeniorOfficer},
	{"audun", "Audun Auditor", Authority, access.Auditor},
	{"pola", "Pola Contact", Foreign, access.PointOfContact},
	{"inga", "Inga Intake", Authority, access.IntakeRecipient},
	{"cora", "Cora Custodian", Authority, access.Custodian},
	{"ada", "Ada Admin", Authority, access.Administrator},
}

// State is a demonstration that was set up: its node and its people.
type State struct {
	App    *node.App
	Actors map[string]access.Actor // by sign-in name
	Orgs   map[string]string       // id by name
	warned enforcement.OnMatter    // an early enforcement file, closed late
}

// SetUp puts organisations and people on record. password is everybody's; ""
// leaves the accounts without one, which saves a second of hashing in tests.
func SetUp(ctx context.Context, app *node.App, password string) (*State, error) {
	s := &State{App: app, Actors: map[string]access.Actor{}, Orgs: map[string]string{}}
	for _, o := range organisations {
		id := node.NewID()
		if err := app.Do(ctx, access.System(), account.RegisterOrg{ID: id, Kind: o.kind, Name: o.name, Country: o.country, Registry: o.registry}); err != nil {
			return nil, fmt.Errorf("demo: %s: %w", o.name, err)
		}
		s.Orgs[o.name] = id
	}
	for _, p := range People {
		id := node.NewID()
		if err := app.Do(ctx, access.System(), account.Open{
			ID: id, Org: s.Orgs[p.Org], Profile: account.Profile{Name: p.Name, Sign: p.Sign}, Roles: []access.Role{p.Role},
		}); err != nil {
			return nil, fmt.Errorf("demo: %s: %w", p.Sign, err)
		}
		if password != "" {
			if err := app.Do(ctx, access.System(), node.SetPassword{Account: id, New: password}); err != nil {
				return nil, fmt.Errorf("demo: %s: %w", p.Sign, err)
			}
		}
		s.Actors[p.Sign] = access.Actor{Account: id, Name: p.Name, Org: s.Orgs[p.Org], Roles: []access.Role{p.Role}}
	}
	return s, nil
}
