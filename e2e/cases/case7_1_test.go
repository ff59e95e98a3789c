package cases

import (
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
)

func TestCase7_1ImsiCatcherToAnInteriorMinistry(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "01")
		id := s.apply("individual", in, nil)
		s.classify(id, in)
		s.resolve(id, in)
		s.assess(id, in)
		s.view(id, assessment.Likely, "5", "Whole crowds can be identified; nobody authorises it beforehand.", "1", "2", "3")
		s.conclude(id)
		refuse := map[string]licensing.Outcome{"1": licensing.RefuseLine, "2": licensing.RefuseLine, "3": licensing.RefuseLine}
		s.advise(id, "The unit traced telephones around an assembly.", map[string]licensing.AdviceKind{"1": licensing.Refuse, "2": licensing.Refuse, "3": licensing.Refuse})
		s.recommend(id, refuse, "CP2-a", nil)
		s.intend(id, "CP2-a", "There is a clear risk.", "1", "2", "3")
		s.wait(40)
		s.decide(id, refuse, fields{"told.CP2-a": "There is a clear risk."})
	})
}
