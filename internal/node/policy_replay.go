package node

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// kept is a decision's facts in the small form that replays read.
type kept struct {
	day, pack, names string
	lines            []byte
}

// keptOf packs what the lines of a case rested on.
func keptOf(p *policy.Pack, day policy.Date, in *assessment.Input, lines []LineFacts) kept {
	k := kept{day: string(day), pack: p.Hash(), names: strings.Join(p.FactNames(), " ")}
	for _, l := range lines {
		k.lines = policy.AppendKept(k.lines, policy.Kept{
			Line: l.Line, Destination: in.DestinationOf(l.Line), Standing: l.Outcome.Standing, Because: l.Outcome.Because,
			Values: policy.PackValues(p, l.Facts),
		})
	}
	return k
}

func keepFacts(t *store.Tx, id string, decided time.Time, k kept) error {
	sum := sha256.Sum256([]byte(k.names))
	key := hex.EncodeToString(sum[:8])
	if err := t.KeepNames(key, k.names); err != nil {
		return fault.Wrap(err, "node: names of facts")
	}
	return fault.Wrap(t.KeepFacts(store.DecidedFacts{Case: id, Decided: decided, Day: k.day, Pack: k.pack, Names: key, Lines: k.lines}), "node: facts of a decision")
}

// remaking makes the small form of decisions' facts anew, from the documents
// that they name. Where this node has no such document, as of a generated case
// or after an import of the ledger alone, what was kept stays.
type remaking struct {
	app   *App
	packs map[string]*policy.Pack // by hash
}

func (m *remaking) remake(t *store.Tx, state event.State) error {
	c, ok := state.(*licensing.Case)
	if !ok || c.Decision == nil {
		return nil
	}
	rests := c.Decision.Rests
	facts, _, err := t.Document(rests.Document)
	if err != nil || len(facts.Wrapped) == 0 {
		return err
	}
	if m.packs[rests.PolicyPack] == nil {
		d, _, err := t.DocumentOf(event.StreamOf("pack", rests.PolicyPack))
		if err == nil {
			m.packs[rests.PolicyPack], err = m.app.recordedPack(d.Object, rests)
		}
		if err != nil {
			return fault.Wrap(err, "node: facts of %s", c.Reference)
		}
	}
	doc, err := m.app.recordedFacts(facts.Object, rests)
	if err != nil {
		return fault.Wrap(err, "node: facts of %s", c.Reference)
	}
	return keepFacts(t, c.ID, c.Decision.At, keptOf(m.packs[rests.PolicyPack], doc.Day, &doc.Input, doc.Lines))
}

// PackReplay is what past decisions would have come to under another pack. It
// changes nothing and judges nobody: the pack was not there on their day.
type PackReplay struct {
	Pack    string      `json:"pack"` // hash
	ID      string      `json:"id"`
	Version string      `json:"version"`
	Since   policy.Date `json:"since,omitempty"`

	Cases      int64 `json:"cases"` // put to the pack
	Lines      int64 `json:"lines"`
	Moved      int64 `json:"moved"`      // cases with a line that would stand elsewhere
	Regrounded int64 `json:"regrounded"` // lines that stand where they stood, on other rules
	Without    int64 `json:"without"`    // decided cases of which no facts are kept, or no longer

	Destinations []Tally        `json:"destinations,omitempty"`
	Categories   []Tally        `json:"categories,omitempty"`
	Rules        []Tally        `json:"rules,omitempty"`
	Moves        rulebook.Moves `json:"moves"`           // what moves, as one digest for each compartment
	Flips        []CaseFlip     `json:"flips,omitempty"` // at most MaxFlips, in the order of the decisions
	Lost         int64          `json:"lost,omitempty"`  // flips beyond those: counted, not listed

	last time.Time // when the last decision among them was made
}

// MaxFlips is how many flips a replay lists; all are counted.
const MaxFlips = 10_000

// Tally counts the lines that would move, by one key, most first.
type Tally struct {
	Key     string `json:"key"` // country code, kind of item or rule; "" where not known
	Flips   int64  `json:"flips"`
	Release int64  `json:"release"` // of these, towards release
}

// CaseFlip is a line of a case that would stand elsewhere.
type CaseFlip struct {
	Case      string    `json:"case"` // id
	Reference string    `json:"reference"`
	Decided   time.Time `json:"decided"`
	Outcome   string    `json:"outcome"` // as the case was decided
	policy.Flip

	compartment string
}

// replayBatch is how many cases are read at once.
const replayBatch = 2000

// ReplayPack puts every decided case that the actor may replay to a pack.
func (a *App) ReplayPack(ctx context.Context, actor access.Actor, p *policy.Pack, since policy.Date, progress Progress) (*PackReplay, error) {
	scope := access.ScopeOf(actor, access.CaseReplay)
	if scope.Empty() {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	from, err := dayStart(since)
	if err != nil {
		return nil, err
	}
	r := replaying{pack: p, tallies: [3]map[string]*Tally{{}, {}, {}}, digests: map[string]hash.Hash{}}
	r.out = PackReplay{Pack: p.Hash(), ID: p.ID(), Version: p.Version(), Since: since}
	err = a.db.View(ctx, func(t *store.Tx) error {
		kept, all, err := t.CountDecided(scope, from)
		if err != nil {
			return err
		}
		r.out.Without = all - kept
		if r.names, err = t.FactNames(); err != nil {
			return err
		}
		return r.read(t, store.Decided{Scope: scope, Since: from, Limit: replayBatch}, func(done int64) {
			if progress != nil {
				progress(done, max(kept, done))
			}
		})
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: replay of decisions")
	}
	r.out.Destinations, r.out.Categories, r.out.Rules = sortTally(r.tallies[0]), sortTally(r.tallies[1]), sortTally(r.tallies[2])
	r.out.Moves = rulebook.Moves{}
	for compartment, h := range r.digests {
		r.out.Moves[compartment] = hex.EncodeToString(h.Sum(nil)[:16])
	}
	return &r.out, nil
}

func dayStart(d policy.Date) (time.Time, error) {
	if d == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return t, fault.New(fault.Invalid, "policy.replay.invalid").Field("since", "policy.replay.since")
	}
	return t, nil
}

// replaying is one call of ReplayPack: one goroutine reads, some evaluate, and
// what they find is put together in the order of the decisions.
type replaying struct {
	pack    *policy.Pack
	names   map[string]string
	out     PackReplay
	tallies [3]map[string]*Tally // by destination, kind of item, rule
	digests map[string]hash.Hash // by compartment
}

// found is what one batch came to.
type found struct {
	cases, lines, regrounded int64
	last                     time.Time
	flips                    []CaseFlip
	err                      error
}

func (r *replaying) read(t *store.Tx, q store.Decided, progress func(int64)) error {
	type job struct {
		batch []store.DecidedCase
		done  chan found
	}
	jobs := make(chan job)
	order := make(chan chan found, 2*runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			replays := map[string]*policy.Replay{}
			for j := range jobs {
				j.done <- r.evaluate(j.batch, replays)
			}
		})
	}
	var failed error
	var collecting sync.WaitGroup
	collecting.Go(func() {
		for done := range order {
			f := <-done
			failed = cmp.Or(failed, f.err)
			r.add(f)
			progress(r.out.Cases)
		}
	})
	var err error
	for {
		var batch []store.DecidedCase
		if batch, err = t.DecidedCases(q); err != nil || len(batch) == 0 {
			break
		}
		q.After = batch[len(batch)-1]
		done := make(chan found, 1)
		order <- done
		jobs <- job{batch, done}
	}
	close(jobs)
	workers.Wait()
	close(order)
	collecting.Wait()
	return cmp.Or(err, failed)
}

// evaluate puts a batch to the pack. replays holds one for each order of names.
func (r *replaying) evaluate(batch []store.DecidedCase, replays map[string]*policy.Replay) found {
	f := found{cases: int64(len(batch)), last: batch[len(batch)-1].Decided}
	for _, c := range batch {
		replay, ok := replays[c.Names]
		if !ok {
			replay = policy.NewReplay(r.pack, strings.Fields(r.names[c.Names]))
			replays[c.Names] = replay
		}
		lines, err := policy.ReadKept(c.Lines)
		if err != nil {
			f.err = fault.Wrap(err, "facts of %s", c.Reference)
			return f
		}
		f.lines += int64(len(lines))
		for _, k := range lines {
			flip, other, err := replay.Line(policy.Date(c.Day), k)
			if err != nil {
				f.err = fault.Wrap(err, "facts of %s", c.Reference)
				return f
			}
			if other {
				f.regrounded++
			}
			if flip != nil {
				f.flips = append(f.flips, CaseFlip{Case: c.Case, Reference: c.Reference, Decided: c.Decided, Outcome: c.Outcome, Flip: *flip, compartment: c.Compartment})
			}
		}
	}
	return f
}

func (r *replaying) add(f found) {
	r.out.Cases += f.cases
	r.out.Lines += f.lines
	r.out.Regrounded += f.regrounded
	r.out.last = f.last
	last := ""
	for _, x := range f.flips {
		if x.Case != last {
			last = x.Case
			r.out.Moved++
		}
		if r.digests[x.compartment] == nil {
			r.digests[x.compartment] = sha256.New()
		}
		fmt.Fprintf(r.digests[x.compartment], "%s %q %s\n", x.Case, x.Line, x.Now)
		release := x.Now.Rank() < x.Was.Rank()
		r.tally(0, x.Destination, release)
		r.tally(1, x.Category, release)
		for _, reason := range x.Rules {
			r.tally(2, reason.Rule, release)
		}
		for _, id := range x.Gone {
			r.tally(2, id, release)
		}
		if len(r.out.Flips) == MaxFlips {
			r.out.Lost++
			continue
		}
		r.out.Flips = append(r.out.Flips, x)
	}
}

func (r *replaying) tally(by int, key string, release bool) {
	t := r.tallies[by][key]
	if t == nil {
		t = &Tally{Key: key}
		r.tallies[by][key] = t
	}
	t.Flips++
	if release {
		t.Release++
	}
}

func sortTally(m map[string]*Tally) []Tally {
	out := make([]Tally, 0, len(m))
	for _, t := range m {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Tally) int { return cmp.Or(cmp.Compare(b.Flips, a.Flips), strings.Compare(a.Key, b.Key)) })
	return out
}
