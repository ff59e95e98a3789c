package store

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// sealKey is an owner's wrapped key; there is none where wrapped is nil.
type sealKey struct {
	epoch   string
	wrapped []byte
	asked   bool // FetchKeys asked for its erasure too
}

// SealKey reads an owner's wrapped key.
func (t *Tx) SealKey(owner event.Stream) (epoch string, wrapped []byte, found bool, err error) {
	if k, ok := t.keys[owner]; ok { // it came with the stream
		return k.epoch, k.wrapped, k.wrapped != nil, nil
	}
	found, err = t.row(`SELECT epoch, wrapped FROM seal_key WHERE owner = $1`, []any{string(owner)}, &epoch, &wrapped)
	return epoch, wrapped, found, err
}

// FetchKeys reads the keys of many owners, and the erasures of those that have
// none, so that opening their parts asks for nothing more. Those of earlier calls
// stay until they are many.
func (t *Tx) FetchKeys(owners []event.Stream) error {
	if t.keys == nil || len(t.keys) > heldKeys {
		t.keys = map[event.Stream]sealKey{}
	}
	owners = slices.DeleteFunc(owners, func(o event.Stream) bool {
		_, there := t.keys[o]
		return there
	})
	missing := false
	for chunk := range slices.Chunk(owners, maxKeys) {
		// As many places as the next power of two, the last owner again and again,
		// so that there are few statements and each is prepared once.
		n := 1 << bits.Len(uint(len(chunk)-1))
		marks, args := make([]string, n), make([]any, n)
		for i := range n {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), string(chunk[min(i, len(chunk)-1)])
		}
		for _, o := range chunk {
			t.keys[o] = sealKey{asked: true}
		}
		in := ` WHERE owner IN (` + strings.Join(marks, ", ") + `)`
		if err := t.each(`SELECT owner, epoch, wrapped FROM seal_key`+in, args, func(scan func(...any) error) error {
			var owner string
			var k sealKey
			if err := scan(&owner, &k.epoch, &k.wrapped); err != nil {
				return err
			}
			t.keys[event.Stream(owner)] = k
			return nil
		}); err != nil {
			return err
		}
		for _, o := range chunk {
			missing = missing || t.keys[o].wrapped == nil
		}
		if !missing {
			continue
		}
		if t.gone == nil {
			t.gone = Erasures{}
		}
		if err := t.each(`SELECT owner, time, rule FROM erased`+in, args, t.gone.scan); err != nil {
			return err
		}
	}
	return nil
}

const (
	maxKeys  = 128    // owners of one statement: SQLite looks for the name of each place from the first on
	heldKeys = 20_000 // keys that a transaction holds
)

// PutSealKey writes an owner's wrapped key.
func (t *Tx) PutSealKey(owner event.Stream, epoch string, wrapped []byte) error {
	delete(t.keys, owner)
	return t.exec(`INSERT INTO seal_key (owner, epoch, wrapped) VALUES ($1, $2, $3)
		ON CONFLICT (owner) DO UPDATE SET epoch = excluded.epoch, wrapped = excluded.wrapped`, string(owner), epoch, wrapped)
}

// SealKey is an owner's wrapped key.
type SealKey struct {
	Owner   event.Stream
	Epoch   string
	Wrapped []byte
}

// keysAtOnce is how many keys one statement writes.
const keysAtOnce = 32

var keyInserts = inserts("seal_key", "owner, epoch, wrapped", keysAtOnce, every)

// PutNewSealKeys writes the keys of owners that have none.
func (t *Tx) PutNewSealKeys(all []SealKey) error {
	for some := range slices.Chunk(all, keysAtOnce) {
		var args []any
		for _, k := range some {
			delete(t.keys, k.Owner)
			args = append(args, string(k.Owner), k.Epoch, k.Wrapped)
		}
		if err := t.exec(keyInserts[len(some)], args...); err != nil {
			return err
		}
	}
	return nil
}

// DestroySealKey removes an owner's key for good and remembers why.
func (t *Tx) DestroySealKey(owner event.Stream, rule string, seq int64) error {
	delete(t.keys, owner)
	if err := t.exec(`DELETE FROM seal_key WHERE owner = $1`, string(owner)); err != nil {
		return err
	}
	return t.exec(`INSERT INTO erased (owner, time, rule, seq) VALUES ($1, $2, $3, $4) ON CONFLICT (owner) DO NOTHING`,
		string(owner), t.now.UnixMicro(), rule, seq)
}

// SealKeys gives every wrapped key.
func (t *Tx) SealKeys(f func(owner event.Stream, epoch string, wrapped []byte) error) error {
	return t.each(`SELECT owner, epoch, wrapped FROM seal_key`, nil, func(scan func(...any) error) error {
		var owner, epoch string
		var wrapped []byte
		if err := scan(&owner, &epoch, &wrapped); err != nil {
			return err
		}
		return f(event.Stream(owner), epoch, wrapped)
	})
}

// SealKeysNotUnder gives keys that are not wrapped under the given epoch, for the
// rotation that wraps them anew.
func (t *Tx) SealKeysNotUnder(epoch string, limit int, f func(owner event.Stream, epoch string, wrapped []byte) error) error {
	return t.each(`SELECT owner, epoch, wrapped FROM seal_key WHERE epoch <> $1 ORDER BY epoch, owner LIMIT $2`, []any{epoch, int64(limit)},
		func(scan func(...any) error) error {
			var owner, e string
			var wrapped []byte
			if err := scan(&owner, &e, &wrapped); err != nil {
				return err
			}
			return f(event.Stream(owner), e, wrapped)
		})
}

// Erased tells when and why an owner's key was destroyed. It implements
// ledger.Erasures for reading a few; AllErased serves whole scans. An error of
// the database ends the transaction: it is not told as "not erased".
func (t *Tx) Erased(owner event.Stream) (event.Erasure, bool) {
	if x, ok := t.gone[owner]; ok {
		return x, true
	}
	if k := t.keys[owner]; k.asked && k.wrapped == nil {
		return event.Erasure{}, false
	}
	var at int64
	var rule string
	found, err := t.row(`SELECT time, rule FROM erased WHERE owner = $1`, []any{string(owner)}, &at, &rule)
	if err != nil && t.failed == nil {
		t.failed = fmt.Errorf("store: erasure of %s: %w", owner, err)
	}
	if err != nil || !found {
		return event.Erasure{}, false
	}
	return event.Erasure{Time: time.UnixMicro(at).UTC(), Rule: rule}, true
}

// Erasures are all erasures of a database, for reading a whole ledger.
type Erasures map[event.Stream]event.Erasure

// Erased implements ledger.Erasures.
func (e Erasures) Erased(owner event.Stream) (event.Erasure, bool) {
	x, ok := e[owner]
	return x, ok
}

func (e Erasures) scan(scan func(...any) error) error {
	var owner, rule string
	var at int64
	if err := scan(&owner, &at, &rule); err != nil {
		return err
	}
	e[event.Stream(owner)] = event.Erasure{Time: time.UnixMicro(at).UTC(), Rule: rule}
	return nil
}

// AllErased reads every erasure.
func (t *Tx) AllErased() (Erasures, error) {
	all := Erasures{}
	err := t.each(`SELECT owner, time, rule FROM erased`, nil, all.scan)
	return all, err
}

// Next raises a counter and returns its new value, from 1: human references
// come from it inside the command's transaction, so none is used twice.
func (t *Tx) Next(counter string) (n int64, err error) {
	_, err = t.row(`INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value`,
		[]any{counter}, &n)
	return n, err
}

// rowsMade is the counter that holds the schema version under which all rows
// were last made of the events.
const rowsMade = "rows made"

// RowsMade is the schema version under which all rows were last made of the
// events; 0 where they never were.
func (t *Tx) RowsMade() (schema int64, err error) {
	_, err = t.row(`SELECT value FROM counter WHERE name = $1`, []any{rowsMade}, &schema)
	return schema, err
}

// SetRowsMade notes it.
func (t *Tx) SetRowsMade(schema int64) error {
	return t.exec(`INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, rowsMade, schema)
}

// Answered gives the stored answer to a command that was sent before with the
// same key by the same actor.
func (t *Tx) Answered(key, actor string) (answer []byte, found bool, err error) {
	found, err = t.row(`SELECT answer FROM idempotency WHERE key = $1 AND actor = $2`, []any{key, actor}, &answer)
	return answer, found, err
}

// RememberAnswer stores the answer under an idempotency key.
func (t *Tx) RememberAnswer(key, actor string, answer []byte) error {
	return t.exec(`INSERT INTO idempotency (key, actor, answer, time) VALUES ($1, $2, $3, $4)`, key, actor, answer, t.now.UnixMicro())
}

// ForgetAnswers removes answers older than a time.
func (t *Tx) ForgetAnswers(before time.Time) error {
	return t.exec(`DELETE FROM idempotency WHERE time < $1`, before.UnixMicro())
}

// SealedIn remembers that a stream holds private parts of another owner.
func (t *Tx) SealedIn(owner, stream event.Stream) error {
	return t.exec(`INSERT INTO sealed_in (owner, stream) VALUES ($1, $2) ON CONFLICT (owner, stream) DO NOTHING`, string(owner), string(stream))
}

// StreamsWith lists the streams, besides its own, that hold parts of an owner.
func (t *Tx) StreamsWith(owner event.Stream) ([]event.Stream, error) {
	var out []event.Stream
	err := t.each(`SELECT stream FROM sealed_in WHERE owner = $1 ORDER BY stream`, []any{string(owner)}, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		out = append(out, event.Stream(s))
		return err
	})
	return out, err
}
