package nodetest

import (
	"context"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

// Tariff is the tariff code of the line of Licence.
const Tariff = "8523.49"

// Licence carries the worked case of the newspaper's encryption to a licence for
// six items, valid from today for two years.
func (h *House) Licence(conditions ...licensing.Condition) *licensing.Licence {
	h.T.Helper()
	return h.issue("individual", licensing.Issue, conditions...)
}

// NotRequired carries the same case to the finding that no licence is needed and
// returns the case's reference.
func (h *House) NotRequired() string {
	h.T.Helper()
	return h.issue("individual", licensing.LineNotNeeded).CaseRef
}

// Undertaking carries a notification of the same to the finding that no licence
// is needed under conditions, and returns the undertaking.
func (h *House) Undertaking(conditions ...licensing.Condition) *licensing.Licence {
	h.T.Helper()
	return h.issue("notification", licensing.Undertaken, conditions...)
}

func (h *House) issue(kind string, outcome licensing.Outcome, conditions ...licensing.Condition) *licensing.Licence {
	h.T.Helper()
	in := Example(h.T, "12")
	a := h.ApplicationOf(kind, in)
	for i := range a.Lines {
		a.Lines[i].Tariff, a.Lines[i].TariffAsOf = Tariff, "2026-01-01"
	}
	id := h.Submit(a)
	h.Settle(id, in)
	h.Complete(id, in)
	on := licensing.On{Case: id}
	outcomes := []licensing.LineOutcome{{Line: in.Lines[0].ID, Outcome: outcome}}
	h.Do(h.Officer, licensing.Recommend{On: on, Outcomes: outcomes, Conditions: conditions, Reasons: "It protects those who use it."})
	h.Do(h.Senior, licensing.Countersign{On: on, Agree: true})
	from := deadline.DateOf(h.App.Now(), nil)
	cmd := licensing.DecideCase{
		On: on, Outcomes: outcomes, Conditions: conditions, Reasons: "As recommended.", Redress: "2026-11-22",
		ToApplicant: []licensing.ReleasedReason{{Ground: "COC-4a", Text: "It protects those who use it."}},
	}
	l := node.NewID()
	if outcome == licensing.Issue {
		cmd.Licence = &licensing.NewLicence{ID: l, Code: "0123456789ABCDEF" + l[len(l)-8:], From: from, Until: from.Add(730)}
	}
	h.Do(h.Officer, cmd)
	switch outcome {
	case licensing.Issue:
		return h.Issued(l)
	case licensing.Undertaken:
		return h.read(licensing.OnUndertaking(id))
	}
	return &licensing.Licence{CaseRef: h.File(h.Officer, id).Case.Reference}
}

// Issued reads a licence.
func (h *House) Issued(id string) *licensing.Licence {
	h.T.Helper()
	return h.read(licensing.OnLicence{Licence: id})
}

func (h *House) read(on licensing.OnLicence) *licensing.Licence {
	h.T.Helper()
	l := &licensing.Licence{}
	if err := h.App.Store().View(context.Background(), func(t *store.Tx) error {
		_, err := t.Load(on.Stream(), l)
		return err
	}); err != nil {
		h.T.Fatal(err)
	}
	return l
}
