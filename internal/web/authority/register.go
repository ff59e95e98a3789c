package authority

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p *pages) registerRoutes(on on) {
	on("GET /parties", p.parties)
	on("GET /parties/{party}", p.party)
	on("POST /parties/{party}/correct", p.correctParty)
	on("POST /parties/{party}/objections", p.objectParty)
	on("POST /parties/{party}/objections/{objection}", p.answerObjection)
	on("GET /find", p.find)
}

// registerView is a page of the register of parties.
type registerView struct {
	Query url.Values
	Rows  []store.PartyRow
	Next  string
}

// parties lists the register, by name.
func (p *pages) parties(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v := &registerView{Query: q}
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		v.Rows, err = t.ListParties(store.Parties{
			Scope: access.ScopeOf(door.Actor(r.Context()), access.PartyRead), Find: wordsOf(q.Get("q")), Objection: q.Get("objection") != "",
			After: q.Get("after"), Limit: casesPerPage + 1,
		})
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "authority: register"))
		return
	}
	if len(v.Rows) > casesPerPage {
		v.Rows = v.Rows[:casesPerPage]
		next := url.Values{"after": {v.Rows[casesPerPage-1].ID}}
		for _, k := range []string{"q", "objection"} {
			if x := q.Get(k); x != "" {
				next.Set(k, x)
			}
		}
		v.Next = "/parties?" + next.Encode()
	}
	ui.Render(w, r, http.StatusOK, registerPage(p.frame(w, r, "parties", ui.T(r.Context(), "authority.parties.title")), v, ui.NewForm(q, nil)))
}

// entryView is one entry of the register with everything that was ever asked
// for it.
type entryView struct {
	*party.Entry
	Version int64
	Cases   []store.CaseRow
	More    bool // there are more cases than are shown
	Form    ui.Form
	May     bool // the reader may correct and record objections
	States  []ui.StateOption
}

// casesOfParty is how many cases an entry's page shows.
const casesOfParty = 50

func (p *pages) entry(r *http.Request) (*entryView, error) {
	actor := door.Actor(r.Context())
	if !access.Can(actor, access.PartyRead, access.Thing{Kind: party.StreamKind}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	id := r.PathValue("party")
	v := &entryView{Entry: &party.Entry{}, May: access.Can(actor, access.PartyCorrect, access.Thing{Kind: party.StreamKind}), States: ui.States(ui.P(r.Context()), p.Door.States)}
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		if v.Version, err = t.Load(event.StreamOf(party.StreamKind, id), v.Entry); err != nil {
			return err
		}
		if v.Version == 0 || v.ID == "" {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		v.Cases, err = t.ListCases(store.Cases{Scope: access.ScopeOf(actor, access.CaseRead), List: store.AllCases, Register: id, Limit: casesOfParty + 1})
		return err
	})
	if len(v.Cases) > casesOfParty {
		v.Cases, v.More = v.Cases[:casesOfParty], true
	}
	return v, fault.Wrap(err, "authority: entry of the register")
}

func (p *pages) party(w http.ResponseWriter, r *http.Request) {
	p.drawParty(w, r, http.StatusOK, ui.FormOf())
}

func (p *pages) drawParty(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	v, err := p.entry(r)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v.Form = form
	title := entryName(r.Context(), v.Entry)
	frame := p.frame(w, r, "parties", title)
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "authority.parties.title"), Href: "/parties"}, {Text: title}}
	frame.Form = &form
	ui.Render(w, r, status, entryPage(frame, v))
}

func entryName(ctx context.Context, e *party.Entry) string {
	if name := party.PrimaryName(e.Details.Names); name != "" {
		return name
	}
	return ui.T(ctx, "authority.party.nameless")
}

// change runs a command on an entry, over the version that the person saw.
func (p *pages) change(w http.ResponseWriter, r *http.Request, done string, command func(v *entryView, form url.Values, bad *fault.Error) party.Command) {
	v, err := p.entry(r)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if !p.ReadForm(w, r) {
		return
	}
	bad := fault.New(fault.Invalid, "party.entry.invalid")
	cmd := command(v, r.PostForm, bad)
	if err = bad.Or(); err == nil {
		var seen int64
		if seen, err = versionIn(r.PostForm); err == nil {
			err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Expect(cmd.Stream(), seen), node.Once(r.PostForm.Get("once")))
		}
	}
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawParty(w, r, status, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: done})
	ui.SeeOther(w, r, "/parties/"+url.PathEscape(v.ID))
}

func (p *pages) correctParty(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "authority.party.corrected", func(v *entryView, form url.Values, _ *fault.Error) party.Command {
		value := func(k string) string { return strings.TrimSpace(form.Get(k)) }
		d := v.Details
		d.Names = append([]party.Name(nil), d.Names...)
		if len(d.Names) == 0 {
			d.Names = []party.Name{{}}
		}
		d.Names[0].Text, d.Names[0].Latin = value("name"), value("latin")
		return party.Correct{On: party.On{Entry: v.ID}, Country: value("country"), Tie: party.Tie(value("tie")), Details: d, Why: value("why")}
	})
}

func (p *pages) objectParty(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "authority.party.objected", func(v *entryView, form url.Values, bad *fault.Error) party.Command {
		day, _ := ui.ParseDate(form, "received", bad)
		cmd := party.Object{On: party.On{Entry: v.ID}, Objection: form.Get("objection"), Text: strings.TrimSpace(form.Get("text"))}
		if !day.IsZero() {
			cmd.Received = day.Format("2006-01-02")
		}
		return cmd
	})
}

func (p *pages) answerObjection(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "authority.party.answered", func(v *entryView, form url.Values, bad *fault.Error) party.Command {
		id := r.PathValue("objection")
		upheld := form.Get("upheld." + id)
		if upheld != "yes" && upheld != "no" {
			bad.Field("upheld."+id, "authority.objection.choose")
		}
		return party.AnswerObjection{On: party.On{Entry: v.ID}, Objection: id, Upheld: upheld == "yes", Answer: strings.TrimSpace(form.Get("answer." + id))}
	})
}

// findView is what was found for some words.
type findView struct {
	Words    string
	Cases    []store.CaseRow
	Licences []store.LicenceRow
	Parties  []store.PartyRow
}

// foundOfEach is how many of each kind the page of results shows.
const foundOfEach = 12

// find looks in cases, licences and the register, each in the reader's scope.
func (p *pages) find(w http.ResponseWriter, r *http.Request) {
	v := &findView{Words: r.URL.Query().Get("q")}
	actor := door.Actor(r.Context())
	if words := wordsOf(v.Words); len(words) > 0 {
		err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
			if v.Cases, err = t.ListCases(store.Cases{Scope: access.ScopeOf(actor, access.CaseRead), List: store.AllCases, Find: words, Limit: foundOfEach}); err != nil {
				return err
			}
			if v.Licences, err = t.ListLicences(store.Licences{Scope: access.ScopeOf(actor, access.LicenceRead), Find: words, Limit: foundOfEach}); err != nil {
				return err
			}
			v.Parties, err = t.ListParties(store.Parties{Scope: access.ScopeOf(actor, access.PartyRead), Find: words, Limit: foundOfEach})
			return err
		})
		if err != nil {
			p.Fail(w, r, fault.Wrap(err, "authority: find"))
			return
		}
	}
	frame := p.frame(w, r, "", ui.T(r.Context(), "authority.find.title"))
	frame.Find = v.Words
	ui.Render(w, r, http.StatusOK, findPage(frame, v))
}
