package store

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// ImportState is where an object of a collection stands.
type ImportState int64

// The states of objects.
const (
	ImportLive    ImportState = 0
	ImportHeld    ImportState = 1 // not valid: shown with the reason, given to nobody
	ImportWaiting ImportState = 2 // about an object that is held
	ImportRemoved ImportState = 3 // its content is gone, its commitment is kept
)

// ImportObject is one version of an object in a collection.
type ImportObject struct {
	Seq         int64 // where it lies; see ImportPlace
	Import, N   int64 // which import brought it, and its place in that
	Object      string
	Kind        string
	Version     time.Time
	Added       time.Time
	State       ImportState
	First, Last bool // the object's first or last version in the collection
	Why         string
	Sealed      []byte // the object under the key of its import; the commitment where it was removed
}

// ImportPlace is the number before the first object of a collection; the next
// collection's begin after ImportPlace of its number.
func ImportPlace(collection int64) int64 { return collection << 40 }

// importKey is what an object is found by: a small number in place of a long text.
func importKey(object string) int64 {
	sum := sha256.Sum256([]byte(object))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

const importColumns = `seq, import, n, key, object, kind, version, added, state, first, last, why, sealed`

// importsAtOnce is how many objects one statement writes.
const importsAtOnce = 50

// importInserts are the texts for one to importsAtOnce objects.
var importInserts = inserts("import_object", importColumns, importsAtOnce, every)

// LastImported is the place of the last object of a collection.
func (t *Tx) LastImported(collection int64) (seq int64, err error) {
	place := ImportPlace(collection)
	_, err = t.row(`SELECT COALESCE(MAX(seq), $1) FROM import_object WHERE seq > $1 AND seq <= $2`, []any{place, ImportPlace(collection + 1)}, &seq)
	return seq, err
}

// PutImportObjects writes objects.
func (t *Tx) PutImportObjects(all []ImportObject) error {
	for len(all) > 0 {
		some := all[:min(len(all), importsAtOnce)]
		all = all[len(some):]
		args := make([]any, 0, 13*len(some))
		for _, o := range some {
			args = append(args, o.Seq, o.Import, o.N, importKey(o.Object), o.Object, o.Kind, o.Version.UnixMicro(), o.Added.UnixMicro(),
				int64(o.State), columnValue(o.First), columnValue(o.Last), o.Why, o.Sealed)
		}
		if err := t.exec(importInserts[len(some)], args...); err != nil {
			return err
		}
	}
	return nil
}

// PutImportMark notes whom an object names.
func (t *Tx) PutImportMark(mark string, seq int64) error {
	return t.exec(`INSERT INTO import_mark (mark, seq) VALUES ($1, $2)`, mark, seq)
}

func (t *Tx) importObjects(where string, args ...any) (out []ImportObject, err error) {
	err = t.each(`SELECT seq, import, n, object, kind, version, added, state, first, last, why, sealed FROM import_object WHERE `+where, args, func(scan func(...any) error) error {
		var o ImportObject
		var version, added, state, first, last int64
		err := scan(&o.Seq, &o.Import, &o.N, &o.Object, &o.Kind, &version, &added, &state, &first, &last, &o.Why, &o.Sealed)
		o.Version, o.Added, o.State, o.First, o.Last = time.UnixMicro(version).UTC(), time.UnixMicro(added).UTC(), ImportState(state), first == 1, last == 1
		out = append(out, o)
		return err
	})
	return out, err
}

// MarkedObject is an object that names somebody, with the import that brought it.
type MarkedObject struct {
	Object, Kind                       string
	Added                              time.Time
	Sealed                             []byte
	Import, Source, Licence, Admiralty string
}

// ImportsMarked gives objects of all collections about a name or number, by its
// keyed hash, in their last versions, the latest that came first.
func (t *Tx) ImportsMarked(hashes []string, limit int) (out []MarkedObject, err error) {
	var args []any
	err = t.each(`SELECT import_object.object, import_object.kind, import_object.added, import_object.sealed, import_row.id, import_row.source, import_row.licence, import_row.admiralty
		FROM import_object JOIN import_row ON import_row.number = import_object.import
		WHERE import_object.state = 0 AND import_object.last = 1 AND import_object.seq IN (SELECT seq FROM import_mark WHERE mark IN (`+marks(&args, hashes)+`))
		ORDER BY import_object.added DESC, import_object.seq DESC LIMIT `+strconv.Itoa(limit), args, func(scan func(...any) error) error {
		var o MarkedObject
		var added int64
		err := scan(&o.Object, &o.Kind, &added, &o.Sealed, &o.Import, &o.Source, &o.Licence, &o.Admiralty)
		o.Added = time.UnixMicro(added).UTC()
		out = append(out, o)
		return err
	})
	return out, err
}

// numbers writes numbers into a statement; they are ours.
func numbers(all []int64) string {
	texts := make([]string, len(all))
	for i, n := range all {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ", ")
}

// objectsAtOnce bounds the ids of one question.
const objectsAtOnce = 250

// ImportVersions gives the versions of objects that a collection holds, those
// held aside too, by object.
func (t *Tx) ImportVersions(collection int64, objects []string) (map[string][]ImportObject, error) {
	out := map[string][]ImportObject{}
	for len(objects) > 0 {
		some := objects[:min(len(objects), objectsAtOnce)]
		objects = objects[len(some):]
		wanted := map[string]bool{}
		args := []any{ImportPlace(collection), ImportPlace(collection + 1)}
		places := make([]string, len(some))
		for i, o := range some {
			wanted[o] = true
			args = append(args, importKey(o))
			places[i] = "$" + strconv.Itoa(len(args))
		}
		rows, err := t.importObjects(`key IN (`+strings.Join(places, ", ")+`) AND seq > $1 AND seq <= $2 AND state < 3`, args...)
		if err != nil {
			return nil, err
		}
		for _, o := range rows {
			if wanted[o.Object] {
				out[o.Object] = append(out[o.Object], o)
			}
		}
	}
	return out, nil
}

// SetImportEnds says whether a version is its object's first or last.
func (t *Tx) SetImportEnds(seq int64, first, last bool) error {
	return t.exec(`UPDATE import_object SET first = $2, last = $3 WHERE seq = $1`, seq, columnValue(first), columnValue(last))
}

// RemoveImportObject removes a version's content; its commitment stays.
func (t *Tx) RemoveImportObject(seq int64, commitment []byte) error {
	if err := t.exec(`DELETE FROM import_mark WHERE seq = $1`, seq); err != nil {
		return err
	}
	return t.exec(`UPDATE import_object SET state = 3, first = 0, last = 0, why = '', object = '', kind = '', key = 0, sealed = $2 WHERE seq = $1`, seq, commitment)
}

// ImportPage says which objects of a collection are wanted, in order.
type ImportPage struct {
	Collection  int64
	Begin       int64     // after this place; 0 for the beginning
	After       time.Time // added after
	Objects     []string
	Kinds       []string
	First, Last bool // the first, the last version of each object
	All         bool
	Exact       []time.Time
	Limit       int
	Heads       bool // ids and times, without the objects; else Seq, Import, Added and Sealed alone
}

// ListImported reads a page.
func (t *Tx) ListImported(p ImportPage) ([]ImportObject, error) {
	begin, end := max(p.Begin, ImportPlace(p.Collection)), ImportPlace(p.Collection+1)
	if !p.After.IsZero() {
		from, err := t.addedAfter(begin, end, p.After)
		if err != nil {
			return nil, err
		}
		begin = max(begin, from-1)
	}
	args := []any{begin, end}
	where := `seq > $1 AND seq <= $2 AND state = 0`
	if len(p.Objects) > 0 {
		places := make([]string, len(p.Objects))
		for i, o := range p.Objects {
			args = append(args, importKey(o))
			places[i] = "$" + strconv.Itoa(len(args))
		}
		where += ` AND key IN (` + strings.Join(places, ", ") + `) AND object IN (` + marks(&args, p.Objects) + `)`
	}
	if len(p.Kinds) > 0 {
		where += ` AND kind IN (` + marks(&args, p.Kinds) + `)`
	}
	if !p.All {
		var any []string
		if p.First {
			any = append(any, `first = 1`)
		}
		if p.Last {
			any = append(any, `last = 1`)
		}
		if len(p.Exact) > 0 {
			times := make([]int64, len(p.Exact))
			for i, x := range p.Exact {
				times[i] = x.UnixMicro()
			}
			any = append(any, `version IN (`+numbers(times)+`)`)
		}
		if len(any) == 0 {
			any = []string{`last = 1`}
		}
		where += ` AND (` + strings.Join(any, ` OR `) + `)`
	}
	return t.importPage(p.Heads, where+` ORDER BY seq LIMIT `+strconv.Itoa(p.Limit), args)
}

// importPage reads the few columns that a page is made of: each costs as much as
// a row's step.
func (t *Tx) importPage(heads bool, where string, args []any) (out []ImportObject, err error) {
	columns := `seq, added, import, sealed`
	if heads {
		columns = `seq, added, object, version`
	}
	err = t.each(`SELECT `+columns+` FROM import_object WHERE `+where, args, func(scan func(...any) error) (err error) {
		var o ImportObject
		var added, version int64
		if heads {
			err = scan(&o.Seq, &added, &o.Object, &version)
			o.Version = time.UnixMicro(version).UTC()
		} else {
			err = scan(&o.Seq, &added, &o.Import, &o.Sealed)
		}
		o.Added = time.UnixMicro(added).UTC()
		out = append(out, o)
		return err
	})
	return out, err
}

// addedAfter finds the first place whose object was added after a time: places
// are given in the order of time.
func (t *Tx) addedAfter(begin, end int64, after time.Time) (int64, error) {
	var last int64
	if found, err := t.row(`SELECT COALESCE(MAX(seq), 0) FROM import_object WHERE seq > $1 AND seq <= $2`, []any{begin, end}, &last); err != nil || !found || last == 0 {
		return end, err
	}
	low, high := begin+1, last+1
	for low < high {
		middle := low + (high-low)/2
		var added int64
		if _, err := t.row(`SELECT added FROM import_object WHERE seq >= $1 ORDER BY seq LIMIT 1`, []any{middle}, &added); err != nil {
			return 0, err
		}
		if added > after.UnixMicro() {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low, nil
}

// ImportedBy gives objects of an import after a place in it, in order; aside asks
// for those alone that are held or wait.
func (t *Tx) ImportedBy(number, after int64, aside bool, limit int) ([]ImportObject, error) {
	where := `import = $1 AND n > $2`
	if aside {
		where += ` AND state IN (1, 2)`
	}
	return t.importObjects(where+` ORDER BY n LIMIT `+strconv.Itoa(limit), number, after)
}

// CollectionRow is a collection as lists show it.
type CollectionRow struct {
	ID, Title, About string
	Number           int64
	Closed           bool
}

// Collections gives all, or those that an account may use where one is given, by
// their numbers.
func (t *Tx) Collections(account string) (out []CollectionRow, err error) {
	err = t.each(`SELECT id, title, about, number, closed FROM collection_row WHERE $1 = '' OR closed = 0 AND id IN (SELECT collection FROM collection_account WHERE account = $1) ORDER BY number`,
		[]any{account}, func(scan func(...any) error) error {
			var c CollectionRow
			var closed int64
			err := scan(&c.ID, &c.Title, &c.About, &c.Number, &closed)
			c.Closed = closed == 1
			out = append(out, c)
			return err
		})
	return out, err
}

// ImportRow is an import as lists show it.
type ImportRow struct {
	ID, Collection, Way, Owner, Source, Licence, Admiralty, Name, Document string
	Number, Total, Count, Held, Removed                                    int64
	Last                                                                   time.Time
}

func (t *Tx) importRows(where string, args ...any) (out []ImportRow, err error) {
	err = t.each(`SELECT id, collection, way, owner, source, licence, admiralty, name, document, number, total, count, held, removed, last FROM import_row WHERE `+where, args, func(scan func(...any) error) error {
		var r ImportRow
		var last int64
		err := scan(&r.ID, &r.Collection, &r.Way, &r.Owner, &r.Source, &r.Licence, &r.Admiralty, &r.Name, &r.Document, &r.Number, &r.Total, &r.Count, &r.Held, &r.Removed, &last)
		r.Last = time.UnixMicro(last).UTC()
		out = append(out, r)
		return err
	})
	return out, err
}

// ImportsNumbered gives imports by their numbers.
func (t *Tx) ImportsNumbered(all []int64) (map[int64]ImportRow, error) {
	out := map[int64]ImportRow{}
	if len(all) == 0 {
		return out, nil
	}
	rows, err := t.importRows(`number IN (` + numbers(all) + `)`)
	for _, r := range rows {
		out[r.Number] = r
	}
	return out, err
}

// ListImports reads a page of a collection's imports, or of all where none is
// given, the latest first.
func (t *Tx) ListImports(collection string, before int64, limit int) ([]ImportRow, error) {
	return t.importRows(`($1 = '' OR collection = $1) AND ($2 = 0 OR number < $2) ORDER BY number DESC LIMIT `+strconv.Itoa(limit), collection, before)
}

// PutImportStatus keeps what became of a request.
func (t *Tx) PutImportStatus(id, account string, body []byte) error {
	return t.exec(`INSERT INTO import_status (id, account, body, at) VALUES ($1, $2, $3, $4)`, id, account, string(body), t.now.UnixMicro())
}

// ImportStatus reads it for the account that made the request.
func (t *Tx) ImportStatus(id, account string) (body []byte, found bool, err error) {
	found, err = t.row(`SELECT body FROM import_status WHERE id = $1 AND account = $2`, []any{id, account}, &body)
	return body, found, err
}

// ForgetImportStatus forgets those from before a time.
func (t *Tx) ForgetImportStatus(before time.Time) error {
	return t.exec(`DELETE FROM import_status WHERE at < $1`, before.UnixMicro())
}
