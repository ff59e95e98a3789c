package denial_test

import (
	"errors"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/denial"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// A notice is told, kept after years, taken back; each once and in this order, and
// what is to be done by which day stands on a list.
func TestANoticeFromDraftToItsEnd(t *testing.T) {
	on := denial.OnNotice{Case: "c1"}
	tell := denial.Tell{OnNotice: on, To: []string{"XA", "XW"}, How: "by file"}
	keep, back := denial.Keep{OnNotice: on, Why: "The unit is the same."}, denial.TakeBack{OnNotice: on, Why: "The unit was dissolved."}
	var n denial.Notice
	apply := func(e event.Event) {
		t.Helper()
		if err := n.Apply(event.Recorded{Stream: on.Stream(), Actor: "officer", Time: time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC), Event: e}); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(cmd denial.Command, key string) {
		t.Helper()
		var f *fault.Error
		if _, err := denial.Decide(&n, cmd, "2029-11-09"); !errors.As(err, &f) || f.Key != key {
			t.Errorf("%T: %v, want %s", cmd, err, key)
		}
	}
	does := func(cmd denial.Command, kind, due string) {
		t.Helper()
		events, err := denial.Decide(&n, cmd, "2029-11-09")
		if err != nil {
			t.Fatal(err)
		}
		apply(events[0].Event)
		rows := n.Rows()
		if kind == "" {
			if len(rows) != 0 {
				t.Errorf("something is still to be done: %v", rows)
			}
			return
		}
		if got := rows[0].Columns; got[2].Value != kind || got[6].Value != due {
			t.Errorf("%v is to be done by %v", got[2].Value, got[6].Value)
		}
	}
	refused(tell, "fault.not_found")
	apply(denial.Opened{Reference: "XN-D-2026-0001", Case: "c1", CaseRef: "XN-2026-0001", Country: "XR", Day: "2026-11-09", Due: "2026-12-09"})
	if got := n.Rows()[0].Columns; got[1].Value != "licensing_officer" || got[2].Value != "denial" || got[6].Value != "2026-12-09" {
		t.Errorf("to be told: %v", got)
	}
	refused(keep, "denial.status.draft")
	refused(denial.Tell{OnNotice: on, How: "by file"}, "denial.invalid")
	refused(denial.Tell{OnNotice: on, To: []string{"Alvania"}, How: "by file"}, "denial.invalid")
	does(tell, "denial_review", "2029-11-09")
	refused(tell, "denial.status.valid")
	refused(denial.Keep{OnNotice: on}, "denial.invalid")
	does(keep, "denial_review", "2029-11-09")
	does(back, "", "")
	refused(back, "denial.status.ended")
}
