package store

import (
	"time"

	"github.com/comity-project/comity/internal/event"
)

// Object is a document's row: where its ciphertext is and what its key is
// wrapped under. The plaintext is only in the vault's file, encrypted.
type Object struct {
	ID         string // random
	Owner      event.Stream
	MediaType  string // as sniffed
	Size       int64  // of the plaintext, bytes
	Salt       []byte // for Commitment
	Commitment []byte // salted, over the plaintext
	Cipher     string // hash of the ciphertext, which names the file
	Epoch      string
	Wrapped    []byte // nil once destroyed
	Created    time.Time
	Destroyed  time.Time // zero while it is there
}

const objectColumns = `id, owner, media_type, size, salt, commitment, cipher, epoch, wrapped, created, destroyed`

// PutObject writes a document's row.
func (t *Tx) PutObject(o Object) error {
	return t.exec(`INSERT INTO vault_object (`+objectColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		o.ID, string(o.Owner), o.MediaType, o.Size, o.Salt, o.Commitment, o.Cipher, o.Epoch, o.Wrapped, t.now.UnixMicro(), nil)
}

// Object reads a document's row.
func (t *Tx) Object(id string) (o Object, found bool, err error) {
	err = t.each(`SELECT `+objectColumns+` FROM vault_object WHERE id = $1`, []any{id}, func(scan func(...any) error) error {
		found = true
		o, err = scanObject(scan)
		return err
	})
	return o, found, err
}

func scanObject(scan func(...any) error) (o Object, err error) {
	var owner string
	var created int64
	var destroyed *int64
	if err = scan(&o.ID, &owner, &o.MediaType, &o.Size, &o.Salt, &o.Commitment, &o.Cipher, &o.Epoch, &o.Wrapped, &created, &destroyed); err != nil {
		return o, err
	}
	o.Owner, o.Created = event.Stream(owner), time.UnixMicro(created).UTC()
	if destroyed != nil {
		o.Destroyed = time.UnixMicro(*destroyed).UTC()
	}
	return o, nil
}

// DestroyObject forgets a document's key and salt: it cannot be read again.
func (t *Tx) DestroyObject(id string) error {
	return t.exec(`UPDATE vault_object SET wrapped = NULL, salt = $2, destroyed = $3 WHERE id = $1 AND wrapped IS NOT NULL`, id, []byte{}, t.now.UnixMicro())
}

// DestroyObjects destroys all documents of an owner.
func (t *Tx) DestroyObjects(owner event.Stream) error {
	return t.exec(`UPDATE vault_object SET wrapped = NULL, salt = $2, destroyed = $3 WHERE owner = $1 AND wrapped IS NOT NULL`,
		string(owner), []byte{}, t.now.UnixMicro())
}

// GiveObject changes a document's owner: a draft's document becomes the case's
// when the draft is submitted.
func (t *Tx) GiveObject(id string, owner event.Stream) error {
	return t.exec(`UPDATE vault_object SET owner = $2 WHERE id = $1`, id, string(owner))
}

// Cited tells whether a living document has its ciphertext in this file.
func (t *Tx) Cited(cipher string) (bool, error) {
	var one int64
	return t.row(`SELECT 1 FROM vault_object WHERE cipher = $1 AND wrapped IS NOT NULL LIMIT 1`, []any{cipher}, &one)
}

// ObjectsNotUnder gives living documents whose key is wrapped under another
// epoch, for the rotation.
func (t *Tx) ObjectsNotUnder(epoch string, limit int, f func(Object) error) error {
	return t.each(`SELECT `+objectColumns+` FROM vault_object WHERE epoch <> $1 AND wrapped IS NOT NULL ORDER BY epoch, id LIMIT $2`, []any{epoch, int64(limit)},
		func(scan func(...any) error) error {
			o, err := scanObject(scan)
			if err != nil {
				return err
			}
			return f(o)
		})
}

// RewrapObject writes a document's key as wrapped anew.
func (t *Tx) RewrapObject(id, epoch string, wrapped []byte) error {
	return t.exec(`UPDATE vault_object SET epoch = $2, wrapped = $3 WHERE id = $1 AND wrapped IS NOT NULL`, id, epoch, wrapped)
}
