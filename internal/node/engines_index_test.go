package node_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

// bigList is a list of n invented parties, of which those from one on bear a mark.
func bigList(n, from int, mark string) node.ListFile {
	var b strings.Builder
	b.WriteString("schema: comity.parties/v1\nlist: NORLAND\ntitle: Norland's own list\npublished: '2026-11-01'\nparties:\n")
	for i := range n {
		m := ""
		if i >= from {
			m = " " + mark
		}
		fmt.Fprintf(&b, "- {id: 'n:%d', type: organisation, names: [{text: %s %s%s, kind: primary}], countries: [XK]}\n", i, nodetest.Word(i/97), nodetest.Word(i%97), m)
	}
	return node.ListFile{Name: "own.yaml", Bytes: []byte(b.String())}
}

// answered waits for the engines in which an entity bears a name.
func answered(t testing.TB, app *node.App, id, mark string) *node.Engines {
	t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(time.Millisecond) {
		e, err := app.Engines(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if x, ok := e.Index.Entity(id); ok && strings.Contains(x.Names[0].Text, mark) {
			return e
		}
	}
	t.Fatal("the version never answered")
	return nil
}

// TestADerivedIndexIsTheBuiltOne: what a node searches after versions came and
// went is, byte for byte, what is built of the same entities.
func TestADerivedIndexIsTheBuiltOne(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(app.Do(ctx, access.System(), lists.DefineList{List: "own", Definition: ownDefinition}))
		for i, mark := range []string{"Karvo", "Belisk", "Karvo"} {
			var in node.ImportedList
			must(app.Do(ctx, access.System(), node.ImportList{List: "own", Files: []node.ListFile{bigList(400, 390-5*i, mark)}}, node.Into(&in)))
			must(app.Do(ctx, access.System(), lists.ActivateVersion{List: "own", ID: in.Version, Reason: "test"}))
			e := answered(t, app, fmt.Sprint("n:", 390-5*i), mark)
			var all []screening.Entity
			for x := range e.Index.Entities {
				all = append(all, x)
			}
			built, err := screening.Build(all, screening.Options{})
			must(err)
			var a, b bytes.Buffer
			must(e.Index.WriteSnapshot(&a))
			must(built.WriteSnapshot(&b))
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Fatalf("version %d: the index in use is another than the built one", i+1)
			}
		}
	})
}

// BenchmarkDelta is how long a change of a hundred entries among 50,000 takes from
// its activation to the first answer of the new version.
func BenchmarkDelta(b *testing.B) {
	cfg := nodetest.Config(b, store.SQLite, nodetest.NewClock())
	cfg.Now = time.Now
	app := nodetest.OpenAt(b, cfg)
	if err := app.Do(ctx, access.System(), lists.DefineList{List: "own", Definition: ownDefinition}); err != nil {
		b.Fatal(err)
	}
	const n = 50_000
	round, cpu := 0, time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		mark := "Karvo" + nodetest.Word(round)
		round++
		var in node.ImportedList
		if err := app.Do(ctx, access.System(), node.ImportList{List: "own", Files: []node.ListFile{bigList(n, n-100, mark)}}, node.Into(&in)); err != nil {
			b.Fatal(err)
		}
		before := nodetest.ProcessorTime(b)
		b.StartTimer()
		if err := app.Do(ctx, access.System(), lists.ActivateVersion{List: "own", ID: in.Version, Reason: "test"}); err != nil {
			b.Fatal(err)
		}
		e := answered(b, app, fmt.Sprint("n:", n-1), mark)
		if s := e.ScreenFor(screening.Query{Name: nodetest.Word((n-1)/97) + " " + nodetest.Word((n-1)%97) + " " + mark}, 1, true, nil); len(s.Hits) == 0 {
			b.Fatal("the new version gives nothing")
		}
		b.StopTimer()
		cpu += nodetest.ProcessorTime(b) - before
		b.ReportMetric(float64(cpu.Microseconds())/1e3/float64(round), "cpu-ms/op")
		if err := app.ReloadEngines(ctx); err != nil { // waits for what is done beside
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
