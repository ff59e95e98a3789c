package screening

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// StreamOptions tune RunStream.
type StreamOptions struct {
	// Answer appends the answer to one line, with a line end, and tells whether
	// there was a hit. It is required: Index.AnswerLine is one. A new index
	// may take over between two lines.
	Answer func(out, line []byte) (b []byte, hit bool, err error)
	// Flushed, if set, is called whenever what was answered has gone out, with
	// the numbers so far.
	Flushed func(StreamSummary)
}

// StreamSummary counts the lines of a stream.
type StreamSummary struct {
	Queries int // lines answered
	Hits    int // of them, with a hit
	Errors  int // lines that could not be read
}

// RunStream answers queries as they come: one line in, one line out, in order.
// Answers go out as soon as no further line is waiting. A line that can't be
// read, or that is longer than 1 MB, gets a line {"line":n,"error":"..."} and
// the stream goes on; it ends with the input, the context, or when an answer
// can't be written. Empty lines are passed over.
func RunStream(ctx context.Context, r io.Reader, w io.Writer, opt StreamOptions) (sum StreamSummary, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	out := bufio.NewWriterSize(w, 64<<10)
	var buf []byte
	flush := func() error {
		err := out.Flush()
		if opt.Flushed != nil {
			opt.Flushed(sum)
		}
		return err
	}
	for n := 1; ctx.Err() == nil; n++ {
		line, long, readErr := readLine(in)
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return sum, errors.Join(flush(), fmt.Errorf("screening: line %d: %w", n, readErr))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 || long {
			buf = buf[:0]
			var hit bool
			problem := error(errLong)
			if !long {
				buf, hit, problem = opt.Answer(buf, line)
			}
			if problem != nil {
				sum.Errors++
				buf = append(appendJSON(fmt.Appendf(buf[:0], `{"line":%d,"error":`, n), strings.TrimPrefix(problem.Error(), "screening: ")), "}\n"...)
			} else if sum.Queries++; hit {
				sum.Hits++
			}
			if _, err := out.Write(buf); err != nil {
				return sum, err
			}
		}
		if readErr != nil {
			break
		}
		if !lineWaits(in) {
			if err := flush(); err != nil {
				return sum, err
			}
		}
	}
	return sum, errors.Join(flush(), ctx.Err())
}

var errLong = errors.New("the line is too long")

// readLine reads one line, whatever its length; of one that is too long it
// keeps nothing.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// lineWaits tells whether a whole line has come already.
func lineWaits(in *bufio.Reader) bool {
	b, err := in.Peek(in.Buffered())
	return err == nil && bytes.IndexByte(b, '\n') >= 0
}

// AnswerLine answers one line of a query file as RunBatch does, with "us" left
// at zero.
func (x *Index) AnswerLine(out, line []byte, opt BatchOptions) (b []byte, hit bool, err error) {
	return x.answerLine(out, line, SearchOptions{Fields: opt.Fields, Limit: opt.Top}, opt.Full, func() int64 { return 0 })
}
