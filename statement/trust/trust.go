// Package trust holds the list of who is in the community: each state with its
// keys, what its peers must present, and who may change the list.
//
// A list is signed by k of its n roots. The next version is signed by k of the
// old roots and by k of the new ones, has a higher number, and replaces the list
// for good: lower numbers are refused. When a list has run out, nothing new is
// sent or accepted, and reading goes on.
package trust

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/tlog"
)

// List is one version of the community's trust list.
type List struct {
	envelope.Header
	Version int64    `json:"version"`
	Issued  string   `json:"issued"`
	Expires string   `json:"expires"`
	K       int      `json:"k"`
	Roots   []Root   `json:"roots"`
	States  []State  `json:"states"`
	Former  []string `json:"former,omitempty"` // states that left, for those who read old statements

	payload envelope.Hash
}

// Root is one who may sign the list.
type Root struct {
	Name string             `json:"name"`
	Key  envelope.PublicKey `json:"key"`
}

// State is one member.
type State struct {
	ID       string `json:"id"`       // as ISO 3166 has it, or what the community agreed
	Identity string `json:"identity"` // its STIX identity: created_by_ref of what it says
	Keys     []Key  `json:"keys"`
	// What its node presents: TLS certificates by SHA-256 of their public key,
	// and keys of its HTTP signatures by id.
	Certificates []envelope.Hash `json:"certificates,omitempty"`
	RequestKeys  []string        `json:"request_keys,omitempty"`
	// Log is the key of its log, whose name is the log's origin; Witness its key
	// as a witness. Both are verifier keys of C2SP signed-note.
	Log     string `json:"log,omitempty"`
	Witness string `json:"witness,omitempty"`
	// Address is where its node is reached by other nodes, https; Age whom to
	// encrypt for, as age writes a recipient.
	Address string `json:"address,omitempty"`
	Age     string `json:"age,omitempty"`
}

// Key is a key with its time.
type Key struct {
	Key     envelope.PublicKey `json:"key"`
	From    string             `json:"from"`
	Revoked string             `json:"revoked,omitempty"`
}

// Errors that callers tell apart.
var (
	ErrExpired  = errors.New("trust: the list has run out")
	ErrRollback = errors.New("trust: an older list")
	ErrQuorum   = errors.New("trust: too few roots have signed")
	ErrForm     = errors.New("trust: not a well-formed list")
)

const (
	maxRoots = 50
	maxKeys  = 50
	maxTerm  = 400 * 24 * time.Hour
)

// Check holds a list to its form.
func (l *List) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrForm}, args...)...)
	}
	issued, ok1 := stix.ParseTime(l.Issued)
	expires, ok2 := stix.ParseTime(l.Expires)
	switch {
	case l.Version < 1:
		return bad("versions begin with 1")
	case !ok1 || !ok2 || !expires.After(issued) || expires.Sub(issued) > maxTerm:
		return bad("issued and expires are timestamps, at most 400 days apart")
	case len(l.Roots) < 1 || len(l.Roots) > maxRoots || l.K < 1 || l.K > len(l.Roots):
		return bad("k of n roots, n at most %d", maxRoots)
	case 2*l.K <= len(l.Roots):
		return bad("k must be more than half of n, or two halves could go two ways")
	}
	seen := map[string]string{}
	once := func(what, owner string) bool {
		before, ok := seen[what]
		seen[what] = owner
		return !ok || before == owner
	}
	for _, r := range l.Roots {
		if r.Key.Check() != nil || !once("root "+r.Key.ID(), r.Name) || !once("name "+r.Name, r.Key.ID()) || r.Name == "" {
			return bad("root %q", r.Name)
		}
	}
	for i, s := range l.States {
		if s.ID == "" || i > 0 && l.States[i-1].ID >= s.ID {
			return bad("states are sorted by id, none twice")
		}
		if !stix.ValidID(s.Identity) || len(s.Keys) > maxKeys || !once("identity "+s.Identity, s.ID) {
			return bad("state %q: identity and keys", s.ID)
		}
		for _, k := range s.Keys {
			_, from := stix.ParseTime(k.From)
			_, revoked := stix.ParseTime(k.Revoked)
			if k.Key.Check() != nil || !from || k.Revoked != "" && !revoked || !once("key "+k.Key.ID(), s.ID) {
				return bad("state %q: key %s", s.ID, k.Key.ID())
			}
		}
		if s.Address != "" && (!strings.HasPrefix(s.Address, "https://") || strings.HasSuffix(s.Address, "/") || len(s.Address) > 300) {
			return bad("state %q: its address begins with https:// and has no slash at its end", s.ID)
		}
		if s.Age != "" && (!strings.HasPrefix(s.Age, "age1") || len(s.Age) > 3000 || !once("age "+s.Age, s.ID)) {
			return bad("state %q: its age recipient is none, or another's too", s.ID)
		}
		// A certificate, a request key, a log, a witness belong to one state.
		for _, c := range s.Certificates {
			if !once("certificate "+c.String(), s.ID) {
				return bad("state %q: its certificate is another's too", s.ID)
			}
		}
		for _, k := range s.RequestKeys {
			if !once("request "+k, s.ID) {
				return bad("state %q: its request key is another's too", s.ID)
			}
		}
		if s.Log != "" {
			if v, err := note.NewVerifier(s.Log); err != nil || !once("log "+v.Name(), s.ID) {
				return bad("state %q: its log has no valid key, or another's name", s.ID)
			}
		}
		if s.Witness != "" {
			if w, err := tlog.ParseWitness(s.Witness); err != nil || !once("witness "+w.Name(), s.ID) || !once("witness "+s.Witness, s.ID) {
				return bad("state %q: its witness has no valid key, or another's name", s.ID)
			}
		}
	}
	return nil
}

// Pin reads the first list a node trusts: the one whose signed bytes have the
// hash that people compared with one another. A list that has run out comes with
// ErrExpired and serves for reading.
func Pin(sealed []byte, hash envelope.Hash, now time.Time) (*List, error) {
	l, s, err := read(sealed)
	if err != nil {
		return nil, err
	}
	if s.PayloadHash() != hash {
		return nil, errors.New("trust: not the list that was agreed")
	}
	if err := l.signedBy(s, l.Roots, l.K); err != nil {
		return nil, err
	}
	return l, l.Live(now)
}

// Next reads the version that follows a list. One that has run out comes with
// ErrExpired: it follows, and nothing new may be accepted under it.
func (l *List) Next(sealed []byte, now time.Time) (*List, error) {
	next, s, err := read(sealed)
	if err != nil {
		return nil, err
	}
	switch {
	case next.Community != l.Community:
		return nil, fmt.Errorf("%w: of another community", ErrForm)
	case next.Version < l.Version:
		return nil, ErrRollback
	case next.Version == l.Version:
		if s.PayloadHash() != l.payload {
			return nil, fmt.Errorf("%w: two lists are number %d", ErrForm, l.Version)
		}
		return l, nil
	}
	// Several versions may have been missed; the roots one holds must still
	// agree to the one that comes.
	if err := next.signedBy(s, l.Roots, l.K); err != nil {
		return nil, fmt.Errorf("%w of the old list", err)
	}
	if err := next.signedBy(s, next.Roots, next.K); err != nil {
		return nil, fmt.Errorf("%w of the new list", err)
	}
	if err := next.keeps(l); err != nil {
		return nil, err
	}
	return next, next.Live(now)
}

// keeps sees that what was revoked stays revoked.
func (l *List) keeps(old *List) error {
	for _, s := range old.States {
		for _, k := range s.Keys {
			if k.Revoked == "" {
				continue
			}
			state, ok := l.State(s.ID)
			if !ok {
				continue // the state left, and all its keys with it
			}
			i := slices.IndexFunc(state.Keys, func(x Key) bool { return x.Key.ID() == k.Key.ID() })
			if i >= 0 && (state.Keys[i].Revoked == "" || state.Keys[i].Revoked > k.Revoked) {
				return fmt.Errorf("%w: the revoked key %s of %s comes back", ErrForm, k.Key.ID(), s.ID)
			}
		}
	}
	return nil
}

func read(sealed []byte) (*List, *envelope.Sealed, error) {
	s, err := envelope.Parse(sealed)
	if err != nil {
		return nil, nil, err
	}
	if s.Purpose != envelope.ForTrustList {
		return nil, nil, fmt.Errorf("%w: a %s", ErrForm, s.Purpose)
	}
	var l List
	if err := envelope.Unmarshal(s.Payload, &l); err != nil {
		return nil, nil, err
	}
	l.payload = s.PayloadHash()
	return &l, s, l.Check()
}

func (l *List) signedBy(s *envelope.Sealed, roots []Root, k int) error {
	n := 0
	for _, r := range roots {
		if s.VerifiedBy(r.Key) == nil {
			n++
		}
	}
	if n < k {
		return fmt.Errorf("%w: %d of the %d needed", ErrQuorum, n, k)
	}
	return nil
}

// Live says whether the list is in force: until it is renewed nothing new is
// sent or accepted.
func (l *List) Live(now time.Time) error {
	if expires, _ := stix.ParseTime(l.Expires); !now.Before(expires) {
		return ErrExpired
	}
	return nil
}

// State finds a member.
func (l *List) State(id string) (*State, bool) {
	i, ok := slices.BinarySearchFunc(l.States, id, func(s State, id string) int { return strings.Compare(s.ID, id) })
	if !ok {
		return nil, false
	}
	return &l.States[i], true
}

// KeyOf finds a key of a state, revoked or not: whether a signature counts is
// for Counts to say.
func (l *List) KeyOf(state, keyID string) (envelope.PublicKey, bool) {
	k, ok := l.key(state, keyID)
	return k.Key, ok
}

func (l *List) key(state, keyID string) (Key, bool) {
	s, ok := l.State(state)
	if !ok {
		return Key{}, false
	}
	i := slices.IndexFunc(s.Keys, func(k Key) bool { return k.Key.ID() == keyID })
	if i < 0 {
		return Key{}, false
	}
	return s.Keys[i], true
}

// Counts says whether a signature by a key counts. witnessed is when a quorum
// had cosigned a checkpoint with its leaf, zero where none has yet: from the time
// on from which a key is revoked only what was witnessed before counts, whatever
// the signature says of its own time. That time may be still to come.
func (l *List) Counts(state, keyID string, witnessed, now time.Time) bool {
	k, ok := l.key(state, keyID)
	if !ok {
		return false
	}
	if from, _ := stix.ParseTime(k.From); !witnessed.IsZero() && witnessed.Before(from) {
		return false
	}
	if k.Revoked == "" {
		return true
	}
	revoked, _ := stix.ParseTime(k.Revoked)
	if witnessed.IsZero() {
		witnessed = now
	}
	return witnessed.Before(revoked)
}

// RevokedAt is when a key of a state is revoked; false for one that is not.
func (l *List) RevokedAt(state, keyID string) (time.Time, bool) {
	k, _ := l.key(state, keyID)
	return stix.ParseTime(k.Revoked)
}

// Peer gives the state that a connection speaks for: certificate and request
// key must belong to it, and what is signed must be issued by it.
func (l *List) Peer(certificate envelope.Hash, requestKey string) (string, bool) {
	for _, s := range l.States {
		if slices.Contains(s.Certificates, certificate) {
			return s.ID, slices.Contains(s.RequestKeys, requestKey)
		}
	}
	return "", false
}

// ErrNotWitnessed is wrapped where a leaf stands in the log and no quorum has
// cosigned it yet.
var ErrNotWitnessed = errors.New("trust: not yet witnessed")

// Witnessed shows with a proof that an envelope is in its issuer's log and says
// when a quorum of the other states had cosigned that: what Counts asks for.
func (l *List) Witnessed(s *envelope.Sealed, p tlog.Proof) (time.Time, error) {
	issuer, ok := l.State(s.Header.Issuer)
	if !ok || issuer.Log == "" {
		return time.Time{}, fmt.Errorf("%w: the issuer has no log", ErrNotWitnessed)
	}
	log, err := issuer.LogOf(p.Checkpoint)
	if err != nil {
		return time.Time{}, err
	}
	witnesses, err := l.Witnesses(issuer.ID)
	if err != nil {
		return time.Time{}, err
	}
	o, err := p.Check(tlog.Leaf([envelope.SaltSize]byte(s.Header.Salt), s.Hash()), log, witnesses...)
	if err != nil {
		return time.Time{}, err
	}
	// Every other state counts, also one that has no witness.
	k := Quorum(len(l.States) - 1)
	at, ok := o.WitnessedBy(k)
	if !ok {
		return time.Time{}, fmt.Errorf("%w: %d of the %d witnesses needed", ErrNotWitnessed, len(o.Witnessed), k)
	}
	return at, nil
}

// Witnesses are the keys with which the other states cosign a state's log.
func (l *List) Witnesses(of string) (all []*tlog.Witness, err error) {
	for _, other := range l.States {
		if other.ID == of || other.Witness == "" {
			continue
		}
		w, err := tlog.ParseWitness(other.Witness)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// Quorum is how many witnesses of n must have cosigned: with f = (n-1)/3 of
// them dishonest, any two quorums share an honest one.
func Quorum(n int) int {
	if n < 1 {
		return 1
	}
	f := (n - 1) / 3
	return (n + f + 2) / 2 // ceil((n+f+1)/2)
}
