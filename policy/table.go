package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Table is a decision table: one question answered by the row whose cells all
// hold. Each known state of its inputs must have one row and no more, which
// Publishable checks. A row becomes a rule of its own, "table.row", so that
// findings, outcomes and replays know nothing of tables.
type Table struct {
	ID         string     `json:"id" yaml:"id"`
	Law        string     `json:"law" yaml:"law"`
	Source     string     `json:"source" yaml:"source"`
	From       Date       `json:"valid_from,omitempty" yaml:"valid_from,omitempty"`
	To         Date       `json:"valid_to,omitempty" yaml:"valid_to,omitempty"`
	Question   string     `json:"question" yaml:"question"`
	Applies    string     `json:"applies,omitempty" yaml:"applies,omitempty"` // CEL: to which transactions; empty = all
	Inputs     []string   `json:"inputs" yaml:"inputs"`                       // names of facts: the columns
	Rows       []TableRow `json:"rows" yaml:"rows"`
	Note       string     `json:"note,omitempty" yaml:"note,omitempty"`
	Unverified bool       `json:"verify,omitempty" yaml:"verify,omitempty"`
	Tests      []RowTest  `json:"tests,omitempty" yaml:"tests,omitempty"`
}

// TableRow is one row. A row without a force says that nothing follows.
type TableRow struct {
	ID          string   `json:"id" yaml:"id"`
	Cells       []string `json:"cells" yaml:"cells"` // one for each input: "-" any, "yes", "no", "4", ">= 4", "2..3", "police, court", "not police, court"
	Force       Force    `json:"force,omitempty" yaml:"force,omitempty"`
	Threshold   string   `json:"threshold,omitempty" yaml:"threshold,omitempty"`
	Finding     string   `json:"finding" yaml:"finding"`
	Evidence    []string `json:"evidence,omitempty" yaml:"evidence,omitempty"`
	Mitigations []string `json:"mitigations,omitempty" yaml:"mitigations,omitempty"`
}

// RowTest is a test of a table: these facts, that row. Want is "unknown" where no
// row is certain yet.
type RowTest struct {
	Facts map[string]Value `json:"facts" yaml:"facts"`
	Want  string           `json:"want" yaml:"want"`
}

// maxStates bounds how many states of a table's inputs are looked at.
const maxStates = 100_000

// table is a compiled table.
type table struct {
	Table
	cells [][]cell
	rows  []*condition // of each row, without the table's applies
}

// cell holds for some values of its input.
type cell struct {
	any      bool
	not      bool
	words    []string // text, or "yes" and "no"
	low, top *int64   // bounds of a number, both within
}

// rule is the rule that a row becomes.
func (t *Table) rule(r TableRow, when string) Rule {
	return Rule{
		ID: t.ID + "." + r.ID, Law: t.Law, Source: t.Source, From: t.From, To: t.To, Force: r.Force, Threshold: r.Threshold,
		Question: t.Question, Applies: t.Applies, When: when, Finding: r.Finding, Evidence: r.Evidence, Mitigations: r.Mitigations,
		Note: t.Note, Unverified: t.Unverified,
	}
}

// compileTables checks the tables and gives the rules that their rows become.
func (p *Pack) compileTables(x *compiler) (rules []Rule, faults []error) {
	seen := map[string]bool{}
	for _, t := range p.doc.Tables {
		bad := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("table %s: %w", t.ID, fmt.Errorf(format, args...)))
		}
		if !someID.MatchString(t.ID) || seen[t.ID] {
			bad("%q is no id, or stands twice", t.ID)
		}
		seen[t.ID] = true
		if len(t.Inputs) == 0 || len(t.Rows) == 0 || len(t.Tests) > maxTests {
			bad("it needs inputs and rows, and at most %d tests", maxTests)
		}
		var defs []*FactDef
		for _, name := range t.Inputs {
			i, ok := p.index[name]
			if !ok {
				bad("no fact %q in the catalogue", name)
				continue
			}
			defs = append(defs, &p.doc.Facts[i])
		}
		for _, test := range t.Tests {
			for name := range test.Facts {
				if _, ok := p.index[name]; !ok {
					bad("a test: no fact %q in the catalogue", name)
				}
			}
		}
		if len(defs) != len(t.Inputs) {
			continue
		}
		c := table{Table: t}
		rowIDs := map[string]bool{string(Unknown): true}
		for _, r := range t.Rows {
			cells, when, err := readRow(defs, r.Cells)
			if err != nil {
				bad("row %s: %w", r.ID, err)
				continue
			}
			if !someID.MatchString(r.ID) || rowIDs[r.ID] || r.Finding == "" || r.Force != "" && !r.Force.valid() {
				bad("row %q needs an id of its own, a finding, and a force that there is", r.ID)
				continue
			}
			rowIDs[r.ID] = true
			compiled, err := x.compile(when)
			if err != nil {
				bad("row %s: %w", r.ID, err)
				continue
			}
			c.cells, c.rows = append(c.cells, cells), append(c.rows, compiled)
			if r.Force != "" {
				rules = append(rules, t.rule(r, when))
			}
		}
		for _, test := range t.Tests {
			if !rowIDs[test.Want] {
				bad("a test wants row %q, which there is not", test.Want)
			}
		}
		p.tables = append(p.tables, c)
	}
	return rules, faults
}

// readRow reads the cells of a row and says the same as a condition.
func readRow(defs []*FactDef, texts []string) (cells []cell, when string, err error) {
	if len(texts) != len(defs) {
		return nil, "", fmt.Errorf("%d cells for %d inputs", len(texts), len(defs))
	}
	var parts []string
	for i, text := range texts {
		c, err := readCell(defs[i], strings.TrimSpace(text))
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", defs[i].Name, err)
		}
		cells = append(cells, c)
		if s := c.condition(defs[i]); s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return cells, "true", nil
	}
	return cells, strings.Join(parts, " && "), nil
}

func readCell(def *FactDef, text string) (c cell, err error) {
	if text == "-" {
		return cell{any: true}, nil
	}
	switch def.Kind {
	case KindBool:
		if text != "yes" && text != "no" {
			return c, fmt.Errorf("%q is not yes, no or -", text)
		}
		return cell{words: []string{text}}, nil
	case KindInt:
		return readRange(text)
	case KindText:
		text, c.not = strings.CutPrefix(text, "not ")
		for w := range strings.SplitSeq(text, ",") {
			w = strings.TrimSpace(w)
			if !def.Accepts(Text(w)) || w == "" || strings.ContainsAny(w, `'"\`) {
				return c, fmt.Errorf("%q is no word that the fact may hold", w)
			}
			c.words = append(c.words, w)
		}
		return c, nil
	}
	return c, errors.New("a table compares no days")
}

func readRange(text string) (c cell, err error) {
	number := func(s string) *int64 {
		n, e := strconv.ParseInt(strings.TrimSpace(s), 10, 32)
		if e != nil {
			err = fmt.Errorf("%q is no number or range such as 4, >= 4, < 4, 2..3", text)
		}
		return &n
	}
	if low, top, ok := strings.Cut(text, ".."); ok {
		c.low, c.top = number(low), number(top)
		if err == nil && *c.low > *c.top {
			err = fmt.Errorf("%q holds no number", text)
		}
		return c, err
	}
	for _, op := range []string{">=", "<=", ">", "<", ""} {
		rest, ok := strings.CutPrefix(text, op)
		if !ok {
			continue
		}
		n := number(rest)
		switch op {
		case ">=":
			c.low = n
		case "<=":
			c.top = n
		case ">":
			*n++
			c.low = n
		case "<":
			*n--
			c.top = n
		default:
			c.low, c.top = n, n
		}
		break
	}
	return c, err
}

// condition says the cell in CEL, "" where it holds for all.
func (c cell) condition(def *FactDef) string {
	switch {
	case c.any:
		return ""
	case def.Kind == KindBool && c.words[0] == "yes":
		return def.Name
	case def.Kind == KindBool:
		return "!" + def.Name
	case def.Kind == KindText:
		s := def.Name + " in ['" + strings.Join(c.words, "', '") + "']"
		if c.not {
			return "!(" + s + ")"
		}
		return s
	case c.low != nil && c.top != nil && *c.low == *c.top:
		return fmt.Sprintf("%s == %d", def.Name, *c.low)
	case c.top == nil:
		return fmt.Sprintf("%s >= %d", def.Name, *c.low)
	case c.low == nil:
		return fmt.Sprintf("%s <= %d", def.Name, *c.top)
	}
	return fmt.Sprintf("%s >= %d && %s <= %d", def.Name, *c.low, def.Name, *c.top)
}

// holds tells whether the cell holds for a known value.
func (c cell) holds(v Value) bool {
	switch {
	case c.any:
		return true
	case v.kind == KindInt:
		return (c.low == nil || v.num >= *c.low) && (c.top == nil || v.num <= *c.top)
	case v.kind == KindBool:
		return c.words[0] == v.String()
	}
	return slices.Contains(c.words, v.text) != c.not
}

// states are the values of one input that its cells can tell apart.
func (p *Pack) states(t *table, column int) []Value {
	def := &p.doc.Facts[p.index[t.Inputs[column]]]
	var out []Value
	switch def.Kind {
	case KindBool:
		return []Value{Bool(false), Bool(true)}
	case KindInt:
		for _, row := range t.cells {
			for _, bound := range []*int64{row[column].low, row[column].top} {
				if bound != nil {
					out = append(out, Int(*bound-1), Int(*bound), Int(*bound+1))
				}
			}
		}
		if len(out) == 0 {
			out = append(out, Int(0))
		}
	default:
		words := slices.Clone(def.Values)
		if def.Name == FactCategory {
			for _, c := range p.doc.Categories {
				words = append(words, c.ID)
			}
		}
		if len(words) == 0 {
			words = append(words, "(any other)")
			for _, row := range t.cells {
				words = append(words, row[column].words...)
			}
		}
		for _, w := range words {
			out = append(out, Text(w))
		}
	}
	slices.SortFunc(out, func(a, b Value) int { return cmp.Or(cmp.Compare(a.num, b.num), strings.Compare(a.text, b.text)) })
	return slices.Compact(out)
}

// TableFault is a known state of a table's inputs that has no row, or several.
type TableFault struct {
	Table string           `json:"table"`
	State map[string]Value `json:"state"` // value by input
	Rows  []string         `json:"rows"`  // none: a gap; several: an overlap
}

// Error says the state and what is wrong with it.
func (f TableFault) Error() string {
	var state []string
	for name, v := range f.State {
		state = append(state, name+" = "+v.String())
	}
	slices.Sort(state)
	if len(f.Rows) == 0 {
		return fmt.Sprintf("table %s has a gap: no row for %s", f.Table, strings.Join(state, ", "))
	}
	return fmt.Sprintf("table %s has an overlap: rows %s for %s", f.Table, strings.Join(f.Rows, ", "), strings.Join(state, ", "))
}

// maxTableFaults is how many gaps and overlaps of one table are named.
const maxTableFaults = 10

// check looks at every known state of the inputs.
func (p *Pack) check(t *table) (faults []error) {
	columns := make([][]Value, len(t.Inputs))
	all := 1
	for i := range columns {
		columns[i] = p.states(t, i)
		if all *= len(columns[i]); all > maxStates {
			return []error{fmt.Errorf("table %s has more than %d states: make several tables of it", t.ID, maxStates)}
		}
	}
	at := make([]int, len(columns))
	for range all {
		var rows []string
		for i, cells := range t.cells {
			fits := true
			for j, c := range cells {
				fits = fits && c.holds(columns[j][at[j]])
			}
			if fits {
				rows = append(rows, t.Rows[i].ID)
			}
		}
		if len(rows) != 1 {
			f := TableFault{Table: t.ID, State: map[string]Value{}, Rows: rows}
			for j, name := range t.Inputs {
				f.State[name] = columns[j][at[j]]
			}
			if faults = append(faults, f); len(faults) == maxTableFaults {
				return faults
			}
		}
		for j := range at { // the next state
			if at[j]++; at[j] < len(columns[j]) {
				break
			}
			at[j] = 0
		}
	}
	return faults
}

// runRows puts the tests of a table to its rows: every row needs one, and one has
// to leave all of them open.
func (p *Pack) runRows(t *table) (faults []error) {
	wanted := map[string]bool{}
	for i, test := range t.Tests {
		facts := make(Facts, len(test.Facts))
		for name, v := range test.Facts {
			facts[name] = Fact{Value: v}
		}
		vars := p.bind(facts)
		got := string(Unknown)
		for j, c := range t.rows {
			if c.answer(vars) == yes {
				got = t.Rows[j].ID
				break
			}
		}
		wanted[test.Want] = true
		if got != test.Want {
			faults = append(faults, fmt.Errorf("table %s, test %d: got %s, want %s", t.ID, i+1, got, test.Want))
		}
	}
	for _, r := range t.Rows {
		if !wanted[r.ID] {
			faults = append(faults, fmt.Errorf("table %s: row %s has no test", t.ID, r.ID))
		}
	}
	if !wanted[string(Unknown)] && !slices.ContainsFunc(t.rows, func(c *condition) bool { return len(c.facts) == 0 }) {
		faults = append(faults, fmt.Errorf("table %s needs a test that leaves it unknown", t.ID))
	}
	return faults
}
