package letter

import (
	"slices"
	"strconv"
)

// KindAssessment is the written assessment of a case: it stays inside.
const KindAssessment Kind = "assessment"

// AssessmentFacts are what a written assessment holds. Every sentence in it was
// confirmed or written by a person.
type AssessmentFacts struct {
	Head
	Title    string // of the case
	Marking  string // "TLP:AMBER": at the head and at the foot of every page
	Withheld int    // sentences that this copy leaves out, since they rest on what may not be passed on
	Stale    bool   // the case has moved since it was signed
	Lines    []AssessedLine
	Views    []Words // of advisers, unshortened
	Dissents []Words
}

// AssessedLine is what is said of one line.
type AssessedLine struct {
	Title     string
	Sentences []SourcedSentence
}

// SourcedSentence is a sentence with the sources that it rests on.
type SourcedSentence struct {
	Text    string
	Sources []string
}

// Words are a person's own.
type Words struct {
	By   string
	Text string
}

// Assessment draws a written assessment up. Sources are numbered and listed at
// the end, each once.
func Assessment(t Texts, f AssessmentFacts) Document {
	b := begin(t, KindAssessment, f.Head, "title", f.Title)
	if f.Marking != "" {
		b.add(Paragraph{Runs: []Run{{Text: f.Marking, Strong: true}}})
		b.doc.Labels.Page = f.Marking + " · " + b.doc.Labels.Page
	}
	if f.Withheld > 0 {
		b.add(Notice{Title: b.key("withheld.title"), Runs: Text(b.key("withheld", "count", f.Withheld))})
	}
	if f.Stale {
		b.add(Notice{Title: b.key("stale.title"), Runs: Text(b.key("stale"))})
	}
	var sources []string
	for _, l := range f.Lines {
		b.add(Heading{Level: 2, Text: l.Title})
		for _, s := range l.Sentences {
			runs := []Run{{Text: s.Text, Isolate: true}}
			var at []int
			for _, x := range s.Sources {
				i := slices.Index(sources, x)
				if i < 0 {
					sources = append(sources, x)
					i = len(sources) - 1
				}
				if !slices.Contains(at, i+1) {
					at = append(at, i+1)
				}
			}
			if len(at) > 0 {
				slices.Sort(at)
				runs = append(runs, Run{Text: " [" + numbers(at) + "]"})
			}
			b.add(Paragraph{Runs: runs})
		}
	}
	b.words("views", f.Views)
	b.words("dissents", f.Dissents)
	if len(sources) > 0 {
		b.heading("sources")
		rows := make([][]Cell, len(sources))
		for i, s := range sources {
			rows[i] = []Cell{Text(strconv.Itoa(i + 1)), {{Text: s, Isolate: true}}}
		}
		b.add(Table{Caption: b.key("sources.caption"), Columns: []Column{{Header: b.key("sources.number"), Weight: 1, Figure: true}, {Header: b.key("sources.source"), Weight: 9}}, Rows: rows})
	}
	return b.sign(f.Signatory)
}

func (b *builder) words(heading string, all []Words) {
	if len(all) == 0 {
		return
	}
	b.heading(heading)
	for _, w := range all {
		b.add(Paragraph{Runs: []Run{{Text: w.By, Strong: true, Isolate: true}, {Text: ": "}, {Text: w.Text, Isolate: true}}})
	}
}
