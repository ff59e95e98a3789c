package screening

import (
	"math"
	"slices"
	"strings"
)

// noName marks a hit found by an identifier alone.
const noName = math.MaxUint32

// idEntry finds entities by identifying numbers.
type idEntry struct {
	hash uint64
	ent  uint32
}

// normalID keeps the letters and digits of a number, upper case; "" for what
// is too short to identify anyone.
func normalID(v string) string {
	var b [64]byte
	n := 0
	for i := 0; i < len(v) && n < len(b); i++ {
		c := v[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 32
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		default:
			continue
		}
		b[n] = c
		n++
	}
	s := string(b[:n])
	if t := strings.TrimPrefix(s, "IMO"); len(t) == 7 && isNumber(t) {
		s = t
	}
	if len(s) < 5 || strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

func hash64(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func (x *Index) buildIDs() {
	x.ids = x.ids[:0]
	for e := range x.ents.size() {
		for _, id := range x.ents.entity(e).IDs {
			if n := normalID(id.Value); n != "" {
				x.ids = append(x.ids, idEntry{hash64(n), uint32(e)})
			}
		}
	}
	slices.SortFunc(x.ids, func(a, b idEntry) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.ent) - int(b.ent)
	})
	x.ids = slices.Compact(x.ids)
}

// idKinds groups kinds of numbers that sources mix up.
func idKinds(a, b string) bool {
	if a == b || a == "" || b == "" || a == "other" || b == "other" {
		return true
	}
	group := func(k string) int {
		switch k {
		case "tax", "reg", "registration":
			return 1
		case "passport", "national":
			return 2
		case "imo":
			return 3
		case "mmsi":
			return 4
		case "swift":
			return 5
		case "lei":
			return 6
		}
		return 7
	}
	return group(a) == group(b)
}

// sameID says whether an entity has the number.
func sameID(e *Entity, kind, value string) (Ident, bool) {
	n := normalID(value)
	if n == "" {
		return Ident{}, false
	}
	for _, id := range e.IDs {
		if normalID(id.Value) == n && idKinds(id.Kind, kind) {
			return id, true
		}
	}
	return Ident{}, false
}

// qualify adds entities that bear the query's numbers and lets the facts
// beside the name raise or lower each score.
func (x *Index) qualify(s *scratch, q Query, fs []found, limit int) []found {
	for _, id := range q.IDs[:min(len(q.IDs), 16)] {
		n := normalID(id.Value)
		if n == "" {
			continue
		}
		h := hash64(n)
		i, _ := slices.BinarySearchFunc(x.ids, h, func(e idEntry, h uint64) int {
			if e.hash < h {
				return -1
			}
			if e.hash > h {
				return 1
			}
			return 0
		})
		for taken := 0; i < len(x.ids) && x.ids[i].hash == h && taken < topLimit; i, taken = i+1, taken+1 {
			e := x.ids[i].ent
			x.ents.facts(int(e), &s.facts)
			if _, ok := sameID(&s.facts, id.Kind, id.Value); !ok {
				continue
			}
			j := slices.IndexFunc(fs, func(f found) bool { return f.ent == e })
			if j < 0 {
				j = len(fs)
				fs = append(fs, found{ent: e, name: noName})
			}
			fs[j].byID = true
		}
	}
	// Facts move a score within bounds, so the far end of the names is let go.
	slices.SortFunc(fs, func(a, b found) int {
		if a.byID != b.byID {
			if a.byID {
				return -1
			}
			return 1
		}
		return byStrength(a, b)
	})
	fs = fs[:min(len(fs), 2*limit)]
	beside := len(q.IDs) > 0 || q.Birth != "" || q.Country != "" || q.Type != Unknown || q.Address != ""
	for i := range fs {
		f := &fs[i]
		if beside { // without, something can be missing and nothing else
			x.ents.facts(int(f.ent), &s.facts)
			s.quals = qualifiers(s.quals[:0], q, &s.facts)
			for _, qu := range s.quals {
				f.score = qu.on(f.score)
			}
		}
		if f.byID {
			f.score = .97 + .03*f.score
		}
	}
	return fs
}

// effect is field and effect in one word.
func (q Qualifier) effect() string {
	for _, w := range effects { // most are one of these, which need no room
		if len(w) == len(q.Field)+1+len(q.Effect) && strings.HasPrefix(w, q.Field) && strings.HasSuffix(w, q.Effect) {
			return w
		}
	}
	return q.Field + ":" + q.Effect
}

var effects = []string{
	"id:missing in query", "country:missing in query", "birth:missing in query", "country:contradicts", "country:agrees",
	"id:agrees", "id:contradicts", "birth:agrees", "birth:close", "birth:contradicts", "birth:missing in list", "type:contradicts", "address:agrees",
}

// on applies the qualifier to a score.
func (q Qualifier) on(s float64) float64 {
	switch q.effect() {
	case "birth:agrees":
		return s + (1-s)*.45*math.Min(1, s/.5)
	case "birth:close":
		return s + (1-s)*.1*s
	case "birth:contradicts":
		return s * .5
	case "country:agrees":
		return s + (1-s)*.08*s
	case "country:contradicts":
		return s * .92
	case "type:contradicts":
		return s * .75
	case "address:agrees":
		return s + (1-s)*.2*s
	}
	return s
}

// qualifiers compares the facts beside the name, and appends what comes of it.
func qualifiers(out []Qualifier, q Query, e *Entity) []Qualifier {
	add := func(field, effect, qv, lv string) { out = append(out, Qualifier{field, effect, qv, lv}) }
	if len(q.IDs) > 0 && len(e.IDs) > 0 {
		hit := false
		for _, id := range q.IDs {
			if l, ok := sameID(e, id.Kind, id.Value); ok {
				add("id", "agrees", id.Value, l.Value)
				hit = true
				break
			}
		}
		if !hit {
			for _, id := range q.IDs {
				for _, l := range e.IDs {
					if id.Kind == "imo" && l.Kind == "imo" && normalID(id.Value) != normalID(l.Value) {
						add("id", "contradicts", id.Value, l.Value)
						hit = true
						break
					}
				}
				if hit {
					break
				}
			}
		}
	} else if len(q.IDs) == 0 && len(e.IDs) > 0 {
		add("id", "missing in query", "", "")
	}
	switch {
	case q.Birth != "" && len(e.Births) > 0:
		eff, l := compareBirths(q.Birth, e.Births)
		add("birth", eff, q.Birth, l)
	case q.Birth == "" && len(e.Births) > 0:
		add("birth", "missing in query", "", strings.Join(e.Births, ", "))
	case q.Birth != "":
		add("birth", "missing in list", q.Birth, "")
	}
	switch c := countryCode(q.Country); {
	case c != "" && len(e.Countries) > 0:
		if slices.ContainsFunc(e.Countries, func(l string) bool { return countryCode(l) == c }) {
			add("country", "agrees", q.Country, c)
		} else {
			add("country", "contradicts", q.Country, strings.Join(e.Countries, ", "))
		}
	case q.Country == "" && len(e.Countries) > 0:
		add("country", "missing in query", "", strings.Join(e.Countries, ", "))
	}
	if q.Type != Unknown && e.Type != Unknown && q.Type != e.Type {
		add("type", "contradicts", string(q.Type), string(e.Type))
	}
	if q.Address != "" && len(e.Addresses) > 0 {
		if l, ok := addressAgrees(q.Address, e.Addresses); ok {
			add("address", "agrees", q.Address, l)
		}
	}
	return out
}

// compareBirths gives the best that any of the listed dates allows.
func compareBirths(q string, listed []string) (string, string) {
	best, at := "contradicts", listed[0]
	for _, l := range listed {
		switch {
		case q == l:
			return "agrees", l
		case len(q) >= 4 && len(l) >= 4 && q[:4] == l[:4]:
			n := min(len(q), len(l))
			if q[:n] == l[:n] { // one is less precise than the other
				return "agrees", l
			}
			if best != "close" {
				best, at = "close", l
			}
		case len(q) == 10 && len(l) == 10 && q[5:] == l[5:] && nearYears(q, l, 10):
			best, at = "close", l
		case nearYears(q, l, 1) && (len(q) == 4 || len(l) == 4):
			best, at = "close", l
		}
	}
	return best, at
}

func nearYears(a, b string, by int) bool {
	y := func(s string) int {
		n := 0
		for i := 0; i < 4 && i < len(s); i++ {
			if s[i] < '0' || s[i] > '9' {
				return -9999
			}
			n = n*10 + int(s[i]-'0')
		}
		return n
	}
	d := y(a) - y(b)
	return d <= by && -d <= by && y(a) > 0
}

// addressAgrees asks for a number and two words of some length in common.
func addressAgrees(q string, listed []string) (string, bool) {
	qs := map[string]bool{}
	for _, w := range Fold(q) {
		qs[w] = true
	}
	for _, l := range listed {
		words, numbers := 0, 0
		for _, w := range Fold(l) {
			if !qs[w] {
				continue
			}
			if isNumber(w) {
				numbers++
			} else if len(w) > 3 {
				words++
			}
		}
		if words >= 2 && numbers >= 1 || words >= 4 {
			return l, true
		}
	}
	return "", false
}

// ambiguity says whether a name alone can tell, and what to ask for if not.
func (x *Index) ambiguity(q Query, opt SearchOptions, f found, e *Entity, quals []Qualifier) (bool, []string) {
	if f.byID || f.name == noName {
		return false, nil
	}
	for _, qu := range quals {
		if qu.Field == "birth" && qu.Effect == "agrees" || qu.Field == "address" && qu.Effect == "agrees" {
			return false, nil
		}
	}
	// What is rare in the listed name decides. A company's own word may stand
	// in the names of all its daughters, so it need not be as rare as a person's.
	company := e.Type != Person && e.Type != Unknown || e.Type == Unknown && q.Type != Person && q.Type != Unknown
	rare, enough := 7.5, 20.0
	if company {
		rare, enough = 5, 8
	}
	strong, sum := false, 0.0
	for _, id := range x.nameWord[x.nameAt[f.name]:x.nameAt[f.name+1]] {
		w := float64(x.vocab.weight[id])
		sum += w
		strong = strong || x.vocab.class[id] == classPlain && w >= rare
	}
	if strong && (company || sum >= 13) || sum >= enough {
		return false, nil
	}
	var ask []string
	if len(e.Births) > 0 && (q.Birth == "" || opt.Fields == FieldsName) {
		ask = append(ask, "birth")
	}
	if len(e.Countries) > 0 && (q.Country == "" || opt.Fields == FieldsName) {
		ask = append(ask, "country")
	}
	if len(e.IDs) > 0 && (len(q.IDs) == 0 || opt.Fields == FieldsName) {
		ask = append(ask, "id")
	}
	if len(ask) == 0 && len(e.Addresses) > 0 && q.Address == "" {
		ask = append(ask, "address")
	}
	if len(ask) == 0 {
		ask = append(ask, "full_name")
	}
	return true, ask
}
