package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

type userCmd struct {
	Add userAdd `cmd:"" help:"Open an account; its password is read from standard input."`
}

type userAdd struct {
	Sign    string   `arg:"" help:"Name to sign in with."`
	Name    string   `required:"" help:"The person's name."`
	Role    []string `required:"" help:"Roles, for instance administrator."`
	Org     string   `required:"" help:"Name of the organisation; it is put on record where it is not."`
	Country string   `default:"XX" help:"Country of a new organisation."`
	Number  string   `help:"Registration number of a new exporter."`
	Email   string   `help:"Address for notices."`
}

// Run opens an account with a password.
func (c userAdd) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	fmt.Fprintln(e.Stderr, "Password (one line):")
	line, err := bufio.NewReader(e.Stdin).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if err != nil && password == "" {
		return fmt.Errorf("no password on standard input: %w", err)
	}
	org, found := "", false
	if err := app.Store().View(e, func(t *store.Tx) (err error) {
		org, found, err = t.OrgNamed(c.Org)
		return err
	}); err != nil {
		return err
	}
	if !found {
		kind := account.Authority
		if c.Number != "" {
			kind = account.Exporter
		}
		org = node.NewID()
		if err := app.Do(e, access.System(), account.RegisterOrg{ID: org, Kind: kind, Name: c.Org, Country: c.Country, Registry: c.Number}); err != nil {
			return err
		}
	}
	roles := make([]access.Role, len(c.Role))
	for i, r := range c.Role {
		roles[i] = access.Role(r)
	}
	if err := app.Do(e, access.System(), node.OpenWithPassword{Password: password, Open: account.Open{
		ID: node.NewID(), Org: org, Profile: account.Profile{Name: c.Name, Email: c.Email, Sign: c.Sign}, Roles: roles,
	}}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%s can sign in as %s.\n", c.Name, c.Sign)
	return err
}
