package exchange

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/web/ui"
)

// lines are the lines of a text area that say something.
func lines(text string) (out []string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// contentIn reads what a paper says from its form.
func contentIn(kind dispatch.Kind, form url.Values, bad *fault.Error) dispatch.Content {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	c := dispatch.Content{Title: get("title"), Text: get("text")}
	switch kind {
	case dispatch.Report:
		r := &dispatch.Reporting{
			Kind: get("report_kind"), Abuses: form["abuses"], Places: strings.Fields(strings.ToUpper(get("places"))), Evidence: get("evidence"),
			Admiralty: strings.ToUpper(get("admiralty")), Likelihood: get("likelihood"), Basis: lines(get("basis")),
		}
		partsIn(form, r, bad)
		c.Report = r
	case dispatch.Reply:
		x := &dispatch.ReplyTo{}
		switch get("as") {
		case "opinion":
			if x.Opinion = get("opinion"); x.Opinion == "" {
				bad.Field("opinion", "dispatch.choose")
			}
		case "sighting":
			n, err := strconv.ParseInt(get("count"), 10, 64)
			if err != nil || n < 1 {
				bad.Field("count", "dispatch.seen.count", "max", 999_999_999)
			}
			x.Seen, x.Count, x.First, x.Until = true, n, ui.ParseDay(form, "first", bad), ui.ParseDay(form, "until", bad)
		case "note":
			x.Note = true
		default:
			bad.Field("as", "dispatch.choose")
		}
		c.Reply = x
	case dispatch.Practice:
		c.Theme = get("theme")
	case dispatch.Request:
		c.Due = string(ui.ParseDay(form, "due", bad))
	case dispatch.Procedure:
		c.Procedure = &dispatch.Rules{
			Number: get("number"), Status: get("status"), Onward: get("onward"), LowestTLP: get("lowest_tlp"), Purposes: form["procedure_purposes"],
			ReviewBy: ui.ParseDay(form, "procedure_review", bad), Paragraphs: paragraphsIn(get("paragraphs")),
		}
	}
	return c
}

// paragraphsIn reads paragraphs, one a line: number, text, and in brackets at the
// end the rule that the paragraph makes.
func paragraphsIn(text string) (out []dispatch.Paragraph) {
	for _, l := range lines(text) {
		number, rest, _ := strings.Cut(l, " ")
		x := dispatch.Paragraph{Number: number, Text: strings.TrimSpace(rest)}
		if i := strings.LastIndexByte(x.Text, '['); i >= 0 && strings.HasSuffix(x.Text, "]") {
			x.Rule, x.Text = x.Text[i+1:len(x.Text)-1], strings.TrimSpace(x.Text[:i])
		}
		out = append(out, x)
	}
	return out
}

func handlingIn(form url.Values, bad *fault.Error) dispatch.Handling {
	audience := slices.Clone(form["audience"])
	slices.Sort(audience)
	return dispatch.Handling{
		TLP: form.Get("tlp"), PAP: form.Get("pap"), Audience: audience, ReviewBy: ui.ParseDay(form, "review_by", bad), Purposes: form["purposes"],
		Origin: form.Get("origin"), Procedure: form.Get("procedure"), Notice: form.Get("notice") != "",
	}
}

// contentValues are the inputs of what a paper says.
func contentValues(c *dispatch.Content) url.Values {
	form := url.Values{"title": {c.Title}, "text": {c.Text}, "theme": {c.Theme}}
	if r := c.Report; r != nil {
		form["abuses"], form["report_kind"], form["evidence"], form["admiralty"] = r.Abuses, []string{r.Kind}, []string{r.Evidence}, []string{r.Admiralty}
		form["likelihood"], form["places"], form["basis"] = []string{r.Likelihood}, []string{strings.Join(r.Places, " ")}, []string{strings.Join(r.Basis, "\n")}
		partValues(form, r)
	}
	if x := c.Reply; x != nil {
		form["as"], form["opinion"], form["count"] = []string{x.As()}, []string{x.Opinion}, []string{strconv.FormatInt(max(x.Count, 1), 10)}
		dateValues(form, "first", string(x.First))
		dateValues(form, "until", string(x.Until))
	}
	if x := c.Procedure; x != nil {
		form["number"], form["status"], form["onward"], form["lowest_tlp"], form["procedure_purposes"] = []string{x.Number}, []string{x.Status}, []string{x.Onward}, []string{x.LowestTLP}, x.Purposes
		dateValues(form, "procedure_review", string(x.ReviewBy))
		var all []string
		for _, q := range x.Paragraphs {
			l := q.Number + " " + q.Text
			if q.Rule != "" {
				l += " [" + q.Rule + "]"
			}
			all = append(all, l)
		}
		form.Set("paragraphs", strings.Join(all, "\n"))
	}
	dateValues(form, "due", c.Due)
	for k, v := range form {
		if len(v) == 0 {
			delete(form, k)
		}
	}
	return form
}

func dateValues(form url.Values, name, day string) {
	if t, err := time.Parse(time.DateOnly, day); err == nil {
		ui.DateValues(form, name, t)
	}
}
