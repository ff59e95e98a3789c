package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/screening"
)

// Load reads the state of a stream; version 0 says that it has no events yet.
func (t *Tx) Load(s event.Stream, into event.State) (version int64, err error) {
	var body []byte
	var k sealKey
	var epoch *string
	// A command that changes a stream seals under its key more often than not:
	// the key comes along.
	query, dest := `SELECT version, state FROM stream WHERE id = $1`, []any{&version, &body}
	if t.write {
		query = `SELECT version, state, epoch, wrapped FROM stream LEFT JOIN seal_key ON seal_key.owner = stream.id WHERE stream.id = $1`
		dest = append(dest, &epoch, &k.wrapped)
	}
	found, err := t.row(query, []any{string(s)}, dest...)
	if err != nil || !found {
		return 0, err
	}
	if t.write {
		if epoch != nil {
			k.epoch = *epoch
		}
		if t.keys == nil {
			t.keys = map[event.Stream]sealKey{}
		}
		t.keys[s] = k
	}
	if err := json.Unmarshal(body, into); err != nil {
		return 0, fmt.Errorf("store: state of %s: %w", s, err)
	}
	return version, nil
}

// LoadMany reads the states of several streams in one statement, as Load does
// one: for pages. A stream that is not there has version 0.
func (t *Tx) LoadMany(into map[event.Stream]event.State) (map[event.Stream]int64, error) {
	var args []any
	for _, s := range slices.Sorted(maps.Keys(into)) {
		args = append(args, string(s))
	}
	places := make([]string, len(args))
	for i := range args {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	versions := map[event.Stream]int64{}
	err := t.each(`SELECT id, version, state FROM stream WHERE id IN (`+strings.Join(places, ", ")+`)`, args, func(scan func(...any) error) error {
		var id event.Stream
		var version int64
		var body []byte
		if err := scan(&id, &version, &body); err != nil {
			return err
		}
		versions[id] = version
		if err := json.Unmarshal(body, into[id]); err != nil {
			return fmt.Errorf("store: state of %s: %w", id, err)
		}
		return nil
	})
	return versions, err
}

// LoadEach reads the states of several streams in one statement, each into what
// into gives for it. A stream that is not there is left out.
func (t *Tx) LoadEach(streams []event.Stream, into func(event.Stream) event.State) error {
	if len(streams) == 0 {
		return nil
	}
	args, marks := make([]any, len(streams)), make([]string, len(streams))
	for i, s := range streams {
		args[i], marks[i] = string(s), "$"+strconv.Itoa(i+1)
	}
	return t.each(`SELECT id, state FROM stream WHERE id IN (`+strings.Join(marks, ", ")+`) ORDER BY id`, args, func(scan func(...any) error) error {
		var id string
		var body []byte
		if err := scan(&id, &body); err != nil {
			return err
		}
		return json.Unmarshal(body, into(event.Stream(id)))
	})
}

// Save writes a stream's state and what changed in its rows. version is the
// stream's version after the events; before are the rows as they were.
func (t *Tx) Save(s event.Stream, version int64, state event.State, before []event.Row) error {
	body, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("store: encode state of %s: %w", s, err)
	}
	if err := t.exec(`INSERT INTO stream (id, kind, version, state) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state`,
		string(s), s.Kind(), version, body); err != nil {
		return fmt.Errorf("store: save %s: %w", s, err)
	}
	return t.saveRows(s, before, state.Rows())
}

// saveRows writes the difference between two sets of rows: a case of 100 lines
// in which one hit was resolved costs one row, not 160.
func (t *Tx) saveRows(s event.Stream, before, after []event.Row) error {
	old := make(map[string]event.Row, len(before))
	for _, r := range before {
		old[r.Table+"\x00"+r.ID] = r
	}
	// Rows that go come first: what replaces them may carry the same unique value.
	kept := make(map[string]bool, len(after))
	for _, r := range after {
		kept[r.Table+"\x00"+r.ID] = true
	}
	for _, r := range before {
		if kept[r.Table+"\x00"+r.ID] {
			continue
		}
		if err := known(r.Table); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM `+r.Table+` WHERE id = $1 AND stream = $2`, r.ID, string(s)); err != nil {
			return err
		}
	}
	for _, r := range after {
		was, there := old[r.Table+"\x00"+r.ID]
		if there && slices.EqualFunc(was.Columns, r.Columns, sameColumn) {
			continue
		}
		if err := t.putRow(s, r, len(before) == 0); err != nil {
			return err
		}
	}
	return nil
}

// putRow writes a row; fresh says that its stream had none, so that there is
// nothing to replace.
func (t *Tx) putRow(s event.Stream, r event.Row, fresh bool) error {
	if err := known(r.Table); err != nil {
		return err
	}
	var names, marks, sets strings.Builder
	args := make([]any, 0, len(r.Columns)+2)
	args = append(args, r.ID, string(s))
	names.WriteString("id, stream")
	marks.WriteString("$1, $2")
	for i, c := range r.Columns {
		names.WriteString(", " + quoted(c.Name))
		marks.WriteString(", $" + strconv.Itoa(i+3))
		if i > 0 {
			sets.WriteString(", ")
		}
		sets.WriteString(quoted(c.Name) + " = excluded." + quoted(c.Name))
		args = append(args, columnValue(folded(r.Table, c).Value))
	}
	if r.Table == "search" {
		// What a search finds comes in the order in which it came into the
		// ledger, whoever writes the row and when: a refold goes by ids.
		names.WriteString(", n")
		marks.WriteString(", (SELECT seq FROM ledger_event WHERE stream = $2 AND version = 1)")
	}
	insert := `INSERT INTO ` + r.Table + ` (` + names.String() + `) VALUES (` + marks.String() + `)`
	if !fresh {
		insert += ` ON CONFLICT (id) DO UPDATE SET ` + sets.String()
	}
	return t.exec(insert, args...)
}

// quoted makes a column's name safe where it is also a word of SQL.
func quoted(column string) string { return `"` + column + `"` }

// folded gives a column as it is stored: texts for searching are folded as the
// screening engine folds names, so that one spelling finds another.
func folded(table string, c event.Column) event.Column {
	if c.Name == "text" && table == "search" || c.Name == "name_search" {
		if s, ok := c.Value.(string); ok {
			c.Value = strings.Join(screening.Fold(s), " ")
		}
	}
	return c
}

func columnValue(v any) any {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UnixMicro()
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int:
		return int64(v)
	}
	return v
}

func sameColumn(a, b event.Column) bool {
	if a.Name != b.Name {
		return false
	}
	x, y := columnValue(a.Value), columnValue(b.Value)
	if bx, ok := x.([]byte); ok {
		by, ok := y.([]byte)
		return ok && bytes.Equal(bx, by)
	}
	return x == y
}

// StreamRows are the rows of one stream.
type StreamRows struct {
	Stream event.Stream
	Rows   []event.Row
}

// CompareRows holds rows that were computed anew against all that are stored of
// the streams after one and up to another, in the order of Streams; "" means from
// the beginning or to the end. It names the first difference, or says "": also a row of a
// stream that is not among those wanted is one.
func (t *Tx) CompareRows(after, to event.Stream, want []StreamRows) (diff string, err error) {
	tables := map[string][]StreamRows{} // the rows wanted of each, still without their match
	for _, w := range want {
		for _, r := range w.Rows {
			if err := known(r.Table); err != nil {
				return "", err
			}
			of := tables[r.Table]
			if n := len(of); n == 0 || of[n-1].Stream != w.Stream {
				of = append(of, StreamRows{Stream: w.Stream})
			}
			last := &of[len(of)-1]
			last.Rows = append(last.Rows, r)
			tables[r.Table] = of
		}
	}
	for _, table := range foldedTables {
		if diff, err = t.compareTable(table, after, to, tables[table]); diff != "" || err != nil {
			return diff, err
		}
	}
	return "", nil
}

// compareTable is CompareRows for one table.
func (t *Tx) compareTable(table string, after, to event.Stream, want []StreamRows) (diff string, err error) {
	type wanted struct {
		stream event.Stream
		row    event.Row
	}
	left := map[string]wanted{}
	var columns []event.Column
	for _, w := range want {
		for _, r := range w.Rows {
			left[r.ID], columns = wanted{w.Stream, r}, r.Columns
		}
	}
	var names strings.Builder
	names.WriteString("id, stream")
	for _, c := range columns {
		names.WriteString(", " + quoted(c.Name))
	}
	query, args := `SELECT `+names.String()+` FROM `+table, []any{}
	switch {
	case after != "" && to != "":
		query, args = query+` WHERE stream > $1 AND stream <= $2`, []any{string(after), string(to)}
	case after != "":
		query, args = query+` WHERE stream > $1`, []any{string(after)}
	case to != "":
		query, args = query+` WHERE stream <= $1`, []any{string(to)}
	}
	var id, stream string
	values := make([]any, len(columns))
	dest := []any{&id, &stream}
	for i := range values {
		dest = append(dest, &values[i])
	}
	err = t.each(query, args, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		w, ok := left[id]
		if !ok || w.stream != event.Stream(stream) {
			diff = fmt.Sprintf("%s: row %s of %s is not in the events", stream, id, table)
			return errDiffers
		}
		delete(left, id)
		if len(w.row.Columns) != len(columns) {
			return fmt.Errorf("store: rows of %s have unlike columns", table)
		}
		for i, c := range w.row.Columns {
			if c.Name != columns[i].Name {
				return fmt.Errorf("store: rows of %s have unlike columns", table)
			}
			if !sameStored(columnValue(folded(table, c).Value), values[i]) {
				diff = fmt.Sprintf("%s: column %s of row %s of %s differs", stream, c.Name, id, table)
				return errDiffers
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDiffers) {
		return "", fmt.Errorf("store: compare %s: %w", table, err)
	}
	if diff == "" {
		for _, id := range slices.Sorted(maps.Keys(left)) {
			return fmt.Sprintf("%s: row %s of %s is missing", left[id].stream, id, table), nil
		}
	}
	return diff, nil
}

var errDiffers = errors.New("store: a row differs")

// sameStored tells whether a column holds a value. Which of []byte and string a
// text column comes back as depends on the driver.
func sameStored(want, stored any) bool {
	switch w := want.(type) {
	case string:
		switch s := stored.(type) {
		case string:
			return s == w
		case []byte:
			return string(s) == w
		}
		return false
	case []byte:
		switch s := stored.(type) {
		case string:
			return s == string(w)
		case []byte:
			return bytes.Equal(s, w)
		}
		return false
	}
	return want == stored
}

// Stream is a stored stream as verify reads it. Its state is good until the next.
type Stream struct {
	ID      event.Stream
	Version int64
	State   []byte
}

// Streams gives every stored stream after an id, by id.
func (t *Tx) Streams(after event.Stream) iter.Seq2[Stream, error] {
	const batch = 500
	return func(yield func(Stream, error) bool) {
		var page []Stream
		var states []byte // of the page, one after another
		var ends []int
		for {
			page, states, ends = page[:0], states[:0], ends[:0]
			err := t.each(`SELECT id, version, state FROM stream WHERE id > $1 ORDER BY id LIMIT $2`, []any{string(after), int64(batch)},
				func(scan func(...any) error) error {
					var s Stream
					var id string
					var state sql.RawBytes
					if err := scan(&id, &s.Version, &state); err != nil {
						return err
					}
					s.ID = event.Stream(id)
					page, states = append(page, s), append(states, state...)
					ends = append(ends, len(states))
					return nil
				})
			if err != nil {
				yield(Stream{}, err)
				return
			}
			from := 0
			for i, s := range page {
				s.State, from = states[from:ends[i]], ends[i]
				after = s.ID
				if !yield(s, nil) {
					return
				}
			}
			if len(page) < batch {
				return
			}
		}
	}
}

// CountStreams counts the streams of a kind. It reads them all.
func (t *Tx) CountStreams(kind string) (n int64, err error) {
	_, err = t.row(`SELECT count(*) FROM stream WHERE kind = $1`, []any{kind}, &n)
	return n, err
}

// ClearRows empties every table that is recomputed from events, and the
// streams' states: the first step of a refold.
func (t *Tx) ClearRows() error {
	for _, table := range append(slices.Clone(foldedTables), "stream") {
		if err := t.exec(`DELETE FROM ` + table); err != nil {
			return fmt.Errorf("store: clear %s: %w", table, err)
		}
	}
	return nil
}
