package store

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/vault"
)

// Document is a document's row: the vault's object, and when it came and went.
type Document struct {
	vault.Object
	Created   time.Time
	Destroyed time.Time // zero while it is there
}

const objectColumns = `id, owner, media_type, size, commitment, cipher, epoch, wrapped, created, destroyed`

// PutObject writes a document's row.
func (t *Tx) PutObject(o vault.Object) error {
	return t.exec(`INSERT INTO vault_object (`+objectColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL)`,
		o.ID, string(o.Owner), o.MediaType, o.Size, o.Commitment[:], o.Cipher, o.Epoch, o.Wrapped, t.now.UnixMicro())
}

// Document reads a document's row.
func (t *Tx) Document(id string) (d Document, found bool, err error) {
	err = t.each(`SELECT `+objectColumns+` FROM vault_object WHERE id = $1`, []any{id}, func(scan func(...any) error) error {
		found = true
		d, err = scanDocument(scan)
		return err
	})
	return d, found, err
}

func scanDocument(scan func(...any) error) (d Document, err error) {
	var owner string
	var commitment []byte
	var created int64
	var destroyed *int64
	if err = scan(&d.ID, &owner, &d.MediaType, &d.Size, &commitment, &d.Cipher, &d.Epoch, &d.Wrapped, &created, &destroyed); err != nil {
		return d, err
	}
	if len(commitment) != ledger.HashSize {
		return d, fmt.Errorf("store: the row of document %s is damaged", d.ID)
	}
	d.Owner, d.Commitment, d.Created = event.Stream(owner), ledger.Hash(commitment), time.UnixMicro(created).UTC()
	if destroyed != nil {
		d.Destroyed = time.UnixMicro(*destroyed).UTC()
	}
	return d, nil
}

// Documents gives every document's row after an id, for backup and check.
func (t *Tx) Documents(after string, limit int) (out []Document, err error) {
	err = t.each(`SELECT `+objectColumns+` FROM vault_object WHERE id > $1 ORDER BY id LIMIT $2`, []any{after, int64(limit)},
		func(scan func(...any) error) error {
			d, err := scanDocument(scan)
			out = append(out, d)
			return err
		})
	return out, err
}

// DestroyObject forgets a document's key: it cannot be read again.
func (t *Tx) DestroyObject(id string) error {
	return t.exec(`UPDATE vault_object SET wrapped = NULL, destroyed = $2 WHERE id = $1 AND wrapped IS NOT NULL`, id, t.now.UnixMicro())
}

// DestroyObjects destroys all documents of an owner.
func (t *Tx) DestroyObjects(owner event.Stream) error {
	return t.exec(`UPDATE vault_object SET wrapped = NULL, destroyed = $2 WHERE owner = $1 AND wrapped IS NOT NULL`, string(owner), t.now.UnixMicro())
}

// Cited says which of these ciphertexts belong to a living document; the others
// may be swept.
func (t *Tx) Cited(ciphers []string) (map[string]bool, error) {
	cited := map[string]bool{}
	for _, c := range ciphers {
		var one int64
		found, err := t.row(`SELECT 1 FROM vault_object WHERE cipher = $1 AND wrapped IS NOT NULL LIMIT 1`, []any{c}, &one)
		if err != nil {
			return nil, err
		}
		cited[c] = found
	}
	return cited, nil
}

// ObjectKeysNotUnder implements vault.RotateRows.
func (t *Tx) ObjectKeysNotUnder(epoch string, limit int, f func(id, epoch string, wrapped []byte) error) error {
	return t.each(`SELECT id, epoch, wrapped FROM vault_object WHERE epoch <> $1 AND wrapped IS NOT NULL ORDER BY epoch, id LIMIT $2`, []any{epoch, int64(limit)},
		func(scan func(...any) error) error {
			var id, e string
			var wrapped []byte
			if err := scan(&id, &e, &wrapped); err != nil {
				return err
			}
			return f(id, e, wrapped)
		})
}

// PutObjectKey implements vault.RotateRows.
func (t *Tx) PutObjectKey(id, epoch string, wrapped []byte) error {
	return t.exec(`UPDATE vault_object SET epoch = $2, wrapped = $3 WHERE id = $1 AND wrapped IS NOT NULL`, id, epoch, wrapped)
}

var _ vault.RotateRows = (*Tx)(nil)

// DocumentOf finds the living document of an owner that has one only.
func (t *Tx) DocumentOf(owner event.Stream) (d Document, found bool, err error) {
	err = t.each(`SELECT `+objectColumns+` FROM vault_object WHERE owner = $1 AND wrapped IS NOT NULL ORDER BY id LIMIT 1`, []any{string(owner)},
		func(scan func(...any) error) error {
			found = true
			d, err = scanDocument(scan)
			return err
		})
	return d, found, err
}

// GiveObject changes a document's owner: a draft's document becomes the case's
// when the draft is submitted.
func (t *Tx) GiveObject(id string, owner event.Stream) error {
	return t.exec(`UPDATE vault_object SET owner = $2 WHERE id = $1`, id, string(owner))
}
