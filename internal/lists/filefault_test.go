package lists

import (
	"errors"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/screening/listfile"
)

func TestFileFault(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "lists.file.structure",
		"PK\x03\x04":                  "lists.file.packed",
		"<CONSOLIDATED_LIST>\xff":     "lists.file.encoding",
		"<CONSOLIDATED_LIST><a></b>":  "lists.file.syntax",
		"<CONSOLIDATED_LIST>\n<a><a>": "lists.file.too_large",
	} {
		lim := listfile.Limits{}
		if strings.HasSuffix(want, "large") {
			lim.Bytes = 21
		}
		_, err := listfile.Read(listfile.UN, lim, listfile.File{Name: "un.xml", Reader: strings.NewReader(text)})
		var f *fault.Error
		if !errors.As(FileFault(err), &f) || f.Key != want || f.Args["file"] != "un.xml" || f.Args["line"] == 0 {
			t.Errorf("%q: %v", text, FileFault(err))
		}
	}
	if other := errors.New("other"); FileFault(other) != other || FileFault(nil) != nil {
		t.Error("an error of another kind was changed")
	}
}
