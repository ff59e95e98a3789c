package dispatch_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
)

func TestWhatMayBeTold(t *testing.T) {
	const words = "The unit reads the telephones of reporters at the gate of the ministry."
	fact := dispatch.Fact{Ref: "statement/1", Issuer: "XA", Words: words}
	shut, agreed := fact, fact
	shut.Shut, agreed.Consent = true, true
	for name, c := range map[string]struct {
		standing string
		fact     dispatch.Fact
		text     string
		reasons  bool
		want     string
	}{
		"a question says nothing of it":          {"", fact, "Who uses it?", false, ""},
		"its words in a question":                {"left_out", fact, "Is it so that " + strings.ToUpper(words), false, "dispatch.telling.words"},
		"its words, though it consented":         {"rests", agreed, words, true, "dispatch.telling.words"},
		"39 characters are no copy":              {"left_out", fact, words[:39], true, ""},
		"40 are":                                 {"left_out", fact, words[:40], true, "dispatch.telling.words"},
		"nobody said whether reasons rest on it": {"", fact, "There is a risk.", true, "dispatch.telling.unsettled"},
		"they do, without consent":               {"rests", fact, "There is a risk.", true, "dispatch.telling.consent"},
		"they do, with consent":                  {"rests", agreed, "There is a risk.", true, ""},
		"consent that came otherwise":            {"consented", fact, "There is a risk.", true, ""},
		"left out":                               {"left_out", fact, "There is a risk.", true, ""},
		"nobody here could read it":              {"", shut, "There is a risk.", true, ""},
		"somebody who could says that they rest": {"rests", shut, "There is a risk.", true, "dispatch.telling.consent"},
		"its words, which nobody could read":     {"", shut, words, true, "dispatch.telling.words"},
	} {
		s := &dispatch.Telling{Facts: map[string]dispatch.Settlement{"statement/1": {Standing: c.standing}}}
		err := s.MayTell([]dispatch.Fact{c.fact}, []string{"First.", c.text}, c.reasons)
		var f *fault.Error
		if got := errors.As(err, &f); got != (c.want != "") || got && f.Key != c.want {
			t.Errorf("%s: %v, wanted %q", name, err, c.want)
		}
	}
}

func TestRepeats(t *testing.T) {
	forty := strings.Repeat("аб", 20) // of two bytes each
	for _, c := range []struct {
		name, text, said string
		want             bool
	}{
		{"forty in a row", "before " + forty + " after", "x" + forty, true},
		{"thirty-nine", "before " + forty[:78] + " after", "x" + forty[:78] + "y", false},
		{"other case and spaces", "The unit\n uses THE tool against people who publish", "the unit uses the tool against people who publish.", true},
		{"short ones", "no", "no", false},
		{"nothing", "", "", false},
	} {
		if got := dispatch.Repeats(c.text, c.said); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
