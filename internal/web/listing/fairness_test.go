package listing_test

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// Beside an answer stands which kinds of ordinary names look like somebody on the
// lists in use more than twice as often as others: those and no others, as the
// index measured them.
func TestAnAnswerSaysWhichNamesAreAlikeTooOften(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		h.stock()
		search := h.get("officer", "/screen").Status(200).Form("/screen")
		search.Set("name", "Zarvanik Optronics Works")
		search.Set("purpose", "duty")
		search.Set("about", "Export Control Act, section 4")
		answer := h.post("officer", search).Status(200)
		if !strings.Contains(answer.Body, "n:1") {
			t.Fatal("the search finds nobody, so nothing is said beside an answer")
		}
		words := map[string]string{
			"companies, as on stock exchanges": "as on stock exchanges", "companies in many languages": "companies in many languages", "companies, Cyrillic script": "companies in Cyrillic script",
			"companies, Arabic script": "companies in Arabic script", "persons, Latin script": "persons in Latin script", "persons, Cyrillic script": "persons in Cyrillic script", "persons, Arabic script": "persons in Arabic script",
		}
		above := 0
		for _, g := range app.EnginesReady().Index.Fairness(.01) {
			said, known := words[g.Group]
			if !known {
				t.Errorf("no words for %q", g.Group)
			}
			if g.Above {
				above++
			}
			if got := strings.Contains(answer.Body, said); got != g.Above {
				t.Errorf("%s at %.4f: the answer names it %v, above twice the rate of all %v", g.Group, g.Rate, got, g.Above)
			}
		}
		if got := strings.Contains(answer.Body, "more than twice as often"); got != (above > 0) {
			t.Errorf("%d kinds are above: the answer speaks of them %v", above, got)
		}
		t.Logf("%d kinds above", above)
	})
}
