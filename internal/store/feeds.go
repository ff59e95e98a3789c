package store

import (
	"strconv"
	"time"
)

// FeedRow is a feed as lists show it.
type FeedRow struct {
	ID, Collection, Form, Source, URL string
	Hours, Failures                   int64
	Due, Last                         time.Time
	Stopped                           bool
}

func (t *Tx) feeds(where string, args ...any) (out []FeedRow, err error) {
	err = t.each(`SELECT id, collection, form, source, url, hours, failures, due, last, stopped FROM feed_row WHERE `+where, args, func(scan func(...any) error) error {
		var f FeedRow
		var due, last, stopped int64
		err := scan(&f.ID, &f.Collection, &f.Form, &f.Source, &f.URL, &f.Hours, &f.Failures, &due, &last, &stopped)
		f.Due, f.Last, f.Stopped = time.UnixMicro(due).UTC(), time.UnixMicro(last).UTC(), stopped == 1
		out = append(out, f)
		return err
	})
	return out, err
}

// ListFeeds gives feeds, those that failed first; all: those that were stopped
// too, after the others.
func (t *Tx) ListFeeds(all bool, limit int) ([]FeedRow, error) {
	return t.feeds(`stopped = 0 OR $1 = 1 ORDER BY stopped, failures DESC, id LIMIT `+strconv.Itoa(limit), columnValue(all))
}

// FeedsDue gives the feeds that are to be fetched by now, the longest due first.
func (t *Tx) FeedsDue(now time.Time, limit int) ([]FeedRow, error) {
	return t.feeds(`stopped = 0 AND due <= $1 ORDER BY due, id LIMIT `+strconv.Itoa(limit), now.UnixMicro())
}
