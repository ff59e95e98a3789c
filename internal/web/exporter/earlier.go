package exporter

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// earlierPage offers what stood in earlier applications: parties, or items.
type earlierPage struct {
	frame   ui.Frame
	d       *draft
	form    ui.Form
	of      string // "parties" or "items": the list it goes to
	find    string
	options []ui.Option // the value is a case's id, a stroke, and the id in it
}

// key is the message of this page for what it offers.
func (e earlierPage) key(name string) string { return "exporter.earlier." + e.of + "." + name }

func (e earlierPage) path() string { return draftPath(e.d.ID, e.of, "earlier") }

// earlier are the pages that offer what stood in earlier applications: which
// rows, and what of one comes over.
type earlier struct {
	of   string
	rows func(t *store.Tx, scope access.Scope, find string) ([]store.Used, error)
	take func(to *licensing.Application, from licensing.Application, id string) error
}

var earlierOnes = []earlier{
	{"parties", (*store.Tx).EarlierParties, takeParty},
	{"items", (*store.Tx).EarlierItems, takeItem},
}

func (p pages) drawEarlier(w http.ResponseWriter, r *http.Request, status int, e earlier, form ui.Form) {
	d, _, ok := p.open(w, r)
	if !ok {
		return
	}
	page := earlierPage{d: d, form: form, of: e.of, find: bounded(r.URL.Query().Get("q"))}
	actor := door.Actor(r.Context())
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) error {
		rows, err := e.rows(t, access.ScopeOf(actor, access.ApplicationRead), page.find)
		for _, x := range rows {
			page.options = append(page.options, earlierOption(r.Context(), x))
		}
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: earlier %s", e.of))
		return
	}
	page.frame = p.draftFrame(w, r, d, door.T(r, page.key("title")))
	page.frame.Form, page.frame.Back.Href = &page.form, draftPath(d.ID, e.of)
	ui.Render(w, r, status, earlierView(page))
}

// maxTaken bounds how many are taken over at once: each reads the application it
// comes from.
const maxTaken = 10

func (p pages) takeEarlier(w http.ResponseWriter, r *http.Request, e earlier) {
	if !p.ReadForm(w, r) {
		return
	}
	chosen := r.PostForm["chosen"]
	again := func(key string, args ...any) {
		err := fault.New(fault.Invalid, key, args...).Field("chosen", key, args...)
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawEarlier(w, r, status, e, form) })
	}
	switch {
	case len(chosen) == 0:
		again("exporter.earlier.none_chosen")
		return
	case len(chosen) > maxTaken:
		again("exporter.earlier.too_many", "max", maxTaken)
		return
	}
	views := map[string]licensing.Application{}
	for _, c := range chosen {
		of, _, _ := strings.Cut(c, "/")
		if _, known := views[of]; known {
			continue
		}
		view, _, err := p.App.Application(r.Context(), door.Actor(r.Context()), of)
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		views[of] = latest(view)
	}
	d, err := p.change(r, r.PathValue("draft"), func(d *draft) error {
		for _, c := range chosen {
			of, id, _ := strings.Cut(c, "/")
			if err := e.take(&d.app, views[of], id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	seeOther(w, r, draftPath(d.ID, e.of))
}

func takeParty(to *licensing.Application, from licensing.Application, id string) error {
	q, ok := from.Party(id)
	if !ok {
		return nil
	}
	if len(to.Parties) >= licensing.MaxParties {
		return fault.New(fault.Invalid, "licensing.count.bound", "max", licensing.MaxParties)
	}
	to.Parties = append(to.Parties, copied(q))
	return nil
}

// takeItem takes what an item is. How many go this time, for how much and to
// whom, is another application's; so are its papers, which this one needs anew.
func takeItem(to *licensing.Application, from licensing.Application, id string) error {
	l, ok := from.Line(id)
	if !ok {
		return nil
	}
	if len(to.Lines) >= licensing.MaxLines {
		return fault.New(fault.Invalid, "licensing.count.bound", "max", licensing.MaxLines)
	}
	l.ID, l.Sheet, l.Quantity, l.Value, l.User, l.Categories = strconv.Itoa(nextLine(to)), "", 0, 0, "", slices.Clone(l.Categories)
	if l.Service != nil {
		l.Service = &licensing.ServiceDetail{Kind: l.Service.Kind, How: l.Service.How}
	}
	to.Lines = append(to.Lines, l)
	return nil
}

// copied is a party as it begins in another application: with an id of its own,
// its owners too, and without what the authority knows of it.
func copied(q party.Party) party.Party {
	q.ID, q.Register = node.NewID(), ""
	owners := append([]party.Owner(nil), q.Ownership.Owners...)
	for i := range owners {
		owners[i].ID = node.NewID()
	}
	q.Ownership.Owners = owners
	return q
}

func decode(raw []byte, into any) error {
	return fault.Wrap(json.Unmarshal(raw, into), "exporter: what was kept")
}

func encode(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	return raw, fault.Wrap(err, "exporter: what is kept")
}
