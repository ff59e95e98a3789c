// Package sharing holds the rules of passing statements between states as pure
// functions: may this version be accepted, shown, passed on to that state, at
// that time. It knows no network and no clock; whoever moves bytes asks it
// first.
//
// The originator decides for each version who may have it, and narrows that
// with the next version. An empty audience is nobody. A relay serves what it
// holds only under a grant of the originator that names version and recipients
// and is at most ten minutes old.
package sharing

import (
	"errors"
	"slices"
	"time"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

const (
	// Lease is how long a grant lets a relay pass a version on.
	Lease = 10 * time.Minute
	// Skew is how far two nodes' clocks may lie apart.
	Skew = 5 * time.Minute
)

// Version is a statement whose signatures hold.
type Version struct {
	Statement *envelope.Statement
	Object    *stix.Object
	Payload   envelope.Hash
	Sealed    *envelope.Sealed
}

// Open reads an envelope that holds a statement and checks all that can be
// checked by itself: signatures, form, marks.
func Open(b []byte, ring envelope.Keyring) (*Version, error) {
	s, err := envelope.Open(b, ring)
	if err != nil {
		return nil, err
	}
	st, o, err := s.Said()
	if err != nil {
		return nil, err
	}
	return &Version{st, o, s.PayloadHash(), s}, nil
}

// Refusal is why something may not be. Its text is for logs and for tests; the
// word is for programs.
type Refusal string

// The refusals.
const (
	Expired     Refusal = "the trust list has run out"
	NotMember   Refusal = "the issuer is not a member"
	Revoked     Refusal = "the key was revoked before the signature was witnessed"
	NotAuthor   Refusal = "the object names another author than its issuer"
	NotOurs     Refusal = "the version is not for us"
	NotTheirs   Refusal = "the version is not for them"
	NotCurrent  Refusal = "a later version has taken its place"
	NotOwner    Refusal = "only the originator revises, revokes or recalls"
	Future      Refusal = "it is dated in the future"
	Backwards   Refusal = "its time is not later than that of the version before"
	Final       Refusal = "the object was revoked, and that is final"
	Taken       Refusal = "it was recalled"
	WrongSender Refusal = "the sender is neither the originator nor holds its grant"
	NoGrant     Refusal = "there is no fresh grant of the originator for this version and recipient"
	NamedOnly   Refusal = "TLP:RED is for the named people alone"
	Community   Refusal = "it is of another community"
)

// Error is the refusal as an error.
func (r Refusal) Error() string { return "sharing: " + string(r) }

// ErrEquivocation is given where two signed versions of one number differ, or
// where a version does not follow the one that is held: its issuer told two
// stories, and the alarm is raised.
var ErrEquivocation = errors.New("sharing: two signed versions contradict each other")

// Held is what a node holds of one object.
type Held struct {
	Latest   *Version // nil where it holds none
	Recalled int64    // versions up to this one are recalled from us
}

// Context is what a decision rests on beside the version itself.
type Context struct {
	List      *trust.List
	Self      string    // our state
	Now       time.Time // an argument, never a clock
	Witnessed time.Time // when a quorum had cosigned the version's leaf; zero for not yet
}

// Accept says whether a version that came from sender may be taken in.
func Accept(v *Version, held Held, sender string, grants []*Granted, c Context) error {
	st := v.Statement
	if err := c.List.Live(c.Now); err != nil {
		return Expired
	}
	if st.Community != c.List.Community {
		return Community
	}
	issuer, ok := c.List.State(st.Issuer)
	if !ok {
		return NotMember
	}
	if !c.List.Counts(st.Issuer, st.Key, c.Witnessed, c.Now) {
		return Revoked
	}
	version := stix.VersionOf(v.Object)
	if version.CreatedBy != issuer.Identity {
		return NotAuthor
	}
	latest := c.Now.Add(Skew)
	if envelope.IssuedAt(st.Issued).After(latest) || version.Modified.After(latest) {
		return Future
	}
	if !slices.Contains(st.Handling.Audience, c.Self) {
		return NotOurs
	}
	if held.Recalled >= st.Version {
		return Taken
	}
	if sender != st.Issuer && grantFor(v, sender, c.Self, grants, c.Now, Lease+Skew) == nil {
		return WrongSender
	}
	return succession(v, held)
}

// succession holds a version against what is held of the object.
func succession(v *Version, held Held) error {
	old := held.Latest
	if old == nil {
		return nil
	}
	st, before := v.Statement, old.Statement
	if st.Issuer != before.Issuer {
		return NotOwner
	}
	switch {
	case st.Version == before.Version:
		if v.Payload != old.Payload {
			return ErrEquivocation
		}
		return nil
	case st.Version < before.Version:
		if st.Version == before.Version-1 && v.Payload != before.Previous {
			return ErrEquivocation
		}
		return NotCurrent
	case st.Version == before.Version+1 && st.Previous != old.Payload:
		return ErrEquivocation
	}
	// A gap is no offence: versions in between were not for us.
	switch stix.Follows(stix.VersionOf(old.Object), stix.VersionOf(v.Object)) {
	case stix.Newer:
		return nil
	case stix.Final:
		return Final
	}
	// Marks and audience may change without the object: the object then is the
	// same, at the same time.
	if string(v.Object.Raw) == string(old.Object.Raw) && envelope.IssuedAt(st.Issued).After(envelope.IssuedAt(before.Issued)) {
		return nil
	}
	return Backwards
}

// Equivocates tells whether two versions prove that their issuer told two
// stories.
func Equivocates(a, b *Version) bool {
	x, y := a.Statement, b.Statement
	if x.Community != y.Community || x.Issuer != y.Issuer || x.ID != y.ID {
		return false
	}
	switch y.Version - x.Version {
	case 0:
		return a.Payload != b.Payload
	case 1:
		return y.Previous != a.Payload
	case -1:
		return x.Previous != b.Payload
	}
	return false
}

// Show says whether a version that is held may be shown to someone of our
// state. named says that the person is one of those TLP:RED was meant for.
func Show(v *Version, held Held, self string, named bool) error {
	st := v.Statement
	switch {
	case st.Issuer != self && !slices.Contains(st.Handling.Audience, self):
		return NotOurs
	case st.Issuer != self && held.Recalled >= st.Version:
		return Taken
	case st.Handling.TLP == "red" && !named:
		return NamedOnly
	}
	return nil
}

// Overdue says whether the day has come by which the version had to be looked
// at again. It is shown as overdue, not hidden.
func Overdue(v *Version, now time.Time) bool {
	by, ok := stix.ParseTime(v.Statement.Handling.ReviewBy + "T23:59:59Z")
	return ok && now.After(by)
}

// Granted is a grant whose signature holds.
type Granted struct {
	Grant  *envelope.Grant
	Signed []byte // the envelope it came in
}

// OpenGrant reads an envelope that holds a grant.
func OpenGrant(b []byte, ring envelope.Keyring) (*Granted, error) {
	s, err := envelope.Open(b, ring)
	if err != nil {
		return nil, err
	}
	g, err := s.Granted()
	if err != nil {
		return nil, err
	}
	return &Granted{g, b}, nil
}

// Fresh says whether a grant is in force by the relay's clock: for ten minutes
// from its time on.
func (g *Granted) Fresh(now time.Time) bool { return g.fresh(now, Lease) }

func (g *Granted) fresh(now time.Time, lease time.Duration) bool {
	issued := envelope.IssuedAt(g.Grant.Issued)
	return !now.Before(issued.Add(-Skew)) && now.Before(issued.Add(lease))
}

// grantFor finds a grant under which relay may pass v to the recipient.
func grantFor(v *Version, relay, to string, grants []*Granted, now time.Time, lease time.Duration) *Granted {
	st := v.Statement
	for _, g := range grants {
		if g.Grant.Issuer == st.Issuer && g.Grant.Community == st.Community && g.Grant.ID == st.ID && g.Grant.Version == st.Version &&
			g.Grant.Payload == v.Payload && g.Grant.Relay == relay && slices.Contains(g.Grant.Recipients, to) && g.fresh(now, lease) {
			return g
		}
	}
	return nil
}

// Pass says whether we may give a version to another state. The originator
// gives the latest version to its audience; a relay needs a fresh grant too.
func Pass(v *Version, held Held, to string, grants []*Granted, c Context) error {
	st := v.Statement
	if err := c.List.Live(c.Now); err != nil {
		return Expired
	}
	if _, ok := c.List.State(to); !ok {
		return NotMember
	}
	switch {
	case held.Latest == nil || held.Latest.Payload != v.Payload:
		return NotCurrent
	case held.Recalled >= st.Version:
		return Taken
	case !slices.Contains(st.Handling.Audience, to):
		return NotTheirs
	case st.Issuer == c.Self:
		return nil
	case grantFor(v, c.Self, to, grants, c.Now, Lease) == nil:
		return NoGrant
	}
	return nil
}

// MayGrant says whether the originator may let a relay pass a version on: it is
// the latest, and relay and recipients are in its audience.
func MayGrant(v *Version, held Held, relay string, recipients []string, c Context) error {
	for _, to := range append([]string{relay}, recipients...) {
		if err := Pass(v, held, to, nil, c); err != nil {
			return err
		}
	}
	if v.Statement.Issuer != c.Self {
		return NotOwner
	}
	return nil
}

// AcceptGrant says whether a grant that came from sender may be taken in: the
// relay has it from the originator, the recipient from the relay. One that has
// run out is refused, whoever brings it.
func AcceptGrant(g *envelope.Grant, sender string, c Context) error {
	if err := c.List.Live(c.Now); err != nil {
		return Expired
	}
	switch {
	case g.Community != c.List.Community:
		return Community
	case !c.List.Counts(g.Issuer, g.Key, c.Witnessed, c.Now):
		return Revoked
	case g.Relay == c.Self && sender != g.Issuer, g.Relay != c.Self && sender != g.Relay:
		return WrongSender
	case g.Relay != c.Self && !slices.Contains(g.Recipients, c.Self):
		return NotOurs
	case !(&Granted{Grant: g}).fresh(c.Now, Lease+Skew):
		return NoGrant
	}
	return nil
}
