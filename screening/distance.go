package screening

import "strings"

// Costs of edits between keys, in hundredths of one edit. A vowel for a vowel
// or a letter for its neighbour in sound is less than a whole error.
const (
	costWhole = 100
	costSwap  = 80
	costVowel = 45
	costH     = 45
	farApart  = 1 << 14
)

var (
	substitution [128][128]int16
	insertion    [128]int16
)

// Semitic comparison: what a written letter may stand for, and at what cost.
var semiticCost [128][128]int16

func init() {
	for i := range substitution {
		for j := range substitution[i] {
			substitution[i][j] = costWhole
			semiticCost[i][j] = 110
			if i == j {
				substitution[i][j] = 0
				semiticCost[i][j] = 0
			}
		}
		insertion[i] = costWhole
	}
	set := func(a, b byte, c int16) { substitution[a][b], substitution[b][a] = c, c }
	for _, a := range "aeiou" {
		insertion[a] = 55
		for _, b := range "aeiou" {
			if a != b {
				set(byte(a), byte(b), costVowel)
			}
		}
	}
	set('a', 'e', 35)
	set('o', 'u', 35)
	set('e', 'i', 35)
	set('a', 'o', 38)
	insertion['h'], insertion['i'] = costH, 45
	for _, p := range []struct {
		a, b byte
		c    int16
	}{
		{'b', 'p', 70},
		{'d', 't', 60},
		{'g', 'k', 70},
		{'s', 'z', 45},
		{'x', 's', 55},
		{'x', 'c', 55},
		{'c', 'k', 55},
		{'q', 's', 50},
		{'q', 'c', 50},
		{'q', 'z', 50},
		{'q', 'k', 60},
		{'q', 't', 70},
		{'j', 'i', 40},
		{'j', 'g', 50},
		{'j', 'z', 50},
		{'j', 'c', 60},
		{'j', 'x', 70},
		{'v', 'f', 50},
		{'v', 'b', 75},
		{'v', 'u', 50},
		{'v', 'o', 70},
		{'h', 'g', 60},
		{'h', 'k', 60},
		{'m', 'n', 80},
		{'h', 'x', 80},
		{'j', 'd', 75},
		{'d', 'z', 70},
		{'r', 'l', 90},
		{'c', 's', 70},
		{'c', 'h', 70},
	} {
		set(p.a, p.b, p.c)
	}
	sem := func(a byte, to string, c int16) {
		for i := 0; i < len(to); i++ {
			semiticCost[a][to[i]] = c
		}
	}
	for i := range semiticCost { // letters without a rule of their own cost what sounds cost
		for j := range semiticCost[i] {
			if i != j && substitution[i][j] < costWhole {
				semiticCost[i][j] = substitution[i][j] + 10
			}
		}
	}
	sem('A', "aeiou", 8)
	sem('A', "a", 0)
	sem('E', "aeiou", 8)
	sem('E', "a", 0)
	sem('W', "vuo", 0)
	sem('W', "f", 40)
	sem('Y', "ie", 0)
	sem('Y', "aj", 25)
	sem('H', "ahte", 0)
	sem('T', "ts", 5)
	sem('D', "dz", 5)
	sem('Z', "zd", 5)
	sem('D', "t", 25)
	sem('K', "kg", 5)
	sem('K', "h", 50)
	sem('j', "g", 15)
	sem('j', "cz", 50)
	sem('x', "c", 15)
	sem('x', "s", 45)
	sem('c', "x", 30)
	sem('h', "k", 40)
	sem('g', "kh", 35)
	sem('b', "p", 25)
	sem('k', "c", 40)
	sem('s', "z", 30)
	sem('t', "d", 40)
	sem('f', "v", 15)
}

// editCost is the weighted distance of two keys of sounds, or farApart when
// it would exceed most. No allocation; keys are at most maxKey letters.
func editCost(a, b string, most int) int {
	if a == b {
		return 0
	}
	// A common beginning and end cost nothing.
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) > maxKey || len(b) > maxKey {
		return farApart
	}
	if d := len(a) - len(b); d*costH > most || -d*costH > most {
		return farApart
	}
	var rows [3][maxKey + 1]int32
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j < len(b); j++ {
		prev[j+1] = prev[j] + int32(insertion[b[j]&127])
	}
	for i := 0; i < len(a); i++ {
		ca := a[i] & 127
		cur[0] = prev[0] + int32(insertion[ca])
		best := cur[0]
		for j := 0; j < len(b); j++ {
			cb := b[j] & 127
			v := prev[j] + int32(substitution[ca][cb])
			if x := prev[j+1] + int32(insertion[ca]); x < v {
				v = x
			}
			if x := cur[j] + int32(insertion[cb]); x < v {
				v = x
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				if x := prev2[j-1] + costSwap; x < v {
					v = x
				}
			}
			cur[j+1] = v
			if v < best {
				best = v
			}
		}
		if int(best) > most {
			return farApart
		}
		prev2, prev, cur = prev, cur, prev2
	}
	if c := int(prev[len(b)]); c <= most {
		return c
	}
	return farApart
}

// semiticEdit compares a word written in Arabic or Hebrew letters (a '~' key)
// with a word of sounds: vowels that are not written cost next to nothing.
func semiticEdit(sem, lat string, most int) int {
	c := semiticCompare(sem[1:], lat, most)
	if (strings.Contains(sem, "tx") || strings.Contains(sem, "ts")) && strings.ContainsAny(lat, "cqx") {
		c = min(c, semiticCompare(slavic.Replace(sem[1:]), lat, most))
	}
	return c
}

// slavic reads the Slavic sounds for which Arabic has no letter: v, shch, ch, ts.
var slavic = strings.NewReplacer("f", "v", "xtx", "x", "tx", "c", "ts", "q")

func semiticCompare(a, lat string, most int) int {
	if len(a) > maxKey || len(lat) > maxKey {
		return farApart
	}
	var rows [2][maxKey + 2]int32
	prev, cur := &rows[0], &rows[1]
	insLat := func(j int) int32 {
		switch c := lat[j]; c {
		case 'a', 'e', 'i', 'o', 'u':
			if j == 0 {
				return 30
			}
			if c == 'i' && j == len(lat)-1 {
				return 40 // written at the end of a word
			}
			return 6
		case 'h':
			return 40
		case 'v':
			return 90
		}
		return 110
	}
	delSem := func(i int) int32 {
		if a[i] == 'h' && i > 0 {
			switch a[i-1] { // "Ishaq": s and h, read as the English sh
			case 's', 'z', 't', 'd', 'k', 'K', 'g':
				return 8
			}
		}
		switch a[i] {
		case 'A':
			return 20
		case 'E', 'H':
			return 10
		case 'Y', 'W':
			return 50
		case 'h':
			return 60
		}
		return 110
	}
	for j := 0; j < len(lat); j++ {
		prev[j+1] = prev[j] + insLat(j)
	}
	for i := 0; i < len(a); i++ {
		cur[0] = prev[0] + delSem(i)
		best := cur[0]
		for j := 0; j < len(lat); j++ {
			v := prev[j] + int32(semiticCost[a[i]&127][lat[j]&127])
			if i+1 < len(a) && a[i+1] == 'h' && (a[i] == 's' && lat[j] == 'x' || a[i] == 'z' && lat[j] == 'j') {
				v = prev[j] + 4
			}
			if x := prev[j+1] + delSem(i); x < v {
				v = x
			}
			if x := cur[j] + insLat(j); x < v {
				v = x
			}
			cur[j+1] = v
			if v < best {
				best = v
			}
		}
		if int(best) > most {
			return farApart
		}
		prev, cur = cur, prev
	}
	if c := int(prev[len(lat)]); c <= most {
		return c
	}
	return farApart
}
