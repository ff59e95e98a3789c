package store

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// A dump is every table as lines of JSON, in a form that both engines read: so
// a node moves from SQLite to PostgreSQL by backup and restore. The first line
// of a table names its columns; each further line is a row. Text is a string,
// a number a number, bytes are {"b": base64}.

// maxDumpLine bounds a line that LoadTable accepts.
const maxDumpLine = 64 << 20

// Dump writes a table's rows in this transaction's snapshot.
func (t *Tx) Dump(table string, w io.Writer) (rows int64, err error) {
	if !slices.Contains(Tables(), table) {
		return 0, fmt.Errorf("store: there is no table %q", table)
	}
	// The columns are whatever the schema of the day has: the one place where
	// all of them are meant. What the database makes by itself is left out.
	what := "*"
	if table == "search" {
		what = "n, id, stream, kind, org, compartment, title, text"
	}
	r, err := t.query(`SELECT ` + what + ` FROM ` + table)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	columns, err := r.Columns()
	if err != nil {
		return 0, err
	}
	types, err := r.ColumnTypes()
	if err != nil {
		return 0, err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(columns); err != nil {
		return 0, err
	}
	values := make([]any, len(columns))
	dest := make([]any, len(columns))
	for i := range values {
		dest[i] = &values[i]
	}
	for r.Next() {
		if err := r.Scan(dest...); err != nil {
			return rows, err
		}
		out := make([]any, len(values))
		for i, v := range values {
			out[i] = v
			if b, ok := v.([]byte); ok {
				out[i] = string(b)
				if isBytes(types[i].DatabaseTypeName()) {
					out[i] = map[string]string{"b": base64.StdEncoding.EncodeToString(b)}
				}
			}
		}
		if err := enc.Encode(out); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, r.Err()
}

func isBytes(databaseType string) bool {
	return strings.EqualFold(databaseType, "BLOB") || strings.EqualFold(databaseType, "BYTEA")
}

// LoadTable reads what Dump wrote into an empty table.
func (t *Tx) LoadTable(table string, r io.Reader) (rows int64, err error) {
	if !slices.Contains(Tables(), table) {
		return 0, fmt.Errorf("store: there is no table %q", table)
	}
	if table == "ledger_head" {
		if err := t.exec(`DELETE FROM ledger_head`); err != nil {
			return 0, err
		}
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<20), maxDumpLine)
	if !lines.Scan() {
		return 0, fmt.Errorf("store: the dump of %s has no first line: %w", table, orEOF(lines.Err()))
	}
	var columns []string
	if err := json.Unmarshal(lines.Bytes(), &columns); err != nil || len(columns) == 0 {
		return 0, fmt.Errorf("store: the dump of %s does not begin with its columns", table)
	}
	marks, names := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		if !column(c) {
			return 0, fmt.Errorf("store: the dump of %s names a column %q", table, c)
		}
		marks[i], names[i] = "$"+strconv.Itoa(i+1), quoted(c)
	}
	insert := `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) VALUES (` + strings.Join(marks, ", ") + `)`
	for lines.Scan() {
		args, err := dumped(lines.Bytes(), len(columns))
		if err != nil {
			return rows, fmt.Errorf("store: row %d of the dump of %s: %w", rows+1, table, err)
		}
		if err := t.exec(insert, args...); err != nil {
			return rows, err
		}
		rows++
	}
	if table == "ledger_head" && rows == 1 {
		// The writer writes the head back at the end: it must be the new one.
		h := Tx{ctx: t.ctx, conn: t.conn, db: t.db}
		if err := t.flush(); err != nil {
			return rows, err
		}
		if t.head, err = h.Head(); err != nil {
			return rows, err
		}
	}
	return rows, lines.Err()
}

func dumped(line []byte, n int) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return nil, err
	}
	if len(raw) != n {
		return nil, fmt.Errorf("it has %d values, want %d", len(raw), n)
	}
	args := make([]any, n)
	for i, v := range raw {
		switch {
		case string(v) == "null":
		case v[0] == '"':
			var s string
			if err := json.Unmarshal(v, &s); err != nil {
				return nil, err
			}
			args[i] = s
		case v[0] == '{':
			var b struct {
				B []byte `json:"b"`
			}
			if err := json.Unmarshal(v, &b); err != nil {
				return nil, err
			}
			if b.B == nil {
				b.B = []byte{}
			}
			args[i] = b.B
		default:
			x, err := strconv.ParseInt(string(v), 10, 64)
			if err != nil {
				return nil, err
			}
			args[i] = x
		}
	}
	return args, nil
}

func column(s string) bool {
	return s != "" && len(s) < 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

func orEOF(err error) error {
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}

// SchemaVersion is the number of the last migration applied.
func (db *DB) SchemaVersion(ctx context.Context) (int64, error) {
	p, err := db.provider()
	if err != nil {
		return 0, err
	}
	return p.GetDBVersion(ctx)
}

// MigrateTo brings an empty database to the version that a dump was made at.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	if _, err = p.UpTo(ctx, version); err != nil && !isNoMigrations(err) {
		return fmt.Errorf("store: migrate to %d: %w", version, err)
	}
	return nil
}

func isNoMigrations(err error) bool { return err == goose.ErrNoNextVersion }

// Empty tells whether the ledger has no entries.
func (t *Tx) Empty() (bool, error) {
	var one int64
	found, err := t.row(`SELECT 1 FROM ledger_event LIMIT 1`, nil, &one)
	return !found, err
}
