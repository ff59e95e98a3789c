package cli

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
)

type statisticsCmd struct {
	Year int  `arg:"" help:"Which year."`
	JSON bool `name:"json" help:"Write every exact figure as JSON."`
}

// Run counts a year exactly, over all cases, and compares it with the ledger's
// own events. It publishes nothing.
func (c statisticsCmd) Run(e *env) error {
	p, err := e.printer()
	if err != nil {
		return err
	}
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	f, differences, err := app.CheckYear(e, access.System(), c.Year)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(e.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(f); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(e.Stdout, p.T("statistics.line", "year", strconv.Itoa(f.Year), "received", p.Int(f.Received), "ended", p.Int(f.Ended), "open", p.Int(f.OpenAfter), "entry", p.Int(f.Entry)))
	}
	for _, d := range differences {
		fmt.Fprintln(e.Stderr, p.T("statistics.difference", "what", d.What, "counted", d.Counted, "event", d.Event))
	}
	if len(differences) > 0 {
		return fault.New(fault.Blocked, "statistics.differs")
	}
	return nil
}
