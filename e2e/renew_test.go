package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/statement/envelope"
)

// A node renews its keys while others run: what it said before is still read,
// and shown to have been said in time; what it says now is signed by the new
// key. One that was away holds an older list: it says what to do, and reads on
// as soon as another hands it the newer one.
func TestKeysRenewed(t *testing.T) {
	all := threeStates(t)
	a, b, c := all[0], all[1], all[2]
	for _, s := range all {
		s.serve()
		t.Cleanup(s.kill)
	}
	a.seat.Issue(nodetest.Said(time.Now(), "Before", "Unit 4", "XB", "XC"))
	for _, s := range []*state{b, c} {
		s.until("the witnesses' word", func() bool { return s.witnessed("XA") == 3 })
	}
	c.kill()

	card := filepath.Join(a.common, "renewed.card")
	a.run("-c", "comity.toml", "exchange", "renew", "-o", card)
	if got := a.run("-c", "comity.toml", "exchange", "status"); !strings.Contains(got, "Keys are being renewed") {
		t.Error(got)
	}
	a.again()
	second := a.list("second", "--after", filepath.Join(a.common, "first.json"), "--state", card)
	b.run("-c", "comity.toml", "exchange", "trust", "install", second)
	a.until("the new keys", func() bool {
		return strings.Contains(a.run("-c", "comity.toml", "exchange", "status"), "The renewed keys are in use")
	})
	a.again() // the people of the test's process know the new list and the new key
	a.seat.Issue(nodetest.Said(time.Now(), "Between", "Unit 4", "XB", "XC"))
	b.until("what the new key signed", func() bool { return b.holds() == 6 })

	a.run("-c", "comity.toml", "exchange", "renew", "--finish", "-o", card+"2")
	keys := a.signers("XB")
	if len(keys) != 2 {
		t.Fatalf("statements are signed by %v", keys)
	}
	third := a.list("third", "--after", second, "--state", card+"2", "--revoke", keys[0])
	a.run("-c", "comity.toml", "exchange", "trust", "install", third)
	a.again()
	a.seat.Issue(nodetest.Said(time.Now(), "After", "Unit 4", "XB", "XC"))
	b.until("what is said under the third list", func() bool { return b.holds() == 9 })
	if now := a.signers("XB"); len(now) != 2 || now[1] != keys[1] {
		t.Errorf("statements are signed by %v and were by %v", now, keys)
	}

	// XC has the first list, and nobody who could give it another.
	b.kill()
	c.serve()
	c.until("what to do", func() bool {
		return strings.Contains(c.run("-c", "comity.toml", "exchange", "status"), "comity exchange trust install")
	})
	b.serve()
	c.until("all that was said", func() bool { return c.holds() == 9 })
	for _, s := range []*state{b, c} {
		s.until("the witnesses' word", func() bool { return s.witnessed("XA") == 9 })
	}

	// The signature of the old key counts by its proof, and not without.
	first, file := a.outgoing("XB")[0], func(name string) string { return filepath.Join(a.common, name) }
	for name, b := range map[string][]byte{"old": first.Envelope, "proof": first.Proof} {
		if err := os.WriteFile(file(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verify := []string{"statement", "verify", file("old"), "--trust", third, "--pin", pinOf(t, third)}
	if out := a.run(append(verify, "--proof", file("proof"))...); !strings.Contains(out, keys[0]) {
		t.Error(out)
	}
	if out, err := a.command(verify...).CombinedOutput(); err == nil || !strings.Contains(string(out), keys[0]) {
		t.Errorf("%v: %s", err, out)
	}
	for _, s := range all {
		if out := s.run("-c", "comity.toml", "ledger", "verify", "--refold"); !strings.Contains(out, "hold together") {
			t.Error(out)
		}
	}
	if out := a.run("-c", "comity.toml", "doctor"); strings.Contains(out, "WRONG") {
		t.Error(out)
	}
}

// again starts the node anew, and opens its folder anew beside it.
func (s *state) again() {
	s.t.Helper()
	s.kill()
	s.sit()
	s.serve()
}

// signers are the keys that the state's statements were signed with, in order.
func (s *state) signers(to string) (keys []string) {
	s.t.Helper()
	for _, o := range s.outgoing(to) {
		e, err := envelope.Parse(o.Envelope)
		if err != nil {
			s.t.Fatal(err)
		}
		if k := e.Header.Key; e.Purpose == envelope.ForStatement && (len(keys) == 0 || keys[len(keys)-1] != k) {
			keys = append(keys, k)
		}
	}
	return keys
}

func (s *state) outgoing(to string) []node.Outgoing {
	s.t.Helper()
	all, _, err := s.seat.App.Outgoing(s.t.Context(), to, 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}
