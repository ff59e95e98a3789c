package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// This file is a second implementation, written from docs/ledger-format.md with
// the standard library alone. It shares no line with package ledger.

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sum(pieces ...[]byte) []byte {
	h := sha256.Sum256(bytes.Join(pieces, nil))
	return h[:]
}

func str32(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func chunk(b []byte, s []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// merkle is the root of RFC 6962 over leaves that are hashed already.
func merkle(leaves [][]byte) []byte {
	switch len(leaves) {
	case 0:
		return sum()
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return sum([]byte{1}, merkle(leaves[:k]), merkle(leaves[k:]))
}

// openNote checks a signed note and gives its three lines.
func openNote(vkey, signed string) (lines []string, err error) {
	parts := strings.SplitN(vkey, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 1 {
		return nil, fmt.Errorf("public key: %v", err)
	}
	id := sum([]byte(parts[0]+"\n"), key)[:4]
	if hex.EncodeToString(id) != parts[1] {
		return nil, fmt.Errorf("the key's id does not fit")
	}
	text, signatures, found := strings.Cut(signed, "\n\n")
	if !found {
		return nil, fmt.Errorf("no signatures")
	}
	text += "\n"
	for _, line := range strings.Split(strings.TrimSuffix(signatures, "\n"), "\n") {
		name, b64, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		sig, err := base64.StdEncoding.DecodeString(b64)
		if err != nil || name != parts[0] || len(sig) != 4+64 || !bytes.Equal(sig[:4], id) {
			continue
		}
		if ed25519.Verify(key[1:], []byte(text), sig[4:]) {
			return strings.Split(strings.TrimSuffix(text, "\n"), "\n"), nil
		}
	}
	return nil, fmt.Errorf("no signature of %s fits", parts[0])
}

// climb computes a root from a leaf and its path, as RFC 6962 section 2.1.1
// says.
func climb(index, size int64, leaf []byte, path [][]byte) ([]byte, error) {
	if size == 1 {
		if len(path) != 0 {
			return nil, fmt.Errorf("the path is too long")
		}
		return leaf, nil
	}
	if len(path) == 0 {
		return nil, fmt.Errorf("the path is too short")
	}
	k := int64(1)
	for k*2 < size {
		k *= 2
	}
	last, rest := path[len(path)-1], path[:len(path)-1]
	if index < k {
		h, err := climb(index, k, leaf, rest)
		return sum([]byte{1}, h, last), err
	}
	h, err := climb(index-k, size-k, leaf, rest)
	return sum([]byte{1}, last, h), err
}

func TestVectorsBySecondImplementation(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Name      string `json:"name"`
		PublicKey string `json:"public_key"`
		Entries   []struct {
			Seq, Time, Version                                                    int64
			Stream, Type, Actor, Command, Salt, Kept, Header, Chain, Leaf, Record string
			Commit                                                                string `json:"commit_kept"`
			Parts                                                                 []struct{ Owner, Salt, Plaintext, Commit, Sealed string }
		} `json:"entries"`
		Roots       []string `json:"roots"`
		Checkpoints []string `json:"checkpoints"`
		Proofs      []struct {
			Format                   string
			Prev, Kept, Salt, Commit []byte
			Seq, Time, Version       int64
			Stream, Type, Actor      string
			Command, Checkpoint      string
			Path                     [][]byte
			Parts                    []struct {
				Owner  string
				Commit []byte
			}
		} `json:"proofs"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	header := func(seq, time int64, stream string, version int64, typ, actor, command string, kept []byte, parts func([]byte) (int, []byte)) []byte {
		b := binary.BigEndian.AppendUint64(nil, uint64(seq))
		b = binary.BigEndian.AppendUint64(b, uint64(time))
		b = str32(b, stream)
		b = binary.BigEndian.AppendUint64(b, uint64(version))
		b = str32(str32(str32(b, typ), actor), command)
		b = append(b, kept...)
		n, tail := parts(nil)
		b = binary.BigEndian.AppendUint32(b, uint32(n))
		return append(b, tail...)
	}
	prev := make([]byte, 32)
	var leaves [][]byte
	for _, e := range v.Entries {
		kept := sum([]byte("comity/kept/v1\x00"), unhex(t, e.Salt), []byte(e.Kept))
		if hex.EncodeToString(kept) != e.Commit {
			t.Errorf("entry %d: the commitment to the kept part", e.Seq)
		}
		record := []byte{1}
		record = binary.AppendUvarint(record, uint64(e.Seq))
		record = binary.AppendUvarint(record, uint64(e.Time))
		record = binary.AppendUvarint(record, uint64(e.Version))
		for _, s := range []string{e.Stream, e.Type, e.Actor, e.Command, string(unhex(t, e.Salt)), e.Kept} {
			record = chunk(record, []byte(s))
		}
		record = binary.AppendUvarint(record, uint64(len(e.Parts)))
		h := header(e.Seq, e.Time, e.Stream, e.Version, e.Type, e.Actor, e.Command, kept, func(b []byte) (int, []byte) {
			for _, p := range e.Parts {
				commit := sum([]byte("comity/part/v1\x00"), unhex(t, p.Salt), []byte(p.Plaintext))
				if hex.EncodeToString(commit) != p.Commit {
					t.Errorf("entry %d: the commitment to a part", e.Seq)
				}
				b = append(str32(b, p.Owner), commit...)
				record = chunk(append(chunk(record, []byte(p.Owner)), commit...), unhex(t, p.Sealed))
			}
			return len(e.Parts), b
		})
		chain := sum([]byte("comity/chain/v1\x00"), prev, h)
		leaf := sum([]byte{0}, chain)
		record = append(record, chain...)
		for what, pair := range map[string][2]string{"header": {hex.EncodeToString(h), e.Header}, "chain": {hex.EncodeToString(chain), e.Chain}, "leaf": {hex.EncodeToString(leaf), e.Leaf}, "record": {hex.EncodeToString(record), e.Record}} {
			if pair[0] != pair[1] {
				t.Errorf("entry %d: %s: %s, the vectors say %s", e.Seq, what, pair[0], pair[1])
			}
		}
		prev, leaves = chain, append(leaves, leaf)
	}
	for n, want := range v.Roots {
		if got := hex.EncodeToString(merkle(leaves[:n])); got != want {
			t.Errorf("root of %d: %s, the vectors say %s", n, got, want)
		}
	}
	for _, signed := range v.Checkpoints {
		lines, err := openNote(v.PublicKey, signed)
		if err != nil || len(lines) != 3 || lines[0] != v.Name {
			t.Fatalf("checkpoint: %v %v", lines, err)
		}
		var n int
		if _, err := fmt.Sscan(lines[1], &n); err != nil || lines[2] != base64.StdEncoding.EncodeToString(merkle(leaves[:n])) {
			t.Errorf("checkpoint of %s: %v", lines[1], err)
		}
	}
	for _, p := range v.Proofs {
		kept := p.Commit
		if len(p.Kept) > 0 {
			kept = sum([]byte("comity/kept/v1\x00"), p.Salt, p.Kept)
		}
		h := header(p.Seq, p.Time, p.Stream, p.Version, p.Type, p.Actor, p.Command, kept, func(b []byte) (int, []byte) {
			for _, x := range p.Parts {
				b = append(str32(b, x.Owner), x.Commit...)
			}
			return len(p.Parts), b
		})
		lines, err := openNote(v.PublicKey, p.Checkpoint)
		if err != nil {
			t.Fatal(err)
		}
		var size int64
		if _, err := fmt.Sscan(lines[1], &size); err != nil {
			t.Fatal(err)
		}
		root, err := climb(p.Seq-1, size, sum([]byte{0}, sum([]byte("comity/chain/v1\x00"), p.Prev, h)), p.Path)
		if err != nil || base64.StdEncoding.EncodeToString(root) != lines[2] {
			t.Errorf("proof of %d: the root does not fit (%v)", p.Seq, err)
		}
	}
}
