package licensing_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everything are events of every type, made by real commands.
func everything(t *testing.T) []stored {
	var all []stored
	for _, r := range rows() {
		if r.refused != "" {
			continue
		}
		w := newWorld(t)
		r.given(w)
		events, err := w.try(r.actor, r.when, func(f *licensing.Facts) {
			if r.facts != nil {
				r.facts(f)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		n := len(w.stored)
		w.store(r.actor, events)
		all = append(all, w.stored[n:]...)
	}
	w := newWorld(t)
	issued(w)
	w.licence(node, licensing.RecordDocument{OnLicence: onLicence, Document: "doc-l", Hash: hash})
	w.licence(senior, licensing.Suspend{OnLicence: onLicence, Lines: []string{"line-2"}, Ground: "incident", Why: "A report."})
	w.licence(senior, licensing.Instruct{OnLicence: onLicence, Duties: []string{"stop"}, Text: "Stop the updates."})
	w.licence(senior, licensing.Reinstate{OnLicence: onLicence, Why: "Unfounded."})
	w.later(900).licence(node, licensing.Expire{OnLicence: onLicence})
	all = append(all, w.stored...)
	w = newWorld(t)
	issued(w)
	w.licence(senior, licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "Re-exported.", Reach: reach})
	changed := newWorld(t)
	countersigned2(changed)
	changed.vary(officer, vary("v1", licensing.Terms{Until: "2027-05-31", Lines: fewer.Lines, Ends: []string{"K1"}, Adds: []licensing.Condition{logs}}, moved)).vary(node, searched("v1")).vary(second, agree("v1"))
	changed.vary(officer, vary("v2", licensing.Terms{}, moved)).vary(second, licensing.AnswerVariation{OnLicence: onLicence, Variation: "v2", Why: "Not yet."})
	duty := newWorld(t)
	underDuty(duty)
	under := newWorld(t)
	undertook(under)
	under.licence(senior, licensing.Release{OnLicence: onUndertaking, Why: "Everything came back."})
	duty.licence(exporter, reports(1)).licence(verifier, reviews(1, licensing.DutyNotKept))
	periods := newWorld(t).under(laws...)
	submitted(periods)
	all = append(all, periods.stored...)
	return slices.Concat(all, w.stored, used(t).stored, stopped(t).stored, changed.stored, under.stored, duty.stored)
}

// Events are kept for ever: each shape has a golden file, which later versions
// of the program must still read and write the same.
func TestEventShapes(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range everything(t) {
		if seen[s.typ] {
			continue
		}
		seen[s.typ] = true
		var b bytes.Buffer
		if err := json.Indent(&b, s.kept, "", "  "); err != nil {
			t.Fatal(err)
		}
		for _, p := range s.parts {
			b.WriteString("\n-- private --\n")
			if err := json.Indent(&b, p, "", "  "); err != nil {
				t.Fatal(err)
			}
		}
		b.WriteByte('\n')
		name := filepath.Join("testdata", "events", s.typ+".golden")
		if *update {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, b.Bytes()) {
			t.Errorf("%s is no longer the shape of %s:\n%s", s.typ, name, b.String())
		}
	}
	for _, e := range licensing.Events() {
		if !seen[e.EventType()] {
			t.Errorf("%s: no test makes one", e.EventType())
		}
	}
}

// The kept part holds codes, dates and outcomes, and no words.
func TestKeptPartsHoldNoWords(t *testing.T) {
	words := []string{"Karsov", "Міністерство", "Delta", "Solano", "Palm", "Marchenko", "Quill", "IMSI", "Training", "Oslo", "because", "Because", "disagree", "warrant", "repression", "appeal to", "Decree", "note verbale", "NR-6", "At most two"}
	for _, s := range everything(t) {
		for _, word := range words {
			if bytes.Contains(s.kept, []byte(word)) {
				t.Errorf("%s keeps %q for ever: %s", s.typ, word, s.kept)
			}
		}
	}
}

// The tables and columns are those that rows.go describes.
func TestRowsAreAsDescribed(t *testing.T) {
	src, err := os.ReadFile("rows.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, _, _ := strings.Cut(string(src), "// Rows are the case's")
	described := map[string]map[string]bool{}
	table := ""
	head, column := regexp.MustCompile(`^//\t(\w+) +id = `), regexp.MustCompile(`(\w+) (text|int|bool|time)\b`)
	note := regexp.MustCompile(`\([^)]*\)`)
	for _, line := range strings.Split(doc, "\n") {
		if m := head.FindStringSubmatch(line); m != nil {
			table = m[1]
			described[table] = map[string]bool{}
			continue
		}
		if strings.HasPrefix(line, "//\t  ") && table != "" {
			for _, m := range column.FindAllStringSubmatch(note.ReplaceAllString(line, ""), -1) {
				described[table][m[1]] = true
			}
		}
	}
	emitted := map[string]map[string]bool{}
	ids := map[string]bool{}
	for _, to := range []func(*world){submitted, informed, asked, refused, issued, underDuty, decidedAnew, func(w *world) { countersigned2(w); w.vary(officer, vary("v1", fewer)) }, func(w *world) { *w = *used(t) }, func(w *world) { *w = *stopped(t) }} {
		w := newWorld(t)
		to(w)
		clear(ids)
		for _, r := range slices.Concat(w.c.Rows(), w.l.Rows(), w.stop.Rows(), w.letter.Rows()) {
			if ids[r.Table+r.ID] {
				t.Errorf("two rows %s %s", r.Table, r.ID)
			}
			ids[r.Table+r.ID] = true
			if emitted[r.Table] == nil {
				emitted[r.Table] = map[string]bool{}
			}
			for _, c := range r.Columns {
				emitted[r.Table][c.Name] = true
			}
		}
	}
	for table, columns := range emitted {
		if got, want := sortedKeys(columns), sortedKeys(described[table]); got != want {
			t.Errorf("%s\n emits     %s\n described %s", table, got, want)
		}
	}
	if len(described) != len(emitted) {
		t.Errorf("described %s, emitted %d", sortedKeysOf(described), len(emitted))
	}
}

func sortedKeys(m map[string]bool) string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func sortedKeysOf(m map[string]map[string]bool) string {
	flat := map[string]bool{}
	for k := range m {
		flat[k] = true
	}
	return sortedKeys(flat)
}

// Every fault that a row meets and every event of the timeline has a sentence.
func TestEveryMessageHasASentence(t *testing.T) {
	cat, err := lang.Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows() {
		if r.refused == "" {
			continue
		}
		w := newWorld(t)
		r.given(w)
		_, err := w.try(r.actor, r.when, func(f *licensing.Facts) {
			if r.facts != nil {
				r.facts(f)
			}
		})
		for _, key := range names(err) {
			if !cat.Has(key) {
				t.Errorf("no sentence for %q", key)
			}
		}
		if p := lang.Fault(cat.Printer("en", nil), err); strings.ContainsAny(p.Message+itemText(p), "{}[") {
			t.Errorf("a placeholder stays open: %q %s", p.Message, itemText(p))
		}
	}
	reg := event.NewRegistry(licensing.Events()...)
	for _, s := range everything(t) {
		p, err := reg.New(s.typ)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(s.kept, p); err != nil {
			t.Fatal(err)
		}
		key, args := licensing.Sentence(event.Recorded{Event: event.Value(p)})
		if text := cat.Printer("en", nil).Text(key, args); strings.ContainsAny(text, "{[") {
			t.Errorf("%s: %s", key, text)
		}
	}
	for _, tr := range licensing.Table {
		for _, g := range tr.Guards {
			if !cat.Has(g) && g != "licensing.stale" {
				t.Errorf("no sentence for the guard %q", g)
			}
		}
	}
	missing := licensing.Application{}
	missing.Lines = []licensing.Line{{ID: "l", Tariff: "1"}}
	missing.Parties = []party.Party{{ID: "p"}}
	for _, m := range licensing.Check(&missing, licensing.Profile{}) {
		if !cat.Has(m.Key) {
			t.Errorf("no sentence for %q", m.Key)
		}
	}
}

func itemText(p *lang.Problem) string {
	s := ""
	for _, i := range p.Items {
		s += " " + i.Message
	}
	for _, f := range p.Fields {
		s += " " + f.Message
	}
	return s
}
