package instruments

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// compareView is what this state published beside what another one did.
type compareView struct {
	Own   instruments.Sheet
	Peers []instruments.Peer
	With  *instruments.Peer // nil while none was chosen
	Form  ui.Form
}

// compare is for everybody. A cell that a state did not publish says so: it is
// never empty, and never zero.
func (p pages) compare(w http.ResponseWriter, r *http.Request) {
	own, peers, err := p.App.PublicTools(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := compareView{Own: own, Peers: peers, Form: ui.NewForm(r.URL.Query(), nil)}
	if n := slices.IndexFunc(peers, func(x instruments.Peer) bool { return x.Sheet.State == r.URL.Query().Get("with") }); n >= 0 {
		v.With = &peers[n]
	}
	f := p.Frame(w, r, ui.Public, door.T(r, "instruments.compare.title"))
	f.Nav = door.PublicNav()
	f.Current = "tools"
	ui.Render(w, r, http.StatusOK, comparePage(f, v))
}

// rows are the elements of both sheets: our order first, then what only the other
// one asks.
func (v compareView) rows() []pair {
	var out []pair
	for n := range v.Own.Elements {
		x := pair{Own: &v.Own.Elements[n]}
		if v.With != nil {
			for m := range v.With.Sheet.Elements {
				if v.With.Sheet.Elements[m].ID == x.Own.ID {
					x.Other = &v.With.Sheet.Elements[m]
				}
			}
		}
		out = append(out, x)
	}
	if v.With != nil {
		for m := range v.With.Sheet.Elements {
			other := &v.With.Sheet.Elements[m]
			if !slices.ContainsFunc(v.Own.Elements, func(e instruments.SheetElement) bool { return e.ID == other.ID }) {
				out = append(out, pair{Other: other})
			}
		}
	}
	return out
}

// pair is an element in both sheets; nil where one does not have it.
type pair struct{ Own, Other *instruments.SheetElement }

func (x pair) either() *instruments.SheetElement {
	if x.Own != nil {
		return x.Own
	}
	return x.Other
}

// published is the sheet as other states' nodes take it in.
func (p pages) published(w http.ResponseWriter, r *http.Request) {
	own, _, err := p.App.PublicTools(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	body, err := json.MarshalIndent(own, "", "  ")
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
}

// sheetLimit bounds a file that is taken in.
const sheetLimit = 2 << 20

func (p pages) importForm(w http.ResponseWriter, r *http.Request) {
	p.drawImport(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawImport(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	if !keeps(r) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	frame := p.frame(w, r, door.T(r, "instruments.import.title"), ui.Link{Text: door.T(r, "instruments.title"), Href: "/instruments"})
	frame.Form = &form
	ui.Render(w, r, status, importPage(frame, form, node.NewID()))
}

func (p pages) takeSheet(w http.ResponseWriter, r *http.Request) {
	if !keeps(r) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	if !p.ReadFiles(w, r, sheetLimit+door.FormLimit) {
		return
	}
	err := p.taken(r)
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawImport(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "instruments.import.done"})
	ui.SeeOther(w, r, "/tools")
}

func (p pages) taken(r *http.Request) error {
	unreadable := fault.New(fault.Invalid, "instruments.invalid").Field("file", "instruments.sheet.unreadable")
	file, _, err := r.FormFile("file")
	if err != nil {
		return fault.New(fault.Invalid, "instruments.invalid").Field("file", "instruments.sheet.missing")
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, sheetLimit+1))
	if err != nil {
		return unreadable.Because(err)
	}
	sheet, err := instruments.ParseSheet(raw)
	if err != nil {
		return unreadable.Because(err)
	}
	return p.App.Do(r.Context(), door.Actor(r.Context()), instruments.TakePeer{Sheet: sheet, Source: strings.TrimSpace(r.PostForm.Get("source"))}, node.Once(r.PostForm.Get("once")))
}
