package trust

import (
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/statement/tlog"
)

func TestEpochs(t *testing.T) {
	for origin, want := range map[string]int64{"a.example/log": 1, "a.example/log/epoch/2": 2, "a.example/log/epoch/12": 12} {
		listed, epoch, err := EpochOf(origin)
		if err != nil || epoch != want || listed != "a.example/log" || Origin(listed, epoch) != origin {
			t.Error(origin, listed, epoch, err)
		}
	}
	for _, bad := range []string{"a/epoch/", "a/epoch/1", "a/epoch/02", "a/epoch/-2", "a/epoch/2/epoch/3", "a/epoch/99999999999999999999"} {
		if _, _, err := EpochOf(bad); err == nil {
			t.Error(bad, "was read")
		}
	}
}

// The key of an epoch is the listed one under the epoch's name: a note of one
// epoch is none of another.
func TestLogKey(t *testing.T) {
	l := list()
	s, _ := l.State("NOR")
	skey, vkey := logSigner("NOR")
	first, err := note.NewSigner(skey)
	if err != nil || s.Log != vkey {
		t.Fatal(err)
	}
	signed, err := tlog.Checkpoint{Origin: first.Name(), Size: 3}.Sign(first)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.LogOf(signed)
	if err != nil || v.Name() != first.Name() || v.KeyHash() != first.KeyHash() {
		t.Fatal(v, err)
	}
	second, err := s.LogOf([]byte(first.Name() + "/epoch/2\n3\n"))
	if err != nil || second.Name() != first.Name()+"/epoch/2" || second.KeyHash() == first.KeyHash() {
		t.Fatal(second, err)
	}
	if _, err := tlog.Open(signed, second); err == nil {
		t.Error("a checkpoint of the first epoch was taken for one of the second")
	}
	if _, err := s.LogOf([]byte(first.Name() + "/epoch/x\n")); err == nil {
		t.Error("an epoch without a number")
	}
}
