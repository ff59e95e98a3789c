package assessment

import (
	"strings"

	"github.com/comity-project/comity/policy"
)

// alike keeps what was made of facts, so that it is made once for all lines that
// have the same: the lines of a frame contract mostly do.
type alike[T any] map[string]T

// of gives what was made of these facts, or makes it.
func (a alike[T]) of(key string, fresh func() T) T {
	out, ok := a[key]
	if !ok {
		out = fresh()
		a[key] = out
	}
	return out
}

// factsKey is the same where the named facts are the same: values, sources and
// dates.
func factsKey(facts policy.Facts, names []string) string {
	var b strings.Builder
	part := func(s string) {
		b.WriteString(s)
		b.WriteByte(0)
	}
	for _, name := range names {
		if f, ok := facts[name]; ok {
			part(name)
			part(string(f.Value.Kind()))
			part(f.Value.String())
			part(f.Source)
			part(string(f.Date))
			part(f.Version)
		}
	}
	return b.String()
}

// catalogue is the names of all facts of a pack.
func catalogue(p *policy.Pack) []string {
	defs := p.Document().Facts
	names := make([]string, len(defs))
	for i, d := range defs {
		names[i] = d.Name
	}
	return names
}

// Alike are the other lines of a case of which the same facts are known, with
// the same values, sources and dates.
func Alike(p *policy.Pack, in *Input, line string, d Destinations) []string {
	names := catalogue(p)
	key := func(id string) string { return factsKey(FactsOf(p, in, id, d), names) }
	var out []string
	like := key(line)
	for _, l := range in.Lines {
		if l.ID != line && key(l.ID) == like {
			out = append(out, l.ID)
		}
	}
	return out
}
