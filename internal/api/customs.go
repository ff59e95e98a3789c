package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
)

// Bounds of what customs' systems send and get.
const (
	maxMessages = 4 << 20
	maxNotices  = 100
)

// unreceived is the answer to a message that could not be dealt with. It was not
// received: it is to be mended and sent again under the same number.
type unreceived struct {
	Line    int      `json:"line"`
	Error   string   `json:"error"`
	Details []string `json:"details,omitempty"`
}

// messages takes in customs messages, one JSON object on a line, and answers each
// on a line of its own, in their order.
func (d *Door) messages(w http.ResponseWriter, r *http.Request) {
	actor, err := d.who(r)
	if err == nil {
		err = d.calls.take(actor, 1, d.App.Now())
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	words := d.Catalogue.Printer("en", nil)
	err = d.App.TakeMessages(r.Context(), actor, http.MaxBytesReader(w, r.Body, maxMessages), func(line int, answer licensing.MessageAnswer, bad *fault.Error) {
		if bad == nil {
			_ = out.Encode(answer)
			return
		}
		problem := lang.Fault(words, bad)
		said := unreceived{Line: line, Error: problem.Message}
		for _, x := range problem.Fields {
			said.Details = append(said.Details, x.Name+": "+x.Message)
		}
		_ = out.Encode(said)
	})
	switch {
	case errors.Is(err, node.ErrMessagesLong):
		d.fail(w, r, fault.New(fault.TooLarge, "fault.too_large", "limit", int64(maxMessages)))
	case err != nil:
		d.fail(w, r, err)
	default:
		write(w, http.StatusOK, "application/x-ndjson", body.Bytes())
	}
}

// notices tells of changes of licences after a number, one JSON object on a line.
func (d *Door) notices(w http.ResponseWriter, r *http.Request) {
	actor, err := d.who(r)
	if err == nil {
		err = d.calls.take(actor, 1, d.App.Now())
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	after := int64(0)
	if text := r.URL.Query().Get("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil {
			d.fail(w, r, fault.New(fault.Invalid, "api.broken", "why", "after is no number"))
			return
		}
	}
	notices, err := d.App.Notices(r.Context(), actor, after, maxNotices)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	for _, n := range notices {
		_ = out.Encode(n)
	}
	write(w, http.StatusOK, "application/x-ndjson", body.Bytes())
}
