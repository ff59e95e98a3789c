package interests

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/screening"
)

// Subject is somebody in a case: the applicant, a party, or an owner of one.
type Subject struct {
	Names       []string
	Identifiers []string
}

// SubjectsOf are everybody whom a case names.
func SubjectsOf(parties []party.Party) (out []Subject) {
	for _, p := range parties {
		s := Subject{Names: namesOf(p.Names)}
		for _, i := range p.Identifiers {
			s.Identifiers = append(s.Identifiers, i.Value)
		}
		out = append(out, s)
		for _, o := range p.Ownership.Owners {
			out = append(out, Subject{Names: namesOf(o.Names)})
		}
	}
	return out
}

func namesOf(names []party.Name) (out []string) {
	for _, n := range names {
		out = append(out, n.Text)
		if n.Latin != "" {
			out = append(out, n.Latin)
		}
	}
	return out
}

// Agreement is an interest and somebody in a case who agrees with it, and by
// what: the identifier, all words of the name, or all that were declared among
// more.
type Agreement struct {
	Interest Interest
	Blocks   bool
	Fact     Fact
	Declared string // as the person wrote it
	Found    string // as the case has it
}

// Fact is what agrees.
type Fact string

// The facts that can agree.
const (
	SameIdentifier Fact = "identifier"
	SameName       Fact = "name"
	WithinName     Fact = "within"
)

// Touching are the interests that agree with somebody in a case on a day, each
// once, by its strongest fact. That none agrees says nothing of what was not
// declared, or is written otherwise.
func (r *Register) Touching(subjects []Subject, rules Rules, day deadline.Date) (out []Agreement) {
	for _, i := range r.Interests {
		n, _ := rules.Of(i.Nature)
		if i.Erased != nil || i.Until != "" && i.Until.Add(n.After) < day {
			continue
		}
		a := Agreement{Interest: i, Blocks: n.Blocks}
		for _, s := range subjects {
			a.agree(s)
		}
		if a.Fact != "" {
			out = append(out, a)
		}
	}
	return out
}

// strength orders the facts, the weakest first.
var strength = []Fact{"", WithinName, SameName, SameIdentifier}

func (a *Agreement) agree(s Subject) {
	better := func(f Fact, declared, found string) {
		if slices.Index(strength, f) > slices.Index(strength, a.Fact) {
			a.Fact, a.Declared, a.Found = f, declared, found
		}
	}
	if key := bare(a.Interest.About.Identifier); key != "" {
		for _, x := range s.Identifiers {
			if bare(x) == key {
				better(SameIdentifier, a.Interest.About.Identifier, x)
			}
		}
	}
	declared := sorted(a.Interest.About.Name)
	for _, name := range s.Names {
		found := sorted(name)
		switch {
		case len(declared) == 0:
		case slices.Equal(declared, found):
			better(SameName, a.Interest.About.Name, name)
		case len(declared) > 1 && within(declared, found):
			better(WithinName, a.Interest.About.Name, name)
		}
	}
}

// bare is an identifier without what parts it.
func bare(s string) string { return strings.Join(screening.Fold(s), "") }

// sorted are the words of a name as screening folds them, in one order and each
// once.
func sorted(name string) []string {
	words := slices.Clone(screening.Fold(name))
	slices.Sort(words)
	return slices.Compact(words)
}

func within(few, many []string) bool {
	return !slices.ContainsFunc(few, func(w string) bool { return !slices.Contains(many, w) })
}
