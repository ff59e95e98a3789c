package cli

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

type shared struct {
	About string `default:"nothing" enum:"nothing,case" help:"What about."`
}

type firstCmd struct {
	shared
	Name  string        `arg:"" help:"Whom."`
	Files []string      `arg:"" optional:"" name:"file" type:"existingfile" help:"Files."`
	Out   string        `short:"o" required:"" help:"Where to."`
	Kinds []string      `default:"a" help:"Kinds."`
	Limit int           `default:"7" help:"At most."`
	Wait  time.Duration `help:"How long."`
	Day   time.Time     `format:"2006-01-02" help:"When."`
	JSON  bool          `help:"As JSON."`
}

func (firstCmd) Run(*env) error { return nil }

type secondCmd struct {
	Word string `arg:"" optional:"" help:"A word."`
}

func (secondCmd) Run(*env) error { return nil }

type tagged struct {
	Config string `short:"c" env:"COMITY_TAGS_TEST" help:"A file."`

	FirstOne firstCmd `cmd:"" help:"The first."`
	Group    struct {
		Second secondCmd `cmd:"" default:"1" help:"The second."`
	} `cmd:"" help:"A group."`
}

func TestCommandLineFromTags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, line, mistake string
		want                any
	}{
		{
			"all of it", "first-one --about case -o x who --kinds b,c --kinds d --limit 9 --wait 2m --day 2026-11-22 --json " + file, "",
			firstCmd{shared{"case"}, "who", []string{file}, "x", []string{"b", "c", "d"}, 9, 2 * time.Minute, day, true},
		},
		{
			"what is left out stands as declared", "-c there first-one who --out=-", "",
			firstCmd{shared: shared{"nothing"}, Name: "who", Out: "-", Kinds: []string{"a"}, Limit: 7},
		},
		{"the command meant", "group word", "", secondCmd{"word"}},
		{"the command named", "group second", "", secondCmd{}},
		{"an argument missing", "first-one -o x", "<name> is missing", nil},
		{"a flag missing", "first-one who", `required flag(s) "out" not set`, nil},
		{"one too many", "group word more", `"more" is one argument too many`, nil},
		{"none of the words allowed", "first-one who -o x --about war", `"war" is none of: nothing, case`, nil},
		{"no number", "first-one who -o x --limit many", `"many" is not a whole number`, nil},
		{"no day", "first-one who -o x --day soon", `"soon" is not a day such as 2026-11-22`, nil},
		{"no such file", "first-one who /nowhere/at/all -o x", "<file>: no such file or directory", nil},
		{"a folder for a file", "first-one who / -o x", "/ is a folder", nil},
		{"no such command", "frist-one", `did you mean "first-one"`, nil},
		{"no command", "", "say which of: first-one, group", nil},
		{"no such flag", "group --huge", "unknown flag: --huge", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all tagged
			var got runner
			root := command("program", "Does things.", reflect.ValueOf(&all).Elem(), func(r runner) error { got = r; return nil })
			root.SetArgs(strings.Fields(c.line))
			root.SetOut(io.Discard)
			root.SetErr(io.Discard)
			err := root.Execute()
			if c.mistake != "" {
				if err == nil || !strings.Contains(err.Error(), c.mistake) {
					t.Fatalf("got %v, want %q", err, c.mistake)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if have := reflect.ValueOf(got).Elem().Interface(); !reflect.DeepEqual(have, c.want) {
				t.Fatalf("got %+v, want %+v", have, c.want)
			}
		})
	}
}

func TestConfigurationFromTheEnvironment(t *testing.T) {
	t.Setenv("COMITY_TAGS_TEST", "from the environment")
	for line, want := range map[string]string{"group word": "from the environment", "group word -c given": "given"} {
		var all tagged
		root := command("program", "", reflect.ValueOf(&all).Elem(), func(runner) error { return nil })
		root.SetArgs(strings.Fields(line))
		if err := root.Execute(); err != nil || all.Config != want {
			t.Fatalf("%s: %q, %v", line, all.Config, err)
		}
	}
}
