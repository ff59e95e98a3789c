package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/repotest"
)

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// path is the package's path without the module.
func (p pkg) path() string { return strings.TrimPrefix(p.ImportPath, module) }

// list asks for all our packages.
func list(t *testing.T) (mine []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = repotest.Root(t)
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &words
	if err := cmd.Run(); err != nil {
		t.Fatalf("go list: %v\n%s", err, words.String())
	}
	for d := json.NewDecoder(&out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return mine
		} else if err != nil {
			t.Fatal(err)
		}
		mine = append(mine, p)
	}
}

func TestEveryPackageHasAPlace(t *testing.T) {
	for _, p := range list(t) {
		if _, known := roomOf(p.path()); !known && !within(p.path(), "content") {
			t.Errorf("%s is in no room that archtest/rooms.go names", p.path())
		}
	}
}

func TestImportOrder(t *testing.T) {
	for _, p := range list(t) {
		for _, imported := range p.Imports {
			if why := objectionTo(p.path(), imported); why != "" {
				t.Errorf("%s imports %s: %s", p.path(), imported, why)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			to, isOurs := strings.CutPrefix(imported, module)
			// Tests read the content that ships, with its sentences, make cases by
			// the hundred, and use the kits made for tests.
			if !isOurs || within(to, "content") || to == "internal/lang" || to == "internal/demo/volume" || within(to, "e2e/browser") || strings.HasSuffix(to, "test") {
				continue
			}
			if why := objectionTo(p.path(), imported); why != "" {
				t.Errorf("a test of %s imports %s: %s", p.path(), imported, why)
			}
		}
	}
}

// objectionTo says why a package may not import another, ours or not, or "".
func objectionTo(from, imported string) string {
	if to, isOurs := strings.CutPrefix(imported, module); isOurs {
		return objection(from, to)
	}
	a, known := roomOf(from)
	if !known {
		return "" // told by TestEveryPackageHasAPlace
	}
	if !within(from, "internal/store") && !within(from, "e2e") && matches(imported, drivers) {
		return "only the store reaches a database"
	}
	if a.floor != engine && a.floor != domain && a.floor != vocabulary {
		return ""
	}
	if slices.Contains(impure, imported) {
		return "engines, shared words and domains are pure"
	}
	if external := strings.Contains(strings.SplitN(imported, "/", 2)[0], "."); external && !matches(imported, engineLibraries) {
		return "not a library that engines and domains may use; see engineLibraries"
	}
	return ""
}

func matches(imported string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return imported == p || strings.HasPrefix(imported, strings.TrimSuffix(p, "/")+"/")
	})
}

// The order is only worth something if it refuses.
func TestObjections(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"screening", module + "screening/listfile", true},
		{"screening", module + "controls", false},
		{"screening", module + "internal/fault", false},
		{"screening", "golang.org/x/text/unicode/norm", true},
		{"screening", "net/http", false},
		{"policy", "github.com/jackc/pgx/v5", false},
		{"internal/access", module + "internal/event", true},
		{"internal/licensing", module + "controls", true},
		{"internal/licensing", module + "internal/account", false},
		{"internal/licensing", module + "internal/store", false},
		{"internal/licensing", module + "content", false},
		{"internal/licensing", "crypto/rand", false},
		{"internal/commitments", module + "internal/licensing", true},
		{"internal/vault", module + "internal/ledger", true},
		{"internal/vault", "database/sql", false},
		{"internal/store", "database/sql", true},
		{"internal/store/pgtest", "github.com/jackc/pgx/v5", true},
		{"internal/store", module + "internal/node", false},
		{"internal/node", module + "content", true},
		{"internal/node", module + "internal/web/ui", false},
		{"internal/web/authority", module + "internal/web/ui", true},
		{"internal/web/authority", module + "internal/web/exporter", false},
		{"internal/web/ui", module + "internal/web/authority", false},
		{"internal/web", module + "internal/web/authority", true},
		{"internal/node", module + "internal/cli", false},
		{"internal/cli", module + "internal/web", true},
		{"internal/api", module + "internal/web/ui", false},
		{"cmd/comity", module + "internal/web/authority", true},
		{"internal/web/authority", module + "cmd/comity", false},
	} {
		if why := objectionTo(c.from, c.to); (why == "") != c.allowed {
			t.Errorf("%s imports %s: allowed should be %v; says %q", c.from, c.to, c.allowed, why)
		}
	}
}
