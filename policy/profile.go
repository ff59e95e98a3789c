package policy

import (
	"fmt"
	"strings"
)

func (p *Pack) checkProfiles() []error {
	var faults []error
	ids := map[string]bool{}
	for _, x := range p.doc.Profiles {
		if x.ID == "" || ids["profile "+x.ID] {
			faults = append(faults, fmt.Errorf("profile %q stands twice or has no id", x.ID))
		}
		ids["profile "+x.ID] = true
		for _, g := range x.Paragraphs {
			bad := func(format string, args ...any) {
				faults = append(faults, fmt.Errorf("profile %s, paragraph %s: %w", x.ID, g.ID, fmt.Errorf(format, args...)))
			}
			if g.ID == "" || ids[g.ID] || g.Title == "" || g.Text == "" || g.Source == "" {
				bad("it stands twice, or lacks title, text or source")
			}
			ids[g.ID] = true
			set := 0
			for _, is := range []bool{g.Need.Answer, g.Need.Document != "", g.Need.Field != ""} {
				if is {
					set++
				}
			}
			if set != 1 || g.Need.Each != "" && g.Need.Each != "line" && g.Need.Each != "party" {
				bad("needs one of answer, document and field, for each line, each party or once")
			}
			for _, c := range g.When.Categories {
				if _, ok := p.category[c]; !ok {
					bad("no category %q", c)
				}
			}
		}
	}
	return faults
}

// LineAsked and PartyAsked are what a paragraph's When looks at.
type (
	// LineAsked is one line of an application.
	LineAsked struct{ Kind, Code, Category, Service string }
	// PartyAsked is one party of an application; a tie that nobody stated is "unknown".
	PartyAsked struct {
		Kind, Tie string
		Roles     []string
	}
)

// Paragraphs are those of all profiles that ask an application of this kind with
// these lines and parties, in the order of the pack.
func Paragraphs(p *Pack, kind string, lines []LineAsked, parties []PartyAsked) []Paragraph {
	var out []Paragraph
	for _, x := range p.doc.Profiles {
		for _, g := range x.Paragraphs {
			if g.When.asks(kind, lines, parties) {
				out = append(out, g)
			}
		}
	}
	return out
}

func (w Whom) asks(kind string, lines []LineAsked, parties []PartyAsked) bool {
	if len(w.Kinds) > 0 && !among(w.Kinds, kind) {
		return false
	}
	if (w.Unstated || len(w.LineKinds)+len(w.Codes)+len(w.Categories)+len(w.Services) > 0) && !some(lines, w.line) {
		return false
	}
	return len(w.Ties)+len(w.PartyKinds)+len(w.Roles) == 0 || some(parties, w.party)
}

func (w Whom) line(l LineAsked) bool {
	item := among(w.Categories, l.Category) || w.Unstated && l.Code == "" && l.Category == ""
	for _, c := range w.Codes {
		item = item || strings.HasPrefix(strings.ToUpper(l.Code), strings.ToUpper(c))
	}
	return (len(w.LineKinds) == 0 || among(w.LineKinds, l.Kind)) &&
		(len(w.Services) == 0 || among(w.Services, l.Service)) &&
		(!w.Unstated && len(w.Codes)+len(w.Categories) == 0 || item)
}

func (w Whom) party(q PartyAsked) bool {
	tie := q.Tie
	if tie == "" {
		tie = "unknown"
	}
	return (len(w.Ties) == 0 || among(w.Ties, tie)) &&
		(len(w.PartyKinds) == 0 || among(w.PartyKinds, q.Kind)) &&
		(len(w.Roles) == 0 || some(q.Roles, func(r string) bool { return among(w.Roles, r) }))
}

func among(list []string, s string) bool {
	for _, x := range list {
		if x == s && s != "" {
			return true
		}
	}
	return false
}

func some[T any](list []T, is func(T) bool) bool {
	for _, x := range list {
		if is(x) {
			return true
		}
	}
	return false
}
