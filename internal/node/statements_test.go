package node_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

func engines(t *testing.T, f func(t *testing.T, engine store.Engine, clock *nodetest.Clock)) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) { f(t, engine, nodetest.NewClock()) })
	}
}

func kept(out []node.Outcome) (n int) {
	for _, o := range out {
		if o.Kept {
			n++
		}
	}
	return n
}

// A report goes to its audience and to nobody else, is narrowed, recalled, and
// answered with receipts.
func TestStatementsBetweenNodes(t *testing.T) {
	engines(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		seats := nodetest.Community(t, engine, clock, "AV", "KR", "XN")
		av, kr, xn := seats[0], seats[1], seats[2]
		w := nodetest.Said(clock.Now(), "Tool against journalists", "Interior Ministry Unit 4", "AV", "KR")
		id := xn.Issue(w)
		for _, s := range []*nodetest.Seat{av, kr} {
			if got := s.From(xn); kept(got) != 3 {
				t.Fatalf("%+v", got)
			}
			if got := s.From(xn); kept(got) != 0 {
				t.Fatalf("the same again: %+v", got)
			}
		}
		clock.Move(time.Minute)
		// KR falls out: it is sent a recall, and nothing later.
		xn.Do(xn.Contact, dispatch.Narrow{OnPaper: w.OnPaper, Audience: []string{"AV"}})
		if got := kr.From(xn); kept(got) != 3 {
			t.Fatalf("recalls: %+v", got)
		}
		if got := av.From(xn); kept(got) != 3 {
			t.Fatalf("the next version: %+v", got)
		}
		open := func() (states []string) {
			all, err := xn.App.OpenRecalls(ctx, xn.Auditor)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range all {
				states = append(states, o.State)
			}
			return slices.Compact(states)
		}
		if got := open(); !slices.Equal(got, []string{"KR"}) {
			t.Fatalf("open recalls: %v", got)
		}
		if got := xn.From(kr); kept(got) != 3 {
			t.Fatalf("receipts: %+v", got)
		}
		if got := open(); len(got) != 0 {
			t.Fatalf("open recalls: %v", got)
		}
		xn.Do(xn.Contact, dispatch.Recall{OnPaper: w.OnPaper, From: []string{"AV"}, Disposal: "withhold", Why: "The source withdrew."})
		if got := av.From(xn); kept(got) != 3 {
			t.Fatalf("the recall: %+v", got)
		}
		if got := xn.From(av); kept(got) != 3 || len(open()) != 0 {
			t.Fatalf("receipts: %+v, open %v", got, open())
		}
		if out, _, err := xn.App.Outgoing(ctx, "AV", 0, 100); err != nil || slices.ContainsFunc(out, func(o node.Outgoing) bool { return o.Purpose == "statement" }) {
			t.Fatalf("what was recalled is still given out: %v", err)
		}
		_ = id
	})
}

// What goes out rests on a second person's check and on the point of contact.
func TestPapersNeedTwo(t *testing.T) {
	clock := nodetest.NewClock()
	seats := nodetest.Community(t, store.SQLite, clock, "AV", "XN")
	xn := seats[1]
	w := nodetest.Said(clock.Now(), "A report", "A unit", "AV")
	xn.Do(xn.Contact, w)
	on := w.OnPaper
	refused := func(who access.Actor, cmd any, key string) {
		t.Helper()
		var f *fault.Error
		err := xn.App.Do(ctx, who, cmd)
		if !errors.As(err, &f) || f.Key != key && !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Key == key }) {
			t.Errorf("%T: %v, want %s", cmd, err, key)
		}
	}
	refused(xn.Contact, dispatch.Issue{OnPaper: on}, "dispatch.unchecked")
	refused(xn.Contact, dispatch.CheckHarm{OnPaper: on, Answers: dispatch.Answers{Consent: "given", Coarse: true}}, "dispatch.second_person")
	refused(xn.Auditor, dispatch.CheckHarm{OnPaper: on, Answers: dispatch.Answers{Consent: "given", Coarse: true}}, "fault.denied")
	xn.Do(xn.Adviser, dispatch.CheckHarm{OnPaper: on, Answers: dispatch.Answers{Place: true, Consent: "given", Coarse: true}})
	refused(xn.Contact, dispatch.Issue{OnPaper: on}, "dispatch.harmful")
	xn.Do(xn.Contact, w)
	xn.Do(xn.Adviser, dispatch.CheckHarm{OnPaper: on, Answers: dispatch.Answers{Consent: "given", Coarse: true}})
	refused(xn.Adviser, dispatch.Issue{OnPaper: on}, "fault.denied")
	xn.Do(xn.Contact, dispatch.Issue{OnPaper: on})
}

// The log holds what was said, at fixed times, with dummies beside it, and
// proves it.
func TestTheLog(t *testing.T) {
	engines(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		seats := nodetest.Community(t, engine, clock, "AV", "XN")
		av, xn := seats[0], seats[1]
		xn.Issue(nodetest.Said(clock.Now(), "A report", "A unit", "AV"))
		if _, err := xn.App.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		for want := int64(64); want <= 128; want += 64 {
			if size, err := xn.App.LogCheckpoint(ctx); err != nil || size != want {
				t.Fatalf("size %d, %v", size, err)
			}
		}
		out, _, err := xn.App.Outgoing(ctx, "AV", 0, 100)
		if err != nil || len(out) != 3 || out[0].Proof == nil {
			t.Fatalf("%d, %v", len(out), err)
		}
		if got := av.From(xn); kept(got) != 3 {
			t.Fatalf("%+v", got)
		}
	})
}

// After a recall nothing of what was said can be read on this node: not in its
// files, its write-ahead log among them, and not in a backup.
func TestDisposalLeavesNothing(t *testing.T) {
	clock := nodetest.NewClock()
	seats := nodetest.Community(t, store.SQLite, clock, "AV", "XN")
	av, xn := seats[0], seats[1]
	w := nodetest.Said(clock.Now(), "Quartz lamp of the northern gate", "Zinc Directorate", "AV")
	xn.Issue(w)
	got := av.From(xn)
	page, err := av.App.Statement(ctx, av.Contact, got[len(got)-1].Leaf)
	if err != nil || page.Content.Title != w.Content.Title {
		t.Fatalf("%+v, %v", page.Content, err)
	}
	clock.Move(time.Minute)
	xn.Do(xn.Contact, dispatch.Recall{OnPaper: w.OnPaper, From: []string{"AV"}, Disposal: "erase", Why: "It was a mistake."})
	if got := av.From(xn); kept(got) != 3 {
		t.Fatalf("the recall: %+v", got)
	}
	if page, err = av.App.Statement(ctx, av.Contact, page.ID); err != nil || page.Version != nil || page.Sealed != nil {
		t.Fatalf("it can still be read: %v", err)
	}
	var backup bytes.Buffer
	if _, err := av.App.Backup(ctx, &backup, nil); err != nil {
		t.Fatal(err)
	}
	secrets := []string{w.Content.Title, w.Content.Text, "Zinc Directorate"}
	clean := func(where string, b []byte) {
		t.Helper()
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s holds %q", where, s)
			}
		}
	}
	clean("the backup", backup.Bytes())
	if err := filepath.WalkDir(av.App.Config().Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		clean(path, b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
