package vault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
)

// rotate is the daily job.
func rotate(t *testing.T, r Rotation, now time.Time, rows RotateRows) (destroyed []string) {
	t.Helper()
	ok(t, r.Begin(now))
	for {
		moved, err := r.Step(rows, 7)
		ok(t, err)
		if moved == 0 {
			break
		}
	}
	return must(r.End(now, rows))(t)
}

func TestRotationMovesEveryKeyAndDestroysTheOldEpoch(t *testing.T) {
	keys, all := newKeys(t), newRows()
	rot := Rotation{Keys: keys}
	s := NewSealer(keys, all)
	sealed := map[event.Stream][]byte{}
	for i := range 20 {
		owner := event.StreamOf("person", fmt.Sprint(i))
		b, _, err := s.Seal(owner, []byte("name"))
		ok(t, err)
		sealed[owner] = b
	}
	objects := must(OpenObjects(t.TempDir(), keys, 0))(t)
	obj := must(objects.Put(t.Context(), Upload{Owner: "case/1"}, strings.NewReader("text")))(t)
	all.objects[obj.ID] = wrappedKey{obj.Epoch, obj.Wrapped}
	first, backup := keys.Epochs()[0].ID, all.backup()

	if gone := rotate(t, rot, day0.AddDate(0, 0, 29), all); len(gone) != 0 || len(keys.Epochs()) != 1 {
		t.Fatalf("rotated a day early: %v", keys.Epochs())
	}
	rotate(t, rot, day0.AddDate(0, 0, 30), all)
	if len(keys.Epochs()) != 2 || keys.Epochs()[0].Retired.IsZero() {
		t.Fatalf("after 30 days: %+v", keys.Epochs())
	}
	for owner, k := range all.owners {
		if k.epoch == first {
			t.Errorf("%s is left under the first epoch", owner)
		}
	}
	if _, _, err := NewSealer(keys, backup).Open("person/3", sealed["person/3"]); err != nil {
		t.Errorf("a backup of a month ago can't be read: %v", err)
	}
	if gone := rotate(t, rot, day0.AddDate(0, 0, 59), all); len(gone) != 0 {
		t.Errorf("destroyed a day early: %v", gone)
	}
	if gone := rotate(t, rot, day0.AddDate(0, 0, 60), all); len(gone) != 1 || gone[0] != first {
		t.Errorf("destroyed %v, want %s", gone, first)
	}
	if _, _, err := NewSealer(keys, backup).Open("person/3", sealed["person/3"]); !errors.Is(err, ErrNoEpoch) {
		t.Errorf("the old backup can still be read: %v", err)
	}
	for owner, b := range sealed {
		if _, _, err := NewSealer(keys, all).Open(owner, b); err != nil {
			t.Errorf("%s: %v", owner, err)
		}
	}
	obj.Epoch, obj.Wrapped = all.objects[obj.ID].epoch, all.objects[obj.ID].wrapped
	ok(t, objects.Check(obj))
}

// What a page promises at an erasure must come true, on whichever day it falls:
// no backup ever made can give the part back after the second date.
func TestGoneFromBackupsByTheDatePromised(t *testing.T) {
	keys, all := newKeys(t), newRows()
	rot := Rotation{Keys: keys}
	type promise struct {
		owner  event.Stream
		sealed []byte
		gone   Gone
	}
	var promises []promise
	var backups []*rows
	for d := range 200 {
		now := day0.AddDate(0, 0, d).Add(time.Duration(d%7) * time.Hour)
		rotate(t, rot, now, all)
		p := promise{owner: event.StreamOf("person", fmt.Sprint(d))}
		var err error
		p.sealed, _, err = NewSealer(keys, all).Seal(p.owner, []byte("name"))
		ok(t, err)
		if d%5 == 0 {
			backups = append(backups, all.backup())
		}
		if d >= 3 { // erase what came three days ago
			old := &promises[d-3]
			old.gone = rot.Gone(now)
			all.erase(old.owner)
			if _, _, err := NewSealer(keys, all).Open(old.owner, old.sealed); !errors.Is(err, ledger.ErrErased) {
				t.Fatalf("day %d: not gone from here: %v", d, err)
			}
		}
		promises = append(promises, p)
		for i := range promises {
			p := &promises[i]
			if p.gone.Backups.IsZero() || now.Before(p.gone.Backups) {
				continue
			}
			for _, b := range backups {
				if _, _, err := NewSealer(keys, b).Open(p.owner, p.sealed); err == nil {
					t.Fatalf("%s was promised gone from backups on %v and is not on %v", p.owner, p.gone.Backups, now)
				}
			}
		}
	}
	if most := promises[0].gone.Backups.Sub(promises[0].gone.Here); most > 62*24*time.Hour {
		t.Errorf("the promise is %v away", most)
	}
}

// A key that another process wraps under the old epoch between Step and End
// keeps that epoch alive.
func TestEndWaitsForStragglers(t *testing.T) {
	keys, all := newKeys(t), newRows()
	rot := Rotation{Keys: keys}
	first := keys.Epochs()[0].ID
	_, wrapped, err := keys.Wrap(random(keySize), "owner person/late")
	ok(t, err)
	month := day0.AddDate(0, 0, 31)
	ok(t, rot.Begin(month))
	all.owners["person/late"] = wrappedKey{first, wrapped}
	must(rot.End(month, all))(t)
	if !keys.Epochs()[0].Retired.IsZero() {
		t.Error("the first epoch retired with a key under it")
	}
}

func BenchmarkRotate(b *testing.B) {
	keys, all := newKeys(b), newRows()
	s := NewSealer(keys, all)
	for i := range 1000 {
		if _, _, err := s.Seal(event.StreamOf("person", fmt.Sprint(i)), nil); err != nil {
			b.Fatal(err)
		}
	}
	rot, now := Rotation{Keys: keys}, day0
	for b.Loop() {
		now = now.AddDate(0, 0, 30)
		if err := rot.Begin(now); err != nil {
			b.Fatal(err)
		}
		if n, err := rot.Step(all, 1000); err != nil || n != 1000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "keys/s")
}
