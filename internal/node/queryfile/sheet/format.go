package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// epoch is the day from which a workbook counts.
type epoch int

const (
	since1900 epoch = iota
	since1904       // as the first Macintosh did
)

// time reads a count of days; false where no date has that count.
func (e epoch) time(days float64) (time.Time, bool) {
	start, last := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC), 2958466.0
	switch {
	case e == since1904:
		start, last = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC), 2957004
	case days < 60:
		// The count holds a 29th of February 1900, which never was.
		start = start.AddDate(0, 0, 1)
	}
	if !(days >= 0 && days < last) {
		return time.Time{}, false
	}
	whole, part := math.Modf(days)
	return start.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round(part*86400)) * time.Second), true
}

// format is a form in which numbers are shown: as a date, or with digits at
// places. nil shows a number as it is.
type format struct {
	date            bool
	year, month     bool
	day, hour       bool
	second, elapsed bool

	digits            []place // before the point, with what is written between
	suffix            string
	percent           bool
	decimals, minimum int     // after the point
	negative          *format // how it shows what is below nothing, if otherwise
}

// place is a place for a digit, or a text between places.
type place struct {
	mark byte // '0', '#', '?'; 0 for a text
	text string
}

// builtin is the code of a form that every program knows by number. Those of
// East Asia differ by country and are dates in each.
func builtin(id string) string {
	n, err := strconv.Atoi(id)
	switch {
	case err != nil:
	case n >= 27 && n <= 36, n >= 50 && n <= 58:
		return "yyyy-mm-dd"
	case n >= 14 && n <= 22:
		return []string{"m/d/yyyy", "d-mmm-yy", "d-mmm", "mmm-yy", "h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss", "m/d/yyyy h:mm"}[n-14]
	case n >= 45 && n <= 47:
		return []string{"mm:ss", "[h]:mm:ss", "mm:ss.0"}[n-45]
	case n >= 1 && n <= 4:
		return []string{"0", "0.00", "#,##0", "#,##0.00"}[n-1]
	case n >= 9 && n <= 10:
		return []string{"0%", "0.00%"}[n-9]
	}
	return ""
}

// maxCode is the longest code that a program writes.
const maxCode = 255

// parseFormat reads a code. What shows a number as nothing, as a fraction or in
// thousands would keep it from the reader: such codes show it as it is.
func parseFormat(code string) *format {
	if code == "" || len(code) > maxCode {
		return nil
	}
	sections := splitCode(code)
	f := parseSection(sections[0])
	if f != nil && !f.date && len(sections) > 1 {
		f.negative = parseSection(sections[1])
	}
	return f
}

// piece is a letter of a code, or a text that it shows as it stands.
type piece struct {
	code byte
	text string // where code is 0
}

// beyond is the code before a part of time that counts on beyond a day: [h].
const beyond = 1

// splitCode divides a code into its sections (positive; negative; ...) and
// takes quotes, brackets and escapes apart.
func splitCode(code string) [][]piece {
	out := [][]piece{nil}
	add := func(p piece) { out[len(out)-1] = append(out[len(out)-1], p) }
	runes := []rune(code)
	for i := 0; i < len(runes); i++ {
		until := func(end rune) string {
			start := i + 1
			for i++; i < len(runes) && runes[i] != end; i++ {
			}
			return string(runes[start:min(i, len(runes))])
		}
		switch c := runes[i]; c {
		case '"':
			add(piece{text: until('"')})
		case '[':
			in := strings.ToLower(until(']'))
			switch {
			case in != "" && (strings.Trim(in, "h") == "" || strings.Trim(in, "m") == "" || strings.Trim(in, "s") == ""):
				add(piece{code: beyond})
				add(piece{code: in[0]})
			case strings.HasPrefix(in, "$"): // a currency
				sign, _, _ := strings.Cut(in[1:], "-")
				add(piece{text: strings.ToUpper(sign)})
			}
		case '\\':
			if i++; i < len(runes) {
				add(piece{text: string(runes[i])})
			}
		case '_', '*': // a space as wide as, or filled with, the next
			i++
		case ';':
			out = append(out, nil)
		default:
			if c < 0x80 {
				add(piece{code: byte(c)})
			} else {
				add(piece{text: string(c)})
			}
		}
	}
	return out
}

func parseSection(pieces []piece) *format {
	var letters strings.Builder
	for _, p := range pieces {
		if p.code != 0 {
			letters.WriteByte(p.code)
		}
	}
	code := strings.ToLower(letters.String())
	switch {
	case strings.TrimSpace(code) == "general":
		return nil
	case strings.ContainsAny(code, "ymdhs"):
		return parseDate(code)
	}
	return parseNumber(pieces)
}

// parseDate finds what a form shows of a date. An m beside hours or seconds
// means minutes.
func parseDate(code string) *format {
	f := &format{date: true, elapsed: strings.IndexByte(code, beyond) >= 0}
	code = strings.NewReplacer("am/pm", "", "a/p", "").Replace(code)
	var last byte
	for i := range len(code) {
		c := code[i]
		if c < 'a' || c > 'z' || i > 0 && code[i-1] == c {
			continue
		}
		switch {
		case c == 'y' || c == 'e': // e in East Asia
			f.year = true
		case c == 'd':
			f.day = true
		case c == 's':
			f.second = true
		case c == 'h' || c == 'm' && (last == 'h' || strings.HasPrefix(strings.TrimLeft(code[i:], "m:. "), "s")):
			f.hour = true
		case c == 'm':
			f.month = true
		}
		last = c
	}
	return f
}

func parseNumber(pieces []piece) *format {
	f := &format{}
	point, seen := false, false
	for _, p := range pieces {
		switch {
		case p.code == '0' || p.code == '#' || p.code == '?':
			if f.suffix != "" {
				return nil // digits after a text after the point
			}
			if seen = true; !point {
				f.digits = append(f.digits, place{mark: p.code})
				continue
			}
			if f.decimals++; p.code == '0' {
				f.minimum = f.decimals
			}
		case p.code == '.' && !point && seen:
			point = true
		case p.code == ',' && seen: // no marks between thousands: the number may name something
		case p.code == ',' || p.code == '.' || p.code == '/' || p.code == '@' || p.code == 'E' || p.code == 'e':
			return nil
		default:
			text := p.text
			if p.code != 0 {
				text = string(rune(p.code))
			}
			if p.code == '%' {
				f.percent = true
			}
			if point {
				f.suffix += text
			} else {
				f.digits = append(f.digits, place{text: text})
			}
		}
	}
	if !seen {
		return nil
	}
	return f
}

// show writes a number as a person reads it.
func (f *format) show(x float64, e epoch) string {
	switch {
	case f == nil:
		return plain(x)
	case f.date:
		return f.showDate(x, e)
	case x < 0 && f.negative != nil:
		return f.negative.showNumber(-x)
	}
	return f.showNumber(x)
}

func (f *format) showDate(x float64, e epoch) string {
	t, ok := e.time(x)
	switch {
	case !ok:
		return plain(x)
	case f.elapsed:
		s := int64(math.Round(x * 86400))
		return strconv.FormatInt(s/3600, 10) + time.Unix(s%3600, 0).UTC().Format(":04:05")
	case f.year && !f.month && !f.day && !f.hour:
		return t.Format("2006")
	case f.year && f.month && !f.day && !f.hour:
		return t.Format("2006-01")
	}
	out := ""
	if f.year || f.month || f.day {
		out = "2006-01-02"
	}
	switch {
	case f.second:
		out += " 15:04:05"
	case f.hour:
		out += " 15:04"
	}
	return t.Format(strings.TrimPrefix(out, " "))
}

func (f *format) showNumber(x float64) string {
	if math.Abs(x) >= 1e15 {
		return plain(x)
	}
	if f.percent {
		x *= 100
	}
	digits := strconv.FormatFloat(math.Abs(x), 'f', f.decimals, 64)
	whole, part, _ := strings.Cut(digits, ".")
	for len(part) > f.minimum && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	out := f.suffix
	if part != "" {
		out = "." + part + out
	}
	places := 0
	for _, p := range f.digits {
		if p.mark != 0 {
			places++
		}
	}
	for i := len(f.digits) - 1; i >= 0; i-- {
		switch p := f.digits[i]; {
		case p.mark == 0:
			out = p.text + out
			continue
		case whole == "" && p.mark == '0':
			out = "0" + out
		case whole != "" && places == 1: // the first place takes what is left
			out, whole = whole+out, ""
		case whole != "":
			out, whole = whole[len(whole)-1:]+out, whole[:len(whole)-1]
		}
		places--
	}
	if x < 0 {
		out = "-" + out
	}
	return strings.TrimSpace(out)
}

// plain writes a number without an exponent, where it is not absurd, and with
// the 15 digits that such programs keep.
func plain(x float64) string {
	if a := math.Abs(x); a != 0 && (a < 1e-9 || a >= 1e21) {
		return strconv.FormatFloat(x, 'g', 15, 64)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil {
		short = x
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
