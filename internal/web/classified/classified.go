// Package classified lays out what the classifier found of an item, for every door that
// shows it: the entries and the interview, which rest on public lists and on the
// description alone, and, for the authority, what could be done to people with it.
package classified

import (
	"context"
	"net/url"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/web/ui"
)

// prefix stands before the key of a question in the name of its input, after the
// name of the interview.
const prefix = "answer."

func (v Interview) input(key string) string { return v.Name + prefix + key }

// maxAnswer bounds an answer that is read.
const maxAnswer = 8

// Answers reads the answers of the interview of that name from a form.
func Answers(form url.Values, interview string) map[string]string {
	out := map[string]string{}
	for name, values := range form {
		key, ok := strings.CutPrefix(name, interview+prefix)
		if ok && len(out) < 40 && values[0] != "" && len(values[0]) <= maxAnswer {
			out[key] = values[0]
		}
	}
	return out
}

// Interview is a result with what was answered on the way to it, and where its
// next answers go.
type Interview struct {
	Name     string // where a page has several: names of inputs begin with it
	Result   controls.Result
	Answered []controls.Answered
	Method   string // of the form: get or post
	Action   string
	Hidden   []Hidden // what the form carries besides the answers
	Again    string   // where the interview begins anew
}

// Hidden is an input that is not shown.
type Hidden struct{ Name, Value string }

// What is laid out is bounded in number, and leaves out what reads so much less
// like the description than the best that it would only be in the way.
const (
	maxEntries = 5
	faintShare = 0.15
	leastShown = 2
)

// Entries are the entries shown, best first.
func Entries(r controls.Result) []controls.Candidate {
	out := r.Candidates[:min(len(r.Candidates), maxEntries)]
	for len(out) > leastShown && out[len(out)-1].Score < faintShare*out[0].Score {
		out = out[:len(out)-1]
	}
	return out
}

func provision(c controls.Candidate) string {
	if c.Text != "" {
		return c.Text
	}
	return c.Summary
}

func catchAllTone(answer string) ui.Tone {
	if answer == "no" {
		return ui.Plain
	}
	return ui.Needs
}

func listsUsed(ctx context.Context, r controls.Result) []string {
	var out []string
	for _, l := range r.Lists {
		out = append(out, strings.TrimSpace(l.ID+" "+l.Version))
	}
	if len(out) == 0 {
		out = append(out, ui.T(ctx, "authority.item.content"))
	}
	return out
}

func answers(ctx context.Context) []ui.Option {
	return []ui.Option{
		{Value: "yes", Text: ui.T(ctx, "classified.yes")},
		{Value: "no", Text: ui.T(ctx, "classified.no")},
		{Value: "unknown", Text: ui.T(ctx, "classified.unknown")},
	}
}

func answerText(ctx context.Context, answer string) string {
	for _, o := range answers(ctx) {
		if o.Value == answer {
			return o.Text
		}
	}
	return answer
}
