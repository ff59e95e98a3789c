package cli

import (
	"bufio"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

type userCmd struct {
	Add        userAdd        `cmd:"" help:"Open an account; its password is read from standard input."`
	Program    userProgram    `cmd:"" help:"Let a customs system or a company's own system in; its token is written to standard output, once."`
	EndProgram userEndProgram `cmd:"" help:"Revoke the token of a program."`
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

type userProgram struct {
	Name  string `arg:"" help:"What people call the program."`
	Org   string `required:"" help:"Name of the organisation, which is on record."`
	Role  string `required:"" enum:"customs_officer,enforcement_officer,point_of_contact,exporter_user" help:"Role that it calls with: customs_officer, enforcement_officer, point_of_contact (TAXII) or exporter_user."`
	About string `required:"" help:"The law it serves, or what the company checks."`
	Until string `required:"" help:"The last day on which it may call, as 2027-05-01."`
	Cert  string `name:"certificate" help:"PEM file of the certificate that it shows instead of a token, for TAXII." type:"existingfile"`
}

// Run opens a program's account.
func (c userProgram) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	var org string
	if err := app.Store().View(e, func(t *store.Tx) (err error) {
		org, _, err = t.OrgNamed(c.Org)
		return err
	}); err != nil {
		return err
	}
	pin, err := e.publicKey(c.Cert)
	if err != nil {
		return err
	}
	var made node.NewProgram
	if err := app.Do(e, access.System(), account.OpenProgram{
		ID: node.NewID(), Org: org, Name: c.Name, Role: access.Role(c.Role), About: c.About, Expires: c.Until, Certificate: pin,
	}, node.Into(&made)); err != nil {
		return err
	}
	if pin != "" {
		_, err = fmt.Fprintf(e.Stdout, "%s may call until %s and shows the certificate whose public key has the SHA-256 %s. Its id is %s.\n", c.Name, c.Until, pin, made.ID)
		return err
	}
	fmt.Fprintf(e.Stderr, "%s may call until %s. Its id is %s. The token is not shown again.\n", c.Name, c.Until, made.ID)
	_, err = fmt.Fprintln(e.Stdout, made.Token)
	return err
}

// publicKey is the SHA-256 of the public key of a certificate in a file; "" for
// no file.
func (e *env) publicKey(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	b, err := e.readBounded(name, 1<<20)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "CERTIFICATE" {
		return "", fmt.Errorf("%s holds no certificate in PEM", name)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	pin := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(pin[:]), nil
}

type userEndProgram struct {
	ID     string `arg:"" help:"Id of the program."`
	Reason string `required:"" help:"Why."`
}

// Run revokes a program's token.
func (c userEndProgram) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	return app.Do(e, access.System(), node.EndProgram{ID: c.ID, Reason: c.Reason})
}
