package node

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// Session lengths: idle and in all.
const (
	SessionIdle  = time.Hour
	SessionLimit = 12 * time.Hour
	seenEvery    = 5 * time.Minute // how often "last seen" is written
)

// Password rules: length only, as current guidance has it.
const (
	minPassword = 12
	maxPassword = 200
	maxFailures = 10
	lockFor     = 15 * time.Minute
	totpPeriod  = 30 // seconds
)

// SetPassword sets an account's password: its owner with the old one, or an
// administrator (and the node itself) without.
type SetPassword struct {
	Account string
	Old     string // the owner's; empty for an administrator
	New     string
}

// SetTOTP sets or removes an account's second factor.
type SetTOTP struct {
	Account string
	Secret  string // base32, as shown to the person; empty removes
	Code    string // a current code, to show that the device has it
}

// hashed is a new password worked on before the transaction, with the stored
// one that the old was checked against.
type hashed struct{ password, against string }

func hashNew(ctx context.Context, a *App, actor access.Actor, c SetPassword) (h hashed, err error) {
	if err := checkNew(c.New, "new"); err != nil {
		return h, err
	}
	if actor.Account != c.Account && !access.Can(actor, access.AccountManage, access.Thing{Account: c.Account}) {
		return h, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		cred, err := t.Credential(c.Account)
		h.against = cred.Password
		return fault.Wrap(err, "node: credential")
	})
	if err != nil {
		return h, err
	}
	if actor.Account == c.Account && h.against != "" && !checkPassword(h.against, c.Old) {
		return h, fault.New(fault.Invalid, "account.invalid").Field("old", "account.password_wrong")
	}
	h.password = hashPassword(c.New)
	return h, nil
}

// checkNew checks a new password; field names the input that it was typed into.
func checkNew(password, field string) error {
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		return fault.New(fault.Invalid, "account.invalid").Field(field, "account.password_length", "min", minPassword, "max", maxPassword)
	}
	return nil
}

func setPassword(t *Tx, c SetPassword, h hashed) error {
	cred, err := t.Credential(c.Account)
	if err != nil {
		return fault.Wrap(err, "node: credential")
	}
	if cred.Password != h.against {
		return errMoved
	}
	cred.Account, cred.Password, cred.Failures, cred.LockedUntil = c.Account, h.password, 0, time.Time{}
	if err := t.onAccount(c.Account, account.SetCredential{ID: c.Account, What: "password"}, account.Facts{}); err != nil {
		return err
	}
	if err := t.EndSessions(c.Account); err != nil {
		return fault.Wrap(err, "node: end sessions")
	}
	// Whoever knew the old password may know the calendar's address too.
	if err := t.EndToken(c.Account); err != nil {
		return fault.Wrap(err, "node: end the address of a calendar")
	}
	return fault.Wrap(t.PutCredential(cred), "node: credential")
}

func setTOTP(t *Tx, c SetTOTP) error {
	if err := t.Must("", access.AccountOwn, access.Thing{Account: c.Account}); err != nil {
		return err
	}
	cred, err := t.Credential(c.Account)
	if err != nil {
		return fault.Wrap(err, "node: credential")
	}
	what := "totp_removed"
	cred.Account, cred.TOTP, cred.TOTPStep = c.Account, nil, 0
	if c.Secret != "" {
		step, ok := matchTOTP(c.Secret, c.Code, t.Now(), 0)
		if !ok {
			return fault.New(fault.Invalid, "account.invalid").Field("code", "account.code_wrong")
		}
		owner := event.StreamOf(account.KindAccount, c.Account)
		if cred.TOTP, _, err = vault.NewSealer(t.app.keys, t.Tx).Seal(owner, []byte(c.Secret)); err != nil {
			return fault.Wrap(err, "node: seal the second factor")
		}
		cred.TOTPStep, what = step, "totp"
	}
	if err := t.onAccount(c.Account, account.SetCredential{ID: c.Account, What: what}, account.Facts{}); err != nil {
		return err
	}
	return fault.Wrap(t.PutCredential(cred), "node: credential")
}

// NewTOTP makes a secret for a second factor, in base32.
func NewTOTP(issuer, name string) (secret string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: name, Period: totpPeriod})
	if err != nil {
		return "", err
	}
	return key.Secret(), nil
}

// matchTOTP finds the time step that a code belongs to: now, or one to either
// side, and later than the last one used, so that a code serves once.
func matchTOTP(secret, code string, now time.Time, after int64) (step int64, ok bool) {
	for _, shift := range []int64{0, -1, 1} {
		step := now.Unix()/totpPeriod + shift
		if step <= after {
			continue
		}
		valid, err := totp.ValidateCustom(code, secret, time.Unix(step*totpPeriod, 0), totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix})
		if err == nil && valid {
			return step, true
		}
	}
	return 0, false
}

// Token is what a browser holds of its session: 32 random bytes.
type Token [32]byte

func (t Token) hash() []byte {
	h := sha256.Sum256(t[:])
	return h[:]
}

// ErrSecondFactor asks for the code of the second factor.
var ErrSecondFactor = fault.New(fault.SignIn, "account.code_needed")

// SignIn checks name, password and, where one is set, the code, and opens a
// session. A wrong name, a wrong password and a disabled account get the same
// answer after the same work.
func (a *App) SignIn(ctx context.Context, name, password, code string) (Token, error) {
	wrong := fault.New(fault.SignIn, "account.sign_in_wrong")
	var id string
	var found bool
	var cred store.Credential
	var acc account.State
	var org account.OrgState
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if id, found, err = t.SignInName(name); err != nil || !found {
			return err
		}
		if cred, err = t.Credential(id); err != nil {
			return err
		}
		if _, err = t.Load(event.StreamOf(account.KindAccount, id), &acc); err != nil {
			return err
		}
		_, err = t.Load(event.StreamOf(account.KindOrg, acc.Org), &org)
		return err
	})
	if err != nil {
		return Token{}, fault.Wrap(err, "node: sign in")
	}
	ok := checkPassword(cred.Password, password)
	if !found || acc.Status != account.Active || org.Status == account.Disabled {
		return Token{}, wrong
	}
	now := a.Now()
	if now.Before(cred.LockedUntil) {
		return Token{}, wrong
	}
	if !ok {
		return Token{}, a.failed(ctx, id, wrong)
	}
	var step int64
	if cred.TOTP != nil {
		if code == "" {
			return Token{}, ErrSecondFactor
		}
		if step, ok, err = a.checkTOTP(ctx, id, cred, code, now); err != nil {
			return Token{}, err
		}
		if !ok {
			return Token{}, a.failed(ctx, id, fault.New(fault.SignIn, "account.code_wrong"))
		}
	}
	var token Token
	if _, err := rand.Read(token[:]); err != nil {
		return Token{}, err
	}
	err = a.db.Update(ctx, func(t *store.Tx) error {
		fresh, err := t.Credential(id)
		if err != nil {
			return err
		}
		if step > 0 && step <= fresh.TOTPStep {
			return wrong // the same code, sent twice at once
		}
		fresh.Failures, fresh.LockedUntil = 0, time.Time{}
		if step > 0 {
			fresh.TOTPStep = step
		}
		if err := t.PutCredential(fresh); err != nil {
			return err
		}
		return t.PutSession(store.Session{Token: token.hash(), Account: id, SecondFactor: step > 0, Created: now, Seen: now, Expires: now.Add(SessionLimit)})
	})
	return token, err
}

func (a *App) checkTOTP(ctx context.Context, id string, cred store.Credential, code string, now time.Time) (step int64, ok bool, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		secret, _, err := vault.NewSealer(a.keys, t).Open(event.StreamOf(account.KindAccount, id), cred.TOTP)
		if err != nil {
			return fault.Wrap(err, "node: second factor")
		}
		step, ok = matchTOTP(string(secret), code, now, cred.TOTPStep)
		return nil
	})
	return step, ok, err
}

// failed counts a failure and locks the account for a while after too many.
func (a *App) failed(ctx context.Context, id string, answer error) error {
	err := a.db.Update(ctx, func(t *store.Tx) error {
		cred, err := t.Credential(id)
		if err != nil || cred.Account == "" {
			return err
		}
		cred.Failures++
		if cred.Failures >= maxFailures {
			cred.Failures, cred.LockedUntil = 0, t.Now().Add(lockFor)
		}
		return t.PutCredential(cred)
	})
	if err != nil {
		return fault.Wrap(err, "node: count a failed sign-in")
	}
	return answer
}

// SignedIn is a session's person.
type SignedIn struct {
	Actor        access.Actor
	Account      account.Account
	SecondFactor bool
	Expires      time.Time
	Unread       int // notices, up to 100
}

// session is a session with its account, as stored.
type session struct {
	store.Session
	account account.State
}

func errSessionEnded() error { return fault.New(fault.SignIn, "account.session_ended") }

func (a *App) session(ctx context.Context, token Token) (s session, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		var body []byte
		var found bool
		var err error
		if s.Session, body, found, err = t.Session(token.hash()); err != nil {
			return fault.Wrap(err, "node: session")
		}
		if !found {
			return errSessionEnded()
		}
		return json.Unmarshal(body, &s.account)
	})
	return s, err
}

// Who gives the person behind a token. It costs one statement.
func (a *App) Who(ctx context.Context, token Token) (SignedIn, error) {
	s, err := a.session(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	return a.signedIn(ctx, s)
}

// signedIn gives the person behind a session that has not ended.
func (a *App) signedIn(ctx context.Context, s session) (SignedIn, error) {
	now, acc := a.Now(), &s.account
	if !now.Before(s.Expires) || now.Sub(s.Seen) > SessionIdle || acc.Status != account.Active {
		return SignedIn{}, errSessionEnded()
	}
	if now.Sub(s.Seen) > seenEvery {
		s.Seen = now
		if err := a.db.Update(ctx, func(t *store.Tx) error { return t.PutSession(s.Session) }); err != nil {
			a.log.Warn("last seen was not written", "error", err)
		}
		a.moved.Add(1)
	}
	return SignedIn{acc.Actor(), acc.Account, s.SecondFactor, s.Expires, s.Unread}, nil
}

// SignOut ends a session.
func (a *App) SignOut(ctx context.Context, token Token) error {
	err := a.db.Update(ctx, func(t *store.Tx) error { return t.EndSession(token.hash()) })
	a.moved.Add(1)
	return err
}

// HasSecondFactor tells whether an account's sign-in asks for a code.
func (a *App) HasSecondFactor(ctx context.Context, id string) (has bool, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		cred, err := t.Credential(id)
		has = cred.TOTP != nil
		return err
	})
	return has, err
}

// TOTPAddress is the address that authenticator apps read, for a given secret.
func TOTPAddress(issuer, name, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {issuer}, "period": {strconv.Itoa(totpPeriod)}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+name) + "?" + q.Encode()
}
