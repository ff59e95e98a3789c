package store

import (
	"bytes"
	"encoding/json"
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
	if c.Name == "text" && table == "search" || c.Name == "end_user_search" || c.Name == "name_search" {
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

// ReadRows reads the stored rows of a stream in the shape of want: the same
// tables and columns. verify compares the two.
func (t *Tx) ReadRows(s event.Stream, shapes map[string][]string) ([]event.Row, error) {
	var out []event.Row
	for _, table := range slices.Sorted(maps.Keys(shapes)) {
		if err := known(table); err != nil {
			return nil, err
		}
		columns := shapes[table]
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = quoted(c)
		}
		err := t.each(`SELECT id, `+strings.Join(names, ", ")+` FROM `+table+` WHERE stream = $1 ORDER BY id`, []any{string(s)},
			func(scan func(...any) error) error {
				r := event.Row{Table: table}
				values := make([]any, len(columns))
				dest := []any{&r.ID}
				for i := range values {
					dest = append(dest, &values[i])
				}
				if err := scan(dest...); err != nil {
					return err
				}
				for i, v := range values {
					r.Columns = append(r.Columns, event.C(columns[i], v))
				}
				out = append(out, r)
				return nil
			})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SameRows compares recomputed rows with stored ones, whatever their order,
// and names the first difference; "" when there is none.
func SameRows(want, have []event.Row) string {
	index := make(map[string]event.Row, len(have))
	for _, r := range have {
		index[r.Table+"\x00"+r.ID] = r
	}
	for _, w := range want {
		h, ok := index[w.Table+"\x00"+w.ID]
		if !ok {
			return fmt.Sprintf("row %s of %s is missing", w.ID, w.Table)
		}
		delete(index, w.Table+"\x00"+w.ID)
		for i := range w.Columns {
			if i >= len(h.Columns) || !sameColumn(textual(folded(w.Table, w.Columns[i])), textual(h.Columns[i])) {
				return fmt.Sprintf("column %s of row %s of %s differs", w.Columns[i].Name, w.ID, w.Table)
			}
		}
	}
	for _, h := range have {
		if _, left := index[h.Table+"\x00"+h.ID]; left {
			return fmt.Sprintf("row %s of %s is not in the events", h.ID, h.Table)
		}
	}
	return ""
}

// textual makes the drivers' []byte and string comparable: which of the two a
// text column comes back as depends on the driver.
func textual(c event.Column) event.Column {
	if b, ok := c.Value.([]byte); ok {
		c.Value = string(b)
	}
	if s, ok := columnValue(c.Value).(string); ok {
		c.Value = s
	}
	return c
}

// Stream is a stored stream as verify and export read it.
type Stream struct {
	ID      event.Stream
	Version int64
	State   []byte
}

// Streams gives every stored stream after an id, by id.
func (t *Tx) Streams(after event.Stream) iter.Seq2[Stream, error] {
	const batch = 500
	return func(yield func(Stream, error) bool) {
		for {
			var page []Stream
			err := t.each(`SELECT id, version, state FROM stream WHERE id > $1 ORDER BY id LIMIT $2`, []any{string(after), int64(batch)},
				func(scan func(...any) error) error {
					var s Stream
					var id string
					if err := scan(&id, &s.Version, &s.State); err != nil {
						return err
					}
					s.ID = event.Stream(id)
					page = append(page, s)
					return nil
				})
			if err != nil {
				yield(Stream{}, err)
				return
			}
			for _, s := range page {
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
