package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A document's ciphertext is a header of 16 bytes and then chunks: 64 KiB of
// plaintext each, the last one shorter or full, under AES-256-GCM with the
// document's own key. The nonce of a chunk is its number (11 bytes, big-endian,
// from 0) and one byte that is 1 for the last chunk and 0 before: the STREAM
// construction, as age uses it. So chunks can't be moved, dropped or added, and
// a reader never hands out a byte that was not authenticated. An empty document
// is one empty chunk.
const (
	chunkSize    = 64 << 10
	tagSize      = 16
	streamHeader = "comity-object/1\n"
)

func streamAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return cipher.NewGCM(block)
}

func chunkNonce(n int64, last bool) []byte {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[3:], uint64(n))
	if last {
		nonce[11] = 1
	}
	return nonce
}

// encrypter writes the ciphertext of what is written to it. Close writes the
// last chunk.
type encrypter struct {
	w    io.Writer
	aead cipher.AEAD
	buf  []byte // plaintext of the chunk being filled
	out  []byte
	n    int64
}

func newEncrypter(key []byte, w io.Writer) (*encrypter, error) {
	aead, err := streamAEAD(key)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, streamHeader); err != nil {
		return nil, err
	}
	return &encrypter{w: w, aead: aead, buf: make([]byte, 0, chunkSize), out: make([]byte, 0, chunkSize+tagSize)}, nil
}

func (e *encrypter) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		// A full chunk waits until more comes: it may be the last.
		if len(e.buf) == chunkSize {
			if err := e.flush(false); err != nil {
				return total - len(p), err
			}
		}
		n := min(chunkSize-len(e.buf), len(p))
		e.buf = append(e.buf, p[:n]...)
		p = p[n:]
	}
	return total, nil
}

func (e *encrypter) flush(last bool) error {
	e.out = e.aead.Seal(e.out[:0], chunkNonce(e.n, last), e.buf, nil)
	e.n++
	e.buf = e.buf[:0]
	_, err := e.w.Write(e.out)
	return err
}

func (e *encrypter) Close() error { return e.flush(true) }

// decrypter reads the plaintext of a ciphertext, in order and at any place. It
// holds one chunk and serves one goroutine.
type decrypter struct {
	r     io.ReaderAt
	aead  cipher.AEAD
	size  int64 // of the plaintext
	last  int64 // number of the last chunk
	chunk int64 // number of the chunk in plain, -1 for none
	plain []byte
	buf   []byte
	off   int64 // of Read
}

// newDecrypter takes the whole ciphertext's length: it decides which chunk has
// to be the last one.
func newDecrypter(key []byte, r io.ReaderAt, length int64) (*decrypter, error) {
	aead, err := streamAEAD(key)
	if err != nil {
		return nil, err
	}
	head := make([]byte, len(streamHeader))
	if _, err := r.ReadAt(head, 0); err != nil || string(head) != streamHeader {
		return nil, fmt.Errorf("%w: not a document of the vault", ErrDamaged)
	}
	size, last, ok := plainSize(length)
	if !ok {
		return nil, fmt.Errorf("%w: cut short", ErrDamaged)
	}
	d := &decrypter{r: r, aead: aead, size: size, last: last, chunk: -1, buf: make([]byte, chunkSize+tagSize)}
	// The last chunk says whether this is the end, so look there first: a
	// document that was cut is refused before its first byte is handed out.
	if err := d.load(last); err != nil {
		return nil, err
	}
	return d, nil
}

// plainSize computes a plaintext's length and the number of its last chunk from
// the ciphertext's length.
func plainSize(length int64) (size, last int64, ok bool) {
	body := length - int64(len(streamHeader))
	if body < tagSize {
		return 0, 0, false
	}
	chunks := (body + chunkSize + tagSize - 1) / (chunkSize + tagSize)
	rest := body - (chunks-1)*(chunkSize+tagSize)
	// Only an empty document has an empty chunk.
	if rest < tagSize || rest == tagSize && chunks > 1 {
		return 0, 0, false
	}
	return body - chunks*tagSize, chunks - 1, true
}

func (d *decrypter) load(n int64) error {
	if d.chunk == n {
		return nil
	}
	d.chunk = -1
	length := min(chunkSize, d.size-n*chunkSize) + tagSize
	buf := d.buf[:length]
	if _, err := d.r.ReadAt(buf, int64(len(streamHeader))+n*(chunkSize+tagSize)); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("vault: read a document: %w", err)
	}
	plain, err := d.aead.Open(buf[:0], chunkNonce(n, n == d.last), buf, nil)
	if err != nil {
		return fmt.Errorf("%w: chunk %d", ErrDamaged, n)
	}
	d.chunk, d.plain = n, plain
	return nil
}

// Read implements io.Reader.
func (d *decrypter) Read(p []byte) (int, error) {
	if d.off >= d.size {
		return 0, io.EOF
	}
	if err := d.load(d.off / chunkSize); err != nil {
		return 0, err
	}
	n := copy(p, d.plain[d.off%chunkSize:])
	d.off += int64(n)
	return n, nil
}

// ReadAt implements io.ReaderAt, though for one goroutine only.
func (d *decrypter) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("vault: read before the beginning")
	}
	for n < len(p) {
		if off >= d.size {
			return n, io.EOF
		}
		if err := d.load(off / chunkSize); err != nil {
			return n, err
		}
		c := copy(p[n:], d.plain[off%chunkSize:])
		n += c
		off += int64(c)
	}
	return n, nil
}
