package notice

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/BurntSushi/toml"

	"github.com/comity-project/comity/internal/access"
)

// Way is how somebody is told of something besides the list in the program.
type Way string

// The ways.
const (
	AtOnce Way = "at_once" // a mail of its own
	Daily  Way = "daily"   // in one mail a day
	Never  Way = "never"   // no mail
)

// Side is on which side of the counter a kind of notice is for.
type Side string

// The sides.
const (
	Exporter  Side = "exporter"
	Authority Side = "authority"
	Both      Side = "both"
)

// Kind is a kind of notice, as a person chooses how to be told of it.
type Kind struct {
	ID      string `toml:"id"`
	Side    Side   `toml:"side"`
	Way     Way    `toml:"way"`     // of who has chosen none
	Must    bool   `toml:"must"`    // Never is not offered: a period runs by it
	Guarded bool   `toml:"guarded"` // mail says only that something waits
}

// Ways are those that may be chosen.
func (k Kind) Ways() []Way {
	if k.Must {
		return []Way{AtOnce, Daily}
	}
	return []Way{AtOnce, Daily, Never}
}

// For tells whether people of one side get it.
func (k Kind) For(exporter bool) bool {
	return k.Side == Both || (k.Side == Exporter) == exporter
}

// The addressees of a stage besides roles.
const (
	Holder  = "holder"
	Officer = "officer"
)

// The things that people are reminded of.
const (
	OfReport    = "report"    // a report due under a licence
	OfAnswer    = "answer"    // an answer to a request for information
	OfLicence   = "licence"   // a licence that ends
	OfAssurance = "assurance" // an assurance that ends
	OfCase      = "case"      // a case whose clock runs out
	OfDuty      = "duty"      // what somebody has to do beside cases
)

var things = []string{OfReport, OfAnswer, OfLicence, OfAssurance, OfCase, OfDuty}

// Stage is one reminder of a thing.
type Stage struct {
	Days int      `toml:"days"` // from the day on which it is due; below zero: before
	To   []string `toml:"to"`   // Holder, Officer, or roles
}

// Reminder is when people are reminded of a kind of thing.
type Reminder struct {
	Of     string   `toml:"of"`
	Duties []string `toml:"duties"` // kinds of duties, of OfDuty; none: all that no other rule names
	Kind   string   `toml:"kind"`
	Stages []Stage  `toml:"stages"`
}

// Rules are all of it.
type Rules struct {
	Kinds     []Kind     `toml:"kind"`
	Reminders []Reminder `toml:"reminder"`
}

const (
	maxRules = 256 << 10
	maxDays  = 400 // of a stage, to either side
)

// Kind finds a kind by its id.
func (r Rules) Kind(id string) (Kind, bool) {
	i := slices.IndexFunc(r.Kinds, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return r.Kinds[i], true
}

// OfDuty is the rule for a kind of duty: the one that names it, else the one that
// names none.
func (r Rules) OfDuty(kind string) (Reminder, bool) {
	var other *Reminder
	for i := range r.Reminders {
		x := &r.Reminders[i]
		switch {
		case x.Of != OfDuty:
		case slices.Contains(x.Duties, kind):
			return *x, true
		case len(x.Duties) == 0:
			other = x
		}
	}
	if other == nil {
		return Reminder{}, false
	}
	return *other, true
}

// Parse reads the rules, strictly.
func Parse(raw []byte) (r Rules, err error) {
	if len(raw) > maxRules {
		return r, fmt.Errorf("notice: rules of %d bytes", len(raw))
	}
	meta, err := toml.NewDecoder(bytes.NewReader(raw)).Decode(&r)
	if err != nil {
		return r, fmt.Errorf("notice: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return r, fmt.Errorf("notice: unknown %s", unknown[0])
	}
	return r, r.check()
}

func (r Rules) check() error {
	ids := map[string]bool{}
	for _, k := range r.Kinds {
		if k.ID == "" || ids[k.ID] {
			return fmt.Errorf("notice: kind %q has no id of its own", k.ID)
		}
		ids[k.ID] = true
		if !slices.Contains([]Side{Exporter, Authority, Both}, k.Side) || !slices.Contains(k.Ways(), k.Way) {
			return fmt.Errorf("notice: kind %q: side %q, way %q", k.ID, k.Side, k.Way)
		}
	}
	whole := map[string]bool{} // things, and kinds of duties, that have a rule
	for _, x := range r.Reminders {
		if !slices.Contains(things, x.Of) || !ids[x.Kind] || len(x.Duties) > 0 && x.Of != OfDuty {
			return fmt.Errorf("notice: reminder of %q by kind %q", x.Of, x.Kind)
		}
		names := []string{x.Of}
		if len(x.Duties) > 0 {
			names = nil
			for _, d := range x.Duties {
				names = append(names, x.Of+"/"+d)
			}
		}
		for _, name := range names {
			if whole[name] {
				return fmt.Errorf("notice: two rules for %q", name)
			}
			whole[name] = true
		}
		if err := x.check(); err != nil {
			return err
		}
	}
	return nil
}

func (x Reminder) check() error {
	if len(x.Stages) == 0 {
		return fmt.Errorf("notice: reminder of %q without stages", x.Of)
	}
	for i, s := range x.Stages {
		if s.Days < -maxDays || s.Days > maxDays || i > 0 && s.Days <= x.Stages[i-1].Days || len(s.To) == 0 {
			return fmt.Errorf("notice: reminder of %q: stage of %d days", x.Of, s.Days)
		}
		for _, to := range s.To {
			if to != Holder && to != Officer && (!access.Role(to).Valid() || access.Role(to) == access.ExporterUser) {
				return fmt.Errorf("notice: reminder of %q: nobody is %q", x.Of, to)
			}
		}
	}
	return nil
}
