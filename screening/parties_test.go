package screening

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
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
	all, err := p.affected(context.Background(), changes(before, after), func(int) bool { return true })
	if err != nil || !slices.Equal(all, affected) {
		t.Errorf("%d are asked again, %d where every party is searched for, %v", len(affected), len(all), err)
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

// TestReplacedEqualsBuild: an index that followed random changes of its lists is,
// byte for byte, the one that is built of the same entities.
func TestReplacedEqualsBuild(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	x := smallIndex(t)
	var all []Entity
	for e := range x.Entities {
		all = append(all, e)
	}
	bytesOf := func(x *Index) []byte {
		var b bytes.Buffer
		if err := x.WriteSnapshot(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for round := range 12 {
		list := all[r.IntN(len(all))].List
		var next, of []Entity
		for _, e := range all {
			if e.List == list {
				switch r.IntN(4) {
				case 0:
					continue
				case 1:
					e.Names = append(slices.Clone(e.Names), Name{Text: fmt.Sprintf("Zarvanik %d Works", r.IntN(50)), Kind: Alias})
				}
				of = append(of, e)
			}
			next = append(next, e)
		}
		for i := range r.IntN(5) {
			e := Entity{ID: fmt.Sprintf("new:%d:%d", round, i), List: list, Names: []Name{{Text: fmt.Sprintf("Tasvakelli %c", 'a'+r.IntN(20)), Kind: Primary}}, Births: []string{"1961"}}
			of, next = append(of, e), append(next, e)
		}
		r.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		y, err := x.Replaced([]string{list}, of)
		if err != nil {
			t.Fatal(err)
		}
		built, err := Build(next, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bytesOf(y), bytesOf(built)) {
			t.Fatalf("round %d: the derived index is another than the built one", round)
		}
		if same, err := y.Replaced([]string{list}, of); err != nil || same != y {
			t.Fatalf("round %d: the same again made another index, %v", round, err)
		}
		x, all = y, next
	}
	if _, err := x.Replaced([]string{"no such list"}, all[:1]); err == nil {
		t.Error("an entity that stands on another list was taken in twice")
	}
}

// TestOnlyPartiesThatMeetNothingArePassedOver holds the short way to the long one
// over random changes: the same parties are asked again as when every party is
// searched for, whatever is left out of the collection or joined to it.
func TestOnlyPartiesThatMeetNothingArePassedOver(t *testing.T) {
	before := smallIndex(t)
	if x, err := corpusIndex(); err == nil && !testing.Short() {
		before = x
	}
	var es []Entity
	for e := range before.Entities {
		es = append(es, e)
	}
	r := rand.New(rand.NewPCG(7, 11))
	p := NewParties()
	for i, o := range backgroundNames() {
		if i%4 == 0 {
			if err := p.Add(fmt.Sprintf("ordinary:%d", i), Query{Name: o.name}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 1500 {
		e := es[r.IntN(len(es))]
		name := []rune(e.Names[r.IntN(len(e.Names))].Text)
		q := Query{Aliases: []string{"Zzyzx"}, Country: "XN"}
		switch at := r.IntN(len(name)); i % 6 {
		case 0: // spaces gone
			q.Name = strings.ReplaceAll(string(name), " ", "")
		case 1: // a space more
			q.Name = string(name[:at]) + " " + string(name[at:])
		case 2: // a letter less
			q.Name = string(name[:at]) + string(name[at+1:])
		case 3:
			q.Name, q.Aliases = "Somebody Else", []string{string(name)}
		case 4:
			q.Name, q.IDs = "Nobody", e.IDs
		default:
			q.Name = string(name)
		}
		if err := p.Add(fmt.Sprint("like:", i), q); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	for round := range 4 {
		var changed []Entity
		var removed []string
		for range 60 {
			e := es[r.IntN(len(es))]
			if slices.ContainsFunc(changed, func(c Entity) bool { return c.ID == e.ID }) {
				continue
			}
			e.Names = append(slices.Clone(e.Names), Name{Text: "Other " + e.Names[0].Text, Kind: Alias})
			changed = append(changed, e)
		}
		for range 20 {
			removed = append(removed, es[r.IntN(len(es))].ID)
		}
		after, err := before.With(changed, removed)
		if err != nil {
			t.Fatal(err)
		}
		short, err := p.Affected(context.Background(), before, after)
		if err != nil {
			t.Fatal(err)
		}
		long, err := p.affected(context.Background(), changes(before, after), func(int) bool { return true })
		if err != nil || !slices.Equal(short, long) {
			t.Errorf("round %d: %v, %v; want %v", round, short, err, long)
		}
		found += len(short)
		x, m := changes(before, after), 0
		meets := x.meeting(p)
		for i := range p.Len() {
			if meets.party(i) {
				m++
			}
		}
		t.Logf("%d of %d are searched for, %d are asked again", m, p.Len(), len(short))
		some := map[string]bool{}
		for i := range 400 {
			some[fmt.Sprint("like:", 3*i+round)] = true
		}
		less, more := p.Without(some), NewParties()
		for i := range p.Len() {
			if key, q := p.party(i); some[key] {
				if err := more.Add(key, q); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := less.Join(more); err != nil || less.Len() != p.Len() {
			t.Fatal(less.Len(), err)
		}
		p = less
	}
	if found == 0 {
		t.Error("no change touches any party, so nothing was tried")
	}
}
