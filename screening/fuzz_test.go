package screening

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Ivan Petrov", "Абв", "محمد", "北京", "ก็", "\xff", "a.b.c.", "(((", "ﷺ", "K.H.K. (aka x)", "İ", "ſ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range Fold(s) {
			if w == "" || !utf8.ValidString(w) || strings.ContainsAny(w, "\t\n") {
				t.Errorf("Fold(%q) gives %q", s, w)
			}
		}
		vs, _ := readName(s)
		for _, v := range vs {
			if len(v.words) > maxWords {
				t.Errorf("%d words", len(v.words))
			}
			for _, w := range v.words {
				if w.key == "" || len(w.key) > 2*maxKey || w.start < 0 || w.end > len(s) || w.start > w.end {
					t.Errorf("readName(%q) gives %+v", s, w)
				}
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	x, err := Build(listed(), Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"Arkady Volkhontsev", "محمد قاسم", "a b c", "(ООО)", "Nuriindustries", "深圳"} {
		f.Add(s, "1961-05", "75 1234567", "d:1")
	}
	f.Fuzz(func(t *testing.T, name, birth, id, ent string) {
		q := Query{Name: name, Birth: birth, IDs: []Ident{{Kind: "passport", Value: id}}, Address: birth, Country: id}
		a := x.Search(q, SearchOptions{})
		last := 1.0
		for _, h := range a.Hits {
			if !(h.Score > 0 && h.Score <= last) {
				t.Errorf("%q: scores do not fall: %+v", name, a.Hits)
			}
			last = h.Score
		}
		x.Explain(q, ent)
	})
}

func FuzzReadSnapshot(f *testing.F) {
	x, err := Build(listed()[:3], Options{})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := x.WriteSnapshot(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes()[32:])
	f.Add(b.Bytes()[32:200])
	f.Add([]byte{})
	// The sum is left out, so that damage reaches the checks behind it.
	f.Fuzz(func(t *testing.T, body []byte) {
		y, err := readSections(body, Options{})
		if err != nil {
			if !errors.Is(err, ErrSnapshot) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		y.Search(Query{Name: "Arkady Volkhontsev"}, SearchOptions{})
		y.Explain(Query{Name: "Zvezdograd"}, "d:1")
	})
}

func FuzzReadCorpus(f *testing.F) {
	f.Add([]byte(`{"id":"a","name":"b","aliases":[{"name":"c","kind":"aka"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		es, err := ReadCorpus(bytes.NewReader(b))
		if err == nil {
			for _, e := range es {
				if e.ID == "" || len(e.Names) == 0 {
					t.Errorf("an entity without id or name: %+v", e)
				}
			}
		}
	})
}

func TestSnapshot(t *testing.T) {
	x := smallIndex(t)
	var b bytes.Buffer
	if err := x.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	y, err := ReadSnapshot(bytes.NewReader(b.Bytes()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := y.WriteSnapshot(&again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("a snapshot read and written again differs")
	}
	for i := 0; i < b.Len(); i += 1 + b.Len()/400 {
		d := bytes.Clone(b.Bytes())
		d[i] ^= 0x41
		if _, err := ReadSnapshot(bytes.NewReader(d), Options{}); !errors.Is(err, ErrSnapshot) {
			t.Fatalf("damage at byte %d goes unnoticed: %v", i, err)
		}
	}
	for _, n := range []int{0, 7, 31, 32, b.Len() / 2, b.Len() - 1} {
		if _, err := ReadSnapshot(bytes.NewReader(b.Bytes()[:n]), Options{}); !errors.Is(err, ErrSnapshot) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}
