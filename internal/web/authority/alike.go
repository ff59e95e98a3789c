package authority

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

// sheets are the lines in groups of which the page says the same but for what
// is asked: a frame contract of a hundred lines is read once, with each line in
// a table. Whatever differs, in a fact, its source or date, an advice, an
// assurance or an outcome, parts two lines.
func (s *sheet) sheets() [][]assessment.LineReport {
	standings := s.Case.Standings(s.day(), s.Broken)
	at := map[string]int{}
	var out [][]assessment.LineReport
	for _, l := range s.lines() {
		says := struct {
			Like, User, Destination string
			Proposed                licensing.LineOutcome
			View                    assessment.LineView
			Advice                  []licensing.View
			Assurances              []licensing.Standing
		}{Like: l.Like, User: l.User, Destination: l.Destination, Proposed: s.proposed(l.Line), View: s.view(l.Line)}
		says.Proposed.Line, says.View.Line, says.View.Codes = "", "", nil
		for _, a := range s.Advice {
			for _, x := range a.Text.Views {
				if x.Line == l.Line {
					x.Line = a.ID
					says.Advice = append(says.Advice, x)
				}
			}
		}
		for _, x := range standings {
			if a := s.Case.Assurance(x.Assurance); a != nil && a.Covers(l.Line) {
				says.Assurances = append(says.Assurances, x)
			}
		}
		key, _ := json.Marshal(says) // words and numbers always can be written
		i, ok := at[string(key)]
		if !ok {
			i = len(out)
			at[string(key)], out = i, append(out, nil)
		}
		out[i] = append(out[i], l)
	}
	return out
}

// question is one question of a form about lines: about one, or about all of
// those of which the same is known.
type question struct {
	Key   string // under which the form answers it: the line's id, or alikeKey and the first one's
	Lines []assessment.LineReport
}

// alikeKey begins the key of a question about several lines; withName and
// apartName name, for such a key, the lines that it is about and those that are
// to be asked about by themselves.
const (
	alikeKey  = "alike-"
	withName  = "with."
	apartName = "apart."
)

// fewLines are asked about singly even where the same is known of them: that
// costs little, and each is read.
const fewLines = 4

// questions are what a form asks about lines. A hundred alike lines are one
// question, without those that the reader takes out of it.
func (s *sheet) questions(form ui.Form) []question {
	var out []question
	for _, like := range s.sheets() {
		key := alikeKey + like[0].Line
		together := slices.DeleteFunc(slices.Clone(like), func(l assessment.LineReport) bool { return form.Chosen(apartName+key, l.Line) })
		if len(like) <= fewLines {
			together = nil
		}
		if len(together) > 1 {
			out = append(out, question{key, together})
		}
		for _, l := range like {
			if len(together) < 2 || form.Chosen(apartName+key, l.Line) {
				out = append(out, question{l.Line, []assessment.LineReport{l}})
			}
		}
	}
	return out
}

// title is what a question is about, in words.
func (q question) title(ctx context.Context) string {
	if len(q.Lines) == 1 {
		return lineName(ctx, q.Lines[0].Line, q.Lines[0].Description)
	}
	return ui.T(ctx, "deciding.alike", "count", len(q.Lines), "first", lineName(ctx, q.Lines[0].Line, q.Lines[0].Description))
}

// of is the label of an input about the lines, in the words for one or for more.
func (q question) of(ctx context.Context, one, more string) string {
	if len(q.Lines) == 1 {
		return ui.T(ctx, one, "line", q.Lines[0].Line)
	}
	return ui.T(ctx, more, "count", len(q.Lines))
}

// answered are the keys under which a form that was sent answers each line: as
// its page asked, which may be otherwise than one would ask now. A line that was
// ticked to be taken out is not answered with the others.
func (v *caseView) answered(f url.Values) map[string]string {
	keys := map[string]string{}
	for _, l := range v.Case.App().Lines {
		keys[l.ID] = l.ID
	}
	for name, lines := range f {
		key, ok := strings.CutPrefix(name, withName)
		for _, l := range lines {
			if _, known := keys[l]; ok && known && !slices.Contains(f[apartName+key], l) {
				keys[l] = key
			}
		}
	}
	return keys
}

// said is what is said of some lines in the same words.
type said[T any] struct {
	What  T
	Lines []string
}

// saidOf puts the lines of which the same is said together, in the order of the
// first of each. of parts one saying into its line and the rest.
func saidOf[T, R any](all []T, of func(T) (line string, rest R)) []said[R] {
	at := map[string]int{}
	var out []said[R]
	for _, x := range all {
		line, rest := of(x)
		key, _ := json.Marshal(rest) // words and numbers always can be written
		i, ok := at[string(key)]
		if !ok {
			i = len(out)
			at[string(key)], out = i, append(out, said[R]{What: rest})
		}
		out[i].Lines = append(out[i].Lines, line)
	}
	return out
}

// ofProposal and ofDecision part an outcome from its line; ofView parts an
// advice, whose grounds are told by their place.
func ofProposal(o licensing.LineOutcome) (string, licensing.LineOutcome) {
	return o.Line, licensing.LineOutcome{Outcome: o.Outcome, Grounds: o.Grounds}
}

func ofDecision(l licensing.LineDecision) (string, licensing.LineOutcome) {
	return l.Line, licensing.LineOutcome{Outcome: l.Outcome, Grounds: l.Grounds}
}

func ofView(v licensing.View) (string, licensing.View) {
	line := v.Line
	v.Line, v.Grounds = "", slices.Clone(v.Grounds)
	for i := range v.Grounds {
		v.Grounds[i].ID = ""
	}
	return line, v
}

// linesText names lines.
func linesText(ctx context.Context, lines []string) string {
	return ui.T(ctx, "deciding.said_of", "count", len(lines), "lines", lines)
}
