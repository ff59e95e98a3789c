package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
)

func newObjects(tb testing.TB, limit int64) *Objects {
	tb.Helper()
	return must(OpenObjects(filepath.Join(tb.TempDir(), "objects"), newKeys(tb), limit))(tb)
}

func put(tb testing.TB, o *Objects, name, content string) Object {
	tb.Helper()
	return must(o.Put(context.Background(), Upload{Owner: "case/1", Name: name, Size: int64(len(content))}, strings.NewReader(content)))(tb)
}

// files lists everything under the folder of documents.
func files(t *testing.T, o *Objects) (names []string) {
	t.Helper()
	ok(t, filepath.WalkDir(o.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

func TestDocumentComesBack(t *testing.T) {
	o := newObjects(t, 0)
	content := "%PDF-1.7\n" + string(noise(200_000))
	obj := put(t, o, "sheet.pdf", content)
	if obj.MediaType != PDF || obj.Size != int64(len(content)) || obj.Owner != "case/1" || len(obj.ID) != 36 {
		t.Errorf("object: %+v", obj)
	}
	r := must(o.Open(obj))(t)
	got := must(io.ReadAll(r))(t)
	ok(t, r.Close())
	if string(got) != content {
		t.Error("another content came back")
	}
	ok(t, o.Check(obj))

	path := must(o.path(obj.Cipher))(t)
	if info := must(os.Stat(path))(t); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	// Somebody who is given the salt can compute the commitment over the file.
	commitment := must(CommitDocument(must(o.Salt(obj))(t), strings.NewReader(content)))(t)
	if commitment != obj.Commitment {
		t.Error("the commitment can't be computed from the salt and the document")
	}
}

func TestNothingIsSharedBetweenEqualDocuments(t *testing.T) {
	o := newObjects(t, 0)
	a, b := put(t, o, "", "the same text"), put(t, o, "", "the same text")
	if a.ID == b.ID || a.Cipher == b.Cipher || a.Commitment == b.Commitment {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestDestroyedDocumentIsGone(t *testing.T) {
	o := newObjects(t, 0)
	obj := put(t, o, "", "text")
	obj.Wrapped = nil // what the command that destroys it leaves
	if _, err := o.Open(obj); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("open: %v", err)
	}
	if err := o.Check(obj); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("check: %v", err)
	}
	ok(t, o.Remove(obj.Cipher))
	ok(t, o.Remove(obj.Cipher)) // a job may come twice
	if left := files(t, o); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestRowsOfOneDocumentDoNotServeAnother(t *testing.T) {
	o := newObjects(t, 0)
	a, b := put(t, o, "", "first"), put(t, o, "", "other")
	mixed := a
	mixed.Epoch, mixed.Wrapped = b.Epoch, b.Wrapped
	if _, err := o.Open(mixed); !errors.Is(err, ErrDamaged) {
		t.Errorf("another's key: %v", err)
	}
	mixed = a
	mixed.Cipher = b.Cipher
	if _, err := o.Open(mixed); !errors.Is(err, ErrDamaged) {
		t.Errorf("another's file: %v", err)
	}
	mixed = a
	mixed.Commitment = b.Commitment
	if err := o.Check(mixed); !errors.Is(err, ErrDamaged) {
		t.Errorf("another's commitment: %v", err)
	}
	mixed = a
	mixed.Size++
	if _, err := o.Open(mixed); !errors.Is(err, ErrDamaged) {
		t.Errorf("another size: %v", err)
	}
	for _, name := range []string{"", "..", "../../etc/passwd", strings.ToUpper(a.Cipher), a.Cipher[:63], a.Cipher + "0"} {
		mixed.Cipher = name
		if _, err := o.Open(mixed); err == nil {
			t.Errorf("a file named %q was opened", name)
		}
	}
}

func TestDamagedFileIsNoticed(t *testing.T) {
	o := newObjects(t, 0)
	obj := put(t, o, "", strings.Repeat("line\n", 40_000))
	path := must(o.path(obj.Cipher))(t)
	whole := must(os.ReadFile(path))(t)
	for name, damaged := range map[string][]byte{
		"cut": whole[:len(whole)-1], "cut at a chunk": whole[:len(streamHeader)+chunkSize+tagSize],
		"longer": append(bytes.Clone(whole), 0), "empty": {},
	} {
		ok(t, os.WriteFile(path, damaged, 0o600))
		if _, err := o.Open(obj); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: opened: %v", name, err)
		}
	}
	flipped := bytes.Clone(whole)
	flipped[100] ^= 1
	ok(t, os.WriteFile(path, flipped, 0o600))
	if err := o.Check(obj); !errors.Is(err, ErrDamaged) {
		t.Errorf("a bit flipped: %v", err)
	}
	if err := o.Export(obj.Cipher, io.Discard); !errors.Is(err, ErrDamaged) {
		t.Errorf("a bit flipped, exported: %v", err)
	}
}

// endless gives a text without end and counts what was taken of it.
type endless struct{ taken int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.taken += int64(len(p))
	return len(p), nil
}

func TestTooLargeIsRefusedEarly(t *testing.T) {
	o := newObjects(t, 4<<20)
	declared := &endless{}
	_, err := o.Put(t.Context(), Upload{Owner: "case/1", Size: 2 << 30}, declared)
	if !fault.Is(err, fault.TooLarge) || declared.taken != 0 {
		t.Errorf("2 GB declared: %v after %d bytes", err, declared.taken)
	}

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	undeclared := &endless{}
	_, err = o.Put(t.Context(), Upload{Owner: "case/1"}, undeclared)
	runtime.ReadMemStats(&after)
	if !fault.Is(err, fault.TooLarge) || undeclared.taken > 4<<20+chunkSize {
		t.Errorf("without end: %v after %d bytes", err, undeclared.taken)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("refusing 4 MB took %d bytes of memory", used)
	}
	if left := files(t, o); len(left) != 0 {
		t.Errorf("left on the disk: %v", left)
	}
	exact := must(o.Put(t.Context(), Upload{Owner: "case/1"}, io.LimitReader(&endless{}, 4<<20)))(t)
	if exact.Size != 4<<20 {
		t.Errorf("just at the limit: %d bytes", exact.Size)
	}
}

// watcher looks at the folder while a document comes in.
type watcher struct {
	r    io.Reader
	look func()
}

func (w watcher) Read(p []byte) (int, error) { w.look(); return w.r.Read(p) }

func TestNoPlaintextOnTheDisk(t *testing.T) {
	o := newObjects(t, 0)
	secret := "the witness lives at the harbour\n"
	looked := 0
	look := func() {
		for _, name := range files(t, o) {
			looked++
			b := must(os.ReadFile(name))(t)
			if bytes.Contains(b, []byte("witness")) {
				t.Fatalf("%s holds plaintext", name)
			}
		}
	}
	obj := must(o.Put(t.Context(), Upload{Owner: "case/1"}, watcher{strings.NewReader(strings.Repeat(secret, 20_000)), look}))(t)
	look()
	if looked < 5 || obj.Size != int64(20_000*len(secret)) {
		t.Errorf("looked at %d files, %d bytes", looked, obj.Size)
	}
}

type broken struct{ r io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == io.EOF {
		err = errors.New("connection reset")
	}
	return n, err
}

func TestBrokenUploadLeavesNothing(t *testing.T) {
	o := newObjects(t, 0)
	for _, size := range []int{10, 100_000} {
		_, err := o.Put(t.Context(), Upload{}, broken{strings.NewReader(strings.Repeat("x", size))})
		if err == nil || !strings.Contains(err.Error(), "connection reset") {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := o.Put(ctx, Upload{}, watcher{io.LimitReader(&endless{}, 1<<20), cancel})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the request ended: %v", err)
	}
	if left := files(t, o); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestSweepRemovesWhatNothingCites(t *testing.T) {
	o := newObjects(t, 0)
	cited, uncited, fresh := put(t, o, "", "cited"), put(t, o, "", "uncited"), put(t, o, "", "fresh")
	leftover := filepath.Join(o.dir, incoming, "123.part") // a crash while it came in
	writing := filepath.Join(o.dir, incoming, "456.part")
	for _, name := range []string{leftover, writing} {
		ok(t, os.WriteFile(name, []byte("cipher"), 0o600))
	}
	now := time.Now()
	for _, name := range []string{must(o.path(cited.Cipher))(t), must(o.path(uncited.Cipher))(t), leftover} {
		old := now.Add(-25 * time.Hour)
		ok(t, os.Chtimes(name, old, old))
	}
	removed, err := o.Sweep(now, func(ciphers []string) (map[string]bool, error) {
		living := map[string]bool{}
		for _, c := range ciphers {
			living[c] = c == cited.Cipher
		}
		return living, nil
	})
	if err != nil || removed != 2 {
		t.Errorf("removed %d, %v", removed, err)
	}
	ok(t, o.Check(cited))
	ok(t, o.Check(fresh))
	if _, err := os.Stat(writing); err != nil {
		t.Errorf("an upload under way was swept: %v", err)
	}
	if n := len(files(t, o)); n != 3 {
		t.Errorf("%d files left, want 3", n)
	}
}

func TestBackupAndRestore(t *testing.T) {
	o := newObjects(t, 0)
	a, b := put(t, o, "", "one"), put(t, o, "", strings.Repeat("two\n", 50_000))
	restored := must(OpenObjects(t.TempDir(), o.keys, 0))(t)
	n := 0
	ok(t, o.Each(func(cipher string) error {
		n++
		var copied bytes.Buffer
		if err := o.Export(cipher, &copied); err != nil {
			return err
		}
		return restored.Import(cipher, &copied)
	}))
	if n != 2 {
		t.Errorf("%d files, want 2", n)
	}
	ok(t, restored.Check(a))
	ok(t, restored.Check(b))
	if err := restored.Import(a.Cipher, strings.NewReader("something else")); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged backup was restored: %v", err)
	}
}

func BenchmarkPut(b *testing.B) {
	for _, size := range []int{20 << 10, 2 << 20} {
		content := "%PDF-1.7\n" + string(noise(size))
		o := newObjects(b, 0)
		b.Run(byteCount(size), func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				put(b, o, "", content)
			}
		})
	}
}

func BenchmarkOpenDocument(b *testing.B) {
	for _, size := range []int{20 << 10, 2 << 20} {
		content := "%PDF-1.7\n" + string(noise(size))
		o := newObjects(b, 0)
		obj := put(b, o, "", content)
		b.Run(byteCount(size), func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				r := must(o.Open(obj))(b)
				_, _ = io.Copy(io.Discard, r)
				r.Close()
			}
		})
	}
}

func byteCount(n int) string {
	if n >= 1<<20 {
		return "2MB"
	}
	return "20KB"
}
