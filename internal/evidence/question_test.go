package evidence_test

import (
	"testing"

	"github.com/comity-project/comity/internal/evidence"
)

func TestQuestions(t *testing.T) {
	on := evidence.OnQuestion{Question: "q1"}
	ask := evidence.Ask{OnQuestion: on, Of: evidence.Embassy, Words: evidence.Asking{Whom: "Embassy in Karsovia", Text: "Which unit runs it?"}, Country: "XR", Marking: evidence.Amber, Due: "2026-12-10"}
	change := func(f func(*evidence.Ask)) evidence.Ask { c := ask; f(&c); return c }
	asked := []evidence.QuestionCommand{ask}
	given := append(asked, evidence.GiveUp{OnQuestion: on, Why: "The post was closed."})
	for _, c := range []struct {
		name  string
		given []evidence.QuestionCommand
		when  evidence.QuestionCommand
		then  string
		or    string
	}{
		{"a question is put", nil, ask, "question.asked", ""},
		{"a partner is consulted", nil, change(func(c *evidence.Ask) { c.Of, c.Words.Whom = evidence.Partner, "Ministry of Trade of Alvania" }), "question.asked", ""},
		{"somebody else is asked", nil, change(func(c *evidence.Ask) { c.Of = "newspaper" }), "", "evidence.invalid of=evidence.of.missing"},
		{"twice", asked, ask, "", "evidence.question.exists"},
		{"to nobody", nil, change(func(c *evidence.Ask) { c.Words.Whom = " " }), "", "evidence.invalid whom=evidence.whom.missing"},
		{"due yesterday", nil, change(func(c *evidence.Ask) { c.Due = "2026-11-21" }), "", "evidence.invalid due=evidence.question.due"},
		{"red without a compartment", nil, change(func(c *evidence.Ask) { c.Marking = evidence.Red }), "", "evidence.invalid compartment=evidence.marking.closed"},
		{"a holding reply with another day", asked, evidence.Hold{OnQuestion: on, Note: "We asked the ministry.", Due: "2026-12-20"}, "question.held", ""},
		{"a holding reply without a word", asked, evidence.Hold{OnQuestion: on}, "", "evidence.invalid note=evidence.note.missing"},
		{"asked again", asked, evidence.Chase{OnQuestion: on}, "question.chased", ""},
		{"asked again twice on a day", append(asked, evidence.Chase{OnQuestion: on}), evidence.Chase{OnQuestion: on}, "", ""},
		{"answered", asked, evidence.TakeAnswer{OnQuestion: on, Item: evidence.Add{OnItem: evidence.OnItem{Item: "i1"}}}, "question.answered", ""},
		{"answered into another compartment", asked, evidence.TakeAnswer{OnQuestion: on, Item: evidence.Add{OnItem: evidence.OnItem{Item: "i1"}, Compartment: "north"}}, "", "evidence.invalid compartment=evidence.question.elsewhere"},
		{"closed without an answer", asked, given[1], "question.unanswered", ""},
		{"closed without a reason", asked, evidence.GiveUp{OnQuestion: on}, "", "evidence.invalid why=evidence.why.missing"},
		{"asked again after that", given, evidence.Chase{OnQuestion: on}, "", "evidence.question.closed"},
		{"of what is not there", nil, evidence.Chase{OnQuestion: on}, "", "fault.not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var q evidence.Question
			for _, g := range c.given {
				events, err := evidence.DecideQuestion(&q, g, now)
				if err != nil {
					t.Fatal(err)
				}
				fold(t, &q, events)
			}
			events, err := evidence.DecideQuestion(&q, c.when, now)
			if got := refused(err); got != c.or {
				t.Fatalf("refused for %q, want %q", got, c.or)
			}
			got := ""
			if len(events) > 0 {
				got = events[0].Event.EventType()
			}
			if got != c.then {
				t.Fatalf("%q, want %q", got, c.then)
			}
			fold(t, &q, events)
		})
	}
}

// A holding reply moves the day that it promises, and nothing else.
func TestAHoldingReplyIsNoAnswer(t *testing.T) {
	var q evidence.Question
	for _, c := range []evidence.QuestionCommand{
		evidence.Ask{OnQuestion: evidence.OnQuestion{Question: "q1"}, Of: evidence.Department, Words: evidence.Asking{Whom: "Ministry of Justice", Text: "Which law?"}, Marking: evidence.Amber, Due: "2026-11-23"},
		evidence.Hold{OnQuestion: evidence.OnQuestion{Question: "q1"}, Note: "In hand."},
		evidence.Hold{OnQuestion: evidence.OnQuestion{Question: "q1"}, Note: "By Friday.", Due: "2026-12-04"},
	} {
		events, err := evidence.DecideQuestion(&q, c, now)
		if err != nil {
			t.Fatal(err)
		}
		fold(t, &q, events)
	}
	if !q.Open() || q.Due != "2026-12-04" || q.Late("2026-12-04") || !q.Late("2026-12-05") || len(q.Held) != 2 {
		t.Errorf("%+v", q)
	}
}

// Each kind says of where it comes from what it may: a partner's statement names
// the state, a summary of civil society nothing by which anybody could be found.
func TestKindsOfSources(t *testing.T) {
	summary := func(f func(*evidence.Add)) evidence.Add {
		c := add()
		c.Kind, c.Asked, c.Reviewed, c.Language, c.Details.Source = evidence.Summary, "organisations", true, "", ""
		if f != nil {
			f(&c)
		}
		return c
	}
	for _, c := range []struct {
		name string
		when evidence.Add
		or   string
	}{
		{"a partner's statement", func() evidence.Add { c := add(); c.Kind, c.Partner = evidence.Statement, "XA"; return c }(), ""},
		{"a statement of nobody", func() evidence.Add { c := add(); c.Kind = evidence.Statement; return c }(), "evidence.invalid partner=evidence.partner.missing"},
		{"a document with a partner", func() evidence.Add { c := add(); c.Partner = "XA"; return c }(), "evidence.invalid kind=evidence.kind.origin"},
		{"a summary", summary(nil), ""},
		{"a summary that nobody reviewed", summary(func(c *evidence.Add) { c.Reviewed = false }), "evidence.invalid reviewed=evidence.reviewed.missing"},
		{"a summary that says who", summary(func(c *evidence.Add) { c.Details.Source = "Lawyers of the capital" }), "evidence.invalid source=evidence.summary.protects"},
		{"a summary with its language and page", summary(func(c *evidence.Add) { c.Language, c.Details.Address = "ru", "https://x.example" }), "evidence.invalid address=evidence.summary.protects language=evidence.summary.protects"},
		{"a summary asked of a person", summary(func(c *evidence.Add) { c.Asked = "a journalist" }), "evidence.invalid asked=evidence.asked.missing"},
		{"a summary for everybody", summary(func(c *evidence.Add) { c.Marking = evidence.Clear }), "evidence.invalid marking=evidence.summary.marking"},
		{"a kind there is none of", func() evidence.Add { c := add(); c.Kind = "rumour"; return c }(), "evidence.invalid kind=evidence.kind.unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var i evidence.Item
			events, err := evidence.DecideItem(&i, c.when, now)
			if got := refused(err); got != c.or {
				t.Fatalf("refused for %q, want %q", got, c.or)
			}
			fold(t, &i, events)
		})
	}
	var i evidence.Item
	events, err := evidence.DecideItem(&i, summary(nil), now)
	if err != nil {
		t.Fatal(err)
	}
	fold(t, &i, events)
	if i.Published != "2026-04-01" {
		t.Errorf("the summary names the day %s", i.Published)
	}
	if _, err := evidence.DecideItem(&i, evidence.Translate{OnItem: evidence.OnItem{Item: "i1"}, Language: "fr", Text: "Mots."}, now); refused(err) != "evidence.invalid language=evidence.summary.protects" {
		t.Errorf("a translation tells the language: %v", err)
	}
}

// What may be told to fewer people can't be cited where more may read on.
func TestAMarkingBindsWhatIsMadeOfIt(t *testing.T) {
	for n, m := range evidence.Markings {
		for k, o := range evidence.Markings {
			if m.Stricter(o) != (n > k) {
				t.Errorf("%s stricter than %s: %v", m, o, m.Stricter(o))
			}
		}
	}
	var b evidence.Brief
	f := evidence.BriefFacts{Now: now, Known: true, Items: map[string]*evidence.Item{"i1": {ID: "i1", Marking: evidence.Amber}, "i2": {ID: "i2", Marking: evidence.Green}}}
	events, err := evidence.DecideBrief(&b, evidence.Open{OnBrief: evidence.OnBrief{Brief: "b1"}, About: evidence.Destination, Subject: "XR", Marking: evidence.Green, ReviewBy: "2027-01-01"}, f)
	if err != nil {
		t.Fatal(err)
	}
	fold(t, &b, events)
	for item, want := range map[string]string{"i1": "evidence.invalid items=evidence.item.stricter", "i2": ""} {
		_, err := evidence.DecideBrief(&b, evidence.Write{OnBrief: evidence.OnBrief{Brief: "b1"}, Section: "situation", Text: "Words.", Items: []string{item}}, f)
		if refused(err) != want {
			t.Errorf("%s: %q, want %q", item, refused(err), want)
		}
	}
}
