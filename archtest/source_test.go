package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/repotest"
)

// maxLines is when a reader would call a file long.
const maxLines = 500

// source is a file that people write, by its path under the root.
type source struct {
	path string
	text []byte
}

var written = map[string]bool{
	".go": true, ".templ": true, ".sql": true, ".sh": true, ".scss": true, ".css": true, ".js": true, ".mjs": true,
	".ts": true, ".toml": true, ".yaml": true, ".yml": true, ".md": true, "": true,
}

// sources reads every file that people write, without what is generated.
func sources(t *testing.T) (all []source) {
	t.Helper()
	base := repotest.Root(t)
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(base, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "bin", "dist", "testdata", "demo-data"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || !written[filepath.Ext(path)] {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.IndexByte(text[:min(len(text), 1000)], 0) >= 0 || generated(rel, text) {
			return nil
		}
		all = append(all, source{filepath.ToSlash(rel), text})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var generatedMark = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func generated(path string, text []byte) bool {
	return strings.HasSuffix(path, ".go") && generatedMark.Match(text[:min(len(text), 4000)])
}

func TestNoFileIsLong(t *testing.T) {
	code := []string{".go", ".templ", ".scss", ".js", ".mjs", ".ts", ".sql", ".sh"}
	for _, f := range sources(t) {
		if n := bytes.Count(f.text, []byte("\n")); n > maxLines && slices.Contains(code, filepath.Ext(f.path)) {
			t.Errorf("%s has %d lines: split it where a reader would want a heading", f.path, n)
		}
	}
}

// A name that says nothing collects everything.
func TestNamesSaySomething(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "misc", "manager", "base", "lib"}
	for _, f := range sources(t) {
		if filepath.Ext(f.path) != ".go" {
			continue
		}
		name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(f.path), ".go"), "_test")
		for _, part := range append(strings.Split(filepath.ToSlash(filepath.Dir(f.path)), "/"), name) {
			if slices.Contains(empty, part) {
				t.Errorf("%s: %q says nothing about what is in it", f.path, part)
			}
		}
	}
}

// What is left to do is told in the open, not in the code; what is skipped was
// not tested; and nothing may depend on the machine it was written on.
func TestNothingIsLeftBehind(t *testing.T) {
	todo := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)
	machine := regexp.MustCompile(`/wo` + `rk/(main|shared|\.)|/ro` + `ot/`)
	skip := regexp.MustCompile(`\b[tb]\.Sk` + `ip(f|Now)?\(`)
	for _, f := range sources(t) {
		for i, line := range strings.Split(string(f.text), "\n") {
			if todo.MatchString(line) {
				t.Errorf("%s:%d: left to do: %s", f.path, i+1, strings.TrimSpace(line))
			}
			if machine.MatchString(line) {
				t.Errorf("%s:%d: names a place on one machine: %s", f.path, i+1, strings.TrimSpace(line))
			}
			if skip.MatchString(line) && f.path != "repotest/repotest.go" {
				t.Errorf("%s:%d: a test is skipped; only repotest may, where the reference data is absent", f.path, i+1)
			}
			if strings.HasPrefix(f.path, "internal/web/") && strings.Contains(line, "Store().Up"+"date(") {
				t.Errorf("%s:%d: doors read the store; what they change goes through the node", f.path, i+1)
			}
		}
	}
}

// parsed reads the Go files of the program itself, not those of tests.
func parsed(t *testing.T, f source) (*token.FileSet, *ast.File) {
	t.Helper()
	if filepath.Ext(f.path) != ".go" || strings.HasSuffix(f.path, "_test.go") {
		return nil, nil
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, f.path, f.text, parser.ParseComments)
	if err != nil {
		t.Errorf("%s: %v", f.path, err)
		return nil, nil
	}
	return set, file
}

// Time is an argument, below the node.
func TestNoClockInEnginesAndDomains(t *testing.T) {
	for _, f := range sources(t) {
		r, known := roomOf(filepath.ToSlash(filepath.Dir(f.path)))
		set, file := parsed(t, f)
		if file == nil || !known || r.floor > domain {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, isSelector := n.(*ast.SelectorExpr)
			if !isSelector {
				return true
			}
			from, isName := call.X.(*ast.Ident)
			clock := []string{"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc", "Sleep"}
			if isName && from.Name == "time" && from.Obj == nil && slices.Contains(clock, call.Sel.Name) {
				t.Errorf("%s: time.%s: time is an argument here", set.Position(call.Pos()), call.Sel.Name)
			}
			return true
		})
	}
}

// A newcomer starts from the package's comment.
func TestEveryPackageHasAComment(t *testing.T) {
	said := map[string]bool{} // by folder
	for _, f := range sources(t) {
		_, file := parsed(t, f)
		if file == nil {
			continue
		}
		dir := filepath.Dir(f.path)
		doc := file.Doc.Text()
		begins := strings.HasPrefix(doc, "Package "+file.Name.Name+" ") || file.Name.Name == "main" && doc != ""
		said[dir] = said[dir] || begins
		if doc != "" && !begins {
			t.Errorf("%s: the comment of the package does not begin with its name", f.path)
		}
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

func TestEveryExportedNameHasAComment(t *testing.T) {
	for _, f := range sources(t) {
		set, file := parsed(t, f)
		if file == nil {
			continue
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", set.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if name, commented := exportedSpec(spec); name != "" && d.Doc == nil && !commented {
						t.Errorf("%s: %s has no comment", set.Position(spec.Pos()), name)
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// exportedSpec is the exported name that a declaration makes, if any, and
// whether the line itself carries a comment.
func exportedSpec(spec ast.Spec) (name string, commented bool) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			return s.Name.Name, s.Doc != nil || s.Comment != nil
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() {
				return n.Name, s.Doc != nil || s.Comment != nil
			}
		}
	}
	return "", false
}
