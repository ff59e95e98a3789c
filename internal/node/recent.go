package node

import (
	"sync"
	"time"
)

// recent remembers what was read a moment ago, for programs that ask thousands of
// times a second: who a token's bearer is, which entries are disputed. What is
// remembered ends with the next command of this process but for screenings, and
// after a second for the sake of others.
type recent[K comparable, V any] struct {
	mu    sync.Mutex
	kept  map[K]remembered[V] // guarded by mu
	round uint64              // guarded by mu: of what is kept
}

type remembered[V any] struct {
	value V
	until time.Time
}

const (
	recentFor = time.Second
	maxRecent = 10_000
)

// get gives what is remembered, or reads it. Nothing is remembered of an error.
func (r *recent[K, V]) get(a *App, key K, read func() (V, error)) (V, error) {
	round, now := a.moved.Load(), time.Now()
	r.mu.Lock()
	if r.round != round || len(r.kept) >= maxRecent {
		r.kept, r.round = nil, round
	}
	k, ok := r.kept[key]
	r.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.value, nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.round == round { // else it may be what was true before
		if r.kept == nil {
			r.kept = map[K]remembered[V]{}
		}
		r.kept[key] = remembered[V]{v, now.Add(recentFor)}
	}
	return v, nil
}
