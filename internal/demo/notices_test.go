package demo_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// inbox is a mail server in the test.
type inbox struct {
	mu       sync.Mutex
	messages []string // guarded by mu
}

func (b *inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return mailSession{b}, nil }

type mailSession struct{ box *inbox }

func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailSession) Reset()                               {}
func (mailSession) Logout() error                        { return nil }
func (s mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.messages = append(s.box.messages, string(b))
	return err
}

// A notice says that there is news and nothing of what it is.
func TestNoticesSayNothingOfTheCase(t *testing.T) {
	box := &inbox{}
	server := smtp.NewServer(box)
	server.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()

	cfg := nodetest.Config(t, store.SQLite, nodetest.NewClock())
	cfg.Mail = node.Mail{Server: l.Addr().String(), From: "notices@authority.example", Plain: true}
	cfg.Title, cfg.URL = "Authority", "https://node.example"
	app := nodetest.OpenAt(t, cfg)
	s, err := demo.SetUp(ctx, app, "")
	if err != nil {
		t.Fatal(err)
	}
	id := node.NewID()
	if err := app.Do(ctx, access.System(), account.Open{
		ID: id, Org: s.Orgs[demo.Radio], Profile: account.Profile{Name: "Nils Nordahl", Sign: "nils", Email: "nils@radio.example"}, Roles: []access.Role{access.ExporterUser},
	}); err != nil {
		t.Fatal(err)
	}
	in, err := demo.Example(demo.IMSICatchers)
	if err != nil {
		t.Fatal(err)
	}
	who := access.Actor{Account: id, Name: "Nils Nordahl", Org: s.Orgs[demo.Radio], Roles: []access.Role{access.ExporterUser}}
	application, err := s.Apply(ctx, who, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Take(ctx, application, s.Actors["liv"]); err != nil {
		t.Fatal(err)
	}
	if err := app.Do(ctx, s.Actors["liv"], licensing.AskInformation{
		On: licensing.On{Case: application}, RFI: node.NewID(), Questions: []licensing.Question{{ID: "q1", Text: "Which unit of the Special Department?"}},
	}); err != nil {
		t.Fatal(err)
	}
	app.Runner().Drain(ctx)
	deadline := time.Now().Add(5 * time.Second)
	for {
		box.mu.Lock()
		n := len(box.messages)
		box.mu.Unlock()
		if n >= 2 || time.Now().After(deadline) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	if len(box.messages) != 2 {
		t.Fatalf("%d notices, want one for the receipt and one for the request", len(box.messages))
	}
	for _, m := range box.messages {
		if !strings.Contains(m, "XX-2026-0001") {
			t.Errorf("the reference is missing: %s", m)
		}
		for _, secret := range []string{"IMSI", "Karsovia", "Special", "Radio", "unit", "request"} {
			if strings.Contains(m, secret) {
				t.Errorf("the notice says %q", secret)
			}
		}
	}
}
