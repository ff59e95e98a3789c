package exporter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// Kinds of drafts that this door makes.
const (
	newApplication = "application"
	anAmendment    = "amendment"
)

// amendPrefix begins the id of the draft of an amendment; the case's id follows.
const amendPrefix = "amend-"

// draft is an application on which somebody works.
type draft struct {
	node.Draft
	app licensing.Application
	// typed is what was typed and can't be read yet, by page: a date that is
	// none, an amount with letters. It is shown again until it is put right.
	typed map[string]url.Values
	why   string // of an amendment
}

// body is how a draft is stored: the application as the node takes it, and
// what only this door needs.
type body struct {
	licensing.Application
	Typed map[string]url.Values `json:"typed,omitempty"`
	Why   string                `json:"why,omitempty"`
}

func (p pages) draft(ctx context.Context, actor access.Actor, id string) (*draft, error) {
	stored, err := p.App.Draft(ctx, actor, id)
	if fault.Is(err, fault.NotFound) {
		// A browser sent back after the submission: the draft is a case now.
		if _, _, e := p.App.Application(ctx, actor, id); e == nil {
			return nil, submitted{id}
		}
	}
	if err != nil {
		return nil, err
	}
	if stored.Kind != newApplication && stored.Kind != anAmendment {
		return nil, notFound() // an answer that is being written has a page of its own
	}
	var b body
	if err := json.Unmarshal(stored.Body, &b); err != nil {
		return nil, fault.Wrap(err, "exporter: draft")
	}
	d := &draft{Draft: stored, app: b.Application, typed: b.Typed, why: b.Why}
	if d.typed == nil {
		d.typed = map[string]url.Values{}
	}
	return d, nil
}

// submitted says that a draft became a case.
type submitted struct{ id string }

// Error is for logs.
func (s submitted) Error() string { return "exporter: the draft became case " + s.id }

// Unwrap makes it a draft that is not there, for whoever only asks that.
func (s submitted) Unwrap() error { return notFound() }

// Fail draws the page for an error; for a draft that was submitted meanwhile it
// leads to the case.
func (p pages) Fail(w http.ResponseWriter, r *http.Request, err error) {
	var s submitted
	if errors.As(err, &s) {
		ui.SeeOther(w, r, "/exporter/cases/"+s.id)
		return
	}
	p.Door.Fail(w, r, err)
}

func (p pages) save(ctx context.Context, actor access.Actor, d *draft) error {
	raw, err := json.Marshal(body{d.app, d.typed, d.why})
	if err != nil {
		return fault.Wrap(err, "exporter: draft")
	}
	d.Body, d.Title = raw, d.app.Title
	d.Version, err = p.App.SaveDraft(ctx, actor, d.Draft)
	return err
}

// attempts bounds how often a change to a draft is made again because another
// window saved in between.
const attempts = 4

// change loads a draft, changes it and saves it; where another window was
// faster it begins anew with what that one left.
func (p pages) change(r *http.Request, id string, f func(*draft) error) (*draft, error) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	for n := 1; ; n++ {
		d, err := p.draft(ctx, actor, id)
		if err != nil {
			return nil, err
		}
		if err := f(d); err != nil {
			return d, err
		}
		err = p.save(ctx, actor, d)
		if err == nil || n == attempts || !fault.Is(err, fault.Conflict) {
			return d, err
		}
	}
}

// kindGroup are the kinds of one group, as the page offers them.
type kindGroup struct {
	name  string
	kinds []licensing.Kind
}

// kinds offers the kinds of applications, each with whom it is for.
func (p pages) kinds(w http.ResponseWriter, r *http.Request) {
	all, err := p.App.Kinds()
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	var groups []kindGroup
	for _, name := range licensing.KindGroups {
		g := kindGroup{name: name}
		for _, k := range all.For(true) {
			if k.Group == name {
				g.kinds = append(g.kinds, k)
			}
		}
		groups = append(groups, g)
	}
	frame := p.frame(w, r, door.T(r, "exporter.kinds.title"), "applications")
	frame.Crumbs = []ui.Link{{Text: door.T(r, "exporter.applications.title"), Href: "/exporter/applications"}, {Text: door.T(r, "exporter.kinds.title")}}
	ui.Render(w, r, http.StatusOK, kindsView(frame, groups))
}

// begin makes a draft of a new application of the kind that was chosen.
func (p pages) begin(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	kind, err := p.App.KindOf(r.PostForm.Get("kind"))
	if err != nil {
		seeOther(w, r, "/exporter/begin") // an old page, or a bookmark: choose again
		return
	}
	who := door.Person(r.Context())
	id := node.NewID()
	d := &draft{Draft: node.Draft{ID: id, Org: who.Actor.Org, Kind: newApplication}, app: licensing.Application{
		ID: id, Kind: kind.ID, Org: who.Actor.Org,
		Contact: licensing.Contact{Account: who.Actor.Account, Owner: accountStream(who.Actor.Account), Name: who.Account.Profile.Name, Email: who.Account.Profile.Email},
	}}
	if err := p.save(r.Context(), who.Actor, d); err != nil {
		p.Fail(w, r, err)
		return
	}
	seeOther(w, r, draftPath(id))
}

// amend makes a draft of an amendment out of the version last submitted, or
// goes on with the one that is there.
func (p pages) amend(w http.ResponseWriter, r *http.Request) {
	ctx, actor, id := r.Context(), door.Actor(r.Context()), r.PathValue("case")
	view, _, err := p.App.Application(ctx, actor, id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	to := draftPath(amendPrefix + id)
	if _, err := p.App.Draft(ctx, actor, amendPrefix+id); err == nil {
		seeOther(w, r, to)
		return
	} else if !fault.Is(err, fault.NotFound) {
		p.Fail(w, r, err)
		return
	}
	if !mayAmend(view) {
		p.Fail(w, r, fault.New(fault.Blocked, "exporter.amend.closed"))
		return
	}
	app := view.Versions[len(view.Versions)-1].App
	app.Declaration = licensing.Declaration{}
	d := &draft{Draft: node.Draft{ID: amendPrefix + id, Org: actor.Org, Case: id, Kind: anAmendment}, app: app}
	if err := p.save(ctx, actor, d); err != nil && !fault.Is(err, fault.Conflict) {
		p.Fail(w, r, err)
		return
	}
	seeOther(w, r, to)
}

func mayAmend(v licensing.ApplicantView) bool {
	return v.Standing != "decided" && v.Standing != "withdrawn" && len(v.Versions) > 0
}

func draftPath(id string, more ...string) string {
	return "/exporter/drafts/" + url.PathEscape(id) + escaped(more)
}

func casePath(id string, more ...string) string {
	return "/exporter/cases/" + url.PathEscape(id) + escaped(more)
}

func escaped(parts []string) string {
	var b strings.Builder
	for _, s := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// digest is over what a page showed, so that a save can tell whether another
// window has changed the same page meanwhile.
func digest(v url.Values) string {
	sum := sha256.Sum256([]byte(v.Encode()))
	return hex.EncodeToString(sum[:8])
}

// validID tells whether an id from an address may become the id of a line, a
// party or a unit.
func validID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
