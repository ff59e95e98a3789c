package lang_test

import (
	"slices"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/comity-project/comity/internal/lang"
)

// TestCompareAsTheTablesDo orders all names of states as the tables of the
// alphabets do that are too large for the program.
func TestCompareAsTheTablesDo(t *testing.T) {
	for _, tag := range []language.Tag{language.English, language.French, language.Spanish, language.Portuguese, language.German} {
		var names []string
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				if r, err := language.ParseRegion(string([]rune{a, b})); err == nil && r.IsCountry() {
					names = append(names, display.Regions(tag).Name(r))
				}
			}
		}
		by := collate.New(tag)
		slices.SortFunc(names, lang.Compare)
		for i, name := range names[1:] {
			if by.CompareString(names[i], name) > 0 {
				t.Errorf("%v: %q before %q", tag, names[i], name)
			}
		}
		if len(names) < 200 {
			t.Errorf("%v: %d names", tag, len(names))
		}
	}
}
