package vault

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
)

var day0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

type wrappedKey struct {
	epoch   string
	wrapped []byte
}

// rows stands for the tables of wrapped keys. A copy of it is a backup.
type rows struct {
	owners  map[event.Stream]wrappedKey
	objects map[string]wrappedKey
	erased  map[event.Stream]event.Erasure
}

func newRows() *rows {
	return &rows{map[event.Stream]wrappedKey{}, map[string]wrappedKey{}, map[event.Stream]event.Erasure{}}
}

func (r *rows) backup() *rows {
	return &rows{maps.Clone(r.owners), maps.Clone(r.objects), maps.Clone(r.erased)}
}

func (r *rows) SealKey(owner event.Stream) (string, []byte, bool, error) {
	k, found := r.owners[owner]
	return k.epoch, k.wrapped, found, nil
}

func (r *rows) PutSealKey(owner event.Stream, epoch string, wrapped []byte) error {
	r.owners[owner] = wrappedKey{epoch, wrapped}
	return nil
}

func (r *rows) Erased(owner event.Stream) (event.Erasure, bool) {
	e, ok := r.erased[owner]
	return e, ok
}

func (r *rows) erase(owner event.Stream) {
	delete(r.owners, owner)
	r.erased[owner] = event.Erasure{Time: day0, Rule: "test"}
}

func (r *rows) SealKeysNotUnder(epoch string, limit int, f func(event.Stream, string, []byte) error) error {
	for _, owner := range slices.Sorted(maps.Keys(r.owners)) {
		k := r.owners[owner]
		if k.epoch == epoch {
			continue
		}
		if limit--; limit < 0 {
			return nil
		}
		if err := f(owner, k.epoch, k.wrapped); err != nil {
			return err
		}
	}
	return nil
}

func (r *rows) PutObjectKey(id, epoch string, wrapped []byte) error {
	r.objects[id] = wrappedKey{epoch, wrapped}
	return nil
}

func (r *rows) ObjectKeysNotUnder(epoch string, limit int, f func(string, string, []byte) error) error {
	for _, id := range slices.Sorted(maps.Keys(r.objects)) {
		k := r.objects[id]
		if k.epoch == epoch {
			continue
		}
		if limit--; limit < 0 {
			return nil
		}
		if err := f(id, k.epoch, k.wrapped); err != nil {
			return err
		}
	}
	return nil
}

func newKeys(tb testing.TB) *Folder {
	tb.Helper()
	keys, err := CreateFolder(tb.TempDir()+"/keys", day0)
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}
