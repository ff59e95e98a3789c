package lang

import (
	"errors"

	"github.com/comity-project/comity/internal/fault"
)

// Problem is a fault in a reader's language, ready to be shown: the door adds
// only the form it belongs to.
type Problem struct {
	Code    fault.Code
	Status  int    // HTTP status
	Message string // what happened, and what to do about it
	Fields  []FieldProblem
	Items   []ItemProblem
}

// FieldProblem is one input that is wrong, in the order of the form.
type FieldProblem struct {
	Name    string // name of the input
	Message string
}

// ItemProblem is one thing in the way, with where it is solved.
type ItemProblem struct {
	Message string
	Where   string // fragment or tab: "assessment#rule-COC-R"
}

// Field is the message for an input, "" when nothing is wrong with it.
func (p *Problem) Field(name string) string {
	if p == nil {
		return ""
	}
	for _, f := range p.Fields {
		if f.Name == name {
			return f.Message
		}
	}
	return ""
}

// Fault says an error in the printer's language. Only a *fault.Error has words
// of its own; anything else is our mistake and says no more than that. The
// cause is never shown. A nil error gives nil.
func Fault(p Printer, err error) *Problem {
	if err == nil {
		return nil
	}
	out := &Problem{Code: fault.CodeOf(err), Status: fault.HTTPStatus(err)}
	var f *fault.Error
	if !errors.As(err, &f) {
		out.Message = p.T("fault.internal")
		return out
	}
	out.Message = p.Text(f.Key, f.Args)
	for _, field := range f.Fields {
		out.Fields = append(out.Fields, FieldProblem{field.Name, p.Text(field.Key, field.Args)})
	}
	for _, item := range f.Items {
		out.Items = append(out.Items, ItemProblem{p.Text(item.Key, item.Args), item.Where})
	}
	return out
}
