package taxii

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/statement/stix"
)

// maxMatches bounds how many values one filter may name.
const maxMatches = 1000

// query is what a request asks for: filter, page and where it begins.
type query struct {
	Filter
	limit int
	after int64
}

// parseQuery reads the parameters that a resource allows. Others are passed over,
// as the standard's own server does: they narrow what is read and never widen
// it. Where strict is set they are refused, since deleting more than was meant
// can't be undone.
func parseQuery(values url.Values, most int, strict bool, allowed ...string) (query, error) {
	q := query{limit: most}
	next := ""
	for name, given := range values {
		if !slices.Contains(allowed, name) {
			if strict {
				return q, fmt.Errorf("the parameter %.80q is not known here; known are %s", name, strings.Join(allowed, ", "))
			}
			continue
		}
		if len(given) != 1 {
			return q, fmt.Errorf("%s stands %d times: several values are separated by commas", name, len(given))
		}
		if name == "next" {
			next = given[0]
		} else if err := q.set(name, given[0], most); err != nil {
			return q, err
		}
	}
	if next != "" || values.Has("next") {
		after, ok := cursor(next, q.mark())
		if !ok {
			return q, fmt.Errorf("next is not one that this server gave for these parameters")
		}
		q.after = after
	}
	return q, nil
}

// mark stands for the filter within next: a page can't be gone on from with
// another filter than it began with.
func (f *Filter) mark() string {
	sum := sha256.Sum256([]byte(f.values().Encode()))
	return hex.EncodeToString(sum[:6])
}

func (q *query) set(name, value string, most int) error {
	items := strings.Split(value, ",")
	if value == "" || len(items) > maxMatches || slices.Contains(items, "") {
		return fmt.Errorf("%s has no value, an empty one, or more than %d", name, maxMatches)
	}
	switch name {
	case "added_after":
		t, ok := stix.ParseTime(value)
		if !ok {
			return fmt.Errorf("added_after is a time such as 2026-11-22T12:00:00Z")
		}
		q.After = t
	case "limit":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return fmt.Errorf("limit is a whole number from 1 on")
		}
		q.limit = min(n, most)
	case "match[id]":
		q.IDs = items
	case "match[type]":
		q.Types = items
	case "match[spec_version]":
		q.Spec = items
	case "match[version]":
		return q.versions(items)
	}
	return nil
}

func (q *query) versions(items []string) error {
	for _, item := range items {
		switch item {
		case "first":
			q.First = true
		case "last":
			q.Last = true
		case "all":
			q.All = true
		default:
			t, ok := stix.ParseTime(item)
			if !ok {
				return fmt.Errorf("match[version] is first, last, all or times")
			}
			q.Exact = append(q.Exact, t)
		}
	}
	if q.All && len(items) > 1 {
		return fmt.Errorf("match[version]=all stands alone")
	}
	return nil
}

// nextAfter is the opaque text for "what follows this sequence number, by this
// filter".
func nextAfter(seq int64, mark string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "1.%s.%d", mark, seq))
}

func cursor(next, mark string) (int64, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(next)
	text, ok := strings.CutPrefix(string(b), "1."+mark+".")
	if err != nil || !ok {
		return 0, false
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	return seq, err == nil && seq >= 0 && nextAfter(seq, mark) == next
}

// accepts says whether an Accept header allows TAXII 2.1: named with or without
// its version, or by a wildcard.
func accepts(header []string) bool {
	if len(header) == 0 {
		return true // RFC 9110: no header accepts all
	}
	for item := range strings.SplitSeq(strings.Join(header, ","), ",") {
		media, parameters, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(item, " ", "")), ";")
		if media != "application/taxii+json" && media != "application/*" && media != "*/*" {
			continue
		}
		ok := true
		for p := range strings.SplitSeq(parameters, ";") {
			if name, value, _ := strings.Cut(p, "="); name == "version" && strings.Trim(value, `"`) != "2.1" || p == "q=0" || p == "q=0.0" {
				ok = false
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// isTAXII says whether a Content-Type is that of TAXII 2.1.
func isTAXII(contentType string) bool {
	media, parameters, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(contentType, " ", "")), ";")
	version := ""
	for p := range strings.SplitSeq(parameters, ";") {
		if v, ok := strings.CutPrefix(p, "version="); ok {
			version = strings.Trim(v, `"`)
		}
	}
	return media == "application/taxii+json" && version == "2.1"
}
