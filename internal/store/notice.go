package store

import (
	"time"
)

// Notice is something that one person is told. What it says is a sentence by the
// name Said; About is a reference, never a title or a name.
type Notice struct {
	ID, Account string
	Key         string // what makes it one: a second with the same key is not written
	Kind        string // how it is told, of content/notices.toml
	Said        string
	About       string // reference; "" where none may be told
	Stream      string // of what it is about
	Compartment string
	Href        string // of its page
	Due         string // ISO day; "" where nothing is due
	At          time.Time
	Read        time.Time // zero: not yet
	Mail        string    // "", Daily, or the id of the mail that names it
}

// Daily marks a notice that waits for the day's mail.
const Daily = "daily"

// Mail is a mail to one person and what became of it.
type Mail struct {
	ID, Account string
	State       MailState
	Code        int64     // the server's answer; 0 where it gave none
	At, Changed time.Time // from when on it may go
	Name        string    // of the person, in lists
}

// MailState is where a mail stands.
type MailState string

// The states of a mail.
const (
	MailWaits   MailState = "waits"
	MailTried   MailState = "tried"   // it is being handed over; found so later, the program ended meanwhile
	MailSent    MailState = "sent"    // the server took it
	MailRefused MailState = "refused" // the server never will
	MailFailed  MailState = "failed"  // no server took it in all attempts
	MailUnsure  MailState = "unsure"  // nobody knows whether the server took it: it is not sent again
	MailNobody  MailState = "nobody"  // there was no address any more, or no news left
)

// PutNotice writes a notice, unless one with its key is there; it tells which.
func (t *Tx) PutNotice(n Notice) (added bool, err error) {
	var id string
	return t.row(`INSERT INTO notice (id, account, key, kind, said, about, stream, compartment, href, due, at, read, mail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, $12) ON CONFLICT (key) DO NOTHING RETURNING id`,
		[]any{n.ID, n.Account, n.Key, n.Kind, n.Said, n.About, n.Stream, n.Compartment, n.Href, n.Due, n.At.UnixMicro(), n.Mail}, &id)
}

const noticeColumns = `id, account, key, kind, said, about, stream, compartment, href, due, at, read, mail`

func scanNotice(scan func(...any) error) (n Notice, err error) {
	var at int64
	var read *int64
	err = scan(&n.ID, &n.Account, &n.Key, &n.Kind, &n.Said, &n.About, &n.Stream, &n.Compartment, &n.Href, &n.Due, &at, &read, &n.Mail)
	n.At = time.UnixMicro(at).UTC()
	if read != nil {
		n.Read = time.UnixMicro(*read).UTC()
	}
	return n, err
}

func (t *Tx) notices(where string, args ...any) (out []Notice, err error) {
	err = t.each(`SELECT `+noticeColumns+` FROM notice WHERE `+where, args, func(scan func(...any) error) error {
		n, err := scanNotice(scan)
		out = append(out, n)
		return err
	})
	return out, err
}

// ListNotices are a person's notices, the latest first, before one; unread are
// only those not read.
func (t *Tx) ListNotices(account, before string, unread bool, limit int) ([]Notice, error) {
	where := `account = $1 AND ($2 = '' OR id < $2)`
	if unread {
		where += ` AND read IS NULL`
	}
	return t.notices(where+` ORDER BY id DESC LIMIT $3`, account, before, int64(limit))
}

// Notice reads one of a person's.
func (t *Tx) Notice(account, id string) (n Notice, found bool, err error) {
	list, err := t.notices(`account = $1 AND id = $2`, account, id)
	if len(list) > 0 {
		n, found = list[0], true
	}
	return n, found, err
}

// ReadNotices marks a person's notices up to one as read, or only that one.
func (t *Tx) ReadNotices(account, id string, one bool) error {
	if one {
		return t.exec(`UPDATE notice SET read = $3 WHERE account = $1 AND id = $2 AND read IS NULL`, account, id, t.now.UnixMicro())
	}
	return t.exec(`UPDATE notice SET read = $3 WHERE account = $1 AND id <= $2 AND read IS NULL`, account, id, t.now.UnixMicro())
}

// UnreadNotice marks one as not read.
func (t *Tx) UnreadNotice(account, id string) error {
	return t.exec(`UPDATE notice SET read = NULL WHERE account = $1 AND id = $2`, account, id)
}

// HushNotices takes the reference and the way there out of the notices about a
// stream: whoever has one may no longer see what it is about.
func (t *Tx) HushNotices(stream string) error {
	return t.exec(`UPDATE notice SET about = '', due = '', href = '/notices' WHERE stream = $1`, stream)
}

// HushNoticesOf does so with a person's notices from a compartment.
func (t *Tx) HushNoticesOf(account, compartment string) error {
	return t.exec(`UPDATE notice SET about = '', due = '', href = '/notices' WHERE account = $1 AND compartment = $2`, account, compartment)
}

// ForgetPerson removes what a person was told and their settings.
func (t *Tx) ForgetPerson(account string) error {
	for _, table := range []string{"notice", "notice_setting", "mail"} {
		if err := t.exec(`DELETE FROM `+table+` WHERE account = $1`, account); err != nil {
			return err
		}
	}
	return nil
}

// ForgetNotices removes notices and mails from before a time.
func (t *Tx) ForgetNotices(before time.Time) error {
	if err := t.exec(`DELETE FROM notice WHERE at < $1`, before.UnixMicro()); err != nil {
		return err
	}
	return t.exec(`DELETE FROM mail WHERE changed < $1 AND state <> 'waits'`, before.UnixMicro())
}

// MailNotices are the notices that a mail names, the earliest first.
func (t *Tx) MailNotices(mail string, limit int) ([]Notice, error) {
	return t.notices(`mail = $1 AND mail <> '' ORDER BY account, id LIMIT $2`, mail, int64(limit))
}

// GatherNotices puts a person's notices that wait for the day's mail into it,
// and leaves off those that they have read meanwhile.
func (t *Tx) GatherNotices(account, mail string) error {
	if err := t.exec(`UPDATE notice SET mail = '' WHERE mail = 'daily' AND account = $1 AND read IS NOT NULL`, account); err != nil {
		return err
	}
	return t.exec(`UPDATE notice SET mail = $2 WHERE mail = 'daily' AND account = $1`, account, mail)
}

// ScatterNotices has the notices of a mail that nobody knows to have come wait
// for the day's mail, where they are still unread.
func (t *Tx) ScatterNotices(mail string) error {
	return t.exec(`UPDATE notice SET mail = 'daily' WHERE mail = $1 AND mail <> '' AND read IS NULL`, mail)
}

// AwaitingDaily are the accounts with unread notices that wait for the day's
// mail, after one, with their settings; nil where they have none.
func (t *Tx) AwaitingDaily(after string, limit int) (accounts []string, settings [][]byte, last []string, err error) {
	err = t.each(`SELECT waiting.account, notice_setting.body, notice_setting.daily FROM
		(SELECT DISTINCT account FROM notice WHERE mail = 'daily' AND mail <> '' AND account > $1 ORDER BY account LIMIT $2) AS waiting
		LEFT JOIN notice_setting ON notice_setting.account = waiting.account ORDER BY waiting.account`, []any{after, int64(limit)}, func(scan func(...any) error) error {
		var account string
		var body []byte
		var day *string
		err := scan(&account, &body, &day)
		if day == nil {
			day = new(string)
		}
		accounts, settings, last = append(accounts, account), append(settings, body), append(last, *day)
		return err
	})
	return accounts, settings, last, err
}

// NoticeSetting reads a person's settings, the token of the address that turns
// mail down, and the day of the last daily mail.
func (t *Tx) NoticeSetting(account string) (body []byte, token, daily string, found bool, err error) {
	found, err = t.row(`SELECT body, token, daily FROM notice_setting WHERE account = $1`, []any{account}, &body, &token, &daily)
	return body, token, daily, found, err
}

// NoticeSettingBy finds a person by that token.
func (t *Tx) NoticeSettingBy(token string) (account string, body []byte, found bool, err error) {
	found, err = t.row(`SELECT account, body FROM notice_setting WHERE token = $1`, []any{token}, &account, &body)
	return account, body, found, err
}

// PutNoticeSetting writes a person's settings; token is used where they had none.
func (t *Tx) PutNoticeSetting(account string, body []byte, token string) error {
	return t.exec(`INSERT INTO notice_setting (account, body, token, daily) VALUES ($1, $2, $3, '')
		ON CONFLICT (account) DO UPDATE SET body = excluded.body`, account, body, token)
}

// DailySent notes the day of a person's daily mail.
func (t *Tx) DailySent(account, day string) error {
	return t.exec(`UPDATE notice_setting SET daily = $2 WHERE account = $1`, account, day)
}

// PutMail writes a new mail, which may go from an instant on.
func (t *Tx) PutMail(id, account string, at time.Time) error {
	return t.exec(`INSERT INTO mail (id, account, state, code, at, changed) VALUES ($1, $2, 'waits', 0, $3, $4)`, id, account, at.UnixMicro(), t.now.UnixMicro())
}

// SetMail notes what became of a mail.
func (t *Tx) SetMail(id string, state MailState, code int) error {
	return t.exec(`UPDATE mail SET state = $2, code = $3, changed = $4 WHERE id = $1`, id, string(state), int64(code), t.now.UnixMicro())
}

// Mail reads one.
func (t *Tx) Mail(id string) (m Mail, found bool, err error) {
	list, err := t.mails(`mail.id = $1`, id)
	if len(list) > 0 {
		m, found = list[0], true
	}
	return m, found, err
}

func (t *Tx) mails(where string, args ...any) (out []Mail, err error) {
	err = t.each(`SELECT mail.id, mail.account, mail.state, mail.code, mail.at, mail.changed, account_row.display FROM mail
		LEFT JOIN account_row ON account_row.id = mail.account WHERE `+where, args, func(scan func(...any) error) error {
		var m Mail
		var at, changed int64
		var name *string
		err := scan(&m.ID, &m.Account, &m.State, &m.Code, &at, &changed, &name)
		m.At, m.Changed = time.UnixMicro(at).UTC(), time.UnixMicro(changed).UTC()
		if name != nil {
			m.Name = *name
		}
		out = append(out, m)
		return err
	})
	return out, err
}

// ListMails are the mails in one state, those that changed last first, before a
// place; the zero place is the beginning.
func (t *Tx) ListMails(state MailState, before time.Time, id string, limit int) ([]Mail, error) {
	if before.IsZero() {
		return t.mails(`mail.state = $1 ORDER BY mail.changed DESC, mail.id DESC LIMIT $2`, string(state), int64(limit))
	}
	return t.mails(`mail.state = $1 AND (mail.changed, mail.id) < ($2, $3) ORDER BY mail.changed DESC, mail.id DESC LIMIT $4`, string(state), before.UnixMicro(), id, int64(limit))
}

// LastMail is the mail to a person that changed last.
func (t *Tx) LastMail(account string) (m Mail, found bool, err error) {
	list, err := t.mails(`mail.account = $1 ORDER BY mail.changed DESC LIMIT 1`, account)
	if len(list) > 0 {
		m, found = list[0], true
	}
	return m, found, err
}

// MailHealth says whether mail goes out.
type MailHealth struct {
	Waits, Refused, Failed, Unsure int64     // of those that changed since
	Oldest                         time.Time // since when the longest waits; zero where none does
	Sent                           time.Time // when the last was taken; zero where none was
}

// MailHealth counts mails that could have gone and wait, and those since a time
// that did not go.
func (t *Tx) MailHealth(since time.Time) (h MailHealth, err error) {
	err = t.each(`SELECT state, count(*), min(at), max(changed) FROM mail 
		WHERE state IN ('waits', 'tried') AND at <= $2 OR state NOT IN ('waits', 'tried') AND changed >= $1 GROUP BY state`, []any{since.UnixMicro(), t.now.UnixMicro()}, func(scan func(...any) error) error {
		var state MailState
		var n, oldest, last int64
		if err := scan(&state, &n, &oldest, &last); err != nil {
			return err
		}
		switch state {
		case MailWaits, MailTried:
			h.Waits += n
			if at := time.UnixMicro(oldest).UTC(); h.Oldest.IsZero() || at.Before(h.Oldest) {
				h.Oldest = at
			}
		case MailRefused:
			h.Refused = n
		case MailFailed:
			h.Failed = n
		case MailUnsure:
			h.Unsure = n
		case MailSent:
			h.Sent = time.UnixMicro(last).UTC()
		}
		return nil
	})
	return h, err
}
