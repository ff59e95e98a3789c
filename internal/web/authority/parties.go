package authority

import (
	"context"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/screening"
)

// partiesPerPage keeps a case of sixty parties bearable.
const partiesPerPage = 10

// partiesPage is a page of a case's parties.
type partiesPage struct {
	Parties    []partyView
	Total      int
	Resolves   bool // the reader may answer hits
	Links      bool // the reader may tie parties to the register
	Prev, Next string
}

// partyView is one party with what was found on it.
type partyView struct {
	party.Party
	Erased  *event.Erasure
	Day     string                // on which the tree is shown: when the version came in
	Search  *assessment.Screening // its last screening, nil where there was none
	Hits    []hitView             // those that ask for a person, or had one
	Faint   []hitView             // no more alike than many ordinary names
	Linking bool                  // the form that ties it to the register is open
	Alike   []store.PartyRow
	Refused []ui.Option // refusals of ours that name it: the case, and in words
}

// hitView is one hit with its evidence.
type hitView struct {
	assessment.HitState
	Match  ui.MatchView
	Form   ui.Form
	Says   []string // what the list says of the entry: why, since when, in its words
	Before []before // what was refused then, of a denial
}

// before is a kind of item that was refused before, with the lines of this case
// that are of the same kind. Alike says that the user was found to be the same one
// as well: the transaction is essentially identical, whatever the items are called.
type before struct {
	Kind  string
	Lines []string
	Alike bool
}

// told fills in what the list in use says of the listed party, and how what it
// was refused stands to what is applied for now.
func (h *hitView) told(ctx context.Context, e *node.Engines, in assessment.Input) {
	listed, ok := e.Index.Entity(h.Entry)
	if !ok {
		return
	}
	for _, s := range []string{listed.Program, ui.P(ctx).DayOf(listed.Listed), listed.Remarks} {
		if s != "" {
			h.Says = append(h.Says, s)
		}
	}
	for _, kind := range listed.Refused {
		b := before{Kind: kind}
		if c, ok := e.Pack.Category(kind); ok {
			b.Kind = c.Name
		}
		for i, l := range in.Lines {
			if l.Confirmed != nil && l.Confirmed.Category == kind {
				b.Lines = append(b.Lines, strconv.Itoa(i+1))
			}
		}
		b.Alike = len(b.Lines) > 0 && h.Outcome == assessment.SameParty && slices.ContainsFunc(in.Parties, func(p assessment.Party) bool {
			return p.ID == h.Party && slices.ContainsFunc(p.Roles, func(r string) bool { return party.Role(r).Uses() })
		})
		h.Before = append(h.Before, b)
	}
}

func (h hitView) name(input string) string { return "hit." + h.ID + "." + input }

func (p *pages) partiesTab(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawParties(w, r, http.StatusOK, v, "", ui.FormOf())
	}
}

// drawParties shows a page of parties; refused is the hit whose form comes back.
func (p *pages) drawParties(w http.ResponseWriter, r *http.Request, status int, v *caseView, refused string, form ui.Form) {
	engines, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	all := v.Case.App().Parties
	s := v.Assessment
	first, meant := from(r.URL.Query()), r.URL.Query().Get("link")
	if h, ok := s.Hit(refused); ok {
		meant = h.Party
	}
	if i := slices.IndexFunc(all, func(x party.Party) bool { return x.ID == meant }); i >= 0 {
		first = i
	}
	first = max(min(first, len(all)-1), 0) / partiesPerPage * partiesPerPage
	page := &partiesPage{
		Total:    len(all),
		Resolves: v.open() && v.may(access.CaseResolve), Links: v.takes(access.CaseAssess, "case.link_party"),
	}
	input := p.App.Input(v.CaseFile)
	for i, x := range all {
		if i < first || i >= first+partiesPerPage {
			continue
		}
		q := partyView{Party: x, Erased: v.Case.Current().ErasedPart(x.ID), Day: string(deadline.DateOf(v.Case.Current().At, v.Calendar.Location()))}
		if at, ok := s.Screened[x.ID]; ok && at < len(s.Screenings) {
			q.Search = &s.Screenings[at]
		}
		for _, h := range s.Hits {
			if h.Party != x.ID {
				continue
			}
			hv := hitView{HitState: h}
			if h.ID == refused {
				hv.Form = form
			}
			if h.Band == assessment.FaintBand && h.Outcome == "" {
				q.Faint = append(q.Faint, hv)
				continue
			}
			var lists []assessment.Searched
			if q.Search != nil {
				lists = q.Search.Lists
			}
			hv.Match = matchOf(r.Context(), engines, input, h, lists)
			hv.told(r.Context(), engines, input)
			q.Hits = append(q.Hits, hv)
		}
		sort.SliceStable(q.Hits, func(a, b int) bool { return q.Hits[a].Open() && !q.Hits[b].Open() })
		if page.Links && x.Register == "" && r.URL.Query().Get("link") == x.ID {
			q.Linking = true
			if q.Alike, err = p.alike(r, x); err != nil {
				p.Fail(w, r, err)
				return
			}
		}
		page.Parties = append(page.Parties, q)
	}
	if err := p.nameRefused(r, v, page.Parties); err != nil {
		p.Fail(w, r, err)
		return
	}
	if first > 0 {
		page.Prev = v.href("parties?from=" + strconv.Itoa(first-partiesPerPage))
	}
	if first+partiesPerPage < len(all) {
		page.Next = v.href("parties?from=" + strconv.Itoa(first+partiesPerPage))
	}
	p.draw(w, r, status, v, tabParties, form, partiesView(v, page))
}

// maxAlike is how many entries of the register are offered to tie a party to.
const maxAlike = 6

// alike are entries of the register whose names hold the words of the party's.
func (p *pages) alike(r *http.Request, x party.Party) (rows []store.PartyRow, err error) {
	words := screening.Fold(x.Name())
	if len(words) == 0 {
		return nil, nil
	}
	err = p.App.Store().View(r.Context(), func(t *store.Tx) error {
		rows, err = t.ListParties(store.Parties{Scope: access.ScopeOf(door.Actor(r.Context()), access.PartyRead), Find: words[:min(len(words), 4)], Limit: maxAlike})
		return err
	})
	return rows, fault.Wrap(err, "authority: register")
}

// queryOf is the question that gave a hit, put together again: the name that was
// asked, with what is known of the party it belongs to.
func queryOf(in assessment.Input, h assessment.HitState) screening.Query {
	q := screening.Query{Name: h.Details.Asked, Type: screening.Organisation}
	for _, x := range in.Parties {
		if x.ID != h.Party {
			continue
		}
		if slices.Contains(x.Owners, q.Name) {
			return q
		}
		q.Country = x.Country
		if !slices.Contains(x.Names, q.Name) {
			return q
		}
		q.Aliases, q.Address = x.Names, x.Address
		if x.Kind == string(party.Person) {
			q.Type = screening.Person
		}
		for _, id := range x.IDs {
			q.IDs = append(q.IDs, screening.Ident{Kind: id.Kind, Value: id.Value, Country: id.Country})
		}
	}
	return q
}

// matchOf draws a hit word by word, from what the engine says of it today. Where
// the listed party is no longer there, what was recorded is shown.
func matchOf(ctx context.Context, e *node.Engines, in assessment.Input, h assessment.HitState, lists []assessment.Searched) ui.MatchView {
	m := ui.MatchView{
		ID: "hit-" + h.ID, Title: ui.T(ctx, "authority.match.title", "shown", h.Details.Shown, "list", h.List),
		Left:  ui.NameSide{Label: ui.T(ctx, "authority.match.asked"), Words: []ui.Word{{Text: h.Details.Asked}}, Lang: "und"},
		Right: ui.NameSide{Label: ui.T(ctx, "authority.match.listed", "list", h.List, "entry", h.Entry), Words: []ui.Word{{Text: h.Details.Matched}}, Lang: "und"},
	}
	if h.Band != "" {
		m.Strength = ui.T(ctx, "authority.band."+h.Band)
	}
	if h.Open() {
		m.Tone = ui.Needs
	}
	for _, l := range lists {
		if l.List == h.List {
			m.Meta = append(m.Meta, ui.T(ctx, "authority.match.list", "list", l.List, "kind", ui.T(ctx, "authority.listkind."+string(l.Kind)), "date", ui.P(ctx).DayOf(string(l.Date))))
		}
	}
	x := e.Index.Explain(queryOf(in, h), h.Entry)
	if !x.Found || len(x.Alignments) == 0 {
		m.WhyStrong = h.Details.Evidence
		m.Meta = append(m.Meta, ui.T(ctx, "authority.match.gone"))
		return m
	}
	a := x.Alignments[0]
	m.Left.Words, m.Right.Words = wordsOfMatch(a)
	for _, w := range a.Matches {
		m.WhyStrong = append(m.WhyStrong, ui.T(ctx, "authority.how."+string(w.How), "asked", spanned(a.QueryText, w.Query), "listed", spanned(a.ListedText, w.Listed)))
	}
	m.WhyWeak = append(append(m.WhyWeak, a.Notes...), x.Notes...)
	for _, q := range x.Qualifiers {
		asked, listed := q.Query, q.Listed
		if q.Field == "country" {
			asked, listed = ui.P(ctx).Country(asked), ui.P(ctx).Country(listed)
		}
		text := ui.T(ctx, "authority.qualifier."+q.Field, "asked", orDash(asked), "listed", orDash(listed))
		switch q.Effect {
		case "agrees", "close":
			m.Agree = append(m.Agree, text)
		case "contradicts":
			m.Against = append(m.Against, text)
		default:
			m.Missing = append(m.Missing, text)
		}
	}
	m.Meta = append([]string{chance(ctx, x.AlertRate)}, m.Meta...)
	for _, ask := range x.AskFor {
		m.Meta = append(m.Meta, ui.T(ctx, "authority.match.ask", "what", ask))
	}
	return m
}

// rarest is the smallest share of ordinary names that is told as a figure: below
// it the background is too small to say more.
const rarest = 1e-6

// chance says how often an ordinary name would look this alike.
func chance(ctx context.Context, rate float64) string {
	if rate <= rarest {
		return ui.T(ctx, "authority.match.rare", "names", int(1/rarest))
	}
	return ui.T(ctx, "authority.match.chance", "names", int(1/rate+0.5))
}

// wordsOfMatch cuts the two names into words, joined by number.
func wordsOfMatch(a screening.Alignment) (asked, listed []ui.Word) {
	type piece struct {
		at   int
		word ui.Word
	}
	var left, right []piece
	cut := func(text string, s screening.Span) string {
		if s.Start < 0 || s.End > len(text) || s.Start >= s.End {
			return ""
		}
		return text[s.Start:s.End]
	}
	for i, m := range a.Matches {
		weak := m.How != screening.Same
		for _, s := range m.Query {
			left = append(left, piece{s.Start, ui.Word{Text: cut(a.QueryText, s), Pair: i + 1, Weak: weak}})
		}
		for _, s := range m.Listed {
			right = append(right, piece{s.Start, ui.Word{Text: cut(a.ListedText, s), Pair: i + 1, Weak: weak}})
		}
	}
	for _, o := range a.QueryOver {
		left = append(left, piece{o.Span.Start, ui.Word{Text: cut(a.QueryText, o.Span)}})
	}
	for _, o := range a.ListedOver {
		right = append(right, piece{o.Span.Start, ui.Word{Text: cut(a.ListedText, o.Span)}})
	}
	words := func(pieces []piece, whole string) []ui.Word {
		sort.SliceStable(pieces, func(i, j int) bool { return pieces[i].at < pieces[j].at })
		var out []ui.Word
		for _, x := range pieces {
			if x.word.Text != "" {
				out = append(out, x.word)
			}
		}
		if out == nil {
			out = []ui.Word{{Text: whole}}
		}
		return out
	}
	return words(left, a.QueryText), words(right, a.ListedText)
}

func spanned(text string, spans []screening.Span) string {
	var out []string
	for _, s := range spans {
		if s.Start >= 0 && s.End <= len(text) && s.Start < s.End {
			out = append(out, text[s.Start:s.End])
		}
	}
	return strings.Join(out, " ")
}

// resolveHit takes a person's answer to one hit.
func (p *pages) resolveHit(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	h, ok := v.Assessment.Hit(r.PathValue("hit"))
	if !ok {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	hv := hitView{HitState: h}
	cmd := assessment.ResolveHit{Case: v.ID(), Hit: h.ID, Outcome: assessment.Same(r.PostForm.Get(hv.name("outcome"))), Reason: strings.TrimSpace(r.PostForm.Get(hv.name("reason")))}
	opts, err := seenBy(r.PostForm, v.ID(), cmd)
	if err == nil {
		err = p.App.Do(r.Context(), v.Reader, cmd, opts...)
	}
	if err != nil {
		p.refuse(w, r, v, prefixed(err, hv.name("")), func(status int, v *caseView, form ui.Form) {
			p.drawParties(w, r, status, v, h.ID, form)
		})
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "authority.hit.resolved." + string(cmd.Outcome)})
	ui.SeeOther(w, r, v.href("parties"+v.partyPlace(h.Party)+"#hit-"+h.ID))
}

// partyPlace is the page of the tab on which a party stands.
func (v *caseView) partyPlace(id string) string {
	i := slices.IndexFunc(v.Case.App().Parties, func(x party.Party) bool { return x.ID == id })
	if n := i / partiesPerPage; n > 0 {
		return "?from=" + strconv.Itoa(n*partiesPerPage)
	}
	return ""
}

// linkParty ties a party to an entry of the register: one that is there, or a
// new one made of what the application says.
func (p *pages) linkParty(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	x, ok := v.Case.App().Party(r.PathValue("party"))
	if !ok {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	where := "parties" + v.partyPlace(x.ID) + "#party-" + x.ID
	again := func(status int, v *caseView, form ui.Form) { p.drawParties(w, r, status, v, "", form) }
	entry, done := r.PostForm.Get("entry"), "authority.register.linked"
	if entry == "" {
		p.refuse(w, r, v, fault.New(fault.Invalid, "authority.register.choose"), again)
		return
	}
	if entry == newEntry {
		// The form's own key makes the entry's id: sent twice, it is one entry.
		entry, done = r.PostForm.Get("entry_id"), "authority.register.opened"
		err := p.App.Do(r.Context(), v.Reader, party.Register{On: party.On{Entry: entry}, Party: x, Source: "case/" + v.ID()}, node.Once("entry-"+entry))
		if err != nil {
			p.refuse(w, r, v, err, again)
			return
		}
	}
	p.send(w, r, v, licensing.LinkParty{On: licensing.On{Case: v.ID()}, Party: x.ID, Register: entry}, done, where, again)
}

// newEntry is the choice of an entry that is not there yet.
const newEntry = "new"
