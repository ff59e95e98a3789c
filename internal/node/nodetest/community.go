package nodetest

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

// Seat is one state's node in a community of tests, with its point of contact, an
// adviser who checks for harm, and an auditor.
type Seat struct {
	T   testing.TB
	App *node.App

	Authority                 string
	Contact, Adviser, Auditor access.Actor
}

// Community opens a node for each state and has them trust one another for a
// year. Envelopes are handed over by Seat.From: there is no network.
func Community(t testing.TB, engine store.Engine, clock *Clock, states ...string) []*Seat {
	t.Helper()
	slices.Sort(states)
	seats := make([]*Seat, len(states))
	for i, s := range states {
		cfg := Config(t, engine, clock)
		cfg.State, cfg.Name = s, s+".example"
		seats[i] = &Seat{T: t, App: OpenAt(t, cfg)}
		seats[i].People()
	}
	apps := make([]*node.App, len(seats))
	for i, s := range seats {
		apps[i] = s.App
	}
	Trust(t, clock.Now(), apps...)
	return seats
}

// Trust makes a list of the states of nodes, signed by one root, and has each
// take it up.
func Trust(t testing.TB, now time.Time, apps ...*node.App) *trust.List {
	t.Helper()
	var states []trust.State
	for _, a := range apps {
		state := a.Config().State
		states = append(states, trust.State{
			ID: state, Identity: stix.NamedID("identity", "state", state), Keys: []trust.Key{{Key: a.StatementKeys()[0].Plain, From: stix.FormatTime(now.AddDate(-1, 0, 0))}}, Log: a.LogKey(),
		})
	}
	_, list := TrustList(t, now, states...)
	for _, a := range apps {
		a.UseTrust(list)
	}
	return list
}

// TrustList makes a list of states for a year, signed by one root.
func TrustList(t testing.TB, now time.Time, states ...trust.State) (sealed []byte, list *trust.List) {
	t.Helper()
	root, err := envelope.NewKey(bytes.Repeat([]byte{7}, 32), nil)
	if err != nil {
		t.Fatal(err)
	}
	l := trust.List{
		Header:  envelope.Header{Community: "norland-community", Issuer: "root", Key: root.Public().ID(), Salt: bytes.Repeat([]byte{1}, envelope.SaltSize)},
		Version: 1, Issued: stix.FormatTime(now), Expires: stix.FormatTime(now.AddDate(1, 0, 0)), K: 1, Roots: []trust.Root{{Name: "root", Key: root.Public()}},
		States: states,
	}
	payload, err := envelope.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	if sealed, err = envelope.Seal(envelope.ForTrustList, payload, root); err != nil {
		t.Fatal(err)
	}
	s, err := envelope.Parse(sealed)
	if err != nil {
		t.Fatal(err)
	}
	if list, err = trust.Pin(sealed, s.PayloadHash(), now); err != nil {
		t.Fatal(err)
	}
	return sealed, list
}

// People opens the people of a seat.
func (s *Seat) People() {
	s.T.Helper()
	s.Authority = Org(s.T, s.App, account.Authority, "Authority of "+s.App.Config().State)
	s.Contact = Person(s.T, s.App, s.Authority, "contact", access.PointOfContact)
	s.Adviser = Person(s.T, s.App, s.Authority, "weigher", access.RightsAdviser)
	s.Auditor = Person(s.T, s.App, s.Authority, "looker", access.Auditor)
}

// Do gives a command and fails the test when it is refused.
func (s *Seat) Do(actor access.Actor, cmd any, opts ...node.Option) {
	s.T.Helper()
	if err := s.App.Do(context.Background(), actor, cmd, opts...); err != nil {
		s.T.Fatalf("%T: %v", cmd, err)
	}
}

// Said is a threat report about an end user, for an audience.
func Said(now time.Time, title, endUser string, audience ...string) dispatch.Write {
	id := node.NewID()
	return dispatch.Write{
		OnPaper: dispatch.OnPaper{Paper: id}, Kind: dispatch.Report,
		Content: dispatch.Content{Title: title, Text: "The unit uses the tool against people who publish.", Report: &dispatch.Reporting{
			Kind: "threat", Named: []dispatch.Named{{Role: "end-user", Name: endUser, Country: "KR", Kind: "police"}},
			Capabilities: []dispatch.Capability{{Name: "Quiet Lens", Harms: []string{"device-intrusion"}}},
			Abuses:       []string{"interference-with-privacy"}, Evidence: "corroborated", Admiralty: "B2", Likelihood: "likely",
		}},
		Handling: dispatch.Handling{TLP: "amber", Audience: audience, ReviewBy: deadline.DateOf(now.AddDate(0, 6, 0), time.UTC), Purposes: []string{"licensing"}, Origin: "state"},
	}
}

// Issue writes a paper, has it checked for harm by the adviser and issues it. It
// gives the paper's id.
func (s *Seat) Issue(w dispatch.Write) string {
	s.T.Helper()
	s.Do(s.Contact, w)
	if !w.Content.Bare() {
		s.Do(s.Adviser, dispatch.CheckHarm{OnPaper: w.OnPaper, Answers: dispatch.Answers{Consent: "not-needed", Coarse: true}})
	}
	s.Do(s.Contact, dispatch.Issue{OnPaper: w.OnPaper})
	return w.Paper
}

// From hands over everything that another node has for this one, and gives what
// became of it.
func (s *Seat) From(other *Seat) (out []node.Outcome) {
	s.T.Helper()
	ctx := context.Background()
	offered, _, err := other.App.Outgoing(ctx, s.App.Config().State, 0, 1000)
	if err != nil {
		s.T.Fatal(err)
	}
	if len(offered) == 0 {
		return nil
	}
	r := node.Receive{Batch: node.NewID(), Sender: other.App.Config().State}
	for _, o := range offered {
		r.Envelopes = append(r.Envelopes, node.Incoming{Envelope: o.Envelope, Proof: o.Proof})
	}
	s.Do(access.System(), r, node.Into(&out))
	return out
}
