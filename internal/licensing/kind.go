package licensing

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/BurntSushi/toml"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/party"
)

// Kind is a kind of case: what is asked for it, how it may end, and what comes
// of it. It is a file of content/kinds, so that a new kind is a file and no
// code.
type Kind struct {
	ID       string   `toml:"id"`
	Version  string   `toml:"version"` // date of this text
	Order    int      `toml:"order"`   // place among the others
	Group    string   `toml:"group"`   // one of KindGroups
	Title    string   `toml:"title"`
	Fits     string   `toml:"fits"`     // for whom it is, in plain words
	Else     string   `toml:"else"`     // when another kind is the right one; may be empty
	Source   string   `toml:"source"`   // provision or practice that gives it
	Verified bool     `toml:"verified"` // somebody compared it with the source
	Starts   []string `toml:"starts"`   // who may begin one: "applicant", "authority"

	Sections []string     `toml:"sections"` // pages of an application that are asked, of KindSections
	Must     []string     `toml:"must"`     // of KindMust: what an application can't do without
	Roles    []party.Role `toml:"roles"`    // parties that must be named besides the end user
	Lines    []LineKind   `toml:"lines"`    // kinds of lines that it takes; none: all
	Pack     bool         `toml:"pack"`     // the completeness profile of the policy pack is asked too
	Asks     []Paragraph  `toml:"paragraph"`

	Outcomes   []Outcome       `toml:"outcomes"`  // of a line
	Paper      string          `toml:"paper"`     // what the licence is called that comes of it; required where a line can be issued
	Months     int             `toml:"months"`    // the longest validity
	Narrower   []string        `toml:"narrower"`  // kinds as which it can be issued instead: one user, where several were asked for
	Conditions []KindCondition `toml:"condition"` // that every issued line is under
	Target     string          `toml:"target"`    // id of the pack's period until the decision; empty: decision_target
	Days       int             `toml:"days"`      // working days until the decision, where the pack has no such period
}

// KindCondition is a condition that a kind puts on every licence that comes of
// it: a temporary export has to come back.
type KindCondition struct {
	Type        ConditionType `toml:"type"`
	What        string        `toml:"what"`
	Verify      string        `toml:"verify"`
	Consequence string        `toml:"consequence"`
	EveryDays   int           `toml:"every_days"`
	Until       string        `toml:"until"` // id of the paragraph whose answer is its last day
}

// The groups of kinds, the sections of an application and what one can be made
// to hold, in their order.
var (
	KindGroups   = []string{"licence", "consent", "question", "notice"}
	KindSections = []string{"items", "parties", "use", "route", "documents"}
	KindMust     = []string{"lines", "line.quantity", "line.value", "line.dispatch", "end_user", "end_use", "place_of_use"}
)

const (
	byApplicant = "applicant"
	byAuthority = "authority"
	maxKind     = 256 << 10
)

// Kinds are the kinds of cases that there are.
type Kinds []Kind

// ParseKinds reads every file of a folder, strictly: what is unknown, twice
// there or contradicts itself is an error that names the file.
func ParseKinds(files fs.FS, folder string) (Kinds, error) {
	names, err := fs.Glob(files, folder+"/*.toml")
	if err != nil {
		return nil, err
	}
	var out Kinds
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		k, err := ParseKind(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if _, twice := out.Of(k.ID); twice {
			return nil, fmt.Errorf("%s: licensing: kind %q is there twice", name, k.ID)
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		return nil, errors.New("licensing: there are no kinds of cases")
	}
	for _, k := range out {
		for _, id := range k.Narrower {
			if n, ok := out.Of(id); !ok || id == k.ID || !n.Gives(Issue) {
				return nil, fmt.Errorf("licensing: kind %q: there is no narrower kind %q that can be issued", k.ID, id)
			}
		}
	}
	slices.SortFunc(out, func(a, b Kind) int { return cmp.Or(a.Order-b.Order, cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// ParseKind reads one manifest.
func ParseKind(raw []byte) (Kind, error) {
	var k Kind
	if len(raw) > maxKind {
		return k, fmt.Errorf("licensing: kind of %d bytes", len(raw))
	}
	meta, err := toml.NewDecoder(bytes.NewReader(raw)).Decode(&k)
	if err != nil {
		return k, fmt.Errorf("licensing: kind: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return k, fmt.Errorf("licensing: kind %q: unknown %s", k.ID, unknown[0])
	}
	if err := k.check(); err != nil {
		return k, fmt.Errorf("licensing: kind %q: %w", k.ID, err)
	}
	return k, nil
}

func (k Kind) check() error {
	if !party.Bounded(k.ID, 40) || k.ID == "" || k.Title == "" || k.Fits == "" || k.Source == "" || !deadline.Date(k.Version).Valid() || k.Order < 1 {
		return errors.New("it needs an id, a dated version, an order, a title, whom it fits and a source")
	}
	within := func(what string, got, known []string) error {
		seen := map[string]bool{}
		for _, s := range got {
			if !contains(known, s) || seen[s] {
				return fmt.Errorf("%s %q is unknown or there twice", what, s)
			}
			seen[s] = true
		}
		return nil
	}
	var outcomes, roles, lines []string
	for _, o := range k.Outcomes {
		outcomes = append(outcomes, string(o))
	}
	for _, r := range k.Roles {
		roles = append(roles, string(r))
	}
	for _, l := range k.Lines {
		lines = append(lines, string(l))
	}
	var known []string
	for _, o := range LineOutcomes {
		known = append(known, string(o))
	}
	err := errors.Join(
		within("group", []string{k.Group}, KindGroups), within("beginner", k.Starts, []string{byApplicant, byAuthority}),
		within("section", k.Sections, KindSections), within("field", k.Must, KindMust), within("outcome", outcomes, known),
		within("role", roles, []string{string(party.Consignee), string(party.Broker), string(party.Integrator), string(party.Financier)}),
		within("kind of line", lines, []string{string(Goods), string(Software), string(Technology), string(Service)}),
	)
	switch {
	case err != nil:
		return err
	case len(k.Starts) == 0 || len(k.Outcomes) == 0 || !contains(k.Must, "lines"):
		return errors.New("somebody must be able to begin one, it is about lines, and it must be able to end")
	case k.Gives(Issue) != (k.Paper != "") || k.Gives(Issue) != (k.Months > 0):
		return errors.New("what can be issued has a paper and a longest validity, and nothing else has")
	case (len(k.Conditions) > 0 || len(k.Narrower) > 0) && !k.Gives(Issue):
		return errors.New("conditions and narrower kinds stand on what can be issued")
	case k.Days < 0 || k.Months > 120:
		return errors.New("its days or months are out of bounds")
	}
	return k.checkParts()
}

func (k Kind) checkParts() error {
	ids := map[string]bool{}
	for _, g := range k.Asks {
		set := 0
		for _, is := range []bool{g.Need.Answer, g.Need.Document != "", g.Need.Field != ""} {
			if is {
				set++
			}
		}
		if g.ID == "" || ids[g.ID] || g.Title == "" || g.Text == "" || g.Source == "" || set != 1 {
			return fmt.Errorf("paragraph %q: it needs an id of its own, a title, a text, a source and one need", g.ID)
		}
		if g.Need.Field != "" && !contains(Fields, g.Need.Field) || g.Need.As != "" && (g.Need.As != AsDay && g.Need.As != AsLicence || !g.Need.Answer || len(g.Choices) > 0) {
			return fmt.Errorf("paragraph %q: unknown field, or an answer that can't be read", g.ID)
		}
		ids[g.ID] = true
	}
	for _, c := range k.Conditions {
		if !slices.Contains(ConditionTypes, c.Type) || c.What == "" || c.Verify == "" || c.Consequence == "" {
			return fmt.Errorf("condition %q: it needs a known type, and says what, how it is verified and what follows a breach", c.Type)
		}
		if c.Until != "" && !slices.ContainsFunc(k.Asks, func(g Paragraph) bool { return g.ID == c.Until && g.Need.As == AsDay }) {
			return fmt.Errorf("condition %q: no paragraph %q asks for its last day", c.Type, c.Until)
		}
		if (c.Type == Reports || c.Type == Logs) != (c.EveryDays > 0) || c.Type == Returned && c.Until == "" {
			return fmt.Errorf("condition %q: reports come every so many days, a return has a last day", c.Type)
		}
	}
	return nil
}

// Of finds a kind by its id.
func (ks Kinds) Of(id string) (Kind, bool) {
	for _, k := range ks {
		if k.ID == id {
			return k, true
		}
	}
	return Kind{}, false
}

// For are the kinds that an applicant, or else the authority, may begin.
func (ks Kinds) For(applicant bool) Kinds {
	who := byAuthority
	if applicant {
		who = byApplicant
	}
	return slices.DeleteFunc(slices.Clone(ks), func(k Kind) bool { return !contains(k.Starts, who) })
}

// Gives tells whether a line may end so.
func (k Kind) Gives(o Outcome) bool { return slices.Contains(k.Outcomes, o) }

// Section tells whether a section of the application is asked.
func (k Kind) Section(name string) bool { return contains(k.Sections, name) }

// Profile is what an application of this kind has to tell: what it can't do
// without, the pack's paragraphs where they are asked, and its own.
func (k Kind) Profile(pack Profile) Profile {
	out := Profile{ID: pack.ID, Version: pack.Version, Title: pack.Title, Kind: &k}
	if k.Pack {
		out.Paragraphs = slices.Clone(pack.Paragraphs)
	}
	out.Paragraphs = append(out.Paragraphs, k.Asks...)
	return out
}

// ToIssue is what an application of this kind has to tell before anything of it
// can be issued: all that every licence is held to, and its own.
func (k Kind) ToIssue(pack Profile) Profile {
	k.Pack, k.Must = true, KindMust
	return k.Profile(pack)
}

// Required are the conditions that a kind puts on lines of an application.
func (k Kind) Required(a *Application, lines []string) []Condition {
	var out []Condition
	for _, c := range k.Conditions {
		k := Condition{ID: "kind-" + string(c.Type), Type: c.Type, Lines: lines, Who: "licensee", What: c.What, Verify: c.Verify, Consequence: c.Consequence, EveryDays: c.EveryDays}
		if c.Until != "" {
			k.Until = deadline.Date(a.answer(c.Until))
		}
		out = append(out, k)
	}
	return out
}

// answer is the text of the answer to a paragraph that asks the whole
// application.
func (a *Application) answer(paragraph string) string {
	for _, w := range a.Answers {
		if w.Paragraph == paragraph && w.Line == "" && w.Party == "" {
			return w.Text
		}
	}
	return ""
}

// Cites are the references of licences that an application's answers cite.
func (a *Application) Cites(k Kind) []string {
	var out []string
	for _, g := range k.Asks {
		if text := a.answer(g.ID); g.Need.As == AsLicence && text != "" && !contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
