package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

type demoGenerate struct {
	Cases  int    `required:"" help:"How many cases there shall be. Those that are there are counted, so a run that was broken off goes on."`
	Dir    string `default:"demo-volume" help:"Folder of the state; made where it is absent." type:"path"`
	Engine string `default:"sqlite" enum:"sqlite,postgres" help:"Database: sqlite or postgres."`
	DSN    string `name:"dsn" help:"Connection string, for postgres."`
	Seed   uint64 `default:"1" help:"The same seed makes the same cases."`
}

// Run makes a large state.
func (c demoGenerate) Run(e *env) error {
	if c.Cases < 1 {
		return errors.New("--cases must be at least 1")
	}
	cfg := node.Config{
		Name: "norland.example", Title: demo.Authority, State: "XN", States: demo.States,
		Dir: filepath.Join(c.Dir, "data"), Keys: filepath.Join(c.Dir, "keys"), Engine: store.Engine(c.Engine), DSN: c.DSN, Log: e.log,
	}
	if _, err := os.Stat(cfg.Keys); errors.Is(err, os.ErrNotExist) {
		if err := node.Init(e, cfg); err != nil {
			return err
		}
	}
	app, err := node.Open(e, cfg)
	if err != nil {
		return err
	}
	m, err := volume.Make(e, app, volume.Options{Cases: c.Cases, Seed: c.Seed, Password: demo.Password, Progress: e.progress("cases")})
	if err == nil {
		_, err = app.Checkpoint(e)
	}
	if err := errors.Join(err, app.Close()); err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "%d cases were there; %d cases, %d events, %d lines and %d parties were added in %s", m.Before, m.Cases, m.Events, m.Lines, m.Parties, m.Took.Round(time.Millisecond))
	if s := m.Took.Seconds(); m.Cases > 0 && s > 0 {
		fmt.Fprintf(e.Stdout, " (%.0f cases and %.0f events a second)", float64(m.Cases)/s, float64(m.Events)/s)
	}
	fmt.Fprintln(e.Stdout, ".")
	return nil
}
