package screening

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"maps"
	"math"
	"slices"
)

// A snapshot is an index as it lies in memory: a head (magic, format, length,
// checksum) and the arrays, each after its length, little-endian. It is read
// in one pass and holds everything, so that a start needs no list files.

const (
	snapshotMagic  = "COMITYSX"
	snapshotFormat = 1
	maxSnapshot    = 4 << 30
)

// ErrSnapshot says that a file is no snapshot this program can read: damaged,
// or written by another version. Build the index from its lists instead.
var ErrSnapshot = errors.New("screening: not a readable snapshot")

var crcTable = crc64.MakeTable(crc64.ECMA)

// section writes or reads one array.
type sections struct {
	b   []byte // what is written, or what is left to read
	bad bool
}

func (s *sections) putText(t string) {
	s.b = append(binary.LittleEndian.AppendUint64(s.b, uint64(len(t))), t...)
}

func (s *sections) text() string {
	n, ok := s.length(1)
	if !ok {
		return ""
	}
	t := string(s.b[:n])
	s.b = s.b[n:]
	return t
}

func (s *sections) length(size int) (int, bool) {
	if len(s.b) < 8 {
		s.bad = true
		return 0, false
	}
	n := binary.LittleEndian.Uint64(s.b)
	s.b = s.b[8:]
	if n > uint64(len(s.b)/size) {
		s.bad = true
		return 0, false
	}
	return int(n), true
}

func put32[T ~uint32 | ~int32](s *sections, v []T) {
	s.b = binary.LittleEndian.AppendUint64(s.b, uint64(len(v)))
	for _, x := range v {
		s.b = binary.LittleEndian.AppendUint32(s.b, uint32(x))
	}
}

func get32(s *sections) []uint32 {
	n, ok := s.length(4)
	if !ok {
		return nil
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(s.b[4*i:])
	}
	s.b = s.b[4*n:]
	return out
}

func put16(s *sections, v []uint16) {
	s.b = binary.LittleEndian.AppendUint64(s.b, uint64(len(v)))
	for _, x := range v {
		s.b = binary.LittleEndian.AppendUint16(s.b, x)
	}
}

func get16(s *sections) []uint16 {
	n, ok := s.length(2)
	if !ok {
		return nil
	}
	out := make([]uint16, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint16(s.b[2*i:])
	}
	s.b = s.b[2*n:]
	return out
}

func putFloats(s *sections, v []float32) {
	u := make([]uint32, len(v))
	for i, f := range v {
		u[i] = math.Float32bits(f)
	}
	put32(s, u)
}

func getFloats(s *sections) []float32 {
	u := get32(s)
	out := make([]float32, len(u))
	for i, b := range u {
		out[i] = math.Float32frombits(b)
	}
	return out
}

// WriteSnapshot writes the index as a snapshot.
func (x *Index) WriteSnapshot(w io.Writer) error {
	var s sections
	s.putText(EngineVersion)
	s.putText(lexiconSum())
	s.putText(x.hash)
	s.putText(x.ents.blob)
	put32(&s, x.ents.at)
	put32(&s, x.nameEnt)
	put16(&s, x.nameSrc)
	s.putText(string(x.nameKind))
	putFloats(&s, x.nameSum)
	put32(&s, x.nameText)
	put32(&s, x.nameAt)
	put32(&s, x.nameWord)
	put32(&s, x.entName)
	put32(&s, x.postAt)
	put32(&s, x.post)
	ids := make([]uint32, 0, 3*len(x.ids))
	for _, e := range x.ids {
		ids = append(ids, uint32(e.hash), uint32(e.hash>>32), e.ent)
	}
	put32(&s, ids)
	v := &x.vocab
	s.putText(v.blob)
	put32(&s, v.at)
	put32(&s, v.df)
	putFloats(&s, v.weight)
	cl := make([]byte, len(v.class))
	for i, c := range v.class {
		cl[i] = byte(c)
	}
	s.putText(string(cl))
	put16(&s, v.concept)
	put32(&s, v.table)
	put32(&s, v.gramAt)
	put32(&s, v.gram)
	bones := make([]uint32, 0, 2*len(v.bones))
	for _, b := range v.bones {
		bones = append(bones, b.hash, b.word)
	}
	put32(&s, bones)
	put32(&s, v.concAt)
	put32(&s, v.concept2)
	putFloats(&s, x.cal.raw)
	s.putText(x.cal.index)

	var h [32]byte
	copy(h[:], snapshotMagic)
	binary.LittleEndian.PutUint64(h[8:], snapshotFormat)
	binary.LittleEndian.PutUint64(h[16:], uint64(len(s.b)))
	binary.LittleEndian.PutUint64(h[24:], crc64.Checksum(s.b, crcTable))
	if _, err := w.Write(h[:]); err != nil {
		return fmt.Errorf("screening: writing snapshot: %w", err)
	}
	if _, err := w.Write(s.b); err != nil {
		return fmt.Errorf("screening: writing snapshot: %w", err)
	}
	return nil
}

// ReadSnapshot reads an index that WriteSnapshot wrote. A file that is
// damaged, of another format, or of another version of the engine or its word
// lists gives an error that wraps ErrSnapshot and says which.
func ReadSnapshot(r io.Reader, opt Options) (*Index, error) {
	var h [32]byte
	br := bufio.NewReaderSize(r, 1<<16)
	if _, err := io.ReadFull(br, h[:]); err != nil {
		return nil, fmt.Errorf("%w: too short", ErrSnapshot)
	}
	size := binary.LittleEndian.Uint64(h[16:])
	switch {
	case string(h[:8]) != snapshotMagic:
		return nil, fmt.Errorf("%w: it is some other file", ErrSnapshot)
	case binary.LittleEndian.Uint64(h[8:]) != snapshotFormat:
		return nil, fmt.Errorf("%w: format %d, not %d", ErrSnapshot, binary.LittleEndian.Uint64(h[8:]), snapshotFormat)
	case size > maxSnapshot:
		return nil, fmt.Errorf("%w: it claims %d bytes", ErrSnapshot, size)
	}
	b, err := readSized(br, int(size))
	if err != nil {
		return nil, fmt.Errorf("%w: cut short", ErrSnapshot)
	}
	if crc64.Checksum(b, crcTable) != binary.LittleEndian.Uint64(h[24:]) {
		return nil, fmt.Errorf("%w: checksum differs", ErrSnapshot)
	}
	return readSections(b, opt)
}

// readSized reads n bytes without believing n before they have come.
func readSized(r io.Reader, n int) ([]byte, error) {
	const step = 32 << 20
	b := make([]byte, min(n, step))
	got := 0
	for {
		k, err := io.ReadFull(r, b[got:])
		got += k
		if err != nil {
			return nil, err
		}
		if got == n {
			return b, nil
		}
		b = append(b, make([]byte, min(n-got, len(b)))...)
	}
}

func readSections(b []byte, opt Options) (*Index, error) {
	s := sections{b: b}
	if v := s.text(); v != EngineVersion {
		return nil, fmt.Errorf("%w: engine %.40q, not %q", ErrSnapshot, v, EngineVersion)
	}
	if s.text() != lexiconSum() {
		return nil, fmt.Errorf("%w: the word lists have changed", ErrSnapshot)
	}
	x := &Index{opt: opt}
	x.hash = s.text()
	x.ents.blob = s.text()
	x.ents.at = get32(&s)
	x.nameEnt = get32(&s)
	x.nameSrc = get16(&s)
	x.nameKind = []byte(s.text())
	x.nameSum = getFloats(&s)
	x.nameText = get32(&s)
	x.nameAt = get32(&s)
	x.nameWord = get32(&s)
	x.entName = get32(&s)
	x.postAt = get32(&s)
	x.post = get32(&s)
	ids := get32(&s)
	for ; len(ids) >= 3; ids = ids[3:] {
		x.ids = append(x.ids, idEntry{uint64(ids[0]) | uint64(ids[1])<<32, ids[2]})
	}
	v := &x.vocab
	v.blob = s.text()
	v.at = get32(&s)
	v.df = get32(&s)
	v.weight = getFloats(&s)
	for _, c := range []byte(s.text()) {
		v.class = append(v.class, class(c))
	}
	v.concept = get16(&s)
	v.table = get32(&s)
	v.mask = uint32(max(0, len(v.table)-1))
	v.gramAt = get32(&s)
	v.gram = get32(&s)
	bones := get32(&s)
	v.bones = make([]boneEntry, 0, len(bones)/2)
	for ; len(bones) >= 2; bones = bones[2:] {
		v.bones = append(v.bones, boneEntry{bones[0], bones[1]})
	}
	v.concAt = get32(&s)
	v.concept2 = get32(&s)
	x.cal.raw = getFloats(&s)
	x.cal.tops = slices.Sorted(slices.Values(x.cal.raw))
	x.cal.index = s.text()
	v.n, v.short = max(x.ents.size(), fewestEntities), x.ents.size() < shortList
	if s.bad || len(s.b) != 0 || !x.sound() {
		return nil, fmt.Errorf("%w: its parts do not fit together", ErrSnapshot)
	}
	listed := map[string]bool{}
	for i := range x.ents.size() {
		d := decoder{s: x.ents.raw(i)}
		d.text()
		listed[d.text()] = true
	}
	x.lists = slices.Sorted(maps.Keys(listed))
	x.ready()
	return x, nil
}

// sound checks that every number in the index points into the array it means.
func (x *Index) sound() bool {
	rising := func(at []uint32, n, end int) bool {
		return len(at) == n+1 && at[0] == 0 && int(at[n]) == end && slices.IsSorted(at)
	}
	below := func(v []uint32, n int) bool {
		for _, i := range v {
			if int(i) >= n {
				return false
			}
		}
		return true
	}
	v := &x.vocab
	ne, nn, nv := x.ents.size(), len(x.nameEnt), len(v.df)
	if len(x.ents.at) == 0 || !rising(x.ents.at, ne, len(x.ents.blob)) || !rising(x.entName, ne, nn) ||
		!rising(x.nameAt, nn, len(x.nameWord)) || !rising(x.postAt, nv, len(x.post)) || !rising(v.at, nv, len(v.blob)) ||
		!rising(v.gramAt, gramLetters*gramLetters, len(v.gram)) || !rising(v.concAt, len(lex().concepts), len(v.concept2)) {
		return false
	}
	if len(x.nameSrc) != nn || len(x.nameKind) != nn || len(x.nameSum) != nn || len(x.nameText) != nn ||
		len(v.weight) != nv || len(v.class) != nv || len(v.concept) != nv {
		return false
	}
	if !below(x.nameEnt, ne) || !below(x.nameWord, nv) || !below(x.post, nn) || !below(v.gram, nv) || !below(v.concept2, nv) || !below(v.table, nv+1) {
		return false
	}
	free := 0
	for _, t := range v.table {
		if t == 0 {
			free++
		}
	}
	if len(v.table) == 0 || len(v.table)&(len(v.table)-1) != 0 || free == 0 {
		return false
	}
	for i, b := range v.bones {
		if int(b.word) >= nv || i > 0 && b.hash < v.bones[i-1].hash {
			return false
		}
	}
	for _, id := range x.ids {
		if int(id.ent) >= ne {
			return false
		}
	}
	for _, f := range x.cal.raw {
		if !(f >= 0 && f <= 1) {
			return false
		}
	}
	for i := range nv {
		if i > 0 && v.at[i+1]-v.at[i] < v.at[i]-v.at[i-1] || v.class[i] > classLegal || int(v.concept[i]) >= len(lex().concepts) || v.at[i+1]-v.at[i] > 2*maxKey {
			return false
		}
	}
	for n := range nn {
		if int(x.nameSrc[n]) >= len(x.ents.head(int(x.nameEnt[n])).names) {
			return false
		}
	}
	return true
}
