package node_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// BenchmarkReplayPack puts 100,000 decided cases of three lines each to the full
// base pack, read from each engine: at first under their own pack, where nothing
// moves, then under one where many lines do. Wanted: 10 s on two cores.
func BenchmarkReplayPack(b *testing.B) {
	const cases, lines = 100_000, 3
	e, err := node.ShippedEngines()
	if err != nil {
		b.Fatal(err)
	}
	doc := e.Pack.Document()
	doc.Version, doc.Laws = "next", []string{"ch", "us", "uk", "code"}
	next, err := policy.New(doc)
	if err != nil {
		b.Fatal(err)
	}
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		cfg := nodetest.Config(b, engine, nil)
		if err := node.Init(b.Context(), cfg); err != nil {
			b.Fatal(err)
		}
		driver, source := "sqlite", "file:"+filepath.Join(cfg.Dir, "comity.db")
		if engine == store.Postgres {
			driver, source = "pgx", cfg.DSN
		}
		size := decidedRows(b, driver, source, e.Pack, cases, lines)
		app, err := node.Open(b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = app.Close() })
		for name, p := range map[string]*policy.Pack{"same": e.Pack, "other": next} {
			b.Run(string(engine)+"/"+name, func(b *testing.B) {
				used := nodetest.ProcessorTime(b)
				for b.Loop() {
					r, err := app.ReplayPack(b.Context(), access.System(), p, "", nil)
					if err != nil || r.Cases != cases || r.Lines != cases*lines {
						b.Fatalf("%+v %v", r, err)
					}
					b.ReportMetric(float64(len(r.Flips))+float64(r.Lost), "flips")
				}
				b.ReportMetric(size/cases, "bytes/case")
				b.ReportMetric((nodetest.ProcessorTime(b)-used).Seconds()/float64(b.N), "cpu-s/100000")
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/100000")
				b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "cores")
			})
		}
	}
}

// decidedRows writes decided cases with drawn facts, three quarters of them
// known, straight into the database: only the replay is measured.
func decidedRows(b *testing.B, driver, source string, p *policy.Pack, cases, lines int) (size float64) {
	b.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	exec := func(s *sql.Stmt, args ...any) {
		if _, err := s.Exec(args...); err != nil {
			b.Fatal(err)
		}
	}
	prepared := func(q string) *sql.Stmt {
		s, err := tx.Prepare(q)
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	exec(prepared(`INSERT INTO fact_names (hash, names) VALUES ('n', $1)`), strings.Join(p.FactNames(), " "))
	row := prepared(`INSERT INTO case_row (id, stream, reference, title, kind, stage, stage_group, whose_turn, org, compartment, officer, destination, end_user, end_user_register, severity, assessed, stale, stopped, remaining, target, value, currency, lines, parties, version, basis, submitted, decided, changed, outcome, against_adviser, licence, erased)
		VALUES ($1, $2, $3, '', '', 'decided', 'closed', '', '', '', '', 'XR', '', '', 4, 1, 0, 0, 0, 0, 0, '', 3, 4, 9, 9, 0, $4, 0, 'issued', 0, '', 0)`)
	facts := prepared(`INSERT INTO decided_facts (case_id, decided, day, pack, names, lines) VALUES ($1, $2, '2026-11-22', $3, 'n', $4)`)
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range cases {
		var body []byte
		for l := range lines {
			f := drawn(rnd, p)
			o := policy.Resolve(p, policy.Evaluate(p, "2026-11-22", f), f)
			body = policy.AppendKept(body, policy.Kept{Line: fmt.Sprint(l + 1), Destination: "XR", Standing: o.Standing, Because: o.Because, Values: policy.PackValues(p, f)})
		}
		size += float64(len(body))
		id := fmt.Sprintf("0198c7c2-5a3e-7c7e-8f0a-%012d", n)
		exec(row, id, "case/"+id, id, int64(n))
		exec(facts, id, int64(n), p.Hash(), body)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return size
}

func drawn(rnd *rand.Rand, p *policy.Pack) policy.Facts {
	f := policy.Facts{}
	doc := p.Document()
	c := doc.Categories[rnd.IntN(len(doc.Categories))]
	for _, d := range doc.Facts {
		switch {
		case rnd.IntN(4) == 0:
		case d.Kind == policy.KindBool:
			f[d.Name] = policy.Fact{Value: policy.Bool(rnd.IntN(5) == 0)}
		case len(d.Values) > 0:
			f[d.Name] = policy.Fact{Value: policy.Text(d.Values[rnd.IntN(len(d.Values))])}
		}
	}
	for name, v := range c.Facts {
		f[name] = policy.Fact{Value: v, Version: p.Version()}
	}
	if c.Harm != "" {
		f["item.path_to_harm"] = policy.Fact{Value: policy.Bool(true), Version: p.Version()}
	}
	f[policy.FactCategory] = policy.Fact{Value: policy.Text(c.ID), Version: p.Version()}
	f[policy.FactSeverity] = policy.Fact{Value: policy.Int(int64(c.Severity)), Version: p.Version()}
	return f
}
