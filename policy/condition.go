package policy

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Bounds of one condition. A condition is a sentence of a law, not a program.
const (
	maxConditionLength = 1000 // characters
	maxConditionDepth  = 60   // nested terms
	maxConditionCost   = 500  // the CEL cost model's upper estimate, for words of up to maxWord
	maxWord            = 200  // characters of a text fact that the cost estimate allows for
)

// condition is a checked CEL expression over facts. The zero condition, from
// empty text, is always true.
type condition struct {
	text  string
	facts []string // names that it reads, sorted
	prog  cel.Program
	quick quick // nil where only CEL can answer
	tree  *cel.Ast
	env   *cel.Env

	residualOnce sync.Once
	residualProg cel.Program
	residualErr  error
}

// operators are all that a condition may use: none of them can fail, and all
// are monotone, so that an unknown fact can only make an answer less sure.
var operators = map[string]bool{
	"_&&_": true, "_||_": true, "!_": true, "_?_:_": true,
	"_==_": true, "_!=_": true, "_<_": true, "_<=_": true, "_>_": true, "_>=_": true,
	"@in": true,
}

// compiler compiles conditions over one catalogue of facts.
type compiler struct {
	env   *cel.Env
	index map[string]int // fact name -> place in the catalogue
}

// newCompiler declares every fact of the catalogue with its type.
func newCompiler(defs []FactDef, index map[string]int) (*compiler, error) {
	opts := []cel.EnvOption{
		cel.ClearMacros(),
		cel.ParserExpressionSizeLimit(maxConditionLength),
		cel.ParserRecursionLimit(maxConditionDepth),
	}
	for _, d := range defs {
		opts = append(opts, cel.Variable(d.Name, celType(d.Kind)))
	}
	env, err := cel.NewEnv(opts...)
	return &compiler{env, index}, err
}

func celType(k Kind) *cel.Type {
	switch k {
	case KindBool:
		return cel.BoolType
	case KindInt:
		return cel.IntType
	default:
		return cel.StringType // days too: their form compares as text
	}
}

func (x *compiler) compile(text string) (*condition, error) {
	env := x.env
	c := &condition{text: text, env: env}
	if text == "" {
		return c, nil
	}
	tree, issues := env.Compile(text)
	if issues != nil && issues.Err() != nil {
		return nil, issues.Err()
	}
	if !tree.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("a condition answers yes or no, this one gives %s", tree.OutputType())
	}
	names, err := inspect(tree)
	if err != nil {
		return nil, err
	}
	estimate, err := env.EstimateCost(tree, wordSizes{})
	if err != nil {
		return nil, err
	}
	if estimate.Max > maxConditionCost {
		return nil, fmt.Errorf("the condition may cost %d, more than %d", estimate.Max, uint64(maxConditionCost))
	}
	prog, err := env.Program(tree)
	if err != nil {
		return nil, err
	}
	c.tree, c.prog, c.facts, c.quick = tree, prog, names, quicken(tree.NativeRep().Expr(), x.index)
	return c, nil
}

// inspect lists the facts that a condition reads and refuses everything that
// is not a comparison or a connective.
func inspect(tree *cel.Ast) ([]string, error) {
	seen := map[string]bool{}
	var bad error
	ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			seen[e.AsIdent()] = true
		case ast.CallKind:
			if fn := e.AsCall().FunctionName(); !operators[fn] && bad == nil {
				bad = fmt.Errorf("%q may not be used in a condition: only comparisons, in, !, && and || ", fn)
			}
		case ast.LiteralKind, ast.ListKind:
		default:
			if bad == nil {
				bad = errors.New("a condition compares facts with values and nothing else")
			}
		}
	}))
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	sort.Strings(names)
	return names, bad
}

// wordSizes bounds the length of text facts for the cost estimate.
type wordSizes struct{}

func (wordSizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	if node.Type().IsExactType(cel.StringType) {
		return &cost.SizeEstimate{Min: 0, Max: maxWord}
	}
	return nil
}

func (wordSizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// answer is the three-valued result of a condition.
type answer int8

const (
	no answer = iota
	yes
	unknown
)

// answer answers the condition over vars.
func (c *condition) answer(vars *bindings) answer {
	if c.quick != nil {
		return c.quick(vars.values)
	}
	got, _ := c.eval(vars)
	return got
}

// eval is answer with, where it is unknown, the slots of the unknown facts that
// still matter, sorted.
func (c *condition) eval(vars *bindings) (answer, []int) {
	if c.prog == nil {
		return yes, nil
	}
	out, _, err := c.prog.Eval(vars)
	if err != nil {
		return unknown, nil
	}
	switch v := out.(type) {
	case types.Bool:
		if v {
			return yes, nil
		}
		return no, nil
	case *types.Unknown:
		ids := v.IDs()
		slots := make([]int, 0, len(ids))
		for _, id := range ids {
			slots = append(slots, int(id-unknownBase))
		}
		sort.Ints(slots)
		return unknown, slots
	}
	return unknown, nil
}

// residual is what remains of the condition once the known facts are filled in:
// "!user.overseen && !user.mandate". It is empty where nothing remains open.
func (c *condition) residual(vars *bindings) (string, error) {
	if c.prog == nil {
		return "", nil
	}
	c.residualOnce.Do(func() {
		c.residualProg, c.residualErr = c.env.Program(c.tree, cel.EvalOptions(cel.OptTrackState, cel.OptPartialEval))
	})
	if c.residualErr != nil {
		return "", c.residualErr
	}
	known := map[string]any{}
	for _, name := range c.facts {
		if v, ok := vars.value(name); ok {
			known[name] = v
		}
	}
	partial, err := c.env.PartialVars(known)
	if err != nil {
		return "", err
	}
	out, details, err := c.residualProg.Eval(partial)
	if err != nil {
		return "", err
	}
	if _, open := out.(*types.Unknown); !open {
		return "", nil
	}
	rest, err := c.env.ResidualAst(c.tree, details)
	if err != nil {
		return "", err
	}
	return cel.AstToString(rest)
}

// unknownBase sets the ids that mark an unknown fact apart from the expression
// ids that CEL gives, which are small.
const unknownBase = math.MaxInt32

// bindings are the facts of one evaluation in the order of the catalogue.
type bindings struct {
	index  map[string]int
	values []ref.Val // a *types.Unknown where the fact is not known
}

// ResolveName makes bindings a CEL activation.
func (b *bindings) ResolveName(name string) (any, bool) {
	i, ok := b.index[name]
	if !ok {
		return nil, false
	}
	return b.values[i], true
}

// Parent makes bindings a CEL activation; there is nothing behind the facts.
func (b *bindings) Parent() cel.Activation { return nil }

func (b *bindings) value(name string) (ref.Val, bool) {
	i, ok := b.index[name]
	if !ok {
		return nil, false
	}
	_, open := b.values[i].(*types.Unknown)
	return b.values[i], !open
}

// with sets the value of one fact.
func (b *bindings) with(slot int, v ref.Val) *bindings {
	b.values[slot] = v
	return b
}

// bind lays the facts out for evaluation. A fact of another kind than the
// catalogue says, or a word that it does not list, is unknown: never a guess.
func (p *Pack) bind(facts Facts) *bindings {
	b := &bindings{index: p.index, values: make([]ref.Val, len(p.doc.Facts))}
	copy(b.values, p.unknowns)
	for i := range p.doc.Facts {
		def := &p.doc.Facts[i]
		f, ok := facts[def.Name]
		if !ok {
			continue
		}
		b.set(def, i, f.Value)
	}
	return b
}

// set lays out one value; what the fact may not hold leaves it unknown.
func (b *bindings) set(def *FactDef, at int, v Value) {
	if !def.Accepts(v) {
		return
	}
	switch def.Kind {
	case KindBool:
		b.values[at] = types.Bool(v.num == 1)
	case KindInt:
		b.values[at] = types.Int(v.num)
	default:
		b.values[at] = types.String(v.text)
	}
}

// word is a known value for a reader: "yes", "no", the number or the text.
func (b *bindings) word(name string) string {
	switch v := b.values[b.index[name]].(type) {
	case types.Bool:
		return Bool(bool(v)).String()
	case types.Int:
		return Int(int64(v)).String()
	case types.String:
		return string(v)
	}
	return Value{}.String()
}

// Accepts tells whether v is a known value that the fact may hold.
func (d *FactDef) Accepts(v Value) bool {
	switch d.Kind {
	case KindDay:
		return (v.kind == KindDay || v.kind == KindText) && Date(v.text).Valid()
	case KindText:
		if v.kind != KindText || len(v.text) > maxWord {
			return false
		}
		if len(d.Values) == 0 {
			return true
		}
		for _, w := range d.Values {
			if w == v.text {
				return true
			}
		}
		return false
	default:
		return d.Kind == v.kind
	}
}
