package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/repotest"
)

// The command line says of the worked cases what their pages say, over the real
// lists.
func TestAssessTheExamplesOverRealLists(t *testing.T) {
	args := []string{"assess"}
	root := repotest.Root(t)
	args = append(args, "--lists-dir", repotest.Data(t))
	files, err := filepath.Glob(filepath.Join(root, "examples", "*.yaml"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	said := comity(t, append(args, files...)...)
	for _, want := range []string{"COC-R", "CP2-a", "TORT-III", "IMSI catchers for the Ministry of Interior of Karsovia", "Encryption for the newspaper"} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing is said of %q", want)
		}
	}
}
