package exchange

import (
	"bytes"
	"testing"

	"github.com/comity-project/comity/statement/stix"
)

// Three nodes: a report goes to two, its audience is narrowed, it is recalled,
// and receipts come back.
func TestExchange(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC")
	a := c.nodes["XA"]
	c.startAll()
	a.issue(object+"1", stix.Amber, "amber", "XB", "XC")
	for _, s := range []string{"XB", "XC"} {
		until(t, "the report at "+s, func() bool { return c.nodes[s].has(object + "1 1") })
	}
	a.issue(object+"1", stix.Amber, "amber", "XB")
	a.recall(object+"1", "XC")
	until(t, "the second version", func() bool { return c.nodes["XB"].has(object + "1 2") })
	until(t, "the receipt", func() bool { return a.has("receipt " + object + "1 2 XC") })
	if c.nodes["XC"].has(object + "1 2") {
		t.Error("who was left out has the version without him")
	}
	until(t, "a quorum", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return bytes.Count(a.head, []byte("\n\u2014 ")) == 3
	})
}
