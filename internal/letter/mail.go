package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"html"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// ErrAddress means that a mail address cannot be used.
var ErrAddress = errors.New("letter: not a mail address")

// Mail tells somebody that there is news, or that something falls due. It carries
// references and days and nothing else: mail is read by others on its way, and on
// shared screens. The news itself waits behind the sign-in.
type Mail struct {
	ID        string     // of the job that sends it; the same ID gives the same message
	At        time.Time  // when the job was made
	From      string     // mail address of the node
	Authority string     // name shown beside the address
	To        string     // mail address
	Items     []MailItem // what may be named
	Hidden    int        // how many things are not named at all
	Language  string
	Direction Direction
	SignIn    string // address of the sign-in page; the same for every case
	Fewer     string // address by which the reader turns mail down without signing in
}

// MailItem is one thing that a mail names.
type MailItem struct {
	Reference string
	Due       string // the day on which it falls due, written out; empty where none does
	Late      bool   // the day is over
}

func (i MailItem) sentence(t Texts) string {
	switch ref := clean(i.Reference); {
	case i.Due == "":
		return t.T("letter.mail.news", "reference", ref)
	case i.Late:
		return t.T("letter.mail.late", "reference", ref, "day", i.Due)
	default:
		return t.T("letter.mail.due", "reference", ref, "day", i.Due)
	}
}

// subject names the one thing that the mail is about, or nothing.
func (m Mail) subject(t Texts) string {
	switch {
	case len(m.Items) == 1 && m.Hidden == 0:
		return m.Items[0].sentence(t)
	case len(m.Items) == 0:
		return t.T("letter.mail.waits")
	}
	return t.T("letter.mail.daily")
}

// sentences are what the mail says, a line each.
func (m Mail) sentences(t Texts) (out []string) {
	for _, i := range m.Items {
		out = append(out, i.sentence(t))
	}
	switch {
	case m.Hidden == 1 || m.Hidden > 1 && len(m.Items) == 0:
		out = append(out, t.T("letter.mail.waits"))
	case m.Hidden > 1:
		out = append(out, t.T("letter.mail.more", "count", m.Hidden))
	}
	return out
}

// Message writes the mail as plain text with an HTML twin. Its headers name no
// machine and no program; sending twice sends the same identifier, by which
// mailboxes drop the second.
func (m Mail) Message(t Texts) (*gomail.Msg, error) {
	for _, a := range []string{m.From, m.To} {
		if parsed, err := mail.ParseAddress(a); err != nil || parsed.Address != a {
			return nil, ErrAddress // without the address: errors are logged
		}
	}
	sum := sha256.Sum256([]byte(m.ID))
	id := hex.EncodeToString(sum[:16])
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("part-"+id))
	if err := msg.FromFormat(clean(m.Authority), m.From); err != nil {
		return nil, ErrAddress
	}
	if err := msg.To(m.To); err != nil {
		return nil, ErrAddress
	}
	subject := m.subject(t)
	msg.Subject(subject)
	msg.SetDateWithValue(m.At.UTC())
	msg.SetMessageIDWithValue(id + m.From[strings.LastIndexByte(m.From, '@'):])
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Fewer != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+m.Fewer+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	said, read, why := m.sentences(t), t.T("letter.mail.read"), t.T("letter.mail.why")
	from, fewer := t.T("letter.mail.from", "authority", clean(m.Authority)), t.T("letter.mail.fewer")
	plain := strings.Join(said, "\n") + "\n\n" + read + "\n" + m.SignIn + "\n\n" + why + "\n\n" + from + "\n"
	w := &markup{}
	w.raw("<!DOCTYPE html>\n<html")
	w.attr("lang", m.Language)
	w.attr("dir", string(m.Direction))
	w.raw("><head><meta charset=\"utf-8\"><title>")
	w.text(subject)
	w.raw("</title></head>\n<body>\n")
	for _, s := range said {
		w.para("", Text(s))
	}
	link := func(words, address string) {
		w.para("", Text(words))
		w.raw(`<p><a href="` + html.EscapeString(address) + `">`)
		w.text(address)
		w.raw("</a></p>\n")
	}
	link(read, m.SignIn)
	w.para("", Text(why))
	w.para("", Text(from))
	if m.Fewer != "" {
		plain += "\n" + fewer + "\n" + m.Fewer + "\n"
		link(fewer, m.Fewer)
	}
	w.raw("</body></html>\n")
	msg.SetBodyString(gomail.TypeTextPlain, plain)
	msg.AddAlternativeString(gomail.TypeTextHTML, w.b.String())
	return msg, nil
}
