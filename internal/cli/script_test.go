package cli_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/comity-project/comity/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"comity": func() {
			os.Exit(cli.Main(context.Background(), os.Args[1:], cli.IO{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
		},
	})
}

// reference is the folder of reference data, "" where it is absent.
func reference(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "..", "..", "..", "shared", "data")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// TestScripts runs the program as an operator would. Scripts named real-* read
// the reference data, from its folder and from a server that stands in for the
// official addresses.
func TestScripts(t *testing.T) {
	data := reference(t)
	files, err := filepath.Glob("testdata/scripts/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var run []string
	for _, f := range files {
		if match, _ := filepath.Match("real-*", filepath.Base(f)); match && data == "" {
			t.Log("the folder of reference data (../shared) is absent: " + f + " is left out")
			continue
		}
		run = append(run, f)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(data)))
	t.Cleanup(server.Close) // scripts run side by side, after this function returns
	testscript.Run(t, testscript.Params{
		Files: run,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// put IN OUT writes the server's address in place of its name.
			"put": func(ts *testscript.TestScript, _ bool, args []string) {
				b := strings.ReplaceAll(ts.ReadFile(args[0]), "SERVER", server.URL)
				ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b), 0o600))
			},
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("DATA", data)
			config := "[node]\nname = \"norland.example\"\n"
			return os.WriteFile(filepath.Join(env.WorkDir, "comity.toml"), []byte(config), 0o600)
		},
	})
}
