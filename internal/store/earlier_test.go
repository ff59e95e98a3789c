package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// One user has most of the cases: by each tie the latest are found, and the
// search walks an index until it has enough, so that its cost does not grow with
// their number: no plan sorts, and none reads a table.
func TestEarlierCasesOfABusyUser(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			const n = 6000
			db := openCases(t, engine)
			generated(t, db, n)
			busy(t, db, n)
			q := Earlier{
				Scope: staff, Besides: caseNumber(n - 1), Registers: []string{"r"}, Listed: [][2]string{{"list", "entry"}}, Names: []string{"Bundesamt für Grenzen", "bundesamt fur grenzen", "Nobody"}, Marks: []string{"registration/XA/r"}, Limit: 8,
			}
			giver := []string{"r"}
			err := db.View(context.Background(), func(tx *Tx) error {
				found, err := tx.EarlierCases(q)
				if err != nil {
					return err
				}
				prior, err := tx.PriorAssurances(staff, q.Besides, giver, []string{found[0].ID}, nil, 30)
				if err != nil {
					return err
				}
				if len(found) != 8 || len(prior) != 30 {
					t.Fatalf("%d cases and %d assurances are found, want 8 and 30", len(found), len(prior))
				}
				for i, c := range found {
					if fmt.Sprint(c.Ties) != "[register listed mark name]" || c.ID == q.Besides || i > 0 && c.ID == found[i-1].ID {
						t.Errorf("%s is found by %v", c.ID, c.Ties)
					}
				}
				for i, a := range prior {
					if a.Case < caseNumber(n-60) || i > 0 && a.Sought.After(prior[i-1].Sought) {
						t.Errorf("assurance %d is of %s, sought %s: not the latest", i, a.Case, a.Sought)
					}
				}
				if engine == SQLite { // the planner of PostgreSQL reads tables without lines as it likes
					q.Codes, q.Kinds, q.Destination = []string{"5A001.f"}, []string{"imsi_catcher"}, "XA"
				}
				b := &caseSQL{}
				walks(t, db, b.earlier(q), b.args)
				b = &caseSQL{}
				walks(t, db, b.prior(staff, q.Besides, giver, []string{found[0].ID}, 30), b.args)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// walks asks that a statement reads along indexes and sorts nothing but what it
// has found in the end.
func walks(t *testing.T, db *DB, text string, args []any) {
	t.Helper()
	sorts, scans := 0, 0
	plan := explained(t, db, text, args)
	for line := range strings.Lines(plan) {
		switch {
		case strings.Contains(line, "TEMP B-TREE FOR ORDER BY"), strings.Contains(line, "Sort  (cost"):
			sorts++
		case strings.Contains(line, "SCAN case_"), strings.Contains(line, "SCAN assessment"):
			scans++
		case strings.Contains(line, "Seq Scan on case_party"), strings.Contains(line, "Seq Scan on case_user_name"), strings.Contains(line, "Seq Scan on assessment"):
			scans++ // what was found PostgreSQL may hash against a small table
		}
	}
	if sorts > 1 || scans > 0 {
		t.Errorf("%s\nis not a walk along indexes:\n%s", text, plan)
	}
}

func caseNumber(i int) string { return fmt.Sprintf("0198c7c2-0000-7000-8000-%012d", i) }

// busy makes two of three generated cases those of one user, who is an entry of
// the register and a listed one, and gives an assurance in each.
func busy(t *testing.T, db *DB, n int) {
	t.Helper()
	err := db.Update(context.Background(), func(tx *Tx) error {
		for i := range n {
			id := caseNumber(i)
			name, register, entry := "bundesamt fur grenzen", "r", "entry"
			if i%3 == 0 {
				name, register, entry = fmt.Sprintf("user %d", i), fmt.Sprintf("r%d", i), fmt.Sprintf("e%d", i)
			}
			if err := tx.exec(`INSERT INTO case_user_name (id, stream, case_id, name_search) VALUES ($1, $2, $3, $4)`, id+"/1", "case/"+id, id, name); err != nil {
				return err
			}
			if err := tx.exec(`INSERT INTO case_user_mark (id, stream, case_id, mark) VALUES ($1, $2, $3, $4)`, id+"/1", "case/"+id, id, "registration/XA/"+register); err != nil {
				return err
			}
			if err := tx.exec(`INSERT INTO case_party (id, stream, case_id, party, roles, kind, tie, country, name, latin, register, "natural", retain_until, erased)
				VALUES ($1, $2, $3, 'p1', 'end_user', 'agency', 'state', 'XA', $4, '', $5, 0, '', 0)`, id+"/p1", "case/"+id, id, name, register); err != nil {
				return err
			}
			if err := tx.exec(`INSERT INTO assessment_hits (id, stream, case_id, party, list, entry, outcome, gone) VALUES ($1, $2, $3, 'p1', 'list', $4, 'same', 0)`,
				id+"/h", "assessment/"+id, id, entry); err != nil {
				return err
			}
			if err := tx.exec(`INSERT INTO case_assurance (id, stream, case_id, assurance, party, register, clause, reply, result, authority, has_check, expires, sought)
				VALUES ($1, $2, $3, 'a', 'p1', $4, 'not_misused', 'given', '', 1, 1, '', $5)`, id+"/a/not_misused", "case/"+id, id, register, int64(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if db.Engine() == Postgres {
		if _, err := db.pool.Exec("ANALYZE"); err != nil {
			t.Fatal(err)
		}
	}
}
