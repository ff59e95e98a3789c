package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/statement/field"
	"github.com/comity-project/comity/statement/misp"
	"github.com/comity-project/comity/statement/stix"
)

type statementCmd struct {
	Check      statementCheck      `cmd:"" help:"Is this valid STIX 2.1, and if not, what is to be done?"`
	Import     statementImport     `cmd:"" help:"Take in others' bundles: with provenance, what is invalid held aside, nothing lost."`
	Convert    statementConvert    `cmd:"" help:"MISP JSON and CSV to STIX 2.1 and back."`
	Verify     statementVerify     `cmd:"" help:"Who signed this, for whom, and do others see it? Needs no node and no network."`
	Extensions statementExtensions `cmd:"" help:"Write the extension-definitions and their JSON Schemas."`
}

// loadSTIX reads a STIX document; what is wrong with it is named with the file.
func (e *env) loadSTIX(name string) (*stix.Document, error) {
	src, err := e.readBounded(name, stix.DefaultLimits().Bytes)
	if err != nil {
		return nil, err
	}
	d, err := stix.Read(src, stix.Limits{})
	if err != nil {
		return nil, unreadable(name, err)
	}
	return d, nil
}

// readBounded reads a file, or standard input for "-", up to a bound.
func (e *env) readBounded(name string, limit int) ([]byte, error) {
	in := e.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	src, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if err == nil && len(src) > limit {
		err = fault.New(fault.TooLarge, "statement.too_large", "file", filepath.Base(name), "max", limit>>20)
	}
	return src, err
}

func unreadable(name string, err error) error {
	code := fault.Invalid
	if errors.Is(err, stix.ErrTooLarge) {
		code = fault.TooLarge
	}
	return fault.New(code, "statement.unreadable", "file", filepath.Base(name), "why", err.Error())
}

type statementCheck struct {
	Files  []string `arg:"" help:"Bundles, lists of objects or single objects; - for standard input."`
	Strict bool     `help:"Warnings count as errors."`
	JSON   bool     `help:"As JSON, one finding a line."`
}

// Run checks files and fails when one is not valid.
func (c statementCheck) Run(e *env) error {
	p, err := e.printer()
	if err != nil {
		return err
	}
	invalid := 0
	for _, name := range c.Files {
		d, err := e.loadSTIX(name)
		var f *fault.Error
		switch {
		case errors.As(err, &f):
			invalid++
			fmt.Fprintln(e.Stdout, lang.Fault(p, f).Message)
			continue
		case err != nil:
			return err
		}
		findings := append(stix.CheckBundle(d), checkAll(d)...)
		errs, warnings := 0, 0
		for _, f := range findings {
			if f.Warning {
				warnings++
			} else {
				errs++
			}
			if c.JSON {
				if err := e.json(f); err != nil {
					return err
				}
			} else {
				fmt.Fprintf(e.Stdout, "  %s\n", f)
			}
		}
		key := "statement.valid"
		if errs > 0 || c.Strict && warnings > 0 {
			key = "statement.invalid"
			invalid++
		}
		if !c.JSON {
			fmt.Fprintln(e.Stdout, p.T(key, "file", filepath.Base(name), "objects", len(d.Objects), "errors", errs, "warnings", warnings))
		}
	}
	if invalid > 0 {
		return fault.New(fault.Invalid, "statement.some_invalid", "count", invalid)
	}
	return nil
}

// checkAll checks the objects of a document on all processors, in their order.
func checkAll(d *stix.Document) (all []stix.Finding) {
	found := make([][]stix.Finding, len(d.Objects))
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(d.Objects); i += workers {
				found[i] = stix.Check(&d.Objects[i])
			}
		})
	}
	wg.Wait()
	for _, f := range found {
		all = append(all, f...)
	}
	return all
}

type statementImport struct {
	Files     []string  `arg:"" help:"Bundles of STIX 2.1." type:"existingfile"`
	Out       string    `short:"o" required:"" help:"Folder for the file as it came, the record of what became of it, and the bundle of what was accepted." type:"path"`
	Source    string    `required:"" help:"Who published it."`
	URL       string    `help:"Where."`
	Licence   string    `required:"" help:"Licence, as SPDX names it, or 'unknown'."`
	Admiralty string    `required:"" help:"How far source (A to F) and content (1 to 6) are trusted, as in B2; F6 when neither can be judged."`
	Retrieved time.Time `required:"" format:"2006-01-02" help:"Day it was retrieved, as 2026-11-22."`
}

// Run takes files in.
func (c statementImport) Run(e *env) error {
	p, err := e.printer()
	if err != nil {
		return err
	}
	from := field.Provenance{Source: c.Source, URL: c.URL, Licence: c.Licence, Admiralty: c.Admiralty, Retrieved: c.Retrieved}
	if err := from.Check(); err != nil {
		return fault.New(fault.Invalid, "statement.provenance", "why", err.Error())
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	for _, name := range c.Files {
		src, err := e.readBounded(name, stix.DefaultLimits().Bytes)
		if err != nil {
			return err
		}
		in, err := field.Take(src, from, stix.Limits{})
		if err != nil {
			return unreadable(name, err)
		}
		if err := e.keep(c.Out, filepath.Base(name), in); err != nil {
			return err
		}
		fmt.Fprintln(e.Stdout, p.T("statement.taken", "file", filepath.Base(name), "objects", len(in.Parts), "accepted", in.Count(field.Accepted),
			"held", in.Count(field.Quarantined), "waiting", in.Count(field.Waiting)))
		findings := in.Around
		for _, part := range in.Parts {
			if part.State == field.Quarantined {
				findings = append(findings, part.Findings...)
			}
		}
		for _, f := range findings {
			if !f.Warning {
				fmt.Fprintf(e.Stdout, "  %s\n", f)
			}
		}
	}
	return nil
}

// keep writes an intake: the file's own bytes, the record, what was accepted.
func (e *env) keep(folder, name string, in *field.Intake) error {
	record, err := in.Record()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		bytes []byte
	}{
		{name, in.Export()},
		{name + ".record.json", record},
		{name + ".accepted.json", in.Bundle()},
	} {
		if err := e.write(filepath.Join(folder, f.name), func(w io.Writer) error {
			_, err := w.Write(f.bytes)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

type statementConvert struct {
	File string `arg:"" help:"File to convert: MISP JSON, MISP CSV (its name ends in .csv) or STIX 2.1; - for standard input."`
	To   string `required:"" enum:"stix,misp,csv" help:"Form to write: stix, misp or csv."`
	Out  string `short:"o" default:"-" help:"File to write, - for standard output." type:"path"`
}

// Run converts a file and tells what had no place in the other form.
func (c statementConvert) Run(e *env) error {
	src, err := e.readBounded(c.File, misp.MaxBytes)
	if err != nil {
		return err
	}
	events, left, err := c.events(src)
	if err != nil {
		return err
	}
	out := misp.Converted{}
	switch c.To {
	case "stix":
		out, err = misp.ToSTIX(events)
	case "misp":
		out.Bytes, err = misp.Write(events)
	case "csv":
		out.Bytes, err = misp.WriteCSV(events)
	}
	if err != nil {
		return err
	}
	if err := e.write(c.Out, func(w io.Writer) error {
		_, err := w.Write(out.Bytes)
		return err
	}); err != nil {
		return err
	}
	if left = append(left, out.Left...); len(left) == 0 {
		return nil
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	fmt.Fprintln(e.Stderr, p.T("statement.left", "count", len(left)))
	for _, l := range left {
		fmt.Fprintf(e.Stderr, "  %s\n", l)
	}
	return nil
}

// events reads a file of any of the three forms as events of MISP.
func (c statementConvert) events(src []byte) ([]misp.Event, []string, error) {
	if strings.EqualFold(filepath.Ext(c.File), ".csv") {
		event, err := misp.ReadCSV(src)
		if err != nil {
			return nil, nil, unreadable(c.File, err)
		}
		return []misp.Event{event}, nil, nil
	}
	if events, err := misp.Parse(src); err == nil {
		return events, nil, nil
	}
	d, err := stix.Read(src, stix.Limits{})
	if err != nil {
		return nil, nil, unreadable(c.File, err)
	}
	if c.To == "stix" {
		return nil, nil, fault.New(fault.Invalid, "statement.is_stix", "file", filepath.Base(c.File))
	}
	event, left := misp.FromSTIX(d)
	return []misp.Event{event}, left, nil
}

type statementExtensions struct {
	Out     string `short:"o" required:"" help:"Folder to write to." type:"path"`
	Address string `required:"" help:"Address at which the folder will be published, as https://node.example/schemas."`
}

// Run writes what a node publishes of its extensions.
func (c statementExtensions) Run(e *env) error {
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	objects := [][]byte{stix.OwnIdentityObject()}
	for l := stix.PAPClear; l <= stix.PAPRed; l++ {
		objects = append(objects, stix.PAPObject(l))
	}
	put := func(name string, b []byte) error {
		return e.write(filepath.Join(c.Out, name), func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
	}
	for _, x := range stix.Extensions() {
		objects = append(objects, x.Object(c.Address))
		if err := put(x.Name+".json", x.Schema()); err != nil {
			return err
		}
	}
	return put("extensions.json", stix.Bundle(objects))
}
