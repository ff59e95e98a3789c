package account

import (
	"errors"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Check says what is wrong with a registration as far as it has been filled in:
// the fields are "company", "country", "registry", then "name", "email", "sign",
// in the order of the pages that ask for them.
func (c Register) Check() error {
	_, err := c.check()
	return err
}

// check also gives the record as it is kept.
func (c Register) check() (Register, error) {
	bad := fault.New(fault.Invalid, "account.invalid")
	var err error
	c.Name, c.Country, c.Registry, err = checkOrg(c.Name, c.Country, c.Registry, Exporter)
	var found *fault.Error
	if errors.As(err, &found) {
		for _, f := range found.Fields {
			if f.Name == "name" {
				f.Name = "company" // the person has a name too
			}
			bad.Fields = append(bad.Fields, f)
		}
	}
	c.Profile = checkProfile(bad, c.Profile)
	return c, bad.Or()
}

// DecideRegister decides how a company and its first person come in by
// themselves: the company waits for the authority, the person may sign in. org
// and acc are empty.
func DecideRegister(org *OrgState, acc *State, c Register) ([]event.New, error) {
	if org.ID != "" || acc.ID != "" {
		return nil, fault.New(fault.Conflict, "account.exists")
	}
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	person := event.StreamOf(KindAccount, c.Account)
	return []event.New{
		{Stream: event.StreamOf(KindOrg, c.Org), Event: OrgRegistered{Kind: Exporter, Name: c.Name, Country: c.Country, Registry: c.Registry, Status: Pending}},
		{Stream: person, Event: Opened{Org: c.Org, Roles: []access.Role{access.ExporterUser}, Profile: event.P(person, c.Profile)}},
	}, nil
}
