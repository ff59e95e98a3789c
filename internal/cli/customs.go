package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
)

type customsCmd struct {
	Take    customsTake    `cmd:"" help:"Take in a file of customs messages and write the answers."`
	Notices customsNotices `cmd:"" help:"Write what customs are told of licences, from a number on."`
}

type customsTake struct {
	File string `arg:"" help:"Messages, one JSON object on a line; - reads the standard input."`
}

// unread is the answer to a line that could not be dealt with: it was not
// received, and is to be mended and sent again under the same number.
type unread struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// Run takes in the messages one by one: those after one that can't be read are
// taken in all the same. The same file may be taken in again; what was counted is
// not counted twice.
func (c customsTake) Run(e *env) error {
	var in io.Reader = e.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	lines, out := bufio.NewScanner(in), json.NewEncoder(e.Stdout)
	lines.Buffer(nil, licensing.MaxMessage)
	bad := 0
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		answer, err := takeOne(e, app, lines.Bytes())
		switch code := fault.CodeOf(err); {
		case err == nil:
		case code == fault.Invalid || code == fault.Conflict || code == fault.Blocked:
			bad++
			e.report(err)
			answer = unread{Line: n, Error: string(code)}
		default:
			return err
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if bad > 0 {
		return fault.New(fault.Invalid, "cli.customs_unread", "count", bad)
	}
	return nil
}

func takeOne(e *env, app *node.App, line []byte) (any, error) {
	m, err := licensing.ParseMessage(line)
	if err != nil {
		return nil, err
	}
	var answer licensing.MessageAnswer
	err = app.Do(e, access.System(), node.TakeMessage{CustomsMessage: m}, node.Into(&answer))
	return answer, err
}

type customsNotices struct {
	After int64 `help:"The number of the last notice received." default:"0"`
}

// Run writes notices, one JSON object on a line, until there are no more.
func (c customsNotices) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	out := json.NewEncoder(e.Stdout)
	for after := c.After; ; {
		notices, err := app.Notices(e, access.System(), after, 100)
		if err != nil || len(notices) == 0 {
			return err
		}
		for _, n := range notices {
			if err := out.Encode(n); err != nil {
				return err
			}
			after = n.Number
		}
	}
}
