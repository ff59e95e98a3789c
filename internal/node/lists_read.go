package node

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists"
)

// Lists gives every list on record, by id.
func (a *App) Lists(ctx context.Context, actor access.Actor) ([]*lists.State, error) {
	if !access.Can(actor, access.ListRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	return a.listStates(ctx)
}

// List gives one list. What objectors wrote is left out for who may not answer
// them.
func (a *App) List(ctx context.Context, actor access.Actor, id string) (*lists.State, error) {
	if !access.Can(actor, access.ListRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	s, err := a.listState(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.ID == "" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if !access.Can(actor, access.ListCorrect, access.Thing{}) {
		s.Objections = slices.Clone(s.Objections)
		for i := range s.Objections {
			s.Objections[i].Text, s.Objections[i].Answer = lists.ObjectionText{}, ""
		}
	}
	return s, nil
}

// VersionView is one version of a list with its report.
type VersionView struct {
	List    *lists.State
	Version lists.Version
	Base    *lists.Version // the version the difference was made against; nil for none
	Report  lists.Report
	Names   map[string]string // names of the entries that differ, by id
	Doubts  []Doubt
}

// ListVersion gives a version of a list with its whole difference. version is an
// id or a number.
func (a *App) ListVersion(ctx context.Context, actor access.Actor, list, version string) (VersionView, error) {
	s, err := a.List(ctx, actor, list)
	if err != nil {
		return VersionView{}, err
	}
	v := FindVersion(s, version)
	if v == nil {
		return VersionView{}, fault.New(fault.NotFound, "fault.not_found")
	}
	out := VersionView{List: s, Version: *v, Base: versionOf(s, v.Base)}
	doc, err := a.listDocument(ctx, v.ReportAt, v.Report)
	if err != nil {
		return VersionView{}, err
	}
	var r storedReport
	if err := json.Unmarshal(doc, &r); err != nil {
		return VersionView{}, err
	}
	out.Report, out.Names, out.Doubts = r.Report, r.Names, r.Doubts
	return out, nil
}

// FindVersion finds a version by its id or its number; "" is the latest.
func FindVersion(s *lists.State, version string) *lists.Version {
	if version == "" && len(s.Versions) > 0 {
		return &s.Versions[len(s.Versions)-1]
	}
	for i := range s.Versions {
		if v := &s.Versions[i]; v.ID == version || strconv.Itoa(v.Number) == strings.TrimSpace(version) {
			return v
		}
	}
	return nil
}
