package node

import (
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
)

// writeNote writes a note. It may name only those who may read the case, so that
// no list of duties tells of a case to somebody else.
func writeNote(t *Tx, cmd licensing.WriteNote, e *Engines) error {
	c, _, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.mayOn(c, cmd.Name()); err != nil {
		return err
	}
	for _, id := range cmd.Tell {
		var who account.State
		if _, err := t.Load(event.StreamOf(account.KindAccount, id), &who); err != nil {
			return err
		}
		if !access.Can(who.Actor(), access.CaseRead, thingOf(c)) {
			return fault.New(fault.Invalid, "licensing.note.stranger").Field("tell", "licensing.note.stranger")
		}
	}
	facts, err := t.caseFacts(c, cmd, e)
	if err != nil {
		return err
	}
	return t.decideCase(c, cmd, facts)
}
