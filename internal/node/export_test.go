package node

import (
	"iter"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/store"
)

// FoldStreams folds all streams as verify and refold do, and tells whenever it
// makes a state.
func (a *App) FoldStreams(t *store.Tx, made func(event.Stream)) iter.Seq2[event.Stream, error] {
	stateOf := func(s event.Stream) (event.State, error) {
		made(s)
		return a.stateOf(s)
	}
	return func(yield func(event.Stream, error) bool) {
		for f, err := range a.foldStreams(t, stateOf, nil) {
			if !yield(f.stream, err) {
				return
			}
		}
	}
}
