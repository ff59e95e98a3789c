package interests

import (
	"testing"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

var rules = Rules{ConfirmDays: 365, Natures: []Nature{{ID: "shares", Blocks: true, After: 365}, {ID: "other"}}}

const today = deadline.Date("2026-11-23")

func fold(t *testing.T, r *Register, events []event.New) {
	t.Helper()
	for _, e := range events {
		if err := r.Apply(event.Recorded{Stream: e.Stream, Event: e.Event, Actor: "me", Time: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDecide(t *testing.T) {
	about := About{Name: "Norland Radio Systems"}
	for name, c := range map[string]struct {
		cmd  any
		good bool
	}{
		"declared":               {Declare{Account: "me", ID: "1", Nature: "shares", About: about}, true},
		"with a period":          {Declare{Account: "me", ID: "1", Nature: "other", From: "2020-01-01", Until: "2021-01-01", About: about}, true},
		"no nature":              {Declare{Account: "me", ID: "1", About: about}, false},
		"a nature of nobody":     {Declare{Account: "me", ID: "1", Nature: "x", About: about}, false},
		"no name":                {Declare{Account: "me", ID: "1", Nature: "shares", About: About{Name: " - "}}, false},
		"from tomorrow":          {Declare{Account: "me", ID: "1", Nature: "shares", From: "2026-11-24", About: about}, false},
		"ended before it began":  {Declare{Account: "me", ID: "1", Nature: "shares", From: "2020-01-01", Until: "2019-01-01", About: about}, false},
		"twice":                  {Declare{Account: "me", ID: "0", Nature: "shares", About: about}, false},
		"ended":                  {End{Account: "me", ID: "0", Until: today}, true},
		"ended tomorrow":         {End{Account: "me", ID: "0", Until: "2026-11-24"}, false},
		"ended, and never there": {End{Account: "me", ID: "x", Until: today}, false},
		"confirmed":              {Confirm{Account: "me"}, true},
		"not a command":          {3, false},
	} {
		r := &Register{}
		first, err := Decide(r, Declare{Account: "me", ID: "0", Nature: "other", From: "2020-01-01", About: about}, rules, today)
		if err != nil {
			t.Fatal(err)
		}
		fold(t, r, first)
		events, err := Decide(r, c.cmd, rules, today)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
		fold(t, r, events)
		if rows := r.Rows(); len(rows) != 1 || rows[0].Table != "duty_row" {
			t.Errorf("%s: rows %v", name, rows)
		}
		if _, ok := c.cmd.(Confirm); ok && r.Due != "2027-11-23" {
			t.Errorf("to be confirmed again on %s", r.Due)
		}
	}
}

func TestTouching(t *testing.T) {
	subjects := SubjectsOf([]party.Party{{
		Names: []party.Name{{Text: "Министерство юстиции Карсовии", Latin: "Ministry of Justice of Karsovia"}}, Identifiers: []party.Identifier{{Value: "HRB 12-345"}},
		Ownership: party.Ownership{Owners: []party.Owner{{Names: []party.Name{{Text: "Holm Holding"}}}}},
	}})
	for name, c := range map[string]struct {
		i    Interest
		want Fact
	}{
		"the number, parted otherwise": {Interest{Nature: "shares", About: About{Name: "Something else", Identifier: "hrb12345"}}, SameIdentifier},
		"the name, in another order":   {Interest{Nature: "shares", About: About{Name: "Karsovia, Ministry of Justice of"}}, SameName},
		"the name within":              {Interest{Nature: "shares", About: About{Name: "Ministry of Justice"}}, WithinName},
		"an owner":                     {Interest{Nature: "shares", About: About{Name: "HOLM HOLDING"}}, SameName},
		"one word of many":             {Interest{Nature: "shares", About: About{Name: "Karsovia"}}, ""},
		"another":                      {Interest{Nature: "shares", About: About{Name: "Ministry of Health"}}, ""},
		"ended long ago":               {Interest{Nature: "shares", Until: "2020-01-01", About: About{Name: "Holm Holding"}}, ""},
		"ended lately":                 {Interest{Nature: "shares", Until: "2026-06-01", About: About{Name: "Holm Holding"}}, SameName},
		"ended, and no longer counts":  {Interest{Nature: "other", Until: "2026-06-01", About: About{Name: "Holm Holding"}}, ""},
		"erased":                       {Interest{Nature: "shares", Erased: &event.Erasure{}, About: About{Name: "Holm Holding"}}, ""},
	} {
		got := (&Register{Interests: []Interest{c.i}}).Touching(subjects, rules, today)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Fact != c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add([]byte("confirm_days = 365\nremind_days = 14\n[[nature]]\nid = \"shares\"\nblocks = true\n"))
	f.Add([]byte("confirm_days = 0"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := ParseRules(raw); err == nil && (r.ConfirmDays < 1 || len(r.Natures) == 0) {
			t.Errorf("%+v", r)
		}
	})
}
