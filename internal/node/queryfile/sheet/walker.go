package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// part opens a part of the workbook. What is read of it counts against what the
// whole may unpack to: no size that the file declares is believed, but one that
// it declares too large is refused at once.
func (r *Reader) part(name string) (*walker, error) {
	f := r.parts[strings.ToLower(name)]
	if f == nil {
		return nil, fmt.Errorf("%w: there is no part %q", ErrNone, name)
	}
	if f.UncompressedSize64 > uint64(r.left) {
		return nil, ErrTooLarge
	}
	unpacked, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	in := &bounded{from: unpacked, left: &r.left}
	w := &walker{in: in, d: xml.NewDecoder(in)}
	return w, nil
}

// maxToken bounds a tag or a text: a cell holds 32,767 characters.
const maxToken = 1 << 20

// bounded counts what it gives.
type bounded struct {
	from  io.ReadCloser
	left  *int64 // of the workbook
	token int    // since the last token began
	buf   [16 << 10]byte
	r, w  int
	err   error // once the buffer is read
}

// ReadByte implements io.ByteReader, which the XML decoder reads by.
func (b *bounded) ReadByte() (byte, error) {
	for b.r == b.w {
		if b.err != nil {
			return 0, b.err
		}
		b.r = 0
		b.w, b.err = b.from.Read(b.buf[:])
		if *b.left -= int64(b.w); *b.left < 0 {
			b.w, b.err = 0, ErrTooLarge
		}
	}
	if b.token++; b.token > maxToken {
		return 0, ErrTooLarge
	}
	b.r++
	return b.buf[b.r-1], nil
}

// Read implements io.Reader, which the decoder asks for and never calls.
func (b *bounded) Read(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if p[n], err = b.ReadByte(); err == nil {
			n++
		}
	}
	return n, err
}

// maxDepth is more than any part has.
const maxDepth = 64

// walker reads the tokens of a part and knows where it is. It looks at local
// names alone: some programs write <x:row>.
type walker struct {
	in   *bounded
	d    *xml.Decoder
	open []string
}

// next gives the next token; io.EOF after the end of the outermost element, and
// never within one.
func (w *walker) next() (xml.Token, error) {
	w.in.token = 0
	t, err := w.d.RawToken()
	if errors.Is(err, io.EOF) && len(w.open) > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	switch e := t.(type) {
	case xml.StartElement:
		if len(w.open) == maxDepth {
			return nil, fmt.Errorf("sheet: more than %d elements in each other", maxDepth)
		}
		w.open = append(w.open, e.Name.Local)
	case xml.EndElement:
		last := len(w.open) - 1
		if last < 0 || w.open[last] != e.Name.Local {
			return nil, fmt.Errorf("sheet: </%s> ends nothing", e.Name.Local)
		}
		w.open = w.open[:last]
	case xml.Directive:
		// A document type can define what a text stands for.
		return nil, errors.New("sheet: a part with a document type")
	}
	return t, nil
}

// at tells whether these elements are open and no others.
func (w *walker) at(open ...string) bool { return slices.Equal(w.open, open) }

// each reads to the end and gives every element that begins.
func (w *walker) each(do func(xml.StartElement) error) error {
	for {
		t, err := w.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if e, ok := t.(xml.StartElement); ok && err == nil {
			err = do(e)
		}
		if err != nil {
			if !errors.Is(err, ErrTooLarge) {
				err = fmt.Errorf("%w: %w", ErrNone, err)
			}
			return err
		}
	}
}

// text reads the element that has just begun to its end and adds its text to b,
// joining the runs of a rich text. How it is spoken, which East Asian texts may
// say besides, is left out.
func (w *walker) text(b []byte) ([]byte, error) {
	depth, start := len(w.open), len(b)
	for {
		t, err := w.next()
		if err != nil {
			return b, err
		}
		switch t := t.(type) {
		case xml.CharData:
			if n := len(w.open); w.open[n-1] == "t" && w.open[n-2] != "rPh" {
				if b = append(b, t...); len(b)-start > maxToken {
					return b, ErrTooLarge
				}
			}
		case xml.EndElement:
			if len(w.open) < depth {
				if s := string(b[start:]); strings.Contains(s, "_x") {
					b = append(b[:start], unescape(s)...)
				}
				return b, nil
			}
		}
	}
}

func (w *walker) close() error { return w.in.from.Close() }

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
