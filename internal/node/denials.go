package node

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/denial"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
)

// Days within which partners are told of a refusal, and after which what they were
// told is looked at again, where the pack has no periods for them.
const (
	denialDays  = 30
	denialYears = 3 * 365
)

// openDenial opens the notice of a decision that refuses, in its transaction. It
// names no natural person and nobody of this state, the applicant least of all, and
// no price.
func (t *Tx) openDenial(c *licensing.Case, e *Engines) error {
	var content denial.Content
	add := func(to *[]string, s string) {
		if s != "" && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	for _, l := range c.Decision.Lines {
		if l.Outcome != licensing.RefuseLine {
			continue
		}
		add(&content.Items, l.Category)
		add(&content.Codes, l.Code)
		for _, g := range l.Grounds {
			add(&content.Grounds, g)
		}
	}
	if len(content.Grounds) == 0 {
		return nil
	}
	app := c.App()
	content.EndUse = app.EndUse.Purpose
	for _, p := range app.Parties {
		if p.Kind == party.Person || len(p.Roles) == 0 || p.Country == t.app.cfg.State {
			continue
		}
		content.Parties = append(content.Parties, refusedParty(p))
	}
	today := e.Calendar.Day(t.Now())
	year := t.Now().In(e.Calendar.Location()).Year()
	n, err := t.Next(fmt.Sprintf("denial %d", year))
	if err != nil {
		return fault.Wrap(err, "node: reference")
	}
	due := today.Add(denialDays)
	if p, ok := e.Pack.Period("denial_notice"); ok {
		due = today.Add(p.Days)
	}
	stream := denial.OnNotice{Case: c.ID}.Stream()
	return t.Append([]event.New{{Stream: stream, Event: denial.Opened{
		Reference: fmt.Sprintf("%s-D-%d-%04d", t.app.cfg.prefix(), year, n), Case: c.ID, CaseRef: c.Reference, Compartment: c.Compartment, Officer: c.Officer,
		Country: app.EndUse.Country, Day: today, Due: due, Content: event.P(stream, content),
	}}})
}

// refusedParty is a party with every name that it and its units have.
func refusedParty(p party.Party) denial.Refused {
	out := denial.Refused{Role: string(p.Roles[0]), Country: p.Country, IDs: p.Identifiers}
	add := func(names []party.Name) {
		for _, n := range names {
			for _, text := range []string{n.Text, n.Latin} {
				if text != "" && !slices.Contains(out.Names, text) {
					out.Names = append(out.Names, text)
				}
			}
		}
	}
	add(p.Names)
	for _, u := range p.Tree {
		add(u.Names)
	}
	return out
}

// onDenial is the way of every command on a notice.
func onDenial[C denial.Command](t *Tx, cmd C, e *Engines) error {
	n, _, err := load[*denial.Notice](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.CaseRead, access.CaseIntend, denialThing(n)); err != nil {
		return err
	}
	review := e.Calendar.Day(t.Now()).Add(denialYears)
	if p, ok := e.Pack.Period("denial_review"); ok {
		review = e.Calendar.Day(t.Now()).Add(p.Days)
	}
	events, err := denial.Decide(n, cmd, review)
	if err != nil {
		return err
	}
	return t.Append(events)
}

func denialThing(n *denial.Notice) access.Thing {
	return access.Thing{Kind: denial.Kind, Compartment: n.Compartment}
}

// Denial reads the notice of a case that was refused. What may not be seen does
// not exist.
func (a *App) Denial(ctx context.Context, actor access.Actor, id string) (*denial.Notice, error) {
	n := &denial.Notice{}
	err := a.db.View(ctx, func(t *store.Tx) error {
		version, err := t.Load(denial.OnNotice{Case: id}.Stream(), n)
		if err == nil && (version == 0 || !access.Can(actor, access.CaseRead, denialThing(n))) {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		return err
	})
	return n, fault.Wrap(err, "node: denial")
}

// DenialFile is a notice as a list of parties in the form in which any node reads
// what a partner refused.
func (a *App) DenialFile(n *denial.Notice) ([]byte, error) {
	list := strings.ToUpper(a.cfg.prefix()) + "-DENIALS"
	var entities []screening.Entity
	for i, p := range n.Content.Parties {
		e := screening.Entity{
			ID: strings.ToLower(n.Reference) + ":" + strconv.Itoa(i+1), List: list, Type: screening.Organisation, Program: "Refused " + strings.ReplaceAll(p.Role, "_", " "),
			Listed: string(n.Day), Refused: n.Content.Items, Remarks: strings.Join(slices.Concat(n.Content.Codes, n.Content.Grounds, []string{n.Content.EndUse}), "; "),
		}
		for j, name := range p.Names {
			kind := screening.Alias
			if j == 0 {
				kind = screening.Primary
			}
			e.Names = append(e.Names, screening.Name{Text: name, Kind: kind})
		}
		if len(p.Country) == 2 {
			e.Countries = []string{p.Country}
		}
		for _, id := range p.IDs {
			e.IDs = append(e.IDs, screening.Ident{Kind: id.Kind, Value: id.Value, Country: id.Country})
		}
		if len(e.Names) > 0 {
			entities = append(entities, e)
		}
	}
	var b bytes.Buffer
	err := listfile.WriteEntities(&b, n.Reference, string(n.Day), entities)
	return b.Bytes(), fault.Wrap(err, "node: denial file")
}
