// Package repotest finds, for tests, the repository and the reference data that
// may lie beside it: real lists, control lists and indicators, which are other
// people's and never part of the repository.
package repotest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Find gives the folder of the repository, upwards from where the test runs.
var Find = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if raw, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.HasPrefix(string(raw), "module github.com/comity-project/comity\n") {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod of the repository above the test's folder")
		}
		dir = up
	}
})

// Root is the folder of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Beside is a path in the folder of reference files. Where that folder is
// absent the test is skipped; with CI=true it fails, so that nothing is skipped
// unseen where everything must hold.
func Beside(t testing.TB, path ...string) string {
	t.Helper()
	root := filepath.Join(filepath.Dir(Root(t)), "shared")
	if _, err := os.Stat(filepath.Join(root, "data")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the reference data must lie beside the repository: %v", err)
		}
		t.Skip("the reference data (../shared/data) is absent")
	}
	return filepath.Join(append([]string{root}, path...)...)
}

// Data is a path in the reference data.
func Data(t testing.TB, path ...string) string {
	t.Helper()
	return Beside(t, append([]string{"data"}, path...)...)
}

// Needs skips a test that asks something of the machine which it has not, and
// says what. With CI=true it fails, as Beside does.
func Needs(t testing.TB, what string, missing error) {
	t.Helper()
	switch {
	case missing == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("the machine must have %s: %v", what, missing)
	default:
		t.Skipf("not run: the machine has not %s: %v", what, missing)
	}
}
