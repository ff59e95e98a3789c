package node

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

// LookBy is by what customs look something up.
type LookBy string

// What customs look up by.
const (
	ByDeclaration LookBy = "declaration"
	ByLicence     LookBy = "licence" // number or check code of a licence, or number of a case
	ByTariff      LookBy = "tariff"  // the code, or its first six digits and more
	ByParty       LookBy = "party"
)

// LooksBy are all of them, in the order in which the page offers them.
var LooksBy = []LookBy{ByDeclaration, ByLicence, ByTariff, ByParty}

// LookPurpose is why customs look something up.
type LookPurpose string

// LookPurposes are the purposes, in the order in which the page offers them.
var LookPurposes = []LookPurpose{"declaration", "inspection", "stop", "enquiry"}

// LookUp asks what may leave.
type LookUp struct {
	By      LookBy
	Text    string
	Purpose LookPurpose
	About   string // the declaration, stop or enquiry that it is for
	After   string // place of the last line seen, from Looked
}

// Looked is the answer: lines of licences, and lines that were found to need
// none. Nothing found means "nothing on record", never "may leave".
type Looked struct {
	Informed []store.InformedRow // letters by which a licence is needed though no list says so; on the first page
	Found    []LookedLine
	Next     string // place to go on from; empty: that was all
}

// LookedLine is a line with what customs need to know of its licence.
type LookedLine struct {
	store.CustomsLine
	Worth      licensing.LicenceStatus // of this line, now; empty: no licence is needed
	Conditions []licensing.Condition   // those that matter at the border
}

// MayLeave tells whether something of the line may leave now.
func (l LookedLine) MayLeave() bool {
	return l.Licence == "" || l.Worth == licensing.Valid && l.Used < l.Quantity
}

// lookedPage is how many lines an answer holds.
const lookedPage = 20

// CustomsLooked is the event that customs looked something up. As with a
// screening, what was looked up leaves a salted hash.
type CustomsLooked struct {
	By      LookBy                `json:"by"`
	Purpose LookPurpose           `json:"purpose"`
	Lines   int                   `json:"lines"`
	Query   string                `json:"query"`
	About   event.Private[string] `json:"about"`
	Salt    event.Private[string] `json:"salt"`
}

// EventType implements event.Event.
func (CustomsLooked) EventType() string { return "customs.looked_up" }

// kindLookUp is the kind of the streams that look-ups are recorded in: one for
// each person and month.
const kindLookUp = "lookup"

// lookUps is how often one person looked something up in one month.
type lookUps struct {
	Counts map[LookPurpose]int64 `json:"counts,omitempty"`
}

// Apply implements event.State.
func (s *lookUps) Apply(r event.Recorded) error {
	e, ok := r.Event.(CustomsLooked)
	if !ok {
		return fmt.Errorf("node: %T in the stream of look-ups", r.Event)
	}
	if s.Counts == nil {
		s.Counts = map[LookPurpose]int64{}
	}
	s.Counts[e.Purpose]++
	return nil
}

// Rows implements event.State.
func (s *lookUps) Rows() []event.Row { return nil }

// recordedLookUp is the command behind the event; only this package gives it.
type recordedLookUp struct{ event CustomsLooked }

func recordLookUp(t *Tx, c recordedLookUp) error {
	if err := t.Must("", access.CustomsLook, access.Thing{Kind: kindLicence}); err != nil {
		return err
	}
	s := event.StreamOf(kindLookUp, t.Actor.Account+"-"+t.Now().Format("2006-01"))
	e := c.event
	e.About, e.Salt = event.P(s, e.About.Value), event.P(s, e.Salt.Value)
	return t.Append([]event.New{{Stream: s, Event: e}})
}

// LookUp answers customs and records that they asked, and why.
func (a *App) LookUp(ctx context.Context, actor access.Actor, q LookUp) (Looked, error) {
	scope := access.ScopeOf(actor, access.CustomsLook)
	if scope.Empty() {
		return Looked{}, fault.New(fault.NotFound, "fault.not_found")
	}
	want, err := q.query(scope)
	if err != nil {
		return Looked{}, err
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return Looked{}, err
	}
	var out Looked
	err = a.db.View(ctx, func(t *store.Tx) error {
		if letters := want.Informed(string(e.Calendar.Day(a.Now()))); letters != nil && q.After == "" {
			if out.Informed, err = t.Informed(*letters); err != nil {
				return err
			}
		}
		lines, err := t.CustomsLines(want)
		if err != nil {
			return err
		}
		if len(lines) == want.Limit {
			lines = lines[:lookedPage]
			out.Next = lines[lookedPage-1].Place()
		}
		states, err := t.LicenceStates(licencesOf(lines))
		if err != nil {
			return err
		}
		for _, x := range lines {
			l := LookedLine{CustomsLine: x}
			if err := l.read(states[x.Licence], a.Now(), e.Calendar.Location()); err != nil {
				return err
			}
			out.Found = append(out.Found, l)
		}
		return nil
	})
	if err != nil {
		return Looked{}, fault.Wrap(err, "node: look-up")
	}
	rec := CustomsLooked{By: q.By, Purpose: q.Purpose, Lines: len(out.Found), About: event.Private[string]{Value: strings.TrimSpace(q.About)}}
	rec.Query, rec.Salt.Value = hashQuery(screening.Query{Name: q.Text})
	return out, a.Do(ctx, actor, recordedLookUp{rec})
}

// query is the look-up as the store takes it, or what is wrong with it.
func (q LookUp) query(scope access.Scope) (store.CustomsQuery, error) {
	text := strings.TrimSpace(q.Text)
	want := store.CustomsQuery{Scope: scope, After: q.After, Limit: lookedPage + 1}
	bad := fault.New(fault.Invalid, "customs.invalid")
	if !slices.Contains(LookPurposes, q.Purpose) {
		bad.Field("purpose", "customs.purpose_needed")
	}
	if about := strings.TrimSpace(q.About); about == "" || utf8.RuneCountInString(about) > 120 {
		bad.Field("about", "customs.about_needed")
	}
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		bad.Field("text", "customs.text_needed")
	case n > 200:
		bad.Field("text", "customs.text_long")
	}
	switch q.By {
	case ByDeclaration:
		want.Declaration = text
	case ByLicence:
		want.Reference = text
		if code, ok := licensing.NormalCode(text); ok {
			want.CodeHash = licensing.CodeHash(code)
		}
	case ByTariff:
		digits := strings.NewReplacer(".", "", " ", "").Replace(text)
		if len(digits) < 6 || len(digits) > 14 || strings.Trim(digits, "0123456789") != "" {
			bad.Field("text", "customs.tariff_form")
		}
		want.Tariff = digits
	case ByParty:
		if want.Party = screening.Fold(text); len(want.Party) == 0 && text != "" {
			bad.Field("text", "customs.party_form")
		}
	default:
		bad.Field("by", "customs.by_needed")
	}
	return want, bad.Or()
}

func licencesOf(lines []store.CustomsLine) []string {
	var ids []string
	for _, l := range lines {
		if l.Licence != "" && !slices.Contains(ids, l.Licence) {
			ids = append(ids, l.Licence)
		}
	}
	return ids
}

// read takes from a licence's state what the line is worth now, and the
// conditions on it that matter at the border.
func (l *LookedLine) read(state []byte, now time.Time, zone *time.Location) error {
	if state == nil {
		return nil
	}
	var licence licensing.Licence
	if err := json.Unmarshal(state, &licence); err != nil {
		return fmt.Errorf("node: licence: %w", err)
	}
	l.Worth = licence.LineStatusAt(l.Line, now, zone)
	for _, k := range licence.Conditions {
		if k.AtBorder() && (len(k.Lines) == 0 || slices.Contains(k.Lines, l.Line)) {
			l.Conditions = append(l.Conditions, k)
		}
	}
	return nil
}
