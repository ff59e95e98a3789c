package listfile

import (
	"os"
	"testing"

	"github.com/comity-project/comity/repotest"
)

func openReal(t testing.TB, elem ...string) File {
	t.Helper()
	f, err := os.Open(repotest.Data(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return File{Name: elem[len(elem)-1], Reader: f}
}
