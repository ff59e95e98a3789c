package policy

import (
	"encoding/binary"
	"slices"

	"cel.dev/cel-go/common/types"
)

// Replay puts kept lines to a pack that they were not decided under. It is made
// once for a pack and an order of facts and serves one goroutine.
type Replay struct {
	pack     *Pack
	place    []int // of the n-th packed value: the fact's place in this pack's catalogue, -1 where it has none
	category int   // places of the facts that this package itself reads
	severity int
	vars     *bindings
	findings []Finding
	reasons  map[string]FlipReason // given before, by rule and the values that it reads
}

// NewReplay makes a Replay of values that were packed in the order of names.
func NewReplay(p *Pack, names []string) *Replay {
	r := &Replay{
		pack: p, place: make([]int, len(names)), category: p.placeOf(FactCategory), severity: p.placeOf(FactSeverity),
		vars: p.bind(nil), findings: make([]Finding, len(p.rules)), reasons: map[string]FlipReason{},
	}
	for i, n := range names {
		r.place[i] = p.placeOf(n)
	}
	return r
}

func (p *Pack) placeOf(name string) int {
	if i, ok := p.index[name]; ok {
		return i
	}
	return -1
}

// Flip is a line that would stand elsewhere.
type Flip struct {
	Line        string       `json:"line"`
	Destination string       `json:"destination"`
	Category    string       `json:"category,omitempty"` // kind of item; empty where not known
	Was         Standing     `json:"was"`
	Now         Standing     `json:"now"`
	Gone        []string     `json:"gone,omitempty"` // rules that put it where it was, and do so no more
	Rules       []FlipReason `json:"rules,omitempty"`
}

// FlipReason is a rule that puts the line where it would stand.
type FlipReason struct {
	Rule     string            `json:"rule"`
	Status   Status            `json:"status"`
	Facts    map[string]string `json:"facts,omitempty"`   // the known facts that the rule reads
	Missing  []string          `json:"missing,omitempty"` // unknown facts that would settle it
	Residual string            `json:"residual,omitempty"`
}

// Line says where a kept line stands under the pack. A decision from before the
// pack's first day is put to it as of that day. regrounded tells that the line
// stands where it stood, on other rules; flip is nil where it does not move.
// Facts that followed from the kind of item alone are taken from this pack.
func (r *Replay) Line(on Date, k Kept) (flip *Flip, regrounded bool, err error) {
	category, severity, err := r.unpack(k.Values)
	if err != nil {
		return nil, false, err
	}
	on = max(on, r.pack.doc.From)
	r.pack.evaluate(on, r.vars, r.findings, false)
	o := r.pack.resolve(r.findings, severity, category)
	if o.Standing == k.Standing {
		return nil, !slices.Equal(o.Because, k.Because), nil
	}
	f := &Flip{Line: k.Line, Destination: k.Destination, Category: category, Was: k.Standing, Now: o.Standing}
	for _, id := range k.Because {
		if !slices.Contains(o.Because, id) {
			f.Gone = append(f.Gone, id)
		}
	}
	for _, id := range o.Because {
		f.Rules = append(f.Rules, r.reason(id))
	}
	return f, false, nil
}

// maxReasons bounds how many reasons are remembered: what remains of a condition
// costs more than all else, and many lines are alike.
const maxReasons = 10_000

// reason opens one rule up, with the facts as they are laid out now. The same
// values give the same reason, to be read only.
func (r *Replay) reason(id string) FlipReason {
	c := &r.pack.rules[r.pack.byID[id]]
	key := []byte(id)
	for _, name := range c.facts {
		key = appendText(key, r.vars.word(name))
	}
	if known, ok := r.reasons[string(key)]; ok {
		return known
	}
	out := FlipReason{Rule: id}
	out.Status, _, out.Missing = r.pack.put(c, r.vars, true)
	for _, name := range c.facts {
		if _, known := r.vars.value(name); known {
			if out.Facts == nil {
				out.Facts = map[string]string{}
			}
			out.Facts[name] = r.vars.word(name)
		}
	}
	if out.Status == Unknown {
		out.Residual, _ = c.both.residual(r.vars)
	}
	if len(r.reasons) < maxReasons {
		r.reasons[string(key)] = out
	}
	return out
}

// unpack lays packed values out for evaluation and gives the stakes of the line.
func (r *Replay) unpack(b []byte) (category string, severity int, err error) {
	p := r.pack
	copy(r.vars.values, p.unknowns)
	for _, at := range r.place {
		if len(b) == 0 {
			return "", 0, errKept
		}
		tag := b[0]
		b = b[1:]
		var v Value
		switch tag &^ laidBit {
		case tagUnknown:
			continue
		case tagNo, tagYes:
			v = Bool(tag&^laidBit == tagYes)
		case tagInt:
			n, size := binary.Varint(b)
			if size <= 0 {
				return "", 0, errKept
			}
			v, b = Int(n), b[size:]
		case tagText:
			rest := keptReader{b: b}
			v = Text(rest.text())
			if rest.err != nil {
				return "", 0, rest.err
			}
			b = rest.b
		default:
			return "", 0, errKept
		}
		if at >= 0 && tag&laidBit == 0 {
			r.vars.set(&p.doc.Facts[at], at, v)
		}
	}
	if len(b) > 0 {
		return "", 0, errKept
	}
	category, severity = r.stakes()
	return category, severity, nil
}

// stakes gives kind and severity of the line that is laid out, after this pack's
// own word about the kind of item. A judged severity is never lowered.
func (r *Replay) stakes() (category string, severity int) {
	if r.severity >= 0 {
		if n, ok := r.vars.values[r.severity].(types.Int); ok && n >= 1 && n <= 5 {
			severity = int(n)
		}
	}
	if r.category < 0 {
		return "", severity
	}
	word, _ := r.vars.values[r.category].(types.String)
	i, ok := r.pack.category[string(word)]
	if !ok {
		return "", severity
	}
	c := &r.pack.doc.Categories[i]
	for _, l := range r.pack.laid[i] {
		if _, open := r.vars.values[l.at].(*types.Unknown); open || l.over {
			r.vars.set(&r.pack.doc.Facts[l.at], l.at, l.value)
		}
	}
	if severity > 0 && c.Severity > severity {
		severity = c.Severity
		r.vars.values[r.severity] = types.Int(severity)
	}
	return c.ID, severity
}
