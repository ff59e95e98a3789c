package queryfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/comity-project/comity/screening"
)

// maxLine bounds a line of JSON, in bytes.
const maxLine = 1 << 20

type jsonlReader struct {
	scan   *bufio.Scanner
	limits Limits
	line   int
	rows   int
}

func openJSONL(r io.Reader, limits Limits) *jsonlReader {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	return &jsonlReader{scan: s, limits: limits}
}

// Next implements Reader.
func (r *jsonlReader) Next() (Row, error) {
	for r.scan.Scan() {
		r.line++
		line := bytes.TrimSpace(r.scan.Bytes())
		if len(line) == 0 {
			continue
		}
		if r.rows++; r.rows > r.limits.Rows {
			return Row{}, tooMany(r.limits.Rows)
		}
		row := Row{Line: r.line}
		var err error
		if row.QID, row.Query, err = screening.ParseQuery(line); err != nil {
			row.Problem = NotJSON
		} else {
			row.Problem = check(&row.Query)
		}
		return row, nil
	}
	if err := r.scan.Err(); err != nil {
		return Row{}, broken(r.line+1, err)
	}
	return Row{}, io.EOF
}

// Close implements Reader.
func (r *jsonlReader) Close() error { return nil }

type jsonlWriter struct {
	out *bufio.Writer
	enc *json.Encoder
}

func createJSONL(w io.Writer) *jsonlWriter {
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &jsonlWriter{out, enc}
}

// Write implements Writer.
func (w *jsonlWriter) Write(row Row, r Result) error {
	return w.enc.Encode(struct {
		QID  string `json:"qid,omitempty"`
		Line int    `json:"line"`
		Result
	}{row.QID, row.Line, r})
}

// Close implements Writer.
func (w *jsonlWriter) Close() error { return w.out.Flush() }
