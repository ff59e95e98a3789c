package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

func encrypted(tb testing.TB, plain []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	e := must(newEncrypter(testKey, &b))(tb)
	if _, err := e.Write(plain); err != nil {
		tb.Fatal(err)
	}
	if err := e.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func decrypted(key, cipher []byte) ([]byte, error) {
	d, err := newDecrypter(key, bytes.NewReader(cipher), int64(len(cipher)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(d)
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func TestStreamGivesBackWhatWentIn(t *testing.T) {
	for _, n := range []int{0, 1, 100, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 2*chunkSize + 1, 5*chunkSize - 3} {
		plain := noise(n)
		cipher := encrypted(t, plain)
		got, err := decrypted(testKey, cipher)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %d came back, %v", n, len(got), err)
		}
		d := must(newDecrypter(testKey, bytes.NewReader(cipher), int64(len(cipher))))(t)
		if d.size != int64(n) {
			t.Errorf("%d bytes: size %d", n, d.size)
		}
		if err := iotest.TestReader(io.NewSectionReader(d, 0, d.size), plain); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

const (
	// Under the key "0123456789abcdef0123456789abcdef".
	helloStream = "636f6d6974792d6f626a6563742f310a" + "b7e738c65dadc7abfb9723e49d8c9fa0f898608447"
	twoChunks   = "880cf9d8e2e3a50a855e7d4632652458967826ad1cca50051ef37ab8ee575b83" // SHA-256 of the stream
)

// The format is kept for as long as there are documents: these bytes must open
// in every later version.
func TestStreamVector(t *testing.T) {
	if got := hex.EncodeToString(encrypted(t, []byte("hello"))); got != helloStream {
		t.Errorf("hello = %s, want %s", got, helloStream)
	}
	two := sha256.Sum256(encrypted(t, make([]byte, chunkSize+1)))
	if got := hex.EncodeToString(two[:]); got != twoChunks {
		t.Errorf("two chunks = %s, want %s", got, twoChunks)
	}
}

func TestStreamNoticesEveryChange(t *testing.T) {
	plain := noise(2*chunkSize + 100)
	cipher := encrypted(t, plain)
	head, step := len(streamHeader), chunkSize+tagSize
	part := func(n int) []byte { return cipher[head+n*step : min(head+(n+1)*step, len(cipher))] }
	glue := func(pieces ...[]byte) []byte { return bytes.Join(append([][]byte{cipher[:head]}, pieces...), nil) }

	for name, changed := range map[string][]byte{
		"nothing":              {},
		"header only":          cipher[:head],
		"another header":       append([]byte("comity-object/2\n"), cipher[head:]...),
		"first chunk dropped":  glue(part(1), part(2)),
		"middle chunk dropped": glue(part(0), part(2)),
		"last chunk dropped":   glue(part(0), part(1)),
		"chunks swapped":       glue(part(1), part(0), part(2)),
		"chunk repeated":       glue(part(0), part(0), part(1), part(2)),
		"last chunk repeated":  glue(part(0), part(1), part(2), part(2)),
		"one byte more":        append(bytes.Clone(cipher), 0),
		"empty chunk added":    append(bytes.Clone(cipher), make([]byte, tagSize)...),
		"cut in the last tag":  cipher[:len(cipher)-1],
		"cut in a chunk":       cipher[:head+step+7],
		"cut at a chunk":       cipher[:head+step],
		"cut in the first tag": cipher[:head+5],
	} {
		if got, err := decrypted(testKey, changed); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := decrypted(noise(keySize), cipher); !errors.Is(err, ErrDamaged) {
		t.Errorf("another key: %v", err)
	}
	for _, at := range []int{0, head, head + 100, head + step - 1, head + step, len(cipher) - 1} {
		flipped := bytes.Clone(cipher)
		flipped[at] ^= 1
		got, err := decrypted(testKey, flipped)
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("bit flipped at %d: %v", at, err)
		}
		if !bytes.HasPrefix(plain, got) {
			t.Errorf("bit flipped at %d: bytes were handed out that never went in", at)
		}
	}
}

// Whatever lies on the disk, only what was sealed comes out.
func FuzzDecrypter(f *testing.F) {
	plain := noise(chunkSize + 50)
	whole := encrypted(f, plain)
	short := encrypted(f, []byte("hello"))
	for _, seed := range [][]byte{whole, short, encrypted(f, nil), whole[:len(whole)-30], []byte(streamHeader), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cipher []byte) {
		got, err := decrypted(testKey, cipher)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		if !bytes.Equal(got, plain) && string(got) != "hello" && len(got) != 0 {
			t.Errorf("%d bytes that were never sealed", len(got))
		}
	})
}

func BenchmarkStream(b *testing.B) {
	for _, mb := range []int{1, 16} {
		plain := noise(mb << 20)
		cipher := encrypted(b, plain)
		b.Run(fmt.Sprintf("Encrypt/%dMB", mb), func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				e, _ := newEncrypter(testKey, io.Discard)
				_, _ = e.Write(plain)
				_ = e.Close()
			}
		})
		b.Run(fmt.Sprintf("Decrypt/%dMB", mb), func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				d, _ := newDecrypter(testKey, bytes.NewReader(cipher), int64(len(cipher)))
				if _, err := io.Copy(io.Discard, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
