package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/examples"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
)

// Example reads one of the example cases.
func Example(name string) (*assessment.Input, error) {
	b, err := fs.ReadFile(examples.FS, name+".yaml")
	if err != nil {
		return nil, err
	}
	return assessment.ParseInput(b)
}

// Names of the example cases that the demonstration carries.
const (
	IMSICatchers = "01-imsi-catcher-interior-ministry"
	Mediation    = "02-lawful-interception-mediation"
	Encryption   = "12-encryption-for-newspaper"
)

// Application makes an application of an example, as an exporter would fill it
// in: the same lines and parties, and an answer to every paragraph that asks.
func (s *State) Application(ctx context.Context, who access.Actor, id string, in *assessment.Input) (licensing.Application, error) {
	a := licensing.Application{
		ID: id, Kind: in.Kind, Title: in.Title, Org: who.Org, Contact: licensing.Contact{Account: who.Account, Name: who.Name},
		EndUse: licensing.EndUse{Purpose: in.EndUse.Purpose, OnWhom: in.EndUse.OnWhom, Place: in.EndUse.Place, Country: in.Destination},
		Route:  []licensing.Leg{{Country: "XN", Place: "Port of Nordhavn", Carrier: "air freight"}, {Country: in.Destination, Place: in.EndUse.Place}},
		Declaration: licensing.Declaration{
			Text: "declaration/2026-11-22", Accepted: true, Name: who.Name, At: s.App.Now(),
		},
	}
	if a.Kind == "" {
		a.Kind = "individual"
	}
	for i, l := range in.Lines {
		a.Lines = append(a.Lines, line(i, l))
	}
	for _, p := range in.Parties {
		a.Parties = append(a.Parties, partyOf(p))
	}
	return a, s.complete(ctx, who, &a)
}

// counted is how many a description begins by naming ("12 phone extraction
// kits"), or so many.
func counted(description string, otherwise int64) licensing.Quantity {
	first, _, _ := strings.Cut(description, " ")
	if n, err := strconv.ParseInt(first, 10, 32); err == nil && n > 0 {
		otherwise = n
	}
	return licensing.Quantity(1000 * otherwise)
}

func line(i int, l assessment.Line) licensing.Line {
	out := licensing.Line{
		ID: l.ID, Kind: licensing.LineKind(l.Kind), PartNumber: l.PartNumber, Description: l.Description, ClaimedCode: l.ClaimedCode,
		Tariff: "8525 60 00", TariffAsOf: "2026-01-01", Origin: "XN", Dispatch: "XN", Quantity: counted(l.Description, 6-min(int64(i), 5)), Unit: "items",
		Value: 51_666_600 / int64(i+1), Currency: "EUR",
	}
	out.User = l.User
	if l.ClaimedCode != "" {
		out.ClaimedList = "EU"
	}
	if l.Confirmed != nil {
		out.Categories = []string{l.Confirmed.Category}
	}
	if out.Kind == "" {
		out.Kind = licensing.Goods
	}
	if out.Kind == licensing.Service {
		kind := licensing.ServiceKind(l.Service)
		if kind == "" {
			kind = licensing.OtherService
		}
		out.Service = &licensing.ServiceDetail{Kind: kind, How: "on site, by the supplier's own staff"}
		out.Unit, out.Tariff, out.TariffAsOf = "days", "", ""
	}
	return out
}

// nameOf tells the script of a name by its first letter, as far as the examples
// need it.
func nameOf(text string) party.Name {
	n := party.Name{Text: text, Kind: party.Primary}
	switch r, _ := utf8.DecodeRuneInString(text); {
	case r >= 0x0400 && r < 0x0500:
		n.Script, n.Language = "Cyrl", "ru"
	case r >= 0x0600 && r < 0x0700:
		n.Script, n.Language = "Arab", "ar"
	case r >= 0x4e00 && r < 0xa000:
		n.Script, n.Language = "Hani", "zh"
	}
	return n
}

func partyOf(p assessment.Party) party.Party {
	out := party.Party{ID: p.ID, Kind: party.Kind(p.Kind), Tie: party.Tie(p.Tie), Body: p.Body, Country: p.Country}
	if out.Kind == "" {
		out.Kind = party.Organisation
	}
	for _, r := range p.Roles {
		out.Roles = append(out.Roles, party.Role(r))
	}
	for i, text := range p.Names {
		n := nameOf(text)
		if i > 0 {
			n.Kind = party.Alias
		}
		if n.Script != "" && len(p.Names) > 1 {
			n.Latin = p.Names[1]
		}
		out.Names = append(out.Names, n)
	}
	out.Addresses = []party.Address{{Lines: []string{"1 Ministry Square"}, City: "Veden", Country: p.Country}}
	for _, id := range p.IDs {
		out.Identifiers = append(out.Identifiers, party.Identifier{Kind: id.Kind, Value: id.Value, Country: id.Country})
	}
	parent := ""
	for i, u := range p.Units {
		unit := party.Unit{
			ID: fmt.Sprintf("u%d", i+1), Parent: parent, Level: party.Directorate, Names: []party.Name{nameOf(u)}, Country: p.Country, From: "2015-01-01",
			Source: "end-use statement", Uses: i == len(p.Units)-1,
		}
		if n := unit.Names[0]; n.Script != "" {
			unit.Names[0].Latin = "Special Department of the Ministry of Interior of Karsovia"
		}
		parent = unit.ID
		out.Tree = append(out.Tree, unit)
	}
	switch {
	case p.Hidden:
		out.Ownership.Knowledge = party.Hidden
	case len(p.Owners) > 0:
		out.Ownership.Knowledge, out.Ownership.Source = party.Known, "company register"
	}
	for i, o := range p.Owners {
		out.Ownership.Owners = append(out.Ownership.Owners, party.Owner{ID: fmt.Sprintf("%s-o%d", p.ID, i+1), Kind: party.Organisation, Names: []party.Name{nameOf(o)}, Controls: true})
	}
	return out
}

// complete answers what the profile still asks for.
func (s *State) complete(ctx context.Context, who access.Actor, a *licensing.Application) error {
	profile, err := s.App.Profile(ctx, a.Kind)
	if err != nil {
		return err
	}
	for range 4 {
		missing := licensing.Check(a, profile)
		if len(missing) == 0 {
			return nil
		}
		for _, m := range missing {
			if err := s.answer(ctx, who, a, profile, m); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("demo: %q is still incomplete: %+v", a.Title, licensing.Check(a, profile))
}

func (s *State) answer(ctx context.Context, who access.Actor, a *licensing.Application, profile licensing.Profile, m licensing.Missing) error {
	need := licensing.Need{}
	for _, p := range profile.Paragraphs {
		if p.ID == m.Paragraph {
			need = p.Need
		}
	}
	switch {
	case need.Answer:
		a.Answers = append(a.Answers, licensing.Answer{Paragraph: m.Paragraph, Line: m.Line, Party: m.Party, Text: "As the end user told us in its letter of 1 October 2026; a copy is among the documents."})
		return nil
	case need.Document != "":
		return s.attach(ctx, who, a, need.Document, m.Title)
	}
	return s.fill(ctx, who, a, m)
}

func (s *State) fill(ctx context.Context, who access.Actor, a *licensing.Application, m licensing.Missing) error {
	for i := range a.Lines {
		if l := &a.Lines[i]; m.Line == l.ID && m.Field == "line.sheet" {
			if err := s.attach(ctx, who, a, "technical_sheet", "Technical sheet "+l.PartNumber); err != nil {
				return err
			}
			l.Sheet = a.Documents[len(a.Documents)-1].ID
		}
	}
	for i := range a.Parties {
		p := &a.Parties[i]
		if m.Party != p.ID {
			continue
		}
		switch m.Field {
		case "party.operating_unit", "party.tree":
			p.Tree = append(p.Tree, party.Unit{ID: "op", Level: party.UnitLevel, Names: []party.Name{{Text: "Operations unit"}}, Country: p.Country, From: "2020-01-01", Uses: true})
		case "party.ownership":
			p.Ownership.Knowledge = party.Unknown
		}
	}
	if m.Field == "end_use.on_whom" {
		a.EndUse.OnWhom = "Not stated by the end user"
	}
	return nil
}

// attach uploads a small text of our own as a document.
func (s *State) attach(ctx context.Context, who access.Actor, a *licensing.Application, kind, title string) error {
	body := fmt.Sprintf("%s\n\nThis document was made up for the demonstration.\nApplication: %s\n", title, a.Title)
	d, err := s.App.Upload(ctx, who, node.Upload{Kind: kind, Title: title, Name: kind + ".txt", Size: int64(len(body))}, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("demo: %s: %w", title, err)
	}
	a.Documents = append(a.Documents, d)
	return nil
}

// Draft saves an application without submitting it.
func (s *State) Draft(ctx context.Context, who access.Actor, a licensing.Application) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = s.App.SaveDraft(ctx, who, node.Draft{ID: a.ID, Kind: "application", Title: a.Title, Body: body})
	return err
}

// Apply writes an application of an example and submits it.
func (s *State) Apply(ctx context.Context, who access.Actor, in *assessment.Input) (string, error) {
	id := node.NewID()
	a, err := s.Application(ctx, who, id, in)
	if err != nil {
		return "", err
	}
	return id, s.App.Do(ctx, who, licensing.Submit{On: licensing.On{Case: id}, Application: a})
}
