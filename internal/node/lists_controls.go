package node

import (
	"bytes"
	"context"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists"
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
	var both [2]*controls.List
	for i, v := range []*lists.Version{older, newer} {
		doc, err := a.listDocument(ctx, v.Object, v.Document)
		if err != nil {
			return out, err
		}
		if both[i], err = controls.ParseJSONL(bytes.NewReader(doc)); err != nil {
			return out, fault.Wrap(err, "node: list %s", list)
		}
	}
	out.Changes = controls.Diff(both[0], both[1])
	return out, nil
}
