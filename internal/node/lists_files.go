package node

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
)

// Formats of files that are not lists of parties. Those of parties are
// listfile's.
const (
	FormatControls   = "controls-jsonl"
	FormatFormex     = "controls-formex-xml" // read from XML and kept as FormatControls
	FormatECFR       = "controls-ecfr-xml"
	FormatIndicators = "indicators-csv"
	FormatChart      = "us-country-chart-csv"
	FormatGroups     = "us-country-groups-csv"
)

// ListFormats are all forms of files that an import reads.
func ListFormats() []string {
	var out []string
	for _, f := range listfile.Formats() {
		out = append(out, string(f))
	}
	return append(out, FormatControls, FormatFormex, FormatECFR, FormatIndicators, FormatChart, FormatGroups)
}

// keptFormat is the form in which a list's documents are kept.
func keptFormat(format string) string {
	if format == FormatFormex || format == FormatECFR {
		return FormatControls
	}
	return format
}

// ListFile is one file of a list, whole.
type ListFile struct {
	Name  string
	Bytes []byte
}

// Doubt is something about a list that a person should look at before it is put
// to use. A grave one keeps an import from taking the version into use by
// itself: the file may say the opposite of the law.
type Doubt struct {
	Code  string `json:"code,omitempty"`
	Text  string `json:"text"`
	Grave bool   `json:"grave,omitempty"`
}

// reading is what the files of a list say.
type reading struct {
	kind      lists.Kind
	parties   listfile.Result // of a list of parties
	document  []byte          // of any other: the file's own bytes
	records   []lists.Record
	entries   int
	published string
	doubts    []Doubt // what a person should look at before use
}

// readListFiles reads the files of a list in a form. Errors are faults that name
// file, line and column.
// published is the date given by hand; forms that carry none in their files need it.
func readListFiles(format, published string, files []ListFile) (r reading, err error) {
	if len(files) == 0 {
		return r, fault.New(fault.Invalid, "lists.import_invalid").Field("files", "screen.list.no_file")
	}
	if slices.Contains(listfile.Formats(), listfile.Format(format)) {
		in := make([]listfile.File, len(files))
		for i, f := range files {
			in[i] = listfile.File{Name: f.Name, Reader: bytes.NewReader(f.Bytes)}
		}
		res, err := listfile.Read(listfile.Format(format), listfile.DefaultLimits, in...)
		if err != nil {
			return r, lists.FileFault(err)
		}
		return reading{kind: lists.Parties, parties: res, entries: len(res.Entities), published: res.Published}, nil
	}
	if len(files) != 1 {
		return r, fault.New(fault.Invalid, "lists.import_invalid").Field("files", "screen.list.one_file")
	}
	f := listfile.File{Name: files[0].Name, Reader: bytes.NewReader(files[0].Bytes)}
	r.document = files[0].Bytes
	switch format {
	case FormatControls:
		err = r.readControls(files[0], controls.ParseJSONL)
	case FormatFormex, FormatECFR:
		err = r.readXML(format, published, files[0])
	case FormatIndicators:
		var rows []listfile.Indicator
		rows, _, err = listfile.ReadIndicators(f, listfile.DefaultLimits)
		r.kind, r.records = lists.Indicators, indicatorRecords(rows)
	case FormatChart:
		var rows []listfile.ChartRow
		rows, _, err = listfile.ReadChart(f, listfile.DefaultLimits)
		r.kind = lists.Chart
		for _, row := range rows {
			r.published = max(r.published, row.Version)
			r.records = append(r.records, lists.Record{ID: row.Name, Fields: map[string][]string{"reasons": row.Reasons}})
		}
	case FormatGroups:
		var rows []listfile.GroupMember
		rows, _, err = listfile.ReadGroups(f, listfile.DefaultLimits)
		r.kind, r.records = lists.Chart, groupRecords(rows)
		for _, row := range rows {
			r.published = max(r.published, row.Version)
		}
	default:
		return r, fault.New(fault.Invalid, "lists.import_invalid").Field("format", "screen.list.format_unknown", "formats", strings.Join(ListFormats(), ", "))
	}
	if err != nil {
		return r, lists.FileFault(err)
	}
	r.entries = len(r.records)
	return r, nil
}

// readXML reads a control list from XML and keeps it as JSON lines.
func (r *reading) readXML(format, published string, f ListFile) error {
	if published == "" {
		return fault.New(fault.Invalid, "lists.import_invalid").Field("published", "screen.list.no_date")
	}
	parse := controls.ParseFormex
	if format == FormatECFR {
		parse = controls.ParseECFR
	}
	return r.readControls(f, func(in io.Reader) (*controls.List, error) {
		l, err := parse(in, published)
		if err != nil {
			return nil, err
		}
		var kept bytes.Buffer
		if err := controls.WriteJSONL(&kept, l); err != nil {
			return nil, err
		}
		r.document = kept.Bytes()
		return l, nil
	})
}

func (r *reading) readControls(f ListFile, parse func(io.Reader) (*controls.List, error)) error {
	l, err := parse(bytes.NewReader(f.Bytes))
	var bad *controls.ParseError
	if errors.As(err, &bad) {
		return fault.New(fault.Invalid, "screen.list.line", "file", f.Name, "line", bad.Line, "field", bad.Field, "why", bad.Why).Because(err)
	} else if err != nil {
		return err
	}
	for _, d := range controls.Check(l) {
		r.doubts = append(r.doubts, Doubt{d.Code, d.Text, d.Blocking})
	}
	r.kind, r.published = lists.Controls, l.Date
	for _, e := range l.Entries {
		fields := map[string][]string{"text": {e.Text}, "reasons": e.Reasons, "destinations": {e.Destinations}}
		for _, n := range e.Notes {
			name := "notes"
			if n.Release {
				name = "releases"
			}
			fields[name] = append(fields[name], n.Text)
		}
		if e.Reserved {
			fields["reserved"] = []string{"yes"}
		}
		r.records = append(r.records, lists.Record{ID: e.Code, Fields: fields})
	}
	return nil
}

// indicatorRecords are one for each country, with a field for each figure.
func indicatorRecords(rows []listfile.Indicator) []lists.Record {
	at := map[string]int{}
	var out []lists.Record
	for _, r := range rows {
		i, ok := at[r.Alpha3]
		if !ok {
			i = len(out)
			at[r.Alpha3] = i
			out = append(out, lists.Record{ID: r.Alpha3, Fields: map[string][]string{}})
		}
		out[i].Fields[r.Code] = append(out[i].Fields[r.Code], strconv.Itoa(r.Year)+": "+strconv.FormatFloat(r.Value, 'g', -1, 64))
	}
	return out
}

func groupRecords(rows []listfile.GroupMember) []lists.Record {
	at := map[string]int{}
	var out []lists.Record
	for _, r := range rows {
		i, ok := at[r.Name]
		if !ok {
			i = len(out)
			at[r.Name] = i
			out = append(out, lists.Record{ID: r.Name, Fields: map[string][]string{}})
		}
		out[i].Fields["groups"] = append(out[i].Fields["groups"], r.Group)
	}
	return out
}

// maxListDocument bounds a stored version when it is unpacked.
const maxListDocument = 1 << 30

// putListDocument packs a document of a list into the vault. Packed bytes are
// the same for the same document.
func (a *App) putListDocument(ctx context.Context, owner event.Stream, doc []byte) (vault.Object, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(doc); err != nil {
		return vault.Object{}, err
	}
	if err := z.Close(); err != nil {
		return vault.Object{}, err
	}
	return a.objects.Put(ctx, vault.Upload{Owner: owner, Own: vault.Gzip}, &b)
}

// listDocument reads one back and holds it against its hash.
func (a *App) listDocument(ctx context.Context, object, hash string) ([]byte, error) {
	var d store.Document
	var found bool
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		d, found, err = t.Document(object)
		return err
	}); err != nil {
		return nil, err
	}
	if !found || !d.Destroyed.IsZero() {
		return nil, fmt.Errorf("%w: document %s of a list", ledger.ErrErased, object)
	}
	return a.unpackDocument(d.Object, hash)
}

func (a *App) unpackDocument(o vault.Object, hash string) ([]byte, error) {
	r, err := a.objects.Open(o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("node: document of a list: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(z, maxListDocument))
	if err != nil {
		return nil, fmt.Errorf("node: document of a list: %w", err)
	}
	if lists.Hash(b) != hash {
		return nil, fmt.Errorf("%w: the document of a list is not the one on record", vault.ErrDamaged)
	}
	return b, nil
}

// storedEntities reads the stored form of a list of parties.
func storedEntities(doc []byte) ([]screening.Entity, error) {
	res, err := listfile.ReadJSONL(listfile.File{Name: "stored", Reader: bytes.NewReader(doc)}, listfile.Limits{Bytes: maxListDocument})
	return res.Entities, err
}
