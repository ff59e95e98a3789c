// Package linefile reads the items of an application from a file: CSV, or what a
// spreadsheet puts on the clipboard. It is strict, and all or nothing: what is
// wrong is named by line and column, and then nothing is taken.
package linefile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
)

// Columns are the columns that a file of items may have, in the order of the
// template. Only the first four must be there.
var Columns = []string{
	"kind", "description", "quantity", "unit", "value", "currency", "part_number", "claimed_code", "claimed_list", "categories",
	"tariff", "tariff_as_of", "origin", "dispatch", "service", "service_from", "service_until", "service_how",
}

var neededColumns = Columns[:4]

// MaxSize bounds a file of items, in bytes.
const MaxSize = 4 << 20

// maxFaults bounds what is named at once.
const maxFaults = 25

var (
	lineKinds    = []licensing.LineKind{licensing.Goods, licensing.Software, licensing.Technology, licensing.Service}
	serviceKinds = []licensing.ServiceKind{licensing.Updates, licensing.Training, licensing.RemoteSupport, licensing.Repair, licensing.OtherService}
)

// Reader says how a file is read. Its zero value knows no categories.
type Reader struct {
	Categories []string      // ids that are known
	NewID      func() string // makes the id of a line; required
	Field      string        // name of the input that faults point to
}

// Read gives all items, or a *fault.Error with one field for each thing that is
// wrong, under the keys "exporter.linefile.*" with its line and column.
func (o Reader) Read(raw []byte) ([]licensing.Line, error) {
	l := reading{Reader: o}
	return l.read(raw)
}

// reading is one file being read.
type reading struct {
	Reader
	fault *fault.Error
}

func (l *reading) read(raw []byte) ([]licensing.Line, error) {
	l.fault = fault.New(fault.Invalid, "exporter.linefile.wrong")
	if len(raw) > MaxSize {
		return nil, fault.New(fault.TooLarge, "fault.too_large", "limit", int64(MaxSize)).Field(l.Field, "fault.too_large", "limit", int64(MaxSize))
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if line, column, ok := notText(raw); !ok {
		l.say(line, column, "exporter.linefile.utf8")
		return nil, l.fault
	}
	r := csv.NewReader(bytes.NewReader(raw))
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	switch {
	case bytes.ContainsRune(first, '\t'):
		r.Comma = '\t'
	case bytes.ContainsRune(first, ';') && !bytes.ContainsRune(first, ','):
		r.Comma = ';'
	}
	head, err := r.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			l.say(1, 1, "exporter.linefile.empty")
			return nil, l.fault
		}
		l.broken(err)
		return nil, l.fault
	}
	at := l.columns(r, head)
	if len(l.fault.Fields) > 0 {
		return nil, l.fault
	}
	var out []licensing.Line
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			l.broken(err)
			return nil, l.fault
		}
		if blank(row) {
			continue
		}
		if len(out) >= licensing.MaxLines {
			line, _ := r.FieldPos(0)
			l.say(line, 1, "exporter.linefile.too_many", "max", licensing.MaxLines)
			break
		}
		out = append(out, l.row(r, at, row))
		if len(l.fault.Fields) >= maxFaults {
			break
		}
	}
	if len(l.fault.Fields) == 0 && len(out) == 0 {
		l.say(2, 1, "exporter.linefile.no_rows")
	}
	if err := l.fault.Or(); err != nil {
		return nil, err
	}
	return out, nil
}

// say names one thing that is wrong, with its place.
func (l *reading) say(line, column int, key string, args ...any) {
	l.fault.Field(l.Field, key, append([]any{"line", line, "column", column}, args...)...)
}

func (l *reading) broken(err error) {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		key := "exporter.linefile.quote"
		if errors.Is(err, csv.ErrFieldCount) {
			key = "exporter.linefile.cells"
		}
		l.say(bad.Line, max(bad.Column, 1), key)
		return
	}
	l.say(1, 1, "exporter.linefile.quote")
}

// columns finds out which column is which.
func (l *reading) columns(r *csv.Reader, head []string) map[string]int {
	at := map[string]int{}
	for i, name := range head {
		line, column := r.FieldPos(i)
		name = strings.ToLower(strings.TrimSpace(name))
		switch _, twice := at[name]; {
		case !slices.Contains(Columns, name):
			l.say(line, column, "exporter.linefile.column", "name", short(name))
		case twice:
			l.say(line, column, "exporter.linefile.twice", "name", name)
		}
		at[name] = i
		if len(l.fault.Fields) >= maxFaults {
			return at
		}
	}
	for _, name := range neededColumns {
		if _, ok := at[name]; !ok {
			l.say(1, 1, "exporter.linefile.lacks", "name", name)
		}
	}
	return at
}

func blank(row []string) bool {
	for _, cell := range row {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// row reads one item.
func (l *reading) row(r *csv.Reader, at map[string]int, row []string) licensing.Line {
	out := licensing.Line{ID: l.NewID()}
	cell := func(name string) string {
		if i, ok := at[name]; ok {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	wrong := func(name, key string, args ...any) {
		line, column := r.FieldPos(0)
		if i, ok := at[name]; ok {
			line, column = r.FieldPos(i)
		}
		l.say(line, column, key, append([]any{"name", name, "value", short(cell(name))}, args...)...)
	}
	text := func(name string, limit int) string {
		if !party.Bounded(cell(name), limit) {
			wrong(name, "exporter.linefile.text", "max", limit)
			return ""
		}
		return cell(name)
	}
	among := func(name string, known []string, key string) string {
		s := cell(name)
		if s != "" && !slices.Contains(known, s) {
			wrong(name, key, "known", strings.Join(known, ", "))
			return ""
		}
		return s
	}
	day := func(name string) deadline.Date {
		if cell(name) == "" {
			return ""
		}
		d, err := deadline.ParseDate(cell(name))
		if err != nil {
			wrong(name, "exporter.linefile.date")
		}
		return d
	}
	country := func(name string) string {
		if s := cell(name); s != "" && !party.ValidCountry(s) {
			wrong(name, "exporter.linefile.country")
			return ""
		}
		return cell(name)
	}
	out.Kind = licensing.LineKind(among("kind", wordsOf(lineKinds), "exporter.linefile.known"))
	if cell("kind") == "" {
		wrong("kind", "exporter.linefile.needed")
	}
	if out.Description = text("description", licensing.MaxLong); cell("description") == "" {
		wrong("description", "exporter.linefile.needed")
	}
	out.PartNumber = text("part_number", licensing.MaxShort)
	out.ClaimedCode, out.ClaimedList = text("claimed_code", 40), text("claimed_list", 40)
	out.Tariff, out.TariffAsOf = text("tariff", 40), day("tariff_as_of")
	out.Origin, out.Dispatch = country("origin"), country("dispatch")
	for _, c := range strings.Fields(strings.ReplaceAll(cell("categories"), ";", " ")) {
		if !slices.Contains(l.Categories, c) {
			wrong("categories", "exporter.linefile.known", "known", strings.Join(l.Categories, ", "))
			break
		}
		out.Categories = append(out.Categories, c)
	}
	q, err := licensing.ParseQuantity(cell("quantity"))
	if err != nil || q <= 0 {
		wrong("quantity", "exporter.linefile.quantity")
	}
	out.Quantity, out.Unit = q, among("unit", licensing.Units, "exporter.linefile.known")
	if cell("unit") == "" {
		wrong("unit", "exporter.linefile.needed")
	}
	l.money(&out, cell, wrong)
	if out.Kind == licensing.Service || cell("service")+cell("service_how") != "" {
		out.Service = &licensing.ServiceDetail{
			Kind: licensing.ServiceKind(among("service", wordsOf(serviceKinds), "exporter.linefile.known")),
			From: day("service_from"), Until: day("service_until"), How: text("service_how", licensing.MaxLong),
		}
		if out.Kind != licensing.Service {
			wrong("service", "exporter.linefile.no_service")
		}
	}
	return out
}

func (l *reading) money(out *licensing.Line, cell func(string) string, wrong func(string, string, ...any)) {
	if cell("value") == "" && cell("currency") == "" {
		return
	}
	currency := cell("currency")
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		wrong("currency", "exporter.linefile.currency")
		return
	}
	minor, ok := minorUnits(cell("value"), lang.CurrencyDigits(currency))
	if !ok {
		wrong("value", "exporter.linefile.value")
		return
	}
	out.Value, out.Currency = minor, currency
}

// minorUnits reads "1500" or "1500.50"; nothing groups digits in a file.
func minorUnits(s string, digits int) (int64, bool) {
	whole, frac, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 13 || len(frac) > digits || point && frac == "" {
		return 0, false
	}
	var n int64
	for _, r := range whole + frac + strings.Repeat("0", digits-len(frac)) {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int64(r-'0')
	}
	return n, true
}

func wordsOf[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// notText finds the first place that is no UTF-8, or that text does not hold.
func notText(raw []byte) (line, column int, ok bool) {
	line, column = 1, 1
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 || r < 0x20 && r != '\n' && r != '\r' && r != '\t' {
			return line, column, false
		}
		if r == '\n' {
			line, column = line+1, 1
		} else {
			column++
		}
		i += size
	}
	return line, column, true
}

// short is the beginning of a cell, for a message.
func short(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
