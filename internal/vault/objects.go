package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
)

// DefaultLimit is how many bytes one document may have where nothing else is
// configured.
const DefaultLimit = 64 << 20

// documentDomain separates the commitment to a document from every other hash.
const documentDomain = "comity/document/v1\x00"

// Object is a stored document: what its row in the database keeps. Its name, as
// the sender typed it, is the caller's to keep with the rest of the metadata.
type Object struct {
	ID        string       // random; says nothing of time, owner or content
	Owner     event.Stream // the case, company or person it belongs to
	MediaType string       // sniffed, one of the constants of this package
	Size      int64        // bytes of the plaintext
	// Commitment is SHA-256("comity/document/v1\0" || salt || plaintext). The
	// salt is wrapped with the key, and gone with it.
	Commitment ledger.Hash
	Cipher     string // SHA-256 of the ciphertext in hexadecimal: the file's name
	Epoch      string // epoch under which Wrapped is wrapped
	Wrapped    []byte // the document's key and salt; empty once destroyed
}

// Objects is the folder of documents. Only ciphertext is ever written to it,
// while a document comes in as well as after.
type Objects struct {
	dir   string
	keys  KeyStore
	limit int64
}

// OpenObjects opens the folder of documents, making it where it is missing. A
// limit of 0 is DefaultLimit.
func OpenObjects(dir string, keys KeyStore, limit int64) (*Objects, error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	if err := os.MkdirAll(filepath.Join(dir, incoming), 0o700); err != nil {
		return nil, fmt.Errorf("vault: the folder of documents: %w", err)
	}
	return &Objects{dir: dir, keys: keys, limit: limit}, nil
}

// Limit is how many bytes a document may have. Doors cut a request off above it.
func (o *Objects) Limit() int64 { return o.limit }

// Upload says what is known of a document before its bytes come.
type Upload struct {
	Owner event.Stream
	Name  string // as typed; only its ending matters, and only for a table in text form
	Size  int64  // as the sender declares it, 0 or less where not: a refusal can then be early
	// Own is the media type of a document that the program itself made. Its
	// bytes are then taken as they are; never set it for what a person sent.
	Own string
}

// Put takes a document in. When it returns, the ciphertext and its name are on
// the disk: the command that cites the object may commit. A document that no
// command cites is swept a day later.
//
// What is wrong with the document is a fault in the room "vault"; memory does
// not grow with its size.
func (o *Objects) Put(ctx context.Context, up Upload, r io.Reader) (_ Object, err error) {
	if up.Size > o.limit {
		return Object{}, o.tooLarge()
	}
	in := &source{ctx: ctx, r: r, left: o.limit, tooLarge: o.tooLarge}
	head := make([]byte, sniffSize)
	n, err := io.ReadFull(in, head)
	switch {
	case errors.Is(err, io.EOF):
		return Object{}, fault.New(fault.Invalid, "vault.empty")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return Object{}, err
	}
	head = head[:n]
	media := up.Own
	if media == "" {
		media = sniff(head, up.Name)
	}
	if media == "" {
		return Object{}, fault.New(fault.Invalid, "vault.media_refused")
	}
	file, err := os.CreateTemp(filepath.Join(o.dir, incoming), "*.part") // made 0600
	if err != nil {
		return Object{}, fmt.Errorf("vault: take in a document: %w", err)
	}
	defer func() {
		file.Close()
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	obj := Object{ID: uuid.NewString(), Owner: up.Owner, MediaType: media}
	secret := random(keySize + saltSize)
	defer clear(secret)
	if err := o.encrypt(&obj, secret, file, head, in); err != nil {
		return Object{}, err
	}
	if media == office {
		if obj.MediaType, err = inspectCipher(secret[:keySize], file); err != nil {
			return Object{}, err
		}
	}
	if obj.Epoch, obj.Wrapped, err = o.keys.Wrap(secret, boundToObject(obj.ID)); err != nil {
		return Object{}, err
	}
	return obj, o.keep(file, obj.Cipher)
}

// encrypt writes the ciphertext of head and what follows, and computes the size
// and both hashes on the way.
func (o *Objects) encrypt(obj *Object, secret []byte, file io.Writer, head []byte, rest io.Reader) error {
	cipherHash, commitment := sha256.New(), newCommitment(secret[keySize:])
	enc, err := newEncrypter(secret[:keySize], io.MultiWriter(file, cipherHash))
	if err != nil {
		return fmt.Errorf("vault: take in a document: %w", err)
	}
	to := []io.Writer{commitment, enc}
	check := newTextCheck()
	if obj.MediaType == Text || obj.MediaType == CSV {
		to = append(to, check)
	}
	all := io.MultiWriter(to...)
	if _, err := all.Write(head); err != nil {
		return err
	}
	n, err := io.CopyBuffer(all, rest, make([]byte, chunkSize))
	if err != nil {
		return err
	}
	if err := check.Close(); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return fmt.Errorf("vault: take in a document: %w", err)
	}
	obj.Size = int64(len(head)) + n
	obj.Cipher = hex.EncodeToString(cipherHash.Sum(nil))
	commitment.Sum(obj.Commitment[:0])
	return nil
}

func inspectCipher(key []byte, file *os.File) (string, error) {
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("vault: take in a document: %w", err)
	}
	plain, err := newDecrypter(key, file, info.Size())
	if err != nil {
		return "", err
	}
	return inspectOffice(plain, plain.size)
}

func (o *Objects) tooLarge() error {
	return fault.New(fault.TooLarge, "vault.too_large", "limit", o.limit)
}

// Open gives a document's plaintext. Each piece is authenticated before it is
// handed out; a damaged or cut file answers ErrDamaged, a destroyed key
// ledger.ErrErased.
func (o *Objects) Open(obj Object) (io.ReadCloser, error) {
	secret, err := o.secret(obj)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	return o.open(obj, secret)
}

func (o *Objects) open(obj Object, secret []byte) (*document, error) {
	path, err := o.path(obj.Cipher)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("vault: open document %s: %w", obj.ID, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("vault: open document %s: %w", obj.ID, err)
	}
	d, err := newDecrypter(secret[:keySize], file, info.Size())
	if err == nil && d.size != obj.Size {
		err = fmt.Errorf("%w: %d bytes where the record says %d", ErrDamaged, d.size, obj.Size)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("vault: open document %s: %w", obj.ID, err)
	}
	return &document{d, file}, nil
}

// document is an open one.
type document struct {
	*decrypter
	file *os.File
}

func (d *document) Close() error { return d.file.Close() }

// Check reads a whole document and compares both hashes: what is on the disk is
// what came in, and what the record commits to. A destroyed document has
// nothing left to check: ledger.ErrErased.
func (o *Objects) Check(obj Object) error {
	secret, err := o.secret(obj)
	if err != nil {
		return err
	}
	defer clear(secret)
	d, err := o.open(obj, secret)
	if err != nil {
		return err
	}
	defer d.Close()
	commitment := newCommitment(secret[keySize:])
	if _, err := io.Copy(commitment, io.Reader(d)); err != nil {
		return err
	}
	if [sha256.Size]byte(commitment.Sum(nil)) != obj.Commitment {
		return fmt.Errorf("%w: document %s is not what its record commits to", ErrDamaged, obj.ID)
	}
	return o.Export(obj.Cipher, io.Discard)
}

// Salt gives the salt of the commitment, for a proof to somebody who holds the
// document that it is the one on record.
func (o *Objects) Salt(obj Object) ([]byte, error) {
	secret, err := o.secret(obj)
	if err != nil {
		return nil, err
	}
	return secret[keySize:], nil
}

// CommitDocument is the commitment to a document: what somebody who was given
// the salt computes over the file in their hands.
func CommitDocument(salt []byte, plaintext io.Reader) (ledger.Hash, error) {
	h := newCommitment(salt)
	if _, err := io.Copy(h, plaintext); err != nil {
		return ledger.Hash{}, fmt.Errorf("vault: read the document: %w", err)
	}
	return ledger.Hash(h.Sum(nil)), nil
}

func newCommitment(salt []byte) hash.Hash {
	h := sha256.New()
	h.Write([]byte(documentDomain))
	h.Write(salt)
	return h
}

// secret unwraps a document's key and salt.
func (o *Objects) secret(obj Object) ([]byte, error) {
	if len(obj.Wrapped) == 0 {
		return nil, fmt.Errorf("%w: document %s", ledger.ErrErased, obj.ID)
	}
	secret, err := o.keys.Unwrap(obj.Epoch, obj.Wrapped, boundToObject(obj.ID))
	if err != nil {
		return nil, err
	}
	if len(secret) != keySize+saltSize {
		return nil, fmt.Errorf("%w: the key of document %s", ErrDamaged, obj.ID)
	}
	return secret, nil
}

func boundToObject(id string) string { return "object " + id }

// source bounds what comes in and ends when the request does.
type source struct {
	ctx      context.Context
	r        io.Reader
	left     int64
	tooLarge func() error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, fmt.Errorf("vault: take in a document: %w", err)
	}
	n, err := s.r.Read(p)
	if s.left -= int64(n); s.left < 0 {
		return 0, s.tooLarge()
	}
	var over *http.MaxBytesError
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case errors.As(err, &over):
		return 0, s.tooLarge()
	}
	return n, fmt.Errorf("vault: take in a document: %w", err)
}
