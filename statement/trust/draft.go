package trust

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/statement/stix"
)

// What those do who draft the next list. Check and the roots have the last word.

// Put puts a state into a draft, in place of what was there of it. Keys of its
// statements that its card no longer has stay: what was said under them must
// still be read.
func (l *List) Put(s State) {
	l.States = slices.Clone(l.States)
	i, found := slices.BinarySearchFunc(l.States, s.ID, func(s State, id string) int { return strings.Compare(s.ID, id) })
	if !found {
		l.States = slices.Insert(l.States, i, s)
		return
	}
	for _, old := range l.States[i].Keys {
		if j := slices.IndexFunc(s.Keys, func(k Key) bool { return k.Key.ID() == old.Key.ID() }); j >= 0 {
			s.Keys[j] = old // since when, and whether revoked, the list knows better
		} else {
			s.Keys = append(s.Keys, old)
		}
	}
	l.States[i] = s
}

// Leave takes a state out of a draft; false where it is not in it.
func (l *List) Leave(id string) bool {
	before := len(l.States)
	l.States = slices.DeleteFunc(slices.Clone(l.States), func(s State) bool { return s.ID == id })
	if len(l.States) == before {
		return false
	}
	if !slices.Contains(l.Former, id) {
		l.Former = append(slices.Clone(l.Former), id)
	}
	return true
}

// Revoke ends a key in a draft; false where no state has it.
func (l *List) Revoke(keyID string, at time.Time) bool {
	for i := range l.States {
		for j, k := range l.States[i].Keys {
			if k.Key.ID() != keyID {
				continue
			}
			l.States[i].Keys = slices.Clone(l.States[i].Keys)
			if k.Revoked == "" {
				l.States[i].Keys[j].Revoked = stix.FormatTime(at)
			}
			return true
		}
	}
	return false
}

// Until is when the list runs out.
func (l *List) Until() time.Time {
	t, _ := stix.ParseTime(l.Expires)
	return t
}
