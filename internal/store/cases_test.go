package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/store/pgtest"
	"github.com/comity-project/comity/screening"
)

var engines = []Engine{SQLite, Postgres}

func openCases(t *testing.T, engine Engine) *DB {
	t.Helper()
	ctx := context.Background()
	cfg := Config{Engine: engine, DSN: filepath.Join(t.TempDir(), "cases.db")}
	if engine == Postgres {
		cfg.DSN = pgtest.DSN(t)
	}
	db, err := Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

// generated fills the tables that lists read, by SQL: lists look at rows only.
func generated(t *testing.T, db *DB, n int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	start := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC).UnixMicro()
	day := int64(24 * time.Hour / time.Microsecond)
	names := []string{"Ministry of Interior", "Министерство внутренних дел", "Harbour Police", "National Laboratory", "Newspaper House"}
	err := db.Update(context.Background(), func(tx *Tx) error {
		for i := range n {
			id := fmt.Sprintf("0198c7c2-0000-7000-8000-%012d", i)
			stage, turn, group, officer := "assessment", "officer", "open", fmt.Sprintf("officer-%d", i%12)
			var due, decided any = start + int64(i/50)*day + int64(rng.IntN(1000)), nil
			stopped := int64(0)
			switch r := rng.IntN(100); {
			case r < 70:
				stage, turn, group, due, decided = "decided", "nobody", "closed", nil, start+int64(i)*1000
			case r < 78:
				stage, turn, group, due, stopped = "waiting", "applicant", "waiting", nil, 1
			case r < 83:
				stage, turn, officer = "submitted", "coordinator", ""
			case r < 88:
				stage, turn = "countersignature", "countersigner"
			}
			name := names[rng.IntN(len(names))]
			if err := tx.exec(`INSERT INTO case_row (id, stream, reference, title, kind, stage, stage_group, whose_turn, org, compartment, officer, destination, end_user,
				end_user_register, severity, assessed, stale, due, stopped, remaining, target, value, currency, lines, parties, version, basis, submitted, decided, changed, outcome,
				against_adviser, licence, erased) VALUES ($1, $2, $3, $4, 'individual', $5, $6, $7, $8, $9, $10, $11, $12, '', $13, 0, 0, $14, $15, 0, 60, 100, 'EUR', 1, 2, 1, 1, $16, $17, $18, '', 0, '', 0)`,
				id, "case/"+id, fmt.Sprintf("XN-2026-%05d", i), "Goods for "+name, stage, group, turn, fmt.Sprintf("org-%d", rng.IntN(300)), []string{"", "", "", "", "", "", "", "sealed", "other"}[i%9],
				officer, pick("XA", "XB", "XC"), name, int64(rng.IntN(6)), due, stopped, start+int64(i)*1000, decided, start+int64(rng.IntN(n))*1000); err != nil {
				return err
			}
			if stage == "waiting" {
				if err := tx.exec(`INSERT INTO case_rfi (id, stream, case_id, rfi, number, asked, due, closed, how, holding, asked_by) VALUES ($1, $2, $3, 'q', 1, $4, $4, NULL, '', 0, 'x')`,
					id+"/q", "case/"+id, id, start); err != nil {
					return err
				}
			}
			if err := tx.exec(`INSERT INTO search (n, id, stream, kind, org, compartment, title, text) VALUES ($3, $1, $1, 'case', 'org', '', '', $2)`,
				"case/"+id, strings.Join(screening.Fold(fmt.Sprintf("XN-2026-%05d %s", i, name)), " "), int64(i+1)); err != nil {
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

var staff = access.Scope{Anywhere: true, Admitted: []string{"sealed"}}

func work(list CaseList) Cases {
	return Cases{Scope: staff, List: list, Me: "officer-3", Turns: []string{"coordinator", "countersigner"}, Limit: 51}
}

var allLists = []CaseList{MyTurn, MyCases, OpenList, WaitingList, ClosedList, AllCases}

// TestListsReadIndexes holds the first and a middle page of every list, and the
// counts, to stretches of indexes: no list reads its whole table.
func TestListsReadIndexes(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			db := openCases(t, engine)
			generated(t, db, 20_000)
			check := func(what, text string, args []any) {
				t.Helper()
				plan := explained(t, db, text, args)
				for _, bad := range []string{"SCAN case_row\n", "Seq Scan on case_row", "case_row_pkey"} {
					if strings.Contains(plan+"\n", bad) {
						t.Errorf("%s reads the whole table:\n%s\n%s", what, text, plan)
					}
				}
			}
			if err := db.View(context.Background(), func(tx *Tx) error {
				for _, list := range allLists {
					q := work(list)
					rows, err := tx.ListCases(q)
					if err != nil {
						return err
					}
					for name, at := range map[string]CasePlace{"first": {}, "middle": rows[len(rows)-1].Place()} {
						q.At = at
						b := &caseSQL{q: q, postgres: engine == Postgres}
						text := b.statement()
						check(string(list)+", "+name+" page", text, b.args)
					}
				}
				// The planner of PostgreSQL may hash a table of this size against what a
				// search found; a larger one it reads by the index.
				if engine == Postgres {
					return nil
				}
				for name, q := range map[string]Cases{
					"search": {Scope: staff, List: OpenList, Find: screening.Fold("Министерство"), Limit: 51},
					"party":  {Scope: staff, List: AllCases, Register: "r", Limit: 51},
				} {
					b := &caseSQL{q: q}
					text := b.statement()
					check(name, text, b.args)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// explained is the plan of a statement. SQLite names the index of each table it
// reads; a bare SCAN has none.
func explained(t *testing.T, db *DB, text string, args []any) string {
	t.Helper()
	prefix := "EXPLAIN QUERY PLAN "
	if db.Engine() == Postgres {
		prefix = "EXPLAIN "
	}
	rows, err := db.reads.Query(prefix+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		var line string
		var skip any
		if db.Engine() == Postgres {
			err = rows.Scan(&line)
		} else {
			err = rows.Scan(&skip, &skip, &skip, &line)
		}
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// TestListsPageWithoutGaps walks every list forwards and back and compares with
// all rows at once.
func TestListsPageWithoutGaps(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			db := openCases(t, engine)
			generated(t, db, 600)
			if err := db.View(context.Background(), func(tx *Tx) error {
				for _, list := range allLists {
					q := work(list)
					q.Limit = 7
					var forth, back []string
					var last []CaseRow
					for {
						rows, err := tx.ListCases(q)
						if err != nil {
							return err
						}
						if len(rows) == 0 {
							break
						}
						for _, r := range rows {
							forth = append(forth, r.ID)
						}
						last = rows
						q.At = rows[len(rows)-1].Place()
					}
					if len(forth) < 8 {
						t.Fatalf("%s holds %d cases", list, len(forth))
					}
					q.Back, q.At = true, last[len(last)-1].Place()
					back = []string{last[len(last)-1].ID}
					for {
						rows, err := tx.ListCases(q)
						if err != nil {
							return err
						}
						if len(rows) == 0 {
							break
						}
						page := make([]string, len(rows))
						for i, r := range rows {
							page[i] = r.ID
						}
						back = append(page, back...)
						q.At = rows[0].Place()
					}
					seen := slices.Clone(forth)
					slices.Sort(seen)
					if n := len(slices.Compact(seen)); n != len(forth) {
						t.Errorf("%s gives %d of %d cases twice", list, len(forth)-n, len(forth))
					}
					if !slices.Equal(forth, back) {
						t.Errorf("%s: there are %d cases forwards and %d back, or in another order", list, len(forth), len(back))
					}
					counts, err := tx.CountCases([]Cases{work(list)})
					if err != nil {
						return err
					}
					if counts[0] != len(forth) {
						t.Errorf("%s counts %d, gives %d", list, counts[0], len(forth))
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestScopeIsTheRule holds the WHERE of lists equal to Scope.Holds.
func TestScopeIsTheRule(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			db := openCases(t, engine)
			generated(t, db, 300)
			type row struct{ id, org, compartment string }
			var all []row
			if err := db.View(context.Background(), func(tx *Tx) error {
				return tx.each("SELECT id, org, compartment FROM case_row ORDER BY id", nil, func(scan func(...any) error) error {
					var r row
					err := scan(&r.id, &r.org, &r.compartment)
					all = append(all, r)
					return err
				})
			}); err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(rt *rapid.T) {
				s := access.Scope{
					Everything: rapid.IntRange(0, 9).Draw(rt, "everything") == 0,
					Anywhere:   rapid.Bool().Draw(rt, "anywhere"),
					Admitted:   rapid.SliceOfN(rapid.SampledFrom([]string{"sealed", "other", "", "none"}), 0, 3).Draw(rt, "admitted"),
					Org:        rapid.SampledFrom([]string{"", "org-1", "org-2", "org-250"}).Draw(rt, "org"),
				}
				var want, have []string
				for _, r := range all {
					if s.Holds(access.Thing{Kind: "case", Org: r.org, Compartment: r.compartment}) {
						want = append(want, r.id)
					}
				}
				if err := db.View(context.Background(), func(tx *Tx) error {
					var args []any
					where := scopeWhere(s, "org", "compartment", &args)
					return tx.each("SELECT id FROM case_row WHERE "+where+" ORDER BY id", args, func(scan func(...any) error) error {
						var id string
						err := scan(&id)
						have = append(have, id)
						return err
					})
				}); err != nil {
					rt.Fatal(err)
				}
				if !slices.Equal(want, have) {
					rt.Fatalf("%+v: the rule holds %d, the list gives %d", s, len(want), len(have))
				}
			})
		})
	}
}

// TestListsFind finds cases by words of another script, and by a reference.
func TestListsFind(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			db := openCases(t, engine)
			generated(t, db, 200)
			if err := db.View(context.Background(), func(tx *Tx) error {
				for find, title := range map[string]string{
					"ministerstvo vnutr": "Министерство", "Министерство": "Министерство", "XN-2026-00042": "Goods", "newspap": "Newspaper", `quote " ' * \ :`: "",
					"हिन्दी": "", "กระทรวง": "", "内务部": "", "𞤀𞤣𞤤𞤢𞤥": "", "§case": "", // words that no case has, of scripts with marks, without spaces, and young ones
				} {
					rows, err := tx.ListCases(Cases{Scope: staff, List: AllCases, Find: screening.Fold(find), Limit: 50})
					if err != nil {
						return fmt.Errorf("%s: %w", find, err)
					}
					if title == "" {
						continue
					}
					if len(rows) == 0 {
						t.Errorf("%q finds nothing", find)
					}
					for _, r := range rows {
						if !strings.Contains(r.Title, title) {
							t.Errorf("%q finds %q", find, r.Title)
						}
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
