package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// Mail says how notices are sent. The zero value sends none: people then see
// their news when they sign in.
type Mail struct {
	Server   string // host:port of the mail server
	From     string // address of the node
	User     string // for servers that ask
	Password string
	Plain    bool // without TLS: for a server on the same machine alone
}

const jobMail = "case.notice"

// mailJob asks for a notice to the contact of a case's applicant.
type mailJob struct {
	Case string    `json:"case"`
	At   time.Time `json:"at"`
}

// tell has the applicant told that there is news. The notice says nothing else,
// whatever happened.
func (t *Tx) tell(c *licensing.Case) error {
	if t.app.cfg.Mail.Server == "" {
		return nil
	}
	return t.enqueue(jobMail, fmt.Sprintf("%s/%s/%d", jobMail, c.ID, t.seq()), mailJob{c.ID, t.Now()})
}

// sendNotice sends one notice. Who has no address, or was erased, gets none.
func (a *App) sendNotice(ctx context.Context, j jobs.Job) error {
	var job mailJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	var c licensing.Case
	var acc account.State
	if err := a.db.View(ctx, func(t *store.Tx) error {
		if _, err := t.Load(CaseStream(job.Case), &c); err != nil {
			return err
		}
		_, err := t.Load(event.StreamOf(account.KindAccount, c.App().Contact.Account), &acc)
		return err
	}); err != nil {
		return err
	}
	if acc.Profile.Email == "" || acc.Status != account.Active {
		return nil
	}
	cat, err := lang.Load(content.FS)
	if err != nil {
		return err
	}
	msg, err := letter.Mail{
		ID: j.ID, At: job.At, From: a.cfg.Mail.From, Authority: a.cfg.Title, To: acc.Profile.Email, Reference: c.Reference,
		Language: letterLanguage, SignIn: a.cfg.URL + "/sign-in",
	}.Message(cat.Printer(letterLanguage, nil))
	if errors.Is(err, letter.ErrAddress) {
		return jobs.Permanent(err)
	}
	if err != nil {
		return err
	}
	client, err := a.cfg.Mail.client()
	if err != nil {
		return jobs.Permanent(err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		// The server's words may quote the address: they are not kept.
		return fault.New(fault.Unavailable, "node.mail_unsent")
	}
	return nil
}

func (m Mail) client() (*gomail.Client, error) {
	host, port, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, fmt.Errorf("node: mail server %q: give host:port: %w", m.Server, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("node: mail server %q: %w", m.Server, err)
	}
	options := []gomail.Option{gomail.WithPort(n), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	if m.Plain {
		options[1] = gomail.WithTLSPolicy(gomail.NoTLS)
	}
	if m.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	return gomail.NewClient(host, options...)
}
