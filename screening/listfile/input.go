package listfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"unicode/utf8"
)

// Kind says what kind of thing is wrong with a file, for those who translate
// the message.
type Kind string

// The kinds of errors.
const (
	TooLarge  Kind = "too_large" // over a limit
	Encoding  Kind = "encoding"  // not UTF-8
	Packed    Kind = "packed"    // an archive or compressed file
	Syntax    Kind = "syntax"    // broken CSV, JSON, XML or YAML
	Structure Kind = "structure" // well formed, but not this kind of list
	Value     Kind = "value"     // a cell or field that can't be right
	Reading   Kind = "reading"   // the reader itself failed
)

// Error is what is wrong with a file, where, and what to do. Line and Column
// count from 1, Column in bytes; 0 means that the place is the whole file.
type Error struct {
	Kind    Kind
	File    string
	Line    int
	Column  int
	Problem string // "a quotation mark stands in an unquoted cell"
	Todo    string // "fetch the file again"
	Cause   error
}

// Error gives file:line:column: problem; what to do.
func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	s := place + ": " + e.Problem
	if e.Todo != "" {
		s += "; " + e.Todo
	}
	return s
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

const fetchAgain = "fetch the file again from its publisher"

// input is a file under watch: bounded, UTF-8, with known places of its lines.
type input struct {
	name  string
	r     *bufio.Reader
	lim   Limits
	off   int64   // bytes given out
	line  int     // number of the line that starts at starts[0]
	start []int64 // offsets of recent lines; older ones are forgotten
	carry []byte  // begin of a character that the next read ends
	err   error
}

// keptLines bounds the memory of the line index; errors lie near the read head.
const keptLines = 1 << 16

// open looks at the first bytes and takes away a byte order mark.
func open(f File, lim Limits) (*input, error) {
	in := &input{name: f.Name, lim: lim.orDefault(), line: 1, start: []int64{0}}
	if in.name == "" {
		in.name = "list"
	}
	if f.Reader == nil {
		return nil, &Error{Kind: Reading, File: in.name, Problem: "there is no file"}
	}
	in.r = bufio.NewReaderSize(f.Reader, 64<<10)
	head, err := in.r.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, in.reading(err)
	}
	wrong := func(k Kind, problem, todo string) error {
		return &Error{Kind: k, File: in.name, Line: 1, Column: 1, Problem: problem, Todo: todo}
	}
	switch {
	case len(head) == 0:
		return nil, wrong(Structure, "the file is empty", fetchAgain)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, wrong(Packed, "this is a zip archive", "unpack it and give the file inside")
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.HasPrefix(head, []byte("BZh")),
		bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z'}), bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, wrong(Packed, "this is a compressed file", "unpack it and give the file inside")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return nil, wrong(Encoding, "the text is UTF-16", "save it as UTF-8")
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		if _, err := in.r.Discard(3); err != nil {
			return nil, in.reading(err)
		}
		head = head[3:]
	}
	text := bytes.ToLower(bytes.TrimSpace(head))
	if bytes.HasPrefix(text, []byte("<!doctype html")) || bytes.HasPrefix(text, []byte("<html")) {
		return nil, wrong(Structure, "this is a web page and no list", "the address may have moved: check it, then fetch again")
	}
	return in, nil
}

// Read gives checked bytes; its errors are *Error or io.EOF.
func (in *input) Read(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n := copy(p, in.carry)
	in.carry = append(in.carry[:0], in.carry[n:]...)
	if n == 0 || !utf8.FullRune(p[:n]) {
		m, err := in.r.Read(p[n:])
		n += m
		if err != nil && err != io.EOF {
			in.err = in.reading(err)
		} else if err == io.EOF {
			in.err = io.EOF
		}
	}
	good := in.check(p[:n])
	if left := in.lim.Bytes - in.off; int64(good) > left {
		good = int(max(left, 0))
		in.err = &Error{
			Kind: TooLarge, File: in.name, Line: in.line + len(in.start) - 1, Column: 1,
			Problem: fmt.Sprintf("the file is longer than %d bytes", in.lim.Bytes),
			Todo:    "no list of this kind is so long: look at what was fetched, or raise the limit",
		}
	}
	for i, c := range p[:good] {
		if c == '\n' {
			in.newline(in.off + int64(i) + 1)
		}
	}
	in.off += int64(good)
	if good == 0 && in.err == nil {
		return 0, nil
	}
	if good > 0 && in.err != nil {
		return good, nil // the error comes with the next read
	}
	return good, in.err
}

// check finds how much of p is whole, valid text. The begin of a character at
// the end is carried to the next read; a wrong byte is an error there.
func (in *input) check(p []byte) int {
	for i := 0; i < len(p); {
		if p[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(p[i:])
		if r != utf8.RuneError || size > 1 {
			i += size
			continue
		}
		if !utf8.FullRune(p[i:]) && in.err == nil {
			in.carry = append(in.carry[:0], p[i:]...)
			return i
		}
		line, column := in.place(in.off + int64(i))
		if k := bytes.LastIndexByte(p[:i], '\n'); k >= 0 {
			line += bytes.Count(p[:i], []byte("\n"))
			column = i - k
		}
		in.err = &Error{
			Kind: Encoding, File: in.name, Line: line, Column: column,
			Problem: fmt.Sprintf("the byte %#02x is no UTF-8", p[i]),
			Todo:    "save the file as UTF-8, or fetch it again",
		}
		return i
	}
	return len(p)
}

func (in *input) newline(off int64) {
	in.start = append(in.start, off)
	if len(in.start) > keptLines {
		drop := keptLines / 2
		in.start = append(in.start[:0], in.start[drop:]...)
		in.line += drop
	}
}

// place turns an offset into line and column, both from 1.
func (in *input) place(off int64) (line, column int) {
	i := sort.Search(len(in.start), func(i int) bool { return in.start[i] > off }) - 1
	if i < 0 {
		return in.line, 1
	}
	return in.line + i, int(off-in.start[i]) + 1
}

func (in *input) reading(err error) error {
	return &Error{Kind: Reading, File: in.name, Problem: "the file could not be read: " + err.Error(), Todo: "try again", Cause: err}
}

// fault makes an error at a place.
func (in *input) fault(k Kind, line, column int, problem, todo string) *Error {
	return &Error{Kind: k, File: in.name, Line: line, Column: column, Problem: problem, Todo: todo}
}

// own gives the input's own error where a parser has wrapped it.
func own(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}
