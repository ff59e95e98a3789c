package taxii

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/comity-project/comity/statement/stix"
)

// readable gives a collection whose objects the caller may read.
func (q *request) readable(name string) (Collection, bool) {
	c, ok := q.find(name)
	if ok && !c.CanRead {
		q.fail(http.StatusForbidden, "This collection can't be read", "")
		return c, false
	}
	return c, ok
}

// shown is one page of a collection.
type shown struct {
	records []Record
	more    bool
	mark    string // of the filter
}

// page reads one page, by the parameters of the request. id names one object,
// every asks for all its versions whatever the parameters say, heads for ids and
// times without the objects.
func (q *request) page(name, id string, every, heads bool, allowed ...string) (p shown, ok bool) {
	c, ok := q.readable(name)
	if !ok {
		return p, false
	}
	query, err := parseQuery(q.r.URL.Query(), q.PageSize, false, append(allowed, "added_after", "limit", "next", "match[spec_version]")...)
	if err != nil {
		q.fail(http.StatusBadRequest, "The parameters can't be read", err.Error())
		return p, false
	}
	p.mark = query.mark()
	if id != "" {
		query.IDs = []string{id}
	}
	query.All, query.Heads = query.All || every, heads
	p.records, p.more, err = q.library.Page(q.r.Context(), c.ID, query.Filter, query.after, query.limit)
	if err == nil && len(p.records) == 0 && id != "" {
		// There is no such object, or the filter wants none of its versions.
		any, _, anyErr := q.library.Page(q.r.Context(), c.ID, Filter{IDs: []string{id}, All: true, Heads: true}, 0, 1)
		if err = anyErr; err == nil && len(any) == 0 {
			err = ErrNotFound
		}
	}
	if err != nil {
		q.broke(err)
		return p, false
	}
	if n := len(p.records); n > 0 {
		q.w.Header().Set("X-TAXII-Date-Added-First", added(p.records[0]))
		q.w.Header().Set("X-TAXII-Date-Added-Last", added(p.records[n-1]))
	}
	return p, true
}

func added(r Record) string { return stix.FormatTime(r.Added.Truncate(time.Microsecond)) }

// paging is the head of every resource that comes in pages. An empty page is {}.
type paging struct {
	More *bool  `json:"more,omitempty"`
	Next string `json:"next,omitempty"`
}

func (p shown) paging() (head paging) {
	if len(p.records) == 0 {
		return head
	}
	head.More = &p.more
	if p.more {
		head.Next = nextAfter(p.records[len(p.records)-1].Seq, p.mark)
	}
	return head
}

// objects gives the objects' own bytes: nothing is written anew.
func (q *request) objects(name, id string) {
	allowed := []string{"match[version]"}
	if id == "" {
		allowed = append(allowed, "match[id]", "match[type]")
	}
	p, ok := q.page(name, id, false, false, allowed...)
	if !ok {
		return
	}
	if len(p.records) == 0 {
		q.sendBytes(http.StatusOK, []byte("{}"))
		return
	}
	size := 100
	for i := range p.records {
		size += len(p.records[i].Raw) + 1
	}
	var b bytes.Buffer
	b.Grow(size)
	fmt.Fprintf(&b, `{"more":%v`, p.more)
	if next := p.paging().Next; next != "" {
		fmt.Fprintf(&b, `,"next":%q`, next)
	}
	for i := range p.records {
		if i == 0 {
			b.WriteString(`,"objects":[`)
		} else {
			b.WriteByte(',')
		}
		b.Write(p.records[i].Raw)
	}
	b.WriteString("]}")
	q.sendBytes(http.StatusOK, b.Bytes())
}

func (q *request) manifest(name string) {
	p, ok := q.page(name, "", false, true, "match[id]", "match[type]", "match[version]")
	if !ok {
		return
	}
	items := make([]ManifestItem, len(p.records))
	for i, r := range p.records {
		items[i] = ManifestItem{r.ID, added(r), stix.FormatTime(r.Version), ObjectType}
	}
	q.send(http.StatusOK, struct {
		paging
		Objects []ManifestItem `json:"objects,omitempty"`
	}{p.paging(), items})
}

func (q *request) versions(name, id string) {
	p, ok := q.page(name, id, true, true)
	if !ok {
		return
	}
	times := make([]string, len(p.records))
	for i, r := range p.records {
		times[i] = stix.FormatTime(r.Version)
	}
	q.send(http.StatusOK, struct {
		paging
		Versions []string `json:"versions,omitempty"`
	}{p.paging(), times})
}

func (q *request) add(name string) {
	c, ok := q.find(name)
	if !ok {
		return
	}
	if !c.CanWrite {
		q.fail(http.StatusForbidden, "This collection can't be written to", "")
		return
	}
	if !isTAXII(q.r.Header.Get("Content-Type")) {
		q.fail(http.StatusUnsupportedMediaType, "Only TAXII 2.1 is taken", "Send Content-Type: "+MediaType)
		return
	}
	src, err := io.ReadAll(http.MaxBytesReader(q.w, q.r.Body, q.MaxBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		q.fail(http.StatusRequestEntityTooLarge, "Too much at once", fmt.Sprintf("At most %d bytes; send less at a time.", q.MaxBytes))
		return
	} else if err != nil {
		return // the caller went away
	}
	d, problem := envelopeOf(src, int(q.MaxBytes))
	if problem != nil {
		q.fail(problem.status, problem.title, problem.description)
		return
	}
	var s Status
	err = q.library.Add(q.r.Context(), q.who, q.root, c.ID, d.Objects, func(outcomes []Outcome) Status {
		s = statusOf(d.Objects, outcomes, q.Now())
		return s
	})
	if err != nil {
		q.broke(err)
		return
	}
	q.send(http.StatusAccepted, s)
}

type problem struct {
	status             int
	title, description string
}

// envelopeOf reads what a client posts: an envelope with objects.
func envelopeOf(src []byte, limit int) (*stix.Document, *problem) {
	d, err := stix.Read(src, stix.Limits{Bytes: limit})
	if errors.Is(err, stix.ErrTooLarge) {
		return nil, &problem{http.StatusRequestEntityTooLarge, "Larger than is taken", err.Error()}
	}
	if err != nil {
		return nil, &problem{http.StatusBadRequest, "The envelope can't be read", err.Error()}
	}
	if d.Bundle == nil || len(d.Objects) == 0 {
		return nil, &problem{http.StatusUnprocessableEntity, "No objects", `An envelope is {"objects": [ ... ]} with one object or more.`}
	}
	if _, typed := d.Bundle.Get("type"); typed {
		return nil, &problem{http.StatusUnprocessableEntity, "Not an envelope", "TAXII 2.1 takes an envelope, not a bundle."}
	}
	for _, o := range d.Objects {
		if !stix.ValidID(o.ID()) || o.Type() != typeOf(o.ID()) {
			return nil, &problem{http.StatusUnprocessableEntity, "An object without type and id", fmt.Sprintf("Object %d has no valid type and id.", o.Index)}
		}
	}
	return d, nil
}

// VersionOf is the version of an object as TAXII counts: modified, else created,
// else when it was added.
func VersionOf(o *stix.Object, now time.Time) time.Time {
	v := stix.VersionOf(o)
	switch {
	case !v.Modified.IsZero():
		return v.Modified
	case !v.Created.IsZero():
		return v.Created
	}
	return now
}

func statusOf(objects []stix.Object, outcomes []Outcome, now time.Time) Status {
	id, err := uuid.NewRandomFromReader(rand.Reader)
	if err != nil {
		panic("taxii: no randomness: " + err.Error())
	}
	s := Status{ID: id.String(), Status: "complete", Requested: stix.FormatTime(now.Truncate(time.Microsecond)), TotalCount: len(objects)}
	for i, o := range outcomes {
		item := StatusItem{ID: objects[i].ID(), Version: stix.FormatTime(o.Version), Message: o.Message}
		if o.Refused == "" {
			s.Successes = append(s.Successes, item)
			continue
		}
		item.Version, item.Message = stix.FormatTime(VersionOf(&objects[i], now)), o.Refused
		s.Failures = append(s.Failures, item)
	}
	s.SuccessCount, s.FailureCount = len(s.Successes), len(s.Failures)
	return s
}

func (q *request) remove(name, id string) {
	c, ok := q.find(name)
	if !ok {
		return
	}
	if !c.CanRead || !c.CanWrite {
		q.fail(http.StatusForbidden, "Objects of this collection can't be deleted", "It takes leave to read and to write.")
		return
	}
	query, err := parseQuery(q.r.URL.Query(), q.PageSize, true, "match[version]", "match[spec_version]")
	if err != nil {
		q.fail(http.StatusBadRequest, "The parameters can't be read", err.Error())
		return
	}
	if q.r.URL.Query().Get("match[version]") == "" {
		query.All = true
	}
	query.IDs = []string{id}
	n, err := q.library.Delete(q.r.Context(), q.who, c.ID, id, query.Filter)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		q.broke(err)
		return
	}
	q.w.Header().Set("Content-Type", MediaType)
	q.w.WriteHeader(http.StatusOK)
}
