package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/genuine"
	"github.com/comity-project/comity/internal/licensing"
)

type licenceCmd struct {
	Check      licenceCheck      `cmd:"" help:"Check a licence's square code, without a node and without a network."`
	NotInForce licenceNotInForce `cmd:"" help:"Write the signed list of licences that do not hold."`
}

type licenceCheck struct {
	Mark string `arg:"" help:"What the square code says, COMITY1:...; - reads it from the standard input."`
	Key  string `required:"" help:"Public key of the authority: checkpoint.pub, or /check/key of its site." type:"existingfile"`
	List string `help:"Signed list of licences not in force, from /check/not-in-force." type:"existingfile"`
}

// maxKey bounds a key file and a line of a square code, in bytes.
const maxKey = 4096

// Run tells what can be told offline: that it was issued so, and whether the list
// names it.
func (c licenceCheck) Run(e *env) error {
	p, err := e.printer()
	if err != nil {
		return err
	}
	raw, err := e.readBounded(c.Key, maxKey)
	if err != nil {
		return err
	}
	key, err := note.NewVerifier(strings.TrimSpace(string(raw)))
	if err != nil {
		return fault.New(fault.Invalid, "licence.check.key", "file", c.Key).Because(err)
	}
	line := []byte(c.Mark)
	if c.Mark == "-" {
		if line, err = e.readBounded("-", maxKey); err != nil {
			return err
		}
	}
	m, err := genuine.Read(string(bytes.TrimSpace(line)), key)
	switch {
	case errors.Is(err, genuine.ErrSignature):
		return fault.New(fault.Invalid, "licence.check.forged", "name", key.Name()).Because(err)
	case err != nil:
		return fault.New(fault.Invalid, "licence.check.form").Because(err)
	}
	fmt.Fprintln(e.Stdout, p.T("licence.check.authentic", "reference", m.Reference, "name", key.Name(), "date", m.Issued, "from", m.From, "until", m.Until))
	if c.List == "" {
		fmt.Fprintln(e.Stdout, p.T("licence.check.ask"))
		return nil
	}
	if raw, err = e.readBounded(c.List, genuine.MaxList); err != nil {
		return err
	}
	list, err := genuine.ReadList(raw, key)
	if err != nil {
		return fault.New(fault.Invalid, "licence.check.list", "file", c.List).Because(err)
	}
	if list.Has(licensing.CodeHash(m.Code)) {
		return fault.New(fault.Blocked, "licence.check.gone", "reference", m.Reference, "at", list.At)
	}
	fmt.Fprintln(e.Stdout, p.T("licence.check.not_listed", "at", list.At))
	return nil
}

type licenceNotInForce struct {
	Out string `short:"o" required:"" help:"File to write, - for standard output." type:"path"`
}

// Run writes the list.
func (c licenceNotInForce) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	list, err := app.NotInForce(e)
	if err != nil {
		return err
	}
	return e.writeBytes(c.Out, list)
}
