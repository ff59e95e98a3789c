package store

import "time"

// ScreenFile is a file of parties that somebody has screened.
type ScreenFile struct {
	ID, Account, Name, Format string
	Purpose, About            string
	Object, Result            string // ids of documents; Result is "" until it is there
	State                     string
	Total, Done               int64 // rows
	WithHits, Problems        int64
	Searched                  string // the lists searched, as JSON
	Created                   time.Time
}

const screenFileColumns = `id, account, name, format, purpose, about, object, result, state, total, done, with_hits, problems, searched, created`

// PutScreenFile writes a file's row, in the place of an earlier one.
func (t *Tx) PutScreenFile(f ScreenFile) error {
	return t.exec(`INSERT INTO screen_file (`+screenFileColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (id) DO UPDATE SET result = excluded.result, state = excluded.state, done = excluded.done, with_hits = excluded.with_hits,
		problems = excluded.problems, searched = excluded.searched`,
		f.ID, f.Account, f.Name, f.Format, f.Purpose, f.About, f.Object, f.Result, f.State, f.Total, f.Done, f.WithHits, f.Problems, f.Searched, f.Created.UnixMicro())
}

func (t *Tx) screenFiles(where string, args ...any) (out []ScreenFile, err error) {
	err = t.each(`SELECT `+screenFileColumns+` FROM screen_file WHERE `+where, args, func(scan func(...any) error) error {
		var f ScreenFile
		var created int64
		err := scan(&f.ID, &f.Account, &f.Name, &f.Format, &f.Purpose, &f.About, &f.Object, &f.Result, &f.State, &f.Total, &f.Done, &f.WithHits, &f.Problems, &f.Searched, &created)
		f.Created = time.UnixMicro(created).UTC()
		out = append(out, f)
		return err
	})
	return out, err
}

// ScreenFile reads a file's row.
func (t *Tx) ScreenFile(id string) (f ScreenFile, found bool, err error) {
	all, err := t.screenFiles(`id = $1`, id)
	if err != nil || len(all) == 0 {
		return f, false, err
	}
	return all[0], true, nil
}

// ScreenFiles gives an account's files before one ("" for all), the latest first.
func (t *Tx) ScreenFiles(account, before string, limit int) ([]ScreenFile, error) {
	return t.screenFiles(`account = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, account, before, int64(limit))
}

// ScreenFilesWaiting counts an account's files that are not done.
func (t *Tx) ScreenFilesWaiting(account, done string) (n int64, err error) {
	_, err = t.row(`SELECT COUNT(*) FROM screen_file WHERE account = $1 AND state <> $2`, []any{account, done}, &n)
	return n, err
}

// OldScreenFiles gives files that were sent before a time.
func (t *Tx) OldScreenFiles(before time.Time, limit int) ([]ScreenFile, error) {
	return t.screenFiles(`created < $1 ORDER BY created, id LIMIT $2`, before.UnixMicro(), int64(limit))
}

// DropScreenFile forgets a file and destroys its documents.
func (t *Tx) DropScreenFile(f ScreenFile) error {
	for _, id := range []string{f.Object, f.Result} {
		if err := t.DestroyObject(id); err != nil {
			return err
		}
	}
	return t.exec(`DELETE FROM screen_file WHERE id = $1`, f.ID)
}
