package node

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
)

// kindWatch is the kind of the streams that say what came to light about the
// parties of a case after its decision: one for each case.
const kindWatch = "watch"

// WatchRaised is the event that a list change, or a new address, made parties of
// a decided case look like listed ones, or no longer. It holds what is new alone:
// what was known at the decision, or was raised before, is not raised again until
// the listing or the party changes.
type WatchRaised struct {
	Hits  []WatchHit                          `json:"hits,omitempty"`
	Gone  []string                            `json:"gone,omitempty"` // ids of hits that are no longer found
	Index string                              `json:"index"`          // hash of what was searched
	Names event.Private[map[string]WatchName] `json:"names"`          // by id of hit
}

// WatchHit is one hit, without names.
type WatchHit struct {
	ID        string  `json:"id"`
	Party     string  `json:"party"`
	List      string  `json:"list"`
	Entry     string  `json:"entry"`
	EntryHash string  `json:"entry_hash"` // of the entry in that version of its list
	Band      string  `json:"band"`
	Score     float64 `json:"score"`
	PartyHash string  `json:"party_hash,omitempty"` // of what was asked
}

// WatchName is what a hit is about.
type WatchName struct {
	Asked string `json:"asked"` // the name of the party
	Shown string `json:"shown"` // the entry's
}

// WatchSettled is the event that a person said what such a hit is.
type WatchSettled struct {
	Hit     string                `json:"hit"`
	Outcome assessment.Same       `json:"outcome"`
	Reason  event.Private[string] `json:"reason"`
}

// EventType implements event.Event.
func (WatchRaised) EventType() string { return "watch.raised" }

// EventType implements event.Event.
func (WatchSettled) EventType() string { return "watch.settled" }

// raiseWatch is the command behind WatchRaised; only this package gives it.
type raiseWatch struct {
	Case  string
	Index string
	Hits  []assessment.ScreenedHit
}

// SettleWatch says whether a party of a decided case is the listed one. What
// follows for the licence is another decision.
type SettleWatch struct {
	Case, Hit string
	Outcome   assessment.Same
	Reason    string
}

func watchStream(id string) event.Stream { return event.StreamOf(kindWatch, id) }

// watchID names a hit: the same party and entry have the same.
func watchID(party, list, entry string) string {
	sum := sha256.Sum256([]byte(party + "\x00" + list + "\x00" + entry))
	return hex.EncodeToString(sum[:12])
}

func onRaiseWatch(t *Tx, c raiseWatch) error {
	if err := t.Must("", access.ListImport, access.Thing{}); err != nil {
		return err
	}
	cs, _, err := load[*licensing.Case](t, CaseStream(c.Case))
	if err != nil {
		return err
	}
	if !cs.AtRest() {
		return nil // opened again meanwhile, or withdrawn
	}
	s, _, err := load[*watchState](t, watchStream(c.Case))
	if err != nil {
		return err
	}
	known, _, err := load[*assessment.State](t, AssessmentStream(c.Case))
	if err != nil {
		return err
	}
	e := WatchRaised{Index: c.Index}
	names, found := map[string]WatchName{}, map[string]bool{}
	for _, h := range c.Hits {
		id := watchID(h.Party, h.List, h.Entry)
		found[id] = true
		if h.Faint || knownBefore(known, h) || s.has(id, h) {
			continue
		}
		e.Hits = append(e.Hits, WatchHit{id, h.Party, h.List, h.Entry, h.EntryHash, h.Band, h.Score, h.PartyHash})
		names[id] = WatchName{Asked: h.Asked, Shown: h.Shown}
	}
	for _, h := range s.Hits {
		if !h.Gone && !found[h.ID] {
			e.Gone = append(e.Gone, h.ID)
		}
	}
	if len(e.Hits)+len(e.Gone) == 0 {
		return nil
	}
	e.Names = event.P(CaseStream(c.Case), names)
	return t.Append([]event.New{{Stream: watchStream(c.Case), Event: e}})
}

// knownBefore tells whether the people who decided had the hit before them, for
// the party and the entry as they are now.
func knownBefore(s *assessment.State, h assessment.ScreenedHit) bool {
	return slices.ContainsFunc(s.Hits, func(k assessment.HitState) bool {
		return k.Party == h.Party && k.List == h.List && k.Entry == h.Entry && k.EntryHash == h.EntryHash && k.PartyHash == h.PartyHash && k.Band != assessment.FaintBand
	})
}

func settleWatch(t *Tx, c SettleWatch) error {
	cs, _, err := load[*licensing.Case](t, CaseStream(c.Case))
	if err != nil {
		return err
	}
	if cs.ID == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := t.Must(access.CaseRead, access.CaseResolve, thingOf(cs)); err != nil {
		return err
	}
	s, _, err := load[*watchState](t, watchStream(c.Case))
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(s.Hits, func(h watchedHit) bool { return h.ID == c.Hit && !h.Gone }) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	bad := fault.New(fault.Invalid, "screen.watch.invalid")
	if !slices.Contains([]assessment.Same{assessment.SameParty, assessment.Different, assessment.CantTell}, c.Outcome) {
		bad.Field("outcome", "screen.watch.outcome")
	}
	if c.Reason = strings.TrimSpace(c.Reason); c.Reason == "" || !party.Bounded(c.Reason, licensing.MaxLong) {
		bad.Field("reason", "screen.watch.reason")
	}
	if err := bad.Or(); err != nil {
		return err
	}
	return t.Append([]event.New{{Stream: watchStream(c.Case), Event: WatchSettled{c.Hit, c.Outcome, event.P(CaseStream(c.Case), c.Reason)}}})
}

// watchState is what came to light about one case.
type watchState struct {
	Case string       `json:"case"`
	Hits []watchedHit `json:"hits,omitempty"`
}

// watchedHit is a hit and what became of it.
type watchedHit struct {
	WatchHit
	Name    WatchName       `json:"name,omitzero"`
	Erased  bool            `json:"erased,omitempty"`
	Raised  time.Time       `json:"raised"`
	Gone    bool            `json:"gone,omitempty"`
	Outcome assessment.Same `json:"outcome,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	By      string          `json:"by,omitempty"`
	At      time.Time       `json:"at,omitzero"`
}

// waits tells whether a person has to look: nobody has said which it is.
func (h watchedHit) waits() bool {
	return !h.Gone && h.Outcome != assessment.SameParty && h.Outcome != assessment.Different
}

func (s *watchState) has(id string, found assessment.ScreenedHit) bool {
	return slices.ContainsFunc(s.Hits, func(h watchedHit) bool {
		return h.ID == id && h.EntryHash == found.EntryHash && (h.PartyHash == "" || h.PartyHash == found.PartyHash) && !h.Gone
	})
}

// waitsFor is how many hits of some parties wait for a person.
func (s *watchState) waitsFor(party func(id string) bool) (n int) {
	for _, h := range s.Hits {
		if h.waits() && party(h.Party) {
			n++
		}
	}
	return n
}

// Apply implements event.State.
func (s *watchState) Apply(r event.Recorded) error {
	s.Case = r.Stream.ID()
	switch e := r.Event.(type) {
	case WatchRaised:
		for _, h := range e.Hits {
			fresh := watchedHit{WatchHit: h, Name: e.Names.Value[h.ID], Erased: e.Names.Erased != nil, Raised: r.Time}
			if i := slices.IndexFunc(s.Hits, func(k watchedHit) bool { return k.ID == h.ID }); i >= 0 {
				s.Hits[i] = fresh // the listing changed: what was said of it before no longer stands
			} else {
				s.Hits = append(s.Hits, fresh)
			}
		}
		for i := range s.Hits {
			if slices.Contains(e.Gone, s.Hits[i].ID) {
				s.Hits[i].Gone = true
			}
		}
	case WatchSettled:
		for i := range s.Hits {
			if h := &s.Hits[i]; h.ID == e.Hit {
				h.Outcome, h.Reason, h.By, h.At = e.Outcome, e.Reason.Value, r.Actor, r.Time
			}
		}
	default:
		return fmt.Errorf("node: %T in a stream of what came to light", r.Event)
	}
	return nil
}

// Rows implements event.State.
func (s *watchState) Rows() []event.Row {
	if s.Case == "" {
		return nil
	}
	open, since := int64(0), time.Time{}
	for _, h := range s.Hits {
		if !h.waits() {
			continue
		}
		if open++; since.IsZero() || h.Raised.Before(since) {
			since = h.Raised
		}
	}
	return []event.Row{{Table: "watch_row", ID: s.Case, Columns: []event.Column{
		event.C("case_id", s.Case), event.C("open", open), event.C("since", since),
	}}}
}
