package node

import (
	"context"
	"errors"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/lists/sources"
	"github.com/comity-project/comity/internal/store"
)

// UpdatedList tells how the update of one list went. Exactly one of Skip,
// Imported and Problem says something; none of them means that nothing was new.
type UpdatedList struct {
	Source   sources.Source
	Skip     sources.Skip
	Imported *ImportedList
	Problem  error // a fault; the version in use stays in use
}

// UpdateLists fetches lists from their sources and imports what is new. A source
// that cannot be reached or read is reported and recorded, and stops nothing.
// only names the lists wanted; empty means all.
func (a *App) UpdateLists(ctx context.Context, actor access.Actor, from sources.Fetcher, all []sources.Source, only []string) ([]UpdatedList, error) {
	if !access.Can(actor, access.ListImport, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	steps, err := sources.Plan(all, only)
	if err != nil {
		return nil, fault.New(fault.NotFound, "screen.list.no_source").Because(err)
	}
	var out []UpdatedList
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		u := UpdatedList{Source: s.Source, Skip: s.Skip}
		if s.Skip == "" {
			u.Imported, u.Problem = a.updateList(ctx, actor, from, s.Source)
		}
		out = append(out, u)
	}
	return out, nil
}

func (a *App) updateList(ctx context.Context, actor access.Actor, from sources.Fetcher, src sources.Source) (*ImportedList, error) {
	files, copies, err := a.fetchFiles(ctx, from, src)
	if err != nil {
		return nil, a.noteCheck(ctx, actor, src, lists.Unreachable, err)
	}
	if files == nil {
		return nil, a.noteCheck(ctx, actor, src, lists.Unchanged, nil)
	}
	if err := a.define(ctx, actor, src); err != nil {
		return nil, err
	}
	var in ImportedList
	if err := a.Do(ctx, actor, ImportList{List: src.ID, Format: src.Format, Files: files}, Into(&in)); err != nil {
		if f := (*fault.Error)(nil); errors.As(err, &f) && f.Key == "lists.version_known" {
			// It waits for a person already.
			return nil, a.remember(ctx, src, copies)
		}
		return nil, a.noteCheck(ctx, actor, src, lists.Unreadable, err)
	}
	if err := a.remember(ctx, src, copies); err != nil {
		return nil, err
	}
	if in.Unchanged {
		return nil, nil
	}
	return &in, nil
}

// fetchFiles gets the files of a source; nil when none of them is new.
func (a *App) fetchFiles(ctx context.Context, from sources.Fetcher, src sources.Source) ([]ListFile, map[string]store.Copy, error) {
	var have map[string]store.Copy
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		have, err = t.FetchedCopies(src.ID)
		return err
	}); err != nil {
		return nil, nil, err
	}
	copies := map[string]store.Copy{}
	var files []ListFile
	for again := range 2 {
		files = files[:0]
		old := 0
		for _, f := range src.Files {
			r := sources.Request{URL: f.URL, Limit: src.Limit()}
			if again == 0 {
				r.ETag, r.Modified = have[f.URL].ETag, have[f.URL].Modified
			}
			got, err := from.Get(ctx, r)
			if err != nil {
				return nil, nil, err
			}
			if got.NotModified {
				old++
				continue
			}
			files = append(files, ListFile{Name: f.Name, Bytes: got.Body})
			copies[f.URL] = store.Copy{ETag: got.ETag, Modified: got.Modified}
		}
		switch {
		case old == len(src.Files):
			return nil, nil, nil
		case old == 0:
			return files, copies, nil
		}
		// Some files of the list are new: all of them are needed.
	}
	return files, copies, nil
}

// define puts a source's list on record where it is not: sources of an
// operator's own need not be among those that ship.
func (a *App) define(ctx context.Context, actor access.Actor, src sources.Source) error {
	s, err := a.listState(ctx, src.ID)
	if err != nil || s.ID != "" {
		return err
	}
	return a.Do(ctx, actor, lists.DefineList{List: src.ID, Definition: src.Definition()})
}

// noteCheck records that the source gave nothing new, on a list that is on
// record, and gives the problem back.
func (a *App) noteCheck(ctx context.Context, actor access.Actor, src sources.Source, outcome lists.Outcome, problem error) error {
	s, err := a.listState(ctx, src.ID)
	if err != nil {
		return err
	}
	if s.ID == "" {
		return problem
	}
	c := lists.RecordCheck{List: src.ID, Outcome: outcome}
	if f := (*fault.Error)(nil); errors.As(problem, &f) {
		c.Problem = f.Key
	}
	if err := a.Do(ctx, actor, c); err != nil {
		return err
	}
	return problem
}

func (a *App) remember(ctx context.Context, src sources.Source, copies map[string]store.Copy) error {
	return a.db.Update(ctx, func(t *store.Tx) error {
		for _, f := range src.Files {
			if err := t.RememberCopy(src.ID, f.URL, copies[f.URL]); err != nil {
				return err
			}
		}
		return nil
	})
}
