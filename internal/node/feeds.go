package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/store"
)

// FeedReader reads feeds from where they are published.
type FeedReader interface {
	// Check says why an address may not be asked.
	Check(address string) error
	// Read gives each file that is new since the cursor to take, in order, and the
	// cursor after the last one that was taken; it is good with an error too.
	Read(ctx context.Context, form, address string, from dispatch.Cursor, take func(name string, file []byte) error) (dispatch.Cursor, error)
}

// Kinds of jobs: which feeds are due, and one feed.
const (
	jobFeeds = "exchange.feeds"
	jobFeed  = "exchange.feed"
)

type feedJob struct {
	Feed string `json:"feed"`
}

// FeedStream is the stream of a feed, for Expect.
func FeedStream(id string) event.Stream { return event.StreamOf(dispatch.KindFeed, id) }

// FetchFeed has a feed fetched now, whenever it is due.
type FetchFeed struct{ Feed string }

func (a *App) registerFeeds() {
	handle(a, onFeed[dispatch.Subscribe])
	handle(a, onFeed[dispatch.FeedCame])
	handle(a, onFeed[dispatch.StopFeed])
	handle(a, fetchFeed)
}

func (t *Tx) mayTakeFeeds() error {
	return t.Must(access.ExchangeRead, access.ExchangeTake, access.Thing{Kind: dispatch.KindFeed})
}

func onFeed[C dispatch.FeedCommand](t *Tx, c C) error {
	s, _, err := load[*dispatch.Feed](t, c.Stream())
	if err != nil {
		return err
	}
	switch any(c).(type) {
	case dispatch.FeedCame:
		err = t.Must("", access.ExchangeCarry, access.Thing{})
	default:
		err = t.mayTakeFeeds()
	}
	if err != nil {
		return err
	}
	events, err := dispatch.DecideFeed(s, c)
	if subscribe, ok := any(c).(dispatch.Subscribe); ok && err == nil {
		err = t.subscribable(subscribe)
	}
	if err != nil {
		return err
	}
	return t.Append(events)
}

// maxFeeds bounds the feeds of a node that are not stopped.
const maxFeeds = 100

func (t *Tx) subscribable(c dispatch.Subscribe) error {
	if t.app.cfg.Feeds == nil {
		return fault.New(fault.Blocked, "dispatch.feed.none")
	}
	feeds, err := t.ListFeeds(false, maxFeeds)
	if err != nil {
		return err
	}
	if len(feeds) >= maxFeeds {
		return fault.New(fault.Blocked, "dispatch.feed.many", "max", maxFeeds)
	}
	bad := fault.New(fault.Invalid, "dispatch.invalid")
	var why *fault.Error
	if err := t.app.cfg.Feeds.Check(c.From.URL); errors.As(err, &why) {
		bad.Fields = append(bad.Fields, fault.Field{Name: "url", Key: why.Key, Args: why.Args})
	}
	col, _, err := load[*dispatch.Collection](t, CollectionStream(c.Collection))
	if err != nil {
		return err
	}
	if col.ID == "" || col.Closed != nil {
		bad.Field("collection", "dispatch.choose")
	}
	return bad.Or()
}

func fetchFeed(t *Tx, c FetchFeed) error {
	if err := t.mayTakeFeeds(); err != nil {
		return err
	}
	s, _, err := load[*dispatch.Feed](t, FeedStream(c.Feed))
	if err != nil {
		return err
	}
	if s.ID == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if s.Stopped != nil {
		return fault.New(fault.Conflict, "dispatch.feed.stopped")
	}
	return t.enqueue(jobFeed, fmt.Sprintf("%s/%s/asked/%d", jobFeed, c.Feed, t.Now().UnixMicro()), feedJob(c))
}

// feedsDue has the feeds fetched that are due.
func (a *App) feedsDue(ctx context.Context, _ jobs.Job) error {
	return a.db.Update(ctx, func(t *store.Tx) error {
		due, err := t.FeedsDue(t.Now(), maxFeeds)
		for _, f := range due {
			j, err := jobs.New(jobFeed, fmt.Sprintf("%s/%s/%d", jobFeed, f.ID, f.Due.UnixMicro()), feedJob{f.ID}, t.Now())
			if err != nil {
				return err
			}
			if err := t.Enqueue(j); err != nil {
				return err
			}
		}
		return err
	})
}

func (a *App) runFeed(ctx context.Context, j jobs.Job) error {
	var body feedJob
	if err := j.Decode(&body); err != nil {
		return err
	}
	_, err := a.ReadFeed(ctx, body.Feed)
	return err
}

// ReadFeed fetches a feed: each file is an import, with what is held aside. What
// goes wrong with the publisher is recorded and no error; the feed is left alone
// for a while.
func (a *App) ReadFeed(ctx context.Context, id string) (f dispatch.Feed, err error) {
	if err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(FeedStream(id), &f)
		return err
	}); err != nil || f.ID == "" || f.Stopped != nil || a.cfg.Feeds == nil {
		return f, fault.Wrap(err, "node: feed")
	}
	came := dispatch.FeedCame{Feed: id}
	var failed error
	came.Cursor, failed = a.cfg.Feeds.Read(ctx, f.Form, f.From.URL, f.Cursor, func(name string, file []byte) error {
		out, err := a.TakeFile(ctx, access.System(), TakeFile{Import: NewID(), Collection: f.Collection, Name: name, Bytes: file, From: f.From, Feed: true, Most: f.Quota - came.Got.Objects})
		if err != nil {
			return err
		}
		came.Got.Imports = append(came.Got.Imports, out.Import)
		came.Got.Objects, came.Got.Accepted = came.Got.Objects+int64(out.Objects), came.Got.Accepted+int64(out.Accepted)
		came.Got.Held, came.Got.Had = came.Got.Held+int64(out.Held), came.Got.Had+int64(out.Had)
		return nil
	})
	if failed != nil {
		if ctx.Err() != nil {
			return f, ctx.Err() // the node is stopping: nothing is said of the publisher
		}
		if came.Why, err = whyFailed(failed); err != nil {
			return f, err
		}
		a.log.Warn("a feed could not be fetched", "feed", id, "err", failed)
	}
	if err := a.Do(ctx, access.System(), came); err != nil && !fault.Is(err, fault.Conflict) {
		return f, err
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(FeedStream(id), &f)
		return err
	})
	return f, err
}

// whyFailed is why a fetch failed, in words for whoever keeps the feed.
func whyFailed(failed error) (string, error) {
	cat, err := catalogue()
	if err != nil {
		return "", err
	}
	p := cat.Printer(letterLanguage, nil)
	var f *fault.Error
	if errors.As(failed, &f) {
		return p.Text(f.Key, f.Args), nil
	}
	return p.T("dispatch.feed.broken", "why", bounded(failed.Error())), nil
}

// Feeds lists feeds, those that need looking at first, with their collections.
func (a *App) Feeds(ctx context.Context, actor access.Actor) (rows []store.FeedRow, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.ListFeeds(true, 2*maxFeeds)
		return err
	})
	return rows, fault.Wrap(err, "node: feeds")
}

// Feed reads one.
func (a *App) Feed(ctx context.Context, actor access.Actor, id string) (f dispatch.Feed, version int64, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return f, 0, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		version, err = t.Load(FeedStream(id), &f)
		if err == nil && f.ID == "" {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		return err
	})
	return f, version, fault.Wrap(err, "node: feed")
}
