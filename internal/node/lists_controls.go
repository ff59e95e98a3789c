package node

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/store"
)

// ControlList gives a control list in use by the id of its record.
func (e *Engines) ControlList(id string) (*controls.List, ListInUse, bool) {
	n := 0
	for _, l := range e.InUse {
		if l.Format != FormatControls {
			continue
		}
		if l.ID == id {
			return e.Texts[n], l, true
		}
		n++
	}
	return nil, ListInUse{}, false
}

// ControlListsInUse are the control lists in use, in the order of Texts.
func (e *Engines) ControlListsInUse() []ListInUse {
	var out []ListInUse
	for _, l := range e.InUse {
		if l.Format == FormatControls {
			out = append(out, l)
		}
	}
	return out
}

// ControlChanges are the differences between two versions of a control list.
type ControlChanges struct {
	List     *lists.State
	From, To lists.Version
	Changes  []controls.Change

	texts [2]*controls.List // both versions, where there are two
}

// ControlChanges compares two versions of a control list, by number. Without
// numbers it takes the two that came into use last.
func (a *App) ControlChanges(ctx context.Context, actor access.Actor, list, from, to string) (ControlChanges, error) {
	s, err := a.List(ctx, actor, list)
	if err != nil {
		return ControlChanges{}, err
	}
	out := ControlChanges{List: s}
	if s.Kind != lists.Controls {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	if len(s.Versions) < 2 {
		return out, nil
	}
	older, newer := &s.Versions[len(s.Versions)-2], &s.Versions[len(s.Versions)-1]
	if from != "" {
		older = FindVersion(s, from)
	}
	if to != "" {
		newer = FindVersion(s, to)
	}
	if older == nil || newer == nil {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	out.From, out.To = *older, *newer
	for i, v := range []*lists.Version{older, newer} {
		doc, err := a.listDocument(ctx, v.Object, v.Document)
		if err != nil {
			return out, err
		}
		if out.texts[i], err = controls.ParseJSONL(bytes.NewReader(doc)); err != nil {
			return out, fault.Wrap(err, "node: list %s", list)
		}
	}
	out.Changes = controls.Diff(out.texts[0], out.texts[1])
	return out, nil
}

// CodeTouched is a line of a live licence, an open case or a closed one whose code
// a new version of a control list changed in substance.
type CodeTouched struct {
	store.CodeUse
	Changes []controls.Change
}

// maxTouched bounds the lines that ControlTouched gives of licences, of open cases
// and of closed ones.
const maxTouched = 1000

// ControlTouched tells which live licences, open cases and classifications of
// closed cases, of those that the actor may read, the substantive changes between
// two versions concern. More is
// true when there are more than it gives.
func (a *App) ControlTouched(ctx context.Context, actor access.Actor, list, from, to string) (c ControlChanges, touched []CodeTouched, more bool, err error) {
	if c, err = a.ControlChanges(ctx, actor, list, from, to); err != nil || c.texts[0] == nil {
		return c, nil, false, err
	}
	var uses []store.CodeUse
	err = a.db.View(ctx, func(t *store.Tx) error {
		uses, err = t.CodesUsed(access.ScopeOf(actor, access.LicenceRead), access.ScopeOf(actor, access.CaseRead), c.reach(), maxTouched+1)
		return err
	})
	if err != nil {
		return c, nil, false, err
	}
	codes, of := make([]string, len(uses)), [3]int{}
	for i, u := range uses {
		codes[i] = u.Code
	}
	by := controls.Touched(c.Changes, codes)
	for _, u := range uses {
		kind := 0
		switch {
		case u.Closed:
			kind = 2
		case u.Licence == "":
			kind = 1
		}
		if of[kind]++; of[kind] > maxTouched {
			more = true
			continue
		}
		if changes := by[u.Code]; len(changes) > 0 {
			touched = append(touched, CodeTouched{u, changes})
		}
	}
	return c, touched, more, nil
}

// reach are the codes that the substantive changes may concern: those changed,
// those above them, and those below them in either version.
func (c ControlChanges) reach() []string {
	seen := map[string]bool{}
	for _, ch := range c.Changes {
		if ch.Editorial {
			continue
		}
		for code := ch.Code; code != ""; {
			seen[code] = true
			up := strings.LastIndexAny(code, ".(")
			if up < 0 {
				break
			}
			code = code[:up]
		}
		for _, l := range c.texts {
			for _, e := range l.Under(ch.Code) {
				seen[e.Code] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
