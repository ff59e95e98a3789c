package sharing

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

// model is a community whose nodes hand versions of one object around as the
// rules let them, with clocks that lie apart and messages that come late or
// never. Signatures are left out: the rules get what would have been opened.
type model struct {
	rand   *rand.Rand
	list   *trust.List
	states []string
	now    time.Time
	skew   []time.Duration

	latest    *Version // what the originator, state 0, holds
	audiences []stood
	nodes     []nodeModel
	delivered int
	relayed   int // of those, by a relay
	late      int // of those, after the audience had narrowed
}

type stood struct {
	from time.Time
	in   map[string]bool
}

type nodeModel struct {
	held   Held
	grants []*Granted
}

func newModel(seed uint64, n int) *model {
	m := &model{rand: rand.New(rand.NewPCG(seed, 1)), now: noon, list: &trust.List{Header: envelope.Header{Community: "coc"}, Expires: "2999-01-01T00:00:00.000Z"}}
	for i := range n {
		s := fmt.Sprintf("S%02d", i)
		m.states = append(m.states, s)
		m.skew = append(m.skew, time.Duration(m.rand.Int64N(int64(Skew)))-Skew/2)
		m.list.States = append(m.list.States, trust.State{ID: s, Identity: identity(s), Keys: []trust.Key{{Key: signer("A").Public(), From: "2026-01-01T00:00:00.000Z"}}})
	}
	m.nodes = make([]nodeModel, n)
	return m
}

func (m *model) ctx(i int) Context {
	return Context{List: m.list, Self: m.states[i], Now: m.now.Add(m.skew[i])}
}

// change gives the object a random new audience; whoever falls out is sent a
// recall, which may be lost.
func (m *model) change() {
	n := int64(1)
	var before envelope.Hash
	if m.latest != nil {
		n, before = m.latest.Statement.Version+1, m.latest.Payload
	}
	in := map[string]bool{}
	var audience []string
	for _, s := range m.states[1:] {
		if m.rand.IntN(2) == 0 {
			in[s] = true
			audience = append(audience, s)
		}
	}
	at := stix.FormatTime(m.now.Add(m.skew[0]))
	text := func(s string) stix.Value { return stix.Value{Kind: stix.String, Text: s} }
	v := &Version{
		Statement: &envelope.Statement{Header: envelope.Header{Community: "coc", Issuer: m.states[0], Key: signer("A").Public().ID()}, ID: tool, Version: n, Previous: before, Issued: at, Handling: envelope.Handling{TLP: "amber", Audience: audience}},
		Object: &stix.Object{Root: stix.Value{Kind: stix.Map, Members: []stix.Member{
			{Name: "id", Value: text(tool)}, {Name: "created_by_ref", Value: text(identity(m.states[0]))}, {Name: "created", Value: text("2026-01-01T00:00:00.000Z")}, {Name: "modified", Value: text(at)},
		}}, Raw: []byte(at)},
	}
	binary.BigEndian.PutUint64(v.Payload[:], uint64(n))
	removed := Narrowed(m.latest, v)
	m.latest = v
	m.nodes[0].held.Latest = v
	m.audiences = append(m.audiences, stood{m.now, in})
	for i, s := range m.states {
		for _, r := range removed {
			if s == r && m.rand.IntN(10) < 7 { // three of ten are lost for good
				m.nodes[i].held = m.nodes[i].held.Receive(&envelope.Recall{Version: n - 1})
			}
		}
	}
}

// grantSome lets the originator give a relay a grant, where it may.
func (m *model) grantSome() {
	relay := 1 + m.rand.IntN(3) // few relay, so that they have something to give
	to := m.states[1+m.rand.IntN(len(m.states)-1)]
	if MayGrant(m.latest, m.nodes[0].held, m.states[relay], []string{to}, m.ctx(0)) != nil {
		return
	}
	g := &envelope.Grant{Header: m.latest.Statement.Header, ID: tool, Version: m.latest.Statement.Version, Payload: m.latest.Payload, Relay: m.states[relay], Recipients: []string{to}, Issued: stix.FormatTime(m.now.Add(m.skew[0]))}
	all := append(m.nodes[relay].grants, &Granted{Grant: g})
	m.nodes[relay].grants = all[max(0, len(all)-5):]
}

// pull has one state ask another for what it holds.
func (m *model) pull(t *testing.T) {
	from, to := m.rand.IntN(4), 1+m.rand.IntN(len(m.states)-1)
	if len(m.nodes[from].grants) > 0 && m.rand.IntN(2) == 0 { // ask for what was granted
		g := m.nodes[from].grants[m.rand.IntN(len(m.nodes[from].grants))].Grant
		to = slices.Index(m.states, g.Recipients[0])
	}
	v := m.nodes[from].held.Latest
	if from == to || v == nil || Pass(v, m.nodes[from].held, m.states[to], m.nodes[from].grants, m.ctx(from)) != nil {
		return
	}
	m.delivered++
	if from != 0 {
		m.relayed++
	}
	if !m.audiences[len(m.audiences)-1].in[m.states[to]] {
		m.late++
	}
	if !m.allowed(m.states[to]) {
		t.Fatalf("over-share: %s got version %d from %s at %s", m.states[to], v.Statement.Version, m.states[from], m.now)
	}
	if err := Accept(v, m.nodes[to].held, m.states[from], m.nodes[from].grants, m.ctx(to)); err == nil {
		m.nodes[to].held.Latest = v
	}
}

// allowed says whether the state was in the originator's audience at any time
// within the last lease and skew.
func (m *model) allowed(state string) bool {
	for i := len(m.audiences) - 1; i >= 0; i-- {
		a := m.audiences[i]
		if a.in[state] {
			return true
		}
		if m.now.Sub(a.from) > Lease+Skew {
			return false
		}
	}
	return false
}

// 100,000 random changes of audience among 24 states, with lost recalls, old
// grants and clocks apart: nothing is given to a state outside the audience as
// it stood within one lease and skew.
func TestNoOverShare(t *testing.T) {
	const runs, changes = 20, 5_000
	total, delivered, relayed, late := 0, 0, 0, 0
	for seed := range uint64(runs) {
		m := newModel(seed, 24)
		for range changes {
			m.change()
			total++
			for range 4 {
				m.now = m.now.Add(time.Duration(m.rand.Int64N(int64(4 * time.Minute))))
				for range 2 {
					m.grantSome()
					m.pull(t)
				}
			}
			if len(m.audiences) > 200 {
				m.audiences = m.audiences[100:]
			}
		}
		delivered, relayed, late = delivered+m.delivered, relayed+m.relayed, late+m.late
	}
	if total != 100_000 || delivered < 50_000 || relayed < 3_000 || late < 900 {
		t.Errorf("%d changes, %d deliveries, %d by relays, %d after narrowing", total, delivered, relayed, late)
	}
	t.Logf("%d changes of audience, %d deliveries, %d by relays, %d within the lease after narrowing, no over-share", total, delivered, relayed, late)
}

// The model can see an over-share: without the lease there is one at once.
func TestTheModelSeesOverShares(t *testing.T) {
	m := newModel(1, 24)
	m.change()
	for _, s := range m.states[1:] {
		if m.audiences[0].in[s] {
			m.audiences[0].in[s] = false
			if m.allowed(s) {
				t.Error("a state outside the audience is allowed")
			}
		}
	}
}
