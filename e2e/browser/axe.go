package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/comity-project/comity/repotest"
)

// violation is what axe-core found wrong, in the parts we show.
type violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

// Accessible runs axe-core on the page and fails on every violation of WCAG 2.2
// at the levels A and AA. It finds about a third of what can be wrong: a person
// with a screen reader finds the rest.
func (v *Visitor) Accessible() {
	v.t.Helper()
	source, err := axe()
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(v.ctx, 3*patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](source+"\n;true")); err != nil {
		v.fail("axe-core does not load: %v", err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](`axe.run(document, {
		runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }, resultTypes: ["violations"],
	}).then((r) => r.violations.map((v) => ({ id: v.id, impact: v.impact || "", help: v.help,
		nodes: v.nodes.slice(0, 6).map((n) => n.html.slice(0, 200) + " :: " + (n.failureSummary || "").replace(/\s+/g, " ").slice(0, 260)) })))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		v.fail("axe-core does not run: %v", err)
	}
	if len(found) == 0 {
		return
	}
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "\n%s (%s): %s", f.ID, f.Impact, f.Help)
		for _, n := range f.Nodes {
			fmt.Fprintf(&b, "\n    %s", n)
		}
	}
	v.fail("%s is not accessible:%s", v.URL(), b.String())
}

// axe is the source of axe-core, read once.
var axe = sync.OnceValues(func() (string, error) {
	dir, err := modules()
	if err != nil {
		return "", err
	}
	raw, err := os.ReadFile(filepath.Join(dir, "axe-core", "axe.min.js"))
	return string(raw), err
})

// Modules makes sure that the front end's modules are there, as its lock file
// names them, and gives their folder.
func Modules(t testing.TB) string {
	t.Helper()
	dir, err := modules()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// modules fetches the front end's modules where they are not there yet. Test
// programs run beside each other, so a file of the system is the lock: the
// folder is complete once npm has written its own record into it.
var modules = sync.OnceValues(func() (string, error) {
	root, err := repotest.Find()
	if err != nil {
		return "", err
	}
	web := filepath.Join(root, "web")
	dir := filepath.Join(web, "node_modules")
	complete := filepath.Join(dir, ".package-lock.json")
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "comity-npm.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	if _, err := os.Stat(complete); err == nil {
		return dir, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("the front end's modules are missing and so is npm: install Node 20 or newer, then run npm ci in web/")
	}
	cmd := exec.Command(npm, "ci")
	cmd.Dir = web
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci in web/: %w: %s", err, tail(string(out)))
	}
	return dir, nil
})
