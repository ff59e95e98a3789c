package taxii_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/taxii"
	"github.com/comity-project/comity/statement/stix"
)

const (
	shelf   = "91a7b528-80eb-42ed-a74d-c6fbd5a26116" // read and write
	letters = "52892447-4d7e-4f70-b94d-d7f22742ff63" // read alone
	slot    = "64993447-4d7e-4f70-b94d-d7f33742ee63" // write alone
	secret  = "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4" // another account's
)

// library holds everything in memory, for tests of the protocol.
type library struct {
	sync.Mutex
	seq      int64
	now      time.Time
	records  map[string][]taxii.Record
	statuses map[string]taxii.Status
	owner    map[string]string // who added an object's versions
	broken   error
}

func newLibrary() *library {
	return &library{now: begin, records: map[string][]taxii.Record{}, statuses: map[string]taxii.Status{}, owner: map[string]string{}}
}

func (l *library) Roots(_ context.Context, who string) ([]string, error) {
	if who == "guest" {
		return nil, l.broken
	}
	return []string{"field", "community"}, l.broken
}

func (l *library) Root(_ context.Context, _, root string) (taxii.Root, error) {
	if root != "field" && root != "community" {
		return taxii.Root{}, taxii.ErrNotFound
	}
	return taxii.Root{Title: "The field"}, l.broken
}

func (l *library) Collections(_ context.Context, who, root string) ([]taxii.Collection, error) {
	switch {
	case l.broken != nil:
		return nil, l.broken
	case root == "community":
		return nil, nil
	case root != "field":
		return nil, taxii.ErrNotFound
	case who == "other":
		return []taxii.Collection{{ID: secret, Title: "Secret", CanRead: true}}, nil
	}
	return []taxii.Collection{
		{ID: shelf, Title: "Shelf", Alias: "shelf", CanRead: true, CanWrite: true},
		{ID: letters, Title: "Letters", CanRead: true},
		{ID: slot, Title: "Slot", CanWrite: true},
	}, nil
}

func (l *library) Page(_ context.Context, collection string, f taxii.Filter, after int64, limit int) ([]taxii.Record, bool, error) {
	l.Lock()
	defer l.Unlock()
	all := l.records[collection]
	from, _ := slices.BinarySearchFunc(all, after+1, func(r taxii.Record, seq int64) int { return int(r.Seq - seq) })
	var page []taxii.Record
	for i := from; i < len(all); i++ {
		if f.Wants(&all[i]) {
			if len(page) == limit {
				return page, true, nil
			}
			page = append(page, all[i])
		}
	}
	return page, false, l.broken
}

func (l *library) Add(_ context.Context, who, root, collection string, objects []stix.Object, status func([]taxii.Outcome) taxii.Status) error {
	l.Lock()
	defer l.Unlock()
	var outcomes []taxii.Outcome
	for i := range objects {
		outcomes = append(outcomes, l.addOne(who, collection, &objects[i]))
	}
	made := status(outcomes)
	l.statuses[strings.Join([]string{who, root, made.ID}, "/")] = made
	return l.broken
}

func (l *library) addOne(who, collection string, o *stix.Object) taxii.Outcome {
	if f := stix.Check(o); !stix.Valid(f) {
		return taxii.Outcome{Refused: f[0].String()}
	}
	version := taxii.VersionOf(o, l.now)
	key := collection + o.ID()
	if by, ok := l.owner[key]; ok && by != who {
		return taxii.Outcome{Refused: "only its originator revises an object"}
	}
	all := l.records[collection]
	first, last := -1, -1
	for i := range all {
		if all[i].ID != o.ID() {
			continue
		}
		if all[i].Version.Equal(version) {
			if bytes.Equal(all[i].Raw, o.Raw) {
				return taxii.Outcome{Message: "it was here already", Version: version}
			}
			return taxii.Outcome{Refused: "this version is here with other content"}
		}
		if all[i].First {
			first = i
		}
		if all[i].Last {
			last = i
		}
	}
	l.seq++
	r := taxii.Record{Seq: l.seq, ID: o.ID(), Version: version, Added: l.now, Raw: bytes.Clone(o.Raw)}
	if r.First = first < 0 || version.Before(all[first].Version); r.First && first >= 0 {
		all[first].First = false
	}
	if r.Last = last < 0 || version.After(all[last].Version); r.Last && last >= 0 {
		all[last].Last = false
	}
	l.records[collection] = append(all, r)
	l.owner[key] = who
	return taxii.Outcome{Version: version}
}

func (l *library) Delete(_ context.Context, who, collection, id string, f taxii.Filter) (int, error) {
	l.Lock()
	defer l.Unlock()
	if by, ok := l.owner[collection+id]; ok && by != who {
		return 0, taxii.Refuse("only its originator deletes an object")
	}
	before := len(l.records[collection])
	l.records[collection] = slices.DeleteFunc(l.records[collection], func(r taxii.Record) bool { return f.Wants(&r) })
	// What is left has a first and a last version again.
	first, last := -1, -1
	all := l.records[collection]
	for i := range all {
		if all[i].ID != id {
			continue
		}
		all[i].First, all[i].Last = false, false
		if first < 0 || all[i].Version.Before(all[first].Version) {
			first = i
		}
		if last < 0 || all[i].Version.After(all[last].Version) {
			last = i
		}
	}
	if first >= 0 {
		all[first].First, all[last].Last = true, true
	}
	return before - len(all), l.broken
}

func (l *library) Status(_ context.Context, who, root, id string) (taxii.Status, error) {
	l.Lock()
	defer l.Unlock()
	s, ok := l.statuses[strings.Join([]string{who, root, id}, "/")]
	if !ok {
		return s, taxii.ErrNotFound
	}
	return s, l.broken
}

// indicator is an object by number and version.
func indicator(n, version int) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-%02dT00:00:00.000Z","pattern":"[domain-name:value = 'a%d.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`, n, version, n)
}

func idOf(n int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", n) }

func envelope(objects ...string) string { return `{"objects":[` + strings.Join(objects, ",") + `]}` }
