package store

import (
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
