package langtest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/comity-project/comity/internal/lang"
)

func TestScan(t *testing.T) {
	dir := t.TempDir()
	source := `package x
func f() {
	p.T("a.used", "n", 1)
	ui.T(ctx, "a.missing")
	fault.New(fault.Invalid, "a.needs").Field("name", "a.used", "other", 2).Item("where", "a.gone")
	p.T("a.dyn." + kind)
	p.T("a.spread", args...)
	_ = http.NewRequest("a.b.c")
}
`
	if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	cat, err := lang.Load(fstest.MapFS{"lang/en/a.toml": {Data: []byte(`"a.used" = "{n}"
"a.needs" = "{m}"
"a.dyn.one" = "x"
"a.dyn.two" = "x"
"a.spread" = "{z}"
"a.never" = "x"`)}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Scan(dir, cat)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"missing", got.Missing, []string{"x.go:4: a.missing", "x.go:5: a.gone"}},
		{"empty", got.Empty, []string{"x.go:5: a.needs needs {m}", "x.go:5: a.used needs {n}"}},
		{"unused", got.Unused, []string{"a.never"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
}
