package letter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"
)

// inbox is a mail server in this process that keeps what it is sent.
type inbox struct {
	mu   sync.Mutex
	mail [][]byte
}

func (b *inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return session{b}, nil }

type session struct{ box *inbox }

func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }
func (s session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.mail = append(s.box.mail, raw)
	return err
}

func sampleMail() Mail {
	return Mail{
		ID: "0192f0c1-0000-7000-8000-000000000001", At: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC),
		From: "no-reply@authority.example", Authority: "Norland Export Control Authority", To: "å.løvåsen@radio.example",
		Items: []MailItem{{Reference: "NOR-2026-000123"}}, Language: "en", Direction: LTR, SignIn: "https://authority.example/sign-in",
		Fewer: "https://authority.example/notices/fewer/abc",
	}
}

func TestMailIsSentAndSaysOnlyThatThereIsNews(t *testing.T) {
	box := &inbox{}
	server := smtp.NewServer(box)
	server.Domain, server.EnableSMTPUTF8 = "localhost", true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(l.Addr().(*net.TCPAddr).Port),
		gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("authority.example"))
	if err != nil {
		t.Fatal(err)
	}
	m := sampleMail()
	m.To = "a.lovasen@radio.example"
	msg, err := m.Message(english(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.DialAndSendWithContext(context.Background(), msg); err != nil {
		t.Fatal(err)
	}
	if len(box.mail) != 1 {
		t.Fatalf("%d messages arrived", len(box.mail))
	}
	got, err := netmail.ReadMessage(bytes.NewReader(box.mail[0]))
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Header.Get("Subject"); s != "There is news on NOR-2026-000123" {
		t.Error(s)
	}
	for name := range got.Header {
		switch name {
		case "Subject", "From", "To", "Date", "Message-Id", "Mime-Version", "Content-Type", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post":
		default:
			t.Errorf("header %s: %s", name, got.Header.Get(name))
		}
	}
	if host, _ := os.Hostname(); host != "" && bytes.Contains(box.mail[0], []byte("@"+host)) {
		t.Error("the name of the machine is in the mail")
	}
	_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	var kinds []string
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, strings.Split(p.Header.Get("Content-Type"), ";")[0])
		if !bytes.Contains(body, []byte("NOR-2026-000123")) || !bytes.Contains(body, []byte("https://authority.example/sign-in")) {
			t.Errorf("%s", body)
		}
	}
	if strings.Join(kinds, " ") != "text/plain text/html" {
		t.Error(kinds)
	}
}

func TestSameJobSameMail(t *testing.T) {
	write := func() string {
		msg, err := sampleMail().Message(english(t))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := msg.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if first, second := write(), write(); first != second {
		t.Error("sending twice sends two messages")
	}
}

func TestMailAddressesAreChecked(t *testing.T) {
	for _, to := range []string{"", "nobody", "a@b\r\nBcc: c@d", "Name <a@b.example>"} {
		m := sampleMail()
		m.To = to
		if _, err := m.Message(english(t)); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", to, err)
		}
	}
}

// What is not to be named is counted at most, and nothing is said of it in the
// subject either.
func TestMailNamesWhatItMay(t *testing.T) {
	due, late := MailItem{Reference: "NOR-1", Due: "3 December 2026"}, MailItem{Reference: "NOR-2", Due: "1 November 2026", Late: true}
	for _, c := range []struct {
		name    string
		items   []MailItem
		hidden  int
		subject string
		says    []string
	}{
		{"one that falls due", []MailItem{due}, 0, "NOR-1: something falls due on 3 December 2026", []string{"NOR-1: something falls due on 3 December 2026"}},
		{"several", []MailItem{due, late}, 0, "What waits for you today", []string{"NOR-2: something was due on 1 November 2026"}},
		{"one unnamed", nil, 1, "Something waits for you", []string{"Something waits for you"}},
		{"several unnamed", nil, 5, "Something waits for you", []string{"Something waits for you"}},
		{"some unnamed", []MailItem{due}, 2, "What waits for you today", []string{"NOR-1: ", "2 more things wait for you"}},
	} {
		m := sampleMail()
		m.Items, m.Hidden = c.items, c.hidden
		msg, err := m.Message(english(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := msg.GetGenHeader(gomail.HeaderSubject); len(got) != 1 || got[0] != c.subject {
			t.Errorf("%s: subject %q", c.name, got)
		}
		var b bytes.Buffer
		if _, err := msg.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.says {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is not said in\n%s", c.name, want, b.String())
			}
		}
	}
}
