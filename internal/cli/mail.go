package cli

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

type mailCmd struct {
	List mailListCmd `cmd:"" help:"Mails that did not arrive, or of which nobody knows."`
	Try  mailTryCmd  `cmd:"" help:"Connect to the mail server, sign in and leave."`
}

type mailListCmd struct {
	Limit int `default:"100" help:"Of each kind at most."`
}

// Run lists them by account: no address leaves the node.
func (c mailListCmd) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	for _, state := range []store.MailState{store.MailRefused, store.MailFailed, store.MailUnsure, store.MailWaits} {
		list, err := app.Mails(e, access.System(), state, c.Limit)
		if err != nil {
			return err
		}
		for _, m := range list {
			fmt.Fprintf(e.Stdout, "%s\t%d\t%s\t%s\t%s\n", m.State, m.Code, m.Changed.Format(time.RFC3339), m.Account, m.Name)
		}
	}
	return nil
}

type mailTryCmd struct{}

// Run tries the connection.
func (mailTryCmd) Run(e *env) error {
	app, s, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	if s.Mail.Server == "" {
		return fault.New(fault.Invalid, "cli.mail_none")
	}
	if err := app.TryMail(e); err != nil {
		return fault.New(fault.Unavailable, "cli.mail_untaken", "server", s.Mail.Server).Because(err)
	}
	fmt.Fprintf(e.Stdout, "%s answers and lets this node in.\n", s.Mail.Server)
	return nil
}

// mailLate is how long a mail may wait before somebody should look.
const mailLate = time.Hour

// doctorMail says whether mail goes out. Mails that a server refused are for the
// people whose addresses they are; they make nothing wrong with the node.
func (e *env) doctorMail(app *node.App, say func(bool, string, string)) {
	h, err := app.MailHealth(e)
	if err != nil {
		say(false, "mail", fmt.Sprint(err))
		return
	}
	if app.Config().Mail.Server == "" {
		fmt.Fprintln(e.Stdout, "note   no mail server is configured: people see their news when they sign in")
		return
	}
	late := h.Waits > 0 && app.Now().Sub(h.Oldest) > mailLate
	say(!late && h.Failed == 0, fmt.Sprintf("mail goes out (%d wait, %d given up in a week)", h.Waits, h.Failed), "run comity mail try, and comity mail list")
	if h.Refused+h.Unsure > 0 {
		fmt.Fprintf(e.Stdout, "note   in a week %d mails were refused and of %d nobody knows: comity mail list\n", h.Refused, h.Unsure)
	}
}
