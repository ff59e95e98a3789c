package licensing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
)

// erase destroys the key of an owner and folds again.
func (w *world) erase(owner event.Stream) event.Erasure {
	e := event.Erasure{Time: time.Date(2031, 11, 24, 0, 0, 0, 0, time.UTC), Rule: "retention/party"}
	w.erased[owner] = e
	w.fold()
	return e
}

// readable is everything that can still be read of a world: states and rows.
func (w *world) readable() string {
	b, err := json.Marshal([]any{w.c, w.l, w.c.Rows(), w.l.Rows()})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

func TestErasedPersonsLeaveStateRowsAndSearch(t *testing.T) {
	for owner, words := range map[event.Stream][]string{
		"party/party-3":    {"Mira Solano", "12 Harbour Row"},
		"party/owner-1":    {"Viktor Palm"},
		"party/sig-1":      {"Oleh Marchenko"},
		"account/exporter": {"ada@example.org", "Ada Quill"},
	} {
		t.Run(string(owner), func(t *testing.T) {
			w := newWorld(t)
			issued(w)
			before := w.readable()
			for _, s := range words {
				if !strings.Contains(before, s) {
					t.Fatalf("%q is not there to begin with", s)
				}
			}
			w.erase(owner)
			after := w.readable()
			for _, s := range words {
				if strings.Contains(after, s) {
					t.Errorf("%q is still there", s)
				}
			}
			for _, s := range []string{"Delta Secure FZE", "IMSI catcher, vehicle unit", "retention/party"} {
				if !strings.Contains(after, s) {
					t.Errorf("%q went too", s)
				}
			}
		})
	}
	w := newWorld(t)
	issued(w)
	people := func() map[string]string {
		out := map[string]string{}
		for _, r := range w.c.Rows() {
			if r.Table == "case_person" {
				out[r.Columns[1].Value.(string)] = fmt.Sprint(r.Columns[2].Value, r.Columns[3].Value, r.Columns[4].Value)
			}
		}
		return out
	}
	held := people()
	for owner, role := range map[string]string{"party-3": "agent", "owner-1": "owner", "sig-1": "signatory"} {
		if !strings.Contains(held[owner], role) || !strings.HasSuffix(held[owner], "false") {
			t.Errorf("%s is held as %q", owner, held[owner])
		}
		w.erase(event.Stream("party/" + owner))
		if got := people()[owner]; !strings.HasSuffix(got, "true") {
			t.Errorf("%s, erased, is held as %q", owner, got)
		}
	}
	w = newWorld(t)
	issued(w)
	e := w.erase("party/party-3")
	if got := w.c.Current().ErasedPart("party-3"); got == nil || *got != e {
		t.Errorf("the version says %+v", got)
	}
	if w.c.Current().ErasedPart("party-1") != nil {
		t.Error("another party reads as erased")
	}
}

func TestAnErasedCaseKeepsCodesAndOutcome(t *testing.T) {
	w := newWorld(t)
	intended(w)
	w.do(exporter, licensing.ApplicantReplies{On: on, Text: "We disagree."}).do(officer, licensing.WeighReply{On: on, Text: "It changes nothing."})
	w.do(officer, weighed(decide(licensing.RefuseLine)))
	e := w.erase("case/case-1")
	after := w.readable()
	for _, s := range []string{"Six vehicle units", "IMSI catcher, vehicle unit", "Delta Secure", "Міністерство", "We disagree.", "Nothing on record shows it.", "No warrant in law.", "clear risk", "Because ...", "We ask you", "Search for missing"} {
		if strings.Contains(after, s) {
			t.Errorf("%q is still there", s)
		}
	}
	v, d := w.c.Current(), w.c.Decision
	if v.Erased == nil || *v.Erased != e || d.Erased == nil || w.c.Advice[0].Erased == nil || w.c.Intended.Erased == nil || w.c.Intended.Replies[0].Erased == nil {
		t.Error("not every text says when and why it went")
	}
	if d.Outcome != licensing.OutcomeRefused || d.Lines[0].Grounds[0] != "CP2-a" || v.App.Lines[0].ClaimedCode != "5A001.f" || v.App.Parties[0].Country != "XA" {
		t.Errorf("codes and grounds are gone: %+v", d)
	}
	if value, currency := v.App.Value(); value != 310_000_000 || currency != "EUR" {
		t.Errorf("value %d %s", value, currency)
	}
	if got := column(t, w.c.Rows(), "case_row", "erased"); got != true {
		t.Error("the row does not say so")
	}
	if got := column(t, w.c.Rows(), "search", "text"); strings.Contains(got.(string), "\n") && strings.Contains(got.(string), "NR-6") {
		t.Errorf("search finds %q", got)
	}
}

func TestAnErasedLicenceStillAnswers(t *testing.T) {
	w := newWorld(t)
	issued(w)
	w.licence(node, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-l", Hash: hash})
	w.erase("licence/licence-1")
	if a := licensing.PublicCheck(w.l, w.l.CodeHash, w.now.AddDate(0, 0, 2), nil); !a.Genuine || a.Status != licensing.Valid || a.Hash != hash {
		t.Errorf("%+v", a)
	}
	if w.l.Erased == nil || w.l.Title != "" || w.l.Lines[0].Description != "" || w.l.Lines[0].Quantity != 6000 {
		t.Errorf("%+v", w.l)
	}
}
