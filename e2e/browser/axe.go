package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
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
	source, err := axe(Root(v.t))
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

var axeOnce sync.Mutex // one npm at a time in a process

// axe reads axe-core from the front end's modules and fetches those where they
// are not there yet.
func axe(root string) (string, error) {
	axeOnce.Lock()
	defer axeOnce.Unlock()
	file := filepath.Join(root, "web", "node_modules", "axe-core", "axe.min.js")
	if raw, err := os.ReadFile(file); err == nil {
		return string(raw), nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("axe-core is missing and so is npm: install Node, then run npm ci in web/")
	}
	cmd := exec.Command(npm, "ci", "--no-audit", "--no-fund")
	cmd.Dir = filepath.Join(root, "web")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci in web/: %w: %s", err, tail(string(out)))
	}
	raw, err := os.ReadFile(file)
	return string(raw), err
}
