package policy

import (
	"cmp"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// quick answers a condition without naming what is missing: some tens of times
// faster than CEL where facts are unknown, for which CEL gathers who they are.
// Both give the same answer; a test holds them to it.
type quick func(values []ref.Val) answer

// quicken makes the quick form of a checked condition, nil where there is a term
// that it does not know; CEL answers then.
func quicken(e ast.Expr, index map[string]int) quick {
	switch e.Kind() {
	case ast.IdentKind, ast.LiteralKind:
		get := operand(e, index)
		if get == nil {
			return nil
		}
		return func(values []ref.Val) answer { return truth(get(values)) }
	case ast.CallKind:
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case "_&&_", "_||_":
			a, b := quicken(args[0], index), quicken(args[1], index)
			if a == nil || b == nil {
				return nil
			}
			if call.FunctionName() == "_&&_" {
				return both(a, b, no, yes)
			}
			return both(a, b, yes, no)
		case "!_":
			a := quicken(args[0], index)
			if a == nil {
				return nil
			}
			return func(values []ref.Val) answer { return not(a(values)) }
		case "_?_:_":
			return choice(args, index)
		case "@in":
			return oneOf(args, index)
		default:
			return compare(call.FunctionName(), args, index)
		}
	}
	return nil
}

// both joins two answers: one that is enough settles it, both of the other kind
// settle it, else nobody knows.
func both(a, b quick, enough, other answer) quick {
	return func(values []ref.Val) answer {
		x := a(values)
		if x == enough {
			return enough
		}
		switch y := b(values); {
		case y == enough:
			return enough
		case x == other && y == other:
			return other
		}
		return unknown
	}
}

func not(a answer) answer {
	switch a {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

func truth(v ref.Val) answer {
	switch b, ok := v.(types.Bool); {
	case !ok:
		return unknown
	case bool(b):
		return yes
	}
	return no
}

func choice(args []ast.Expr, index map[string]int) quick {
	when, then, otherwise := quicken(args[0], index), quicken(args[1], index), quicken(args[2], index)
	if when == nil || then == nil || otherwise == nil {
		return nil
	}
	return func(values []ref.Val) answer {
		switch when(values) {
		case yes:
			return then(values)
		case no:
			return otherwise(values)
		}
		return unknown
	}
}

func oneOf(args []ast.Expr, index map[string]int) quick {
	get := operand(args[0], index)
	if get == nil || args[1].Kind() != ast.ListKind {
		return nil
	}
	var list []ref.Val
	for _, x := range args[1].AsList().Elements() {
		if x.Kind() != ast.LiteralKind {
			return nil
		}
		list = append(list, x.AsLiteral())
	}
	return func(values []ref.Val) answer {
		v := get(values)
		if _, open := v.(*types.Unknown); open {
			return unknown
		}
		if slices.Contains(list, v) {
			return yes
		}
		return no
	}
}

// operand gives the value of a fact or of a literal.
func operand(e ast.Expr, index map[string]int) func([]ref.Val) ref.Val {
	switch e.Kind() {
	case ast.LiteralKind:
		v := e.AsLiteral()
		return func([]ref.Val) ref.Val { return v }
	case ast.IdentKind:
		i, ok := index[e.AsIdent()]
		if !ok {
			return nil
		}
		return func(values []ref.Val) ref.Val { return values[i] }
	}
	return nil
}

func compare(op string, args []ast.Expr, index map[string]int) quick {
	holds, ok := comparisons[op]
	if !ok || len(args) != 2 {
		return nil
	}
	a, b := operand(args[0], index), operand(args[1], index)
	if a == nil || b == nil {
		return nil
	}
	return func(values []ref.Val) answer {
		order, known := orderOf(a(values), b(values))
		switch {
		case !known:
			return unknown
		case holds(order):
			return yes
		}
		return no
	}
}

var comparisons = map[string]func(int) bool{
	"_==_": func(o int) bool { return o == 0 }, "_!=_": func(o int) bool { return o != 0 },
	"_<_": func(o int) bool { return o < 0 }, "_<=_": func(o int) bool { return o <= 0 },
	"_>_": func(o int) bool { return o > 0 }, "_>=_": func(o int) bool { return o >= 0 },
}

// orderOf compares two values of one kind; false where either is not known.
func orderOf(a, b ref.Val) (int, bool) {
	switch x := a.(type) {
	case types.Bool:
		if y, ok := b.(types.Bool); ok {
			if x == y {
				return 0, true
			}
			if y {
				return -1, true
			}
			return 1, true
		}
	case types.Int:
		if y, ok := b.(types.Int); ok {
			return cmp.Compare(x, y), true
		}
	case types.String:
		if y, ok := b.(types.String); ok {
			return cmp.Compare(x, y), true
		}
	}
	return 0, false
}
