package uitest

import (
	"fmt"
	"strings"
	"testing"
)

// recorder is a test that only writes down what it is told.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Error(args ...any)            { r.said = append(r.said, fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) { r.said = append(r.said, fmt.Sprintf(f, args...)) }
func (r *recorder) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }

const good = `<!doctype html><html lang="en" dir="ltr"><head><title>T</title></head><body><main><h1>H [as it says]</h1>
<form action="/go" method="post"><label for="a">A</label><input id="a" name="a" value="1"><textarea name="t" aria-label="x">
 kept</textarea><input type="radio" name="r" value="y" aria-label="y"><select name="s" aria-label="s"><option value="">-</option><option value="q">Q</option></select>
<button name="b" value="2">Go</button></form><p class="x y">two <b>words</b></p><a href="#a">to a</a></main></body></html>`

func TestSelectorsAndForms(t *testing.T) {
	d := Parse(t, good).Sound()
	d.Count("main form input", 2).Count("p.y.x b", 1).Count("[name=a]", 1).Count("#a", 1).Count("body select option[value=q]", 1).Count("form p", 0)
	d.HasText("p", "two words").NothingChosen("r", "s")
	if got := d.Link("to a"); got != "#a" {
		t.Error(got)
	}
	f := d.Form("/go")
	if f.Method != "POST" || f.Encode() != "a=1&s=&t=+kept" {
		t.Errorf("%s %s", f.Method, f.Encode())
	}
}

func TestSoundFinds(t *testing.T) {
	for want, change := range map[string][2]string{
		"style":               {"<p class", `<p style="color:red" class`},
		"onclick":             {"<button", `<button onclick="x()"`},
		"script of its own":   {"</main>", "<script>1</script></main>"},
		"from elsewhere":      {"</main>", `<script src="https://a.example/x.js"></script></main>`},
		"2 times":             {"<button", `<button id="a"`},
		"no label":            {`<label for="a">A</label>`, ""},
		"which is not there":  {`href="#a"`, `href="#b"`},
		"no lang":             {`lang="en"`, ""},
		"0 main headings":     {"h1", "h2"},
		"no sentence":         {"two <b>", "[case.closed.line] <b>"},
		"runs a script":       {`href="#a"`, `href="javascript:x"`},
		"aria-describedby of": {"<button", `<button aria-describedby="zz"`},
	} {
		r := &recorder{TB: t}
		Parse(r, strings.ReplaceAll(good, change[0], change[1])).Sound()
		if !strings.Contains(strings.Join(r.said, "\n"), want) {
			t.Errorf("%q was not found; said %q", want, r.said)
		}
	}
}

func TestCanaries(t *testing.T) {
	r := &recorder{TB: t}
	Parse(r, good).LacksText("kept").LacksText("/go").NothingChosen("nothing")
	if len(r.said) != 3 {
		t.Errorf("said %q", r.said)
	}
}
