package notice

import (
	"slices"
	"time"

	"github.com/comity-project/comity/internal/fault"
)

// Settings are how one person wants to be told. The zero value is what a kind
// says by itself, in the node's language and zone, at any hour.
type Settings struct {
	Language  string         `json:"language,omitempty"` // "" : the node's
	Zone      string         `json:"zone,omitempty"`     // name of a time zone; "": the node's
	QuietFrom int            `json:"quiet_from"`         // hours of the day between which no mail is sent;
	QuietTo   int            `json:"quiet_to"`           // the same: at any hour
	Hour      int            `json:"hour"`               // of the daily mail
	Ways      map[string]Way `json:"ways,omitempty"`     // by kind
}

// Unset are the settings of who has chosen none: a daily mail in the morning.
func Unset() Settings { return Settings{Hour: 7} }

// Way is how a person is told of a kind. What was chosen before a kind had to be
// told counts as a mail a day.
func (s Settings) Way(k Kind) Way {
	w, chosen := s.Ways[k.ID]
	switch {
	case !chosen:
		return k.Way
	case w == Never && k.Must:
		return Daily
	}
	return w
}

// Least turns off every mail that may be turned off, and puts the rest into one
// a day.
func (s *Settings) Least(rules Rules) {
	s.Ways = map[string]Way{}
	for _, k := range rules.Kinds {
		s.Ways[k.ID] = Never
		if k.Must {
			s.Ways[k.ID] = Daily
		}
	}
}

// Gather puts every mail into one a day, and leaves off what was off.
func (s *Settings) Gather(rules Rules) {
	ways := map[string]Way{}
	for _, k := range rules.Kinds {
		ways[k.ID] = Daily
		if s.Way(k) == Never {
			ways[k.ID] = Never
		}
	}
	s.Ways = ways
}

// Check says what is wrong with settings. Languages are those there are; zones
// tells whether a zone is known.
func (s Settings) Check(rules Rules, languages []string, zones func(string) bool) error {
	bad := fault.New(fault.Invalid, "notice.invalid")
	hour := func(field string, h int) {
		if h < 0 || h > 23 {
			bad.Field(field, "notice.hour")
		}
	}
	hour("quiet_from", s.QuietFrom)
	hour("quiet_to", s.QuietTo)
	hour("hour", s.Hour)
	if s.Language != "" && !slices.Contains(languages, s.Language) {
		bad.Field("language", "notice.language")
	}
	if s.Zone != "" && (len(s.Zone) > 64 || !zones(s.Zone)) {
		bad.Field("zone", "notice.zone")
	}
	for id, w := range s.Ways {
		k, known := rules.Kind(id)
		if !known || !slices.Contains(k.Ways(), w) {
			bad.Field("way."+id, "notice.way")
		}
	}
	return bad.Or()
}

// SendAt is when a mail that is ready may go: at once, or when the quiet hours
// that it falls in end.
func (s Settings) SendAt(ready time.Time, zone *time.Location) time.Time {
	if s.QuietFrom == s.QuietTo {
		return ready
	}
	local := ready.In(zone)
	h := local.Hour()
	quiet := h >= s.QuietFrom && h < s.QuietTo
	if s.QuietFrom > s.QuietTo {
		quiet = h >= s.QuietFrom || h < s.QuietTo
	}
	if !quiet {
		return ready
	}
	end := time.Date(local.Year(), local.Month(), local.Day(), s.QuietTo, 0, 0, 0, zone)
	if !end.After(ready) {
		end = time.Date(local.Year(), local.Month(), local.Day()+1, s.QuietTo, 0, 0, 0, zone)
	}
	return end
}

// DailyDue tells whether the daily mail is due: its hour has come today and none
// went today. Days are ISO days in the person's zone.
func (s Settings) DailyDue(now time.Time, zone *time.Location, last string) (day string, due bool) {
	local := now.In(zone)
	day = local.Format(time.DateOnly)
	return day, local.Hour() >= s.Hour && last < day
}
