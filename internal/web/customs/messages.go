package customs

import (
	"bufio"
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
	in := bufio.NewScanner(http.MaxBytesReader(w, r.Body, messagesLimit))
	in.Buffer(nil, licensing.MaxMessage)
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	for n := 1; in.Scan(); n++ {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		var answer licensing.MessageAnswer
		m, err := licensing.ParseMessage(in.Bytes())
		if err == nil {
			err = p.App.Do(r.Context(), door.Actor(r.Context()), node.TakeMessage{CustomsMessage: m}, node.Into(&answer))
		}
		var f *fault.Error
		switch {
		case err == nil:
			_ = out.Encode(answer)
		case errors.As(err, &f) && f.Code != fault.Internal && f.Code != fault.Unavailable:
			problem := lang.Fault(lang.From(r.Context()), err)
			bad := failed{Line: n, Error: problem.Message}
			for _, x := range problem.Fields {
				bad.Details = append(bad.Details, x.Name+": "+x.Message)
			}
			_ = out.Encode(bad)
		default:
			// What was answered so far is on record; sent again, it is answered alike.
			http.Error(w, "", http.StatusServiceUnavailable)
			return
		}
	}
	if in.Err() != nil {
		http.Error(w, "", http.StatusRequestEntityTooLarge)
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
