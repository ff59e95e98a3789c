package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// A program without an account walks through what was published, some rows at a
// time, and nothing else answers it.
func TestStatisticsAreReadByPrograms(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := newHouse(t, app)
		year := clock.Now().Year()
		if _, err := volume.Make(ctx, app, volume.Options{Cases: 300, Seed: 3}); err != nil {
			t.Fatal(err)
		}
		ask := func(path string, status int, into any) {
			t.Helper()
			w := httptest.NewRecorder()
			h.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != status {
				t.Fatalf("%s: status %d, want %d: %s", path, w.Code, status, w.Body)
			}
			if into != nil {
				if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
					t.Fatal(err)
				}
			}
		}
		at := "/api/v1/statistics/" + strconv.Itoa(year)
		ask(at+"/months", http.StatusNotFound, nil)
		senior := nodetest.Person(t, app, nodetest.Org(t, app, account.Authority, "Seniors"), "sunniva", access.SeniorOfficer)
		clock.Move(367 * 24 * time.Hour)
		run := node.NewID()
		if err := app.Do(ctx, senior, node.CountYear{ID: run, Year: year, Public: true}); err != nil {
			t.Fatal(err)
		}
		app.Runner().Drain(ctx)
		if err := app.Do(ctx, senior, node.PublishStatistics{Run: run, Year: year}); err != nil {
			t.Fatal(err)
		}

		var index struct {
			Years  []struct{ Year, Editions int }
			Tables []struct{ Name string }
		}
		ask("/api/v1/statistics", http.StatusOK, &index)
		if len(index.Years) != 1 || index.Years[0].Year != year || len(index.Tables) != 9 {
			t.Fatalf("the index: %+v", index)
		}
		for _, table := range index.Tables {
			ask(at+"/"+table.Name, http.StatusOK, nil)
		}
		type page struct {
			Rows []struct {
				Key     string
				Figures []*int64
			}
			Totals []int64
			Next   *string
		}
		var sum int64
		seen := map[string]bool{}
		for path := at + "/months?limit=5"; path != ""; {
			var p page
			ask(path, http.StatusOK, &p)
			for _, r := range p.Rows {
				if seen[r.Key] {
					t.Errorf("%s comes twice", r.Key)
				}
				seen[r.Key] = true
				if r.Figures[0] != nil {
					sum += *r.Figures[0]
				}
			}
			path = ""
			if p.Next != nil {
				path = at + "/months?limit=5&after=" + *p.Next
			} else if len(seen) != 12 || sum != p.Totals[0] {
				t.Errorf("%d months, %d received of %d", len(seen), sum, p.Totals[0])
			}
		}
		for path, status := range map[string]int{
			at + "/nonsense": http.StatusNotFound, "/api/v1/statistics/abc/months": http.StatusNotFound, at + "/months?edition=2": http.StatusNotFound,
			at + "/months?limit=0": http.StatusUnprocessableEntity, at + "/months?limit=1001": http.StatusUnprocessableEntity, at + "/months?after=13": http.StatusUnprocessableEntity,
		} {
			ask(path, status, nil)
		}
	})
}
