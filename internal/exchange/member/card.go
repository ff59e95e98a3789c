package member

import (
	"errors"
	"fmt"
	"time"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/trust"
)

// Saying are the public keys of what a node says, which it keeps beside these:
// those of its statements, the first one first, and that of its log.
type Saying struct {
	Statements []trust.Key // one without From was made with the member
	Log        string      // verifier key
}

// Card is what the community is told of this node: its line of the trust list.
// While keys are renewed it names the old and the new ones.
func (m *Member) Card(says Saying) (trust.State, error) {
	w, err := m.Cosigner(time.Unix(0, 0))
	if err != nil {
		return trust.State{}, err
	}
	s := trust.State{
		ID: m.keys.State, Identity: m.keys.Identity, Address: m.keys.Address,
		Log: says.Log, Witness: w.String(), Age: m.age.Recipient().String(),
	}
	for _, k := range says.Statements {
		if k.From == "" {
			k.From = m.keys.Made
		}
		s.Keys = append(s.Keys, k)
	}
	for _, shown := range m.all() {
		s.Certificates = append(s.Certificates, shown.pin())
		s.RequestKeys = append(s.RequestKeys, shown.id())
	}
	return s, nil
}

// Check says whether the list knows this node by the keys it has.
func (m *Member) Check(says Saying, now time.Time) error {
	l := m.List()
	if l == nil {
		return errors.New("no trust list is installed: run comity exchange trust install")
	}
	s, ok := l.State(m.keys.State)
	if !ok {
		return fmt.Errorf("the trust list has no state %s", m.keys.State)
	}
	for _, shown := range m.all() {
		if id, ok := l.Peer(shown.pin(), shown.id()); !ok || id != m.keys.State {
			if shown == m.next {
				return errNotAnnounced
			}
			return errors.New("the trust list knows this node by other keys for its connections")
		}
	}
	card, err := m.Card(says)
	if err != nil {
		return err
	}
	known := func(k envelope.PublicKey) bool { _, ok := l.KeyOf(m.keys.State, k.ID()); return ok }
	if s.Log != card.Log || s.Witness != card.Witness || s.Age != card.Age || s.Identity != card.Identity || len(says.Statements) == 0 || !known(says.Statements[len(says.Statements)-1].Key) {
		return errors.New("the trust list knows this node by other keys than it has: give the roots its card again")
	}
	if err := l.Live(now); err != nil {
		return fmt.Errorf("the trust list ran out on %s: nothing new is sent or accepted until the next is installed", l.Expires)
	}
	return nil
}
