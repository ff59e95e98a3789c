package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/statement/stix"
)

type collectionCmd struct {
	Open   collectionOpen   `cmd:"" help:"Open a collection, local to this node."`
	List   collectionList   `cmd:"" help:"List collections, or what came into one."`
	Allow  collectionAllow  `cmd:"" help:"Say what a program's account may do in a collection, and the provenance of what it brings."`
	Import collectionImport `cmd:"" help:"Take in files that others published: STIX 2.1, MISP JSON, MISP CSV."`
	Export collectionExport `cmd:"" help:"Write the file of an import as it came, byte for byte."`
	Write  collectionWrite  `cmd:"" help:"Write what a collection holds, marked and with its provenance: STIX, MISP JSON or CSV."`
}

// said are the flags that force provenance on what comes in.
type said struct {
	Source    string `help:"Who published it."`
	URL       string `help:"Where."`
	Licence   string `help:"Licence, as SPDX names it, or 'unknown'."`
	Admiralty string `help:"How far source (A to F) and content (1 to 6) are trusted, as in B2; F6 when neither can be judged."`
}

func (s said) provenance() dispatch.Provenance {
	return dispatch.Provenance{Source: s.Source, URL: s.URL, Licence: s.Licence, Admiralty: s.Admiralty}
}

type collectionOpen struct {
	Title string `arg:"" help:"What people call it."`
	About string `help:"What it is for."`
}

// Run opens a collection and writes its id.
func (c collectionOpen) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	id := node.NewID()
	if err := app.Do(e, operator(), dispatch.OpenCollection{Collection: id, Title: c.Title, About: c.About}); err != nil {
		return err
	}
	fmt.Fprintln(e.Stdout, id)
	return nil
}

// collectionNamed finds a collection by its id or its title.
func (e *env) collectionNamed(app *node.App, name string) (string, error) {
	all, _, _, err := app.Collections(e, operator(), "", 0, 1)
	if err != nil {
		return "", err
	}
	found := ""
	for _, c := range all {
		if c.ID == name {
			return name, nil
		}
		if c.Title == name && !c.Closed {
			if found != "" {
				return "", fault.New(fault.Invalid, "statement.collection_twice", "name", name)
			}
			found = c.ID
		}
	}
	if found == "" {
		return "", fault.New(fault.NotFound, "statement.collection_unknown", "name", name)
	}
	return found, nil
}

type collectionList struct {
	Collection string `arg:"" optional:"" help:"Id or title; none lists the collections."`
}

// listedImports is how many imports are listed.
const listedImports = 500

// Run lists.
func (c collectionList) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	w := tabwriter.NewWriter(e.Stdout, 0, 8, 2, ' ', 0)
	if c.Collection == "" {
		all, _, _, err := app.Collections(e, operator(), "", 0, 1)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "id\ttitle\tclosed")
		for _, x := range all {
			fmt.Fprintf(w, "%s\t%s\t%v\n", x.ID, x.Title, x.Closed)
		}
		return w.Flush()
	}
	id, err := e.collectionNamed(app, c.Collection)
	if err != nil {
		return err
	}
	_, rows, _, err := app.Collections(e, operator(), id, 0, listedImports)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "import\tlast\tway\tsource\tadmiralty\tobjects\theld\tremoved\tname")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", r.ID, moment(r.Last), r.Way, r.Source, r.Admiralty, r.Count, r.Held, r.Removed, r.Name)
	}
	return w.Flush()
}

type collectionAllow struct {
	Collection string `arg:"" help:"Id or title."`
	Account    string `required:"" help:"Id of the program's account, as comity user program wrote it."`
	Read       bool   `help:"It may read."`
	Write      bool   `help:"It may write; then source, licence and admiralty are needed. Neither ends what it may."`
	said
}

// Run says what an account may do.
func (c collectionAllow) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	id, err := e.collectionNamed(app, c.Collection)
	if err != nil {
		return err
	}
	return app.Do(e, operator(), dispatch.Allow{Collection: id, Allowance: dispatch.Allowance{Account: c.Account, Read: c.Read, Write: c.Write, From: c.provenance()}})
}

type collectionImport struct {
	Collection string   `arg:"" help:"Id or title."`
	Files      []string `arg:"" help:"Files; - for standard input."`
	said
}

// Run takes files in.
func (c collectionImport) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	p, err := e.printer()
	if err != nil {
		return err
	}
	id, err := e.collectionNamed(app, c.Collection)
	if err != nil {
		return err
	}
	for _, name := range c.Files {
		src, err := e.readBounded(name, stix.DefaultLimits().Bytes)
		if err != nil {
			return err
		}
		out, err := app.TakeFile(e, operator(), node.TakeFile{Import: node.NewID(), Collection: id, Name: name, Bytes: src, From: c.provenance()})
		if err != nil {
			return err
		}
		fmt.Fprintln(e.Stdout, p.T("statement.imported", "file", filepath.Base(name), "objects", out.Objects, "accepted", out.Accepted, "held", out.Held, "had", out.Had, "import", out.Import))
		for _, why := range out.Reasons {
			fmt.Fprintf(e.Stdout, "  %s\n", why)
		}
		for _, left := range out.Left {
			fmt.Fprintf(e.Stdout, "  %s\n", left)
		}
	}
	return nil
}

type collectionExport struct {
	Import string `arg:"" help:"Id of the import."`
	Out    string `short:"o" default:"-" help:"File to write, - for standard output." type:"path"`
}

// Run writes the file as it came.
func (c collectionExport) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	_, r, err := app.OpenImport(e, operator(), c.Import)
	if err != nil {
		return err
	}
	defer r.Close()
	return e.write(c.Out, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
}

type collectionWrite struct {
	Collection string `arg:"" help:"Id or title."`
	As         string `default:"stix" enum:"stix,misp,csv" help:"Form: stix, misp or csv."`
	Out        string `short:"o" default:"-" help:"File to write, - for standard output." type:"path"`
}

// Run writes what the collection holds.
func (c collectionWrite) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	id, err := e.collectionNamed(app, c.Collection)
	if err != nil {
		return err
	}
	return e.write(c.Out, func(w io.Writer) error {
		left, err := app.WriteCollection(e, operator(), id, c.As, w)
		if len(left) > 0 {
			fmt.Fprintln(e.Stderr, strings.Join(left, "\n"))
		}
		return err
	})
}
