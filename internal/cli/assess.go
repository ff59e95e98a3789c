package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/policy"
)

type assessCmd struct {
	Files []string `arg:"" name:"file" help:"Cases as YAML." type:"existingfile"`
	JSON  bool     `help:"As JSON, one report after the other."`
	because
	looking
}

// Run says of each case what its page would say: what the items may be, whom the
// parties are like, which rules are met, unknown or open, and what to ask next.
// Where a node is configured, the screening of the parties goes on its record.
func (c assessCmd) Run(e *env) error {
	var cases []*assessment.Input
	parties := 0
	for _, name := range c.Files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		in, err := assessment.ParseInput(b)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if in.Day == "" {
			in.Day = policy.Date(time.Now().Format(time.DateOnly))
		}
		cases, parties = append(cases, in), parties+len(in.Parties)
	}
	app, x, err := c.engines(e)
	if err != nil {
		return err
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	withHits := 0
	for i, in := range cases {
		r := assessment.Assess(in, x.Assess())
		for _, q := range r.Parties {
			if len(q.Hits) > 0 {
				withHits++
			}
		}
		if c.JSON {
			err = e.json(r)
		} else {
			if i > 0 {
				fmt.Fprintln(e.Stdout)
			}
			err = assessment.WriteText(e.Stdout, r, p)
		}
		if err != nil {
			return err
		}
	}
	if app == nil {
		return nil
	}
	defer app.Close()
	return app.RecordBatch(e, operator(), node.Purpose(c.Purpose), c.About, parties, withHits)
}
