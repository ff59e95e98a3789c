package evidence

import (
	"slices"
	"strings"
)

// Marking says to whom a thing may be passed on, by the traffic light protocol.
// Who may read it here is the compartment's matter: a thing marked strict or red
// must lie in one.
type Marking string

// The markings, from what anybody may be told to what stays with those who have it.
const (
	Clear       Marking = "clear"
	Green       Marking = "green"
	Amber       Marking = "amber"
	AmberStrict Marking = "amber+strict"
	Red         Marking = "red"
)

// Markings in their order.
var Markings = []Marking{Clear, Green, Amber, AmberStrict, Red}

// Closed tells whether the marking needs a compartment.
func (m Marking) Closed() bool { return m == AmberStrict || m == Red }

// Stricter tells whether fewer may be told of what bears the marking than of what
// bears the other.
func (m Marking) Stricter(than Marking) bool {
	return slices.Index(Markings, m) > slices.Index(Markings, than)
}

// Grade is an admiralty grade: how far the source has been reliable, A to F, and
// how credible what it says is by itself, 1 to 6. F and 6 are "can't be judged",
// which is no middle.
type Grade string

// Valid tells whether the grade has both parts.
func (g Grade) Valid() bool {
	return len(g) == 2 && strings.IndexByte("ABCDEF", g[0]) >= 0 && strings.IndexByte("123456", g[1]) >= 0
}

// Source is the letter alone, "" where there is none.
func (g Grade) Source() string {
	if g == "" {
		return ""
	}
	return string(g[:1])
}
