package vault

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
)

func TestSealedPartOpensForItsOwnerAlone(t *testing.T) {
	keys, r := newKeys(t), newRows()
	s := NewSealer(keys, r)
	sealed, commit, err := s.Seal("person/1", []byte("Ada"))
	ok(t, err)
	_, _, err = s.Seal("person/2", []byte("Bob"))
	ok(t, err)
	if bytes.Contains(sealed, []byte("Ada")) {
		t.Error("the plaintext is readable")
	}
	later := NewSealer(keys, r) // another transaction
	plain, again, err := later.Open("person/1", sealed)
	if err != nil || string(plain) != "Ada" || again != commit {
		t.Errorf("opened %q, %v, %v; committed to %v", plain, again, err, commit)
	}
	if _, _, err := later.Open("person/2", sealed); !errors.Is(err, ErrDamaged) {
		t.Errorf("another owner's key: %v", err)
	}
	if _, _, err := later.Open("person/3", sealed); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("an owner without a key: %v", err)
	}
	for i := range sealed {
		flipped := bytes.Clone(sealed)
		flipped[i] ^= 0x40
		if _, _, err := later.Open("person/1", flipped); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
		if _, _, err := later.Open("person/1", sealed[:i]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
}

func TestEqualPartsLookDifferent(t *testing.T) {
	s := NewSealer(newKeys(t), newRows())
	a, commitA, _ := s.Seal("person/1", []byte("same"))
	b, commitB, _ := s.Seal("person/1", []byte("same"))
	if bytes.Equal(a, b) || commitA == commitB {
		t.Error("two parts with the same content can be told to be the same")
	}
}

func TestErasedOwnerGetsNoNewKey(t *testing.T) {
	keys, r := newKeys(t), newRows()
	s := NewSealer(keys, r)
	sealed, _, err := s.Seal("person/1", []byte("Ada"))
	ok(t, err)
	r.erase("person/1")
	s.Forget("person/1")
	if _, _, err := s.Open("person/1", sealed); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("open: %v", err)
	}
	if _, _, err := s.Seal("person/1", []byte("Ada")); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("seal: %v", err)
	}
	if len(r.owners) != 0 {
		t.Error("a key was made for an erased owner")
	}
}

func TestSealerHoldsABoundedNumberOfKeys(t *testing.T) {
	s := NewSealer(newKeys(t), newRows())
	first, _, err := s.Seal("person/0", []byte("x"))
	ok(t, err)
	for i := range openKeys + 10 {
		_, _, err := s.Seal(event.StreamOf("person", fmt.Sprint(i)), []byte("x"))
		ok(t, err)
	}
	if len(s.open) > openKeys {
		t.Errorf("%d keys held", len(s.open))
	}
	if _, _, err := s.Open("person/0", first); err != nil {
		t.Errorf("a key that was let go: %v", err)
	}
}

func BenchmarkSeal(b *testing.B) {
	s := NewSealer(newKeys(b), newRows())
	plain := make([]byte, 200)
	b.SetBytes(200)
	for b.Loop() {
		if _, _, err := s.Seal("person/1", plain); err != nil {
			b.Fatal(err)
		}
	}
}

// Each owner new, as a register grows: a key made, wrapped and stored each time.
func BenchmarkSealNewOwner(b *testing.B) {
	keys, r := newKeys(b), newRows()
	plain := make([]byte, 200)
	n := 0
	for b.Loop() {
		if n++; n%1000 == 0 {
			clear(r.owners)
		}
		if _, _, err := NewSealer(keys, r).Seal(event.StreamOf("person", fmt.Sprint(n)), plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	s := NewSealer(newKeys(b), newRows())
	sealed, _, _ := s.Seal("person/1", make([]byte, 200))
	b.SetBytes(200)
	for b.Loop() {
		if _, _, err := s.Open("person/1", sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// The owner's key is unwrapped each time, as verify meets owners in any order.
func BenchmarkOpenUnwrap(b *testing.B) {
	keys, r := newKeys(b), newRows()
	s := NewSealer(keys, r)
	sealed, _, _ := s.Seal("person/1", make([]byte, 200))
	for b.Loop() {
		s.Forget("person/1")
		if _, _, err := s.Open("person/1", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
