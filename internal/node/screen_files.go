package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/node/queryfile"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/screening"
)

// jobScreenFile screens a file of parties.
const jobScreenFile = "screen.file"

// MaxScreenFile bounds a file of parties that is sent, in bytes.
const MaxScreenFile = 16_000_000

// States of a file.
const (
	FileWaiting = "waiting"
	FileRunning = "running"
	FileDone    = "done"
)

// KeepScreenFile is how long a file and its results are kept.
const KeepScreenFile = 30 * 24 * time.Hour

// maxFilesWaiting bounds what one account has under way at once.
const maxFilesWaiting = 5

// SentFile is a file of parties as it was sent.
type SentFile struct {
	Name    string // as typed: its ending says what it is
	Bytes   []byte
	Purpose Purpose
	About   string // reference of a case or licence, or the duty
}

// ScreenFile is a file of parties that somebody has screened.
type ScreenFile struct {
	store.ScreenFile
	Lists       []string // titles of the lists searched, once it is done
	NotSearched []string // titles of those that ought to have been
	Until       time.Time
}

// fileSearched is what was searched, as the row keeps it.
type fileSearched struct {
	Lists       []string `json:"lists"`
	NotSearched []string `json:"not_searched,omitempty"`
}

type screenFileJob struct {
	File string `json:"file"`
}

// SendScreenFile takes a file in and has its parties screened. Every row is read
// first: a file that cannot be read to its end is refused, and nothing of it is
// searched.
func (a *App) SendScreenFile(ctx context.Context, actor access.Actor, in SentFile) (id string, err error) {
	if err := a.CheckPurpose(ctx, actor, in.Purpose, in.About); err != nil {
		return "", err
	}
	format := queryfile.FormatOf(in.Name)
	if format == "" {
		return "", fault.New(fault.Invalid, "screen.invalid").Field("file", "screen.file.format")
	}
	if !party.Bounded(in.Name, party.MaxText) {
		return "", fault.New(fault.Invalid, "screen.invalid").Field("file", "node.document_title")
	}
	if len(in.Bytes) > MaxScreenFile {
		return "", fault.New(fault.TooLarge, "fault.too_large", "limit", int64(MaxScreenFile)).Field("file", "fault.too_large", "limit", int64(MaxScreenFile))
	}
	total, err := a.countRows(format, in.Bytes)
	if err != nil {
		return "", err
	}
	owner := event.StreamOf(account.KindAccount, actor.Account)
	object, err := a.objects.Put(ctx, vault.Upload{Owner: owner, Name: in.Name, Size: int64(len(in.Bytes))}, bytes.NewReader(in.Bytes))
	if err != nil {
		return "", err
	}
	if (format == queryfile.XLSX) != (object.MediaType == vault.XLSX) || object.MediaType != vault.XLSX && object.MediaType != vault.CSV && object.MediaType != vault.Text {
		return "", fault.New(fault.Invalid, "screen.invalid").Field("file", "screen.file.format")
	}
	f := store.ScreenFile{
		ID: NewID(), Account: actor.Account, Name: in.Name, Format: string(format), Purpose: string(in.Purpose), About: strings.TrimSpace(in.About),
		Object: object.ID, State: FileWaiting, Total: int64(total), Created: a.Now(),
	}
	err = a.db.Update(ctx, func(t *store.Tx) error {
		waiting, err := t.ScreenFilesWaiting(actor.Account, FileDone)
		if err != nil {
			return err
		}
		if waiting >= maxFilesWaiting {
			return fault.New(fault.TooMany, "screen.file.waiting").Field("file", "screen.file.waiting")
		}
		j, err := jobs.New(jobScreenFile, jobScreenFile+"/"+f.ID, screenFileJob{f.ID}, t.Now())
		if err != nil {
			return err
		}
		return errors.Join(t.PutObject(object), t.PutScreenFile(f), t.Enqueue(j))
	})
	return f.ID, fault.Wrap(err, "node: send a file to be screened")
}

// countRows reads a file to its end.
func (a *App) countRows(format queryfile.Format, b []byte) (n int, err error) {
	a.opening.Lock() // one workbook at a time: each may unpack to much
	defer a.opening.Unlock()
	in, err := queryfile.Open(format, bytes.NewReader(b), queryfile.DefaultLimits)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	for {
		_, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		n++
	}
	if n == 0 {
		return 0, fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.empty")
	}
	return n, nil
}

// screenFile screens a file. It may run again from the start: what was searched
// is recorded once, by the job's id.
func (a *App) screenFile(ctx context.Context, j jobs.Job) error {
	var job screenFileJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	var f store.ScreenFile
	var object store.Document
	var who account.State
	found := false
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if f, found, err = t.ScreenFile(job.File); err != nil || !found {
			return err
		}
		if object, _, err = t.Document(f.Object); err != nil {
			return err
		}
		_, err = t.Load(event.StreamOf(account.KindAccount, f.Account), &who)
		return err
	}); err != nil || !found || f.State == FileDone || len(object.Wrapped) == 0 {
		return err // dropped meanwhile, or done already
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return err
	}
	actor := who.Actor()
	result, sum, err := a.answerFile(ctx, e, actor, &f, object)
	if err != nil {
		return err
	}
	used := e.ScreenFor(screening.Query{}, 1, SeesAllLists(actor), MustLook)
	rec := used.record(actor, ScreenRequest{Purpose: Purpose(f.Purpose), About: f.About})
	rec.Queries, rec.WithHits, rec.Hits = sum.Rows-sum.Problems, sum.WithHits, 0
	if err := a.Do(ctx, actor, recordedScreening{func() ScreeningRecorded { return rec }}, Once(j.ID)); err != nil {
		return err
	}
	said := fileSearched{NotSearched: used.NotSearched}
	for _, l := range used.Searched {
		said.Lists = append(said.Lists, l.Title)
	}
	lists, err := json.Marshal(said)
	if err != nil {
		return err
	}
	f.State, f.Result, f.Searched = FileDone, result.ID, string(lists)
	f.Done, f.WithHits, f.Problems = f.Total, int64(sum.WithHits), int64(sum.Problems)
	return a.db.Update(ctx, func(t *store.Tx) error {
		if _, found, err := t.ScreenFile(f.ID); err != nil || !found {
			return err // dropped meanwhile; the sweep takes the result
		}
		return errors.Join(t.PutObject(result), t.PutScreenFile(f))
	})
}

// progressEvery is how often the row says how far a file is.
const progressEvery = time.Second

// answerFile writes the results to the vault, without holding them.
func (a *App) answerFile(ctx context.Context, e *Engines, actor access.Actor, f *store.ScreenFile, object store.Document) (vault.Object, queryfile.Summary, error) {
	var none vault.Object
	source, err := a.objects.Open(object.Object)
	if err != nil {
		return none, queryfile.Summary{}, fmt.Errorf("node: file of parties: %w", err)
	}
	defer source.Close()
	if f.Format == string(queryfile.XLSX) {
		a.opening.Lock()
		defer a.opening.Unlock()
	}
	in, err := queryfile.Open(queryfile.Format(f.Format), source, queryfile.DefaultLimits)
	if err != nil {
		return none, queryfile.Summary{}, jobs.Permanent(err)
	}
	defer in.Close()
	r, w := io.Pipe()
	type put struct {
		object vault.Object
		err    error
	}
	kept := make(chan put, 1)
	go func() {
		o, err := a.objects.Put(ctx, vault.Upload{Owner: object.Owner, Own: object.MediaType}, r)
		_ = r.CloseWithError(err)
		kept <- put{o, err}
	}()
	out, err := queryfile.Create(in, w)
	var sum queryfile.Summary
	if err == nil {
		all, told := SeesAllLists(actor), time.Now()
		sum, err = queryfile.Run(ctx, in, 0, func(q screening.Query) queryfile.Result { return e.ResultOf(q, all) }, out.Write, func(done int) {
			if time.Since(told) >= progressEvery {
				told = time.Now()
				f.State, f.Done = FileRunning, int64(done)
				_ = a.db.Update(ctx, func(t *store.Tx) error { return t.PutScreenFile(*f) }) // only said
			}
		})
		err = errors.Join(err, out.Close())
	}
	_ = w.CloseWithError(err) // nil ends the document
	p := <-kept
	return p.object, sum, errors.Join(err, p.err)
}

// ScreenFiles lists the actor's files before one, the latest first.
func (a *App) ScreenFiles(ctx context.Context, actor access.Actor, before string, limit int) (out []ScreenFile, err error) {
	if !access.Can(actor, access.ScreenRun, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.ScreenFiles(actor.Account, before, limit)
		for _, r := range rows {
			out = append(out, fileOf(r))
		}
		return err
	})
	return out, err
}

func fileOf(r store.ScreenFile) ScreenFile {
	f := ScreenFile{ScreenFile: r, Until: r.Created.Add(KeepScreenFile)}
	var s fileSearched
	if json.Unmarshal([]byte(r.Searched), &s) == nil {
		f.Lists, f.NotSearched = s.Lists, s.NotSearched
	}
	return f
}

// ScreenFile gives one of the actor's files.
func (a *App) ScreenFile(ctx context.Context, actor access.Actor, id string) (f ScreenFile, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		row, found, err := t.ScreenFile(id)
		if err != nil {
			return err
		}
		if !found || row.Account != actor.Account || !access.Can(actor, access.ScreenRun, access.Thing{}) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		f = fileOf(row)
		return nil
	})
	return f, err
}

// OpenScreenResult opens the results of one of the actor's files.
func (a *App) OpenScreenResult(ctx context.Context, actor access.Actor, id string) (f ScreenFile, d store.Document, r io.ReadCloser, err error) {
	if f, err = a.ScreenFile(ctx, actor, id); err != nil {
		return f, d, nil, err
	}
	found := false
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		d, found, err = t.Document(f.Result)
		return err
	})
	if err != nil || !found || len(d.Wrapped) == 0 {
		return f, d, nil, errors.Join(err, fault.New(fault.NotFound, "fault.not_found"))
	}
	r, err = a.objects.Open(d.Object)
	return f, d, r, fault.Wrap(err, "node: open results")
}

// DropScreenFile destroys one of the actor's files and its results.
func (a *App) DropScreenFile(ctx context.Context, actor access.Actor, id string) error {
	f, err := a.ScreenFile(ctx, actor, id)
	if err != nil {
		return err
	}
	return a.db.Update(ctx, func(t *store.Tx) error { return t.DropScreenFile(f.ScreenFile) })
}

// dropOldScreenFiles destroys what was kept long enough.
func (a *App) dropOldScreenFiles(ctx context.Context) error {
	return a.db.Update(ctx, func(t *store.Tx) error {
		old, err := t.OldScreenFiles(t.Now().Add(-KeepScreenFile), 500)
		if err != nil {
			return err
		}
		for _, f := range old {
			if err := t.DropScreenFile(f); err != nil {
				return err
			}
		}
		return nil
	})
}
