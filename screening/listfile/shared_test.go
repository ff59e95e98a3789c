package listfile

import (
	"os"
	"path/filepath"
	"testing"
)

// shared gives a path under the folder of reference data beside the
// repository, and skips where that folder is absent.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
	root := filepath.Join(dir, "..", "shared")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the folder of reference data (../shared) is absent")
	}
	return filepath.Join(append([]string{root, "data"}, elem...)...)
}

func openShared(t testing.TB, elem ...string) File {
	t.Helper()
	f, err := os.Open(shared(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return File{Name: elem[len(elem)-1], Reader: f}
}
