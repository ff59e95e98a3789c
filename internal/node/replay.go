package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/policy"
)

// Replayed is what a decision gives when its recorded facts are put to its
// recorded pack again.
type Replayed struct {
	Case   string          `json:"case"`
	Same   bool            `json:"same"`             // findings and outcomes are the same, byte for byte
	Differ []ReplayedLine  `json:"differ,omitempty"` // lines that are not
	Gone   *event.Erasure  `json:"gone,omitempty"`   // the facts were erased: why
	Rests  licensing.Rests `json:"rests"`
	Lines  []LineFacts     `json:"lines"`

	input assessment.Input // as recorded
}

// ReplayedLine is one line whose findings are no longer the same.
type ReplayedLine struct {
	Line     string          `json:"line"`
	Recorded json.RawMessage `json:"recorded"`
	Now      json.RawMessage `json:"now"`
}

// Replay evaluates a decision's recorded facts under its recorded pack and
// compares the result with what was recorded.
func (a *App) Replay(ctx context.Context, actor access.Actor, id string) (*Replayed, error) {
	var c licensing.Case
	var facts, pack store.Document
	var gone event.Erasure
	var there, erased bool
	err := a.db.View(ctx, func(t *store.Tx) error {
		if v, err := t.Load(CaseStream(id), &c); err != nil {
			return err
		} else if v == 0 || !access.Can(actor, access.CaseReplay, thingOf(&c)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if c.Decision == nil {
			return fault.New(fault.Blocked, "node.not_decided")
		}
		gone, erased = t.Erased(CaseStream(id))
		var err error
		if facts, there, err = t.Document(c.Decision.Rests.Document); err != nil {
			return err
		}
		if !there && !erased {
			return fault.New(fault.Blocked, "node.facts_no_document", "case", c.Reference)
		}
		pack, _, err = t.DocumentOf(event.StreamOf("pack", c.Decision.Rests.PolicyPack))
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: replay")
	}
	out := &Replayed{Case: c.Reference, Rests: c.Decision.Rests}
	if len(facts.Wrapped) == 0 {
		if !erased {
			return nil, fmt.Errorf("node: replay: the facts of %s are gone and no erasure says why", c.Reference)
		}
		out.Gone = &gone
		return out, nil
	}
	doc, err := a.recordedFacts(facts.Object, c.Decision.Rests)
	if err != nil {
		return nil, fault.Wrap(err, "node: replay")
	}
	out.input = doc.Input
	p, err := a.recordedPack(pack.Object, c.Decision.Rests)
	if err != nil {
		return nil, fault.Wrap(err, "node: replay")
	}
	for _, l := range doc.Lines {
		findings := policy.Evaluate(p, doc.Day, l.Facts)
		now := LineFacts{l.Line, l.Facts, findings, policy.Resolve(p, findings, l.Facts)}
		was, err := json.Marshal(l)
		if err != nil {
			return nil, err
		}
		is, err := json.Marshal(now)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(was, is) {
			out.Differ = append(out.Differ, ReplayedLine{l.Line, was, is})
		}
		out.Lines = append(out.Lines, now)
	}
	out.Same = len(out.Differ) == 0
	return out, nil
}

// recordedFacts reads the document of facts that a decision names.
func (a *App) recordedFacts(o vault.Object, rests licensing.Rests) (*DecisionFacts, error) {
	body, err := a.readInternal(o)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != rests.Facts {
		return nil, errors.New("the document of facts is not the one that the decision names")
	}
	var doc DecisionFacts
	return &doc, json.Unmarshal(body, &doc)
}

// recordedPack reads the pack that a decision names.
func (a *App) recordedPack(o vault.Object, rests licensing.Rests) (*policy.Pack, error) {
	canonical, err := a.readInternal(o)
	if err != nil {
		return nil, err
	}
	p, err := policy.Parse(canonical)
	if err != nil {
		return nil, fmt.Errorf("the recorded pack: %w", err)
	}
	if p.Hash() != rests.PolicyPack {
		return nil, errors.New("the pack is not the one that the decision names")
	}
	return p, nil
}

// maxInternal bounds a document of our own making when it is read.
const maxInternal = 256 << 20

func (a *App) readInternal(o vault.Object) ([]byte, error) {
	r, err := a.objects.Open(o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxInternal))
}

// Difference is one thing that today's engines, lists and pack say otherwise
// than those of the day of a decision.
type Difference struct {
	Line string `json:"line,omitempty"`
	What string `json:"what"` // "rule", "standing", "hit", "pack", "control_lists", "watch_lists", "indicators"
	ID   string `json:"id,omitempty"`
	Was  string `json:"was,omitempty"`
	Now  string `json:"now,omitempty"`
	Why  string `json:"why,omitempty"` // facts that changed, named
}

// ReplayAgain puts the input of a decision to today's engines, lists and pack,
// and says what differs. It changes nothing and judges nobody: lists and rules
// of today were not there on the day of the decision.
func (a *App) ReplayAgain(ctx context.Context, actor access.Actor, id string) (*Replayed, []Difference, error) {
	r, err := a.Replay(ctx, actor, id)
	if err != nil || r.Gone != nil {
		return r, nil, err
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, nil, err
	}
	var diffs []Difference
	for _, x := range []struct{ what, was, now string }{
		{"pack", r.Rests.PolicyPack, e.Pack.Hash()},
		{"control_lists", r.Rests.ControlList, e.ControlLists},
		{"watch_lists", fmt.Sprint(r.Rests.WatchLists), fmt.Sprint(e.WatchLists)},
		{"indicators", r.Rests.Indicators, e.Indicators},
	} {
		if x.was != x.now {
			diffs = append(diffs, Difference{What: x.what, Was: x.was, Now: x.now})
		}
	}
	in := r.input
	told := map[string]bool{}
	for _, h := range in.Hits {
		told[h.Party+"/"+h.Entry] = true
	}
	in.Day = policy.DateOf(a.Now())
	report := assessment.Assess(&in, e.Assess())
	for _, p := range report.Parties {
		for _, h := range p.Hits {
			if !h.Faint && !told[h.Party+"/"+h.Entry] {
				diffs = append(diffs, Difference{What: "hit", ID: h.Entry, Now: h.Shown, Why: h.Asked})
			}
		}
	}
	for _, l := range report.Lines {
		diffs = append(diffs, lineDifferences(r, l)...)
	}
	return r, diffs, nil
}

func lineDifferences(r *Replayed, now assessment.LineReport) []Difference {
	var out []Difference
	for _, was := range r.Lines {
		if was.Line != now.Line {
			continue
		}
		if was.Outcome.Standing != now.Outcome.Standing {
			out = append(out, Difference{Line: was.Line, What: "standing", Was: string(was.Outcome.Standing), Now: string(now.Outcome.Standing)})
		}
		status := map[string]policy.Finding{}
		for _, f := range was.Findings {
			status[f.Rule] = f
		}
		for _, f := range now.Findings {
			if old, ok := status[f.Rule]; !ok || old.Status != f.Status {
				out = append(out, Difference{Line: was.Line, What: "rule", ID: f.Rule, Was: string(old.Status), Now: string(f.Status), Why: changedFacts(was.Facts, now.Facts)})
			}
		}
	}
	return out
}

// changedFacts names the facts whose values differ.
func changedFacts(was, now policy.Facts) string {
	names := map[string]bool{}
	for n, f := range was {
		if now[n].Value != f.Value {
			names[n] = true
		}
	}
	for n, f := range now {
		if was[n].Value != f.Value {
			names[n] = true
		}
	}
	list := make([]string, 0, len(names))
	for n := range names {
		list = append(list, n)
	}
	sort.Strings(list)
	return fmt.Sprint(list)
}
