package sources

import (
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/screening/listfile"
)

func TestShippedSources(t *testing.T) {
	raw, err := content.FS.ReadFile("sources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[lists.Kind]int{}
	for _, s := range all {
		kinds[s.Kind]++
		if s.Kind == lists.Parties && !slices.Contains(listfile.Formats(), listfile.Format(s.Format)) {
			t.Errorf("%s: no reader knows the form %q", s.ID, s.Format)
		}
		if s.Unattended {
			t.Errorf("%s ships as unattended: that is for an authority to choose", s.ID)
		}
		for _, f := range s.Files {
			if f.Content != "" {
				if _, err := content.FS.ReadFile(f.Content); err != nil {
					t.Errorf("%s: %v", s.ID, err)
				}
			}
		}
	}
	if len(all) != 12 || kinds[lists.Parties] != 7 {
		t.Errorf("%d sources, %v", len(all), kinds)
	}
	steps, err := Plan(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	var fetched []string
	for _, s := range steps {
		if s.Skip == "" {
			fetched = append(fetched, s.Source.ID)
		}
	}
	if !slices.Equal(fetched, []string{"us-csl", "ofac-sdn", "un-sc"}) {
		t.Errorf("an update fetches %v", fetched)
	}
	if steps, err = Plan(all, []string{"un-sc"}); err != nil || steps[0].Skip != NotWanted || steps[2].Skip != "" {
		t.Errorf("%v %v", steps[0].Skip, err)
	}
	if _, err := Plan(all, []string{"uk"}); err == nil {
		t.Error("a source that is not there was planned")
	}
}

func TestBadSources(t *testing.T) {
	const good = "schema: comity.sources/v1\nsources:\n- {id: a, title: A, publisher: P, kind: parties, format: un-xml, limit_mib: 1, legal_basis: L, scope: S, review_by: '2027-01-01', files: [{name: f, url: 'https://example.org/f'}]}\n"
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		"v1": "v2", "id: a": "id: A b", "title: A": "titel: A", "kind: parties": "kind: people", "limit_mib: 1": "limit_mib: 0",
		"https://example.org/f": "ftp://example.org/f", "name: f": "name: ''", "url: ": "content: x, url: ", "review_by: '2027-01-01'": "review_by: soon",
	} {
		if _, err := Parse([]byte(strings.Replace(good, from, to, 1))); err == nil {
			t.Errorf("%q instead of %q was taken", to, from)
		}
	}
}

func FuzzParse(f *testing.F) {
	raw, _ := content.FS.ReadFile("sources.yaml")
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := Parse(raw)
		if err != nil {
			return
		}
		if _, err := Plan(all, nil); err != nil {
			t.Fatal(err)
		}
	})
}
