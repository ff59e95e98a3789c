package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/rulebook"
)

type policyPropose struct {
	Pack string `required:"" help:"Folder or file of the pack, or the name of one that ships."`
	As   string `required:"" help:"Sign-in name of the policy editor who proposes it."`
	Note string `required:"" help:"Why."`
}

// Run puts a pack forward in a person's name.
func (c policyPropose) Run(e *env) error {
	pack, err := loadPack(c.Pack)
	if err != nil {
		return err
	}
	text, err := node.PackText(pack)
	if err != nil {
		return err
	}
	if st, statErr := os.Stat(c.Pack); statErr == nil && !st.IsDir() {
		// A file goes in as it was written, with its comments.
		if text, err = os.ReadFile(filepath.Clean(c.Pack)); err != nil {
			return err
		}
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	actor, err := person(e, app, c.As)
	if err != nil {
		return err
	}
	id := node.NewID()
	if err := app.Do(e, actor, node.ProposePack{ID: id, Text: text, Note: c.Note}); err != nil {
		return err
	}
	fmt.Fprintln(e.Stdout, p.T("policy.publish.proposed", "id", pack.ID(), "version", pack.Version(), "key", id))
	for _, s := range pack.Shortfalls() {
		fmt.Fprintln(e.Stdout, "  "+p.T("policy.publish.shortfall", "text", s.Error()))
	}
	return nil
}

type policyPublish struct {
	Version     string `arg:"" help:"Version text of a pack that was proposed, or its id."`
	As          string `required:"" help:"Sign-in name of the person who publishes; not the author's."`
	From        string `required:"" help:"First day on which it is in force (2026-12-01)."`
	Acknowledge string `help:"Why the past decisions that it would move may move. Without it a pack that moves any is refused."`
}

// person is the actor of a sign-in name: an operator carries out what that person
// decided, and the person's roles say what may be done.
func person(e *env, app *node.App, sign string) (access.Actor, error) {
	actor, found, err := app.ActorNamed(e, sign)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "cli.no_such_person", "sign", sign)
	}
	return actor, err
}

// Run publishes a proposed pack for a day.
func (c policyPublish) Run(e *env) error {
	p, err := e.printer()
	if err != nil {
		return err
	}
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	actor, err := person(e, app, c.As)
	if err != nil {
		return err
	}
	s, err := app.Rulebook(e, actor)
	if err != nil {
		return err
	}
	id := c.Version
	for _, v := range s.Versions {
		if v.Pack.Version == c.Version && v.Withdrawn == nil {
			id = v.ID
		}
	}
	v, err := app.PackVersion(e, actor, id)
	if err != nil {
		return err
	}
	if c.Acknowledge != "" {
		r, err := app.ReplayPack(e, actor, v.Pack, "", nil)
		if err != nil {
			return err
		}
		if len(v.Unacknowledged(r.Moves)) > 0 {
			if err := app.Do(e, actor, rulebook.Acknowledge{ID: id, Moves: r.Moves, Cases: int(r.Moved), Reason: c.Acknowledge}); err != nil {
				return err
			}
		}
	}
	if err := app.Do(e, actor, rulebook.Publish{ID: id, From: deadline.Date(c.From)}); err != nil {
		return err
	}
	fmt.Fprintln(e.Stdout, p.T("policy.publish.done", "id", v.Version.Pack.ID, "version", v.Version.Pack.Version, "from", c.From))
	return nil
}
