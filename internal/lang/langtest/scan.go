// Package langtest finds, for tests, the message keys that sources ask for and
// the catalogue does not have, the sentences that nothing asks for, and the
// placeholders that a call leaves empty. It reads Go sources; templates are
// read through the Go that templ makes of them.
package langtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/lang"
)

// Report is what a scan found, each line ready to be shown.
type Report struct {
	Missing []string // asked for, but without a sentence
	Unused  []string // keys that no source mentions
	Empty   []string // placeholders without a value at a call
}

var keyShape = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+$`)

// keyAt says which argument of a call is the key, by the name of what is called
// and how many places there are: T(ctx, key) and printer.T(key), New(code, key),
// Field(name, key), Item(where, key). Values follow as name, value pairs.
func keyAt(call *ast.CallExpr) int {
	name, method := "", false
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name, method = f.Sel.Name, true
		if x, ok := f.X.(*ast.Ident); ok && (x.Name == "ui" || x.Name == "fault") {
			method = false
		}
	}
	switch {
	case name == "T" && method:
		return 0
	case name == "T", name == "New", name == "Field", name == "Item":
		return 1
	}
	return -1
}

// Scan reads the Go sources beneath root, tests left out, and compares them with
// the fallback language of the catalogue.
func Scan(root string, cat *lang.Catalogue) (Report, error) {
	var report Report
	used, prefixes := map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || name == "testdata" || name != "." && strings.HasPrefix(name, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		short, _ := filepath.Rel(root, path)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				s, ok := text(n)
				switch {
				case !ok:
				case strings.HasSuffix(s, ".") && keyShape.MatchString(s+"x"):
					prefixes[s] = true
				case keyShape.MatchString(s):
					used[s] = true
				}
			case *ast.CallExpr:
				place := fmt.Sprintf("%s:%d", filepath.ToSlash(short), set.Position(n.Pos()).Line)
				call(n, place, cat, &report)
			}
			return true
		})
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	for _, key := range cat.Keys(lang.Fallback) {
		if used[key] || mentioned(key, prefixes) {
			continue
		}
		report.Unused = append(report.Unused, key)
	}
	sort.Strings(report.Missing)
	report.Missing = slices.Compact(report.Missing)
	sort.Strings(report.Empty)
	report.Empty = slices.Compact(report.Empty)
	return report, nil
}

func mentioned(key string, prefixes map[string]bool) bool {
	for i := len(key) - 1; i > 0; i-- {
		if key[i] == '.' && prefixes[key[:i+1]] {
			return true
		}
	}
	return false
}

func call(n *ast.CallExpr, place string, cat *lang.Catalogue, report *Report) {
	at := keyAt(n)
	if at < 0 || at >= len(n.Args) {
		return
	}
	lit, ok := n.Args[at].(*ast.BasicLit)
	if !ok {
		return
	}
	key, ok := text(lit)
	if !ok || !keyShape.MatchString(key) {
		return
	}
	if !cat.Has(key) {
		report.Missing = append(report.Missing, place+": "+key)
		return
	}
	given := map[string]bool{}
	for i := at + 1; i < len(n.Args); i += 2 {
		name, ok := n.Args[i].(*ast.BasicLit)
		if !ok {
			return // spread or computed: not known here
		}
		s, _ := text(name)
		given[s] = true
	}
	for _, name := range cat.Placeholders(key) {
		if !given[name] {
			report.Empty = append(report.Empty, fmt.Sprintf("%s: %s needs {%s}", place, key, name))
		}
	}
}

func text(lit *ast.BasicLit) (string, bool) {
	if lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
