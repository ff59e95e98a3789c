package cli

import (
	"fmt"
	"os"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

type doctorCmd struct{}

// Run looks at what an operator would look at first and says, for each thing
// that is not right, what to do.
func (doctorCmd) Run(e *env) error {
	cfg, _, err := e.nodeConfig()
	if err != nil {
		return err
	}
	bad := 0
	say := func(ok bool, what, todo string) {
		mark := "ok     "
		if !ok {
			mark = "WRONG  "
			bad++
		}
		fmt.Fprintf(e.Stdout, "%s%s\n", mark, what)
		if !ok {
			fmt.Fprintf(e.Stdout, "       %s\n", todo)
		}
	}
	info, err := os.Stat(cfg.Keys)
	say(err == nil && info.IsDir(), "folder of keys "+cfg.Keys, "bring the folder back from its copy, or run comity init for a new node")
	if err == nil {
		say(info.Mode().Perm()&0o077 == 0, "only the owner reads the keys", "run chmod -R go= "+cfg.Keys)
	}
	pending, err := node.Pending(e, cfg)
	say(err == nil, "database answers", fmt.Sprint(err))
	if err == nil {
		say(pending == 0, "schema is up to date", "run comity migrate")
	}
	if bad == 0 {
		app, s, err := e.open()
		say(err == nil, "node opens", fmt.Sprint(err))
		if err == nil {
			defer app.Close()
			e.doctorOpen(app, say)
			e.doctorExchange(app, s, say)
		}
	}
	if bad > 0 {
		return fault.New(fault.Unavailable, "cli.doctor_found", "count", bad)
	}
	return nil
}

func (e *env) doctorOpen(app *node.App, say func(bool, string, string)) {
	backlog, err := app.Store().Jobs().Backlog(e, app.Now())
	say(err == nil && backlog.Dead == 0, fmt.Sprintf("no job has failed for good (%d waiting)", backlog.Due), "look at them with comity jobs dead")
	e.doctorMail(app, say)
	err = app.Store().View(e, func(t *store.Tx) error {
		head, err := t.Head()
		if err != nil {
			return err
		}
		last, err := t.LastCheckpoint()
		if err != nil {
			return err
		}
		say(head.Seq-last.Size < 100000, fmt.Sprintf("checkpoints keep up: %d of %d entries signed", last.Size, head.Seq), "is comity serve running? it signs every five minutes")
		return nil
	})
	say(err == nil, "ledger has a head", fmt.Sprint(err))
	x, err := app.Engines(e)
	say(err == nil, "lists and packs can be read", fmt.Sprint(err))
	if err == nil {
		e.doctorControls(x)
	}
}

// doctorControls names what the engine of control lists works with that nobody
// has held against its official text. Nothing is wrong with the node for it.
func (e *env) doctorControls(x *node.Engines) {
	note := func(format string, args ...any) { fmt.Fprintf(e.Stdout, "note   "+format+"\n", args...) }
	used := x.ControlListsInUse()
	for i, l := range x.Texts {
		if l.Unverified {
			note("control list %s was read from XML by an importer never run on an official file: compare it with the official text", used[i].ID)
		}
	}
	open := 0
	for _, s := range x.Words.Summaries {
		if !s.Verified {
			open++
		}
	}
	if open > 0 {
		note("%d of %d control entries in our own words were not compared with the text of the law", open, len(x.Words.Summaries))
	}
}
