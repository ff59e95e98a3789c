package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/fetch"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/taxii/feeds"
	"github.com/comity-project/comity/internal/web/door"
)

type demoCmd struct {
	Serve    demoServe    `cmd:"" help:"Make a demonstration state where there is none, and serve it."`
	Generate demoGenerate `cmd:"" help:"Make a large state of made-up cases, to see how the program behaves with years of work in it."`
}

type demoServe struct {
	Dir    string `default:"demo-data" help:"Folder of the demonstration." type:"path"`
	Listen string `default:"127.0.0.1:8080" help:"Address to listen on. Its passwords are no secret: keep to loopback."`
	Fresh  bool   `help:"Throw away the demonstration that is there and make a new one."`
}

// Run makes the demonstration by real commands and serves it.
func (c demoServe) Run(e *env) error {
	var s Settings
	s.Node.Name, s.Node.Title, s.Node.State, s.Node.Zone = "norland.example", demo.Authority, "XN", "Europe/Oslo"
	s.Web.Listen = c.Listen
	cfg := node.Config{
		Feeds: feeds.New(fetch.Allow{}), // public addresses alone
		Name:  s.Node.Name, Title: s.Node.Title, State: s.Node.State, States: demo.States, URL: "http://" + c.Listen,
		Redress: []node.Redress{
			{
				Body: "Appeals panel of the authority (made up)", How: "In writing. Say which part of the decision you contest, and why. Nobody who took part in it decides on the appeal.",
				Days: 28, Source: "Norland Export Control Act, section 31 (made up)", For: []string{"refuse", "issue", "not_required"},
			},
			{
				Body: "Administrative Court of Nordhavn (made up)", How: "By a claim, after the appeal was decided or sixty days passed without a decision.",
				Address: "4 Court Lane, Nordhavn", Days: 90, Source: "Norland Administrative Courts Act, section 12 (made up)", For: []string{"refuse"},
			},
		},
		Address: []string{"1 Harbour Street", "Nordhavn, Norland (made up)"}, Contact: "licences@authority.example",
		Dir: filepath.Join(c.Dir, "data"), Keys: filepath.Join(c.Dir, "keys"), Engine: store.SQLite, Log: e.log,
	}
	if c.Fresh {
		if err := os.RemoveAll(c.Dir); err != nil {
			return err
		}
	}
	// The folder gets its name when it is whole, so that a demonstration broken
	// off in the making is made anew.
	if _, err := os.Stat(c.Dir); errors.Is(err, os.ErrNotExist) {
		if err := c.make(e, cfg); err != nil {
			return err
		}
	}
	app, err := node.Open(e, cfg)
	if err != nil {
		return err
	}
	defer app.Close()
	d := door.New(app)
	d.States = demo.States
	for _, p := range demo.People {
		d.People = append(d.People, door.Sample{Sign: p.Sign, Password: demo.Password, Name: p.Name, Role: p.Role, Org: p.Org})
	}
	return e.serve(app, d, s)
}

func (c demoServe) make(e *env, cfg node.Config) error {
	making := c.Dir + ".making"
	if err := os.RemoveAll(making); err != nil {
		return err
	}
	fmt.Fprintln(e.Stderr, "Making the demonstration: people, companies and cases at every stage.")
	clock := demo.NewClock(time.Now().UTC().Add(-demo.Span))
	tmp := cfg
	tmp.Dir, tmp.Keys, tmp.Now = filepath.Join(making, "data"), filepath.Join(making, "keys"), clock.Now
	if err := node.Init(e, tmp); err != nil {
		return err
	}
	app, err := node.Open(e, tmp)
	if err != nil {
		return err
	}
	state, err := demo.SetUp(e, app, demo.Password)
	if err == nil {
		bar := e.progress("making")
		err = state.Build(e, clock, func(done, total int) {
			if bar != nil {
				bar(int64(done), int64(total))
			}
		})
	}
	if err := errors.Join(err, app.Close()); err != nil {
		return err
	}
	return os.Rename(making, c.Dir)
}
