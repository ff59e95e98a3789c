package node

import (
	"context"
	"sync"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists/register"
	"github.com/comity-project/comity/internal/store"
)

// shippedStates is the register that comes with the program, read once.
var shippedStates = sync.OnceValues(func() (register.Register, error) {
	raw, err := content.FS.ReadFile("states/states.yaml")
	if err != nil {
		return register.Register{}, err
	}
	return register.Parse(raw)
})

// States is the register of states in use: the one that was last adopted, or,
// while none was, the one that ships, with version 0. It must not be changed.
func (a *App) States(ctx context.Context) (s register.InUse, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(register.Stream, &s)
		return err
	})
	if err != nil {
		return s, fault.Wrap(err, "node: register of states")
	}
	if s.Version == 0 {
		s.Register, err = shippedStates()
	}
	return s, fault.Wrap(err, "node: the shipped register of states")
}

// AdoptRegister makes a register of states the one in use.
type AdoptRegister struct {
	Register register.Register
	Source   string // hash of the file, "sha256:..."
	Note     string
}

func adoptRegister(t *Tx, c AdoptRegister) error {
	if err := t.Must(access.ListRead, access.ListImport, access.Thing{Kind: register.KindRegister}); err != nil {
		return err
	}
	state, _, err := load[*register.InUse](t, register.Stream)
	if err != nil {
		return err
	}
	fresh := make([]string, c.Register.Contacts())
	for i := range fresh {
		fresh[i] = NewID()
	}
	events, err := register.Decide(state, register.Adopt{Register: c.Register, Source: c.Source, Note: c.Note, Fresh: fresh})
	if err != nil {
		return err
	}
	t.RaiseGeneration()
	return t.Append(events)
}
