// Package cli is the door for operators: the commands of the program comity.
// Each command is a struct of flags with a Run method; what it does lies in
// node, and here is only how it is asked for and told.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime/debug"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
)

// IO is where a command reads and writes.
type IO struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// env is what every command's Run gets.
type env struct {
	context.Context
	IO
	config string
	log    *slog.Logger
}

type commands struct {
	Config string `short:"c" help:"Configuration file (TOML). Environment variables COMITY_* override it." env:"COMITY_CONFIG" type:"path"`

	Serve      serveCmd      `cmd:"" help:"Serve the node's pages."`
	Init       initCmd       `cmd:"" help:"Make a new node: folders, keys, schema."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the schema forward. There is no way back."`
	User       userCmd       `cmd:"" help:"Organisations and accounts."`
	Doctor     doctorCmd     `cmd:"" help:"Look for what is wrong or missing."`
	Mail       mailCmd       `cmd:"" help:"Whether notices go out, and which did not arrive."`
	Ledger     ledgerCmd     `cmd:"" help:"Verify, prove, export, import, rebuild."`
	Backup     backupCmd     `cmd:"" help:"Write a backup of the running node."`
	Restore    restoreCmd    `cmd:"" help:"Read a backup into an empty place and verify it."`
	Decision   decisionCmd   `cmd:"" help:"Replay decisions."`
	Demo       demoCmd       `cmd:"" help:"A demonstration state with made-up people and cases."`
	Lists      listsCmd      `cmd:"" help:"Lists of parties, control lists, indicators: versions and updates."`
	Screen     screenCmd     `cmd:"" help:"Whom is a party like?"`
	Classify   classifyCmd   `cmd:"" help:"What may an item be?"`
	Assess     assessCmd     `cmd:"" help:"What can be said of a case before a person decides."`
	Policy     policyCmd     `cmd:"" help:"Packs of rules."`
	Statistics statisticsCmd `cmd:"" help:"Count a year and check it against the ledger."`
	Licence    licenceCmd    `cmd:"" help:"Is a licence genuine? Without a network."`
	Customs    customsCmd    `cmd:"" help:"Messages from customs, and notices to them."`
	Statement  statementCmd  `cmd:"" help:"What states and researchers say: check, import, convert."`
	Feed       feedCmd       `cmd:"" help:"What others publish, fetched again and again into collections."`
	Collection collectionCmd `cmd:"" help:"What others publish, in collections local to this node."`
	Exchange   exchangeCmd   `cmd:"" help:"This node among other states' nodes: keys, trust list, peers."`
	Version    versionCmd    `cmd:"" help:"Say which program this is."`
}

// Main runs one command line and returns the exit status.
func Main(ctx context.Context, args []string, stdio IO) int {
	var c commands
	var chosen runner
	root := command("comity", "One state's node for export control with human rights at its heart.", reflect.ValueOf(&c).Elem(),
		func(r runner) error { chosen = r; return nil })
	root.SetArgs(args)
	root.SetOut(stdio.Stdout)
	root.SetErr(stdio.Stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	if at, err := root.ExecuteC(); err != nil {
		fmt.Fprintf(stdio.Stderr, "comity: %v\nWhat there is: %s --help\n", err, at.CommandPath())
		return 2
	}
	if chosen == nil { // help was asked for
		return 0
	}
	e := &env{Context: ctx, IO: stdio, config: c.Config, log: slog.New(slog.NewTextHandler(stdio.Stderr, nil))}
	return e.report(chosen.Run(e))
}

// report says what went wrong in the words of the catalogue and gives the exit
// status.
func (e *env) report(err error) int {
	if err == nil {
		return 0
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		fmt.Fprintln(e.Stderr, "comity:", err)
		return 1
	}
	cat, loadErr := lang.Load(content.FS)
	if loadErr != nil {
		fmt.Fprintln(e.Stderr, "comity:", err)
		return 1
	}
	p := lang.Fault(cat.Printer("en", nil), f)
	fmt.Fprintln(e.Stderr, "comity:", p.Message)
	for _, field := range p.Fields {
		fmt.Fprintf(e.Stderr, "  %s: %s\n", field.Name, field.Message)
	}
	for _, item := range p.Items {
		fmt.Fprintf(e.Stderr, "  %s\n", item.Message)
	}
	if f.Cause != nil && (f.Code == fault.Internal || f.Code == fault.Unavailable) {
		fmt.Fprintln(e.Stderr, "  cause:", f.Cause)
	}
	return fault.ExitStatus(err)
}

type versionCmd struct{}

// Run says which program this is.
func (versionCmd) Run(e *env) error {
	version, revision := "development", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(e.Stdout, "comity %s%s\n", version, revision)
	return err
}
