package vault

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/fault"
)

// The media types that the vault takes. Everything else is refused: archives,
// pages and scripts, programs, office files of the old binary kind.
const (
	PDF  = "application/pdf"
	PNG  = "image/png"
	JPEG = "image/jpeg"
	Text = "text/plain; charset=utf-8"
	CSV  = "text/csv; charset=utf-8"
	DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	ODT  = "application/vnd.oasis.opendocument.text"
)

// Gzip is the type of documents that the program packs itself: versions of
// lists. It is never taken from a person.
const Gzip = "application/gzip"

// office stands for a zip archive whose kind its entries must tell.
const office = "application/zip"

// sniffSize is how much of a document's beginning decides what it is.
const sniffSize = 4096

// sniff tells a media type from the beginning of a document, or "" for one that
// is not taken. The name matters only between two kinds of text: nothing in
// the bytes tells a table from a letter.
func sniff(head []byte, name string) string {
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return PDF
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return office
	}
	// A browser would take these for a page, whatever we call them.
	detected := http.DetectContentType(head)
	if strings.HasPrefix(detected, "text/html") || strings.HasPrefix(detected, "text/xml") {
		return ""
	}
	if bytes.IndexByte(head, 0) >= 0 && !bytes.HasPrefix(head, []byte("\xff\xfe")) && !bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return ""
	}
	if !strings.HasPrefix(detected, "text/plain") && !looksLikeText(head) {
		return ""
	}
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return CSV
	}
	return Text
}

// looksLikeText is true for bytes that could be text in some encoding, so that
// a table in an old encoding gets an answer about its encoding.
func looksLikeText(head []byte) bool {
	for _, b := range head {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' {
			return false
		}
	}
	return len(head) > 0
}

// textCheck refuses text that is not UTF-8, naming the place. It sees the text
// as it streams by and holds no more than the pieces of one character.
type textCheck struct {
	line, column int // of the next character, from 1
	rest         []byte
}

func newTextCheck() *textCheck { return &textCheck{line: 1, column: 1} }

func (c *textCheck) Write(p []byte) (int, error) {
	b := p
	if len(c.rest) > 0 {
		b = append(c.rest, p...)
		c.rest = nil
	}
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			if b[0] < ' ' && b[0] != '\t' && b[0] != '\n' && b[0] != '\r' && b[0] != '\f' {
				return 0, c.refuse()
			}
			if c.column++; b[0] == '\n' {
				c.line, c.column = c.line+1, 1
			}
			b = b[1:]
			continue
		}
		if !utf8.FullRune(b) {
			c.rest = bytes.Clone(b)
			break
		}
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			return 0, c.refuse()
		}
		c.column++
		b = b[size:]
	}
	return len(p), nil
}

// Close refuses a text that ends inside a character.
func (c *textCheck) Close() error {
	if len(c.rest) > 0 {
		return c.refuse()
	}
	return nil
}

func (c *textCheck) refuse() error {
	return fault.New(fault.Invalid, "vault.not_utf8", "line", c.line, "column", c.column)
}
