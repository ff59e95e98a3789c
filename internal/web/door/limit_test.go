package door

import (
	"testing"
	"time"
)

// What succeeds does not count; what fails does.
func TestOnlyFailuresCount(t *testing.T) {
	l := newLimiter(time.Hour, 3)
	for range 10 {
		if !l.may("a") {
			t.Fatal("an act that succeeded counted")
		}
	}
	for range 3 {
		if !l.allow("a") {
			t.Fatal("refused within the burst")
		}
	}
	if l.may("a") {
		t.Fatal("allowed over the burst")
	}
	if !l.allow("b") {
		t.Fatal("another key pays for this one")
	}
}
