package assessment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/policy"
)

// Sentence is one sentence of the written assessment as the findings give it:
// a message with its values, and the facts that it rests on. Nobody has said it
// until a person confirms or rewrites it. Its id is made of what it says: when a
// finding changes, another sentence stands in its place and waits.
type Sentence struct {
	ID    string
	Line  string
	Key   string // under "assessment.draft"
	Args  map[string]any
	Facts []string // names, sorted
}

// Said is a sentence that a person confirmed or rewrote.
type Said struct {
	Line      string   `json:"line"`
	Facts     []string `json:"facts,omitempty"`
	Rewritten bool     `json:"rewritten,omitempty"`
	Text      Text     `json:"text"`
	By        By       `json:"by"`
}

// Dissent is what a person holds against the written assessment.
type Dissent struct {
	Text Text `json:"text"`
	By   By   `json:"by"`
}

// SignedText is the written assessment as a person signed it.
type SignedText struct {
	Basis     int      `json:"basis"`
	Sentences []string `json:"sentences"` // ids, in order
	By        By       `json:"by"`
}

// Draft is the written assessment as the findings give it today, line by line:
// what the item does, how severe that is, every test that is met or unknown,
// which assurances count, where the line stands, and what a refusal hangs on.
func (s *State) Draft(f Facts) []Sentence {
	var out []Sentence
	for _, l := range s.compute(f) {
		d := drafting{line: l.line.ID}
		d.item(f.Pack, l)
		for _, x := range l.findings {
			if x.Aside == "" {
				d.test(f.Pack, l, x, s.status(l.line.ID, x))
			}
		}
		d.assurances(l)
		if r, ok := s.residual(f, l); ok {
			d.residual(f.Pack, r)
		}
		standing := s.standing(l)
		d.add("standing."+string(standing), nil)
		sets := policy.Turns(f.Pack, f.day(), l.facts)
		for _, set := range sets {
			d.turn(f.Pack, set)
		}
		if len(sets) == 0 && standing.Rank() >= policy.Refuse.Rank() {
			d.add("turn_many", nil)
		}
		out = append(out, d.out...)
	}
	return out
}

type drafting struct {
	line string
	out  []Sentence
}

func (d *drafting) add(key string, facts []string, pairs ...any) {
	args := map[string]any{"line": d.line}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	facts = slices.Clone(facts)
	slices.Sort(facts)
	b, _ := json.Marshal([]any{key, args, facts}) // texts and numbers always encode
	sum := sha256.Sum256(b)
	d.out = append(d.out, Sentence{ID: hex.EncodeToString(sum[:10]), Line: d.line, Key: "assessment.draft." + key, Args: args, Facts: facts})
}

func (d *drafting) item(p *policy.Pack, l computedLine) {
	c, ok := p.Category(l.outcome.Category)
	switch {
	case !ok:
		d.add("item.unknown", nil)
	case c.Harm == "":
		d.add("item.no_path", []string{policy.FactCategory}, "kind", c.Name)
	default:
		d.add("item.harm", []string{policy.FactCategory, "item.path_to_harm"}, "kind", c.Name, "harm", c.Harm)
	}
	if l.outcome.Severity > 0 {
		d.add("severity", []string{policy.FactSeverity}, "severity", l.outcome.Severity)
	}
}

// test says what a test found: one that is met in the rule's own sentence, one
// that is unknown with the question that it waits for.
func (d *drafting) test(p *policy.Pack, l computedLine, x policy.Finding, status policy.Status) {
	r, _ := p.Rule(x.Rule)
	if !x.Force.Binding() && x.Force != policy.Weigh {
		return
	}
	switch status {
	case policy.Met:
		var facts []string
		for _, name := range p.RuleFacts(x.Rule) {
			if f := l.facts[name]; f.Value.Known() && f.Source != "" {
				facts = append(facts, name)
			}
		}
		d.add("met."+string(x.Force), facts, "finding", strings.TrimSuffix(r.Finding, "."), "rule", r.ID, "source", r.Source)
	case policy.Unknown:
		question := r.Question
		if len(x.Missing) > 0 {
			if def, ok := p.Fact(x.Missing[0]); ok {
				question = def.Question
			}
		}
		d.add("unknown", x.Missing, "rule", r.ID, "question", question)
	}
}

func (d *drafting) assurances(l computedLine) {
	sought, count := l.facts.Value("case.assurances_sought"), l.facts.Value("case.assurances_count")
	switch {
	case count.True():
		d.add("assurances.count", []string{"case.assurances_count"})
	case sought.True():
		d.add("assurances.absent", []string{"case.assurances_count"})
	}
}

// turn names one of the smallest sets of facts that a refusal hangs on.
func (d *drafting) turn(p *policy.Pack, set []string) {
	questions := make([]string, len(set))
	for i, name := range set {
		def, _ := p.Fact(name)
		questions[i] = def.Question
	}
	d.add("turn", set, "questions", strings.Join(questions, " "))
}

// ConfirmSentences says that the actor stands by sentences of the draft, each as
// it was generated or in the actor's own words.
type ConfirmSentences struct {
	Case      string
	Sentences []SentenceSaid
}

// SentenceSaid is one sentence in the words that the person stands by.
type SentenceSaid struct {
	ID        string
	Text      string
	Rewritten bool
}

// RecordDissent records what the actor holds against the written assessment.
type RecordDissent struct {
	Case string
	Text string
}

// SignText signs the written assessment. Every sentence must have been confirmed
// or rewritten by a person.
type SignText struct{ Case string }

func (c ConfirmSentences) caseID() string { return c.Case }
func (c RecordDissent) caseID() string    { return c.Case }
func (c SignText) caseID() string         { return c.Case }

// SentencesConfirmed says that a person stands by sentences.
type SentencesConfirmed struct {
	Sentences []SentenceConfirmed `json:"sentences"`
}

// SentenceConfirmed is one of them.
type SentenceConfirmed struct {
	ID        string   `json:"id"`
	Line      string   `json:"line"`
	Facts     []string `json:"facts,omitempty"`
	Rewritten bool     `json:"rewritten,omitempty"`
	Text      Reason   `json:"text"`
}

// Dissented says what a person holds against the written assessment.
type Dissented struct {
	Text Reason `json:"text"`
}

// TextSigned says that a person signed the written assessment.
type TextSigned struct {
	Basis     int      `json:"basis"`
	Sentences []string `json:"sentences"`
}

// EventType names the shape.
func (SentencesConfirmed) EventType() string { return "assessment.sentences_confirmed" }

// EventType names the shape.
func (Dissented) EventType() string { return "assessment.dissented" }

// EventType names the shape.
func (TextSigned) EventType() string { return "assessment.text_signed" }

// held refuses while the adviser has not spoken: no draft is shown or said
// before their own view is on record.
func (d decision) held() error {
	if len(d.s.Views) == 0 {
		return fault.New(fault.Blocked, "assessment.draft.held")
	}
	return nil
}

func (d decision) confirm(c ConfirmSentences) ([]event.New, error) {
	if err := d.held(); err != nil {
		return nil, err
	}
	drafted := map[string]Sentence{}
	for _, s := range d.s.Draft(d.f) {
		drafted[s.ID] = s
	}
	e, out := invalid(), SentencesConfirmed{}
	seen := map[string]bool{}
	for _, x := range c.Sentences {
		s, ok := drafted[x.ID]
		if !ok || seen[x.ID] {
			e.Field("sentence."+x.ID, "assessment.draft.gone")
			continue
		}
		seen[x.ID] = true
		reasonWanted(e, "sentence."+x.ID, x.Text)
		if had, ok := d.s.Said[x.ID]; ok && had.Text.Value == strings.TrimSpace(x.Text) {
			continue // said already
		}
		out.Sentences = append(out.Sentences, SentenceConfirmed{ID: x.ID, Line: s.Line, Facts: s.Facts, Rewritten: x.Rewritten, Text: d.text(x.Text)})
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	if len(c.Sentences) == 0 {
		return nil, invalid().Field("sentences", "assessment.draft.none")
	}
	if len(out.Sentences) == 0 {
		return nil, nil
	}
	return d.one(out)
}

func (d decision) dissent(c RecordDissent) ([]event.New, error) {
	if err := d.held(); err != nil {
		return nil, err
	}
	e := invalid()
	reasonWanted(e, "dissent", c.Text)
	if err := e.Or(); err != nil {
		return nil, err
	}
	return d.one(Dissented{d.text(c.Text)})
}

func (d decision) sign() ([]event.New, error) {
	if err := d.held(); err != nil {
		return nil, err
	}
	if ok, items := d.s.Complete(d.f.Basis); !ok {
		e := fault.New(fault.Blocked, "assessment.draft.incomplete")
		e.Items = items
		return nil, e
	}
	out := TextSigned{Basis: d.f.Basis}
	open := 0
	for _, s := range d.s.Draft(d.f) {
		if _, ok := d.s.Said[s.ID]; !ok {
			open++
		}
		out.Sentences = append(out.Sentences, s.ID)
	}
	if open > 0 {
		return nil, fault.New(fault.Blocked, "assessment.draft.unconfirmed", "count", open)
	}
	return d.one(out)
}

// applyText folds what was said of the written assessment in.
func (s *State) applyText(e event.Event, by By) bool {
	switch e := e.(type) {
	case SentencesConfirmed:
		if s.Said == nil {
			s.Said = map[string]Said{}
		}
		for _, x := range e.Sentences {
			s.Said[x.ID] = Said{x.Line, x.Facts, x.Rewritten, event.TextOf(x.Text), by}
		}
	case Dissented:
		s.Dissents = append(s.Dissents, Dissent{event.TextOf(e.Text), by})
	case TextSigned:
		s.Signed = &SignedText{e.Basis, e.Sentences, by}
	default:
		return false
	}
	return true
}
