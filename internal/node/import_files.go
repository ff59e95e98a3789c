package node

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/field"
	"github.com/comity-project/comity/statement/misp"
	"github.com/comity-project/comity/statement/stix"
)

// TakeFile is a file that somebody published: a bundle of STIX 2.1, MISP's JSON,
// or its CSV.
type TakeFile struct {
	Import     string // a fresh id
	Collection string
	Name       string // as typed: ".csv" says what it is, the others tell themselves
	Bytes      []byte
	From       dispatch.Provenance // forced on all that is in it
	Feed       bool                // it was subscribed
	Most       int64               // objects, of a feed: it is refused whole beyond
}

// TakenFile says what became of a file.
type TakenFile struct {
	Import  string
	Objects int
	// Accepted; held, because not valid or about what is not; here already.
	Accepted, Held, Had int
	Left                []string
	Reasons             []string // why objects are held, the first of them
}

// maxReasons bounds the reasons that are told at once; the page has all.
const maxReasons = 20

// TakeFile takes a file in: kept as it came, byte for byte, each object judged,
// what is not valid held aside with its reason. Objects come in by the thousand,
// so that nobody waits; a file that was broken off is given again, and what is
// here already is passed over.
func (a *App) TakeFile(ctx context.Context, actor access.Actor, f TakeFile) (out TakenFile, err error) {
	if !access.Can(actor, access.ExchangeTake, access.Thing{}) {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	origin := dispatch.Origin{Provenance: f.From, Name: bounded(filepath.Base(f.Name))}
	if err := dispatch.CheckOrigin(&origin); err != nil {
		return out, err
	}
	in, left, err := readPublished(f, field.Provenance{Source: origin.Source, URL: origin.URL, Licence: origin.Licence, Admiralty: origin.Admiralty, Retrieved: a.Now()})
	if err != nil {
		return out, err
	}
	if f.Feed && int64(len(in.Parts)) > f.Most {
		return out, fault.New(fault.TooLarge, "dispatch.feed.quota", "count", len(in.Parts), "max", f.Most)
	}
	out = TakenFile{Import: f.Import, Objects: len(in.Parts), Left: left}
	way := dispatch.ByFile
	if f.Feed {
		way = dispatch.ByFeed
	}
	document, err := a.objects.Put(ctx, vault.Upload{Owner: ImportStream(f.Import), Own: "application/octet-stream", Size: int64(len(f.Bytes))}, bytes.NewReader(f.Bytes))
	if err != nil {
		return out, err
	}
	for from := 0; from < len(in.Parts) || from == 0; from += maxBring {
		c := bringing{
			collection: f.Collection, way: way, id: f.Import, from: origin, document: &document, digest: field.Digest(f.Bytes), total: int64(len(in.Parts)), out: new([]Brought),
			objects: make([]arriving, 0, maxBring),
		}
		for i := from; i < min(from+maxBring, len(in.Parts)); i++ {
			c.objects = append(c.objects, a.judged(in, i))
		}
		if err := a.Do(ctx, actor, c); err != nil {
			return out, err
		}
		out.count(*c.out)
	}
	return out, nil
}

func (f *TakenFile) count(all []Brought) {
	for _, b := range all {
		switch {
		case b.Had:
			f.Had++
		case b.Refused == "":
			f.Accepted++
		default:
			if f.Held++; len(f.Reasons) < maxReasons {
				f.Reasons = append(f.Reasons, b.Refused)
			}
		}
	}
}

// judged is a part of a file as its collection takes it.
func (a *App) judged(in *field.Intake, i int) arriving {
	r := a.readied(&in.Document.Objects[i])
	switch part := in.Parts[i]; part.State {
	case field.Quarantined:
		r.held(part.Findings)
		for _, x := range part.Findings {
			if x.Code == "twice" {
				r.code = "twice"
			}
		}
	case field.Waiting:
		r.held(part.Findings)
		r.state, r.code = store.ImportWaiting, "waiting"
	}
	return r
}

// readPublished reads a file in any of the three forms. What has no place in STIX
// is named; the file itself keeps it.
func readPublished(f TakeFile, p field.Provenance) (in *field.Intake, left []string, err error) {
	src := f.Bytes
	wrong := func(err error) error {
		return fault.New(fault.Invalid, "dispatch.import.unreadable", "file", filepath.Base(f.Name), "why", err.Error()).Field("file", "dispatch.import.unreadable", "file", filepath.Base(f.Name), "why", err.Error())
	}
	var events []misp.Event
	if strings.EqualFold(filepath.Ext(f.Name), ".csv") {
		e, err := misp.ReadCSV(src)
		if err != nil {
			return nil, nil, wrong(err)
		}
		events = []misp.Event{e}
	} else if events, err = misp.Parse(src); err != nil {
		events = nil
	}
	if len(events) > 0 {
		converted, err := misp.ToSTIX(events)
		if err != nil {
			return nil, nil, wrong(err)
		}
		src, left = converted.Bytes, converted.Left
	}
	if in, err = field.Take(src, p, stix.Limits{}); err != nil {
		return nil, nil, wrong(err)
	}
	return in, left, nil
}

// WriteCollection writes what a collection holds as a person takes it away:
// marked, with provenance, as a bundle of STIX, as MISP's JSON or CSV. left names
// what has no place in the other form.
func (a *App) WriteCollection(ctx context.Context, actor access.Actor, collection, form string, w io.Writer) (left []string, err error) {
	if form != "stix" {
		return a.writeMISP(ctx, actor, collection, form, w)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	first := true
	if err := a.Imported(ctx, actor, collection, func(marked []byte) error {
		if first {
			first = false
			fmt.Fprintf(out, `{"type":"bundle","id":%q,"objects":[%s`, stix.NamedID("bundle", collection), stix.TLPObject(stix.AmberStrict))
		}
		_ = out.WriteByte(',')
		_, err := out.Write(marked)
		return err
	}); err != nil {
		return nil, err
	}
	if first {
		fmt.Fprintf(out, `{"type":"bundle","id":%q`, stix.NamedID("bundle", collection))
	} else {
		_ = out.WriteByte(']')
	}
	_, _ = out.WriteString("}\n")
	return nil, out.Flush()
}

// maxConverted bounds what is converted at once, in bytes.
const maxConverted = 48 << 20

func (a *App) writeMISP(ctx context.Context, actor access.Actor, collection, form string, w io.Writer) ([]string, error) {
	var b bytes.Buffer
	b.WriteString(`{"objects":[`)
	b.Write(stix.TLPObject(stix.AmberStrict))
	if err := a.Imported(ctx, actor, collection, func(marked []byte) error {
		if b.Len()+len(marked) > maxConverted {
			return fault.New(fault.TooLarge, "dispatch.import.convert", "max", maxConverted>>20)
		}
		b.WriteByte(',')
		b.Write(marked)
		return nil
	}); err != nil {
		return nil, err
	}
	b.WriteString("]}")
	d, err := stix.Read(b.Bytes(), stix.Limits{})
	if err != nil {
		return nil, fault.Wrap(err, "node: convert a collection")
	}
	event, left := misp.FromSTIX(d)
	write := misp.Write
	if form == "csv" {
		write = misp.WriteCSV
	}
	out, err := write([]misp.Event{event})
	if err == nil {
		_, err = w.Write(out)
	}
	return left, err
}
