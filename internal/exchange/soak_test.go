package exchange

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/stix"
)

var (
	manyChanges = flag.Int("changes", 1200, "random changes of audience among 24 nodes")
	manyTrouble = flag.Int("trouble", 60, "changes between two nodes that fall out")
	manyStates  = flag.Int("states", someNodes, "nodes")
)

// Twenty-four nodes, a wire that loses three connections in ten and now and then
// parts some of them from the others, clocks up to five minutes apart, nodes that
// stop or are killed and come back: after random changes of audience each holds
// what the last version gave it and nothing else, whoever handed it over.
func TestManyNodes(t *testing.T) {
	m := newMany(t)
	began := time.Now()
	for i := range *manyChanges {
		m.change(fmt.Sprintf("tool--8e2e2d2b-17d4-4cbf-938f-%012x", m.r.IntN(40+*manyChanges/50)))
		if i%*manyTrouble == *manyTrouble-1 {
			m.trouble(i / *manyTrouble)
		}
		if i%25 == 24 {
			time.Sleep(100 * time.Millisecond) // or most would be replaced before anybody reads it
		}
		if i%10_000 == 9999 {
			t.Logf("%d changes after %s", i+1, time.Since(began).Truncate(time.Second))
		}
	}
	m.heal()
	m.converge()
	n, relayed, latest := m.judge()
	t.Logf("%d changes, %d nodes that fell out, %d versions handed over, %d of them through another, the latest %s after it was narrowed; %s", *manyChanges, m.fell, n, relayed, latest, time.Since(began).Truncate(time.Second))
}

// many is a community in trouble.
type many struct {
	*community
	r       *rand.Rand
	times   Times
	apart   map[string]bool // under the wire's lock
	down    string
	fell    int
	objects map[string]*about
}

// about is what was last said of an object.
type about struct {
	owner    string
	audience []string
	version  int64
}

func newMany(t *testing.T) *many {
	var states []string
	for i := range *manyStates {
		states = append(states, fmt.Sprintf("X%c", 'A'+i))
	}
	m := &many{community: newCommunity(t, states...), r: rand.New(rand.NewPCG(7, 11)), apart: map[string]bool{}, objects: map[string]*about{}}
	m.times = Times{Look: 200 * time.Millisecond, Pull: 4 * time.Second, First: 100 * time.Millisecond, Most: 2 * time.Second, Head: time.Minute}
	lost := rand.New(rand.NewPCG(3, 5))
	at := map[string]string{} // address to state
	for _, s := range states {
		at[m.address(s)] = s
	}
	m.wire.lose = func(from, address string) bool {
		return lost.IntN(10) < 3 || m.apart[from] != m.apart[at[address]]
	}
	for _, s := range states {
		m.nodes[s].clock.set(time.Duration(m.r.IntN(290)-145) * time.Second)
	}
	for _, s := range states {
		m.startWith(s, m.times)
	}
	return m
}

// change gives an object another audience.
func (m *many) change(id string) {
	o := m.objects[id]
	if o == nil {
		o = &about{owner: m.states[m.r.IntN(len(m.states))]}
		m.objects[id] = o
	}
	audience := m.some(m.r, o.owner)
	owner := m.nodes[o.owner]
	if removed := without(o.audience, audience); len(removed) > 0 {
		owner.recall(id, removed...)
	}
	owner.issue(id, stix.Amber, "amber", audience...)
	o.audience, o.version = audience, o.version+1
}

// without is what one audience has and the other has not.
func without(one, other []string) (rest []string) {
	for _, s := range one {
		if !slices.Contains(other, s) {
			rest = append(rest, s)
		}
	}
	return rest
}

// trouble lets a node fall out and the one before return; every third time some
// are parted from the others, until the next.
func (m *many) trouble(turn int) {
	if m.down != "" {
		m.startWith(m.down, m.times)
	}
	m.down = m.states[m.r.IntN(len(m.states))]
	m.fell++
	if turn%2 == 0 {
		m.kill(m.down)
	} else {
		m.nodes[m.down].stop()
	}
	var some []string
	if turn%3 == 1 {
		for _, j := range m.r.Perm(len(m.states))[:1+m.r.IntN(len(m.states)/2)] {
			some = append(some, m.states[j])
		}
	}
	if turn%3 != 0 {
		m.part(some)
	}
}

// part parts some from the others. Open connections do not survive it.
func (m *many) part(some []string) {
	m.wire.mu.Lock()
	defer m.wire.mu.Unlock()
	clear(m.apart)
	for _, s := range some {
		m.apart[s] = true
	}
	for _, s := range m.states {
		m.nodes[s].peers.Close()
	}
}

func (m *many) heal() {
	if m.down != "" {
		m.startWith(m.down, m.times)
		m.down = ""
	}
	m.part(nil)
}

// converge waits until each node holds what the last version gave it.
func (m *many) converge() {
	for id, o := range m.objects {
		for _, s := range m.states {
			n := m.nodes[s]
			if s == o.owner {
				continue
			}
			until(m.t, fmt.Sprintf("%s at %s", id, s), func() bool {
				n.mu.Lock()
				defer n.mu.Unlock()
				held := n.held[id].Latest
				if slices.Contains(o.audience, s) {
					return held != nil && held.Statement.Version == o.version
				}
				return held == nil
			})
		}
	}
}

// onWay is how long a page may be on its way that was made before an audience
// was narrowed: a request with its answer ends after that time.
const onWay = 2 * time.Minute

// judge looks for over-shares: a version that was never for the state, one that
// its originator handed over when a later one no longer was, or one that came
// through another when lease and skew were over. It counts what was handed over,
// what of it through another, and says how long after a narrowing the latest of
// them came.
func (m *many) judge() (n, relayed int, latest time.Duration) {
	type versioned struct {
		id      string
		version int64
	}
	said := map[versioned]outgoing{}
	for _, s := range m.states {
		for _, o := range m.nodes[s].own {
			if o.v != nil {
				said[versioned{o.v.Statement.ID, o.v.Statement.Version}] = o
			}
		}
	}
	for _, s := range m.states {
		node := m.nodes[s]
		node.mu.Lock()
		n += len(node.handed)
		for _, h := range node.handed {
			within := onWay
			if h.from != m.objects[h.id].owner {
				relayed++
				within = sharing.Lease + sharing.Skew
			}
			if !slices.Contains(said[versioned{h.id, h.version}].to, s) {
				m.t.Errorf("%s holds version %d of %s, which was not for it", s, h.version, h.id)
			}
			// When was it first not for this state any more?
			for v := h.version + 1; v <= m.objects[h.id].version; v++ {
				if later := said[versioned{h.id, v}]; !slices.Contains(later.to, s) {
					after := h.at.Sub(later.at)
					latest = max(latest, after)
					if after > within {
						m.t.Errorf("%s got version %d of %s %s after version %d was not for it", s, h.version, h.id, after, v)
					}
					break
				}
			}
		}
		if node.alarms > 0 {
			m.t.Errorf("%s raised %d alarms", s, node.alarms)
		}
		node.mu.Unlock()
	}
	return n, relayed, latest
}

// some are a few states without one.
func (c *community) some(r *rand.Rand, without string) (few []string) {
	for _, i := range r.Perm(len(c.states))[:1+r.IntN(5)] {
		if c.states[i] != without {
			few = append(few, c.states[i])
		}
	}
	slices.Sort(few)
	return few
}
