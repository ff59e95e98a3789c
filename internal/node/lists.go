package node

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/screening"
)

// ImportList reads the files of a list and puts them on record as a version.
// A list that is not on record yet is defined first from the sources that ship.
// The answer is an ImportedList.
type ImportList struct {
	List      string
	Format    string // "" takes the list's own
	Published string // ISO date; "" takes the one that the files give
	Files     []ListFile
	Activate  bool // take it into use at once, unless it is suspicious or in grave doubt
	Reason    string
}

// ImportedList tells how an import went.
type ImportedList struct {
	List      string
	Version   string // id; "" when nothing was new
	Number    int
	Published string
	Status    lists.Status
	Figures   lists.Figures
	Suspicion []lists.Suspicion
	Aside     map[string]int // rows kept aside, by kind
	Doubts    []Doubt        // what a person should look at, grave ones first
	Unchanged bool           // the version in use says the same
}

// listWork registers what the node does with lists.
func (a *App) listWork() {
	handle(a, defineList)
	handlePrepared(a, prepareImport, importList)
	handlePrepared(a, prepareActivation, func(t *Tx, c lists.ActivateVersion, _ struct{}) error {
		return t.listCommand(c.List, c, access.ListActivate)
	})
	handle(a, func(t *Tx, c lists.ForceVersion) error { return t.listCommand(c.List, c, access.ListForce) })
	handle(a, func(t *Tx, c lists.RejectVersion) error { return t.listCommand(c.List, c, access.ListActivate) })
	handle(a, func(t *Tx, c lists.RecordCheck) error { return t.listCommand(c.List, c, access.ListImport) })
	handle(a, reviewList)
	handlePrepared(a, prepareObjection, object)
	handle(a, func(t *Tx, c lists.DecideObjection) error { return t.listCommand(c.List, c, access.ListCorrect) })
	handle(a, recordScreening)
	handle(a, onRaiseWatch)
	handle(a, settleWatch)
}

func defineList(t *Tx, c lists.DefineList) error {
	if err := t.Must(access.ListRead, access.ListImport, access.Thing{}); err != nil {
		return err
	}
	return t.onList(c.List, c, lists.Facts{})
}

func reviewList(t *Tx, c lists.RecordReview) error {
	c.Today = t.Now().Format("2006-01-02")
	return t.listCommand(c.List, c, access.ListReview)
}

func (t *Tx) listCommand(id string, cmd any, act access.Act) error {
	if err := t.Must(access.ListRead, act, access.Thing{}); err != nil {
		return err
	}
	return t.onList(id, cmd, lists.Facts{})
}

// onList decides a command on a list, and does what a change of the version in
// use brings with it: other processes load anew, open cases are screened again.
func (t *Tx) onList(id string, cmd any, facts lists.Facts) error {
	s, _, err := load[*lists.State](t, event.StreamOf(lists.KindList, id))
	if err != nil {
		return err
	}
	events, err := lists.Decide(s, cmd, facts)
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	for _, e := range events {
		switch e.Event.(type) {
		case lists.VersionActivated:
			return t.listMoved(s)
		case lists.Reviewed:
			t.reloadLists()
		}
	}
	return nil
}

// reloadLists lets this process load the lists anew once the command is done,
// and tells the others.
func (t *Tx) reloadLists() {
	t.RaiseGeneration()
	t.AfterCommit(t.app.refreshEngines)
}

// listMoved is what follows when another version is in use.
func (t *Tx) listMoved(s *lists.State) error {
	t.reloadLists()
	v := s.ActiveVersion()
	if v == nil || s.Kind != lists.Parties {
		return nil
	}
	return t.enqueue(jobRescreen, jobRescreen+"/"+v.ID+"/"+t.command, rescreenBody{List: s.ID, Version: v.ID})
}

// preparedImport is an import with its documents in the vault.
type preparedImport struct {
	cmd       lists.ImportVersion
	define    *lists.DefineList
	documents []vault.Object
	aside     map[string]int
	doubts    []Doubt
}

// storedReport is the report of a version as it is kept: with the names of the
// entries that came, went or changed, so that a page need not open both versions.
type storedReport struct {
	lists.Report
	Names  map[string]string `json:"names,omitempty"`
	Doubts []Doubt           `json:"doubts,omitempty"`
}

func prepareImport(ctx context.Context, a *App, actor access.Actor, c ImportList) (p preparedImport, err error) {
	if !access.Can(actor, access.ListImport, access.Thing{}) || c.Activate && !access.Can(actor, access.ListActivate, access.Thing{}) {
		return p, fault.New(fault.NotFound, "fault.not_found")
	}
	s, err := a.listState(ctx, c.List)
	if err != nil {
		return p, err
	}
	if s.ID == "" {
		src := sourceOf(c.List)
		if src == nil {
			return p, fault.New(fault.NotFound, "screen.list.undefined", "list", c.List)
		}
		p.define = &lists.DefineList{List: c.List, Definition: src.Definition()}
		s = &lists.State{ID: c.List, Definition: src.Definition()}
	}
	format := c.Format
	if format == "" {
		format = s.Format
	}
	r, err := readListFiles(format, c.Published, c.Files)
	if err != nil {
		return p, err
	}
	if r.kind != s.Kind {
		return p, fault.New(fault.Invalid, "lists.import_invalid").Field("format", "screen.list.other_kind", "format", format)
	}
	if c.Published != "" {
		r.published, r.parties.Published = c.Published, c.Published
	}
	raw := make([][]byte, len(c.Files))
	for i, f := range c.Files {
		raw[i] = f.Bytes
	}
	prep, names, err := a.prepareVersion(ctx, s, lists.Hash(raw...), r)
	if err != nil {
		return p, err
	}
	slices.SortStableFunc(r.doubts, func(a, b Doubt) int {
		if a.Grave == b.Grave {
			return 0
		} else if a.Grave {
			return -1
		}
		return 1
	})
	report, err := withNames(prep.Report, names, r.doubts)
	if err != nil {
		return p, err
	}
	prep.Command.Report = lists.Hash(report)
	p.cmd, p.aside, p.doubts = prep.Command, r.parties.Counts.Aside, r.doubts
	owner := event.StreamOf(lists.KindList, c.List)
	for _, d := range []struct {
		body []byte
		at   *string
	}{{prep.Document, &p.cmd.Object}, {report, &p.cmd.ReportAt}} {
		o, err := a.putListDocument(ctx, owner, d.body)
		if err != nil {
			return p, err
		}
		*d.at = o.ID
		p.documents = append(p.documents, o)
	}
	if r.kind == lists.Parties {
		a.prepareIndex(ctx, c.List, p.cmd.Document, func() ([]byte, error) { return prep.Document, nil })
	}
	return p, nil
}

func withNames(report []byte, names map[string]string, doubts []Doubt) ([]byte, error) {
	var r storedReport
	if err := json.Unmarshal(report, &r.Report); err != nil {
		return nil, err
	}
	r.Names, r.Doubts = names, doubts
	return json.Marshal(r)
}

// prepareVersion makes the difference to the version in use and the documents.
func (a *App) prepareVersion(ctx context.Context, s *lists.State, source string, r reading) (lists.Prepared, map[string]string, error) {
	var old []byte
	base := s.ActiveVersion()
	if base != nil {
		var err error
		if old, err = a.listDocument(ctx, base.Object, base.Document); err != nil {
			return lists.Prepared{}, nil, err
		}
	}
	names := map[string]string{}
	if s.Kind == lists.Parties {
		var before []screening.Entity
		if old != nil {
			var err error
			if before, err = storedEntities(old); err != nil {
				return lists.Prepared{}, nil, err
			}
		}
		p, err := lists.Prepare(s, NewID(), source, r.parties, before)
		if err != nil {
			return p, nil, err
		}
		for _, e := range append(before, r.parties.Entities...) {
			names[e.ID] = shownName(e)
		}
		return p, only(names, p.Command.Delta), nil
	}
	c := lists.ImportVersion{
		List: s.ID, ID: NewID(), Published: r.published, Source: source, Document: lists.Hash(r.document), Entries: r.entries,
	}
	if base != nil {
		before, err := readListFiles(keptFormat(s.Format), base.Published, []ListFile{{Name: "stored", Bytes: old}})
		if err != nil {
			return lists.Prepared{}, nil, err
		}
		c.Base, c.Delta = base.ID, lists.DiffRecords(before.records, r.records)
	}
	report, err := json.Marshal(lists.Report{Delta: c.Delta})
	if err != nil {
		return lists.Prepared{}, nil, err
	}
	c.Report = lists.Hash(report)
	return lists.Prepared{Command: c, Document: r.document, Report: report}, names, nil
}

// only keeps the names of the entries that a difference is about.
func only(names map[string]string, d lists.Delta) map[string]string {
	want := map[string]bool{}
	for _, id := range slices.Concat(d.Added, d.Removed) {
		want[id] = true
	}
	for _, c := range d.Changed {
		want[c.ID] = true
	}
	maps.DeleteFunc(names, func(id, _ string) bool { return !want[id] })
	return names
}

func shownName(e screening.Entity) string {
	for _, n := range e.Names {
		if n.Kind == screening.Primary {
			return n.Text
		}
	}
	if len(e.Names) > 0 {
		return e.Names[0].Text
	}
	return e.ID
}

func importList(t *Tx, c ImportList, p preparedImport) error {
	if err := t.Must(access.ListRead, access.ListImport, access.Thing{}); err != nil {
		return err
	}
	s, version, err := load[*lists.State](t, event.StreamOf(lists.KindList, c.List))
	if err != nil {
		return err
	}
	if (version == 0) != (p.define != nil) {
		return errMoved
	}
	if p.define != nil {
		if err := t.onList(c.List, *p.define, lists.Facts{}); err != nil {
			return err
		}
	}
	events, err := lists.Decide(s, p.cmd, lists.Facts{})
	if f := (*fault.Error)(nil); errors.As(err, &f) && f.Key == "lists.base_moved" {
		return errMoved
	} else if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	out := ImportedList{List: c.List, Published: p.cmd.Published, Aside: p.aside, Doubts: p.doubts, Unchanged: true}
	for _, e := range events {
		switch e.Event.(type) {
		case lists.VersionImported:
			out.Unchanged = false
			for _, o := range p.documents {
				if err := t.PutObject(o); err != nil {
					return err
				}
			}
		case lists.VersionActivated:
			if err := t.listMoved(s); err != nil {
				return err
			}
		}
	}
	if out.Unchanged {
		t.Answer(out)
		return nil
	}
	v := s.Versions[len(s.Versions)-1]
	if c.Activate && v.Status == lists.Waiting && (len(p.doubts) == 0 || !p.doubts[0].Grave) {
		if err := t.Must(access.ListRead, access.ListActivate, access.Thing{}); err != nil {
			return err
		}
		if err := t.onList(c.List, lists.ActivateVersion{List: c.List, ID: v.ID, Reason: strings.TrimSpace(c.Reason)}, lists.Facts{}); err != nil {
			return err
		}
		v = s.Versions[len(s.Versions)-1]
	}
	out.Version, out.Number, out.Status, out.Figures, out.Suspicion = v.ID, v.Number, v.Status, v.Figures, v.Suspicions
	t.Answer(out)
	return nil
}

// prepareObjection looks whether the entry stands in the list, now or in a
// version that was in use before.
func prepareObjection(ctx context.Context, a *App, actor access.Actor, c lists.Object) (lists.Facts, error) {
	if !access.Can(actor, access.ListCorrect, access.Thing{}) {
		return lists.Facts{}, fault.New(fault.NotFound, "fault.not_found")
	}
	s, err := a.listState(ctx, c.List)
	if err != nil || s.Kind != lists.Parties {
		return lists.Facts{}, err
	}
	looked := map[string]bool{}
	for i := len(s.InUse) - 1; i >= 0 && len(looked) < maxLookBack; i-- {
		v := versionOf(s, s.InUse[i].Version)
		if v == nil || looked[v.Document] {
			continue
		}
		looked[v.Document] = true
		doc, err := a.listDocument(ctx, v.Object, v.Document)
		if err != nil {
			return lists.Facts{}, err
		}
		entities, err := storedEntities(doc)
		if err != nil {
			return lists.Facts{}, err
		}
		if slices.ContainsFunc(entities, func(e screening.Entity) bool { return e.ID == c.Entry }) {
			return lists.Facts{EntryKnown: true}, nil
		}
	}
	return lists.Facts{}, nil
}

// maxLookBack bounds the versions that are opened to find an entry.
const maxLookBack = 12

func object(t *Tx, c lists.Object, f lists.Facts) error {
	if err := t.Must(access.ListRead, access.ListCorrect, access.Thing{}); err != nil {
		return err
	}
	return t.onList(c.List, c, f)
}

// listState reads a list; its ID is "" when it is not on record.
func (a *App) listState(ctx context.Context, id string) (*lists.State, error) {
	s := &lists.State{}
	err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(event.StreamOf(lists.KindList, id), s)
		return err
	})
	return s, fault.Wrap(err, "node: list %s", id)
}

func versionOf(s *lists.State, id string) *lists.Version {
	for i := range s.Versions {
		if s.Versions[i].ID == id {
			return &s.Versions[i]
		}
	}
	return nil
}

// readListStates gives every list on record, by id.
func readListStates(t *store.Tx) ([]*lists.State, error) {
	const page = 200
	var out []*lists.State
	for after := ""; ; {
		bodies, err := t.ListStates(after, page)
		if err != nil {
			return nil, err
		}
		for _, b := range bodies {
			s := &lists.State{}
			if err := json.Unmarshal(b, s); err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		if len(bodies) < page {
			return out, nil
		}
		after = out[len(out)-1].ID
	}
}

func (a *App) listStates(ctx context.Context) (out []*lists.State, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		out, err = readListStates(t)
		return err
	})
	return out, err
}
