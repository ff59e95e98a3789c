package authority

import (
	"net/url"
	"strings"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/web/ui"
)

// residual is what was stated of the line's risk, as it counts today.
func (a *assessed) residual() (assessment.Residual, bool) {
	for _, r := range a.Assessment.Residuals(a.Facts) {
		if r.Line == a.Line.ID {
			return r, true
		}
	}
	return assessment.Residual{}, false
}

// measureOptions are what a mitigation of the line can rest on.
func measureOptions(a *assessed) []ui.Option {
	var out []ui.Option
	measures, words := a.Assessment.MeasuresFor(a.Facts, a.Line.ID)
	for i, m := range measures {
		out = append(out, ui.Option{Value: measureValue(m), Text: words[i]})
	}
	return out
}

// measureValue is a measure as the form sends it.
func measureValue(m assessment.Measure) string {
	if m.Condition != "" {
		return "condition/" + m.Condition
	}
	return "assurance/" + m.Assurance
}

func mitigationCommand(a *assessed, v url.Values) (assessment.Command, error) {
	c := assessment.StateMitigation{
		Case: a.ID(), Line: a.Line.ID, Likelihood: assessment.Likelihood(v.Get("likelihood")), Residual: assessment.Likelihood(v.Get("residual")), Reason: v.Get("reason"),
	}
	for _, x := range v["measures"] {
		var m assessment.Measure
		if id, ok := strings.CutPrefix(x, "condition/"); ok {
			m.Condition = id
		} else {
			m.Assurance = strings.TrimPrefix(x, "assurance/")
		}
		c.Measures = append(c.Measures, m)
	}
	return c, nil
}
