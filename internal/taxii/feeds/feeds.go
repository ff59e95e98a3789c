// Package feeds reads what is subscribed: collections of TAXII 2.1, feeds of MISP
// and single files, from where they are published, asking only for what is new.
package feeds

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/fetch"
	"github.com/comity-project/comity/internal/lists/sources"
	"github.com/comity-project/comity/internal/taxii"
	"github.com/comity-project/comity/statement/stix"
)

// Reader reads feeds. It implements node.FeedReader.
type Reader struct {
	client *fetch.Client
	allow  fetch.Allow
	limit  int64
}

// New makes a reader; allow names what it may reach besides public addresses.
func New(allow fetch.Allow) *Reader {
	return &Reader{client: fetch.Outside("comity", allow), allow: allow, limit: int64(stix.DefaultLimits().Bytes)}
}

// Check says why an address may not be asked.
func (r *Reader) Check(address string) error { return r.allow.Check(address) }

// Read gives each file that is new since the cursor to take, in order.
func (r *Reader) Read(ctx context.Context, form, address string, from dispatch.Cursor, take func(name string, file []byte) error) (dispatch.Cursor, error) {
	if err := r.Check(address); err != nil {
		return from, err // the operator may have thought better of it
	}
	switch form {
	case dispatch.FeedTAXII:
		return r.taxii(ctx, address, from, take)
	case dispatch.FeedMISP:
		return r.misp(ctx, address, from, take)
	}
	got, next, err := r.get(ctx, address, from)
	if err != nil || got.NotModified || next.Digest == from.Digest {
		return next, err
	}
	name := "feed"
	if u, err := url.Parse(address); err == nil && len(path.Base(u.Path)) > 1 {
		name = path.Base(u.Path)
	}
	if got.Type == "text/csv" && !strings.EqualFold(path.Ext(name), ".csv") {
		name += ".csv"
	}
	if err := take(name, got.Body); err != nil {
		return from, err
	}
	return next, nil
}

// get gets a file unless it is the one that the cursor tells of.
func (r *Reader) get(ctx context.Context, address string, from dispatch.Cursor) (got sources.Fetched, next dispatch.Cursor, err error) {
	got, err = r.client.Get(ctx, sources.Request{URL: address, ETag: from.ETag, Modified: from.Modified, Limit: r.limit})
	if err != nil || got.NotModified {
		return got, from, err
	}
	sum := sha256.Sum256(got.Body)
	return got, dispatch.Cursor{ETag: got.ETag, Modified: got.Modified, After: from.After, Digest: hex.EncodeToString(sum[:])}, nil
}

const pageSize = 1000

// taxii reads a collection from the last object that came. Each page is a file.
func (r *Reader) taxii(ctx context.Context, address string, from dispatch.Cursor, take func(string, []byte) error) (dispatch.Cursor, error) {
	c := taxii.Client{HTTP: r.client.HTTP(), MaxBytes: r.limit}
	var filter taxii.Filter
	if t, ok := stix.ParseTime(from.After); ok {
		filter.After = t
	}
	next, last := from, time.Time{}
	for page, err := range c.Objects(ctx, address, filter, pageSize) {
		if err == nil && len(page.Objects) > 0 {
			var b bytes.Buffer
			b.WriteString(`{"objects":[`)
			for i := range page.Objects {
				if i > 0 {
					b.WriteByte(',')
				}
				b.Write(page.Objects[i].Raw)
			}
			b.WriteString(`]}`)
			err = take("objects.json", b.Bytes())
		}
		if err != nil {
			if !last.IsZero() {
				// Others of the same time may be on the page that did not come.
				next.After = stix.FormatTime(last.Add(-time.Microsecond))
			}
			return next, said(address, err)
		}
		if !page.Last.IsZero() {
			last = page.Last
			next.After = stix.FormatTime(last)
		}
	}
	return next, nil
}

// said puts an error of TAXII into the words of one who fetches a file.
func said(address string, err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	if p := (*taxii.Problem)(nil); errors.As(err, &p) {
		key := "fetch.status"
		switch p.HTTPStatus {
		case "401", "403":
			key = "fetch.refused"
		case "404", "410":
			key = "fetch.moved"
		case "429":
			key = "fetch.too_often"
		}
		return fault.New(fault.Unavailable, key, "url", address, "status", p.HTTPStatus)
	}
	if u := (*url.Error)(nil); errors.As(err, &u) {
		host := address
		if at, err := url.Parse(u.URL); err == nil {
			host = at.Host
		}
		return fetch.Unreachable(host, err)
	}
	return err
}

var eventName = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// maxEvents bounds the events of one fetch; the next one goes on.
const maxEvents = 1000

// misp reads the events of a feed that changed since the last one that came, in
// the order in which they changed. One that can't be read is told and passed over.
func (r *Reader) misp(ctx context.Context, address string, from dispatch.Cursor, take func(string, []byte) error) (dispatch.Cursor, error) {
	folder := strings.TrimSuffix(strings.TrimSuffix(address, "manifest.json"), "/") + "/"
	got, next, err := r.get(ctx, folder+"manifest.json", from)
	if err != nil || got.NotModified {
		return next, err
	}
	var manifest map[string]struct {
		Timestamp json.RawMessage `json:"timestamp"`
	}
	if err := json.Unmarshal(got.Body, &manifest); err != nil {
		return from, fmt.Errorf("manifest.json: %w", err)
	}
	var due []string
	for name, e := range manifest {
		at, err := strconv.ParseInt(strings.Trim(string(e.Timestamp), `"`), 10, 64)
		if err != nil || at < 0 || !eventName.MatchString(name) {
			return from, fmt.Errorf("manifest.json: %.80q is no event with a time", name)
		}
		if place := fmt.Sprintf("%019d/%s", at, name); place > from.After {
			due = append(due, place)
		}
	}
	slices.Sort(due)
	again := func(c dispatch.Cursor) dispatch.Cursor { return dispatch.Cursor{After: c.After} } // the list is read again
	var broken error
	for i, place := range due {
		if i == maxEvents {
			return again(next), broken
		}
		_, name, _ := strings.Cut(place, "/")
		event, err := r.client.Get(ctx, sources.Request{URL: folder + name + ".json", Limit: r.limit})
		if err == nil {
			err = take(name+".json", event.Body)
		}
		if fault.Is(err, fault.Invalid) {
			if broken == nil {
				broken = err
			}
		} else if err != nil {
			return again(next), err
		}
		next.After = place
	}
	return next, broken
}
