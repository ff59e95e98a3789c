package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// Cases that a name, a number or a product with its destination touches are found
// along the index, however many there are, in pages that lose none.
func TestCasesTouched(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			db := openCases(t, engine)
			const n = 3000
			if err := db.Update(context.Background(), func(tx *Tx) error {
				for i := range n {
					id := caseNumber(i)
					for k, key := range [][3]string{{"name", "consignee", fmt.Sprintf("user %d", i)}, {"number", "broker", fmt.Sprintf("number xa %d", i)}, {"item", []string{"XA", "XR"}[i%2], "probe"}} {
						if err := tx.exec(`INSERT INTO case_key (id, stream, case_id, what, role, name_search) VALUES ($1, $2, $3, $4, $5, $6)`, fmt.Sprintf("%s/%d", id, k), "case/"+id, id, key[0], key[1], key[2]); err != nil {
							return err
						}
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if engine == Postgres {
				if _, err := db.pool.Exec("ANALYZE"); err != nil {
					t.Fatal(err)
				}
			}
			text, args := touched(TouchKeys{Names: []string{"User 7"}, Numbers: []string{"number/XA/8"}, Items: []string{"Probe"}, Places: []string{"XR"}}, "", "", 500)
			plan := explained(t, db, text, args)
			for line := range strings.Lines(plan) {
				if strings.Contains(line, "SCAN case_key") || strings.Contains(line, "Seq Scan on case_key") {
					t.Errorf("%s\nreads all keys:\n%s", text, plan)
				}
			}
			if !strings.Contains(plan, "case_key_key") {
				t.Errorf("the index is not used:\n%s", plan)
			}
			if text, _ := touched(TouchKeys{Items: []string{"Probe"}}, "", "", 500); text != "" {
				t.Errorf("a product without a place asks %s", text)
			}
		})
	}
}
