package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

// vectors is a small ledger with everything that follows from it, in bytes. The
// file is published with docs/ledger-format.md: whoever writes a second program
// checks it with them.
type vectors struct {
	Name        string         `json:"name"`
	PublicKey   string         `json:"public_key"`
	Entries     []vectorEntry  `json:"entries"`
	Roots       []string       `json:"roots"` // hex; of the first 0, 1, 2, ... entries
	Checkpoints []string       `json:"checkpoints"`
	Proofs      []ledger.Proof `json:"proofs"`
}

type vectorEntry struct {
	Seq     int64        `json:"seq"`
	Time    int64        `json:"time"`
	Stream  string       `json:"stream"`
	Version int64        `json:"version"`
	Type    string       `json:"type"`
	Actor   string       `json:"actor"`
	Command string       `json:"command"`
	Salt    string       `json:"salt"` // hex
	Kept    string       `json:"kept"`
	Parts   []vectorPart `json:"parts,omitempty"`
	Commit  string       `json:"commit_kept"` // hex, as all below
	Header  string       `json:"header"`
	Chain   string       `json:"chain"`
	Leaf    string       `json:"leaf"`
	Record  string       `json:"record"`
}

type vectorPart struct {
	Owner     string `json:"owner"`
	Salt      string `json:"salt"` // hex
	Plaintext string `json:"plaintext"`
	Commit    string `json:"commit"` // hex
	Sealed    string `json:"sealed"` // hex; any bytes, no hash covers them
}

// signer makes a signing key from a fixed seed. Its ledger is made up.
func signer(t testing.TB) (note.Signer, note.Verifier, string) {
	t.Helper()
	const name = "vectors.example"
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := append([]byte{1}, key.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(name+"\n"), public...))
	hash := binary.BigEndian.Uint32(sum[:])
	b64 := base64.StdEncoding.EncodeToString
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, hash, b64(append([]byte{1}, key.Seed()...))))
	if err != nil {
		t.Fatal(err)
	}
	vkey := fmt.Sprintf("%s+%08x+%s", name, hash, b64(public))
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, v, vkey
}

// blocks is a tree's storage in memory.
type blocks map[int64][]byte

func (b blocks) Block(n int64) ([]byte, error)         { return b[n], nil }
func (b blocks) PutBlock(n int64, hashes []byte) error { b[n] = bytes.Clone(hashes); return nil }

// small makes the ledger of the vectors: seven entries of three streams.
func small() []ledger.Entry {
	fixed := func(n int, seed byte) []byte { return bytes.Repeat([]byte{seed}, n) }
	part := func(owner, plain string, seed byte) ledger.Part {
		return ledger.Part{Owner: event.Stream(owner), Commit: ledger.CommitPart(fixed(16, seed), []byte(plain)), Sealed: fixed(5, seed)}
	}
	in := []ledger.Entry{
		{Stream: "org/1", Type: "org.registered", Kept: []byte(`{"kind":"authority","name":"Authority"}`)},
		{Stream: "account/1", Type: "account.opened", Kept: []byte(`{"org":"1"}`), Parts: []ledger.Part{part("account/1", `{"name":"Ada"}`, 0x21)}},
		{Stream: "case/1", Type: "case.submitted", Kept: []byte(`{"reference":"XN-2026-0001"}`), Parts: []ledger.Part{part("case/1", `{"title":"Pumps"}`, 0x22), part("party/9", `{"names":["Міра"]}`, 0x23)}},
		{Stream: "case/1", Type: "case.assigned", Kept: []byte(`{"officer":"1"}`)},
		{Stream: "account/1", Type: "account.roles_changed", Kept: []byte(`{}`), Parts: []ledger.Part{part("account/1", ``, 0x24)}},
		{Stream: "case/1", Type: "case.withdrawn", Kept: []byte(`{"to":"withdrawn"}`)},
		{Stream: "org/1", Type: "org.settled", Kept: []byte(`{"status":"active"}`)},
	}
	var prev ledger.Hash
	versions := map[event.Stream]int64{}
	for i := range in {
		e := &in[i]
		versions[e.Stream]++
		e.Seq, e.Version, e.Time = int64(i+1), versions[e.Stream], 1_795_000_000_000_000+int64(i/2)*1000
		e.Actor, e.Command, e.Salt = "system", fmt.Sprintf("command-%d", i+1), fixed(16, byte(0x10+i))
		e.Hash = e.Link(prev)
		prev = e.Hash
	}
	return in
}

func make7(t *testing.T) (vectors, note.Verifier) {
	t.Helper()
	s, verifier, vkey := signer(t)
	entries := small()
	v := vectors{Name: s.Name(), PublicKey: vkey}
	plain := map[byte]string{0x21: `{"name":"Ada"}`, 0x22: `{"title":"Pumps"}`, 0x23: `{"names":["Міра"]}`, 0x24: ``}
	var chain []ledger.Hash
	for i := range entries {
		e := &entries[i]
		commit, leaf := e.CommitKept(), ledger.Leaf(e.Hash)
		x := vectorEntry{
			e.Seq, e.Time, string(e.Stream), e.Version, e.Type, e.Actor, e.Command, hex.EncodeToString(e.Salt), string(e.Kept), nil,
			commit.String(), hex.EncodeToString(e.Header()), e.Hash.String(), hex.EncodeToString(leaf[:]), hex.EncodeToString(e.Record()),
		}
		for _, p := range e.Parts {
			seed := p.Sealed[0]
			x.Parts = append(x.Parts, vectorPart{string(p.Owner), hex.EncodeToString(bytes.Repeat([]byte{seed}, 16)), plain[seed], p.Commit.String(), hex.EncodeToString(p.Sealed)})
		}
		v.Entries = append(v.Entries, x)
		chain = append(chain, e.Hash)
	}
	b := blocks{}
	var acc ledger.Accumulator
	for size := range len(entries) + 1 {
		root := acc.Root()
		v.Roots = append(v.Roots, hex.EncodeToString(root[:]))
		if size < len(entries) {
			acc.Add(ledger.Leaf(entries[size].Hash))
		}
	}
	// The stored tree grows in steps; its root is the accumulator's at each.
	at := int64(0)
	for _, n := range []int64{3, 4, 7} {
		size, root, err := ledger.Advance(b, at, chain[at:n])
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(root[:]) != v.Roots[n] {
			t.Fatalf("root of %d: the stored tree and the accumulator differ", n)
		}
		at = size
		signed, err := ledger.Checkpoint{Origin: s.Name(), Size: size, Root: root}.Sign(s)
		if err != nil {
			t.Fatal(err)
		}
		v.Checkpoints = append(v.Checkpoints, string(signed))
	}
	for i, disclose := range []bool{true, false, true} {
		var prev ledger.Hash
		if i > 0 {
			prev = entries[i*3-1].Hash
		}
		p, err := ledger.Prove(b, entries[i*3], prev, 7, []byte(v.Checkpoints[2]), disclose)
		if err != nil {
			t.Fatal(err)
		}
		v.Proofs = append(v.Proofs, p)
	}
	return v, verifier
}

// The published vectors are what this program makes, byte for byte.
func TestVectors(t *testing.T) {
	v, verifier := make7(t)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/vectors.json", out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Fatal("what the program makes is no longer what testdata/vectors.json says: the format has changed")
	}
	for i, p := range v.Proofs {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		got, cp, err := ledger.CheckProof(b, verifier)
		if err != nil || got.Seq != p.Seq || cp.Size != 7 {
			t.Errorf("proof %d: %v", i, err)
		}
	}
}

// Any changed byte of any stored record is found; so is a record that is
// missing, doubled or out of place.
func TestTampering(t *testing.T) {
	entries := small()
	s, _, _ := signer(t)
	var acc ledger.Accumulator
	for _, e := range entries {
		acc.Add(ledger.Leaf(e.Hash))
	}
	signed := ledger.Checkpoint{Origin: s.Name(), Size: int64(len(entries)), Root: acc.Root()}
	check := func(records [][]byte) error {
		v := ledger.NewVerifier(opener{}, nil)
		for _, r := range records {
			e, err := ledger.DecodeRecord(r)
			if err != nil {
				return err
			}
			if err := v.Next(&e); err != nil {
				return err
			}
		}
		if v.Size() != signed.Size {
			return fmt.Errorf("%d entries", v.Size())
		}
		return v.CheckAt(signed)
	}
	var records [][]byte
	for _, e := range entries {
		records = append(records, e.Record())
	}
	if err := check(records); err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		for at := range r {
			for _, flip := range []byte{0x01, 0x80, 0xff} {
				changed := append([][]byte(nil), records...)
				changed[i] = bytes.Clone(r)
				changed[i][at] ^= flip
				if check(changed) == nil {
					t.Fatalf("byte %d of record %d changed by %02x: not found", at, i+1, flip)
				}
			}
		}
		without := append(append([][]byte(nil), records[:i]...), records[i+1:]...)
		if check(without) == nil {
			t.Errorf("record %d left out: not found", i+1)
		}
		twice := append(append(append([][]byte(nil), records[:i+1]...), r), records[i+1:]...)
		if check(twice) == nil {
			t.Errorf("record %d doubled: not found", i+1)
		}
		if i > 0 {
			swapped := append([][]byte(nil), records...)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			if check(swapped) == nil {
				t.Errorf("records %d and %d swapped: not found", i, i+1)
			}
		}
	}
	// A whole history rewritten, chain and all, does not have the signed root.
	rewritten := small()
	rewritten[2].Kept = []byte(`{"reference":"XN-2026-0002"}`)
	prev := rewritten[1].Hash
	var all [][]byte
	for i := range rewritten {
		if i >= 2 {
			rewritten[i].Hash = rewritten[i].Link(prev)
			prev = rewritten[i].Hash
		}
		all = append(all, rewritten[i].Record())
	}
	if check(all) == nil {
		t.Error("a rewritten history: not found")
	}
}

// opener opens the parts of small: their content is told by a byte.
type opener struct{}

func (opener) Seal(event.Stream, []byte) ([]byte, ledger.Hash, error) {
	return nil, ledger.Hash{}, nil
}

func (opener) Open(_ event.Stream, sealed []byte) ([]byte, ledger.Hash, error) {
	for _, x := range sealed {
		if x != sealed[0] {
			return nil, ledger.Hash{}, fmt.Errorf("damaged")
		}
	}
	plain := map[byte]string{0x21: `{"name":"Ada"}`, 0x22: `{"title":"Pumps"}`, 0x23: `{"names":["Міра"]}`, 0x24: ``}
	if len(sealed) != 5 {
		return nil, ledger.Hash{}, fmt.Errorf("damaged")
	}
	return []byte(plain[sealed[0]]), ledger.CommitPart(bytes.Repeat([]byte{sealed[0]}, 16), []byte(plain[sealed[0]])), nil
}

// A proof with any field changed is refused.
func TestProofTampering(t *testing.T) {
	v, verifier := make7(t)
	for i, p := range v.Proofs {
		change := map[string]func(*ledger.Proof){
			"format":    func(p *ledger.Proof) { p.Format = "comity/proof/v2" },
			"prev":      func(p *ledger.Proof) { p.Prev[0] ^= 1 },
			"prev size": func(p *ledger.Proof) { p.Prev = p.Prev[1:] },
			"seq":       func(p *ledger.Proof) { p.Seq++ },
			"time":      func(p *ledger.Proof) { p.Time++ },
			"stream":    func(p *ledger.Proof) { p.Stream += "x" },
			"version":   func(p *ledger.Proof) { p.Version++ },
			"type":      func(p *ledger.Proof) { p.Type = "org.other" },
			"actor":     func(p *ledger.Proof) { p.Actor = "someone" },
			"command":   func(p *ledger.Proof) { p.Command = "" },
			"kept":      func(p *ledger.Proof) { p.Kept, p.Salt, p.Commit = []byte(`{"x":1}`), bytes.Repeat([]byte{1}, 16), nil },
			"part": func(p *ledger.Proof) {
				p.Parts = append(p.Parts, ledger.ProofPart{Owner: "x/1", Commit: make([]byte, 32)})
			},
			"path":       func(p *ledger.Proof) { p.Path[0][0] ^= 1 },
			"no path":    func(p *ledger.Proof) { p.Path = nil },
			"checkpoint": func(p *ledger.Proof) { p.Checkpoint = v.Checkpoints[1] },
			"signature":  func(p *ledger.Proof) { p.Checkpoint = p.Checkpoint[:len(p.Checkpoint)-8] + "AAAAAA=\n" },
		}
		for name, f := range change {
			x := p
			x.Prev, x.Path = bytes.Clone(p.Prev), append([]tlog.Hash(nil), p.Path...)
			f(&x)
			b, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := ledger.CheckProof(b, verifier); err == nil {
				t.Errorf("proof %d with another %s was taken", i, name)
			}
		}
	}
}

// Commitments to parts of every size are those of one hash over their pieces.
func TestCommitmentsOfEverySize(t *testing.T) {
	salt := bytes.Repeat([]byte{7}, 16)
	for _, n := range []int{0, 1, 700, 736, 737, 738, 768, 769, 5000, 1 << 20} {
		plain := bytes.Repeat([]byte{'x'}, n)
		if got, want := ledger.CommitPart(salt, plain), sum([]byte("comity/part/v1\x00"), salt, plain); !bytes.Equal(got[:], want) {
			t.Errorf("%d bytes are committed to as %x, want %x", n, got, want)
		}
		e := ledger.Entry{Salt: salt, Kept: plain}
		if got, want := e.CommitKept(), sum([]byte("comity/kept/v1\x00"), salt, plain); !bytes.Equal(got[:], want) {
			t.Errorf("%d bytes kept are committed to as %x, want %x", n, got, want)
		}
	}
}
