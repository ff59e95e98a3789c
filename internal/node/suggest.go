package node

import (
	"sync"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/assessment"
)

// suggestions remembers what the classifier said of an item: a case's page is
// read many times, and says the same until a control list changes.
type suggestions struct {
	mu    sync.Mutex
	by    *controls.Classifier                       // guarded by mu: whose answers these are
	known map[assessment.Item]assessment.Suggestions // guarded by mu
}

// maxSuggestions bounds what is remembered; a full memory is emptied.
const maxSuggestions = 8192

// with gives the classifier, with memory.
func (s *suggestions) with(c *controls.Classifier) assessment.Classifier {
	return remembering{s, c}
}

type remembering struct {
	memory *suggestions
	by     *controls.Classifier
}

// Classify implements assessment.Classifier.
func (r remembering) Classify(it assessment.Item) assessment.Suggestions {
	m := r.memory
	m.mu.Lock()
	if m.by != r.by || len(m.known) >= maxSuggestions {
		m.by, m.known = r.by, map[assessment.Item]assessment.Suggestions{}
	}
	known, ok := m.known[it]
	m.mu.Unlock()
	if ok {
		return known
	}
	fresh := assessment.WithControls(r.by).Classify(it)
	m.mu.Lock()
	if m.by == r.by {
		m.known[it] = fresh
	}
	m.mu.Unlock()
	return fresh
}
