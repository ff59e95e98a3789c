package licensing

import (
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// A party that is to be found at another address is searched for in the lists
// with it, as an applicant's party is, before anybody can agree to the variation.

// VariationSearched says that the parties with a new address were searched for.
type VariationSearched struct {
	Variation   string         `json:"variation"`
	Index       string         `json:"index"` // hash of what was searched
	Lists       []SearchedList `json:"lists,omitempty"`
	NotSearched []string       `json:"not_searched,omitempty"`
	Alike       int            `json:"alike,omitempty"` // likenesses that ask for a person
}

// SearchedList is a list that was searched, and the day that it is of.
type SearchedList struct {
	List string        `json:"list"`
	Day  deadline.Date `json:"day,omitempty"`
}

// EventType is "licence.variation_searched".
func (VariationSearched) EventType() string { return "licence.variation_searched" }

// RecordVariationSearch records it; a job gives it.
type RecordVariationSearch struct {
	OnLicence
	VariationSearched
}

// Name is "licence.record_variation_search".
func (RecordVariationSearch) Name() string { return "licence.record_variation_search" }

// VariationSearch is when and where a variation's parties were searched for.
type VariationSearch struct {
	At          time.Time      `json:"at"`
	Lists       []SearchedList `json:"lists,omitempty"`
	NotSearched []string       `json:"not_searched,omitempty"`
	Alike       int            `json:"alike,omitempty"`
}

func (l *Licence) recordSearch(c RecordVariationSearch) (event.Event, error) {
	if v := l.Proposed(); v == nil || v.ID != c.Variation {
		return nil, fault.New(fault.Conflict, "licensing.vary.none")
	}
	return c.VariationSearched, nil
}

// settled tells whether nothing that the new addresses brought up waits for a
// person; alike is how many likenesses of the parties do.
func (v *Variation) settled(alike int) error {
	switch {
	case len(v.Addresses) == 0:
		return nil
	case v.Searched == nil:
		return fault.New(fault.Blocked, "licensing.vary.unsearched")
	case alike > 0:
		return fault.New(fault.Blocked, "licensing.vary.alike", "count", alike)
	}
	return nil
}
