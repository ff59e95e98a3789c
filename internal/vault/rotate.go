package vault

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// How long epochs last where nothing else is configured.
const (
	DefaultPeriod = 30 * 24 * time.Hour
	DefaultKeep   = 30 * 24 * time.Hour
)

// Rotation replaces the epoch key after Period and destroys the old one Keep
// after the last key was taken from under it. Keep is also the age of the
// oldest backup that can still be read: the wrapped keys in it need theirs.
//
// A daily job runs it: Begin, then Step in transactions of their own until one
// moves nothing, then End.
type Rotation struct {
	Keys   KeyStore
	Period time.Duration // 0 means DefaultPeriod
	Keep   time.Duration // 0 means DefaultKeep
}

// RotateRows are all wrapped keys, as one transaction sees them.
type RotateRows interface {
	PutSealKey(owner event.Stream, epoch string, wrapped []byte) error
	// SealKeysNotUnder gives up to limit keys of owners wrapped under other
	// epochs than this one.
	SealKeysNotUnder(epoch string, limit int, f func(owner event.Stream, epoch string, wrapped []byte) error) error
	PutObjectKey(id, epoch string, wrapped []byte) error
	// ObjectKeysNotUnder does so for living documents.
	ObjectKeysNotUnder(epoch string, limit int, f func(id, epoch string, wrapped []byte) error) error
}

// Begin makes a new epoch when the newest is older than Period.
func (r Rotation) Begin(now time.Time) error {
	if newest := r.newest(); !now.Before(newest.Created.Add(r.period())) {
		if _, err := r.Keys.Begin(now); err != nil {
			return err
		}
	}
	return nil
}

// wrappedRow is one key on its way from an old epoch to the newest.
type wrappedRow struct {
	boundTo string
	epoch   string
	wrapped []byte
	put     func(epoch string, wrapped []byte) error
}

// Step wraps up to limit keys anew under the newest epoch and tells how many it
// moved. 0 means that none is left under an older one.
func (r Rotation) Step(rows RotateRows, limit int) (moved int, err error) {
	left, err := r.left(rows, limit)
	if err != nil {
		return 0, err
	}
	for _, row := range left {
		key, err := r.Keys.Unwrap(row.epoch, row.wrapped, row.boundTo)
		if err != nil {
			return moved, fmt.Errorf("vault: rotate the key of %s: %w", row.boundTo, err)
		}
		epoch, wrapped, err := r.Keys.Wrap(key, row.boundTo)
		clear(key)
		if err != nil {
			return moved, fmt.Errorf("vault: rotate the key of %s: %w", row.boundTo, err)
		}
		if err := row.put(epoch, wrapped); err != nil {
			return moved, fmt.Errorf("vault: rotate the key of %s: %w", row.boundTo, err)
		}
		moved++
	}
	return moved, nil
}

// left gathers before anything is written: one connection can't do both at once.
func (r Rotation) left(rows RotateRows, limit int) ([]wrappedRow, error) {
	newest := r.newest().ID
	var left []wrappedRow
	err := rows.SealKeysNotUnder(newest, limit, func(owner event.Stream, epoch string, wrapped []byte) error {
		left = append(left, wrappedRow{boundToOwner(owner), epoch, append([]byte(nil), wrapped...), func(e string, w []byte) error {
			return rows.PutSealKey(owner, e, w)
		}})
		return nil
	})
	if err != nil || len(left) >= limit {
		return left, err
	}
	err = rows.ObjectKeysNotUnder(newest, limit-len(left), func(id, epoch string, wrapped []byte) error {
		left = append(left, wrappedRow{boundToObject(id), epoch, append([]byte(nil), wrapped...), func(e string, w []byte) error {
			return rows.PutObjectKey(id, e, w)
		}})
		return nil
	})
	return left, err
}

// End retires every epoch but the newest, provided no living key is left under
// one, and destroys those that retired Keep ago. It names the destroyed.
func (r Rotation) End(now time.Time, rows RotateRows) (destroyed []string, err error) {
	left, err := r.left(rows, 1)
	if err != nil {
		return nil, err
	}
	if len(left) > 0 {
		return nil, nil // another process wrapped one meanwhile: tomorrow
	}
	epochs := r.Keys.Epochs()
	for _, e := range epochs[:len(epochs)-1] {
		if e.Retired.IsZero() {
			if err := r.Keys.Retire(e.ID, now); err != nil {
				return destroyed, err
			}
			continue
		}
		if !now.Before(e.Retired.Add(r.keep())) {
			if err := r.Keys.Destroy(e.ID); err != nil {
				return destroyed, err
			}
			destroyed = append(destroyed, e.ID)
		}
	}
	return destroyed, nil
}

// Gone is the two dates of an erasure.
type Gone struct {
	Here    time.Time // from this node: when the command commits
	Backups time.Time // from every backup, at the latest, provided rotation runs daily
}

// Gone tells when something whose key is destroyed now will be gone. A backup
// of today holds the key under the newest epoch; older backups hold it under
// older ones, which go before.
func (r Rotation) Gone(now time.Time) Gone {
	end := r.newest().Created.Add(r.period())
	if end.Before(now) {
		end = now
	}
	// A day for the job that rotates and one for the job that destroys.
	return Gone{Here: now, Backups: end.Add(r.keep()).AddDate(0, 0, 2)}
}

func (r Rotation) newest() Epoch {
	epochs := r.Keys.Epochs()
	return epochs[len(epochs)-1]
}

func (r Rotation) period() time.Duration {
	if r.Period > 0 {
		return r.Period
	}
	return DefaultPeriod
}

func (r Rotation) keep() time.Duration {
	if r.Keep > 0 {
		return r.Keep
	}
	return DefaultKeep
}
