package node

import (
	"fmt"
	"io/fs"
	"sync"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/policy"
)

// calendars are all that ship, by id: a period of another law counts that law's
// working days.
var calendars = sync.OnceValues(func() (map[string]*deadline.Calendar, error) {
	names, err := fs.Glob(content.FS, "calendars/*.toml")
	if err != nil {
		return nil, err
	}
	out := map[string]*deadline.Calendar{}
	for _, name := range names {
		b, err := fs.ReadFile(content.FS, name)
		if err != nil {
			return nil, err
		}
		c, err := deadline.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("node: %s: %w", name, err)
		}
		out[c.ID] = c
	}
	return out, nil
})

// PeriodRules are the periods of a pack that events of cases begin. Where one
// names no calendar it counts by the authority's.
func PeriodRules(p *policy.Pack, own *deadline.Calendar) []licensing.PeriodRule {
	var out []licensing.PeriodRule
	for _, x := range p.Document().Periods {
		if len(x.Starts) == 0 {
			continue
		}
		r := licensing.PeriodRule{
			ID: x.ID, Law: x.Law, Text: x.Text, Source: x.Source, AsOf: deadline.Date(x.AsOf), Unverified: x.Unverified, Period: periodOf(p, x.ID),
			Calendar: x.Calendar, Kinds: x.Kinds, Starts: x.Starts, Stops: words[licensing.Wait](x.Stops), Ends: x.Ends,
		}
		if r.Calendar == "" {
			r.Calendar = own.ID
		}
		out = append(out, r)
	}
	return out
}

// checkPeriods refuses a pack with a period that could not be counted here.
func checkPeriods(p *policy.Pack, e *Engines) error {
	for _, r := range PeriodRules(p, e.Calendar) {
		if err := r.Check(); err != nil {
			return err
		}
		if e.Calendars[r.Calendar] == nil {
			return fmt.Errorf("node: the period %q counts by the calendar %q, which is not there", r.ID, r.Calendar)
		}
	}
	return nil
}
