package e2e

import (
	"strings"
	"testing"
	"time"
)

// Two officers have one form open. Whoever comes second is told what happened
// meanwhile, and nothing that they typed is lost.
func TestTwoOfficersAtOnce(t *testing.T) {
	w := begin(t, "two")
	base := start(t)
	liv, amira := w.is("liv"), w.is("amira")
	liv.Open(base + "/cases?list=all")
	liv.Press("Water cannon")
	at := liv.URL()
	for _, v := range []interface{ Open(string) }{liv, amira} {
		v.Open(at + "/assessment/groups")
	}
	groups := []string{"Opposition", "Dissidents", "Journalists", "Human-rights defenders", "Other civil society", "Vulnerable groups"}
	for _, g := range groups {
		liv.ChooseIn(g, "affected")
		amira.ChooseIn(g, "unknown")
	}
	liv.Fill("Reason, in your own words", "By the embassy's report.")
	amira.Fill("Reason, in your own words", "Nobody has asked them yet.")
	liv.Press("Record the answers")
	liv.Sees("The answers are on record.")
	amira.Press("Record the answers")
	amira.Sees("Someone else changed this while you were at it", "Liv Sandvik", "It was said which groups would be affected.")
	if got := amira.Value("Reason, in your own words"); got != "Nobody has asked them yet." {
		t.Errorf("what was typed came back as %q", got)
	}
	w.looks(amira, "moved")
	amira.Press("Record the answers")
	amira.Sees("The answers are on record.")
}

// A session that ends while somebody types costs nothing but the password.
func TestSessionEndsWhileTyping(t *testing.T) {
	w := begin(t, "session")
	base := start(t)
	vera := w.is("vera")
	title := "Cameras for the harbour, " + time.Now().Format("15:04:05")
	w.draft(vera, title)
	vera.Press("End use")
	vera.Fill("What it will be used for", "Watching the quay at night, so that nobody drowns")
	vera.Forget()
	vera.Press("Save and go to the list")
	vera.Sees("Sign in")
	w.looks(vera, "ended")
	vera.Fill("Sign-in name", "vera")
	vera.Fill("Password", "norland demonstration")
	vera.Press("Sign in")
	vera.Sees("What you typed is kept")
	vera.Press("Go on with what you typed")
	vera.Open(base + "/exporter/applications")
	vera.Press(title)
	vera.Press("End use")
	if got := vera.Value("What it will be used for"); !strings.Contains(got, "nobody drowns") {
		t.Errorf("what was typed came back as %q", got)
	}
}

// A letter sent once is sent once, however often its form is gone back to.
func TestBackAndForthDoesNothingTwice(t *testing.T) {
	w := begin(t, "back")
	base := start(t)
	olav := w.is("olav")
	olav.Open(base + "/cases?list=all")
	olav.Press("Frame contract")
	at := olav.URL()
	olav.Click("Ask the applicant")
	question := "Which of the sixty parties keeps spare parts? " + time.Now().Format("15:04:05")
	olav.Fill("Questions", question)
	olav.Press("Send the questions")
	olav.Sees(question)
	olav.Back()
	olav.Forward()
	olav.Reload()
	olav.Back()
	if strings.Contains(olav.Text(), "Ask the applicant") && !strings.Contains(olav.Text(), question) {
		olav.Click("Ask the applicant")
		olav.Fill("Questions", question)
		olav.Press("Send the questions")
	}
	olav.Open(at)
	if n := strings.Count(olav.Text(), question); n != 1 {
		t.Errorf("the question was sent %d times", n)
	}
}

// What anybody may see works with scripts off.
func TestPublicPagesWithoutScripts(t *testing.T) {
	w := begin(t, "public")
	base := start(t)
	v := w.b.Visitor(t)
	v.Scripts(false)
	for _, path := range []string{"/", "/check", "/states", "/register", "/sign-in"} {
		v.Open(base + path)
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Size(1280, 900)
	}
	v.Open(base + "/states")
	v.Fill("Part of a name, or a code", "Norw")
	v.Press("Show")
	v.Sees("Norway")
	v.Open(base + "/sign-in")
	v.Fill("Sign-in name", "liv")
	v.Fill("Password", "norland demonstration")
	v.Press("Sign in")
	v.Sees("Work")
	v.Open(base + "/cases?list=all")
	v.Press("Water cannon")
	v.Sees("What is asked")
}
