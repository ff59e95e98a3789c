package listing

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/screening"
)

// screenPage is the search and, once one was made, its answer.
type screenPage struct {
	Form     ui.Form
	Purposes []node.Purpose
	Answer   *node.Screened
	Fairness string // what whoever reads hits should know of kinds of names
}

func (p pages) screenForm(w http.ResponseWriter, r *http.Request) {
	p.drawScreen(w, r, http.StatusOK, ui.FormOf(), nil)
}

func (p pages) drawScreen(w http.ResponseWriter, r *http.Request, status int, form ui.Form, answer *node.Screened) {
	actor := door.Actor(r.Context())
	frame := p.screenFrame(w, r, door.T(r, "screen.page.title"))
	frame.Form = &form
	v := screenPage{Form: form, Purposes: node.Purposes(actor), Answer: answer}
	if answer != nil && len(answer.Hits) > 0 {
		v.Fairness = p.fairness(r)
	}
	ui.Render(w, r, status, screenView(frame, v))
}

// screenFrame is the frame of the pages that search: a place of their own for
// exporters, a part of the lists for others.
func (p pages) screenFrame(w http.ResponseWriter, r *http.Request, title string) ui.Frame {
	if door.Actor(r.Context()).Has(access.ExporterUser) {
		return p.frame(w, r, "screen", title)
	}
	return p.frame(w, r, "lists", title)
}

// screen answers a search. Names travel in the body of the request: an address
// with a name in it would stay in histories and logs.
func (p pages) screen(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	q := screening.Query{
		Name: f.Get("name"), Type: screening.Type(f.Get("type")), Country: f.Get("country"), Birth: strings.TrimSpace(f.Get("birth")), Address: f.Get("address"),
	}
	for _, a := range strings.Split(f.Get("aliases"), "\n") {
		if a = strings.TrimSpace(a); a != "" && len(q.Aliases) < 20 {
			q.Aliases = append(q.Aliases, a)
		}
	}
	if id := strings.TrimSpace(f.Get("id")); id != "" {
		q.IDs = []screening.Ident{{Kind: f.Get("id_kind"), Value: id}}
	}
	purpose := node.Purpose(f.Get("purpose"))
	answer, err := p.App.Screen(r.Context(), door.Actor(r.Context()), node.ScreenRequest{Query: q, Purpose: purpose, About: f.Get("about")})
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawScreen(w, r, status, form, nil) })
		return
	}
	p.drawScreen(w, r, http.StatusOK, ui.NewForm(f, nil), &answer)
}

// sentence says what was searched and what was not.
func sentence(ctx context.Context, s *node.Screened) string {
	p := lang.From(ctx)
	var lists []string
	for _, l := range s.Searched {
		lists = append(lists, p.T("screen.text.list", "title", l.Title, "date", published(ctx, l.Published)))
	}
	key := "screen.text.searched"
	if len(s.Hits) == 0 {
		key = "screen.text.none"
	} else if len(s.Close()) == 0 {
		key = "screen.text.none_close"
	}
	return p.T(key, "lists", p.List(lists))
}

// chance says how likely it is that an ordinary name looks this much like a
// listed one.
func chance(p lang.Printer, rate float64) string {
	if rate < 0.00001 {
		return p.T("screen.text.chance_least")
	}
	return p.T("screen.text.chance", "rate", p.Number(rate*100, 3))
}

// month is a month of the record in the reader's words.
func month(ctx context.Context, iso string) string {
	m, err := time.Parse("2006-01", iso)
	if err != nil {
		return iso
	}
	return ui.T(ctx, "screen.volumes.of", "month", ui.P(ctx).Month(m.Month()), "year", m.Format("2006"))
}

// match lays a hit beside what was asked.
func match(ctx context.Context, h node.ScreenHit) ui.MatchView {
	p := lang.From(ctx)
	m := ui.MatchView{
		Title: h.Shown, Strength: p.T("screen.band." + string(h.Band)), Tone: ui.Needs,
		Left:  ui.NameSide{Label: p.T("screen.page.asked"), Lang: "und"},
		Right: ui.NameSide{Label: p.T("screen.page.listed", "list", h.List.Title, "entry", h.EntityID), Lang: "und"},
		Meta: []string{
			p.T("screen.means." + string(h.Means)), chance(p, h.AlertRate),
			p.T("screen.text.list", "title", h.List.Title, "date", published(ctx, h.List.Published)),
		},
	}
	if len(h.Why.Alignments) > 0 {
		a := h.Why.Alignments[0]
		m.Left.Words, m.Right.Words = aligned(a)
		for _, w := range a.Matches {
			m.WhyStrong = append(m.WhyStrong, p.T("screen.text.word_weighs", "asked", cut(a.QueryText, w.Query), "listed", cut(a.ListedText, w.Listed),
				"how", p.T("screen.how."+string(w.How)), "gain", p.Number(w.Gain, 1), "weight", p.Number(w.Weight, 1)))
		}
		m.WhyWeak = append(m.WhyWeak, a.Notes...)
		m.WhyWeak = append(m.WhyWeak, leftovers(p, "screen.text.over_asked", a.QueryText, a.QueryOver)...)
		m.WhyWeak = append(m.WhyWeak, leftovers(p, "screen.text.over_listed", a.ListedText, a.ListedOver)...)
	}
	m.WhyWeak = append(m.WhyWeak, h.Why.Notes...)
	for _, f := range h.Why.Qualifiers {
		field := p.T("screen.field." + f.Field)
		both := p.T("screen.text.qualifier", "field", field, "effect", p.T("screen.effect."+strings.ReplaceAll(f.Effect, " ", "_")), "asked", f.Query, "listed", f.Listed)
		switch f.Effect {
		case "agrees", "close":
			m.Agree = append(m.Agree, both)
		case "contradicts":
			m.Against = append(m.Against, both)
		default:
			m.Missing = append(m.Missing, p.T("screen.text.missing", "field", field, "effect", p.T("screen.effect."+strings.ReplaceAll(f.Effect, " ", "_"))))
		}
	}
	if p := h.Entity().Program; p != "" {
		m.Meta = append(m.Meta, p)
	}
	return m
}

// leftovers says which words of one side met nothing, and what that takes away.
func leftovers(p lang.Printer, key, text string, words []screening.Leftover) (out []string) {
	for _, w := range words {
		if w.Weight >= leastLeftover {
			out = append(out, p.T(key, "word", cut(text, []screening.Span{w.Span}), "weight", p.Number(w.Weight, 1)))
		}
	}
	return out
}

// leastLeftover is what a word must weigh to be worth a line.
const leastLeftover = .5

// fairness says which kinds of ordinary names look like somebody on the lists
// more than twice as often as ordinary names do; "" where none.
func (p pages) fairness(r *http.Request) string {
	e := p.App.EnginesReady()
	if e == nil {
		return ""
	}
	var kinds []string
	for _, g := range e.Index.Fairness(fairShare) {
		if g.Above {
			kinds = append(kinds, door.T(r, "screen.group."+strings.NewReplacer(",", "", " ", "_").Replace(strings.ToLower(g.Group))))
		}
	}
	if len(kinds) == 0 {
		return ""
	}
	return door.T(r, "screen.text.fairness", "groups", lang.From(r.Context()).List(kinds))
}

// fairShare is the share of all ordinary names that the kinds are compared at.
const fairShare = .01

func cut(text string, at []screening.Span) string {
	var out []string
	for _, s := range at {
		if s.Start >= 0 && s.Start <= s.End && s.End <= len(text) {
			out = append(out, text[s.Start:s.End])
		}
	}
	return strings.Join(out, " ")
}

// aligned cuts both names into words; words that met share a number.
func aligned(a screening.Alignment) (asked, listed []ui.Word) {
	side := func(text string, spans func(screening.WordMatch) []screening.Span) []ui.Word {
		var out []ui.Word
		for at := 0; at < len(text); {
			if text[at] == ' ' {
				at++
				continue
			}
			end := at + strings.IndexByte(text[at:]+" ", ' ')
			w := ui.Word{Text: text[at:end]}
			for i, m := range a.Matches {
				if slices.ContainsFunc(spans(m), func(s screening.Span) bool { return s.Start < end && at < s.End }) {
					w.Pair, w.Weak = i+1, m.How != screening.Same
				}
			}
			out = append(out, w)
			at = end
		}
		return out
	}
	return side(a.QueryText, func(m screening.WordMatch) []screening.Span { return m.Query }),
		side(a.ListedText, func(m screening.WordMatch) []screening.Span { return m.Listed })
}

// screeningsPage is what was searched outside cases.
type screeningsPage struct {
	Volumes []store.Volume
	Next    string
	Before  string
}

func (p pages) screenings(w http.ResponseWriter, r *http.Request) {
	before := r.URL.Query().Get("before")
	v := screeningsPage{Before: before}
	var err error
	if v.Volumes, err = p.App.ScreeningVolumes(r.Context(), door.Actor(r.Context()), before); err != nil {
		p.Fail(w, r, err)
		return
	}
	months := map[string]bool{}
	for _, x := range v.Volumes {
		months[x.Month] = true
	}
	if len(months) == node.VolumeMonths {
		v.Next = "/screenings?before=" + v.Volumes[len(v.Volumes)-1].Month
	}
	frame := p.frame(w, r, "lists", door.T(r, "screen.volumes.title"))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.title"), Href: "/lists"}, {Text: frame.Title}}
	ui.Render(w, r, http.StatusOK, screeningsView(frame, v))
}
