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

// Mail is the notification that there is news on an application. It carries the
// reference and nothing else of the case: mail is read by others on its way, and
// on shared screens. The news itself waits behind the sign-in.
type Mail struct {
	ID        string    // of the job that sends it; the same ID gives the same message
	At        time.Time // when the job was made
	From      string    // mail address of the node
	Authority string    // name shown beside the address
	To        string    // mail address
	Reference string    // of the case
	Language  string
	Direction Direction
	SignIn    string // address of the sign-in page; the same for every case
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
	reference := clean(m.Reference)
	msg.Subject(t.T("letter.mail.subject", "reference", reference))
	msg.SetDateWithValue(m.At.UTC())
	msg.SetMessageIDWithValue(id + m.From[strings.LastIndexByte(m.From, '@'):])
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	body, why := t.T("letter.mail.body", "reference", reference), t.T("letter.mail.why")
	from := t.T("letter.mail.from", "authority", clean(m.Authority))
	msg.SetBodyString(gomail.TypeTextPlain, body+"\n"+m.SignIn+"\n\n"+why+"\n\n"+from+"\n")
	w := &markup{}
	w.raw("<!DOCTYPE html>\n<html")
	w.attr("lang", m.Language)
	w.attr("dir", string(m.Direction))
	w.raw("><head><meta charset=\"utf-8\"><title>")
	w.text(t.T("letter.mail.subject", "reference", reference))
	w.raw("</title></head>\n<body>\n")
	w.para("", Text(body))
	w.raw(`<p><a href="` + html.EscapeString(m.SignIn) + `">`)
	w.text(m.SignIn)
	w.raw("</a></p>\n")
	w.para("", Text(why))
	w.para("", Text(from))
	w.raw("</body></html>\n")
	msg.AddAlternativeString(gomail.TypeTextHTML, w.b.String())
	return msg, nil
}
