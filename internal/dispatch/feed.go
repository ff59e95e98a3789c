package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindFeed is the kind of the streams of feeds: "feed/ID".
const KindFeed = "feed"

// The forms of feeds.
const (
	FeedTAXII = "taxii" // a collection of TAXII 2.1 by its address
	FeedMISP  = "misp"  // MISP's feed: a folder with manifest.json and a file for each event
	FeedFile  = "file"  // one file: STIX, MISP JSON, or MISP CSV by its name
)

// FeedForms are the forms of feeds, the commonest first.
var FeedForms = []string{FeedFile, FeedTAXII, FeedMISP}

// Bounds of a feed.
const (
	maxFeedHours  = 24 * 31
	MaxFeedQuota  = 200_000 // objects of one fetch
	feedsKept     = 20      // fetches that a feed remembers
	feedTroubled  = 3       // failures in a row after which the point of contact is asked to look
	firstPatience = 15 * time.Minute
	lastPatience  = 24 * time.Hour
	maxCursor     = 1000
)

// Cursor is from where a feed goes on: what the publisher's server said.
type Cursor struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	After    string `json:"after,omitempty"`  // TAXII: added_after; MISP: time and name of the last event
	Digest   string `json:"digest,omitempty"` // of the last file
}

// Bounded cuts off what is longer than a server has reason to say; a cursor that
// was cut is none.
func (c Cursor) Bounded() Cursor {
	for _, p := range []*string{&c.ETag, &c.Modified, &c.After, &c.Digest} {
		if !party.Bounded(*p, maxCursor) {
			*p = ""
		}
	}
	return c
}

// Got is what a fetch brought.
type Got struct {
	Imports  []string `json:"imports,omitempty"`
	Objects  int64    `json:"objects,omitempty"`
	Accepted int64    `json:"accepted,omitempty"`
	Held     int64    `json:"held,omitempty"`
	Had      int64    `json:"had,omitempty"` // here already
}

// Events on a feed.
type (
	// FeedSubscribed begins one. The address stands in the provenance.
	FeedSubscribed struct {
		Collection string                    `json:"collection"`
		Form       string                    `json:"form"`
		Hours      int                       `json:"hours"` // between two fetches
		Quota      int64                     `json:"quota"` // objects of one fetch
		From       event.Private[Provenance] `json:"from"`
	}
	// FeedFetched says that a feed was read to its end. Nothing new is a fetch too.
	FeedFetched struct {
		Got
		Cursor Cursor `json:"cursor,omitzero"`
	}
	// FeedFailed says that it was not, why, and what came in before.
	FeedFailed struct {
		Got
		Cursor Cursor                `json:"cursor,omitzero"`
		Why    event.Private[string] `json:"why"`
	}
	// FeedStopped ends it. What it brought stays.
	FeedStopped struct{}
)

// EventType implements event.Event.
func (FeedSubscribed) EventType() string { return "feed.subscribed" }

// EventType implements event.Event.
func (FeedFetched) EventType() string { return "feed.fetched" }

// EventType implements event.Event.
func (FeedFailed) EventType() string { return "feed.failed" }

// EventType implements event.Event.
func (FeedStopped) EventType() string { return "feed.stopped" }

// Fetch is one fetch of a feed.
type Fetch struct {
	At  time.Time   `json:"at"`
	Got Got         `json:"got"`
	Why *event.Text `json:"why,omitempty"` // it failed
}

// Feed is something that is fetched again and again into a collection.
type Feed struct {
	ID         string     `json:"id"`
	Collection string     `json:"collection"`
	Form       string     `json:"form"`
	Hours      int        `json:"hours"`
	Quota      int64      `json:"quota"`
	From       Provenance `json:"from"`
	Subscribed By         `json:"subscribed"`
	Cursor     Cursor     `json:"cursor,omitzero"`
	Fetches    []Fetch    `json:"fetches,omitempty"` // the latest first
	Failures   int        `json:"failures,omitempty"`
	Due        time.Time  `json:"due"`
	Stopped    *By        `json:"stopped,omitempty"`
}

// Apply implements event.State.
func (f *Feed) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case FeedSubscribed:
		*f = Feed{ID: r.Stream.ID(), Collection: e.Collection, Form: e.Form, Hours: e.Hours, Quota: e.Quota, From: e.From.Value, Subscribed: by, Due: r.Time}
	case FeedFetched:
		f.fetched(Fetch{At: r.Time, Got: e.Got}, e.Cursor)
		f.Failures, f.Due = 0, r.Time.Add(time.Duration(f.Hours)*time.Hour)
	case FeedFailed:
		why := event.TextOf(e.Why)
		f.fetched(Fetch{At: r.Time, Got: e.Got, Why: &why}, e.Cursor)
		f.Failures++
		f.Due = r.Time.Add(patience(f.Failures))
	case FeedStopped:
		f.Stopped = &by
	default:
		return fmt.Errorf("dispatch: a feed does not know %q", r.Event.EventType())
	}
	return nil
}

func (f *Feed) fetched(x Fetch, c Cursor) {
	f.Cursor = c
	f.Fetches = slices.Insert(f.Fetches, 0, x)
	f.Fetches = f.Fetches[:min(len(f.Fetches), feedsKept)]
}

// patience is how long a feed is left alone after failures in a row: twice as
// long after each.
func patience(failures int) time.Duration {
	d := firstPatience
	for range failures - 1 {
		if d *= 2; d >= lastPatience {
			return lastPatience
		}
	}
	return d
}

// Rows is the feed in lists, and the point of contact's task to look at it after
// failures in a row. It has id and stream besides:
//
//	feed_row  collection text, form text, source text, url text, hours int, failures int, due time, last time, stopped bool
func (f *Feed) Rows() []event.Row {
	last := f.Subscribed.At
	if len(f.Fetches) > 0 {
		last = f.Fetches[0].At
	}
	rows := []event.Row{{Table: "feed_row", ID: f.ID, Columns: []event.Column{
		event.C("collection", f.Collection), event.C("form", f.Form), event.C("source", f.From.Source), event.C("url", f.From.URL), event.C("hours", f.Hours),
		event.C("failures", f.Failures), event.C("due", f.Due), event.C("last", last), event.C("stopped", f.Stopped != nil),
	}}}
	if f.Failures >= feedTroubled && f.Stopped == nil {
		rows = append(rows, event.Row{Table: "duty_row", ID: KindFeed + "/" + f.ID, Columns: []event.Column{
			event.C("account", ""), event.C("role", "point_of_contact"), event.C("kind", KindFeed), event.C("title", f.From.Source),
			event.C("href", "/exchange/feeds/"+f.ID), event.C("compartment", ""), event.C("due", string(deadline.DateOf(last, time.UTC))),
		}})
	}
	return rows
}

// Commands on a feed.
type (
	// Subscribe begins a feed. Feed is a fresh id; the address is From.URL.
	Subscribe struct {
		Feed, Collection, Form string
		Hours                  int
		Quota                  int64 // 0: MaxFeedQuota
		From                   Provenance
	}
	// FeedCame says what a fetch brought: the node itself alone. Why tells that
	// it failed.
	FeedCame struct {
		Feed   string
		Got    Got
		Cursor Cursor
		Why    string
	}
	// StopFeed ends one.
	StopFeed struct{ Feed string }
)

// FeedCommand is a command on a feed.
type FeedCommand interface{ Stream() event.Stream }

// Stream is the feed's stream.
func (c Subscribe) Stream() event.Stream { return event.StreamOf(KindFeed, c.Feed) }

// Stream is the feed's stream.
func (c FeedCame) Stream() event.Stream { return event.StreamOf(KindFeed, c.Feed) }

// Stream is the feed's stream.
func (c StopFeed) Stream() event.Stream { return event.StreamOf(KindFeed, c.Feed) }

// DecideFeed turns a command into events.
func DecideFeed(s *Feed, cmd FeedCommand) ([]event.New, error) {
	one := func(e event.Event) ([]event.New, error) {
		return []event.New{{Stream: cmd.Stream(), Event: e}}, nil
	}
	if c, ok := cmd.(Subscribe); ok {
		if s.ID != "" {
			return nil, fault.New(fault.Conflict, "dispatch.feed.exists")
		}
		bad := fault.New(fault.Invalid, "dispatch.invalid")
		c.From.check(bad)
		if strings.TrimSpace(c.From.URL) == "" {
			bad.Field("url", "dispatch.feed.url")
		}
		if !slices.Contains(FeedForms, c.Form) {
			bad.Field("form", "dispatch.choose")
		}
		if c.Collection == "" {
			bad.Field("collection", "dispatch.choose")
		}
		if c.Hours < 1 || c.Hours > maxFeedHours {
			bad.Field("hours", "dispatch.feed.hours", "max", maxFeedHours)
		}
		if c.Quota == 0 {
			c.Quota = MaxFeedQuota
		}
		if c.Quota < 1 || c.Quota > MaxFeedQuota {
			bad.Field("quota", "dispatch.feed.objects", "max", MaxFeedQuota)
		}
		if err := bad.Or(); err != nil {
			return nil, err
		}
		return one(FeedSubscribed{Collection: c.Collection, Form: c.Form, Hours: c.Hours, Quota: c.Quota, From: event.P(c.Stream(), c.From)})
	}
	switch {
	case s.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case s.Stopped != nil:
		return nil, fault.New(fault.Conflict, "dispatch.feed.stopped")
	}
	switch c := cmd.(type) {
	case FeedCame:
		if c.Why != "" {
			return one(FeedFailed{c.Got, c.Cursor.Bounded(), event.P(c.Stream(), c.Why)})
		}
		return one(FeedFetched{c.Got, c.Cursor.Bounded()})
	case StopFeed:
		return one(FeedStopped{})
	}
	return nil, fmt.Errorf("dispatch: no such command on a feed: %T", cmd)
}
