package authority_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// BenchmarkDecisionPage draws the decision of a case with one line, of one with
// a hundred lines that share their facts, as the lines of a frame contract do,
// and of one with a hundred lines of which no two do. A page is wanted within
// 50 ms at the 95th percentile; the case with one line is what the frame, the
// session and the database cost without the lines.
func BenchmarkDecisionPage(b *testing.B) {
	for _, c := range []struct {
		name        string
		lines, ways int
	}{{"one line", 1, 1}, {"100 lines alike", 100, 1}, {"100 lines in 5 ways", 100, 5}, {"100 lines all different", 100, 100}} {
		b.Run(c.name, func(b *testing.B) {
			d := openRoom(b, nodetest.Open(b, store.SQLite, nodetest.NewClock()))
			path, cookie := "/cases/"+d.frame(c.lines, c.ways)+"/decision", d.as(d.Officer)
			var took []time.Duration
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.AddCookie(cookie)
				w, began := httptest.NewRecorder(), time.Now()
				d.h.ServeHTTP(w, r)
				took = append(took, time.Since(began))
				if w.Code != http.StatusOK {
					b.Fatalf("status %d", w.Code)
				}
				b.ReportMetric(float64(w.Body.Len())/1000, "kB/page")
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// frame is the first worked case with that many lines and sixty parties, settled.
// Of each so many lines no two have the same facts on record.
func (d *room) frame(lines, ways int) string {
	d.t.Helper()
	in := nodetest.Example(d.t, "01")
	first := in.Lines[0]
	in.Lines = nil
	for i := range lines {
		l := first
		l.ID, l.PartNumber = fmt.Sprintf("l%d", i+1), fmt.Sprintf("PN-%d", i+1)
		in.Lines = append(in.Lines, l)
		if i%ways > 0 {
			in.Answers = append(in.Answers, assessment.Answer{
				Fact: "use.stated", Value: policy.Bool(true), Line: l.ID, Source: fmt.Sprintf("end-use statement %d", i%ways), Date: "2026-11-02",
			})
		}
	}
	a := d.Application(in)
	third := a.Parties[len(a.Parties)-1]
	for i := len(a.Parties); i < 60; i++ {
		p := third
		p.ID, p.Roles, p.Tree = fmt.Sprintf("p%d", i+1), []party.Role{party.ThirdParty}, nil
		p.Kind, p.Record = party.Organisation, nil
		p.Names = []party.Name{{Text: fmt.Sprintf("Harbour Trading %d", i+1)}}
		p.Register = node.NewID()
		a.Parties = append(a.Parties, p)
	}
	id := d.Submit(d.complete(a))
	d.Settle(id, in)
	return id
}
