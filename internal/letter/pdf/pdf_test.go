package pdf

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"testing"
)

func sample(t testing.TB) []byte {
	t.Helper()
	f, err := os.Open("../fonts/NotoNaskhArabic-Regular.ttf.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The subset is a font again, with the used outlines and no others.
func TestSubsetKeepsUsedOutlines(t *testing.T) {
	f := New(Info{})
	font, err := f.Font("Naskh", sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for id := range uint16(40) {
		font.used[id*7] = true
	}
	data, err := font.subset()
	if err != nil {
		t.Fatal(err)
	}
	small, err := New(Info{}).Font("Naskh", data)
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for id := range font.count {
		want, _ := font.outline(id)
		got, err := small.outline(id)
		if err != nil {
			t.Fatal(err)
		}
		if font.used[uint16(id)] && !bytes.HasPrefix(got, want) {
			t.Errorf("glyph %d changed", id)
		}
		if len(got) > 0 {
			kept++
		}
	}
	if kept == 0 || kept > 120 {
		t.Errorf("%d outlines kept", kept)
	}
	if checksum(data) != 0xB1B0AFBA {
		t.Errorf("checksum of the whole is %x", checksum(data))
	}
}

func TestNotAFont(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("OTTO"), make([]byte, 100), sample(t)[:400]} {
		if _, err := New(Info{}).Font("x", b); !errors.Is(err, ErrFont) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
}

func FuzzFont(f *testing.F) {
	f.Add(sample(f)[:2000])
	f.Fuzz(func(t *testing.T, b []byte) {
		file := New(Info{Title: "t"})
		font, err := file.Font("x", b)
		if err != nil {
			return
		}
		file.AddPage(100, 100).Text(font, 10, 0, 0, "", []Cluster{{Glyphs: []Glyph{{ID: 3, Advance: 500}}, Text: "a"}})
		_, _ = file.Bytes()
	})
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.001: "0", 1.5: "1.5", 100: "100", 595.28: "595.28", -2: "-2"} {
		if got := num(v); got != want {
			t.Errorf("%v prints as %s", v, got)
		}
	}
}
