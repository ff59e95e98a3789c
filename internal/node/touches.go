package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/stix"
)

// jobTouched looks what was said before a case came in, or before its parties
// changed.
const jobTouched = "exchange.touched"

type touchedJob struct {
	Case string `json:"case"`
}

// maxTouches is how many cases are read, and raised, at once.
const maxTouches = 500

// keysOf is by what cases are found that an object means: it names somebody, or
// something that other objects report of a place.
func keysOf(o *stix.Object, among []*stix.Object) (k store.TouchKeys) {
	names := namesOf(o)
	switch {
	case somebody(o.Type()):
		k.Names, k.Numbers = names, numbersOf(o)
	case something(o.Type()):
		k.Items = names
		for _, x := range among {
			if refers(x, o.ID()) {
				k.Places = append(k.Places, placesOf(x, among)...)
			}
		}
	}
	return k
}

// placesOf are the countries that a report is about: those it says, and those of
// whom it names as end users.
func placesOf(report *stix.Object, among []*stix.Object) (places []string) {
	if r := dispatch.ReadReport(report).Report; r != nil {
		places = append(places, r.Places...)
	}
	for _, x := range among {
		if n, _ := dispatch.ReadNamed(x); n != nil && n.Role != "vendor" && n.Country != "" && refers(report, x.ID()) {
			places = append(places, n.Country)
		}
	}
	return places
}

// refers tells whether a report is about an object.
func refers(report *stix.Object, object string) bool {
	refs, ok := report.Root.Get("object_refs")
	return ok && report.Type() == "report" && slices.ContainsFunc(refs.Items, func(r stix.Value) bool { return r.Text == object })
}

// namesOf are the names that an object gives somebody or something.
func namesOf(o *stix.Object) (names []string) {
	add := func(v *stix.Value, name string) {
		if m, ok := v.Get(name); ok {
			for _, x := range append([]stix.Value{*m}, m.Items...) {
				if x.Text != "" && !slices.Contains(names, x.Text) {
					names = append(names, x.Text)
				}
			}
		}
	}
	if !somebody(o.Type()) && !something(o.Type()) {
		return nil
	}
	add(&o.Root, "name")
	add(&o.Root, "aliases")
	if all, ok := o.Root.Get("extensions"); ok {
		if v, ok := all.Get(stix.ExtensionVendor); ok {
			add(v, "aliases")
		}
	}
	return names
}

// numbersOf are the numbers under which somebody is registered: a vendor's, and
// the LEI that external references give.
func numbersOf(o *stix.Object) (numbers []string) {
	add := func(i party.Identifier) {
		if n := i.Number(""); n != "" && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	if n, _ := dispatch.ReadNamed(o); n != nil && n.Registration != "" {
		add(party.Identifier{Kind: "registration", Value: n.Registration, Country: n.Country})
	}
	if refs, ok := o.Root.Get("external_references"); ok {
		for i := range refs.Items {
			source, _ := refs.Items[i].Get("source_name")
			id, _ := refs.Items[i].Get("external_id")
			if source != nil && id != nil && strings.EqualFold(source.Text, "lei") {
				add(party.Identifier{Kind: "lei", Value: id.Text})
			}
		}
	}
	return numbers
}

// somebody tells whether objects of a type are about people or organisations.
func somebody(kind string) bool { return kind == "identity" || kind == "threat-actor" }

// something tells whether objects of a type are about technology.
func something(kind string) bool {
	return kind == "tool" || kind == "malware" || kind == "infrastructure"
}

// alerting gathers the cases that one statement or one import touches.
type alerting struct {
	dispatch.RaiseAlert
	at map[string]int // place of a case in Touches
}

// touch adds the cases that an object touches, with what agrees: all of them, or
// one alone.
func (c *alerting) touch(t *store.Tx, o *stix.Object, among []*stix.Object, only string) error {
	keys := keysOf(o, among)
	for after := ""; ; {
		found, err := t.CasesTouched(keys, only, after, maxTouches)
		if err != nil {
			return err
		}
		for _, x := range found {
			i, there := c.at[x.Case]
			if !there {
				if c.at == nil {
					c.at = map[string]int{}
				}
				i, c.at[x.Case] = len(c.Touches), len(c.Touches)
				c.Touches = append(c.Touches, dispatch.Touch(x))
			}
			for _, a := range x.Agrees {
				if own := &c.Touches[i].Agrees; !slices.Contains(*own, a) {
					*own = append(*own, a)
				}
			}
		}
		if len(found) < maxTouches {
			return nil
		}
		after = found[len(found)-1].Case
	}
}

// raise gives each touched case its task.
func (a *App) raise(ctx context.Context, all []*alerting) error {
	for _, c := range all {
		for some := range slices.Chunk(c.Touches, maxTouches) {
			cmd := c.RaiseAlert
			cmd.Touches = some
			if err := a.Do(ctx, access.System(), cmd); err != nil {
				return err
			}
		}
	}
	return nil
}

// alerts are what is gathered from several statements, by leaf, in their order.
type alerts struct {
	app  *App
	all  []*alerting
	leaf map[string]*alerting
}

func (s *alerts) of(leaf, issuer, object string) *alerting {
	c := s.leaf[leaf]
	if c == nil {
		if s.leaf == nil {
			s.leaf = map[string]*alerting{}
		}
		c = &alerting{RaiseAlert: dispatch.RaiseAlert{Leaf: leaf, Issuer: issuer, Object: object, Due: deadline.DateOf(s.app.Now(), time.UTC)}}
		s.leaf[leaf], s.all = c, append(s.all, c)
	}
	return c
}

// statements adds what statements touch. A report stands for whom it names.
func (s *alerts) statements(t *store.Tx, rows []store.Envelope, only string) error {
	if err := t.FetchKeys(statementStreams(rows)); err != nil {
		return err
	}
	var versions []*sharing.Version
	var objects []*stix.Object
	for _, e := range rows {
		v, err := s.app.said(t, e)
		if err != nil {
			return err
		}
		versions, objects = append(versions, v), append(objects, v.Object)
	}
	for i, o := range objects {
		e := reportOn(o.ID(), versions, rows, rows[i])
		if err := s.of(e.ID, e.Issuer, e.Object).touch(t, o, objects, only); err != nil {
			return err
		}
	}
	return nil
}

// openMarked opens objects of collections; nil for one that can't be read.
func (a *App) openMarked(t *store.Tx, objects []store.MarkedObject) ([]*stix.Object, error) {
	var owners []event.Stream
	for _, o := range objects {
		owners = append(owners, ImportStream(o.Import))
	}
	slices.Sort(owners)
	if err := t.FetchKeys(slices.Compact(owners)); err != nil {
		return nil, err
	}
	seal, out := vault.NewSealer(a.keys, t), make([]*stix.Object, len(objects))
	for i, o := range objects {
		raw, _, err := seal.Open(ImportStream(o.Import), o.Sealed)
		if err != nil {
			return nil, err
		}
		if d, err := stix.Read(raw, stix.Limits{}); err == nil && len(d.Objects) == 1 {
			out[i] = &d.Objects[0] // what is live was read when it came
		}
	}
	return out, nil
}

// touchCase looks what other states and publishers said before of whom and what a
// case names.
func (a *App) touchCase(ctx context.Context, j jobs.Job) error {
	var body touchedJob
	if err := j.Decode(&body); err != nil {
		return err
	}
	found := alerts{app: a}
	if err := a.db.View(ctx, func(t *store.Tx) error {
		var c licensing.Case
		if _, err := t.Load(CaseStream(body.Case), &c); err != nil || c.Current() == nil {
			return err
		}
		marks := a.marksIn(c.App())
		if len(marks) == 0 {
			return nil
		}
		rows, err := t.EnvelopesMarked(marks, told)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(e store.Envelope) bool { return e.Sealed == nil })
		if err := found.statements(t, rows, body.Case); err != nil {
			return err
		}
		objects, err := t.ImportsMarked(marks, told)
		if err != nil {
			return err
		}
		read, err := a.openMarked(t, objects)
		if err != nil {
			return err
		}
		for i, x := range objects {
			if read[i] == nil {
				continue
			}
			if err := found.of(x.Import, "", x.Object).touch(t, read[i], nil, body.Case); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return fault.Wrap(err, "node: what was said of a case before")
	}
	return a.raise(ctx, found.all)
}
