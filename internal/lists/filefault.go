package lists

import (
	"errors"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/screening/listfile"
)

// fileKeys are the sentences for what can be wrong with a file.
var fileKeys = map[listfile.Kind]struct {
	code fault.Code
	key  string
}{
	listfile.TooLarge:  {fault.TooLarge, "lists.file.too_large"},
	listfile.Encoding:  {fault.Invalid, "lists.file.encoding"},
	listfile.Packed:    {fault.Invalid, "lists.file.packed"},
	listfile.Syntax:    {fault.Invalid, "lists.file.syntax"},
	listfile.Structure: {fault.Invalid, "lists.file.structure"},
	listfile.Value:     {fault.Invalid, "lists.file.value"},
	listfile.Reading:   {fault.Unavailable, "lists.file.reading"},
}

// FileFault turns the error of a reader of list files into a fault with its
// place, for a door to show. The reader's own words ride along as {problem} and
// {todo}. Any other error stays as it is.
func FileFault(err error) error {
	var e *listfile.Error
	if !errors.As(err, &e) {
		return err
	}
	k, ok := fileKeys[e.Kind]
	if !ok {
		return err
	}
	return fault.New(k.code, k.key, "file", e.File, "line", e.Line, "column", e.Column, "problem", e.Problem, "todo", e.Todo).Because(err)
}
