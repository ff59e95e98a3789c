package node

import (
	"context"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/genuine"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// licenceMark is the signed line of a licence's square code. Where the reference or the
// code has signs that it can't carry, the licence goes without: the check code
// stands on it in letters.
func (a *App) licenceMark(l *licensing.Licence, issued deadline.Date, code string) string {
	normal, ok := licensing.NormalCode(code)
	if !ok {
		return ""
	}
	line, err := genuine.Mark{Reference: l.Reference, Code: normal, Issued: issued, From: l.From, Until: l.Until}.Sign(a.signer)
	if err != nil {
		a.log.Warn("a licence has no square code", "licence", l.Reference, "error", err)
	}
	return line
}

// ReadMark reads a line that a square code carried, against this node's own key.
func (a *App) ReadMark(line string) (genuine.Mark, error) { return genuine.Read(line, a.verifier) }

// NotInForce is the signed list of the licences that do not hold today, for
// whoever checks licences without a network. It is as public as the check itself.
func (a *App) NotInForce(ctx context.Context) ([]byte, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	now := a.Now()
	var hashes []string
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		hashes, err = t.NotInForce(string(e.Calendar.Day(now)), string(licensing.Suspended), string(licensing.Restricted), string(licensing.Revoked),
			string(licensing.Exhausted), string(licensing.Surrendered))
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: licences not in force")
	}
	return genuine.WriteList(hashes, now, a.signer)
}
