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
	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/statement/envelope"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"comity": func() {
			os.Exit(cli.Main(context.Background(), os.Args[1:], cli.IO{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
		},
	})
}

// TestScripts runs the program as an operator would.
func TestScripts(t *testing.T) { runScripts(t, "testdata/scripts", "") }

// TestScriptsOverRealLists runs it over the reference data, from its folder and
// from a server that stands in for the official addresses.
func TestScriptsOverRealLists(t *testing.T) { runScripts(t, "testdata/scripts/real", repotest.Data(t)) }

func runScripts(t *testing.T, dir, data string) {
	server := httptest.NewServer(http.FileServer(http.Dir(data)))
	t.Cleanup(server.Close) // scripts run side by side, after this function returns
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// put IN OUT writes the server's address in place of its name.
			"put": func(ts *testscript.TestScript, _ bool, args []string) {
				b := strings.ReplaceAll(ts.ReadFile(args[0]), "SERVER", server.URL)
				ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b), 0o600))
			},
			// pin LIST VARIABLE keeps the hash that people compare.
			"pin": func(ts *testscript.TestScript, _ bool, args []string) {
				s, err := envelope.Parse([]byte(ts.ReadFile(args[0])))
				ts.Check(err)
				ts.Setenv(args[1], s.PayloadHash().String())
			},
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("DATA", data)
			config := "[node]\nname = \"norland.example\"\n"
			return os.WriteFile(filepath.Join(env.WorkDir, "comity.toml"), []byte(config), 0o600)
		},
	})
}
