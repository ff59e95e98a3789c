package sharing

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/statement/envelope"
)

// Narrowed is what follows when a version takes the place of another: who must
// be sent a recall of everything up to the old one. They get no reason, and
// never learn of what comes later.
func Narrowed(old, next *Version) (removed []string) {
	if old == nil {
		return nil
	}
	for _, state := range old.Statement.Handling.Audience {
		if !slices.Contains(next.Statement.Handling.Audience, state) {
			removed = append(removed, state)
		}
	}
	return removed
}

// AcceptRecall says whether a recall counts: the originator of the object made
// it, and it is meant for us. issuer is the originator of what is held.
func AcceptRecall(r *envelope.Recall, issuer string, c Context) error {
	switch {
	case r.Community != c.List.Community:
		return Community
	case r.Issuer != issuer:
		return NotOwner
	case !c.List.Counts(r.Issuer, r.Key, c.Witnessed, c.Now):
		return Revoked
	case !slices.Contains(r.From, c.Self):
		return NotOurs
	case envelope.IssuedAt(r.Issued).After(c.Now.Add(Skew)):
		return Future
	}
	return nil
}

// Receive takes a recall that counts: everything up to its version is recalled.
func (h Held) Receive(r *envelope.Recall) Held {
	h.Recalled = max(h.Recalled, r.Version)
	return h
}

// SentRecall is a recall with the hash of its signed bytes.
type SentRecall struct {
	Recall  *envelope.Recall
	Payload envelope.Hash
}

// OpenRecall is one state's answer that is still missing.
type OpenRecall struct {
	State   string
	ID      string
	Version int64
	Since   time.Time
}

// OpenRecalls lists, state by state, the recalls that no receipt has answered.
// A receipt counts for the recall whose signed bytes it names and for the state
// that signed it.
func OpenRecalls(recalls []SentRecall, receipts []*envelope.Receipt) (open []OpenRecall) {
	type answer struct {
		recall envelope.Hash
		state  string
	}
	answered := make(map[answer]bool, len(receipts))
	for _, r := range receipts {
		answered[answer{r.Recall, r.Issuer}] = true
	}
	for _, sent := range recalls {
		for _, state := range sent.Recall.From {
			if !answered[answer{sent.Payload, state}] {
				open = append(open, OpenRecall{state, sent.Recall.ID, sent.Recall.Version, envelope.IssuedAt(sent.Recall.Issued)})
			}
		}
	}
	slices.SortStableFunc(open, func(a, b OpenRecall) int { return strings.Compare(a.State, b.State) })
	return open
}

// Reach is one state that would see a version, and the states it would come
// through: none where the originator gives it itself.
type Reach struct {
	State string
	Via   []string
}

// DryRun says who will see a version, and through which hops, if it is issued
// and the relays named serve whom they may: who is in the audience, and nobody
// else. The originator serves everyone itself; relays[r] is whom r would be
// granted to serve.
func DryRun(audience []string, relays map[string][]string) (all []Reach) {
	for _, state := range audience {
		reach := Reach{State: state}
		for relay, serves := range relays {
			if relay != state && slices.Contains(audience, relay) && slices.Contains(serves, state) {
				reach.Via = append(reach.Via, relay)
			}
		}
		slices.Sort(reach.Via)
		all = append(all, reach)
	}
	return all
}

// LeftOut is shown before a version is signed and given to anyone: it
// says which members are left out, so that leaving out is a decision and not an
// oversight. An empty audience is nobody.
func LeftOut(audience, members []string, self string) (out []string) {
	for _, m := range members {
		if m != self && !slices.Contains(audience, m) {
			out = append(out, m)
		}
	}
	return out
}
