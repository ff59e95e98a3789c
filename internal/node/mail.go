package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/store"
)

// Mail says how notices are sent. The zero value sends none: people then see
// their news when they sign in. Without Implicit or Plain the connection turns to
// TLS by STARTTLS, and a server that does not offer it gets nothing.
type Mail struct {
	Server   string // host:port of the mail server
	From     string // address of the node
	User     string // for servers that ask
	Password string
	Implicit bool           // TLS from the first byte, usually port 465
	Plain    bool           // without TLS: for a server on the same machine alone
	Roots    *x509.CertPool // who vouches for the server; nil: the system's
}

const (
	jobMail      = "notice.mail"
	mailAttempts = 12 // half a day, by the pauses of the jobs
	mailPatience = 20 * time.Second
	mailItems    = 100 // things that one mail names or counts
)

// mailJob asks for a mail to be sent.
type mailJob struct {
	Mail string `json:"mail"`
}

// sendMail sends one mail, at most once: what was being handed over when the
// program ended, or when the line broke before the server's last answer, is not
// sent again. Its news is in the program, and in the next day's mail while unread.
func (a *App) sendMail(ctx context.Context, j jobs.Job) error {
	var job mailJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	msg, m, err := a.composeMail(ctx, job.Mail)
	if err != nil || m.State != store.MailWaits && m.State != store.MailTried {
		return err
	}
	// What becomes of it is noted even while the program is asked to stop.
	note := func(state store.MailState, code int) error {
		return a.db.Update(context.WithoutCancel(ctx), func(t *store.Tx) error {
			if state == store.MailUnsure {
				if err := a.scatter(t, m); err != nil {
					return err
				}
			}
			return t.SetMail(m.ID, state, code)
		})
	}
	if m.State == store.MailTried {
		return note(store.MailUnsure, 0)
	}
	if msg == nil {
		return note(store.MailNobody, 0)
	}
	// again has the job tried later, while it has attempts left.
	again := func(code int) error {
		// The server's words may quote the address: they are not kept.
		why := fault.New(fault.Unavailable, "node.mail_unsent", "code", code)
		if j.Attempts >= mailAttempts {
			return errors.Join(note(store.MailFailed, code), jobs.Permanent(why))
		}
		return errors.Join(note(store.MailWaits, code), why)
	}
	client, err := a.cfg.Mail.client()
	if err != nil {
		return errors.Join(note(store.MailFailed, 0), jobs.Permanent(err))
	}
	line, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return again(replyCode(err))
	}
	defer func() { _ = line.Close() }()
	if err := note(store.MailTried, 0); err != nil {
		return err
	}
	sent, code, unsure := deliver(client, line, msg)
	switch {
	case sent:
		return note(store.MailSent, 250)
	case unsure:
		return note(store.MailUnsure, 0)
	case code >= 500:
		return note(store.MailRefused, code)
	}
	return again(code)
}

// scatter has the news of a mail that may not have come wait for the next day's.
func (a *App) scatter(t *store.Tx, m store.Mail) error {
	want, err := a.settingsOf(t, m.Account)
	if err != nil {
		return err
	}
	if err := t.DailySent(m.Account, string(deadline.DateOf(t.Now(), want.zone))); err != nil {
		return err
	}
	return t.ScatterNotices(m.ID)
}

// deliver hands a message over. Unsure means that the whole of it went and the
// server's answer did not come.
func deliver(client *gomail.Client, line *smtp.Client, msg *gomail.Msg) (sent bool, code int, unsure bool) {
	err := client.SendWithSMTPClient(line, msg)
	if msg.IsDelivered() || err == nil {
		return msg.IsDelivered(), 0, false // what failed after the server took it does not matter
	}
	var f *gomail.SendError
	if !errors.As(err, &f) {
		return false, 0, false
	}
	return false, f.ErrorCode(), f.Reason == gomail.ErrSMTPDataClose && f.ErrorCode() == 0
}

// replyCode is a server's answer before any message, by the number it begins with;
// 0 where there was none.
func replyCode(err error) int {
	for _, word := range strings.Fields(err.Error()) {
		if n, err := strconv.Atoi(word); err == nil && n >= 400 && n < 600 {
			return n
		}
	}
	return 0
}

// composeMail writes a mail that waits. No message means that there is nobody to
// send it to, or nothing left to say.
func (a *App) composeMail(ctx context.Context, id string) (*gomail.Msg, store.Mail, error) {
	var m store.Mail
	var acc account.State
	var news []store.Notice
	var want settings
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if m, _, err = t.Mail(id); err != nil {
			return err
		}
		if _, err = t.Load(event.StreamOf(account.KindAccount, m.Account), &acc); err != nil {
			return err
		}
		if want, err = a.settingsOf(t, m.Account); err != nil {
			return err
		}
		news, err = t.MailNotices(id, mailItems)
		return err
	}); err != nil {
		return nil, m, fault.Wrap(err, "node: mail")
	}
	cat, err := catalogue()
	if err != nil {
		return nil, m, err
	}
	rules, err := a.NoticeRules()
	if err != nil {
		return nil, m, err
	}
	language := want.Language
	if language == "" {
		language = letterLanguage
	}
	p := cat.Printer(language, want.zone)
	out := letter.Mail{
		ID: m.ID, At: m.At, From: a.cfg.Mail.From, Authority: a.cfg.Title, To: acc.Profile.Email, Language: p.Lang(), Direction: letter.Direction(p.Dir()),
		SignIn: a.cfg.URL + "/notices", Fewer: a.cfg.URL + "/notices/fewer/" + want.token,
	}
	today := deadline.DateOf(a.Now(), want.zone)
	for _, n := range news {
		switch k, _ := rules.Kind(n.Kind); {
		case !n.Read.IsZero():
		case k.Guarded || n.Compartment != "" || n.About == "":
			out.Hidden++
		default:
			i := letter.MailItem{Reference: n.About, Late: n.Due != "" && n.Due < string(today)}
			if n.Due != "" {
				i.Due = p.DayOf(n.Due)
			}
			out.Items = append(out.Items, i)
		}
	}
	if acc.Profile.Email == "" || acc.Status != account.Active || len(out.Items)+out.Hidden == 0 {
		return nil, m, nil
	}
	msg, err := out.Message(p)
	if errors.Is(err, letter.ErrAddress) {
		return nil, m, nil
	}
	return msg, m, err
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
	_, domain, _ := strings.Cut(m.From, "@")
	options := []gomail.Option{
		gomail.WithPort(n), gomail.WithTimeout(mailPatience), gomail.WithHELO(domain),
		gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch {
	case m.Plain:
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, fmt.Errorf("node: mail server %q: without TLS only to this machine", m.Server)
		}
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case m.Implicit:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	return gomail.NewClient(host, options...)
}

// Check says what of the settings can't work.
func (m Mail) Check() error {
	if m.Server == "" {
		return nil
	}
	if m.Implicit && m.Plain {
		return errors.New("node: mail: TLS from the first byte and none at all")
	}
	if _, domain, ok := strings.Cut(m.From, "@"); !ok || domain == "" {
		return fmt.Errorf("node: mail: %q is no address to send from", m.From)
	}
	_, err := m.client()
	return err
}

// TryMail connects to the mail server, signs in and leaves.
func (a *App) TryMail(ctx context.Context) error {
	client, err := a.cfg.Mail.client()
	if err != nil {
		return err
	}
	line, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	return line.Quit()
}

// MailHealth says whether mail went out during the last week.
func (a *App) MailHealth(ctx context.Context) (h store.MailHealth, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		h, err = t.MailHealth(t.Now().AddDate(0, 0, -7))
		return err
	})
	return h, fault.Wrap(err, "node: mail")
}

// Mails lists mails in a state for those who keep the node running.
func (a *App) Mails(ctx context.Context, actor access.Actor, state store.MailState, limit int) (out []store.Mail, err error) {
	if !access.Can(actor, access.NodeOperate, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		out, err = t.ListMails(state, time.Time{}, "", limit)
		return err
	})
	return out, fault.Wrap(err, "node: mails")
}
