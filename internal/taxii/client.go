package taxii

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/statement/stix"
)

// Client reads and writes other people's servers.
type Client struct {
	// HTTP makes the requests; it carries certificates and time limits.
	HTTP *http.Client
	// Sign puts the account's token on a request; nil for none.
	Sign func(*http.Request)
	// MaxBytes bounds one answer; 64 MiB where zero.
	MaxBytes int64
}

// ErrPaging is wrapped where a server's pages do not come to an end: it gives
// the same page again, or says that more follows and not how to ask for it.
var ErrPaging = errors.New("taxii: the server's pages lead nowhere")

// Wait is an error of a server that asks for patience.
type Wait struct {
	Problem
	After time.Duration // what the server asked for; zero where it did not say
}

// Unwrap gives the problem.
func (w *Wait) Unwrap() error { return &w.Problem }

// Batch is one page of objects.
type Batch struct {
	Objects []stix.Object
	// First and Last are when the first and the last object were added.
	First, Last time.Time
}

// Discover asks what a server is: address is that of its discovery, such as
// https://node.example/taxii2/.
func (c *Client) Discover(ctx context.Context, address string) (d Discovery, err error) {
	_, err = c.into(ctx, http.MethodGet, address, nil, &d)
	return d, err
}

// Root asks for an API root by its address.
func (c *Client) Root(ctx context.Context, root string) (r Root, err error) {
	_, err = c.into(ctx, http.MethodGet, slash(root), nil, &r)
	return r, err
}

// Collections asks for the collections of an API root.
func (c *Client) Collections(ctx context.Context, root string) ([]Collection, error) {
	var all struct{ Collections []Collection }
	_, err := c.into(ctx, http.MethodGet, slash(root)+"collections/", nil, &all)
	return all.Collections, err
}

// CollectionURL is the address of a collection.
func CollectionURL(root, id string) string {
	return slash(root) + "collections/" + url.PathEscape(id) + "/"
}

func slash(address string) string { return strings.TrimSuffix(address, "/") + "/" }

// values writes a filter as parameters.
func (f Filter) values() url.Values {
	v := url.Values{}
	set := func(name string, items []string) {
		if len(items) > 0 {
			v.Set(name, strings.Join(items, ","))
		}
	}
	if !f.After.IsZero() {
		v.Set("added_after", stix.FormatTime(f.After))
	}
	set("match[id]", f.IDs)
	set("match[type]", f.Types)
	set("match[spec_version]", f.Spec)
	var versions []string
	for _, w := range []struct {
		on   bool
		word string
	}{{f.First, "first"}, {f.Last, "last"}, {f.All, "all"}} {
		if w.on {
			versions = append(versions, w.word)
		}
	}
	for _, t := range f.Exact {
		versions = append(versions, stix.FormatTime(t))
	}
	set("match[version]", versions)
	return v
}

// Objects reads a collection page by page. It ends with the first error; what
// came before counts, and a later run goes on from Batch.Last.
func (c *Client) Objects(ctx context.Context, collection string, f Filter, limit int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		values := f.values()
		if limit > 0 {
			values.Set("limit", strconv.Itoa(limit))
		}
		for {
			batch, next, more, err := c.page(ctx, slash(collection)+"objects/?"+values.Encode())
			if err == nil && more {
				err = advance(values, next, batch)
			}
			if err != nil {
				// The page itself may be whole: it is given first.
				if len(batch.Objects) > 0 && !yield(batch, nil) {
					return
				}
				yield(Batch{}, err)
				return
			}
			if !yield(batch, nil) || !more {
				return
			}
		}
	}
}

// advance sets the parameters for the page that follows. Servers that give no
// next are asked for what was added after the last object; where all objects of
// a page have one time, that leads nowhere, and it is said.
func advance(values url.Values, next string, batch Batch) error {
	if len(batch.Objects) == 0 {
		return fmt.Errorf("%w: more follows an empty page", ErrPaging)
	}
	if next != "" {
		if values.Get("next") == next {
			return fmt.Errorf("%w: the page after %.80q is itself", ErrPaging, next)
		}
		values.Set("next", next)
		return nil
	}
	after := stix.FormatTime(batch.Last)
	if batch.Last.IsZero() || values.Get("next") != "" || values.Get("added_after") == after || len(batch.Objects) > 1 && batch.First.Equal(batch.Last) {
		return fmt.Errorf("%w: more follows, without a word on how to ask for it", ErrPaging)
	}
	values.Set("added_after", after)
	return nil
}

func (c *Client) page(ctx context.Context, address string) (b Batch, next string, more bool, err error) {
	src, header, err := c.do(ctx, http.MethodGet, address, nil)
	if err != nil {
		return b, "", false, err
	}
	d, err := stix.Read(src, stix.Limits{Bytes: int(c.maxBytes())})
	if err != nil {
		return b, "", false, fmt.Errorf("taxii: the server's page: %w", err)
	}
	around := d.Bundle
	if around == nil { // an envelope without objects
		if len(d.Objects) != 1 {
			return b, "", false, errors.New("taxii: the server's page is no envelope")
		}
		around = &d.Objects[0].Root
		d.Objects = nil
	}
	if m, ok := around.Get("more"); ok {
		more = m.True
	}
	if n, ok := around.Get("next"); ok {
		next = n.Text
	}
	b.Objects = d.Objects
	b.First, _ = stix.ParseTime(header.Get("X-TAXII-Date-Added-First"))
	b.Last, _ = stix.ParseTime(header.Get("X-TAXII-Date-Added-Last"))
	return b, next, more, nil
}

// Add sends objects, each as the bytes it is, and gives the server's word on
// what became of them.
func (c *Client) Add(ctx context.Context, collection string, objects [][]byte) (s Status, err error) {
	body := append(append([]byte(`{"objects":[`), bytes.Join(objects, []byte(","))...), `]}`...)
	_, err = c.into(ctx, http.MethodPost, slash(collection)+"objects/", body, &s)
	return s, err
}

// Status asks again what became of a request.
func (c *Client) Status(ctx context.Context, root, id string) (s Status, err error) {
	_, err = c.into(ctx, http.MethodGet, slash(root)+"status/"+url.PathEscape(id)+"/", nil, &s)
	return s, err
}

// Manifest asks for one page of what a collection holds.
func (c *Client) Manifest(ctx context.Context, collection string, f Filter) (items []ManifestItem, more bool, err error) {
	var m struct {
		More    bool
		Objects []ManifestItem
	}
	_, err = c.into(ctx, http.MethodGet, slash(collection)+"manifest/?"+f.values().Encode(), nil, &m)
	return m.Objects, m.More, err
}

// Versions asks for the versions of an object.
func (c *Client) Versions(ctx context.Context, collection, id string) ([]string, error) {
	var v struct{ Versions []string }
	_, err := c.into(ctx, http.MethodGet, slash(collection)+"objects/"+url.PathEscape(id)+"/versions/", nil, &v)
	return v.Versions, err
}

// Delete asks the server to delete versions of an object.
func (c *Client) Delete(ctx context.Context, collection, id string, f Filter) error {
	_, _, err := c.do(ctx, http.MethodDelete, slash(collection)+"objects/"+url.PathEscape(id)+"/?"+f.values().Encode(), nil)
	return err
}

func (c *Client) into(ctx context.Context, method, address string, body []byte, to any) (http.Header, error) {
	src, header, err := c.do(ctx, method, address, body)
	if err != nil {
		return header, err
	}
	if err := json.Unmarshal(src, to); err != nil {
		return header, fmt.Errorf("taxii: the server's answer: %w", err)
	}
	return header, nil
}

func (c *Client) maxBytes() int64 {
	if c.MaxBytes > 0 {
		return c.MaxBytes
	}
	return 64 << 20
}

func (c *Client) do(ctx context.Context, method, address string, body []byte) ([]byte, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Accept", MediaType)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", MediaType)
	}
	if c.Sign != nil {
		c.Sign(r)
	}
	answer, err := c.HTTP.Do(r)
	if err != nil {
		return nil, nil, fmt.Errorf("taxii: %w", err)
	}
	defer answer.Body.Close()
	src, err := io.ReadAll(io.LimitReader(answer.Body, c.maxBytes()+1))
	if err != nil {
		return nil, nil, fmt.Errorf("taxii: %w", err)
	}
	if int64(len(src)) > c.maxBytes() {
		return nil, nil, fmt.Errorf("taxii: an answer larger than %d bytes", c.maxBytes())
	}
	if answer.StatusCode/100 != 2 {
		return nil, nil, refused(answer, src)
	}
	if media, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";"); len(src) > 0 && !strings.EqualFold(strings.TrimSpace(media), "application/taxii+json") {
		return nil, nil, fmt.Errorf("taxii: the answer is %.80q and not TAXII", media)
	}
	return src, answer.Header, nil
}

// refused reads the server's own words about an error, if it has any.
func refused(answer *http.Response, src []byte) error {
	p := &Problem{}
	if json.Unmarshal(src, p) != nil || p.Title == "" {
		*p = Problem{Title: http.StatusText(answer.StatusCode)}
	}
	p.HTTPStatus = strconv.Itoa(answer.StatusCode)
	if answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode != http.StatusServiceUnavailable {
		return p
	}
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 24*3600 {
		seconds = 0
	}
	return &Wait{*p, time.Duration(seconds) * time.Second}
}
