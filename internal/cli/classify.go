package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/controls"
)

type classifyCmd struct {
	Item  classifyItem  `cmd:"" default:"1" help:"What may an item be? (the default)"`
	Batch classifyBatch `cmd:"" help:"Answer a file of descriptions."`
}

type classifyItem struct {
	Text string `arg:"" help:"Description of the item."`
	Name string `help:"Name or part number."`
	Code string `help:"Code that the applicant claims."`
	JSON bool   `help:"As JSON."`
	looking
}

// Run classifies one item.
func (c classifyItem) Run(e *env) error {
	app, x, err := c.engines(e)
	if err != nil {
		return err
	}
	if app != nil {
		defer app.Close()
	}
	r := x.Controls.Classify(controls.Item{Name: c.Name, Description: c.Text, ClaimedCode: c.Code})
	if c.JSON {
		return e.json(r)
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	w := e.Stdout
	fmt.Fprintln(w, p.T("screen.class."+string(r.Status)))
	for _, g := range r.Regimes {
		fmt.Fprintf(w, "  %s: %s  %s\n", g.Regime, p.T("screen.class."+string(g.Status)), strings.Join(g.Codes, ", "))
	}
	for _, k := range r.Candidates {
		fmt.Fprintf(w, "\n%s  %s\n", k.Code, strings.TrimSpace(k.List+" "+k.Version))
		text := k.Text
		if text == "" {
			text = k.Summary
		}
		fmt.Fprintf(w, "  %s\n", strings.Join(strings.Fields(text), " "))
		if k.Question != "" {
			fmt.Fprintf(w, "  %s\n", p.T("screen.class.question", "text", k.Question))
		}
		for _, n := range k.Releases {
			fmt.Fprintf(w, "  %s\n", p.T("screen.class.release", "text", strings.Join(strings.Fields(n.Text), " ")))
		}
		if !k.Verified {
			fmt.Fprintf(w, "  %s\n", p.T("screen.class.unverified"))
		}
	}
	fmt.Fprintln(w)
	for _, s := range r.Reasons {
		fmt.Fprintln(w, s)
	}
	fmt.Fprintln(w, p.T("screen.class.catch_all", "answer", p.T("screen.class.catch."+r.CatchAll.Answer), "why", r.CatchAll.Why))
	for _, f := range r.CatchAll.Paths {
		fmt.Fprintf(w, "  %s\n", f.Harm)
	}
	for _, f := range r.Protective {
		fmt.Fprintf(w, "%s: %s\n", f.Name, f.Why)
	}
	for _, q := range r.Questions {
		fmt.Fprintln(w, p.T("screen.class.ask", "text", q.Text))
	}
	for _, l := range r.Lists {
		fmt.Fprintln(w, p.T("screen.class.list", "list", l.ID, "version", l.Version))
	}
	if len(r.Lists) == 0 {
		fmt.Fprintln(w, p.T("screen.class.own_words"))
	}
	return nil
}

type classifyBatch struct {
	List    []string `help:"Control lists as JSON lines, instead of the node's." type:"existingfile"`
	Queries string   `required:"" help:"Descriptions, one JSON object a line." type:"existingfile"`
	Out     string   `short:"o" required:"" help:"File to write, - for standard output." type:"path"`
	looking
}

// Run classifies a file of descriptions.
func (c classifyBatch) Run(e *env) error {
	engine, done, err := c.classifier(e)
	if err != nil {
		return err
	}
	defer done()
	queries, err := os.Open(c.Queries)
	if err != nil {
		return err
	}
	defer queries.Close()
	n := 0
	if err := e.write(c.Out, func(w io.Writer) error {
		n, err = engine.Batch(queries, w)
		return err
	}); err != nil {
		return err
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.Stderr, p.T("screen.class.batch", "count", n))
	return err
}

func (c classifyBatch) classifier(e *env) (*controls.Classifier, func(), error) {
	if len(c.List) == 0 {
		app, x, err := c.engines(e)
		if err != nil {
			return nil, nil, err
		}
		return x.Controls, func() {
			if app != nil {
				_ = app.Close()
			}
		}, nil
	}
	entries, err := controls.LoadContent(content.FS)
	if err != nil {
		return nil, nil, err
	}
	o := controls.Options{Content: entries}
	for _, name := range c.List {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		l, err := controls.ParseJSONL(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		o.Lists = append(o.Lists, l)
	}
	engine, err := controls.NewClassifier(o)
	return engine, func() {}, err
}
