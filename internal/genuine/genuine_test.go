package genuine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/genuine"
)

// keys are fixed, so that the vectors below are.
func keys(t testing.TB, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte(name[:1]), 64)), name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

var mark = genuine.Mark{Reference: "XN-L-2026-0001", Code: "0123456789ABCDEFGHJK", Issued: "2026-11-22", From: "2026-11-23", Until: "2028-11-21"}

// vector is the mark of the package's documentation, by a key made of sixty-four
// letters n: what is printed on licences is read for ever.
const vector = "COMITY1:XN-L-2026-0001:0123456789ABCDEFGHJK:20261122:20261123:20281121:GMW655L367QC5ZLQPDXJAW4ASBUCZSFBAF2LZQI5EPJQC5Z4RKWQSTC5O6NQ66XDKYUOYZN5V6YWDPVUPCR425G7Q4SNJYGF2OXDASWF5CSAE"

func TestMark(t *testing.T) {
	signer, key := keys(t, "norland.example")
	_, other := keys(t, "alvania.example")
	line, err := mark.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	if line != vector {
		t.Errorf("the mark is\n%s, its vector\n%s", line, vector)
	}
	if got, err := genuine.Read(" "+line+"\n", key); err != nil || got != mark {
		t.Errorf("read %+v, %v", got, err)
	}
	if _, err := genuine.Read(line, other); !errors.Is(err, genuine.ErrSignature) {
		t.Errorf("another authority's key: %v", err)
	}
	for what, change := range map[string]func(string) string{
		"another reference": func(s string) string { return strings.Replace(s, "0001", "0002", 1) },
		"another code":      func(s string) string { return strings.Replace(s, "HJK", "HJL", 1) },
		"another last day":  func(s string) string { return strings.Replace(s, "20281121", "20291121", 1) },
		"another signature": func(s string) string { return s[:len(s)-20] + "A" + s[len(s)-19:] },
	} {
		if _, err := genuine.Read(change(line), key); !errors.Is(err, genuine.ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, wrong := range []string{"", "COMITY1", "COMITY2" + line[7:], line + ":", strings.ToLower(line), strings.Replace(line, "20261122", "20261322", 1), line[:len(line)-1], line + strings.Repeat("A", 300)} {
		if _, err := genuine.Read(wrong, key); !errors.Is(err, genuine.ErrForm) {
			t.Errorf("%.40q: %v", wrong, err)
		}
	}
	if _, err := (genuine.Mark{Reference: "XN:1", Code: "A"}).Sign(signer); err == nil {
		t.Error("a reference with a colon was signed")
	}
}

func hashOf(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func TestList(t *testing.T) {
	signer, key := keys(t, "norland.example")
	_, other := keys(t, "alvania.example")
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	write := func(codes ...string) []byte {
		t.Helper()
		var hashes []string
		for _, c := range codes {
			hashes = append(hashes, hashOf(c))
		}
		b, err := genuine.WriteList(hashes, at, signer)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := write("revoked", "suspended")
	if !bytes.Equal(b, write("suspended", "revoked")) {
		t.Error("the order of licences changes the list")
	}
	l, err := genuine.ReadList(b, key)
	if err != nil || !l.At.Equal(at) {
		t.Fatalf("%+v, %v", l, err)
	}
	for code, want := range map[string]bool{"revoked": true, "suspended": true, "valid": false} {
		if l.Has(hashOf(code)) != want {
			t.Errorf("%s: want %v", code, want)
		}
	}
	if n, none := bytes.Count(b, []byte("\n")), bytes.Count(write(), []byte("\n")); n != none {
		t.Errorf("a list of two has %d lines, one of none %d", n, none)
	}
	if _, err := genuine.ReadList(b, other); !errors.Is(err, genuine.ErrSignature) {
		t.Errorf("another authority's key: %v", err)
	}
	if _, err := genuine.ReadList(bytes.Replace(b, []byte("2026-11-22"), []byte("2026-11-23"), 1), key); !errors.Is(err, genuine.ErrSignature) {
		t.Errorf("a list made younger: %v", err)
	}
	if _, err := genuine.WriteList([]string{"nonsense"}, at, signer); err == nil {
		t.Error("what is no hash was signed")
	}
	// Signed by the same key, and something else: a mark or a checkpoint is no list.
	signed, err := note.Sign(&note.Note{Text: "comity/licence/v1\nnorland.example\n2026-11-22T10:00:00Z\nx\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := genuine.ReadList(signed, key); !errors.Is(err, genuine.ErrForm) {
		t.Errorf("another note of the authority: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	signer, key := keys(f, "norland.example")
	line, err := mark.Sign(signer)
	if err != nil {
		f.Fatal(err)
	}
	list, err := genuine.WriteList([]string{hashOf("a")}, time.Unix(0, 0), signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line, list)
	f.Add("COMITY1:A:B:20260101:20260101:20260101:AA", []byte("x"))
	f.Fuzz(func(t *testing.T, line string, list []byte) {
		if m, err := genuine.Read(line, key); err == nil && m != mark {
			t.Errorf("a mark that nobody signed: %+v", m)
		}
		_, _ = genuine.ReadList(list, key)
	})
}
