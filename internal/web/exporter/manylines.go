package exporter

import (
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/exporter/linefile"
	"github.com/comity-project/comity/internal/web/ui"
)

// pastePath names, in draft.typed, what was pasted and could not be read.
const pastePath = "items/paste"

// linesPage is the page on which many items come at once.
type linesPage struct {
	frame   ui.Frame
	d       *draft
	b       *builder
	form    ui.Form
	columns []string
}

func (p pages) itemFile(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	p.drawItemFile(w, r, http.StatusOK, d, b, ui.NewForm(d.typed[pastePath], nil))
}

func (p pages) drawItemFile(w http.ResponseWriter, r *http.Request, status int, d *draft, b *builder, form ui.Form) {
	page := linesPage{d: d, b: b, form: form, columns: linefile.Columns}
	page.frame = p.draftFrame(w, r, d, door.T(r, "exporter.linefile.title"))
	page.frame.Form, page.frame.Back.Href = &page.form, draftPath(d.ID, "items")
	ui.Render(w, r, status, itemFileView(page))
}

func (p pages) itemColumns(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="items.csv"`)
	c := csv.NewWriter(w)
	_ = c.Write(linefile.Columns)
	c.Flush()
}

func (b *builder) lineReader(field string) linefile.Reader {
	n := nextLine(b.app) - 1
	l := linefile.Reader{Field: field, NewID: func() string {
		n++
		return strconv.Itoa(n)
	}}
	for _, c := range b.pack.Categories {
		l.Categories = append(l.Categories, c.ID)
	}
	return l
}

// take adds lines to the draft, all or none.
func (p pages) take(w http.ResponseWriter, r *http.Request, d *draft, lines []licensing.Line, forget string) error {
	_, err := p.change(r, d.ID, func(d *draft) error {
		if len(d.app.Lines)+len(lines) > licensing.MaxLines {
			return fault.New(fault.Invalid, "licensing.count.bound", "max", licensing.MaxLines).Field("file", "licensing.count.bound", "max", licensing.MaxLines)
		}
		next := nextLine(&d.app) // another window may have added lines since they were read
		for i := range lines {
			lines[i].ID = strconv.Itoa(next + i)
		}
		d.app.Lines = append(d.app.Lines, lines...)
		delete(d.typed, forget)
		return nil
	})
	if err == nil {
		ui.SetFlash(w, r, ui.Flash{Key: "exporter.linefile.done", Args: map[string]string{"count": decimal(int64(len(lines)))}})
		seeOther(w, r, draftPath(d.ID, "items"))
	}
	return err
}

func (p pages) readItemFile(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	raw, err := fileOf(w, r)
	var lines []licensing.Line
	if err == nil {
		lines, err = b.lineReader("file").Read(raw)
	}
	if err == nil {
		err = p.take(w, r, d, lines, "")
	}
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) {
			p.drawItemFile(w, r, status, d, b, ui.NewForm(d.typed[pastePath], form.Problem()))
		})
	}
}

// fileOf reads the one file of a form, bounded.
func fileOf(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, linefile.MaxSize+slack)
	tooLarge := fault.New(fault.TooLarge, "fault.too_large", "limit", int64(linefile.MaxSize)).Field("file", "fault.too_large", "limit", int64(linefile.MaxSize))
	if r.ContentLength > linefile.MaxSize+slack {
		return nil, tooLarge
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.bad_request").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) || err == nil && part.FormName() == "file" && part.FileName() == "" {
			return nil, fault.New(fault.Invalid, "exporter.file.missing").Field("file", "exporter.file.missing")
		}
		var raw []byte
		if err == nil && part.FormName() == "file" {
			if raw, err = io.ReadAll(part); err == nil {
				return raw, nil
			}
		}
		if err != nil {
			var large *http.MaxBytesError
			if errors.As(err, &large) {
				return nil, tooLarge
			}
			return nil, fault.New(fault.Invalid, "fault.bad_request").Because(err)
		}
	}
}

func (p pages) readItemPaste(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	lines, err := b.lineReader("rows").Read([]byte(r.PostForm.Get("rows")))
	if err == nil {
		err = p.take(w, r, d, lines, pastePath)
	}
	if err == nil {
		return
	}
	typed := url.Values{"rows": r.PostForm["rows"]}
	if _, kept := p.change(r, d.ID, func(d *draft) error {
		d.typed[pastePath] = typed
		return nil
	}); kept != nil {
		err = kept
	}
	p.Again(w, r, err, func(status int, form ui.Form) { p.drawItemFile(w, r, status, d, b, form) })
}

// -- the table

// spareRows is how many empty rows the table offers.
const spareRows = 10

// tableFields are what a row of the table asks; the rest is on the item's own
// pages.
func (b *builder) tableFields(id string) []field {
	kinds, units := options(b.p, "exporter.line_kind.", lineKinds...), options(b.p, "unit.", licensing.Units...)
	n := func(part string) string { return "row." + id + "." + part }
	return []field{
		{name: n("description"), label: "exporter.line.description", dir: "auto", width: 20},
		{name: n("kind"), label: "exporter.line.kind", control: oneOfMany, options: kinds},
		{name: n("part_number"), label: "exporter.line.part_number", width: 10},
		{name: n("claimed_code"), label: "exporter.line.claimed_code", width: 10},
		{name: n("quantity"), label: "exporter.line.quantity", width: 5},
		{name: n("unit"), label: "exporter.line.unit", control: oneOfMany, options: units},
		{name: n("value.amount"), label: "exporter.line.value", width: 10},
	}
}

// table is all items as one page of short inputs. Ids of new rows come from the
// page itself, so that sending it twice adds nothing twice.
func (b *builder) table(ids []string) *sheet {
	s := &sheet{path: []string{"items", "table"}, title: "exporter.table.title", values: url.Values{}}
	s.fields = []field{{name: "currency", label: "exporter.table.currency", control: oneOfMany, options: currencyOptions()}}
	var currency string
	for _, l := range b.app.Lines {
		if l.Currency != "" {
			currency = l.Currency
		}
	}
	put(s.values, "currency", currency)
	for _, id := range ids {
		s.fields = append(s.fields, b.tableFields(id)...)
		l, at := b.line(id)
		if at == len(b.app.Lines) {
			continue
		}
		n := "row." + id + "."
		put(s.values, n+"description", l.Description)
		put(s.values, n+"kind", string(l.Kind))
		put(s.values, n+"part_number", l.PartNumber)
		put(s.values, n+"claimed_code", l.ClaimedCode)
		if l.Quantity > 0 {
			s.values.Set(n+"quantity", l.Quantity.String())
		}
		put(s.values, n+"unit", l.Unit)
		if l.Currency != "" {
			s.values.Set(n+"value.amount", plainAmount(l.Value, lang.CurrencyDigits(l.Currency)))
		}
	}
	s.write = func(in *input) {
		for _, id := range ids {
			b.writeRow(in, id, &currency)
		}
	}
	return s
}

func (b *builder) writeRow(in *input, id string, currency *string) {
	fields := b.tableFields(id)
	if len(kept(fields, in.Values)) == 0 {
		return // a row left empty changes nothing; lines go by "Remove"
	}
	l, _ := b.line(id)
	n := "row." + id + "."
	in.long(n+"description", &l.Description)
	choose(in, n+"kind", fields[1].options, &l.Kind)
	in.short(n+"part_number", &l.PartNumber)
	in.text(n+"claimed_code", &l.ClaimedCode, 40)
	in.quantity(n+"quantity", &l.Quantity)
	choose(in, n+"unit", fields[5].options, &l.Unit)
	if amount := strings.TrimSpace(in.Get(n + "value.amount")); amount != "" {
		one := &input{url.Values{"v.amount": {amount}, "v.currency": {in.Get("currency")}}, fault.New(fault.Invalid, "exporter.form.wrong")}
		one.money("v", &l.Value, &l.Currency)
		for _, f := range one.fault.Fields {
			f.Name = strings.Replace(f.Name, "v.", n+"value.", 1)
			if strings.HasSuffix(f.Name, "value.currency") {
				f.Name = "currency"
			}
			in.fault.Fields = append(in.fault.Fields, f)
		}
		*currency = l.Currency
	}
	if l.Kind == licensing.Service && l.Service == nil {
		l.Service = &licensing.ServiceDetail{}
	} else if l.Kind != licensing.Service {
		l.Service = nil
	}
	b.putLine(l)
}

// tablePage is the table of items.
type tablePage struct {
	frame   ui.Frame
	d       *draft
	b       *builder
	s       *sheet
	ids     []string
	form    ui.Form
	seen    string
	differs []difference
}

func (p pages) itemTable(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	var ids []string
	for _, l := range d.app.Lines {
		ids = append(ids, l.ID)
	}
	if typed := d.typed["items/table"]; typed != nil {
		for _, id := range typed["id"] {
			if _, at := b.line(id); validID(id) && at == len(d.app.Lines) {
				ids = append(ids, id)
			}
		}
		s := b.table(ids)
		p.drawTable(w, r, http.StatusOK, tablePage{d: d, b: b, s: s, ids: ids, form: ui.NewForm(typed, nil), seen: digest(kept(s.fields, typed))})
		return
	}
	next := nextLine(&d.app)
	for i := range spareRows {
		ids = append(ids, strconv.Itoa(next+i))
	}
	s := b.table(ids)
	p.drawTable(w, r, http.StatusOK, tablePage{d: d, b: b, s: s, ids: ids, form: ui.NewForm(s.values, nil), seen: digest(s.values)})
}

func (p pages) drawTable(w http.ResponseWriter, r *http.Request, status int, page tablePage) {
	page.frame = p.draftFrame(w, r, page.d, door.T(r, "exporter.table.title"))
	page.frame.Form, page.frame.Back.Href = &page.form, draftPath(page.d.ID, "items")
	ui.Render(w, r, status, tableView(page))
}

func (p pages) saveItemTable(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	var ids []string
	for _, id := range r.PostForm["id"] {
		if validID(id) && len(ids) < licensing.MaxLines {
			ids = append(ids, id)
		}
	}
	var b *builder
	var s *sheet
	var problem error
	d, err := p.change(r, r.PathValue("draft"), func(d *draft) (err error) {
		if b, err = p.builder(r.Context(), d); err != nil {
			return err
		}
		s = b.table(ids)
		was, typed := s.values, kept(s.fields, r.PostForm)
		if before := d.typed["items/table"]; before != nil {
			was = kept(s.fields, before)
		}
		typed["id"] = ids
		problem, err = b.keep(r, s, was, typed)
		return err
	})
	var clash *clashed
	switch {
	case errors.As(err, &clash):
		p.drawTable(w, r, http.StatusConflict, tablePage{d: d, b: b, s: s, ids: ids, form: ui.NewForm(kept(s.fields, r.PostForm), nil), seen: digest(clash.was), differs: clash.differs})
	case err != nil:
		p.Fail(w, r, err)
	case problem != nil:
		typed := d.typed["items/table"]
		p.drawTable(w, r, http.StatusUnprocessableEntity, tablePage{d: d, b: b, s: s, ids: ids, form: ui.NewForm(typed, lang.Fault(b.p, problem)), seen: digest(kept(s.fields, typed))})
	case r.PostForm.Get("then") == "more":
		seeOther(w, r, draftPath(d.ID, "items", "table"))
	default:
		seeOther(w, r, draftPath(d.ID, "items"))
	}
}
