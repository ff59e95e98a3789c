package ledger_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
)

// A record that is taken reads the same again: two different histories never
// have the same bytes, and no bytes bring the program down.
func FuzzDecodeRecord(f *testing.F) {
	for _, e := range small() {
		f.Add(e.Record())
	}
	f.Add([]byte{})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ledger.DecodeRecord(b)
		if err != nil {
			return
		}
		again, err := ledger.DecodeRecord(e.Record())
		if err != nil {
			t.Fatalf("a record that was read is refused when it is written: %v", err)
		}
		if !bytes.Equal(again.Header(), e.Header()) || again.Hash != e.Hash {
			t.Fatal("a record reads differently the second time")
		}
	})
}

func FuzzCheckProof(f *testing.F) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		f.Fatal(err)
	}
	var v struct {
		Proofs []json.RawMessage `json:"proofs"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		f.Fatal(err)
	}
	for _, p := range v.Proofs {
		f.Add([]byte(p))
	}
	_, verifier, _ := signer(f)
	entries := small()
	f.Fuzz(func(t *testing.T, b []byte) {
		p, cp, err := ledger.CheckProof(b, verifier)
		if err != nil {
			return
		}
		// Whatever passes is about an entry that is there, as it is there.
		e := entries[p.Seq-1]
		if cp.Size > int64(len(entries)) || p.Type != e.Type || p.Stream != e.Stream || p.Time != e.Time || len(p.Kept) > 0 && !bytes.Equal(p.Kept, e.Kept) {
			t.Fatalf("a proof of what is not there: %+v", p)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		f.Fatal(err)
	}
	var v struct {
		Checkpoints []string `json:"checkpoints"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		f.Fatal(err)
	}
	sizes := map[int64]bool{}
	_, verifier, _ := signer(f)
	for _, c := range v.Checkpoints {
		f.Add([]byte(c))
		cp, err := ledger.OpenCheckpoint([]byte(c), verifier)
		if err != nil {
			f.Fatal(err)
		}
		sizes[cp.Size] = true
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if cp, err := ledger.OpenCheckpoint(b, verifier); err == nil && !sizes[cp.Size] {
			t.Fatalf("a checkpoint that nobody signed: %+v", cp)
		}
	})
}

func TestDecodeRecordRefuses(t *testing.T) {
	good := small()[2].Record()
	for name, b := range map[string][]byte{
		"nothing":            {},
		"another version":    append([]byte{2}, good[1:]...),
		"cut short":          good[:len(good)-1],
		"more at the end":    append(bytes.Clone(good), 0),
		"a length too great": {1, 1, 1, 1, 0xff, 0xff, 0x7f},
	} {
		if _, err := ledger.DecodeRecord(b); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// What a verification finds, one case each.
func TestVerifierFinds(t *testing.T) {
	relink := func(entries []ledger.Entry) []ledger.Entry {
		var prev ledger.Hash
		for i := range entries {
			entries[i].Hash = entries[i].Link(prev)
			prev = entries[i].Hash
		}
		return entries
	}
	for _, c := range []struct {
		name   string
		change func([]ledger.Entry) []ledger.Entry
		at     int64
	}{
		{"nothing", func(e []ledger.Entry) []ledger.Entry { return e }, 0},
		{"a gap in numbers", func(e []ledger.Entry) []ledger.Entry { e[3].Seq++; return relink(e) }, 4},
		{"time running back", func(e []ledger.Entry) []ledger.Entry { e[4].Time = 1; return relink(e) }, 5},
		{"a version left out", func(e []ledger.Entry) []ledger.Entry { e[3].Version = 3; return relink(e) }, 4},
		{"a changed kept part", func(e []ledger.Entry) []ledger.Entry { e[0].Kept = []byte(`{}`); return e }, 1},
		{"a changed salt", func(e []ledger.Entry) []ledger.Entry { e[1].Salt = make([]byte, 16); return e }, 2},
		{"another owner", func(e []ledger.Entry) []ledger.Entry { e[2].Parts[0].Owner = "case/2"; return e }, 3},
		{"a part swapped for another", func(e []ledger.Entry) []ledger.Entry {
			e[2].Parts[0].Sealed, e[2].Parts[1].Sealed = e[2].Parts[1].Sealed, e[2].Parts[0].Sealed
			return e
		}, 3},
		{"a damaged part", func(e []ledger.Entry) []ledger.Entry { e[4].Parts[0].Sealed[2] ^= 1; return e }, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := ledger.NewVerifier(opener{}, nil)
			var err error
			for _, e := range c.change(small()) {
				if err = v.Next(&e); err != nil {
					break
				}
			}
			var d *ledger.Damage
			switch {
			case c.at == 0 && err != nil:
				t.Fatal(err)
			case c.at > 0 && (!errors.As(err, &d) || d.Seq != c.at):
				t.Fatalf("got %v, want damage at %d", err, c.at)
			}
		})
	}
}

// A part whose key is gone is right only where an erasure says so.
func TestVerifierAsksForErasures(t *testing.T) {
	for _, gone := range []bool{false, true} {
		v := ledger.NewVerifier(erasedOpener{}, erasures(gone))
		for _, e := range small() {
			if err := v.Next(&e); err != nil {
				t.Fatal(err)
			}
		}
		if err := v.Finish(); (err == nil) != gone {
			t.Errorf("erasure recorded: %v; the check says %v", gone, err)
		}
	}
}

type erasedOpener struct{ opener }

func (erasedOpener) Open(event.Stream, []byte) ([]byte, ledger.Hash, error) {
	return nil, ledger.Hash{}, ledger.ErrErased
}

type erasures bool

func (e erasures) Erased(event.Stream) (event.Erasure, bool) {
	return event.Erasure{Rule: "R"}, bool(e)
}
