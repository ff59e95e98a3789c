package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Visitor is one person at the browser: a window with cookies of its own. Each
// step ends the test when it can't be done.
type Visitor struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	complaints []string // guarded by mu
}

// Visitor opens an empty window. What the browser complains about while it is
// open fails the test when it ends (see Forgive).
func (b *Browser) Visitor(t testing.TB) *Visitor {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	v := &Visitor{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		t.Fatalf("no window: %v", err)
	}
	messages := chromedp.Console(ctx)
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		for m, err := range messages {
			if err != nil {
				return
			}
			// A status of 4xx is an answer, not a complaint.
			bad := m.IsException() || m.Type == "error" && m.Source != "network"
			if bad && !strings.Contains(m.Text, "the server responded with a status of 4") {
				v.mu.Lock()
				v.complaints = append(v.complaints, m.String())
				v.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-listening
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, c := range v.complaints {
			t.Errorf("the browser complained: %s", c)
		}
	})
	return v
}

// Forgive forgets what the browser has complained about so far, and returns it.
func (v *Visitor) Forgive() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.complaints
	v.complaints = nil
	return c
}

func (v *Visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.fail("%s: %v", what, err)
	}
}

func (v *Visitor) fail(format string, args ...any) {
	v.t.Helper()
	file := filepath.Join(os.TempDir(), fmt.Sprintf("comity-failed-%d.png", time.Now().UnixNano()))
	ctx, cancel := context.WithTimeout(v.ctx, 5*time.Second)
	defer cancel()
	if png, err := chromedp.Run(ctx, chromedp.FullScreenshot(90)); err == nil && os.WriteFile(file, png, 0o600) == nil {
		v.t.Logf("a picture of the page: %s", file)
	}
	if text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText.slice(0, 1500) : ""`)); err == nil {
		v.t.Logf("the page says:\n%s", text)
	}
	v.t.Fatalf(format, args...)
}

// eval runs a script and decodes what it returns.
func eval[T any](v *Visitor, what, script string) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		v.fail("%s: %v", what, err)
	}
	return out
}

// Open goes to an address and waits until it is loaded.
func (v *Visitor) Open(url string) {
	v.t.Helper()
	v.do("open "+url, chromedp.Navigate(url))
}

// Back goes back one page, as the browser's own button does. A page that the
// browser kept comes back as it was left, without being loaded again.
func (v *Visitor) Back() {
	v.t.Helper()
	v.history("back")
}

// Forward goes forward again, as the browser's own button does.
func (v *Visitor) Forward() {
	v.t.Helper()
	v.history("forward")
}

func (v *Visitor) history(way string) {
	v.t.Helper()
	from := v.URL()
	eval[bool](v, "go "+way, "setTimeout(() => history."+way+"(), 0) > 0")
	deadline := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithTimeout(v.ctx, patience)
		at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? location.href : ""`))
		cancel()
		if err == nil && at != "" && at != from {
			return
		}
		if time.Now().After(deadline) {
			v.fail("nothing came of going %s", way)
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// Reload loads the page again.
func (v *Visitor) Reload() {
	v.t.Helper()
	v.do("reload", chromedp.Reload())
}

// finder is the script that finds what a person means by a label. It marks the
// element, so that the click that follows is a real one on a real place.
const finder = `(() => {
  const clean = (s) => (s || "").replace(/\s+/g, " ").trim();
  const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const name = (e) => clean(e.getAttribute("aria-label") || e.innerText || e.textContent || e.value);
  const bare = (e) => { const c = e.cloneNode(true); c.querySelectorAll(".govuk-visually-hidden, .optional").forEach((x) => x.remove()); return clean(c.textContent); };
  const best = (list, text, words) => list.find((e) => words(e).some((w) => w === text)) || list.find((e) => words(e).some((w) => w.startsWith(text)));
  window.__find = (kind, text) => {
    text = clean(text);
    document.querySelectorAll("[data-e2e]").forEach((e) => e.removeAttribute("data-e2e"));
    let found;
    if (kind === "press") {
      const all = [...document.querySelectorAll("button, a[href], summary, input[type=submit], [role=button], [role=option]")].filter(seen);
      found = best(all, text, (e) => [name(e), bare(e)]);
    } else {
      const labels = [...document.querySelectorAll("label, legend")].filter((l) => seen(l) || l.classList.contains("govuk-visually-hidden"));
      const label = best(labels, text, (e) => [clean(e.textContent), bare(e)]);
      if (label) found = label.tagName === "LEGEND" ? label.closest("fieldset").querySelector("input, select, textarea") : label.control || document.getElementById(label.htmlFor);
      if (!found) found = [...document.querySelectorAll("input[aria-label], select[aria-label], textarea[aria-label]")].find((e) => clean(e.getAttribute("aria-label")) === text);
    }
    if (!found) return "";
    found.setAttribute("data-e2e", "");
    return found.tagName + ":" + (found.type || "");
  };
})();`

const target = chromedp.CSS("[data-e2e]")

func (v *Visitor) find(kind, text string) string {
	v.t.Helper()
	found := eval[string](v, "look for "+text, finder+"window.__find("+quote(kind)+","+quote(text)+")")
	if found == "" {
		v.fail("there is nothing called %q to %s", text, kind)
	}
	return found
}

// Click clicks the button, link or summary with that text, where no new page
// comes of it: details, popovers, parts that htmx replaces.
func (v *Visitor) Click(text string) {
	v.t.Helper()
	v.find("press", text)
	v.do("click "+text, chromedp.Click(target))
}

// Press clicks the button or link with that text and waits for the page that
// comes of it.
func (v *Visitor) Press(text string) {
	v.t.Helper()
	v.find("press", text)
	eval[bool](v, "mark the page", "window.__leaving = true")
	v.do("press "+text, chromedp.Click(target))
	deadline := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithTimeout(v.ctx, patience)
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!window.__leaving && document.readyState === "complete"`))
		cancel()
		if err == nil && done {
			return
		}
		if time.Now().After(deadline) {
			v.fail("no new page came of pressing %q", text)
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// Fill types into the input with that label, over what is in it.
func (v *Visitor) Fill(label, value string) {
	v.t.Helper()
	found := v.find("field", label)
	if strings.HasPrefix(found, "SELECT") {
		v.fail("%q is a list: use Select", label)
	}
	v.do("fill "+label, chromedp.Focus(target))
	// Set as a whole, with the events that typing gives: fast, in any script.
	eval[bool](v, "fill "+label, `(() => { const e = document.querySelector("[data-e2e]"); e.value = `+quote(value)+`;
		for (const n of ["input", "change"]) e.dispatchEvent(new Event(n, { bubbles: true })); return true; })()`)
	if strings.HasSuffix(found, ":text") {
		v.do("leave "+label, chromedp.Blur(target))
	}
}

// Type presses the keys of a text where the focus is.
func (v *Visitor) Type(keys string) {
	v.t.Helper()
	v.do("type "+keys, chromedp.KeyEvent(keys))
}

// FillDate types a date into the three inputs beneath that legend.
func (v *Visitor) FillDate(legend string, day, month, year int) {
	v.t.Helper()
	v.find("field", legend)
	eval[bool](v, "fill date "+legend, fmt.Sprintf(`(() => { const f = document.querySelector("[data-e2e]").closest("fieldset").querySelectorAll("input");
		[%d, %d, %d].forEach((n, i) => { f[i].value = String(n); }); return true; })()`, day, month, year))
}

// Choose ticks the radio or checkbox with that label.
func (v *Visitor) Choose(label string) {
	v.t.Helper()
	v.find("field", label)
	v.do("choose "+label, chromedp.Click(target, chromedp.NodeReady))
	if !eval[bool](v, "look at "+label, `document.querySelector("[data-e2e]").checked`) {
		v.fail("%q can't be chosen", label)
	}
}

// ChooseIn ticks the radio or checkbox with that label in the group with that
// legend, for pages that ask the same of several things.
func (v *Visitor) ChooseIn(legend, label string) {
	v.t.Helper()
	v.find("field", legend)
	ok := eval[bool](v, "look for "+label, `(() => { const old = document.querySelector("[data-e2e]"), box = old.closest("fieldset"); old.removeAttribute("data-e2e");
		const clean = (s) => s.replace(/\s+/g, " ").trim();
		const l = [...box.querySelectorAll("label")].find((l) => clean(l.textContent) === `+quote(label)+`);
		if (!l) return false; l.control.setAttribute("data-e2e", ""); return true; })()`)
	if !ok {
		v.fail("there is no %q beneath %q", label, legend)
	}
	v.do("choose "+label, chromedp.Click(target, chromedp.NodeReady))
}

// Select chooses the option with that text in the list with that label, also
// where the list has become an input with suggestions.
func (v *Visitor) Select(label, option string) {
	v.t.Helper()
	found := v.find("field", label)
	if !strings.HasPrefix(found, "SELECT") {
		v.Fill(label, option)
		if left := eval[string](v, "look at "+label, `document.querySelector("[data-e2e]").closest(".combo")?.previousElementSibling.value ?? ""`); left == "" {
			v.fail("%q has no option %q", label, option)
		}
		return
	}
	ok := eval[bool](v, "select "+option, `(() => { const e = document.querySelector("[data-e2e]");
		const o = [...e.options].find((o) => o.text.replace(/\s+/g, " ").trim() === `+quote(option)+`); if (!o) return false;
		e.value = o.value; e.dispatchEvent(new Event("change", { bubbles: true })); return true; })()`)
	if !ok {
		v.fail("%q has no option %q", label, option)
	}
}

// Upload gives files to the file input with that label.
func (v *Visitor) Upload(label string, files ...string) {
	v.t.Helper()
	v.find("field", label)
	v.do("upload to "+label, chromedp.SetUploadFiles(target, files))
}

// Text is what a person reads in the main part of the page.
func (v *Visitor) Text() string {
	v.t.Helper()
	return eval[string](v, "read", `(document.querySelector("main") || document.body || {innerText: ""}).innerText`)
}

// Title is the title of the page.
func (v *Visitor) Title() string {
	v.t.Helper()
	return eval[string](v, "read the title", "document.title")
}

// URL is where the visitor is.
func (v *Visitor) URL() string {
	v.t.Helper()
	return eval[string](v, "read the address", "location.href")
}

// Value is what is in the input with that label.
func (v *Visitor) Value(label string) string {
	v.t.Helper()
	v.find("field", label)
	return eval[string](v, "read "+label, `document.querySelector("[data-e2e]").value`)
}

// Sees waits until the main part of the page holds each text, whatever its case
// (styles may change it).
func (v *Visitor) Sees(texts ...string) {
	v.t.Helper()
	for _, text := range texts {
		want := strings.ToLower(text)
		deadline := time.Now().Add(5 * time.Second)
		for !strings.Contains(strings.ToLower(v.Text()), want) {
			if time.Now().After(deadline) {
				v.fail("the page does not say %q", text)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// Misses fails when the main part of the page holds one of the texts.
func (v *Visitor) Misses(texts ...string) {
	v.t.Helper()
	got := strings.ToLower(v.Text())
	for _, text := range texts {
		if strings.Contains(got, strings.ToLower(text)) {
			v.fail("the page says %q", text)
		}
	}
}

// Size makes the window that large, in CSS pixels.
func (v *Visitor) Size(width, height int) {
	v.t.Helper()
	v.do("resize", chromedp.EmulateViewport(int64(width), int64(height)))
}

// Dark asks pages for their dark or light colours.
func (v *Visitor) Dark(on bool) {
	v.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	if _, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		v.fail("colours: %v", err)
	}
}

// Paper shows pages as they are printed, or on the screen again.
func (v *Visitor) Paper(on bool) {
	v.t.Helper()
	media := ""
	if on {
		media = "print"
	}
	if _, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media}); err != nil {
		v.fail("paper: %v", err)
	}
}

// Scripts turns the pages' own scripts on or off; it counts from the next page.
func (v *Visitor) Scripts(on bool) {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		v.fail("scripts: %v", err)
	}
}

// Screenshot draws the whole page into a PNG file.
func (v *Visitor) Screenshot(file string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		v.fail("screenshot: %v", err)
	}
	if err := os.WriteFile(file, png, 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// NoSidewaysScroll fails when the page is wider than its window.
func (v *Visitor) NoSidewaysScroll() {
	v.t.Helper()
	if over := eval[int](v, "measure", "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 1 {
		who := eval[string](v, "measure", `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1).slice(0, 8).map((e) => e.tagName + "." + e.className).join(", ")`)
		v.fail("the page is %d pixels wider than its window: %s", over, who)
	}
}

// Cookie gives the visitor a cookie for an address, as a page of it would.
func (v *Visitor) Cookie(url, name, value string) {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: url}); err != nil {
		v.fail("cookie: %v", err)
	}
}

// Texts are what a person reads in each place that a CSS selector names, for
// pages that ask the same of many things.
func (v *Visitor) Texts(selector string) []string {
	v.t.Helper()
	return eval[[]string](v, "read "+selector, "[...document.querySelectorAll("+quote(selector)+`)].map((e) => e.innerText.replace(/\s+/g, " ").trim())`)
}

// Forget takes the visitor's cookies away, as the end of a session does.
func (v *Visitor) Forget() {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		v.fail("cookies: %v", err)
	}
}
