package screening

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

// TestAffectedAreThoseWhoseAnswerChanged holds Affected to the truth: every party
// whose answer differs after a change is among them, and few others.
func TestAffectedAreThoseWhoseAnswerChanged(t *testing.T) {
	before := smallIndex(t)
	if !testing.Short() {
		if x, err := corpusIndex(); err == nil {
			before = x
		}
	}
	var changed []Entity
	var removed []string
	i := 0
	for e := range before.Entities {
		switch i++; i % 131 {
		case 0:
			e.Names = append(e.Names, Name{Text: "Zarvanik " + e.Names[0].Text, Kind: Alias})
			changed = append(changed, e)
		case 1:
			removed = append(removed, e.ID)
		}
	}
	changed = append(changed, Entity{ID: "new:1", List: "demo", Names: []Name{{Text: "Tasvakelli Trading", Kind: Primary}}})
	after, err := before.With(changed, removed)
	if err != nil {
		t.Fatal(err)
	}
	gone, came := Difference(before, after)
	if len(gone) != len(removed)+len(changed)-1 || len(came) != len(changed) {
		t.Fatalf("%d went, %d came", len(gone), len(came))
	}
	p := NewParties()
	truth := map[string]bool{}
	look := func(x *Index, q Query) (out []string) {
		for _, h := range x.Search(q, SearchOptions{}).Hits {
			if h.Band != Weakly || h.ByID {
				e, _ := x.Entity(h.EntityID)
				out = append(out, fmt.Sprint(e))
			}
		}
		slices.Sort(out)
		return out
	}
	add := func(key string, q Query) {
		if err := p.Add(key, q); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(look(before, q), look(after, q)) {
			truth[key] = true
		}
	}
	for i, o := range backgroundNames()[:300] {
		add(fmt.Sprintf("ordinary:%d", i), Query{Name: o.name})
	}
	i = 0
	for e := range before.Entities {
		if i++; i%40 < 2 {
			add("like:"+e.ID, Query{Name: e.Names[0].Text + " Holding"})
		}
	}
	add("added", Query{Name: "Tasvakelli Tradings", Aliases: []string{"Other"}})
	affected, err := p.Affected(context.Background(), before, after)
	if err != nil {
		t.Fatal(err)
	}
	for key := range truth {
		if !slices.Contains(affected, key) {
			t.Errorf("the answer for %s changed, and it is not affected", key)
		}
	}
	t.Logf("%d parties, the answer changed for %d, %d are asked again", p.Len(), len(truth), len(affected))
	if !truth["added"] || len(affected) > 20+3*len(truth) {
		t.Errorf("%d are asked again where %d changed", len(affected), len(truth))
	}
	rest := p.Without(map[string]bool{"added": true})
	again, err := rest.Affected(context.Background(), before, after)
	if err != nil || rest.Len() != p.Len()-1 || slices.Contains(again, "added") {
		t.Errorf("%d parties, %v", rest.Len(), err)
	}
	more := NewParties()
	if err := errors.Join(more.Add("added", Query{Name: "Tasvakelli Tradings"}), rest.Join(more)); err != nil {
		t.Fatal(err)
	}
	if again, err = rest.Affected(context.Background(), before, after); err != nil || rest.Len() != p.Len() || !slices.Contains(again, "added") {
		t.Errorf("%d parties, %v", rest.Len(), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Affected(ctx, before, after); err == nil {
		t.Error("it goes on after it was told to stop")
	}
}
