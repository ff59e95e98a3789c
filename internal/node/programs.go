package node

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
)

// tokenMark begins the token of a program, so that people and scanners of leaked
// secrets know what it is.
const tokenMark = "comity_"

// NewProgram is the answer to account.OpenProgram. The token is told here and
// never again: the node keeps its hash. Who shows a certificate has none.
type NewProgram struct {
	ID    string
	Token string
}

// EndProgram revokes a program's token and closes its account.
type EndProgram struct {
	ID     string
	Reason string
}

// mayKeep tells whether somebody keeps the programs of an organisation: an
// administrator any, an exporter's people their own company's.
func mayKeep(actor access.Actor, org string) bool {
	return access.Can(actor, access.AccountManage, access.Thing{}) || access.Can(actor, access.AccountOpenOrg, access.Thing{Org: org})
}

func openProgram(t *Tx, c account.OpenProgram) error {
	if !mayKeep(t.Actor, c.Org) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, c.Org))
	if err != nil {
		return err
	}
	c.Today = t.Now().Format(time.DateOnly)
	if err := t.onAccount(c.ID, c, account.Facts{Org: org.Org}); err != nil {
		return err
	}
	what := "token"
	if c.Certificate != "" {
		what = "certificate"
	}
	if err := t.onAccount(c.ID, account.SetCredential{ID: c.ID, What: what}, account.Facts{}); err != nil {
		return err
	}
	if c.Certificate != "" {
		pin, err := hex.DecodeString(c.Certificate)
		if err != nil {
			return fault.Wrap(err, "node: certificate of a program")
		}
		hash := certificateHash(pin)
		_, _, taken, err := t.TokenAccount(hash)
		if err != nil {
			return fault.Wrap(err, "node: certificate of a program")
		}
		if taken {
			return fault.New(fault.Conflict, "account.program_certificate_taken")
		}
		t.Answer(NewProgram{ID: c.ID})
		return fault.Wrap(t.PutToken(c.ID, hash), "node: certificate of a program")
	}
	var token Token
	if _, err := rand.Read(token[:]); err != nil {
		return err
	}
	t.Answer(NewProgram{c.ID, tokenMark + base64.RawURLEncoding.EncodeToString(token[:])})
	return fault.Wrap(t.PutToken(c.ID, token.hash()), "node: token of a program")
}

func endProgram(t *Tx, c EndProgram) error {
	acc, _, err := load[*account.State](t, event.StreamOf(account.KindAccount, c.ID))
	if err != nil {
		return err
	}
	if acc.Program == nil || !mayKeep(t.Actor, acc.Org) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := t.onAccount(c.ID, account.SetStatus{ID: c.ID, Status: account.Disabled, Reason: c.Reason}, account.Facts{}); err != nil {
		return err
	}
	return fault.Wrap(t.EndToken(c.ID), "node: token of a program")
}

// program is a program's account as stored, with the day of its last call.
type program struct {
	account account.State
	used    string
}

// Calling gives who stands behind the token that a machine client or a browser
// sends: a program's account, or the session of a person.
//
// Programs ask in thousands, so what is stored is read once a second, or again
// after any command of this process.
func (a *App) Calling(ctx context.Context, text string) (access.Actor, error) {
	text, isProgram := strings.CutPrefix(strings.TrimSpace(text), tokenMark)
	var token Token
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != len(token) {
		return access.Actor{}, fault.New(fault.SignIn, "api.sign_in")
	}
	copy(token[:], b)
	if isProgram {
		return a.callingProgram(ctx, token.hash())
	}
	s, err := a.callers.get(a, token, func() (session, error) { return a.session(ctx, token) })
	if err != nil {
		return access.Actor{}, err
	}
	p, err := a.signedIn(ctx, s)
	return p.Actor, err
}

// Showing gives the program behind a certificate that was shown on a connection,
// by the SHA-256 of its public key. Whoever calls this has seen that the other
// side holds the private key.
func (a *App) Showing(ctx context.Context, pin [sha256.Size]byte) (access.Actor, error) {
	return a.callingProgram(ctx, certificateHash(pin[:]))
}

// certificateHash stands where the hash of a token stands. A public key is known
// to others: nothing that could be sent as a token has this hash.
func certificateHash(pin []byte) []byte {
	h := sha256.Sum256(append([]byte("comity/certificate/v1\x00"), pin...))
	return h[:]
}

func (a *App) callingProgram(ctx context.Context, hash []byte) (access.Actor, error) {
	ended := fault.New(fault.SignIn, "api.token_ended")
	p, err := a.programs.get(a, [sha256.Size]byte(hash), func() (p program, err error) {
		err = a.db.View(ctx, func(t *store.Tx) error {
			state, used, found, err := t.TokenAccount(hash)
			if err != nil {
				return fault.Wrap(err, "node: token")
			}
			if !found {
				return ended
			}
			p.used = used
			return json.Unmarshal(state, &p.account)
		})
		return p, err
	})
	if err != nil {
		return access.Actor{}, err
	}
	today := a.Now().Format(time.DateOnly)
	if p.account.Status != account.Active || p.account.Program == nil || today > p.account.Program.Expires {
		return access.Actor{}, ended
	}
	if p.used < today {
		if err := a.db.Update(ctx, func(t *store.Tx) error { return t.UsedToken(p.account.ID, today) }); err != nil {
			a.log.Warn("the last call of a program was not written", "error", err)
		}
		a.moved.Add(1)
	}
	return p.account.Actor(), nil
}

// Programs lists the programs that an actor keeps or, as an auditor, looks at.
func (a *App) Programs(ctx context.Context, actor access.Actor, after string, limit int) (rows []store.ProgramRow, next string, err error) {
	scope := access.ScopeOf(actor, access.AccountRead)
	if scope.Empty() || !scope.Anywhere && !scope.Everything {
		scope = access.ScopeOf(actor, access.AccountOpenOrg)
	}
	if scope.Empty() {
		return nil, "", fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.ListPrograms(store.People{Scope: scope, After: after, Limit: limit + 1})
		return err
	})
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	return rows, next, fault.Wrap(err, "node: programs")
}

// ProgramPage is one program with its history.
type ProgramPage struct {
	store.ProgramRow
	Keep bool // the reader may end it
	Past
}

// Program reads one; who may not see it gets "not found".
func (a *App) Program(ctx context.Context, actor access.Actor, id string) (out ProgramPage, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		row, found, err := t.Program(id)
		if err != nil {
			return err
		}
		if !found || !mayKeep(actor, row.Org) && !access.Can(actor, access.AccountRead, access.Thing{}) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		out.ProgramRow, out.Keep = row, mayKeep(actor, row.Org)
		out.Past, err = a.past(t, event.StreamOf(account.KindAccount, id))
		return err
	})
	return out, fault.Wrap(err, "node: program %s", id)
}
