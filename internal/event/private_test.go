package event_test

import (
	"encoding/json"
	"testing"

	"github.com/comity-project/comity/internal/event"
)

// An owner is read the same whether it stands there plainly or not.
func TestPrivateReadsItsOwner(t *testing.T) {
	for in, want := range map[string]event.Stream{
		`{"owner":"case/1"}`:                 "case/1",
		`{"owner":""}`:                       "",
		`{ "owner" : "case/1" }`:             "case/1",
		`{"owner":"case\/1"}`:                "case/1",
		`{"owner":"c\u0061se/1"}`:            "case/1",
		`{"owner":"a\"}` + `"}`:              `a"}`,
		`{"owner":"case/1","more":"case/2"}`: "case/1",
		`{"owner":"a","owner":"case/1"}`:     "case/1",
		`{"owner":"кейс/1"}`:                 "кейс/1",
		`{"owner":"` + "\xff" + `"}`:         "\ufffd",
		`{}`:                                 "",
		`null`:                               "",
	} {
		var p event.Private[string]
		if err := json.Unmarshal([]byte(in), &p); err != nil || p.Owner != want {
			t.Errorf("%s gives %q, %v, want %q", in, p.Owner, err, want)
		}
	}
	for _, bad := range []string{`{"owner":"a}`, `{"owner":7}`, `[]`, "{\"owner\":\"a\nb\"}"} {
		var p event.Private[string]
		if err := json.Unmarshal([]byte(bad), &p); err == nil {
			t.Errorf("%s gives %q", bad, p.Owner)
		}
	}
}
