package node_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// signed confirms every sentence of the draft and signs it.
func signed(h *nodetest.House, id string) {
	h.T.Helper()
	f := h.File(h.Officer, id)
	facts, err := h.App.AssessFacts(context.Background(), h.Officer, f)
	if err != nil {
		h.T.Fatal(err)
	}
	c := assessment.ConfirmSentences{Case: id}
	for _, s := range f.Assessment.Draft(facts) {
		c.Sentences = append(c.Sentences, assessment.SentenceSaid{ID: s.ID, Text: "On " + strings.Join(s.Facts, ", ") + ".", Rewritten: true})
	}
	h.Do(h.Officer, c)
	h.Do(h.Officer, assessment.SignText{Case: id})
}

// docx is the text of a written assessment as a word processor reads it: the body,
// and the foot of every page.
func docx(t *testing.T, app *node.App, who access.Actor, id string) (body, foot string) {
	t.Helper()
	cat, err := lang.Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := app.WrittenDocument(context.Background(), who, id, cat.Printer("en", nil))
	if err != nil {
		t.Fatal(err)
	}
	file, err := letter.DOCX(doc)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name != "word/document.xml" && !strings.HasPrefix(f.Name, "word/footer") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for d := xml.NewDecoder(r); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if c, ok := tok.(xml.CharData); ok {
				text.Write(c)
			}
		}
		if f.Name == "word/document.xml" {
			body += text.String()
		} else {
			foot += text.String()
		}
	}
	return body, foot
}

// A copy bears the strictest marking of what it rests on at its head and at the foot
// of every page. What rests on a source marked red is left out, and so is what rests
// on one that whoever makes the copy may not read; the copy says how much.
func TestACopyOfAnAssessmentIsMarkedAndMasked(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		open := assessedOn(h, source(h, h.Officer, nil))
		signed(h, open)
		body, foot := docx(t, app, h.Officer, open)
		for _, want := range []string{"TLP:AMBER", "user.abuse_record", "Visit to Karsovia"} {
			if !strings.Contains(body, want) {
				t.Errorf("the copy lacks %q", want)
			}
		}
		if strings.Contains(body, "Left out") || !strings.Contains(foot, "TLP:AMBER · ") {
			t.Errorf("nothing had to be left out; the foot says %q", foot)
		}

		h.Officer.Compartments, h.Adviser.Compartments, h.Senior.Compartments = []string{"north"}, []string{"north"}, []string{"north", "south"}
		for marking, masked := range map[evidence.Marking]bool{evidence.AmberStrict: false, evidence.Red: true} {
			in := nodetest.Example(t, "01")
			id := h.Submit(h.Application(in))
			h.Settle(id, in)
			h.Do(h.Senior, licensing.MoveCompartment{On: licensing.On{Case: id}, Compartment: "north", Why: "A source at risk."})
			item := source(h, h.Officer, func(c *evidence.Add) {
				c.Compartment, c.Marking, c.Details.Title = "north", marking, "A source at risk"
			})
			h.Do(h.Officer, cite(id, item))
			h.Complete(id, in, "1", "2", "3")
			signed(h, id)
			body, foot := docx(t, app, h.Officer, id)
			if got := strings.Contains(body, "Left out of this copy"); got != masked {
				t.Errorf("%s: left out: %v", marking, got)
			}
			if got := strings.Contains(body, "A source at risk") || strings.Contains(body, "user.abuse_record"); got == masked {
				t.Errorf("%s: shown: %v", marking, got)
			}
			if !strings.Contains(body, "TLP:AMBER+STRICT") || !strings.Contains(foot, "TLP:AMBER+STRICT · ") {
				t.Errorf("%s: the foot says %q", marking, foot)
			}
			// The case moves to where the source does not follow: it is beyond those there.
			h.Do(h.Senior, licensing.MoveCompartment{On: licensing.On{Case: id}, Compartment: "south", Why: "Another desk."})
			other := h.Senior
			other.Compartments = []string{"south"}
			if body, _ := docx(t, app, other, id); !strings.Contains(body, "Left out of this copy") || strings.Contains(body, "A source at risk") {
				t.Errorf("%s: beyond the reader, and yet shown", marking)
			}
		}
	})
}
