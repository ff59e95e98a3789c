package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof is a file that shows offline that a leaf is in a log (C2SP tlog-proof).
type Proof struct {
	Extra      []byte // not authenticated
	Index      int64
	Path       []Hash
	Checkpoint []byte // signed and cosigned
}

const (
	proofHead = "c2sp.org/tlog-proof@v1"
	maxExtra  = 64 << 10
)

// Marshal writes the proof.
func (p Proof) Marshal() []byte {
	var b strings.Builder
	b.WriteString(proofHead + "\n")
	if len(p.Extra) > 0 {
		b.WriteString("extra " + base64.StdEncoding.EncodeToString(p.Extra) + "\n")
	}
	fmt.Fprintf(&b, "index %d\n", p.Index)
	for _, h := range p.Path {
		b.WriteString(h.String() + "\n")
	}
	b.WriteByte('\n')
	b.Write(p.Checkpoint)
	return []byte(b.String())
}

// ParseProof reads a proof strictly.
func ParseProof(src []byte) (Proof, error) {
	if len(src) > maxNote+maxExtra {
		return Proof{}, errors.New("tlog: a proof is at most 1 MiB")
	}
	head, checkpoint, ok := strings.Cut(string(src), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || lines[0] != proofHead || len(lines) < 2 {
		return Proof{}, errors.New("tlog: not a proof of c2sp.org/tlog-proof@v1")
	}
	p := Proof{Checkpoint: []byte(checkpoint)}
	lines = lines[1:]
	var err error
	if extra, ok := strings.CutPrefix(lines[0], "extra "); ok {
		if p.Extra, err = base64.StdEncoding.Strict().DecodeString(extra); err != nil || len(p.Extra) == 0 {
			return Proof{}, errors.New("tlog: the extra data of the proof is not base64")
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return Proof{}, errors.New("tlog: the proof has no index")
	}
	index, ok := strings.CutPrefix(lines[0], "index ")
	if p.Index, err = strconv.ParseInt(index, 10, 64); !ok || err != nil || p.Index < 0 || strconv.FormatInt(p.Index, 10) != index {
		return Proof{}, errors.New("tlog: the proof has no index")
	}
	if len(lines) > 65 {
		return Proof{}, errors.New("tlog: the path of the proof is too long")
	}
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line {
			return Proof{}, errors.New("tlog: the path of the proof is not made of hashes")
		}
		p.Path = append(p.Path, h)
	}
	return p, nil
}

// Check shows that the leaf is in the log, under a checkpoint that the log
// signed, and says which witnesses cosigned it.
func (p Proof) Check(leaf Hash, log note.Verifier, witnesses ...*Witness) (*Opened, error) {
	o, err := Open(p.Checkpoint, log, witnesses...)
	if err != nil {
		return nil, err
	}
	if err := CheckInclusion(p.Path, o.Size, o.Root, p.Index, leaf); err != nil {
		return nil, fmt.Errorf("tlog: the leaf is not under this checkpoint: %w", err)
	}
	return o, nil
}

// tileHeight is what C2SP tlog-tiles fixes.
const tileHeight = 8

// Tile is a piece of the tree as it is published: up to 256 hashes.
type Tile struct{ tile tlog.Tile }

// Tiles are the tiles that are new or fuller in a tree of size than in one of
// before.
func Tiles(before, size int64) (all []Tile) {
	for _, t := range tlog.NewTiles(tileHeight, before, size) {
		all = append(all, Tile{t})
	}
	return all
}

// Path is where the tile is published, under the log's address:
// tile/<level>/<number>[.p/<width>].
func (t Tile) Path() string {
	return "tile/" + strings.TrimPrefix(t.tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
}

// ParseTile reads the path of a tile.
func ParseTile(path string) (Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok || len(path) > 100 {
		return Tile{}, errors.New("tlog: not the path of a tile")
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", tileHeight, rest))
	if err != nil || t.L < 0 || t.L > 7 {
		return Tile{}, errors.New("tlog: not the path of a tile")
	}
	return Tile{t}, nil
}

// Read gives the hashes of a tile of a tree of the given size.
func (t Tile) Read(nodes tlog.HashReader, size int64) ([]byte, error) {
	leaves := (t.tile.N<<tileHeight + int64(t.tile.W)) << (tileHeight * t.tile.L)
	if t.tile.N > size>>(tileHeight*(t.tile.L+1)) || leaves > size {
		return nil, errors.New("tlog: the tree has no such tile")
	}
	return tlog.ReadTileData(t.tile, nodes)
}
