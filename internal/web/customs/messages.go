package customs

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
	"github.com/comity-project/comity/internal/web/door"
)

// What one request of customs' system may hold.
const (
	messagesLimit = 4 << 20 // bytes
	noticesLimit  = 100
)

// failed is the answer to a message that could not be dealt with. It was not
// received: it is to be mended and sent again under the same number.
type failed struct {
	Line    int      `json:"line"`
	Error   string   `json:"error"`
	Details []string `json:"details,omitempty"`
}

// messages takes in customs messages, one JSON object on a line, and answers
// each on a line of its own, in their order.
func (p pages) messages(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	err := p.App.TakeMessages(r.Context(), door.Actor(r.Context()), http.MaxBytesReader(w, r.Body, messagesLimit), func(line int, answer licensing.MessageAnswer, bad *fault.Error) {
		if bad == nil {
			_ = out.Encode(answer)
			return
		}
		problem := lang.Fault(lang.From(r.Context()), bad)
		said := failed{Line: line, Error: problem.Message}
		for _, x := range problem.Fields {
			said.Details = append(said.Details, x.Name+": "+x.Message)
		}
		_ = out.Encode(said)
	})
	switch {
	case errors.Is(err, node.ErrMessagesLong):
		http.Error(w, "", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	_, _ = w.Write(body.Bytes())
}

// notices tells of changes of licences after a number, one JSON object on a line.
func (p pages) notices(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil && r.URL.Query().Get("after") != "" {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	notices, err := p.App.Notices(r.Context(), door.Actor(r.Context()), after, noticesLimit)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := json.NewEncoder(w)
	for _, n := range notices {
		_ = out.Encode(n)
	}
}
