package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
)

type feedCmd struct {
	Add   feedAdd   `cmd:"" help:"Subscribe to a feed."`
	List  feedList  `cmd:"" help:"Feeds, when they were fetched and which fail."`
	Fetch feedFetch `cmd:"" help:"Fetch feeds now."`
	Stop  feedStop  `cmd:"" help:"Stop a feed. What it brought stays."`
}

type feedAdd struct {
	Collection string `arg:"" help:"Id or title of the collection it comes into."`
	Form       string `enum:"file,taxii,misp" default:"file" help:"file: STIX, MISP JSON or CSV at one address; taxii: a collection of TAXII 2.1; misp: a folder with manifest.json."`
	Hours      int    `default:"24" help:"Between two fetches."`
	Quota      int64  `help:"Objects of one fetch, at most; none for the bound of the program."`
	said
}

// Run subscribes and writes the feed's id.
func (c feedAdd) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	collection, err := e.collectionNamed(app, c.Collection)
	if err != nil {
		return err
	}
	id := node.NewID()
	if err := app.Do(e, operator(), dispatch.Subscribe{Feed: id, Collection: collection, Form: c.Form, Hours: c.Hours, Quota: c.Quota, From: c.provenance()}); err != nil {
		return err
	}
	fmt.Fprintln(e.Stdout, id)
	return nil
}

type feedList struct{}

// Run lists.
func (feedList) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	rows, err := app.Feeds(e, operator())
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "feed\tform\thours\tlast\tdue\tfailures\tstopped\tsource\taddress")
	for _, f := range rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%d\t%v\t%s\t%s\n", f.ID, f.Form, f.Hours, moment(f.Last), moment(f.Due), f.Failures, f.Stopped, f.Source, f.URL)
	}
	return w.Flush()
}

type feedFetch struct {
	Feeds []string `arg:"" optional:"" help:"Ids; all that are not stopped when left out."`
}

// Run fetches and tells what came. One that fails does not keep the others from
// being fetched; the exit code tells of it.
func (c feedFetch) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	if len(c.Feeds) == 0 {
		rows, err := app.Feeds(e, operator())
		if err != nil {
			return err
		}
		for _, f := range rows {
			if !f.Stopped {
				c.Feeds = append(c.Feeds, f.ID)
			}
		}
	}
	failed := 0
	for _, id := range c.Feeds {
		f, err := app.ReadFeed(e, id)
		switch {
		case err != nil:
			return err
		case f.ID == "":
			return fault.New(fault.NotFound, "statement.feed_unknown", "feed", id)
		case f.Stopped != nil:
			return fault.New(fault.Conflict, "dispatch.feed.stopped")
		case len(f.Fetches) == 0:
			return fault.New(fault.Blocked, "dispatch.feed.none")
		}
		last := f.Fetches[0]
		fmt.Fprintf(e.Stdout, "%s: %d objects, %d accepted, %d held aside, %d here already\n", f.From.Source, last.Got.Objects, last.Got.Accepted, last.Got.Held, last.Got.Had)
		if last.Why != nil {
			failed++
			fmt.Fprintln(e.Stderr, last.Why.Value)
		}
	}
	if failed > 0 {
		return fault.New(fault.Unavailable, "statement.feeds_failed", "count", failed)
	}
	return nil
}

type feedStop struct {
	Feed string `arg:"" help:"Id."`
}

// Run stops one.
func (c feedStop) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	return app.Do(e, operator(), dispatch.StopFeed{Feed: c.Feed})
}
