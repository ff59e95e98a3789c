package store

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// What an incident touches is found by the indexes of what it is about: neither all
// cases nor all live licences are read for it.
func TestTouchedReadsIndexes(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			db := openCases(t, engine)
			generated(t, db, 20_000)
			for name, q := range map[string]Touching{
				"users":                  {Users: []string{"a", "b"}},
				"destination":            {Destinations: []string{"XT"}},
				"items to a destination": {Destinations: []string{"XT"}, Items: []string{"5A001"}},
				"all of it":              {Users: []string{"a"}, Items: []string{"5A001"}, Destinations: []string{"XT"}, Licences: []string{"l"}, Cases: []string{"c"}},
			} {
				q.Scope, q.Limit = staff, 501
				for _, licences := range []bool{false, true} {
					if licences && engine == Postgres {
						continue // no licences were made: it would rightly read the empty table
					}
					text, args := q.statement(engine == Postgres, licences)
					plan := explained(t, db, text, args)
					for _, bad := range []string{"SCAN case_row\n", "SCAN x\n", "SCAN licence_row\n", "Seq Scan on case_row", "licence_row_status_valid_until_idx"} {
						if strings.Contains(plan+"\n", bad) {
							t.Errorf("%s reads the whole table:\n%s\n%s", name, text, plan)
						}
					}
				}
			}
		})
	}
}

// What is touched is read a page at a time, each thing once, and counted up to a
// bound; of some things it is told which are touched.
func TestTouchedPagesWithoutGaps(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			db := openCases(t, engine)
			generated(t, db, 3000)
			if err := db.View(context.Background(), func(tx *Tx) error {
				q := Touching{Scope: staff, Destinations: []string{"XA"}, Limit: 10_000}
				all, err := tx.TouchedCases(q)
				if err != nil {
					return err
				}
				var paged []TouchedCase
				for q.Limit = 97; ; q.After = paged[len(paged)-1].ID {
					page, err := tx.TouchedCases(q)
					if err != nil {
						return err
					}
					if paged = append(paged, page...); len(page) < q.Limit {
						break
					}
				}
				if len(all) < 200 || !slices.Equal(all, paged) {
					t.Errorf("%d at once, %d by pages", len(all), len(paged))
				}
				q.After, q.Limit = "", 150
				n, err := tx.CountTouched(q, false)
				if err != nil {
					return err
				}
				q.Limit = 10_000
				whole, err := tx.CountTouched(q, false)
				if err != nil {
					return err
				}
				if n != 150 || whole != len(all) {
					t.Errorf("counted %d of at most 150, and %d of %d", n, whole, len(all))
				}
				q.Only = []string{all[7].ID, "another"}
				some, err := tx.TouchedCases(q)
				if err != nil {
					return err
				}
				if len(some) != 1 || some[0] != all[7] {
					t.Errorf("of two, %v are touched", some)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
