package tlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// memory keeps nodes for tests.
type memory []Hash

func (m *memory) ReadHashes(indexes []int64) ([]Hash, error) {
	var out []Hash
	for _, x := range indexes {
		if x >= int64(len(*m)) {
			return nil, errors.New("not stored")
		}
		out = append(out, (*m)[x])
	}
	return out, nil
}

func (m *memory) Append(h []Hash) error {
	*m = append(*m, h...)
	return nil
}

func leafOf(i int) Hash {
	return Leaf(sha256.Sum256(fmt.Append(nil, "salt", i)), sha256.Sum256(fmt.Append(nil, "envelope", i)))
}

func grow(t testing.TB, m *memory, from, to int) {
	t.Helper()
	var leaves []Hash
	for i := from; i < to; i++ {
		leaves = append(leaves, leafOf(i))
	}
	if n, err := Add(m, int64(from), leaves); err != nil || n != int64(to) {
		t.Fatal(n, err)
	}
}

// The leaf as it is written down, made by hand.
func TestLeaf(t *testing.T) {
	salt, envelope := sha256.Sum256([]byte("s")), sha256.Sum256([]byte("e"))
	want := sha256.Sum256(bytes.Join([][]byte{{0}, []byte("comity/leaf/v1"), salt[:], envelope[:]}, nil))
	if Leaf(salt, envelope) != Hash(want) {
		t.Error("another leaf")
	}
}

func TestProofs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var m memory
		size := rapid.IntRange(1, 300).Draw(r, "size")
		step := rapid.IntRange(1, size).Draw(r, "step")
		for from := 0; from < size; from += step {
			grow(t, &m, from, min(from+step, size))
		}
		root, err := Root(&m, int64(size))
		if err != nil {
			r.Fatal(err)
		}
		i := rapid.IntRange(0, size-1).Draw(r, "leaf")
		path, err := Inclusion(&m, int64(size), int64(i))
		if err != nil || CheckInclusion(path, int64(size), root, int64(i), leafOf(i)) != nil {
			r.Fatal(err)
		}
		if CheckInclusion(path, int64(size), root, int64(i), leafOf(i+1)) == nil {
			r.Fatal("another leaf is under the root")
		}
		before := rapid.IntRange(0, size).Draw(r, "before")
		old, err := Root(&m, int64(before))
		if err != nil {
			r.Fatal(err)
		}
		consistency, err := Consistency(&m, int64(size), int64(before))
		if err != nil || CheckConsistency(consistency, int64(size), root, int64(before), old) != nil {
			r.Fatal(err, before, size)
		}
		if CheckConsistency(consistency, int64(size), root, int64(before), leafOf(size)) == nil {
			r.Fatal("another history is consistent")
		}
	})
}

func TestPadding(t *testing.T) {
	for _, c := range [][4]int64{{0, 0, 16, 16}, {0, 1, 16, 15}, {16, 16, 16, 16}, {16, 32, 16, 0}, {16, 33, 16, 15}, {5, 4, 16, 0}, {0, 4, 0, 0}} {
		if got := Padding(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("Padding(%d, %d, %d) = %d", c[0], c[1], c[2], got)
		}
	}
	if Dummy([64]byte{}) == Dummy([64]byte{1}) {
		t.Error("one dummy")
	}
}

func logKey(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "norland.example/log")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

var noon = time.Unix(1_800_000_000, 0)

func cosigner(t testing.TB, i int, quantum bool, at time.Time) *Cosigner {
	t.Helper()
	c, err := NewCosigner(fmt.Sprintf("w%d.example", i), bytes.Repeat([]byte{byte(i)}, 32), quantum, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func checkpoint(t testing.TB, m *memory, size int64) Checkpoint {
	t.Helper()
	root, err := Root(m, size)
	if err != nil {
		t.Fatal(err)
	}
	return Checkpoint{"norland.example/log", size, root}
}

// The checkpoint with a cosignature that C2SP's text prints.
func TestTheExampleOfC2SP(t *testing.T) {
	const signed = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	c, err := ParseCheckpoint(signed)
	if err != nil || c.Size != 20852163 || c.Text() != signed {
		t.Errorf("%+v %v", c, err)
	}
	at, err := cosignedAt("jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==")
	if err != nil || at != 1679315147 {
		t.Error(at, err)
	}
	text, err := cosignedText("witness.example.com/w1", witnessEd25519, 1679315147, []byte(signed))
	if err != nil || string(text) != "cosignature/v1\ntime 1679315147\n"+signed {
		t.Errorf("%q", text)
	}
	text, err = cosignedText("w", witnessMLDSA44, 1, []byte("o\n2\n"+Hash{}.String()+"\n"))
	want := "subtree/v1\n\x00" + "\x01w" + "\x00\x00\x00\x00\x00\x00\x00\x01" + "\x01o" + strings.Repeat("\x00", 8) + "\x00\x00\x00\x00\x00\x00\x00\x02" + strings.Repeat("\x00", 32)
	if err != nil || string(text) != want {
		t.Errorf("%q", text)
	}
}

func TestWitnesses(t *testing.T) {
	var m memory
	grow(t, &m, 0, 40)
	log, verifier := logKey(t)
	signed, err := checkpoint(t, &m, 20).Sign(log)
	if err != nil {
		t.Fatal(err)
	}
	var witnesses []*Witness
	for i := range 4 {
		c := cosigner(t, i, i%2 == 0, noon.Add(time.Duration(i)*time.Second))
		var held Checkpoint
		if signed, held, err = c.Cosign(signed, verifier, Checkpoint{}, nil); err != nil || held.Size != 20 {
			t.Fatal(err)
		}
		again, err := ParseWitness(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatal(err)
		}
		if _, err := ParseWitness(strings.Replace(c.String(), "+", "+0", 1)); err == nil {
			t.Error("a key with another hash")
		}
		witnesses = append(witnesses, again)
	}
	o, err := Open(signed, verifier, witnesses...)
	if err != nil || len(o.Witnessed) != 4 {
		t.Fatal(o, err)
	}
	for k, want := range map[int]int64{1: 0, 3: 2, 4: 3} {
		if at, ok := o.WitnessedBy(k); !ok || at.Unix() != noon.Unix()+want {
			t.Error(k, at, ok)
		}
	}
	if _, ok := o.WitnessedBy(5); ok {
		t.Error("five of four")
	}
	if o, err := Open(signed, verifier, witnesses[1]); err != nil || len(o.Witnessed) != 1 {
		t.Error(o, err)
	}
	// Every byte of the text counts.
	for i := range checkpoint(t, &m, 20).Text() {
		bad := bytes.Clone(signed)
		bad[i] ^= 1
		if got, err := Open(bad, verifier, witnesses...); err == nil && len(got.Witnessed) == 4 {
			t.Fatalf("byte %d may change", i)
		}
	}
	// A checkpoint that continues, and one that does not.
	held := checkpoint(t, &m, 20)
	next, err := checkpoint(t, &m, 40).Sign(log)
	if err != nil {
		t.Fatal(err)
	}
	path, err := Consistency(&m, 40, 20)
	if err != nil {
		t.Fatal(err)
	}
	c := cosigner(t, 1, false, noon)
	if _, got, err := c.Cosign(next, verifier, held, path); err != nil || got.Size != 40 {
		t.Error(err)
	}
	fork := Checkpoint{held.Origin, 40, leafOf(3)}
	forked, err := fork.Sign(log)
	if err != nil {
		t.Fatal(err)
	}
	if _, got, err := c.Cosign(forked, verifier, held, path); !errors.Is(err, ErrSplit) || got != held {
		t.Error(err)
	}
	older, err := checkpoint(t, &m, 10).Sign(log)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Cosign(older, verifier, held, nil); !errors.Is(err, ErrSplit) {
		t.Error("a log that went back was cosigned")
	}
	if !Split(fork, checkpoint(t, &m, 40)) || Split(held, checkpoint(t, &m, 40)) {
		t.Error("a split view")
	}
}

func TestProofFile(t *testing.T) {
	var m memory
	grow(t, &m, 0, 300)
	log, verifier := logKey(t)
	signed, err := checkpoint(t, &m, 300).Sign(log)
	if err != nil {
		t.Fatal(err)
	}
	path, err := Inclusion(&m, 300, 123)
	if err != nil {
		t.Fatal(err)
	}
	b := Proof{Extra: []byte("x"), Index: 123, Path: path, Checkpoint: signed}.Marshal()
	p, err := ParseProof(b)
	if err != nil || !bytes.Equal(p.Marshal(), b) {
		t.Fatal(err)
	}
	if o, err := p.Check(leafOf(123), verifier); err != nil || o.Size != 300 {
		t.Error(err)
	}
	if _, err := p.Check(leafOf(124), verifier); err == nil {
		t.Error("another leaf")
	}
	for _, bad := range []string{"", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\n", "c2sp.org/tlog-proof@v1\nextra x\nindex 1\n\n", "c2sp.org/tlog-proof@v1\nindex 1\nx\n\n", "c2sp.org/tlog-proof@v1\nindex -1\n\n"} {
		if _, err := ParseProof([]byte(bad)); err == nil {
			t.Errorf("%q", bad)
		}
	}
}

// Tiles alone are enough to prove from, as C2SP has it.
func TestTiles(t *testing.T) {
	var m memory
	grow(t, &m, 0, 70_000)
	published := map[string][]byte{}
	for _, size := range []int64{255, 300, 70_000} {
		for _, tile := range Tiles(0, size) {
			data, err := tile.Read(&m, size)
			if err != nil {
				t.Fatal(tile.Path(), err)
			}
			again, err := ParseTile(tile.Path())
			if err != nil || again != tile {
				t.Fatal(tile.Path(), err)
			}
			published[tile.Path()] = data
		}
	}
	for path, n := range map[string]int{"tile/0/000": 256, "tile/0/000.p/255": 255, "tile/0/273.p/112": 112, "tile/1/001.p/17": 17, "tile/2/000.p/1": 1} {
		if len(published[path]) != n*32 {
			t.Errorf("%s: %d bytes", path, len(published[path]))
		}
	}
	root, err := Root(&m, 70_000)
	if err != nil {
		t.Fatal(err)
	}
	reader := tlog.TileHashReader(tlog.Tree{N: 70_000, Hash: root}, tiles(published))
	got, err := Inclusion(reader, 70_000, 65_600)
	if err != nil || CheckInclusion(got, 70_000, root, 65_600, leafOf(65_600)) != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "tile/", "tile/0/1", "tile/0/000.p/0", "tile/0/000.p/256", "tile/9/000", "tile/x/000", "/tile/0/000"} {
		if _, err := ParseTile(bad); err == nil {
			t.Error(bad)
		}
	}
	for _, beyond := range []string{"tile/0/274", "tile/0/273", "tile/2/000", "tile/3/000.p/1", "tile/7/x999/x999/999"} {
		tile, err := ParseTile(beyond)
		if err != nil {
			t.Fatal(beyond, err)
		}
		if _, err := tile.Read(&m, 70_000); err == nil {
			t.Error(beyond)
		}
	}
}

type tiles map[string][]byte

func (tiles) Height() int { return tileHeight }
func (p tiles) ReadTiles(all []tlog.Tile) (data [][]byte, err error) {
	for _, t := range all {
		b, ok := p[Tile{t}.Path()]
		if !ok {
			return nil, errors.New("not published: " + Tile{t}.Path())
		}
		data = append(data, b)
	}
	return data, nil
}
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func FuzzProof(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra eA==\nindex 0\n" + leafOf(1).String() + "\n\no\n1\n" + leafOf(1).String() + "\n\n— o AAAA\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			return
		}
		if !bytes.Equal(p.Marshal(), b) {
			t.Errorf("%q", b)
		}
		_, verifier := logKey(t)
		if _, err := p.Check(leafOf(1), verifier); err == nil {
			t.Error("a checkpoint without its signature")
		}
	})
}

func FuzzParseWitness(f *testing.F) {
	f.Add("w+00000000+" + base64.StdEncoding.EncodeToString(make([]byte, 33)))
	f.Add("tile/0/x001/234.p/5")
	f.Fuzz(func(t *testing.T, s string) {
		if w, err := ParseWitness(s); err == nil && w.String() != s && strings.TrimRight(w.String(), "=") != strings.TrimRight(s, "=") {
			t.Errorf("%q is %q", s, w.String())
		}
		if tile, err := ParseTile(s); err == nil && tile.Path() != s {
			t.Errorf("%q is %q", s, tile.Path())
		}
	})
}

// One leaf at a time and a thousand, and proofs in a tree of 2^17.
func BenchmarkAdd(b *testing.B) {
	var m memory
	leaves := make([]Hash, 1000)
	for i := range leaves {
		leaves[i] = leafOf(i)
	}
	size := int64(0)
	for b.Loop() {
		if size > 1<<20 {
			m, size = m[:0], 0
		}
		var err error
		if size, err = Add(&m, size, leaves); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "leaves/s")
}

func BenchmarkProveAndCheck(b *testing.B) {
	var m memory
	grow(b, &m, 0, 1<<17)
	root, err := Root(&m, 1<<17)
	if err != nil {
		b.Fatal(err)
	}
	for i := int64(0); b.Loop(); i = (i + 7919) % (1 << 17) {
		path, err := Inclusion(&m, 1<<17, i)
		if err != nil || CheckInclusion(path, 1<<17, root, i, leafOf(int(i))) != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCosign(b *testing.B) {
	var m memory
	grow(b, &m, 0, 100)
	log, verifier := logKey(b)
	signed, err := checkpoint(b, &m, 100).Sign(log)
	if err != nil {
		b.Fatal(err)
	}
	for _, quantum := range []bool{false, true} {
		c := cosigner(b, 1, quantum, noon)
		b.Run(fmt.Sprintf("quantum=%v", quantum), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := c.Cosign(signed, verifier, Checkpoint{}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
