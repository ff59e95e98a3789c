package letter

import "golang.org/x/text/unicode/bidi"

// Levels of the Unicode bidirectional algorithm (UAX #9), worked out here since
// the libraries at hand tell the direction of a stretch but not its level, and
// without levels a number after an Arabic name lands on the wrong side.
//
// Given text holds no formatting characters (clean drops them); the only ones are
// the fences that flatten sets, one level deep. So rules X1-X8 reduce to cutting
// fenced passages out, and each is resolved alone.

// levels is the embedding level of each character; base is 0 or 1.
func levels(text []rune, base int) []int {
	class := make([]bidi.Class, len(text))
	for i, r := range text {
		p, _ := bidi.LookupRune(r)
		class[i] = p.Class()
		if isFence(r) {
			class[i] = bidi.ON
		}
	}
	out := make([]int, len(text))
	var outer []int
	for i := 0; i < len(text); i++ {
		outer = append(outer, i)
		if text[i] < isolateLTR || text[i] > isolateAuto {
			continue
		}
		var inside []int
		j := i + 1
		for ; j < len(text) && text[j] != isolateEnd; j++ {
			inside = append(inside, j)
		}
		level := base + 1
		if rtl := text[i] == isolateRTL || text[i] == isolateAuto && firstStrongRTL(class[i+1:j]); rtl != (level%2 == 1) {
			level++
		}
		resolve(text, class, inside, level, out)
		i = j - 1 // the closing fence belongs to the outer text
	}
	resolve(text, class, outer, base, out)
	return out
}

func firstStrongRTL(class []bidi.Class) bool {
	for _, c := range class {
		switch c {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

func strongOf(level int) bidi.Class {
	if level%2 == 1 {
		return bidi.R
	}
	return bidi.L
}

// resolve sets the levels of one isolated passage: at holds the places of its
// characters.
func resolve(text []rune, class []bidi.Class, at []int, level int, out []int) {
	kept := make([]int, 0, len(at))
	for _, i := range at {
		if class[i] != bidi.BN { // joiners take the level of what they follow
			kept = append(kept, i)
		}
	}
	t := make([]bidi.Class, len(kept))
	for n, i := range kept {
		t[n] = class[i]
	}
	edge := strongOf(level)
	weak(text, kept, t, edge)
	brackets(text, class, kept, t, edge)
	neutral(t, edge)
	for n, i := range kept { // rules I1, I2
		out[i] = level
		switch {
		case level%2 == 0 && t[n] == bidi.R, level%2 == 1 && t[n] != bidi.R:
			out[i]++
		case level%2 == 0 && (t[n] == bidi.EN || t[n] == bidi.AN):
			out[i] += 2
		}
	}
	last := level
	for _, i := range at {
		if class[i] == bidi.BN {
			out[i] = last
		}
		last = out[i]
	}
}

// weak is rules W1 to W7.
func weak(text []rune, at []int, t []bidi.Class, edge bidi.Class) {
	prev, strong := edge, edge
	for n := range t {
		if t[n] == bidi.NSM {
			t[n] = prev
			if n > 0 && isFence(text[at[n-1]]) {
				t[n] = bidi.ON
			}
		}
		prev = t[n]
		switch t[n] {
		case bidi.L, bidi.R, bidi.AL:
			strong = t[n]
		case bidi.EN:
			if strong == bidi.AL {
				t[n] = bidi.AN
			}
		}
	}
	for n := range t {
		if t[n] == bidi.AL {
			t[n] = bidi.R
		}
		if n > 0 && n+1 < len(t) && t[n-1] == t[n+1] &&
			(t[n] == bidi.ES && t[n-1] == bidi.EN || t[n] == bidi.CS && (t[n-1] == bidi.EN || t[n-1] == bidi.AN)) {
			t[n] = t[n-1]
		}
	}
	for n := 0; n < len(t); n++ {
		end := n
		for end < len(t) && t[end] == bidi.ET {
			end++
		}
		if end > n && (n > 0 && t[n-1] == bidi.EN || end < len(t) && t[end] == bidi.EN) {
			for ; n < end; n++ {
				t[n] = bidi.EN
			}
		}
		n = max(n, end-1)
	}
	strong = edge
	for n := range t {
		switch t[n] {
		case bidi.ES, bidi.ET, bidi.CS:
			t[n] = bidi.ON
		case bidi.L, bidi.R:
			strong = t[n]
		case bidi.EN:
			if strong == bidi.L {
				t[n] = bidi.L
			}
		}
	}
}

// side is the direction that a resolved class counts as among neutrals; numbers
// count as right-to-left (rules N0, N1).
func side(c bidi.Class) bidi.Class {
	switch c {
	case bidi.L:
		return bidi.L
	case bidi.R, bidi.EN, bidi.AN:
		return bidi.R
	}
	return bidi.ON
}

var closers = map[rune]rune{'(': ')', '[': ']', '{': '}'}

// brackets is rule N0: a pair takes one direction, so that both face the same way.
func brackets(text []rune, class []bidi.Class, at []int, t []bidi.Class, edge bidi.Class) {
	type open struct {
		closer rune
		at     int
	}
	var stack []open
	pairs := map[int]int{}
	for n, i := range at {
		if t[n] != bidi.ON {
			continue
		}
		if c, ok := closers[text[i]]; ok {
			stack = append(stack, open{c, n})
			continue
		}
		for k := len(stack) - 1; k >= 0; k-- {
			if stack[k].closer == text[i] {
				pairs[stack[k].at] = n
				stack = stack[:k]
				break
			}
		}
	}
	for from := range t {
		to, ok := pairs[from]
		if !ok {
			continue
		}
		inside, other := false, false
		for n := from + 1; n < to; n++ {
			if s := side(t[n]); s == edge {
				inside = true
			} else if s != bidi.ON {
				other = true
			}
		}
		if !inside && !other {
			continue
		}
		dir := edge
		if !inside {
			before := edge
			for n := from - 1; n >= 0; n-- {
				if s := side(t[n]); s != bidi.ON {
					before = s
					break
				}
			}
			if before != edge {
				dir = before
			}
		}
		for _, n := range []int{from, to} {
			t[n] = dir
			for m := n + 1; m < len(t) && class[at[m]] == bidi.NSM; m++ {
				t[m] = dir
			}
		}
	}
}

// neutral is rules N1 and N2.
func neutral(t []bidi.Class, edge bidi.Class) {
	before := edge
	for n := 0; n < len(t); n++ {
		if s := side(t[n]); s != bidi.ON {
			before = s
			continue
		}
		end := n
		for end < len(t) && side(t[end]) == bidi.ON {
			end++
		}
		after := edge
		if end < len(t) {
			after = side(t[end])
		}
		dir := edge
		if before == after {
			dir = before
		}
		for ; n < end; n++ {
			t[n] = dir
		}
		n--
	}
}
