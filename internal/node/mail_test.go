package node_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/notice"
	"github.com/comity-project/comity/internal/store"
)

// postbox is a mail server in the test. Each connection that comes takes the next of
// what it is to do; after the last it takes every mail.
type postbox struct {
	addr     string
	roots    *x509.CertPool
	password string // asked for where set

	mu    sync.Mutex
	does  []string // guarded by mu: "", "451 rcpt", "550 rcpt", "452 data", "554 data", "hang up", "hang up after", "hang up before"
	taken []string // guarded by mu
}

func (p *postbox) next() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.does) == 0 {
		return ""
	}
	d := p.does[0]
	p.does = p.does[1:]
	return d
}

func (p *postbox) mails() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.taken...)
}

// NewSession implements smtp.Backend.
func (p *postbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s := &postSession{post: p, conn: c, does: p.next()}
	if s.does == "hang up before" {
		_ = c.Conn().Close()
	}
	return s, nil
}

type postSession struct {
	post *postbox
	conn *smtp.Conn
	does string
	in   bool
}

func (s *postSession) AuthMechanisms() []string {
	if s.post.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.in = user == "node" && password == s.post.password; !s.in {
			return &smtp.SMTPError{Code: 535, Message: "no such user"}
		}
		return nil
	}), nil
}

func (s *postSession) refusal(at string) error {
	code, where, _ := strings.Cut(s.does, " ")
	if where != at {
		return nil
	}
	n := map[string]int{"451": 451, "550": 550, "452": 452, "554": 554}[code]
	return &smtp.SMTPError{Code: n, Message: "said by the test about somebody@example.org"}
}

func (s *postSession) Mail(string, *smtp.MailOptions) error {
	if s.post.password != "" && !s.in {
		return &smtp.SMTPError{Code: 530, Message: "sign in first"}
	}
	if s.does == "hang up" {
		_ = s.conn.Conn().Close()
	}
	return nil
}
func (s *postSession) Rcpt(string, *smtp.RcptOptions) error { return s.refusal("rcpt") }
func (s *postSession) Reset()                               {}
func (s *postSession) Logout() error                        { return nil }

func (s *postSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.refusal("data"); err != nil {
		return err
	}
	s.post.mu.Lock()
	s.post.taken = append(s.post.taken, string(b))
	s.post.mu.Unlock()
	if s.does == "hang up after" {
		_ = s.conn.Conn().Close() // it has the mail, and nobody hears so
	}
	return nil
}

// openPost opens a mail server: with TLS from the first byte, or by STARTTLS.
func openPost(t *testing.T, implicit bool) *postbox {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	p := &postbox{roots: x509.NewCertPool()}
	p.roots.AddCert(cert)
	cfg := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server := smtp.NewServer(p)
	server.Domain, server.TLSConfig = "localhost", cfg
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, cfg)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// told is a node with a mail server, a case, and somebody who can be told things.
type told struct {
	*nodetest.House
	clock  *nodetest.Clock
	post   *postbox
	caseID string
	reader access.Actor // has an address
}

func openTold(t *testing.T, engine store.Engine, p *postbox, change func(*node.Mail)) *told {
	t.Helper()
	clock := nodetest.NewClock()
	cfg := nodetest.Config(t, engine, clock)
	cfg.Title, cfg.URL = "Authority", "https://node.example"
	cfg.Mail = node.Mail{Server: p.addr, From: "notices@authority.example", Roots: p.roots}
	if change != nil {
		change(&cfg.Mail)
	}
	h := nodetest.Staff(t, nodetest.OpenAt(t, cfg))
	in := nodetest.Example(t, "01")
	w := &told{House: h, clock: clock, post: p, caseID: h.Submit(h.Application(in))}
	id := node.NewID()
	h.Do(access.System(), account.Open{ID: id, Org: h.Authority, Profile: account.Profile{Name: "Reader", Sign: "reader", Email: "reader@authority.example"}, Roles: []access.Role{access.LicensingOfficer}})
	w.reader = access.Actor{Account: id, Name: "Reader", Org: h.Authority, Roles: []access.Role{access.LicensingOfficer}}
	h.Do(w.reader, interests.Confirm{Account: id}) // no reminder of that comes in between
	return w
}

// note tells the reader something that a mail says nothing of.
func (w *told) note() {
	w.T.Helper()
	w.Do(w.Officer, licensing.WriteNote{On: licensing.On{Case: w.caseID}, Text: "Karsovia's interior ministry, as in the last case.", Tell: []string{w.reader.Account}})
}

func (w *told) work() { w.App.Runner().Drain(context.Background()) }

func (w *told) states() (out map[store.MailState]int) {
	w.T.Helper()
	out = map[store.MailState]int{}
	for _, s := range []store.MailState{store.MailWaits, store.MailTried, store.MailSent, store.MailRefused, store.MailFailed, store.MailUnsure} {
		list, err := w.App.Mails(context.Background(), access.System(), s, 100)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, m := range list {
			if m.Account == w.reader.Account {
				out[s]++
			}
		}
	}
	return out
}

// Mail reaches a server by STARTTLS and by TLS from the first byte, signed in;
// a server whose name nobody vouches for, that knows no TLS or another password,
// gets nothing.
func TestMailByBothWaysOfTLS(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		p := openPost(t, implicit)
		p.password = "a password of the node"
		w := openTold(t, store.SQLite, p, func(m *node.Mail) {
			m.Implicit, m.User, m.Password = implicit, "node", p.password
		})
		if err := w.App.TryMail(t.Context()); err != nil {
			t.Fatalf("implicit %v: %v", implicit, err)
		}
		w.note()
		w.work()
		got := p.mails()
		if len(got) != 1 {
			t.Fatalf("implicit %v: %d mails, %v", implicit, len(got), w.states())
		}
		for _, secret := range []string{"Karsovia", "interior", "note", "Note", "127.0.0.1"} {
			if strings.Contains(got[0], secret) {
				t.Errorf("the mail says %q", secret)
			}
		}
		m, err := mail.ReadMessage(bytes.NewBufferString(got[0]))
		if err != nil {
			t.Fatal(err)
		}
		if s := m.Header.Get("Subject"); s != "There is news on XX-2026-0001" {
			t.Errorf("subject %q", s)
		}
		if m.Header.Get("List-Unsubscribe") == "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Error("no way to turn it down, or not said to be automatic")
		}
	}
	right := openPost(t, false)
	right.password = "right"
	for name, change := range map[string]func(*node.Mail){
		"a stranger's certificate": func(m *node.Mail) { m.Roots = x509.NewCertPool() },
		"another password":         func(m *node.Mail) { m.User, m.Password = "node", "wrong" },
		"the other kind of TLS":    func(m *node.Mail) { m.Implicit = true },
	} {
		w := openTold(t, store.SQLite, right, change)
		w.note()
		w.work()
		if n := w.states(); n[store.MailWaits] != 1 || len(right.mails()) != 0 {
			t.Errorf("%s: %v, %d mails", name, n, len(right.mails()))
		}
		for range 14 { // all attempts, until it is given up
			w.clock.Move(3 * time.Hour)
			w.work()
		}
		if n := w.states(); n[store.MailFailed] != 1 {
			t.Errorf("%s: %v", name, n)
		}
	}
	for name, m := range map[string]node.Mail{
		"plain over the network": {Server: "mail.example:25", From: "a@b.example", Plain: true},
		"two ways":               {Server: "127.0.0.1:25", From: "a@b.example", Plain: true, Implicit: true},
		"nobody to send from":    {Server: "127.0.0.1:25"},
		"no port":                {Server: "127.0.0.1", From: "a@b.example"},
	} {
		if m.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// A server's no for now is tried again, its no for ever is not; a line that breaks
// before the mail went is tried again, one that breaks after is not, so that
// nobody gets a mail twice. None of it keeps the server's words.
func TestRefusalsAndHangUps(t *testing.T) {
	for _, c := range []struct {
		name  string
		does  []string
		end   store.MailState
		taken int
	}{
		{"not now, then yes", []string{"451 rcpt", "452 data", ""}, store.MailSent, 1},
		{"never: the address", []string{"550 rcpt"}, store.MailRefused, 0},
		{"never: the mail", []string{"554 data"}, store.MailRefused, 0},
		{"hangs up at once, then not", []string{"hang up before", "hang up before", ""}, store.MailSent, 1},
		{"hangs up before the mail, then not", []string{"hang up", ""}, store.MailSent, 1},
		{"hangs up with the mail in hand", []string{"hang up after", "", ""}, store.MailUnsure, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openPost(t, true) // STARTTLS makes two sessions of a connection
			w := openTold(t, store.SQLite, p, func(m *node.Mail) { m.Implicit = true })
			p.mu.Lock()
			p.does = c.does
			p.mu.Unlock()
			w.note()
			for range len(c.does) + 1 {
				w.work()
				w.clock.Move(30 * time.Minute)
			}
			if n := w.states(); n[c.end] != 1 || len(p.mails()) != c.taken {
				t.Fatalf("%v, %d mails, want one %s and %d", n, len(p.mails()), c.end, c.taken)
			}
			dead, err := w.App.Store().Jobs().Dead(t.Context(), 10)
			if err != nil || len(dead) != 0 {
				t.Errorf("dead jobs %v, %v", dead, err)
			}
			h, err := w.App.MailHealth(t.Context())
			if err != nil || h.Waits != 0 {
				t.Errorf("health %+v, %v", h, err)
			}
		})
	}
}

// The program ends between the server's answer and the note of it: the mail is
// not sent again. Its news stays in the program, and is in the next day's mail
// while nobody has read it.
func TestNoMailTwiceAfterACrash(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			p := openPost(t, false)
			w := openTold(t, engine, p, nil)
			w.note()
			list, err := w.App.Mails(t.Context(), access.System(), store.MailWaits, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list { // as the crash leaves it
				if err := w.App.Store().Update(t.Context(), func(tx *store.Tx) error { return tx.SetMail(m.ID, store.MailTried, 0) }); err != nil {
					t.Fatal(err)
				}
			}
			w.work()
			if n := w.states(); n[store.MailUnsure] != 1 || len(p.mails()) != 0 {
				t.Fatalf("%v, %d mails", n, len(p.mails()))
			}
			w.clock.Move(25 * time.Hour)
			w.work()
			if got := p.mails(); len(got) != 1 || !strings.Contains(got[0], "XX-2026-0001") {
				t.Fatalf("the next day's mails: %q", got)
			}
			w.clock.Move(25 * time.Hour)
			w.work()
			if len(p.mails()) != 1 {
				t.Error("and again the day after")
			}
		})
	}
}

// One mail a day, in the hour that the person chose and never in their night; what
// they have read is not in it; who wants none gets none.
func TestPeopleChooseHowTheyAreTold(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			p := openPost(t, false)
			w := openTold(t, engine, p, nil)
			ctx := t.Context()
			set := func(s notice.Settings) {
				t.Helper()
				if err := w.App.SetNotices(ctx, w.reader, s); err != nil {
					t.Fatal(err)
				}
			}
			// Monday 08:00 UTC is 17:00 in Tokyo.
			set(notice.Settings{Zone: "Asia/Tokyo", Hour: 9, Ways: map[string]notice.Way{"work": notice.Daily}})
			w.note()
			w.note()
			w.clock.Move(time.Hour)
			w.work()
			if len(p.mails()) != 1 || !strings.Contains(p.mails()[0], "What waits for you today") {
				t.Fatalf("after 9 in Tokyo: %q", p.mails())
			}
			w.note()
			w.clock.Move(6 * time.Hour)
			w.work()
			if len(p.mails()) != 1 {
				t.Fatal("two in a day")
			}
			list, _, err := w.App.NoticesOf(ctx, w.reader, "", true, 10)
			if err != nil || len(list) != 3 {
				t.Fatalf("%d unread, %v", len(list), err)
			}
			if err := w.App.ReadNotices(ctx, w.reader, list[0].ID); err != nil {
				t.Fatal(err)
			}
			w.clock.Move(24 * time.Hour)
			w.work()
			if len(p.mails()) != 1 {
				t.Fatal("a mail of what was read")
			}

			set(notice.Settings{Ways: map[string]notice.Way{"work": notice.Never}})
			w.note()
			w.clock.Move(48 * time.Hour)
			w.work()
			if len(p.mails()) != 1 {
				t.Fatal("a mail to who wants none")
			}

			now := w.clock.Now().UTC().Hour()
			set(notice.Settings{QuietFrom: now, QuietTo: (now + 3) % 24, Zone: "UTC"})
			w.note()
			w.work()
			w.clock.Move(2 * time.Hour)
			w.work()
			if len(p.mails()) != 1 {
				t.Fatal("a mail in the night")
			}
			w.clock.Move(time.Hour)
			w.work()
			if len(p.mails()) != 2 {
				t.Fatalf("%d mails after the night", len(p.mails()))
			}

			token := tokenIn(t, p.mails()[1])
			if err := w.App.FewerMails(ctx, token, true); err != nil {
				t.Fatal(err)
			}
			w.note()
			w.clock.Move(48 * time.Hour)
			w.work()
			if len(p.mails()) != 2 {
				t.Fatal("a mail after it was turned down")
			}
			if err := w.App.FewerMails(ctx, "nonsense", true); err == nil {
				t.Error("any address turns mail down")
			}
		})
	}
}

func tokenIn(t *testing.T, raw string) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, token, ok := strings.Cut(strings.Trim(m.Header.Get("List-Unsubscribe"), "<>"), "/notices/fewer/")
	if !ok {
		t.Fatal(errors.New("no address to turn mail down"))
	}
	return token
}
