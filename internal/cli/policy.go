package cli

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/policy"
)

type policyCmd struct {
	Check    policyCheck    `cmd:"" help:"Load a pack, run its rules' own tests, and say what it holds."`
	Replay   policyReplay   `cmd:"" help:"Put every past decision to another pack and say what would move."`
	Scrutiny policyScrutiny `cmd:"" help:"Which level of scrutiny the pack's table gives each country of a file of indicators."`
	Propose  policyPropose  `cmd:"" help:"Put a pack forward as a version of the rules."`
	Publish  policyPublish  `cmd:"" help:"Put a proposed pack in force from a day on."`
}

// loadPack reads a pack from a folder, from one file, or by the name of one that
// ships. A pack that is written over another is read with that one, which ships.
func loadPack(at string) (*policy.Pack, error) {
	if st, err := os.Stat(at); err == nil && !st.IsDir() {
		b, err := os.ReadFile(filepath.Clean(at))
		if err != nil {
			return nil, err
		}
		return policy.Parse(b)
	} else if err == nil {
		return loadFolder(os.DirFS(at))
	}
	if !strings.ContainsAny(at, `/\.`) {
		if p, err := shippedPack(at); err == nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s is no folder, no file and no pack that ships", at)
}

func loadFolder(fsys fs.FS) (*policy.Pack, error) {
	extends, err := policy.Extends(fsys)
	if err != nil || extends == "" {
		return policy.Load(fsys)
	}
	base, err := shippedPack(extends)
	if err != nil {
		return nil, fmt.Errorf("the pack that it is written over: %w", err)
	}
	return policy.LoadOver(fsys, base)
}

func shippedPack(name string) (*policy.Pack, error) {
	fsys, err := fs.Sub(content.FS, "policy/"+name)
	if err != nil {
		return nil, err
	}
	return loadFolder(fsys)
}

type policyCheck struct {
	Dir string `arg:"" help:"Folder or file of the pack, or the name of one that ships."`
}

// Run checks a pack: what doesn't load, and what may not be put in force because
// a rule's own tests fail or are missing, ends with an error.
func (c policyCheck) Run(e *env) error {
	pack, err := loadPack(c.Dir)
	if err != nil {
		return err
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	d := pack.Document()
	unverified := 0
	for _, r := range pack.Rules() {
		if r.Unverified {
			unverified++
		}
	}
	fmt.Fprintln(e.Stdout, p.T("screen.pack.loads", "title", pack.Title(), "id", pack.ID(), "version", pack.Version(), "rules", len(pack.Rules()), "facts", len(d.Facts), "hash", pack.Hash()))
	if unverified > 0 {
		fmt.Fprintln(e.Stdout, p.T("screen.pack.unverified", "count", unverified))
	}
	return pack.Publishable()
}

type policyReplay struct {
	Pack  string `required:"" help:"Folder or file of the pack, or the name of one that ships."`
	Since string `help:"Only decisions from this day on (2026-01-31)."`
	Flips int    `default:"50" help:"How many flips to name."`
	JSON  bool   `name:"json" help:"Write everything as JSON."`
}

// Run replays past decisions under a pack. It changes nothing.
func (c policyReplay) Run(e *env) error {
	pack, err := loadPack(c.Pack)
	if err != nil {
		return err
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	began, told := time.Now(), time.Now()
	r, err := app.ReplayPack(e, access.System(), pack, policy.Date(c.Since), func(done, total int64) {
		if time.Since(told) > time.Second {
			told = time.Now()
			fmt.Fprintln(e.Stderr, p.T("policy.replay.progress", "done", p.Int(done), "total", p.Int(total)))
		}
	})
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(e.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	fmt.Fprintln(e.Stdout, p.T("policy.replay.done", "id", r.ID, "version", r.Version, "cases", p.Int(r.Cases), "lines", p.Int(r.Lines), "seconds", fmt.Sprintf("%.1f", time.Since(began).Seconds())))
	fmt.Fprintln(e.Stdout, p.T("policy.replay.moved", "count", r.Moved, "regrounded", p.Int(r.Regrounded), "without", p.Int(r.Without)))
	for _, by := range []struct {
		key   string
		tally []node.Tally
	}{{"destination", r.Destinations}, {"category", r.Categories}, {"rule", r.Rules}} {
		if len(by.tally) > 0 {
			fmt.Fprintln(e.Stdout, p.T("policy.replay.by."+by.key)+":")
		}
		for _, t := range by.tally {
			fmt.Fprintln(e.Stdout, "  "+p.T("policy.replay.tally", "key", orUnknown(p, t.Key), "flips", p.Int(t.Flips), "release", p.Int(t.Release)))
		}
	}
	for i, f := range r.Flips {
		if i == c.Flips {
			fmt.Fprintln(e.Stdout, p.T("policy.replay.more", "count", int64(len(r.Flips)-i)+r.Lost))
			break
		}
		tellFlip(e, p, f)
	}
	return nil
}

func orUnknown(p lang.Printer, key string) string {
	if key == "" {
		return p.T("policy.status.unknown")
	}
	return key
}

func tellFlip(e *env, p lang.Printer, f node.CaseFlip) {
	fmt.Fprintln(e.Stdout, p.T("policy.replay.flip", "case", f.Reference, "line", f.Line, "was", p.T("policy.standing."+string(f.Was)), "now", p.T("policy.standing."+string(f.Now))))
	for _, id := range f.Gone {
		fmt.Fprintln(e.Stdout, "  "+p.T("policy.replay.gone", "rule", id))
	}
	for _, r := range f.Rules {
		text := p.T("policy.replay.because", "rule", r.Rule, "status", p.T("policy.status."+string(r.Status)))
		if r.Residual != "" {
			text += ": " + r.Residual
		}
		fmt.Fprintln(e.Stdout, "  "+text)
	}
}
