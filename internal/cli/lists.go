package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/fetch"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/lists/sources"
	"github.com/comity-project/comity/internal/node"
)

type listsCmd struct {
	All      listsAll      `cmd:"" default:"1" help:"All lists on record, and those that are known and missing."`
	Define   listsDefine   `cmd:"" help:"Put a list of your own on record."`
	Import   listsImport   `cmd:"" help:"Read a list's files as a new version."`
	Update   listsUpdate   `cmd:"" help:"Fetch lists from their official addresses."`
	Show     listsShow     `cmd:"" help:"One list with its versions."`
	Diff     listsDiff     `cmd:"" help:"What a version changed."`
	Touched  listsTouched  `cmd:"" help:"Which live licences and cases the changes of a control list concern."`
	Activate listsActivate `cmd:"" help:"Take a waiting version into use, or one that was in use before."`
	Force    listsForce    `cmd:"" help:"Take a suspicious version into use."`
	Reject   listsReject   `cmd:"" help:"Say that a version will not be used."`
}

type listsAll struct{}

// Run tells of all lists.
func (listsAll) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	p, err := e.printer()
	if err != nil {
		return err
	}
	x, err := app.Engines(e)
	if err != nil {
		return err
	}
	states, err := app.Lists(e, operator())
	if err != nil {
		return err
	}
	for _, s := range states {
		v := s.ActiveVersion()
		switch {
		case s.Retired:
			fmt.Fprintf(e.Stdout, "%-20s %s\n", s.ID, p.T("listing.text.retired"))
		case v == nil:
			fmt.Fprintf(e.Stdout, "%-20s %s\n", s.ID, p.T("listing.text.empty"))
		default:
			fmt.Fprintf(e.Stdout, "%-20s %s\n", s.ID, p.T("listing.text.in_use", "number", v.Number, "published", cmp.Or(v.Published, "–"), "entries", v.Figures.Entries, "review", s.ReviewBy))
		}
		for _, w := range s.Versions {
			if w.Status == lists.Waiting || w.Status == lists.Suspicious {
				fmt.Fprintf(e.Stdout, "%-20s   %s\n", "", p.T("listing.text.waits", "number", w.Number, "status", p.T("listing.status."+string(w.Status))))
			}
		}
	}
	for _, l := range x.InUse {
		if l.Shipped {
			fmt.Fprintf(e.Stdout, "%-20s %s\n", l.ID, p.T("listing.text.shipped", "published", l.Published, "entries", l.Entries))
		}
	}
	for _, title := range x.NotSearched {
		fmt.Fprintln(e.Stdout, p.T("listing.text.missing", "title", title))
	}
	return nil
}

type listsDefine struct {
	List       string `arg:"" help:"Id: small letters, digits and hyphens."`
	Title      string `required:""`
	Kind       string `default:"parties" help:"parties, controls, indicators, chart or pack."`
	Format     string `default:"comity-yaml" help:"Form of its files."`
	Publisher  string `required:""`
	LegalBasis string `required:"" help:"Why the authority may hold and use it."`
	Scope      string `required:"" help:"What it is used for."`
	ReviewBy   string `required:"" help:"Date by which somebody looks whether it is still needed, 2027-11-22."`
	Means      string `help:"What standing on it means: sanctions, restricted, denials (refused before, here or by a partner) or watch."`
	GoneLimit  int    `default:"100" help:"Thousandths of the entries that may be gone before a version is suspicious."`
	Unattended bool   `help:"A version that is not suspicious comes into use without a person."`
}

// Run defines a list.
func (c listsDefine) Run(e *env) error {
	return e.change(lists.DefineList{List: c.List, Definition: lists.Definition{
		Title: c.Title, Kind: lists.Kind(c.Kind), Format: c.Format, LegalBasis: c.LegalBasis, Publisher: c.Publisher, Scope: c.Scope,
		Means: c.Means, GoneLimit: c.GoneLimit, Unattended: c.Unattended, ReviewBy: c.ReviewBy,
	}}, "listing.text.defined", "list", c.List)
}

// change gives the node one command as the operator and says that it was done.
func (e *env) change(cmd any, key string, args ...any) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	p, err := e.printer()
	if err != nil {
		return err
	}
	if err := app.Do(e, operator(), cmd); err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.Stdout, p.T(key, args...))
	return err
}

type listsImport struct {
	List      string   `required:"" help:"Id of the list; one that ships needs no definition."`
	Format    string   `help:"Form of the files; the list's own when left out."`
	Published string   `help:"Date of the source, 2026-02-27; taken from the files where they say it."`
	Activate  bool     `help:"Take it into use at once, unless it is suspicious or in doubt."`
	Reason    string   `help:"Why; stays on record."`
	Files     []string `arg:"" name:"file" help:"Files of the list." type:"existingfile"`
}

// Run imports a list.
func (c listsImport) Run(e *env) error {
	files, err := readFiles(c.Files)
	if err != nil {
		return err
	}
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	p, err := e.printer()
	if err != nil {
		return err
	}
	var in node.ImportedList
	cmd := node.ImportList{List: c.List, Format: c.Format, Published: c.Published, Files: files, Activate: c.Activate, Reason: c.Reason}
	if err := app.Do(e, operator(), cmd, node.Into(&in)); err != nil {
		return err
	}
	e.imported(p, in)
	return nil
}

// imported tells how an import went.
func (e *env) imported(p lang.Printer, in node.ImportedList) {
	if in.Unchanged {
		fmt.Fprintln(e.Stdout, p.T("listing.text.unchanged", "list", in.List))
		return
	}
	f := in.Figures
	fmt.Fprintln(e.Stdout, p.T("listing.text.imported", "list", in.List, "number", in.Number, "published", cmp.Or(in.Published, "–"), "entries", f.Entries))
	if f.Added+f.Removed+f.Changed > 0 {
		fmt.Fprintln(e.Stdout, p.T("listing.text.delta", "added", f.Added, "removed", f.Removed, "changed", f.Changed))
	}
	if f.Aside > 0 {
		fmt.Fprintln(e.Stdout, p.T("listing.text.aside", "count", f.Aside, "kinds", kinds(in.Aside)))
	}
	for i, d := range in.Doubts {
		if i == 5 {
			fmt.Fprintln(e.Stdout, p.T("listing.text.more_doubts", "count", len(in.Doubts)-i))
			break
		}
		fmt.Fprintln(e.Stdout, p.T("listing.text.doubt", "code", d.Code, "text", strings.Join(strings.Fields(d.Text), " ")))
	}
	for _, s := range in.Suspicion {
		fmt.Fprintln(e.Stdout, p.T("listing.suspicion."+string(s)))
	}
	if in.Status == lists.Active {
		fmt.Fprintln(e.Stdout, p.T("listing.text.active"))
		return
	}
	fmt.Fprintln(e.Stdout, p.T("listing.text.next."+string(in.Status), "list", in.List, "number", in.Number))
}

func kinds(aside map[string]int) string {
	var out []string
	for _, k := range []string{"alias", "address", "remarks"} {
		if aside[k] > 0 {
			out = append(out, fmt.Sprintf("%s %d", k, aside[k]))
		}
	}
	return strings.Join(out, ", ")
}

type listsUpdate struct {
	Only    []string `arg:"" optional:"" name:"list" help:"Ids of the lists wanted; all when left out."`
	Sources string   `help:"File that names the addresses, instead of the one that ships." type:"existingfile"`
}

// Run fetches lists. What could not be fetched or read is told, and the exit
// status says so; nothing that could be done is left undone for it.
func (c listsUpdate) Run(e *env) error {
	all, err := node.Sources()
	if c.Sources != "" {
		var b []byte
		if b, err = os.ReadFile(c.Sources); err == nil {
			all, err = sources.Parse(b)
		}
	}
	if err != nil {
		return err
	}
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	p, err := e.printer()
	if err != nil {
		return err
	}
	done, err := app.UpdateLists(e, operator(), fetch.New("comity"), all, c.Only)
	if err != nil {
		return err
	}
	failed := 0
	for _, u := range done {
		switch {
		case u.Skip == sources.NotWanted:
		case u.Skip != "":
			fmt.Fprintf(e.Stdout, "%-20s %s\n", u.Source.ID, p.T("listing.text.skip."+string(u.Skip)))
		case u.Problem != nil:
			failed++
			fmt.Fprintf(e.Stdout, "%-20s %s\n", u.Source.ID, lang.Fault(p, u.Problem).Message)
		case u.Imported == nil:
			fmt.Fprintf(e.Stdout, "%-20s %s\n", u.Source.ID, p.T("listing.text.nothing_new"))
		default:
			e.imported(p, *u.Imported)
		}
	}
	if failed > 0 {
		return fault.New(fault.Unavailable, "listing.text.update_failed", "count", failed)
	}
	return nil
}

type oneVersion struct {
	List    string `arg:"" help:"Id of the list."`
	Version string `arg:"" help:"Number of the version."`
	Reason  string `required:"" help:"Why; stays on record."`
}

// version finds the id behind a number.
func (c oneVersion) version(e *env) (string, error) {
	app, _, err := e.open()
	if err != nil {
		return "", err
	}
	defer app.Close()
	s, err := app.List(e, operator(), c.List)
	if err != nil {
		return "", err
	}
	v := node.FindVersion(s, c.Version)
	if v == nil {
		return "", fault.New(fault.NotFound, "listing.text.no_version", "list", c.List, "number", c.Version)
	}
	return v.ID, nil
}

type listsActivate struct{ oneVersion }

// Run activates a version.
func (c listsActivate) Run(e *env) error {
	id, err := c.version(e)
	if err != nil {
		return err
	}
	return e.change(lists.ActivateVersion{List: c.List, ID: id, Reason: c.Reason}, "listing.text.active")
}

type listsForce struct{ oneVersion }

// Run forces a suspicious version.
func (c listsForce) Run(e *env) error {
	id, err := c.version(e)
	if err != nil {
		return err
	}
	return e.change(lists.ForceVersion{List: c.List, ID: id, Reason: c.Reason}, "listing.text.active")
}

type listsReject struct{ oneVersion }

// Run rejects a version.
func (c listsReject) Run(e *env) error {
	id, err := c.version(e)
	if err != nil {
		return err
	}
	return e.change(lists.RejectVersion{List: c.List, ID: id, Reason: c.Reason}, "listing.text.rejected")
}

type listsShow struct {
	List string `arg:"" help:"Id of the list."`
	JSON bool   `help:"As JSON."`
}

// Run shows a list.
func (c listsShow) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	s, err := app.List(e, operator(), c.List)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.json(s)
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "%s\n%s\n%s\n%s\n%s\n", s.Title, s.Publisher, s.LegalBasis, s.Scope, p.T("listing.text.review", "date", s.ReviewBy))
	for _, v := range s.Versions {
		fmt.Fprintln(e.Stdout, p.T("listing.text.version", "number", v.Number, "published", cmp.Or(v.Published, "–"), "imported", v.Imported.Format(time.DateOnly),
			"entries", v.Figures.Entries, "added", v.Figures.Added, "removed", v.Figures.Removed, "changed", v.Figures.Changed, "status", p.T("listing.status."+string(v.Status))))
		if v.Reason != "" {
			fmt.Fprintf(e.Stdout, "    %s\n", v.Reason)
		}
	}
	return nil
}

// json writes a value for other programs.
func (e *env) json(v any) error {
	enc := json.NewEncoder(e.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

type listsDiff struct {
	List    string `arg:"" help:"Id of the list."`
	Version string `arg:"" optional:"" help:"Number of the version; the latest when left out."`
	JSON    bool   `help:"As JSON."`
}

// Run tells what a version changed.
func (c listsDiff) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	v, err := app.ListVersion(e, operator(), c.List, c.Version)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.json(v.Report.Delta)
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	if v.Base == nil {
		_, err := fmt.Fprintln(e.Stdout, p.T("listing.text.first", "number", v.Version.Number, "entries", v.Version.Figures.Entries))
		return err
	}
	d := v.Report.Delta
	fmt.Fprintln(e.Stdout, p.T("listing.text.against", "number", v.Version.Number, "base", v.Base.Number, "kept", d.Kept))
	for _, id := range d.Added {
		fmt.Fprintf(e.Stdout, "+ %s  %s\n", id, v.Names[id])
	}
	for _, id := range d.Removed {
		fmt.Fprintf(e.Stdout, "- %s  %s\n", id, v.Names[id])
	}
	for _, ch := range d.Changed {
		fmt.Fprintf(e.Stdout, "~ %s  %s\n", ch.ID, v.Names[ch.ID])
		for _, f := range ch.Fields {
			fmt.Fprintf(e.Stdout, "    %s: - %s + %s\n", f.Field, strings.Join(f.Gone, "; "), strings.Join(f.New, "; "))
		}
	}
	return nil
}

type listsTouched struct {
	List string `arg:"" help:"Id of a control list."`
	From string `help:"Number of the earlier version; the last but one when left out."`
	To   string `help:"Number of the later version; the last when left out."`
	JSON bool   `help:"As JSON."`
}

// Run tells whom changes of a control list concern.
func (c listsTouched) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	_, touched, more, err := app.ControlTouched(e, operator(), c.List, c.From, c.To)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.json(touched)
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	for _, t := range touched {
		what := "listing.touched.case"
		switch {
		case t.Licence != "":
			what = "listing.touched.licence"
		case t.Closed:
			what = "listing.touched.closed"
		case !t.Confirmed:
			what = "listing.touched.claimed"
		}
		fmt.Fprintf(e.Stdout, "%s  %s  %s\n", p.T(what, "reference", t.Reference), t.Line, t.Code)
		for _, ch := range t.Changes {
			fmt.Fprintf(e.Stdout, "    %s: %s\n", ch.Code, p.T("listing.change."+ch.Kind))
		}
	}
	switch {
	case more:
		fmt.Fprintln(e.Stdout, p.T("listing.touched.more"))
	case len(touched) == 0:
		fmt.Fprintln(e.Stdout, p.T("listing.touched.none"))
	}
	return nil
}
