package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/screening"
)

type screenCmd struct {
	Party  screenParty  `cmd:"" default:"1" help:"Whom is a party like? (the default)"`
	Batch  screenBatch  `cmd:"" help:"Answer a file of queries: CSV, XLSX or JSON lines."`
	Stream screenStream `cmd:"" help:"Answer queries as they come: JSON lines on standard input and output."`
	Eval   screenEval   `cmd:"" help:"Score a file of answers against queries with known parties."`
}

// because are the flags that say why something is screened: on a node that goes
// on record, without the name.
type because struct {
	Purpose string `default:"duty" enum:"case,licence,customers,duty" help:"case, licence, customers or duty. Goes on record."`
	About   string `default:"command line" help:"Reference of the case or licence, or the duty."`
}

type screenParty struct {
	Name    string   `arg:"" help:"The party's name, in any script."`
	Alias   []string `help:"Another name of the same party."`
	Country string   `help:"Country code."`
	Birth   string   `help:"Date or year of birth: 1961, 1961-05, 1961-05-07."`
	Type    string   `enum:",person,organisation,vessel,aircraft" default:"" help:"person, organisation, vessel or aircraft."`
	ID      []string `help:"Identifying number, kind:value, for instance imo:9187629."`
	Address string   `help:"Address in one line."`
	Top     int      `default:"10" help:"Most answers."`
	JSON    bool     `help:"As JSON."`
	because
	looking
}

// Run screens one party.
func (c screenParty) Run(e *env) error {
	q := screening.Query{
		Name: c.Name, Aliases: c.Alias, Type: screening.Type(c.Type), Country: strings.ToUpper(c.Country), Birth: c.Birth, Address: c.Address,
	}
	for _, id := range c.ID {
		kind, value, ok := strings.Cut(id, ":")
		if !ok {
			return fault.New(fault.Invalid, "screen.invalid").Field("id", "screen.text.id_form")
		}
		q.IDs = append(q.IDs, screening.Ident{Kind: kind, Value: value})
	}
	app, x, err := c.engines(e)
	if err != nil {
		return err
	}
	var s node.Screened
	if app != nil {
		defer app.Close()
		s, err = app.Screen(e, operator(), node.ScreenRequest{Query: q, Purpose: node.Purpose(c.Purpose), About: c.About, Top: c.Top})
		if err != nil {
			return err
		}
	} else {
		s = x.ScreenFor(q, c.Top, node.SeesAllLists(access.Actor{}), nil)
	}
	if c.JSON {
		return e.json(s)
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	writeScreened(e.Stdout, p, s)
	return nil
}

// writeScreened tells a search in the words of the page.
func writeScreened(w io.Writer, p lang.Printer, s node.Screened) {
	for i, h := range s.Close() {
		fmt.Fprintln(w, p.T("screen.text.hit", "n", i+1, "name", h.Shown, "strength", p.T("screen.band."+string(h.Band)), "means", p.T("screen.means."+string(h.Means)),
			"list", h.List.Title, "date", day(p, h.List.Published), "entry", h.EntityID))
		if h.Matched != "" && h.Matched != h.Shown {
			fmt.Fprintln(w, "   "+p.T("screen.text.matched", "name", h.Matched))
		}
		if len(h.Why.Alignments) > 0 {
			a := h.Why.Alignments[0]
			for _, m := range a.Matches {
				fmt.Fprintln(w, "   "+p.T("screen.text.word", "asked", spans(a.QueryText, m.Query), "listed", spans(a.ListedText, m.Listed), "how", p.T("screen.how."+string(m.How))))
			}
			for _, n := range append(a.Notes, h.Why.Notes...) {
				fmt.Fprintln(w, "   "+n)
			}
		}
		for _, f := range h.Why.Qualifiers {
			effect := p.T("screen.effect." + strings.ReplaceAll(f.Effect, " ", "_"))
			if f.Query == "" || f.Listed == "" {
				fmt.Fprintln(w, "   "+p.T("screen.text.missing", "field", p.T("screen.field."+f.Field), "effect", effect))
				continue
			}
			fmt.Fprintln(w, "   "+p.T("screen.text.qualifier", "field", p.T("screen.field."+f.Field), "effect", effect, "asked", f.Query, "listed", f.Listed))
		}
		fmt.Fprintln(w, "   "+chance(p, h.AlertRate))
		if h.Ambiguous {
			fmt.Fprintln(w, "   "+p.T("screen.text.ambiguous"))
		}
		if h.Disputed {
			fmt.Fprintln(w, "   "+p.T("screen.text.disputed"))
		}
		if len(h.AskFor) > 0 {
			var ask []string
			for _, a := range h.AskFor {
				ask = append(ask, p.T("screen.field."+a))
			}
			fmt.Fprintln(w, "   "+p.T("screen.text.ask", "what", p.List(ask)))
		}
	}
	if faint := s.Faint(); len(faint) > 0 {
		fmt.Fprintln(w, p.T("screen.text.weak", "count", len(faint)))
		for _, h := range faint {
			fmt.Fprintf(w, "   %s: %s, %s\n", h.Shown, h.List.Title, h.EntityID)
		}
	}
	if s.Index.Unread {
		fmt.Fprintln(w, p.T("screen.text.unread"))
	}
	fmt.Fprintln(w, searchedSentence(p, s))
}

// chance says how likely it is that an ordinary name looks this much like a
// listed one.
func chance(p lang.Printer, rate float64) string {
	if rate < 0.00001 {
		return p.T("screen.text.chance_least")
	}
	return p.T("screen.text.chance", "rate", p.Number(rate*100, 3))
}

// searchedSentence says what was searched and what was not: "no hits" is never
// "no concern".
func searchedSentence(p lang.Printer, s node.Screened) string {
	var lists []string
	for _, l := range s.Searched {
		lists = append(lists, p.T("screen.text.list", "title", l.Title, "date", day(p, l.Published)))
	}
	key := "screen.text.searched"
	if len(s.Hits) == 0 {
		key = "screen.text.none"
	} else if len(s.Close()) == 0 {
		key = "screen.text.none_close"
	}
	out := p.T(key, "lists", p.List(lists))
	if len(s.NotSearched) > 0 {
		out += " " + p.T("screen.text.not_searched", "lists", p.List(s.NotSearched))
	}
	return out
}

func day(p lang.Printer, iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return p.T("screen.text.no_date")
	}
	return p.Day(t.Year(), t.Month(), t.Day())
}

func spans(text string, at []screening.Span) string {
	var out []string
	for _, s := range at {
		if s.Start >= 0 && s.End <= len(text) && s.Start <= s.End {
			out = append(out, text[s.Start:s.End])
		}
	}
	return strings.Join(out, " ")
}

type screenEval struct {
	Results string `required:"" help:"Answers, as batch writes them." type:"existingfile"`
	Queries string `required:"" help:"The queries with the known parties." type:"existingfile"`
	JSON    bool   `help:"As JSON."`
}

// Run scores answers.
func (c screenEval) Run(e *env) error {
	results, err := os.Open(c.Results)
	if err != nil {
		return err
	}
	defer results.Close()
	queries, err := os.Open(c.Queries)
	if err != nil {
		return err
	}
	defer queries.Close()
	r, err := screening.Evaluate(results, queries)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.json(r)
	}
	w := e.Stdout
	fmt.Fprintf(w, "%d queries, %d of them ordinary names\n\n", r.Queries, r.Negatives)
	fmt.Fprintf(w, "%-12s %10s %8s %8s %8s %8s %8s\n", "false alerts", "threshold", "core", "latin", "cyrillic", "arabic", "exact")
	for _, x := range r.Points {
		fmt.Fprintf(w, "%11.1f%% %10.4f %8.1f %8.1f %8.1f %8.1f %8.1f\n", x.Share, x.Threshold, x.Core, x.Latin, x.Cyrillic, x.Arabic, x.Exact)
	}
	fmt.Fprintf(w, "\ncore mean %.1f, latin mean %.1f, false alerts at 80 %% latin recall %.2f\n", r.CoreMean, r.LatinMean, r.FPRAt80)
	return nil
}
