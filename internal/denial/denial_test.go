package denial_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/denial"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// A notice is proposed by one and let out by another, kept after years, changed,
// taken back; what is to be done next stands on somebody's list with its day.
func TestANoticeFromDraftToItsEnd(t *testing.T) {
	on := denial.OnNotice{Case: "c1"}
	content := denial.Content{
		Parties: []denial.Refused{{ID: "ministry", Role: "end_user", Names: []string{"Ministry"}}, {ID: "delta", Role: "integrator", Names: []string{"Delta Secure FZE"}}},
		Items:   []string{"imsi_catcher"}, Grounds: []string{"CP2-a"},
	}
	open := denial.Open{OnNotice: on, Reference: "XN-D-2026-0001", CaseRef: "XN-2026-0001", Country: "XR", Content: content}
	words := denial.Words{Use: "Search for phones", How: "by file"}
	propose := denial.Propose{OnNotice: on, To: []string{"XW", "XA", "XA"}, Without: []string{"delta", "nobody"}, Words: words}
	again := propose
	again.Without, again.Words.Why = nil, "The integrator is known now."
	release := denial.Release{OnNotice: on}
	keep, back := denial.Keep{OnNotice: on, Why: "The unit is the same."}, denial.TakeBack{OnNotice: on, Why: "The unit was dissolved."}
	var n denial.Notice
	refused := func(who string, cmd denial.Command, key string) {
		t.Helper()
		var f *fault.Error
		if _, err := denial.Decide(&n, cmd, denial.Facts{Actor: who, State: "XN", Today: "2026-11-09", Due: "2026-12-09", Review: "2029-11-08"}); !errors.As(err, &f) || f.Key != key && (len(f.Fields) == 0 || f.Fields[0].Key != key) {
			t.Errorf("%T: %v, want %s", cmd, err, key)
		}
	}
	does := func(who string, cmd denial.Command, want ...string) {
		t.Helper()
		events, err := denial.Decide(&n, cmd, denial.Facts{Actor: who, State: "XN", Today: "2026-11-09", Due: "2026-12-09", Review: "2029-11-08"})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if err := n.Apply(event.Recorded{Stream: e.Stream, Actor: who, Time: time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC), Event: e.Event}); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, r := range n.Rows() {
			if r.Table == "duty_row" {
				got = []string{r.Columns[1].Value.(string), r.Columns[2].Value.(string), r.Columns[6].Value.(string)}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %T: %v, want %v", cmd, got, want)
		}
	}
	refused("officer", propose, "fault.not_found")
	does("officer", denial.Open{OnNotice: on}) // nothing was refused
	does("officer", open, "licensing_officer", "denial", "2026-12-09")
	refused("officer", keep, "denial.status.draft")
	refused("senior", release, "denial.status.draft")
	for key, change := range map[string]func(*denial.Propose){
		"denial.missing.to":     func(c *denial.Propose) { c.To = nil },
		"party.country.unknown": func(c *denial.Propose) { c.To = []string{"Alvania"} },
		"denial.to_whom":        func(c *denial.Propose) { c.To = []string{"XR"} },
		"denial.nobody":         func(c *denial.Propose) { c.Without = []string{"ministry", "delta"} },
		"denial.missing.use":    func(c *denial.Propose) { c.Words.Use = " " },
		"denial.missing.how":    func(c *denial.Propose) { c.Words.How = "" },
	} {
		c := propose
		change(&c)
		refused("officer", c, key)
	}
	does("officer", propose, "senior_officer", "denial_look", "2026-12-09")
	refused("officer", release, "denial.second_person")
	refused("senior", denial.Return{OnNotice: on}, "denial.missing.why")
	does("senior", denial.Return{OnNotice: on, Why: "Westmark has no interest."}, "licensing_officer", "denial", "2026-12-09")
	does("officer", propose, "senior_officer", "denial_look", "2026-12-09")
	does("senior", release, "licensing_officer", "denial_review", "2029-11-08")
	if v := n.Stands; !slices.Equal(v.To, []string{"XA", "XW"}) || len(v.Content.Parties) != 1 || len(n.Content.Parties) != 2 {
		t.Errorf("partners were told %+v", v)
	}
	refused("officer", denial.Keep{OnNotice: on}, "denial.missing.why")
	does("officer", keep, "licensing_officer", "denial_review", "2029-11-08")
	refused("officer", propose, "denial.missing.why")
	does("officer", again, "senior_officer", "denial_look", "2026-12-09")
	if len(n.Stands.Content.Parties) != 1 {
		t.Error("what was told changed before the second person looked")
	}
	does("senior", release, "licensing_officer", "denial_review", "2029-11-08")
	// A later decision grants: there is nothing to tell, but something to take back.
	does("officer", denial.Open{OnNotice: on, Reference: "another", CaseRef: "XN-2026-0001", Country: "XR"}, "licensing_officer", "denial", "2026-12-09")
	refused("officer", again, "denial.nothing")
	does("officer", back)
	refused("officer", back, "denial.status.ended")
	if n.Reference != "XN-D-2026-0001" || !slices.Equal(n.Was(), []string{"XA", "XW"}) {
		t.Errorf("%s was told to %v", n.Reference, n.Was())
	}
}
