package demo_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// confidential are words that stand in the internal texts of the refused case:
// advice, the adviser's view, facts and their sources, reasons, resolved hits.
var confidential = []string{
	"traced telephones", "Whole crowds", "special procedure", "May square", "has a record", "changes nothing in the test", "embassy", "Alvania", "ALVANIA",
	"denial", "Amira", "Fatou", "As recommended", "severity", "Clear risk of internal repression; the unit",
}

// No fact that may not be told reaches the applicant: not in what pages for
// exporters are made from, not in a letter's text, not in a PDF's metadata.
func TestNothingConfidentialReachesTheApplicant(t *testing.T) {
	clock := nodetest.NewClock()
	app := nodetest.Open(t, store.SQLite, clock)
	s := setUp(t, app)
	must(t, s.Build(ctx, clock, nil))
	kari := s.Actors["kari"]
	id := decidedCase(t, app, s)
	v, _, err := app.Application(ctx, kari, id)
	must(t, err)
	told, err := json.Marshal(v)
	must(t, err)
	look(t, "the applicant's view", string(told))
	if len(v.Letters) < 12 {
		t.Fatalf("%d letters in all forms, want receipt, request, intention and decision", len(v.Letters))
	}
	for _, l := range v.Letters {
		d, r, err := app.OpenDocument(ctx, kari, id, l.Document)
		must(t, err)
		body, err := io.ReadAll(r)
		must(t, err)
		must(t, r.Close())
		text := string(body)
		if d.MediaType == node.LetterPDF {
			look(t, "raw PDF", text)
			text = pdfText(t, body)
		}
		if d.MediaType == vault.DOCX {
			text = wordText(t, body)
		}
		look(t, string(l.Kind)+" "+d.MediaType, text)
	}
}

func look(t *testing.T, where, text string) {
	t.Helper()
	for _, word := range confidential {
		if strings.Contains(text, word) {
			t.Errorf("%s says %q", where, word)
		}
	}
}

// decidedCase finds the refused case by its applicant's licences and letters.
func decidedCase(t *testing.T, app *node.App, s *demo.State) string {
	t.Helper()
	var id string
	must(t, app.Store().View(ctx, func(tx *store.Tx) error {
		// References count up in the order of the demonstration: the fourth is refused.
		var err error
		id, _, err = tx.CaseByReference("XX-2026-0004")
		return err
	}))
	if id == "" {
		t.Fatal("the refused case is not there")
	}
	return id
}

// wordText is every part of a DOCX, without its marks.
func wordText(t *testing.T, file []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	var out strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		part, err := io.ReadAll(r)
		must(t, err)
		out.WriteString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(part), ""))
	}
	return out.String()
}

func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext (of poppler-utils; run scripts/deps): %v", err)
	}
	info := exec.Command("pdfinfo", "-")
	info.Stdin = bytes.NewReader(pdf)
	meta, err := info.Output()
	if err != nil {
		t.Fatalf("pdfinfo: %v", err)
	}
	return string(out) + string(meta)
}
