package assessment_test

import (
	"fmt"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
)

// BenchmarkAssess is the case page of a large case: a hundred lines.
func BenchmarkAssess(b *testing.B) {
	e := plain(b)
	in := searched(example(b, "02-lawful-interception-mediation"))
	line := in.Lines[0]
	for len(in.Lines) < 100 {
		line.ID = fmt.Sprint("copy-", len(in.Lines))
		in.Lines = append(in.Lines, line)
	}
	for b.Loop() {
		assessment.Assess(in, e)
	}
}
