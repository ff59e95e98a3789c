package verification

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"slices"
	"strconv"
)

// Candidate is one of those among which lots are drawn.
type Candidate struct {
	ID     string   `json:"id"`
	Weight int      `json:"weight"`        // chances in the draw, at least 1
	Why    []string `json:"why,omitempty"` // ids of the factors that weigh
}

// Draw picks n of the candidates without putting back. It is the
// same for the same seed and the same candidates in
// whatever order, and simple enough to be done again by hand:
//
// The candidates are put in order of their ids. For the kth pick, counted from 0,
// take the first eight bytes of SHA-256(seed "/" k), k in decimal, as a
// big-endian number r; of the candidates that are left, whose weights sum to W,
// the place is the high half of the 128-bit product r times W. The pick is the
// candidate in whose share of the sum, counted from the first, the place falls.
func Draw(seed string, pool []Candidate, n int) []string {
	left := slices.Clone(pool)
	slices.SortFunc(left, func(a, b Candidate) int { return cmp.Compare(a.ID, b.ID) })
	var picks []string
	for k := 0; len(picks) < n && len(left) > 0; k++ {
		sum := uint64(0)
		for _, c := range left {
			sum += uint64(max(c.Weight, 1))
		}
		place, _ := bits.Mul64(lot(seed, k), sum)
		for i, c := range left {
			if share := uint64(max(c.Weight, 1)); place >= share {
				place -= share
				continue
			}
			picks = append(picks, c.ID)
			left = slices.Delete(left, i, i+1)
			break
		}
	}
	return picks
}

func lot(seed string, k int) uint64 {
	h := sha256.Sum256([]byte(seed + "/" + strconv.Itoa(k)))
	return binary.BigEndian.Uint64(h[:8])
}

// isSeed tells whether a text is 16 to 64 bytes in lower-case hex.
func isSeed(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) >= 16 && len(raw) <= 64 && hex.EncodeToString(raw) == s
}

// Sample draws n of a list of numbers with equal chances, in the list's order;
// all of them where n is 0 or more than there are.
func Sample(seed string, numbers []string, n int) []string {
	if n <= 0 || n >= len(numbers) {
		return numbers
	}
	pool := make([]Candidate, len(numbers))
	for i, s := range numbers {
		pool[i] = Candidate{ID: s, Weight: 1}
	}
	picks := Draw(seed, pool, n)
	return slices.DeleteFunc(slices.Clone(numbers), func(s string) bool { return !slices.Contains(picks, s) })
}
