package store

import (
	"strconv"
	"strings"
	"time"
)

// Credential is how an account proves itself: working state, never an event.
type Credential struct {
	Account     string
	Password    string // argon2id in its PHC form; "" while none is set
	TOTP        []byte // sealed secret; nil without a second factor
	TOTPStep    int64  // last time step used, so that a code serves once
	Failures    int64  // in a row
	LockedUntil time.Time
}

// SignInName finds an active or disabled account by its sign-in name.
func (t *Tx) SignInName(name string) (account string, found bool, err error) {
	found, err = t.row(`SELECT id FROM account_row WHERE name = $1`, []any{strings.ToLower(name)}, &account)
	return account, found, err
}

// Credential reads an account's credential; the zero value where there is none.
func (t *Tx) Credential(account string) (c Credential, err error) {
	var locked *int64
	_, err = t.row(`SELECT account, password, totp, totp_step, failures, locked_until FROM credential WHERE account = $1`, []any{account},
		&c.Account, &c.Password, &c.TOTP, &c.TOTPStep, &c.Failures, &locked)
	if locked != nil {
		c.LockedUntil = time.UnixMicro(*locked).UTC()
	}
	return c, err
}

// PutCredential writes it.
func (t *Tx) PutCredential(c Credential) error {
	return t.exec(`INSERT INTO credential (account, password, totp, totp_step, failures, locked_until) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account) DO UPDATE SET password = excluded.password, totp = excluded.totp, totp_step = excluded.totp_step,
		failures = excluded.failures, locked_until = excluded.locked_until`,
		c.Account, c.Password, c.TOTP, c.TOTPStep, c.Failures, columnValue(c.LockedUntil))
}

// RemoveCredential removes an account's credential and ends its sessions.
func (t *Tx) RemoveCredential(account string) error {
	if err := t.exec(`DELETE FROM credential WHERE account = $1`, account); err != nil {
		return err
	}
	if err := t.EndToken(account); err != nil {
		return err
	}
	return t.EndSessions(account)
}

// Session is a signed-in browser. Token is the hash of what the browser holds.
type Session struct {
	Token        []byte
	Account      string
	SecondFactor bool
	Created      time.Time
	Seen         time.Time
	Expires      time.Time
	Unread       int // notices of its account; read with the session, up to 100
}

// PutSession writes a session.
func (t *Tx) PutSession(s Session) error {
	return t.exec(`INSERT INTO session (token, account, second_factor, created, seen, expires) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (token) DO UPDATE SET second_factor = excluded.second_factor, seen = excluded.seen, expires = excluded.expires`,
		s.Token, s.Account, columnValue(s.SecondFactor), s.Created.UnixMicro(), s.Seen.UnixMicro(), s.Expires.UnixMicro())
}

// Session reads a session with the state of its account, in one statement.
func (t *Tx) Session(token []byte) (s Session, account []byte, found bool, err error) {
	var second, created, seen, expires, unread int64
	found, err = t.row(`SELECT session.account, session.second_factor, session.created, session.seen, session.expires, stream.state,
		(SELECT count(*) FROM (SELECT 1 FROM notice WHERE notice.account = session.account AND notice.read IS NULL LIMIT 100) AS unread)
		FROM session JOIN stream ON stream.id = 'account/' || session.account WHERE session.token = $1`, []any{token},
		&s.Account, &second, &created, &seen, &expires, &account, &unread)
	if err != nil || !found {
		return s, nil, false, err
	}
	s.Token, s.SecondFactor, s.Unread = token, second == 1, int(unread)
	s.Created, s.Seen, s.Expires = time.UnixMicro(created).UTC(), time.UnixMicro(seen).UTC(), time.UnixMicro(expires).UTC()
	return s, account, true, nil
}

// EndSession removes one session.
func (t *Tx) EndSession(token []byte) error {
	return t.exec(`DELETE FROM session WHERE token = $1`, token)
}

// EndSessions removes all sessions of an account.
func (t *Tx) EndSessions(account string) error {
	return t.exec(`DELETE FROM session WHERE account = $1`, account)
}

// EndExpiredSessions removes sessions that ended before a time.
func (t *Tx) EndExpiredSessions(before time.Time) error {
	return t.exec(`DELETE FROM session WHERE expires < $1`, before.UnixMicro())
}

// AccountRow is an account as lists show it.
type AccountRow struct {
	ID, Name, Display, Org, Status, Roles string
}

// Accounts lists accounts by id, after one, of one organisation or of all.
func (t *Tx) Accounts(org, after string, limit int) ([]AccountRow, error) {
	var out []AccountRow
	err := t.each(`SELECT id, name, display, org, status, roles FROM account_row WHERE id > $1 AND ($2 = '' OR org = $2) ORDER BY id LIMIT $3`,
		[]any{after, org, int64(limit)}, func(scan func(...any) error) error {
			var a AccountRow
			err := scan(&a.ID, &a.Name, &a.Display, &a.Org, &a.Status, &a.Roles)
			out = append(out, a)
			return err
		})
	return out, err
}

// OrgNamed finds an organisation by its exact name.
func (t *Tx) OrgNamed(name string) (id string, found bool, err error) {
	found, err = t.row(`SELECT id FROM org_row WHERE name = $1 ORDER BY id LIMIT 1`, []any{name}, &id)
	return id, found, err
}

// Names gives the names of accounts and organisations by id, in one statement;
// those that are unknown or erased are not in it.
func (t *Tx) Names(ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	// The list is filled up to a few lengths, so that prepared statements stay few.
	const most = 512
	n := 4
	for n < min(len(ids), most) {
		n *= 2
	}
	args := make([]any, n)
	marks := make([]string, n)
	for i := range n {
		args[i], marks[i] = ids[min(i, len(ids)-1)], "$"+strconv.Itoa(i+1)
	}
	list := strings.Join(marks, ", ")
	err := t.each(`SELECT id, display FROM account_row WHERE id IN (`+list+`) UNION ALL SELECT id, name FROM org_row WHERE id IN (`+list+`)`, args,
		func(scan func(...any) error) error {
			var id, name string
			err := scan(&id, &name)
			if name != "" {
				names[id] = name
			}
			return err
		})
	return names, err
}
