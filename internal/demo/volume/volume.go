// Package volume makes large states: any number of made-up cases at every
// stage, to see how the program behaves with years of work in it. Commands take
// the way that people's commands take (access, Decide, sealing, chain, fold);
// only the facts they rest on are made up too, and there are no letters, jobs
// or documents. The same seed makes the same cases; keys, salts and the ids of
// commands are random as always.
package volume

import (
	"context"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/policy"
)

//go:embed pack.yaml
var packText []byte

// GroupSize is how many cases share one transaction.
const GroupSize = 1000

// Span is how long a time the cases are spread over.
const Span = 1000 * 24 * time.Hour

// Options say what is wanted.
type Options struct {
	Cases    int
	Seed     uint64
	Password string // of everybody who is opened; "" for none
	// Progress is told after each group, how many cases there are.
	Progress func(done, total int64)
}

// Made says what was made.
type Made struct {
	Cases, Events  int64 // added by this run
	Lines, Parties int64 // of the cases added
	Before         int64 // cases that were there
	Took           time.Duration
}

// Make makes cases until there are as many as wanted, in groups that are
// committed together. What is there already is counted, not made again: a run
// that was broken off goes on where it ended.
func Make(ctx context.Context, app *node.App, o Options) (m Made, err error) {
	began := time.Now()
	// Most of what this makes is thrown away at once: collecting rarely costs
	// memory that nothing else here needs.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	real, err := app.Engines(ctx)
	if err != nil {
		return m, err
	}
	engines := &node.Engines{Calendar: real.Calendar}
	if engines.Pack, err = policy.Parse(packText); err != nil {
		return m, err
	}
	people, err := hire(ctx, app, o.Password)
	if err != nil {
		return m, err
	}
	there, head, err := app.CountStreams(ctx, "case")
	if err != nil {
		return m, err
	}
	m.Before = there
	now, firstSeq := app.Now(), head.Seq
	from := now.Add(-Span)
	if last := time.UnixMicro(head.Time); last.After(from) && there > 0 {
		from = last
	}
	left := int64(o.Cases) - there
	for done := int64(0); done < left; {
		n := min(GroupSize, left-done)
		// The group's stretch of time: events of its cases lie between each other.
		window := now.Sub(from) / time.Duration((left-done+GroupSize-1)/GroupSize)
		recent := left-done <= max(left/10, GroupSize)
		g := group{
			rnd: rand.New(rand.NewPCG(o.Seed, uint64(there+done))), people: people, from: from, window: window, recent: recent, count: &m,
		}
		if err := app.Many(ctx, engines, func(many *node.Many) error { return g.run(ctx, many, int(n)) }); err != nil {
			return m, fmt.Errorf("demo: cases from %d: %w", there+done, err)
		}
		done, from = done+n, from.Add(window)
		m.Cases += n
		if o.Progress != nil {
			o.Progress(there+done, int64(o.Cases))
		}
		if err := ctx.Err(); err != nil {
			return m, err
		}
	}
	_, head, err = app.CountStreams(ctx, "none")
	m.Events, m.Took = head.Seq-firstSeq, time.Since(began)
	return m, err
}

// step is one command of one case at its time.
type step struct {
	at time.Time
	do func(*node.Many) error
}

// group makes the cases of one transaction.
type group struct {
	rnd    *rand.Rand
	people *people
	from   time.Time
	window time.Duration
	recent bool // among the last tenth: more of its cases are still open
	count  *Made
	made   uint64 // ids made
}

func (g *group) run(ctx context.Context, m *node.Many, n int) error {
	var steps []step
	for i := range n {
		c := g.newCase()
		// A case begins somewhere in the first half of the window and its steps
		// follow each other to the window's end.
		at := g.from.Add(g.window / 2 * time.Duration(i) / time.Duration(n))
		all := c.steps()
		gap := (g.window / 2) / time.Duration(len(all)+1)
		for j, do := range all {
			steps = append(steps, step{at.Add(gap * time.Duration(j)), do})
		}
		m.Fresh(c.fresh...)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	for i, s := range steps {
		if i%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		m.At(s.at)
		if err := s.do(m); err != nil {
			return err
		}
	}
	return nil
}

// id makes a UUIDv7 of the group's time and its random numbers.
func (g *group) id() string {
	ms := uint64(g.from.UnixMilli())
	g.made++
	a, b := g.rnd.Uint64(), g.rnd.Uint64()
	return fmt.Sprintf("%08x-%04x-7%03x-%04x-%012x", ms>>16, ms&0xffff, g.made>>6&0xfff, 0x8000|(g.made&0x3f)<<8|a&0xff, b&0xffffffffffff)
}

// chance is true in percent of the cases.
func (g *group) chance(percent int) bool { return g.rnd.IntN(100) < percent }

func pick[T any](g *group, list []T) T { return list[g.rnd.IntN(len(list))] }

// SignIns are the sign-in names of people who see much of what was made: an
// officer, the coordinator, an exporter.
func SignIns() []string { return []string{demo.People[5].Sign, demo.People[4].Sign, exporterSign(0)} }
