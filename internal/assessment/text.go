package assessment

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/comity-project/comity/policy"
)

// Speaker gives the sentence for a message key; lang.Printer is one.
type Speaker interface {
	T(key string, args ...any) string
}

// WriteText writes a report for a terminal: what the items may be, whom the
// parties are like, where each line stands with its rules and sources, and what
// to ask next.
func WriteText(w io.Writer, r *Report, p Speaker) error {
	t := text{bufio.NewWriter(w), p}
	t.line("%s", strings.TrimSpace(r.Case+"  "+r.Title))
	t.line("%s", p.T("assessment.text.head", "day", string(r.Day), "pack", r.Pack.Title, "version", r.Pack.Version, "hash", short(r.Pack.Hash)))
	t.line("")
	t.line("%s", p.T("assessment.text.items"))
	for _, i := range r.Items {
		t.item(i)
	}
	t.line("")
	t.line("%s", p.T("assessment.text.parties"))
	for _, q := range r.Parties {
		t.party(q)
	}
	t.searched(r)
	for _, d := range r.Destinations {
		t.destination(d)
	}
	for _, l := range r.Lines {
		t.reportLine(l, r.Assurances)
	}
	if len(r.Groups) > 0 {
		t.line("")
		t.line("%s", p.T("assessment.text.groups"))
		for _, g := range r.Groups {
			t.line("  %s: %s", p.T("assessment.group."+string(g.Group)), p.T("assessment.affected."+string(g.Affected)))
		}
	}
	t.line("")
	if len(r.Questions) == 0 {
		t.line("%s", p.T("assessment.text.no_questions"))
	} else {
		t.line("%s", p.T("assessment.text.questions"))
	}
	for _, q := range r.Questions {
		t.line("  - %s", q.Text)
		t.line("    %s", p.T("assessment.text.question_for", "fact", q.Fact, "lines", strings.Join(q.Lines, ", "), "rules", strings.Join(q.Rules, ", ")))
	}
	return t.w.Flush()
}

type text struct {
	w *bufio.Writer
	p Speaker
}

func (t text) line(format string, args ...any) { fmt.Fprintf(t.w, format+"\n", args...) }

func (t text) item(i ItemReport) {
	t.line("  %s  %s", i.Line, i.Description)
	if c := i.Confirmed; c != nil {
		t.line("     %s", t.p.T("assessment.text.confirmed", "category", c.Category, "codes", dash(c.Codes), "list", c.List, "by", c.By))
	} else {
		t.line("     %s", t.p.T("assessment.text.unconfirmed"))
	}
	s := i.Suggested
	if s == nil {
		return
	}
	var codes []string
	for n, c := range s.Candidates {
		if n < 3 {
			codes = append(codes, strings.TrimSpace(c.List+" "+c.Code))
		}
	}
	t.line("     %s", t.p.T("assessment.text.suggested", "status", t.p.T("assessment.status."+s.Status), "codes", dash(codes), "kinds", dash(s.Categories), "catch_all", s.CatchAll))
	for _, protective := range s.Protective {
		t.line("     %s", t.p.T("assessment.text.protective", "use", protective))
	}
	if i.Confirmed == nil {
		for _, q := range s.Questions {
			t.line("     - %s", q)
		}
	}
}

func (t text) party(q PartyReport) {
	t.line("  %s  (%s)", q.Name, strings.Join(q.Roles, ", "))
	shown := 0
	for _, h := range q.Hits {
		if h.Faint && h.Outcome == "" {
			continue
		}
		shown++
		outcome := "unresolved"
		if h.Outcome != "" {
			outcome = string(h.Outcome)
		}
		t.line("     %s", t.p.T("assessment.text.hit", "name", h.Shown, "list", h.List, "entry", h.Entry, "asked", h.Asked, "outcome", t.p.T("assessment.same."+outcome)))
		if h.Reason != "" {
			t.line("     %s", h.Reason)
		}
	}
	if shown == 0 {
		t.line("     %s", t.p.T("assessment.text.no_hit"))
	}
}

func (t text) searched(r *Report) {
	var lists []string
	for _, s := range r.Searched {
		lists = append(lists, strings.TrimSpace(s.List+" "+string(s.Date)))
	}
	t.line("  %s", t.p.T("assessment.text.searched", "lists", dash(lists), "not", dash(r.NotSearched)))
}

func (t text) destination(d DestinationReport) {
	t.line("")
	t.line("%s", t.p.T("assessment.text.destination", "name", strings.TrimSpace(d.Name+" "+d.Code), "level", t.p.T("assessment.scrutiny."+string(d.Scrutiny))))
	if d.MadeUp {
		t.line("  %s", t.p.T("assessment.text.made_up"))
	}
	for _, x := range d.Reasons {
		t.line("  %s", t.p.T("assessment.text.indicator", "text", x.Text, "name", x.Indicator.Name, "value", fmt.Sprintf("%g", x.Indicator.Value), "year", fmt.Sprint(x.Indicator.Year), "source", x.Indicator.Source))
	}
}

func (t text) reportLine(l LineReport, all []AssuranceReport) {
	t.line("")
	t.line("%s", t.p.T("assessment.text.line", "line", l.Line, "standing", t.p.T("assessment.standing."+string(l.Outcome.Standing))))
	t.line("  %s", l.Description)
	if l.UserName != "" {
		t.line("  %s", t.p.T("assessment.text.user", "name", l.UserName))
	}
	if l.Outcome.Severity > 0 {
		t.line("  %s", t.p.T("assessment.text.severity", "severity", l.Outcome.Severity, "kind", l.Kind))
	} else {
		t.line("  %s", t.p.T("assessment.text.severity_unknown"))
	}
	for _, s := range []string{l.Harm, l.Protects, l.Refusing} {
		if s != "" {
			t.line("  %s", s)
		}
	}
	for _, r := range l.Reasons {
		if r.Status != policy.NotMet {
			t.reason(r)
		}
	}
	var not []string
	for _, r := range l.Reasons {
		if r.Status == policy.NotMet {
			not = append(not, r.Rule)
		}
	}
	t.line("  %s", t.p.T("assessment.text.not_met", "rules", dash(not)))
	for _, o := range l.Options {
		if o.Open {
			t.line("  %s", t.p.T("assessment.text.option_open", "outcome", t.p.T("assessment.outcome."+o.Outcome)))
		} else {
			t.line("  %s", t.p.T("assessment.text.option_barred", "outcome", t.p.T("assessment.outcome."+o.Outcome)))
		}
		for _, b := range append(o.Bars, o.Needs...) {
			t.line("    - %s", t.p.T(b.Key, "rule", b.Rule, "text", b.Text))
		}
	}
	for _, a := range all {
		if a.Line == l.Line {
			t.line("  %s", t.p.T("assessment.text.assurance", "text", a.Text, "state", t.p.T(a.Why)))
		}
	}
	if l.Country.WhyNot != "" {
		t.line("  %s", t.p.T(l.Country.WhyNot, "level", t.p.T("assessment.scrutiny."+string(l.Country.Scrutiny)), "rules", dash(l.Country.Read)))
	}
}

func (t text) reason(r policy.Reason) {
	t.line("  %s", t.p.T("assessment.text.rule", "rule", r.Rule, "status", t.p.T("assessment.finding_status."+string(r.Status)), "force", t.p.T("assessment.force."+string(r.Force)), "source", r.Source))
	if r.Unverified {
		t.line("    %s", t.p.T("assessment.text.unverified"))
	}
	if r.Text != "" {
		t.line("    %s", r.Text)
	} else {
		t.line("    %s", r.Question)
	}
	for _, f := range r.Facts {
		if f.Source != "" {
			t.line("    %s = %s (%s)", f.Name, f.Value, strings.TrimSpace(f.Source+" "+string(f.Date)))
		}
	}
	if len(r.Missing) > 0 {
		t.line("    %s", t.p.T("assessment.text.missing", "facts", strings.Join(r.Missing, ", ")))
	}
}

func dash(list []string) string {
	if len(list) == 0 {
		return "–"
	}
	return strings.Join(list, ", ")
}

func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12]
	}
	return hash
}
