package listfile

import (
	"errors"
	"strings"
	"testing"
)

var fuzzLimits = Limits{Bytes: 1 << 20, Rows: 10_000, Cell: 1 << 16, Depth: 16}

// fuzz holds what must be true of every reader on any input: no panic, every
// error is an *Error with a place or a file, every entity can be stored.
func fuzz(f *testing.F, format Format, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
		f.Add(s[:len(s)/2])
	}
	f.Fuzz(func(t *testing.T, s string) {
		res, err := Read(format, fuzzLimits, text(name, s))
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Problem == "" || e.File == "" {
				t.Fatalf("error %v", err)
			}
			return
		}
		for _, e := range res.Entities {
			if problem := Check(e); problem != "" {
				t.Fatal(problem)
			}
		}
		var out strings.Builder
		if err := WriteEntities(&out, "t", res.Published, res.Entities); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzConsolidated(f *testing.F) {
	fuzz(f, USConsolidated, "c.json",
		`{"tables":{"sources":["A (B)"]},"entries":[{"n":"a","s":0,"c":["FR"],"e":"7"}]}`,
		`{"results":[{"name":"a","source":"b","ids":[{"type":"Passport","number":"1","country":"FR"}]}]}`)
}

func FuzzOFAC(f *testing.F) {
	fuzz(f, OFAC, "sdn.csv", sdnRow, strings.Replace(sdnRow, "-0- \r", `"DOB 1961; Passport A1 (Egypt); a.k.a. 'X'."`+"\r", 1))
}

func FuzzUN(f *testing.F) { fuzz(f, UN, "un.xml", unHead+unEntry+unTail) }

func FuzzEU(f *testing.F) {
	fuzz(f, EU, "eu.csv", "celex,"+strings.Join(euColumns, ",")+"\n32026R1,1,EU-X,I,Asset freeze,,,Person,Name,\"\"\"a;b\"\"; c\""+strings.Repeat(",", 35)+"\n")
}

func FuzzEntityList(f *testing.F) {
	fuzz(f, USEntityList, "el.jsonl", `{"name":"a","aliases":["b"],"countries":["FR"],"fr_notice":"1 FR 2, 3/4/05","version":"2026-01-02"}`)
}

func FuzzYAML(f *testing.F) {
	fuzz(f, YAML, "t.yaml", ownHead+"- id: a\n  type: organisation\n  names: [{text: A, kind: primary}]\n")
}

func FuzzJSONL(f *testing.F) {
	fuzz(f, JSONL, "t.jsonl", `{"schema":"comity.entities/v1"}`+"\n"+`{"id":"a","list":"T","names":[{"text":"A","kind":"primary"}]}`)
}

func FuzzRemarks(f *testing.F) {
	f.Add("DOB 07 Oct 1954; Passport A1 (Egypt); a.k.a. 'X'." + torn + "x; Tax ID No. 7")
	f.Fuzz(func(t *testing.T, s string) {
		b := newBuilder()
		e := b.add(entityFor(t))
		readRemarks(b, e, s)
		if problem := Check(*e); problem != "" {
			t.Fatal(problem)
		}
	})
}
