package trust

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/tlog"
)

func key(n int) *envelope.PrivateKey {
	k, err := envelope.NewKey(bytes.Repeat([]byte{byte(n)}, 32), nil)
	if err != nil {
		panic(err) // 32 bytes
	}
	return k
}

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const id = "identity--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb"

// list has three roots, of which two decide, and two states.
func list() List {
	l := List{
		Header:  envelope.Header{Community: "coc", Issuer: "roots", Key: "roots", Salt: bytes.Repeat([]byte{1}, 32)},
		Version: 1, Issued: "2026-11-01T00:00:00.000Z", Expires: "2027-11-01T00:00:00.000Z", K: 2,
	}
	for i := 1; i <= 3; i++ {
		l.Roots = append(l.Roots, Root{fmt.Sprint("r", i), key(i).Public()})
	}
	for i, name := range []string{"ALV", "NOR"} {
		l.States = append(l.States, State{
			ID: name, Identity: id + fmt.Sprint(i), Keys: []Key{{Key: key(10 + i).Public(), From: "2026-01-01T00:00:00.000Z"}},
			Certificates: []envelope.Hash{{byte(i + 1)}}, RequestKeys: []string{"k" + name}, Log: logKey(name), Witness: witness(i, noonWitness).String(),
		})
	}
	return l
}

var noonWitness = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

func logSigner(name string) (signer, verifier string) {
	signer, verifier, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte(name), 40)), name+".example/log")
	if err != nil {
		panic(err) // enough bytes
	}
	return signer, verifier
}

func logKey(name string) string {
	_, v := logSigner(name)
	return v
}

func witness(i int, at time.Time) *tlog.Cosigner {
	c, err := tlog.NewCosigner(fmt.Sprintf("w%d.example", i), bytes.Repeat([]byte{byte(50 + i)}, 32), false, at)
	if err != nil {
		panic(err) // 32 bytes
	}
	return c
}

func sealed(t testing.TB, l List, roots ...int) []byte {
	t.Helper()
	b, err := envelope.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var keys []*envelope.PrivateKey
	for _, r := range roots {
		keys = append(keys, key(r))
	}
	s, err := envelope.Seal(envelope.ForTrustList, b, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hash(t testing.TB, b []byte) envelope.Hash {
	t.Helper()
	s, err := envelope.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return s.PayloadHash()
}

func pinned(t testing.TB) *List {
	t.Helper()
	b := sealed(t, list(), 1, 2)
	l, err := Pin(b, hash(t, b), now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPin(t *testing.T) {
	b := sealed(t, list(), 1, 2)
	if _, err := Pin(b, envelope.Hash{}, now); err == nil {
		t.Error("a list nobody agreed")
	}
	one := sealed(t, list(), 1)
	if _, err := Pin(one, hash(t, one), now); !errors.Is(err, ErrQuorum) {
		t.Error(err)
	}
	same := sealed(t, list(), 1, 2, 9) // a stranger's signature counts for nothing, and harms nothing
	if _, err := Pin(same, hash(t, same), now); err != nil {
		t.Error(err)
	}
	if _, err := Pin(b, hash(t, b), now.AddDate(1, 0, 0)); !errors.Is(err, ErrExpired) {
		t.Error(err)
	}
}

func TestNext(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*List)
		roots  []int
		want   error
	}{
		"by the same two":                {func(*List) {}, []int{1, 2}, nil},
		"by another two":                 {func(*List) {}, []int{2, 3}, nil},
		"by one":                         {func(*List) {}, []int{3}, ErrQuorum},
		"by strangers":                   {func(*List) {}, []int{8, 9}, ErrQuorum},
		"an older one":                   {func(l *List) { l.Version = 0 }, []int{1, 2}, ErrForm},
		"several further":                {func(l *List) { l.Version = 9 }, []int{1, 2}, nil},
		"two of one number":              {func(l *List) { l.Version = 1; l.Expires = "2027-10-01T00:00:00.000Z" }, []int{1, 2}, ErrForm},
		"of another community":           {func(l *List) { l.Community = "other" }, []int{1, 2}, ErrForm},
		"one root replaced, by old ones": {func(l *List) { l.Roots[2] = Root{"r4", key(4).Public()} }, []int{1, 2}, nil},
		"new roots without the old":      {func(l *List) { l.Roots = []Root{{"r4", key(4).Public()}, {"r5", key(5).Public()}} }, []int{4, 5}, ErrQuorum},
		"new roots that do not sign":     {func(l *List) { l.Roots = []Root{{"r4", key(4).Public()}, {"r5", key(5).Public()}} }, []int{1, 2}, ErrQuorum},
		"new roots and old":              {func(l *List) { l.Roots = []Root{{"r4", key(4).Public()}, {"r5", key(5).Public()}} }, []int{1, 2, 4, 5}, nil},
		"a list that has run out":        {func(l *List) { l.Issued, l.Expires = "2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z" }, []int{1, 2}, ErrExpired},
		"half of the roots":              {func(l *List) { l.K = 1 }, []int{1, 2}, ErrForm},
		"a list for ten years":           {func(l *List) { l.Expires = "2036-11-01T00:00:00.000Z" }, []int{1, 2}, ErrForm},
		"a key of two states":            {func(l *List) { l.States[1].Keys = l.States[0].Keys }, []int{1, 2}, ErrForm},
		"a certificate of two states":    {func(l *List) { l.States[1].Certificates = l.States[0].Certificates }, []int{1, 2}, ErrForm},
		"a request key of two states":    {func(l *List) { l.States[1].RequestKeys = l.States[0].RequestKeys }, []int{1, 2}, ErrForm},
		"a log of two states":            {func(l *List) { l.States[1].Log = l.States[0].Log }, []int{1, 2}, ErrForm},
		"a log without a key":            {func(l *List) { l.States[1].Log = "NOR.example/log" }, []int{1, 2}, ErrForm},
		"a witness of two states":        {func(l *List) { l.States[1].Witness = l.States[0].Witness }, []int{1, 2}, ErrForm},
		"a witness without a key":        {func(l *List) { l.States[1].Witness = "w" }, []int{1, 2}, ErrForm},
		"a state twice":                  {func(l *List) { l.States[1].ID = "ALV" }, []int{1, 2}, ErrForm},
		"a root twice":                   {func(l *List) { l.Roots[1] = Root{"r9", l.Roots[0].Key} }, []int{1, 2}, ErrForm},
	} {
		l := list()
		l.Version = 2
		c.change(&l)
		held := pinned(t)
		next, err := held.Next(sealed(t, l, c.roots...), now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil && next.Version != l.Version {
			t.Errorf("%s: version %d", name, next.Version)
		}
	}
	// Never back.
	held := pinned(t)
	two := list()
	two.Version = 2
	next, err := held.Next(sealed(t, two, 1, 2), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := next.Next(sealed(t, list(), 1, 2), now); !errors.Is(err, ErrRollback) {
		t.Error(err)
	}
	// The same again is the same.
	if again, err := next.Next(sealed(t, two, 2, 3), now); err != nil || again != next {
		t.Error(err)
	}
}

func TestCounts(t *testing.T) {
	l := list()
	l.States[0].Keys = append(l.States[0].Keys, Key{Key: key(20).Public(), From: "2026-01-01T00:00:00.000Z", Revoked: "2026-06-01T00:00:00.000Z"})
	l.States[0].Keys[0].From = "2026-05-01T00:00:00.000Z"
	live, gone := l.States[0].Keys[0].Key.ID(), key(20).Public().ID()
	at := func(month time.Month) time.Time { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		state, key string
		witnessed  time.Time
		want       bool
	}{
		"a live key":                          {"ALV", live, at(9), true},
		"a live key, not yet witnessed":       {"ALV", live, time.Time{}, true},
		"a key ahead of its time":             {"ALV", live, at(4), false},
		"witnessed before the revocation":     {"ALV", gone, at(5), true},
		"witnessed after the revocation":      {"ALV", gone, at(7), false},
		"witnessed as the revocation began":   {"ALV", gone, at(6), false},
		"a revoked key that nobody witnessed": {"ALV", gone, time.Time{}, false},
		"another state's key":                 {"NOR", live, at(9), false},
		"a state that is not there":           {"ZED", live, at(9), false},
	} {
		if got := l.Counts(c.state, c.key, c.witnessed, at(10)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	// Until the day on which it is revoked a key counts.
	if !l.Counts("ALV", gone, time.Time{}, at(5)) || l.Counts("ALV", gone, time.Time{}, at(6)) {
		t.Error("the day of the revocation")
	}
	// What was revoked stays revoked.
	l.Version = 2
	held, err := pinned(t).Next(sealed(t, l, 1, 2), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, revoked := range []string{"", "2026-09-01T00:00:00.000Z"} {
		l.Version = 3
		l.States[0].Keys[1].Revoked = revoked
		if _, err := held.Next(sealed(t, l, 1, 2), now); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", revoked, err)
		}
	}
}

// nodes keeps a log's tree.
type nodes []tlog.Hash

func (n *nodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, x := range indexes {
		out = append(out, (*n)[x])
	}
	return out, nil
}

func (n *nodes) Append(h []tlog.Hash) error {
	*n = append(*n, h...)
	return nil
}

// From the signed bytes through log, checkpoint and quorum to whether a
// signature by a key that was revoked later counts.
func TestWitnessed(t *testing.T) {
	l := list()
	for i, name := range []string{"P", "Q", "R"} { // five states, so three of the four others
		l.States = append(l.States, State{ID: name, Identity: id + fmt.Sprint(5+i), Log: logKey(name), Witness: witness(5+i, noonWitness).String()})
	}
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	k := l.States[0].Keys[0].Key.ID()
	payload, err := envelope.Marshal(envelope.LedgerCheckpoint{Header: envelope.Header{Community: "coc", Issuer: "ALV", Key: k, Salt: bytes.Repeat([]byte{7}, 32)}, Epoch: 1, Checkpoint: "x"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := envelope.Seal(envelope.ForCheckpoint, payload, key(10))
	if err != nil {
		t.Fatal(err)
	}
	s, err := envelope.Open(b, &l)
	if err != nil {
		t.Fatal(err)
	}
	var tree nodes
	leaf := tlog.Leaf([32]byte(s.Header.Salt), s.Hash())
	if _, err := tlog.Add(&tree, 0, []tlog.Hash{tlog.Dummy([64]byte{1}), leaf, tlog.Dummy([64]byte{2})}); err != nil {
		t.Fatal(err)
	}
	root, err := tlog.Root(&tree, 3)
	if err != nil {
		t.Fatal(err)
	}
	path, err := tlog.Inclusion(&tree, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	skey, vkey := logSigner("ALV")
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := tlog.Checkpoint{Origin: signer.Name(), Size: 3, Root: root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	// Its own witness and a stranger's count for nothing.
	for n, c := range []*tlog.Cosigner{witness(0, noonWitness), witness(30, noonWitness), witness(1, noonWitness.Add(time.Hour)), witness(5, noonWitness), witness(6, noonWitness.Add(time.Minute))} {
		if at, err := l.Witnessed(s, tlog.Proof{Index: 1, Path: path, Checkpoint: signed}); !errors.Is(err, ErrNotWitnessed) {
			t.Fatalf("with %d cosignatures: %v %v", n, at, err)
		}
		if signed, _, err = c.Cosign(signed, verifier, tlog.Checkpoint{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	proof, err := tlog.ParseProof(tlog.Proof{Index: 1, Path: path, Checkpoint: signed}.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	at, err := l.Witnessed(s, proof)
	if err != nil || !at.Equal(noonWitness.Add(time.Hour)) {
		t.Fatal(at, err)
	}
	for revoked, want := range map[string]bool{"2026-11-22T13:00:00.000Z": true, "2026-11-22T11:30:00.000Z": false} {
		l.States[0].Keys[0].Revoked = revoked
		if got := l.Counts("ALV", k, at, now); got != want {
			t.Errorf("revoked at %s: %v", revoked, got)
		}
	}
	proof.Index = 0
	if _, err := l.Witnessed(s, proof); err == nil || errors.Is(err, ErrNotWitnessed) {
		t.Error(err)
	}
}

func TestPeer(t *testing.T) {
	l := list()
	for _, c := range []struct {
		certificate byte
		request     string
		state       string
		ok          bool
	}{{1, "kALV", "ALV", true}, {1, "kNOR", "ALV", false}, {9, "kALV", "", false}} {
		if state, ok := l.Peer(envelope.Hash{c.certificate}, c.request); state != c.state || ok != c.ok {
			t.Errorf("%+v: %s %v", c, state, ok)
		}
	}
}

// Two quorums share a witness that is honest, with as many dishonest ones as
// are assumed.
func TestQuorum(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 2, 4: 3, 6: 4, 7: 5, 23: 16, 24: 16} {
		if got := Quorum(n); got != want {
			t.Errorf("Quorum(%d) = %d, want %d", n, got, want)
		}
	}
	for n := 1; n < 500; n++ {
		if k, f := Quorum(n), (n-1)/3; 2*k-n < f+1 || k > n || k > n-f && n > 3 {
			t.Errorf("n %d, k %d, f %d", n, k, f)
		}
	}
}

// Whatever sets of roots sign, the list moves only by k of the old and k of the
// new, and only forwards.
func TestRollover(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		held := pinned(t)
		for range 4 {
			next := list()
			next.Version = rapid.Int64Range(1, 6).Draw(r, "version")
			pool := rapid.SliceOfNDistinct(rapid.IntRange(1, 6), 1, 5, rapid.ID[int]).Draw(r, "roots")
			next.Roots = nil
			for _, n := range pool {
				next.Roots = append(next.Roots, Root{fmt.Sprint("r", n), key(n).Public()})
			}
			next.K = rapid.IntRange(1, len(pool)).Draw(r, "k")
			signers := rapid.SliceOfNDistinct(rapid.IntRange(1, 7), 1, 6, rapid.ID[int]).Draw(r, "signers")
			count := func(l *List) (n int) {
				for _, root := range l.Roots {
					for _, s := range signers {
						if key(s).Public().ID() == root.Key.ID() {
							n++
						}
					}
				}
				return n
			}
			want := 2*next.K > len(next.Roots) && next.Version > held.Version && count(held) >= held.K && count(&next) >= next.K
			got, err := held.Next(sealed(t, next, signers...), now)
			if (err == nil && got != held) != want {
				r.Fatalf("moved from %d to %d: %v, want %v", held.Version, next.Version, err, want)
			}
			if err == nil {
				held = got
			}
		}
	})
}

func FuzzNext(f *testing.F) {
	f.Add(sealed(f, list(), 1, 2))
	l := list()
	l.Version = 2
	f.Add(sealed(f, l, 1, 2))
	held := pinned(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if next, err := held.Next(b, now); err == nil && next.Version > 1 {
			s, err := envelope.Parse(b)
			if err != nil || next.signedBy(s, held.Roots, held.K) != nil {
				t.Error("a list that the roots did not sign")
			}
		}
	})
}
