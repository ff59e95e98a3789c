package assessment

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/policy"
)

// Text is a person's free text, or where it went.
type Text = event.Text

// By is who did something, and when.
type By = event.By

// State is what the events of one assessment add up to. The zero State is an
// assessment in which nobody has done anything.
type State struct {
	Case        string                            `json:"case"`
	Classified  map[string]ClassifiedLine         `json:"classified,omitempty"`  // by line
	Severity    map[string]JudgedLine             `json:"severity,omitempty"`    // by line
	Screenings  []Screening                       `json:"screenings,omitempty"`  // those that are the last of some party, oldest first
	Screened    map[string]int                    `json:"screened,omitempty"`    // by party: place of its last screening in Screenings
	Hits        []HitState                        `json:"hits,omitempty"`        // in the order in which they were found
	Facts       []FactState                       `json:"facts,omitempty"`       // in the order in which they were recorded
	Findings    map[string]map[string]FindingMade `json:"findings,omitempty"`    // by line, then rule
	Borne       map[string]map[string]Bearing     `json:"borne,omitempty"`       // by line, then rule
	Mitigations map[string]Mitigation             `json:"mitigations,omitempty"` // by line
	Groups      *GroupsAnswer                     `json:"groups,omitempty"`
	Views       []View                            `json:"views,omitempty"` // all of them, in order; none replaces another
	Completion  *Completion                       `json:"completion,omitempty"`
	Earlier     []Completion                      `json:"earlier,omitempty"` // completions that no longer stand
	Said        map[string]Said                   `json:"said,omitempty"`    // sentences of the written assessment that a person stands by, by id
	Dissents    []Dissent                         `json:"dissents,omitempty"`
	Signed      *SignedText                       `json:"signed,omitempty"` // the written assessment as it was last signed
	Changed     time.Time                         `json:"changed,omitzero"`
	Moved       int64                             `json:"moved,omitempty"` // version of the last event that changed what a page shows
}

// Screening is one screening: what was searched, and what was not.
type Screening struct {
	Purpose     string     `json:"purpose"`
	Index       string     `json:"index,omitempty"`
	Lists       []Searched `json:"lists"`
	NotSearched []string   `json:"not_searched,omitempty"`
	At          time.Time  `json:"at"`
}

// ClassifiedLine is what a line was confirmed to be.
type ClassifiedLine struct {
	Classification
	By     By   `json:"by_person"`
	Reason Text `json:"reason_text,omitzero"`
}

// JudgedLine is a line's severity as judged.
type JudgedLine struct {
	Severity policy.Severity `json:"severity"`
	By       By              `json:"by"`
	Reason   Text            `json:"reason,omitzero"`
}

// HitState is one hit and what a person said about it.
type HitState struct {
	ID        string         `json:"id"`
	Party     string         `json:"party"`
	List      string         `json:"list"`
	Kind      ListKind       `json:"kind"`
	Entry     string         `json:"entry"`
	Score     float64        `json:"score"`
	Band      string         `json:"band,omitempty"`
	PartyHash string         `json:"party_hash,omitempty"`
	EntryHash string         `json:"entry_hash,omitempty"`
	Details   HitDetails     `json:"details"`
	Erased    *event.Erasure `json:"erased,omitempty"` // of the details
	FoundAt   time.Time      `json:"found_at"`
	Gone      bool           `json:"gone,omitempty"`    // a later screening no longer gives it
	Outcome   Same           `json:"outcome,omitempty"` // empty while nobody has answered, or after it was opened again
	By        By             `json:"by,omitzero"`
	Reason    Text           `json:"reason,omitzero"`
	Reopened  string         `json:"reopened,omitempty"` // why the last answer no longer stands
}

// Resolved tells whether a person said which it is. "Can't tell" is no answer.
func (h HitState) Resolved() bool { return h.Outcome == SameParty || h.Outcome == Different }

// Open tells whether the hit still has to be resolved. One that is no more alike
// than many ordinary names may be left as it is.
func (h HitState) Open() bool {
	return !h.Gone && !h.Resolved() && (h.Band != FaintBand || h.Outcome == CantTell)
}

// FactState is a recorded fact.
type FactState struct {
	ID        string         `json:"id"`
	Fact      string         `json:"fact"`
	Value     policy.Value   `json:"value"`
	Line      string         `json:"line,omitempty"`
	Party     string         `json:"party,omitempty"`
	Date      policy.Date    `json:"date"`
	Document  string         `json:"document,omitempty"`
	Grade     string         `json:"grade,omitempty"`
	Origin    FactOrigin     `json:"origin"`
	Erased    *event.Erasure `json:"erased,omitempty"` // of the origin
	By        By             `json:"by"`
	Item      string         `json:"item,omitempty"`     // of the library, that it rests on
	Cited     Text           `json:"cited,omitzero"`     // that source in words
	Lost      time.Time      `json:"lost,omitzero"`      // when that source was withdrawn
	Replaced  string         `json:"replaced,omitempty"` // id of the fact that took its place
	Withdrawn bool           `json:"withdrawn,omitempty"`
	Reason    Text           `json:"reason,omitzero"` // of the withdrawal
}

// Stands tells whether the fact counts.
func (f FactState) Stands() bool { return !f.Withdrawn && f.Replaced == "" && f.Lost.IsZero() }

// Source is where the fact comes from, in words.
func (f FactState) Source() string {
	switch {
	case f.Erased != nil:
		return "erased on " + f.Erased.Time.Format(time.DateOnly) + " under " + f.Erased.Rule
	case f.Cited.Erased != nil:
		return "erased on " + f.Cited.Erased.Time.Format(time.DateOnly) + " under " + f.Cited.Erased.Rule
	case f.Origin.Source != "" && f.Cited.Value != "":
		return f.Cited.Value + "; " + f.Origin.Source
	case f.Cited.Value != "":
		return f.Cited.Value
	}
	return f.Origin.Source
}

// FindingMade is a person's finding.
type FindingMade struct {
	Status   policy.Status `json:"status"`
	Computed policy.Status `json:"computed"`
	Facts    []string      `json:"facts,omitempty"`
	Search   Text          `json:"search,omitzero"`
	Reason   Text          `json:"reason,omitzero"`
	By       By            `json:"by"`
	Pack     string        `json:"pack"`
}

// Bearing is why an unknown is bearable.
type Bearing struct {
	Reason Text `json:"reason"`
	By     By   `json:"by"`
}

// GroupsAnswer is what was said about the groups.
type GroupsAnswer struct {
	Groups map[Group]Affected `json:"groups"`
	Reason Text               `json:"reason,omitzero"`
	By     By                 `json:"by"`
}

// View is an adviser's own view.
type View struct {
	Person     string       `json:"person"`
	Likelihood Likelihood   `json:"likelihood"`
	Severity   int          `json:"severity"`
	Refuse     []string     `json:"refuse,omitempty"`
	Grounds    []ViewGround `json:"grounds,omitempty"`
	Worry      Text         `json:"worry"`
	By         By           `json:"by"`
}

// Completion is one completion.
type Completion struct {
	Basis  int           `json:"basis"`
	Person string        `json:"person"`
	Pack   string        `json:"pack"`
	Facts  string        `json:"facts"`
	Lines  []LineSummary `json:"lines"`
	Again  bool          `json:"again,omitempty"`
	By     By            `json:"by"`
	Ended  string        `json:"ended,omitempty"` // the kind of event after which it no longer stood
}

// Hit finds a hit.
func (s *State) Hit(id string) (HitState, bool) {
	for _, h := range s.Hits {
		if h.ID == id {
			return h, true
		}
	}
	return HitState{}, false
}

// OpenHits counts the hits that nobody has resolved.
func (s *State) OpenHits() int {
	n := 0
	for _, h := range s.Hits {
		if h.Open() {
			n++
		}
	}
	return n
}

// OwnView tells whether the person has recorded a view of their own, before
// which no draft and no advice of others may be shown to them.
func (s *State) OwnView(person string) bool {
	return slices.ContainsFunc(s.Views, func(v View) bool { return v.Person == person })
}

// AdviserView is the adviser's latest view, nil where there is none.
func (s *State) AdviserView() *View {
	if len(s.Views) == 0 {
		return nil
	}
	v := s.Views[len(s.Views)-1]
	return &v
}

// Author is the person who completed the assessment; empty where nobody has.
func (s *State) Author() string {
	if s.Completion == nil {
		return ""
	}
	return s.Completion.Person
}

// Input joins what the case is with what people settled in the assessment. Two
// facts that stand and disagree leave the answer unknown until one replaces the
// other.
func (s *State) Input(c Input) Input {
	out := c
	out.Lines = slices.Clone(c.Lines)
	for i := range out.Lines {
		l := &out.Lines[i]
		if k, ok := s.Classified[l.ID]; ok {
			classification := k.Classification
			l.Confirmed = &classification
		}
		if j, ok := s.Severity[l.ID]; ok {
			l.Severity = j.Severity
		}
	}
	if len(s.Screened) > 0 {
		out.Screened, out.Unsearched = s.searched(c.Parties)
	}
	if len(s.Hits) > 0 {
		out.Hits = nil
	}
	for _, h := range s.Hits {
		if h.Gone && h.Outcome != SameParty {
			continue
		}
		out.Hits = append(out.Hits, Hit{
			Party: h.Party, List: h.List, Kind: h.Kind, Entry: h.Entry, Shown: h.Details.Shown, Matched: h.Details.Matched,
			Asked: h.Details.Asked, Score: h.Score, Band: h.Band, Evidence: h.Details.Evidence, AskFor: h.Details.AskFor,
			Faint: h.Band == FaintBand, Outcome: h.Outcome, By: h.By.Account, Reason: h.Reason.Value,
		})
	}
	out.Answers = append(slices.Clone(c.Answers), s.answers()...)
	if s.Groups != nil {
		out.Groups = maps.Clone(s.Groups.Groups)
	}
	return out
}

// searched are the lists in which every one of the parties was looked for, and
// the lists that ought to have been searched and were not. A party that nobody
// has screened leaves nothing searched.
func (s *State) searched(parties []Party) (all []Searched, not []string) {
	for i, p := range parties {
		at, ok := s.Screened[p.ID]
		if !ok {
			return nil, not
		}
		x := s.Screenings[at]
		for _, n := range x.NotSearched {
			if !slices.Contains(not, n) {
				not = append(not, n)
			}
		}
		if i == 0 {
			all = slices.Clone(x.Lists)
			continue
		}
		all = slices.DeleteFunc(all, func(a Searched) bool {
			return !slices.ContainsFunc(x.Lists, func(b Searched) bool { return a.List == b.List })
		})
	}
	return all, not
}

func (s *State) answers() []Answer {
	type key struct{ fact, line, party string }
	at := map[key]int{}
	var out []Answer
	for _, f := range s.Facts {
		if !f.Stands() {
			continue
		}
		a := Answer{ID: f.ID, Fact: f.Fact, Value: f.Value, Line: f.Line, Party: f.Party, Source: f.Source(), Date: f.Date, Searched: f.Origin.Searched, Note: f.Origin.Note}
		k := key{f.Fact, f.Line, f.Party}
		i, twice := at[k]
		switch {
		case !twice:
			at[k] = len(out)
			out = append(out, a)
		case out[i].Value != a.Value:
			out[i].Value = policy.Value{}
			out[i].Source = fmt.Sprintf("sources disagree: %s; %s", out[i].Source, a.Source)
		default:
			out[i] = a
		}
	}
	return out
}
