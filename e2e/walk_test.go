package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/e2e/browser"
)

// walk is a story that several people carry through the real program, each in a
// window of their own.
type walk struct {
	t      *testing.T
	b      *browser.Browser
	name   string
	people map[string]*browser.Visitor
}

func begin(t *testing.T, name string) *walk {
	t.Helper()
	return &walk{t: t, b: browser.Start(t), name: name, people: map[string]*browser.Visitor{}}
}

// is gives a sample person's window; it is opened and signed in the first time.
func (w *walk) is(sign string) *browser.Visitor {
	w.t.Helper()
	if v, ok := w.people[sign]; ok {
		return v
	}
	v := as(w.t, w.b, sign)
	v.Size(1280, 900)
	w.people[sign] = v
	return v
}

// looks holds a page to be accessible and to keep its shape on a phone, and
// draws it.
func (w *walk) looks(v *browser.Visitor, page string) {
	w.t.Helper()
	v.Accessible()
	v.Screenshot(filepath.Join(browser.Pictures(w.t), w.name+"-"+page+".png"))
	v.Size(360, 740)
	v.NoSidewaysScroll()
	v.Screenshot(filepath.Join(browser.Pictures(w.t), w.name+"-"+page+"-phone.png"))
	v.Size(1280, 900)
}

// paper writes a small document to send.
func (w *walk) paper(name, text string) string {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return file
}

// draft starts an application and names it.
func (w *walk) draft(v *browser.Visitor, title string) {
	w.t.Helper()
	v.Open(start(w.t) + "/exporter")
	v.Press("Start an application")
	v.Press("Individual licence")
	v.Press("About this application")
	v.Fill("Title", title)
	v.Press("Save and go to the list")
	v.Sees("What, to whom, what for")
}

// amount fills the page of quantity and value.
func (w *walk) amount(v *browser.Visitor, quantity, unit, value string) {
	w.t.Helper()
	v.Fill("Quantity", quantity)
	pick(v, "Unit", unit)
	v.Select("Currency", "EUR")
	v.Fill("Amount", value)
	v.Select("Country of origin", "Norland")
	v.Select("Country from which it leaves", "Norland")
}

// submit makes the declaration and gives the address of the submitted case.
func (w *walk) submit(v *browser.Visitor, name string) string {
	w.t.Helper()
	v.Press("Check your answers")
	v.Press("Continue to the declaration")
	v.Choose("I make this declaration")
	v.Fill("Your full name", name)
	v.Press("Submit the application")
	v.Sees("Application submitted", "What happens next")
	at := v.URL()
	id := strings.TrimSuffix(at[strings.Index(at, "/exporter/cases/")+len("/exporter/cases/"):], "/submitted")
	return id
}

// assign has the coordinator give a case to an officer.
func (w *walk) assign(id, officer string) {
	w.t.Helper()
	carl := w.is("carl")
	carl.Open(start(w.t) + "/cases/" + id)
	carl.Select("Give it to", officer)
	carl.Press("Give the case")
	carl.Sees("The case was given to the officer.")
}

// settled waits until what the program does by itself after a command (letters,
// searches in lists) has come to a page.
func settled(t *testing.T, v *browser.Visitor, text string) {
	t.Helper()
	for range 60 {
		if strings.Contains(strings.ToLower(v.Text()), strings.ToLower(text)) {
			return
		}
		time.Sleep(250 * time.Millisecond)
		v.Reload()
	}
	v.Sees(text)
}

// fact records one fact of a case by its question.
func (w *walk) fact(v *browser.Visitor, id, fact, answer, source string, day, month int) {
	w.t.Helper()
	v.Open(start(w.t) + "/cases/" + id + "/assessment/fact?fact=" + fact)
	v.ChooseIn("Answer", answer)
	v.Choose("The whole case")
	v.Fill("Source", source)
	v.FillDate("As of which day", day, month, 2026)
	v.Press("Record the fact")
	v.Sees("The fact is on record.")
}

// findings answers every test of a line as the facts give it, in the page's one
// form, and where no dated fact carries an answer says where was looked.
func (w *walk) findings(v *browser.Visitor, id string) int {
	w.t.Helper()
	v.Open(start(w.t) + "/cases/" + id + "/assessment")
	n := 0
	for _, text := range v.Texts("#tests article.finding") {
		_, rest, found := strings.Cut(text, "Your finding on ")
		if !found {
			continue
		}
		rule, _, _ := strings.Cut(rest, " ")
		answer := "Unknown"
		for _, a := range []string{"Not met", "Met"} {
			if strings.HasPrefix(strings.ToLower(text), strings.ToLower(a)) {
				answer = a
				break
			}
		}
		v.ChooseIn("Your finding on "+rule, answer)
		if strings.Contains(text, "It rests on the") {
			v.Choose(rests(text) + " " + rule)
		} else {
			v.Click("Another ground, or a reason, for " + rule)
			v.Fill("Where you looked and found nothing ("+rule+")", "case file, lists in use, reports of UN bodies, November 2026")
		}
		n++
	}
	if n > 0 {
		v.Press("Record these findings")
		v.Sees("The findings are on record under your name.")
	}
	return n
}

// rests is the sentence of a finding that names how many facts carry it.
func rests(text string) string {
	i := strings.Index(text, "It rests on the")
	return text[i : i+strings.Index(text[i:], ".")+1]
}

// pick chooses one answer of a question, whether its answers stand open or in a
// list.
func pick(v *browser.Visitor, question, answer string) {
	for _, legend := range v.Texts("main legend") {
		if strings.HasPrefix(legend, question) {
			v.ChooseIn(question, answer)
			return
		}
	}
	v.Select(question, answer)
}
