package policy

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Kept is one line of a decided case in the small form in which it is read
// again under other packs: a hundred thousand cases in seconds. Sources, dates
// and versions of its facts are kept beside it.
type Kept struct {
	Line        string
	Destination string   // country code of the line
	Standing    Standing // as it was decided
	Because     []string // rules that put it there
	Values      []byte   // by PackValues
}

// The tags of a packed value. The laid bit says that the kind of item alone gave
// it, so that another pack may say otherwise.
const (
	tagUnknown = iota
	tagNo
	tagYes
	tagInt
	tagText

	laidBit = 0x80
)

// Bounds of what is read back.
const (
	maxKeptLines = 10_000
	maxKeptText  = 4096
)

var errKept = errors.New("policy: this is no kept decision")

// FactNames are the names of the catalogue in its order: the key to values that
// PackValues wrote.
func (p *Pack) FactNames() []string {
	names := make([]string, len(p.doc.Facts))
	for i, d := range p.doc.Facts {
		names[i] = d.Name
	}
	return names
}

// PackValues writes the values of facts in the order of the catalogue, about one
// byte each. A value that the fact may not hold counts as unknown, as it does in
// Evaluate.
func PackValues(p *Pack, facts Facts) []byte {
	b := make([]byte, 0, len(p.doc.Facts)+32)
	cat, _ := p.Category(facts.Value(FactCategory).Word())
	for i := range p.doc.Facts {
		d := &p.doc.Facts[i]
		v := facts.Value(d.Name)
		if !d.Accepts(v) {
			b = append(b, tagUnknown)
			continue
		}
		laid := byte(0)
		if by, ok := cat.lays(d.Name); ok && by == v && facts[d.Name].Version == p.Version() {
			laid = laidBit
		}
		switch v.kind {
		case KindBool:
			b = append(b, laid|byte(tagNo+v.num))
		case KindInt:
			b = binary.AppendVarint(append(b, laid|tagInt), v.num)
		default:
			b = appendText(append(b, laid|tagText), v.text)
		}
	}
	return b
}

// lays gives the value of an item fact that follows from the kind of item alone.
func (c *Category) lays(name string) (Value, bool) {
	if name == factPath && c.Harm != "" {
		return Bool(true), true
	}
	v, ok := c.Facts[name]
	return v, ok && v.Known()
}

// factPath follows from a kind of item whose path to harm the pack states.
const factPath = "item.path_to_harm"

// AppendKept adds a line to the kept form of a case.
func AppendKept(b []byte, k Kept) []byte {
	b = appendText(b, k.Line)
	b = appendText(b, k.Destination)
	b = appendText(b, string(k.Standing))
	b = binary.AppendUvarint(b, uint64(len(k.Because)))
	for _, r := range k.Because {
		b = appendText(b, r)
	}
	return appendText(b, string(k.Values))
}

// ReadKept reads the lines that AppendKept wrote.
func ReadKept(b []byte) ([]Kept, error) {
	var out []Kept
	r := keptReader{b: b}
	for len(r.b) > 0 && r.err == nil {
		if len(out) == maxKeptLines {
			return nil, fmt.Errorf("policy: more than %d kept lines", maxKeptLines)
		}
		k := Kept{Line: r.text(), Destination: r.text(), Standing: Standing(r.text())}
		for n := r.uint(); n > 0 && r.err == nil; n-- {
			k.Because = append(k.Because, r.text())
		}
		k.Values = r.bytes()
		out = append(out, k)
	}
	return out, r.err
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// keptReader reads what appendText wrote; after an error it gives nothing more.
type keptReader struct {
	b   []byte
	err error
}

func (r *keptReader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > maxKeptText {
		r.b, r.err = nil, errKept
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *keptReader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.b, r.err = nil, errKept
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *keptReader) text() string { return string(r.bytes()) }
