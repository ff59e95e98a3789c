package node

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/screening"
)

// Purpose is why somebody screens outside a case's own assessment.
type Purpose string

// The purposes. An exporter screens its own customer file and nothing else.
const (
	ForCase      Purpose = "case"
	ForLicence   Purpose = "licence"
	ForCustomers Purpose = "customers" // a company's own customer file
	ForDuty      Purpose = "duty"      // a duty under law, which About names
)

// Purposes are those open to an actor, in the order in which pages show them.
func Purposes(a access.Actor) []Purpose {
	if a.Program != "" {
		return []Purpose{Purpose(a.Program)}
	}
	if a.Has(access.ExporterUser) {
		return []Purpose{ForCustomers}
	}
	return []Purpose{ForCase, ForLicence, ForDuty}
}

// kindScreening is the kind of the streams that screenings are recorded in: one
// for each person and month.
const kindScreening = "screening"

// ScreeningRecorded is the event that somebody screened. What was searched is
// not in it: a name that was looked up leaves a salted hash, with the salt in
// the part that can be erased, so that the record can answer whether a given
// name was searched without listing names.
type ScreeningRecorded struct {
	Purpose  Purpose               `json:"purpose"`
	About    string                `json:"about,omitempty"` // reference of a case or licence, or the duty
	Roles    string                `json:"roles"`           // roles that the person had
	Index    string                `json:"index"`           // hash of what was searched
	Lists    []string              `json:"lists"`           // versions searched: list and hash of its document
	Queries  int                   `json:"queries"`
	WithHits int                   `json:"with_hits"` // queries with a hit that somebody must look at
	Hits     int                   `json:"hits"`
	Query    string                `json:"query,omitempty"` // salted hash of a query that was asked by itself
	More     []string              `json:"more,omitempty"`  // of others that were asked at the same time, under the same salt
	Salt     event.Private[string] `json:"salt"`
}

// EventType implements event.Event.
func (ScreeningRecorded) EventType() string { return "screening.recorded" }

// recordedScreening is the command behind it; only this package gives it.
type recordedScreening struct {
	event func() ScreeningRecorded // as it is when the command runs
}

func recordScreening(t *Tx, c recordedScreening) error {
	if err := t.Must("", access.ScreenRun, access.Thing{}); err != nil {
		return err
	}
	e := c.event()
	if err := t.checkPurpose(&e); err != nil {
		return err
	}
	month := t.Now().Format("2006-01")
	s := event.StreamOf(kindScreening, t.Actor.Account+"-"+month)
	e.Salt = event.P(s, e.Salt.Value)
	if _, _, err := load[*screeningState](t, s); err != nil {
		return err
	}
	return t.Append([]event.New{{Stream: s, Event: e}})
}

// checkPurpose holds a purpose against who asks and against what is on record.
func (t *Tx) checkPurpose(e *ScreeningRecorded) error {
	bad := fault.New(fault.Invalid, "screen.invalid")
	open := Purposes(t.Actor)
	if t.Actor.System {
		open = []Purpose{ForCase, ForLicence, ForCustomers, ForDuty}
	}
	if !slices.Contains(open, e.Purpose) {
		return bad.Field("purpose", "screen.purpose_needed")
	}
	if t.Actor.Program != "" && e.About != t.Actor.About {
		return bad.Field("about", "screen.program_about")
	}
	if utf8.RuneCountInString(e.About) > 120 {
		return bad.Field("about", "screen.about_long")
	}
	switch e.Purpose {
	case ForCase:
		r, found, err := t.CaseReferenced(e.About)
		if err != nil {
			return err
		}
		if !found || !access.Can(t.Actor, access.CaseRead, access.Thing{Org: r.Org, Compartment: r.Compartment}) {
			return bad.Field("about", "screen.no_case")
		}
	case ForLicence:
		r, found, err := t.LicenceReferenced(e.About)
		if err != nil {
			return err
		}
		thing := access.Thing{Org: r.Org, Compartment: r.Compartment}
		if !found || !access.Can(t.Actor, access.LicenceRead, thing) && !access.Can(t.Actor, access.CustomsLook, thing) {
			return bad.Field("about", "screen.no_licence")
		}
	case ForDuty:
		if e.About == "" {
			return bad.Field("about", "screen.duty_needed")
		}
	}
	return nil
}

// hashQuery is a salted hash of what was asked, and its salt. Case, marks and
// script do not matter: the words are folded as the engine folds them.
func hashQuery(q screening.Query) (hash, salt string) {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	salt = hex.EncodeToString(b)
	return HashOfQuery(salt, q), salt
}

// HashOfQuery is the hash on record for a query under a salt: with it an auditor
// can tell whether a given name was searched.
func HashOfQuery(salt string, q screening.Query) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s", salt, strings.Join(screening.Fold(q.Name), " "), q.Country, q.Birth)
	return hex.EncodeToString(h.Sum(nil))
}

// screeningState is what one person screened in one month, in numbers.
type screeningState struct {
	Account string                     `json:"account"`
	Month   string                     `json:"month"`
	Counts  map[string]*screeningCount `json:"counts,omitempty"` // by purpose and role
}

type screeningCount struct {
	Purpose  Purpose `json:"purpose"`
	Roles    string  `json:"roles"`
	Runs     int64   `json:"runs"`
	Queries  int64   `json:"queries"`
	WithHits int64   `json:"with_hits"`
}

// Apply implements event.State.
func (s *screeningState) Apply(r event.Recorded) error {
	e, ok := r.Event.(ScreeningRecorded)
	if !ok {
		return fmt.Errorf("node: %T in the stream of screenings", r.Event)
	}
	id := r.Stream.ID()
	s.Account, s.Month = id[:max(0, len(id)-8)], id[max(0, len(id)-7):]
	if s.Counts == nil {
		s.Counts = map[string]*screeningCount{}
	}
	key := string(e.Purpose) + " " + e.Roles
	c := s.Counts[key]
	if c == nil {
		c = &screeningCount{Purpose: e.Purpose, Roles: e.Roles}
		s.Counts[key] = c
	}
	c.Runs++
	c.Queries += int64(e.Queries)
	c.WithHits += int64(e.WithHits)
	return nil
}

// Rows implements event.State.
func (s *screeningState) Rows() []event.Row {
	var rows []event.Row
	for _, key := range slices.Sorted(maps.Keys(s.Counts)) {
		c := s.Counts[key]
		rows = append(rows, event.Row{Table: "screening_month", ID: s.Account + " " + s.Month + " " + key, Columns: []event.Column{
			event.C("account", s.Account), event.C("month", s.Month), event.C("role", c.Roles), event.C("purpose", string(c.Purpose)),
			event.C("runs", c.Runs), event.C("queries", c.Queries), event.C("with_hits", c.WithHits),
		}})
	}
	return rows
}
