package pdf

import (
	"encoding/binary"
	"sort"
)

// tables reads the directory of a TrueType file. The slices point into data.
func tables(data []byte) (map[string][]byte, error) {
	if len(data) < 12 || binary.BigEndian.Uint32(data) != 0x00010000 {
		return nil, ErrFont
	}
	n := int(binary.BigEndian.Uint16(data[4:]))
	if len(data) < 12+16*n {
		return nil, ErrFont
	}
	t := make(map[string][]byte, n)
	for i := range n {
		e := data[12+16*i:]
		off, size := uint64(binary.BigEndian.Uint32(e[8:])), uint64(binary.BigEndian.Uint32(e[12:]))
		if off+size > uint64(len(data)) {
			return nil, ErrFont
		}
		t[string(e[:4])] = data[off : off+size]
	}
	return t, nil
}

// outline is the data of one glyph, empty for a blank one.
func (f *Font) outline(id int) ([]byte, error) {
	loca, glyf := f.table["loca"], f.table["glyf"]
	var from, to uint64
	if binary.BigEndian.Uint16(f.table["head"][50:]) == 0 {
		if len(loca) < 2*(id+2) {
			return nil, ErrFont
		}
		from, to = 2*uint64(binary.BigEndian.Uint16(loca[2*id:])), 2*uint64(binary.BigEndian.Uint16(loca[2*id+2:]))
	} else {
		if len(loca) < 4*(id+2) {
			return nil, ErrFont
		}
		from, to = uint64(binary.BigEndian.Uint32(loca[4*id:])), uint64(binary.BigEndian.Uint32(loca[4*id+4:]))
	}
	if from > to || to > uint64(len(glyf)) {
		return nil, ErrFont
	}
	return glyf[from:to], nil
}

// Flags of a part of a composite glyph.
const (
	wordArgs  = 0x0001
	hasScale  = 0x0008
	moreParts = 0x0020
	hasXY     = 0x0040
	hasMatrix = 0x0080
)

// parts lists the glyphs that a composite glyph is made of.
func parts(outline []byte) []uint16 {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return nil
	}
	var ids []uint16
	for p := 10; p+4 <= len(outline); {
		flags := binary.BigEndian.Uint16(outline[p:])
		ids = append(ids, binary.BigEndian.Uint16(outline[p+2:]))
		p += 6
		if flags&wordArgs != 0 {
			p += 2
		}
		switch {
		case flags&hasScale != 0:
			p += 2
		case flags&hasXY != 0:
			p += 4
		case flags&hasMatrix != 0:
			p += 8
		}
		if flags&moreParts == 0 {
			break
		}
	}
	return ids
}

// subset is the font with the outlines of the used glyphs alone. Glyph numbers
// stay, so that no other table needs rewriting.
func (f *Font) subset() ([]byte, error) {
	todo := make([]uint16, 0, len(f.used))
	for id := range f.used {
		todo = append(todo, id)
	}
	keep := map[uint16]bool{}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if keep[id] {
			continue
		}
		keep[id] = true
		o, err := f.outline(int(id))
		if err != nil {
			return nil, err
		}
		todo = append(todo, parts(o)...)
	}
	var glyf []byte
	loca := make([]byte, 4*(f.count+1))
	for id := range f.count {
		binary.BigEndian.PutUint32(loca[4*id:], uint32(len(glyf)))
		if keep[uint16(id)] {
			o, err := f.outline(id)
			if err != nil {
				return nil, err
			}
			glyf = append(glyf, o...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	binary.BigEndian.PutUint32(loca[4*f.count:], uint32(len(glyf)))
	head := append([]byte(nil), f.table["head"]...)
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	hmtx := append([]byte(nil), f.table["hmtx"]...)
	out := map[string][]byte{"head": head, "hhea": f.table["hhea"], "maxp": f.table["maxp"], "hmtx": hmtx, "loca": loca, "glyf": glyf}
	for _, tag := range []string{"cvt ", "fpgm", "prep"} {
		if d, ok := f.table[tag]; ok {
			out[tag] = d
		}
	}
	return sfnt(out), nil
}

// sfnt writes a TrueType file from its tables.
func sfnt(t map[string][]byte) []byte {
	tags := make([]string, 0, len(t))
	for tag := range t {
		tags = append(tags, tag)
	}
	sort.Strings(tags)
	n, pow, log := len(tags), 1, 0
	for pow*2 <= n {
		pow, log = pow*2, log+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, pow * 16, log, (n - pow) * 16} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	offset, headAt := 12+16*n, 0
	var body []byte
	for _, tag := range tags {
		d := t[tag]
		at := offset + len(body)
		if tag == "head" {
			headAt = at
		}
		body = append(body, d...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		out = append(out, tag...)
		out = binary.BigEndian.AppendUint32(out, checksum(body[at-offset:]))
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(d)))
	}
	out = append(out, body...)
	if headAt > 0 {
		binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	}
	return out
}

func checksum(b []byte) uint32 {
	var sum uint32
	for len(b) >= 4 {
		sum += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	return sum
}
