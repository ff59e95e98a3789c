package node

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/policy"
)

// ProposePack puts the text of a pack forward as a version. A pack that does not
// load is refused with everything that is wrong with it; one that may not be
// published yet is kept, so that it can be looked at and mended.
type ProposePack struct {
	ID   string // fresh UUIDv7
	Text []byte // YAML, or the canonical JSON of a pack
	Note string
}

// preparedPack is what the node found out about a version before its command.
type preparedPack struct {
	facts   rulebook.Facts
	propose rulebook.Propose
	object  *vault.Object
	decided time.Time // of the last decision that was replayed
}

func (a *App) policyWork() {
	handlePrepared(a, preparePropose, proposePack)
	handle(a, startReplay)
	handlePrepared(a, func(ctx context.Context, a *App, actor access.Actor, c rulebook.Acknowledge) (preparedPack, error) {
		return a.replayed(ctx, actor, actor, c.ID)
	}, func(t *Tx, c rulebook.Acknowledge, p preparedPack) error {
		act := access.PolicyEdit
		if access.Can(t.Actor, access.PolicyAdopt, access.Thing{}) {
			act = access.PolicyAdopt // whoever publishes may say so too
		}
		return t.onRulebook(c, act, p)
	})
	handlePrepared(a, func(ctx context.Context, a *App, actor access.Actor, c rulebook.Publish) (preparedPack, error) {
		return a.replayed(ctx, actor, access.System(), c.ID)
	}, func(t *Tx, c rulebook.Publish, p preparedPack) error {
		if err := t.onRulebook(c, access.PolicyAdopt, p); err != nil {
			return err
		}
		t.reloadLists()
		return nil
	})
	handle(a, func(t *Tx, c rulebook.Withdraw) error { return t.onRulebook(c, access.PolicyEdit, preparedPack{}) })
}

func preparePropose(ctx context.Context, a *App, actor access.Actor, c ProposePack) (p preparedPack, err error) {
	if !access.Can(actor, access.PolicyEdit, access.Thing{}) {
		return p, fault.New(fault.NotFound, "fault.not_found")
	}
	pack, err := policy.Parse(c.Text)
	if err != nil {
		return p, fault.New(fault.Invalid, "policy.publish.invalid").Field("text", "policy.publish.does_not_load", "why", oneLine(err)).Because(err)
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return p, err
	}
	if err := checkPeriods(pack, e); err != nil {
		return p, fault.New(fault.Invalid, "policy.publish.invalid").Field("text", "policy.publish.does_not_load", "why", oneLine(err)).Because(err)
	}
	obj, err := a.objects.Put(ctx, vault.Upload{Owner: event.StreamOf(rulebook.Kind, c.ID), Name: "pack.yaml", Size: int64(len(c.Text)), Own: "text/plain"}, bytes.NewReader(c.Text))
	if err != nil {
		return p, err
	}
	d := pack.Document()
	p.object = &obj
	p.propose = rulebook.Propose{ID: c.ID, Base: e.Pack.Hash(), Note: c.Note, Pack: rulebook.Pack{
		ID: d.ID, Version: d.Version, Title: d.Title, Hash: pack.Hash(), Object: obj.ID, From: deadline.Date(d.From), To: deadline.Date(d.To),
	}}
	return p, nil
}

// oneLine says an error of several lines in one.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}

func proposePack(t *Tx, c ProposePack, p preparedPack) error {
	if err := t.onRulebook(p.propose, access.PolicyEdit, p); err != nil {
		return err
	}
	return t.PutObject(*p.object)
}

// replayed puts past decisions to a version: those that scope may see.
func (a *App) replayed(ctx context.Context, actor, scope access.Actor, id string) (p preparedPack, err error) {
	v, err := a.PackVersion(ctx, actor, id)
	if err != nil {
		return p, err
	}
	r, err := a.ReplayPack(ctx, scope, v.Pack, "", nil)
	if err != nil {
		return p, err
	}
	p.facts.Moves, p.decided = r.Moves, r.last
	for _, s := range v.Pack.Shortfalls() {
		p.facts.Shortfalls = append(p.facts.Shortfalls, s.Error())
	}
	return p, nil
}

func (t *Tx) onRulebook(cmd any, act access.Act, p preparedPack) error {
	if err := t.Must(access.PolicyRead, act, access.Thing{}); err != nil {
		return err
	}
	if p.facts.Moves != nil {
		if last, err := t.LastDecided(); err != nil {
			return fault.Wrap(err, "node: last decision")
		} else if last.After(p.decided) {
			return errMoved
		}
	}
	s, _, err := load[*rulebook.State](t, rulebook.Stream)
	if err != nil {
		return err
	}
	p.facts.Actor, p.facts.Today = t.Actor.Account, deadline.Date(policy.DateOf(t.Now()))
	events, err := rulebook.Decide(s, cmd, p.facts)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// PackVersion is a version of the rulebook with its pack loaded.
type PackVersion struct {
	rulebook.Version
	Pack  *policy.Pack
	Text  []byte // as it was written
	State *rulebook.State
}

// Rulebook gives every version that was put forward.
func (a *App) Rulebook(ctx context.Context, actor access.Actor) (*rulebook.State, error) {
	if !access.Can(actor, access.PolicyRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	var s rulebook.State
	err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(rulebook.Stream, &s)
		return err
	})
	return &s, fault.Wrap(err, "node: rulebook")
}

// PackVersion gives one version with its pack.
func (a *App) PackVersion(ctx context.Context, actor access.Actor, id string) (*PackVersion, error) {
	s, err := a.Rulebook(ctx, actor)
	if err != nil {
		return nil, err
	}
	v := s.Version(id)
	if v == nil {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	text, pack, err := a.packText(ctx, v)
	if err != nil {
		return nil, err
	}
	return &PackVersion{Version: *v, Pack: pack, Text: text, State: s}, nil
}

// packText reads the text of a version and loads its pack.
func (a *App) packText(ctx context.Context, v *rulebook.Version) ([]byte, *policy.Pack, error) {
	var d store.Document
	var found bool
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		d, found, err = t.Document(v.Pack.Object)
		return err
	}); err != nil || !found {
		return nil, nil, fault.Wrap(errors.Join(err, errUnless(found, "the text of the pack is not in the vault")), "node: pack %s", v.Pack.Version)
	}
	text, err := a.readInternal(d.Object)
	if err != nil {
		return nil, nil, fault.Wrap(err, "node: pack %s", v.Pack.Version)
	}
	pack, err := policy.Parse(text)
	if err != nil {
		return nil, nil, fault.Wrap(err, "node: pack %s", v.Pack.Version)
	}
	if pack.Hash() != v.Pack.Hash {
		return nil, nil, fault.Wrap(errors.New("it is not the pack that was put forward"), "node: pack %s", v.Pack.Version)
	}
	return text, pack, nil
}

func errUnless(ok bool, text string) error {
	if ok {
		return nil
	}
	return errors.New(text)
}

// PackText writes a pack as YAML, to be edited.
func PackText(p *policy.Pack) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(p.Document()); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// inForce is the version in force today, nil where the pack that ships is.
func (a *App) inForce(t *store.Tx) (*rulebook.Version, error) {
	var s rulebook.State
	if _, err := t.Load(rulebook.Stream, &s); err != nil {
		return nil, err
	}
	return s.On(deadline.Date(policy.DateOf(t.Now()))), nil
}

// enginesKey says which versions of lists and pack are in use: it changes when
// one of them does, a pack at the beginning of its day.
func (a *App) enginesKey(t *store.Tx) (string, error) {
	key, err := t.ListsKey()
	if err != nil {
		return "", err
	}
	v, err := a.inForce(t)
	if v != nil {
		key += "pack " + v.ID
	}
	if err != nil {
		return "", err
	}
	laws, err := t.LawKey()
	return key + "laws " + laws, err
}

// NamesOf gives the names of accounts, for pages that say who did something.
func (a *App) NamesOf(ctx context.Context, accounts []string) (names map[string]string, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		names, err = t.Names(accounts)
		return err
	})
	return names, fault.Wrap(err, "node: names")
}
