// Package browser drives a real Chromium for tests, the way a person would: by
// what is written on buttons and labels. Whatever goes wrong ends the test with
// a sentence and a picture.
//
//	b := browser.Start(t)
//	officer := b.Visitor(t)
//	officer.Open(server.URL + "/sign-in")
//	officer.Fill("Name", "adviser")
//	officer.Press("Sign in")
//	officer.Accessible()
//
// A Visitor has cookies of its own, so one test can hold several people. Pages
// are checked for what the browser complains about (console errors, refused by
// the content policy) at the end of each test.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser is one running Chromium with a fresh profile.
type Browser struct {
	ctx context.Context
}

// patience bounds each step of a visitor.
const patience = 20 * time.Second

// Start runs Chromium until the test and its subtests end. Where it is missing
// and may be installed it is installed; otherwise the test fails and says how
// to get it. COMITY_CHROMIUM names another program.
func Start(t testing.TB) *Browser {
	t.Helper()
	program, err := find()
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // the tests' own pages only; root has no sandbox
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		// Pages brought back from memory have nodes that the driver does not know.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,BackForwardCache"),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "en-GB"),
		chromedp.WindowSize(1280, 900),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		t.Fatalf("Chromium (%s) does not start: %v", program, err)
	}
	process := chromedp.FromContext(ctx).Browser.Process()
	t.Cleanup(func() {
		tctx, done := context.WithTimeout(ctx, 10*time.Second)
		_ = chromedp.Cancel(tctx)
		done()
		cancel()
		stop()
		// Gracefully closed or not: this one process, by its id, is gone.
		if process != nil && process.Signal(syscall.Signal(0)) == nil {
			_ = process.Kill()
		}
	})
	return &Browser{ctx: ctx}
}

var find = sync.OnceValues(func() (string, error) {
	if own := os.Getenv("COMITY_CHROMIUM"); own != "" {
		return own, nil
	}
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	missing := errors.New("no Chromium here: install it (on Debian: apt-get install chromium) or name it in COMITY_CHROMIUM")
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return "", missing
	}
	for _, args := range [][]string{{"update", "-q"}, {"install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-noto-core"}} {
		cmd := exec.Command(apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", errors.Join(missing, err, errors.New(tail(string(out))))
		}
	}
	return exec.LookPath("chromium")
})

func tail(s string) string {
	if len(s) > 800 {
		return s[len(s)-800:]
	}
	return s
}

// Pictures is where screenshots go: the folder in COMITY_PICTURES, else one that
// is removed with the test.
func Pictures(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("COMITY_PICTURES")
	if dir == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// quote writes a string for JavaScript.
func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
