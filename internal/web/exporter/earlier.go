package exporter

import (
	"encoding/json"
	"net/http"
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

// earlierPage offers parties of earlier applications.
type earlierPage struct {
	frame   ui.Frame
	d       *draft
	form    ui.Form
	find    string
	parties []store.EarlierParty
}

func (p pages) earlierParties(w http.ResponseWriter, r *http.Request) {
	p.drawEarlier(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawEarlier(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	d, _, ok := p.open(w, r)
	if !ok {
		return
	}
	page := earlierPage{d: d, form: form, find: bounded(r.URL.Query().Get("q"))}
	actor := door.Actor(r.Context())
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		page.parties, err = t.EarlierParties(access.ScopeOf(actor, access.ApplicationRead), page.find)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: earlier parties"))
		return
	}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.earlier.title"))
	page.frame.Form, page.frame.Back.Href = &page.form, draftPath(d.ID, "parties")
	ui.Render(w, r, status, earlierView(page))
}

// maxTaken bounds how many earlier parties are taken over at once: each reads
// the application it comes from.
const maxTaken = 10

func (p pages) takeEarlierParties(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	chosen := r.PostForm["party"]
	again := func(key string, args ...any) {
		err := fault.New(fault.Invalid, key, args...).Field("party", key, args...)
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawEarlier(w, r, status, form) })
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
	var taken []party.Party
	for _, c := range chosen {
		of, id, _ := strings.Cut(c, "/")
		app, known := views[of]
		if !known {
			view, _, err := p.App.Application(r.Context(), door.Actor(r.Context()), of)
			if err != nil {
				p.Fail(w, r, err)
				return
			}
			app = latest(view)
			views[of] = app
		}
		if q, ok := app.Party(id); ok {
			taken = append(taken, copied(q))
		}
	}
	d, err := p.change(r, r.PathValue("draft"), func(d *draft) error {
		if len(d.app.Parties)+len(taken) > licensing.MaxParties {
			return fault.New(fault.Invalid, "licensing.count.bound", "max", licensing.MaxParties)
		}
		d.app.Parties = append(d.app.Parties, taken...)
		return nil
	})
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	seeOther(w, r, draftPath(d.ID, "parties"))
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
