package stix

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed objects.txt
var objectsTable string

// property is one line of the table.
type property struct {
	name     string
	required bool
	list     bool
	kind     string   // the word ahead of the brackets
	types    []string // of a reference: the types it may or may not name
	not      bool     // of a reference: types are those it may not name
	min, max float64  // of a number
	arg      string   // of an enum or a part: its name
	open     string   // vocabulary it should come from
}

// rule is a condition on several properties of one object.
type rule struct {
	word  string // one, together, needs, either, order, ahead
	names []string
}

// shape is what the table says of one kind of object.
type shape struct {
	group      string // domain, observable, object, part, extension
	name       string
	properties []property
	byName     map[string]*property
	rules      []rule
}

// tables is everything objects.txt says.
type tables struct {
	objects    map[string]*shape // domain, observable and object by type
	parts      map[string]*shape
	extensions map[string]*shape
	words      map[string][]string
}

// standard is the table of the standard. It is part of the program, so a
// mistake in it is a mistake of ours and stops the first test.
var standard = sync.OnceValue(func() *tables {
	t, err := parseTables(objectsTable)
	if err != nil {
		panic("stix: objects.txt: " + err.Error())
	}
	return t
})

func parseTables(src string) (*tables, error) {
	t := &tables{map[string]*shape{}, map[string]*shape{}, map[string]*shape{}, map[string][]string{}}
	shared := map[string]*shape{}
	var now *shape
	for n, line := range strings.Split(src, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0][0] == '#':
		case f[0] == "words":
			t.words[f[1]] = f[2:]
		case line[0] != ' ':
			now = &shape{group: f[0], name: f[1]}
			switch f[0] {
			case "shared":
				shared[f[1]] = now
			case "part":
				t.parts[f[1]] = now
			case "extension":
				t.extensions[f[1]] = now
			case "domain", "observable":
				now.properties, now.rules = slices.Clone(shared[f[0]].properties), slices.Clone(shared[f[0]].rules)
				t.objects[f[1]] = now
			case "object":
				t.objects[f[1]] = now
			default:
				return nil, fmt.Errorf("line %d: no such group %q", n+1, f[0])
			}
		case f[0] == "also":
			now.properties = append(now.properties, shared[f[1]].properties...)
		case slices.Contains([]string{"one", "together", "needs", "either", "order", "ahead"}, f[0]):
			now.rules = append(now.rules, rule{f[0], f[1:]})
		default:
			p, err := parseProperty(f)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			now.properties = append(now.properties, p)
		}
	}
	for _, all := range []map[string]*shape{t.objects, t.parts, t.extensions} {
		for _, s := range all {
			s.byName = make(map[string]*property, len(s.properties))
			for i := range s.properties {
				s.byName[s.properties[i].name] = &s.properties[i]
			}
			if s.group == "domain" || s.group == "object" {
				s.byName["spec_version"].required = true
			}
		}
	}
	return t, nil
}

func parseProperty(f []string) (property, error) {
	p := property{name: f[0], min: math.Inf(-1), max: math.Inf(1)}
	f = f[1:]
	if len(f) > 0 && f[0] == "!" {
		p.required = true
		f = f[1:]
	}
	if len(f) == 0 {
		return p, fmt.Errorf("%s has no kind", p.name)
	}
	kind := f[0]
	if strings.HasPrefix(kind, "[") {
		p.list, kind = true, strings.Trim(kind, "[]")
	}
	if len(f) > 1 {
		p.open = strings.TrimPrefix(f[1], "open:")
	}
	word, arg, hasArg := strings.Cut(strings.TrimSuffix(kind, ")"), "(")
	p.kind = word
	if !hasArg {
		return p, nil
	}
	switch word {
	case "reference":
		p.not = strings.HasPrefix(arg, "!")
		p.types = strings.Split(strings.TrimPrefix(arg, "!"), "|")
	case "integer", "float":
		low, high, _ := strings.Cut(arg, ",")
		var err error
		if p.min, err = strconv.ParseFloat(low, 64); err != nil {
			return p, err
		}
		if high != "" {
			if p.max, err = strconv.ParseFloat(high, 64); err != nil {
				return p, err
			}
		}
	default:
		p.arg = arg
	}
	return p, nil
}

// Types is every object type of the standard, sorted.
func Types() []string {
	var names []string
	for name := range standard().objects {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Words is a vocabulary of the standard by the name the standard gives it,
// without the ending "-ov" or "-enum": Words("malware-type").
func Words(vocabulary string) []string { return slices.Clone(standard().words[vocabulary]) }
