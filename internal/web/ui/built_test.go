package ui

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/repotest"
)

// TestAssetsAreBuilt builds the front end anew and compares it with what the
// binary embeds: after a change of web/ run "npm run build" there and commit.
func TestAssetsAreBuilt(t *testing.T) {
	root := repotest.Root(t)
	browser.Modules(t)
	out := t.TempDir()
	cmd := exec.Command("node", "build.mjs", out)
	cmd.Dir = filepath.Join(root, "web")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	built, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := dist.ReadDir("dist")
	if err != nil {
		t.Fatal(err)
	}
	if len(built) != len(kept) {
		t.Errorf("built %d files, the binary holds %d", len(built), len(kept))
	}
	for _, e := range built {
		want, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := dist.ReadFile("dist/" + e.Name())
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what a build makes: %v", e.Name(), err)
		}
	}
}

// TestTemplatesAreGenerated makes Go of every template anew and compares.
func TestTemplatesAreGenerated(t *testing.T) {
	root := repotest.Root(t)
	tool := filepath.Join(t.TempDir(), "templ")
	build := exec.Command("go", "build", "-modfile=tools/go.mod", "-o", tool, "github.com/a-h/templ/cmd/templ")
	build.Dir = root
	if msg, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	// The name of the file in error messages depends on where templ was run.
	names := regexp.MustCompile("FileName: `[^`]*`")
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" {
			return err
		}
		cmd := exec.Command(tool, "generate", "-stdout", "-f", path)
		cmd.Dir = root
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: %v: %s", path, err, complaint.String())
			return nil
		}
		kept, err := os.ReadFile(strings.TrimSuffix(path, ".templ") + "_templ.go")
		if err != nil {
			return err
		}
		if !bytes.Equal(names.ReplaceAll(out.Bytes(), nil), names.ReplaceAll(kept, nil)) {
			t.Errorf("%s: the Go beside it is not what templ makes of it", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStylesheet holds it to what it may not bring: fonts, addresses, sides
// that right-to-left would have to undo.
func TestStylesheet(t *testing.T) {
	css := string(loaded().assets[loaded().names["app.css"]].plain)
	for _, no := range []string{"@font-face", "url(", "http:", "https:", "GDS Transport", "expression("} {
		if strings.Contains(css, no) {
			t.Errorf("the stylesheet holds %q", no)
		}
	}
	sides := regexp.MustCompile(`[{;](?:margin|padding|border)-(?:left|right)[-:]|[{;](?:left|right):|text-align:(?:left|right)|float:(?:left|right)`)
	if found := sides.FindAllString(css, 5); found != nil {
		t.Errorf("the stylesheet names sides: %q", found)
	}
	js := string(loaded().assets[loaded().names["app.js"]].plain)
	for _, no := range []string{"eval(", "unpkg", "cdn."} {
		if strings.Contains(js, no) {
			t.Errorf("the script holds %q", no)
		}
	}
}

// TestContrast checks each pair of colours that is read as text, in light and
// dark: 4.5 to 1 at least. The pairs are named in the tokens themselves.
func TestContrast(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(repotest.Root(t), "web", "scss", "_tokens.scss"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^\s*--([a-z0-9-]+): (#[0-9a-f]{6});(?: // on ([a-z0-9 -]+))?$`)
	for _, scheme := range []string{"light", "dark"} {
		_, part, _ := strings.Cut(string(raw), "@mixin "+scheme)
		part, _, _ = strings.Cut(part, "\n}\n")
		colours, on := map[string]float64{}, map[string][]string{}
		for _, l := range strings.Split(part, "\n") {
			if m := line.FindStringSubmatch(l); m != nil {
				colours[m[1]] = luminance(t, m[2])
				if m[3] != "" {
					on[m[1]] = strings.Fields(m[3])
				}
			}
		}
		pairs := 0
		for text, grounds := range on {
			for _, ground := range grounds {
				g, ok := colours[ground]
				if !ok {
					t.Fatalf("%s: no colour %q", scheme, ground)
				}
				pairs++
				if r := ratio(colours[text], g); r < 4.5 {
					t.Errorf("%s: %s on %s is %.2f", scheme, text, ground, r)
				}
			}
		}
		for _, edge := range []string{"card", "paper"} {
			if r := ratio(colours["control"], colours[edge]); r < 3 {
				t.Errorf("%s: the edge of an input on %s is %.2f", scheme, edge, r)
			}
		}
		if pairs < 40 {
			t.Errorf("%s: only %d pairs were found", scheme, pairs)
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift uint) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func ratio(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	return (a + 0.05) / (b + 0.05)
}
