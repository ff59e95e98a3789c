package controls

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Quantity is a number with a unit found in a text or given as a parameter,
// reduced to the base unit of its kind (metre, second, hertz, watt, gram, litre,
// bit per second, degree Celsius, count of what the kind names).
type Quantity struct {
	Kind  string  // "length", "time", "frequency" ...
	Value float64 // in the base unit
	Text  string  // as written

	word     int // index of the word it starts at
	sentence int
	aside    bool
}

type unit struct {
	kind   string
	factor float64
}

// units are looked up as written first (MW is not mW), then in lower case.
var units = map[string]unit{
	"mW": {"power", 1e-3}, "MW": {"power", 1e6}, "w": {"power", 1}, "kw": {"power", 1e3}, "gw": {"power", 1e9}, "watt": {"power", 1}, "watts": {"power", 1}, "kilowatt": {"power", 1e3}, "kilowatts": {"power", 1e3}, "milliwatt": {"power", 1e-3}, "µw": {"power", 1e-6},
	"hz": {"frequency", 1}, "khz": {"frequency", 1e3}, "mhz": {"frequency", 1e6}, "ghz": {"frequency", 1e9}, "thz": {"frequency", 1e12}, "fps": {"frequency", 1},
	"nm": {"length", 1e-9}, "µm": {"length", 1e-6}, "μm": {"length", 1e-6}, "um": {"length", 1e-6}, "micron": {"length", 1e-6}, "microns": {"length", 1e-6}, "micrometre": {"length", 1e-6}, "micrometres": {"length", 1e-6}, "micrometer": {"length", 1e-6}, "micrometers": {"length", 1e-6},
	"mm": {"length", 1e-3}, "millimetre": {"length", 1e-3}, "millimetres": {"length", 1e-3}, "cm": {"length", 1e-2}, "m": {"length", 1}, "metre": {"length", 1}, "metres": {"length", 1}, "meter": {"length", 1}, "meters": {"length", 1}, "km": {"length", 1e3}, "kilometre": {"length", 1e3}, "kilometres": {"length", 1e3}, "kilometers": {"length", 1e3}, "inch": {"length", 0.0254}, "inches": {"length", 0.0254}, "ft": {"length", 0.3048}, "feet": {"length", 0.3048}, "nanometre": {"length", 1e-9}, "nanometres": {"length", 1e-9}, "nanometer": {"length", 1e-9},
	"mg": {"mass", 1e-3}, "g": {"mass", 1}, "gram": {"mass", 1}, "grams": {"mass", 1}, "kg": {"mass", 1e3}, "kilogram": {"mass", 1e3}, "kilograms": {"mass", 1e3}, "tonne": {"mass", 1e6}, "tonnes": {"mass", 1e6}, "t": {"mass", 1e6},
	"fs": {"time", 1e-15}, "ps": {"time", 1e-12}, "ns": {"time", 1e-9}, "µs": {"time", 1e-6}, "μs": {"time", 1e-6}, "us": {"time", 1e-6}, "ms": {"time", 1e-3}, "s": {"time", 1}, "sec": {"time", 1}, "second": {"time", 1}, "seconds": {"time", 1}, "min": {"time", 60}, "mins": {"time", 60}, "minute": {"time", 60}, "minutes": {"time", 60}, "h": {"time", 3600}, "hr": {"time", 3600}, "hrs": {"time", 3600}, "hour": {"time", 3600}, "hours": {"time", 3600}, "day": {"time", 86400}, "days": {"time", 86400}, "microsecond": {"time", 1e-6}, "microseconds": {"time", 1e-6}, "nanosecond": {"time", 1e-9}, "nanoseconds": {"time", 1e-9}, "picosecond": {"time", 1e-12}, "picoseconds": {"time", 1e-12}, "femtosecond": {"time", 1e-15}, "femtoseconds": {"time", 1e-15}, "millisecond": {"time", 1e-3}, "milliseconds": {"time", 1e-3},
	"ml": {"volume", 1e-3}, "l": {"volume", 1}, "L": {"volume", 1}, "litre": {"volume", 1}, "litres": {"volume", 1}, "liter": {"volume", 1}, "liters": {"volume", 1}, "m3": {"volume", 1e3}, "m³": {"volume", 1e3}, "gallon": {"volume", 3.785}, "gallons": {"volume", 3.785},
	"gsps": {"samplerate", 1e9}, "msps": {"samplerate", 1e6}, "ksps": {"samplerate", 1e3},
	"bit": {"bits", 1}, "bits": {"bits", 1}, "gbps": {"bitrate", 1e9}, "mbps": {"bitrate", 1e6}, "kbps": {"bitrate", 1e3}, "tbps": {"bitrate", 1e12},
	"db": {"decibel", 1}, "dbm": {"dbm", 1}, "v": {"voltage", 1}, "kv": {"voltage", 1e3}, "mv": {"voltage", 1e-3}, "volt": {"voltage", 1}, "volts": {"voltage", 1}, "a": {"current", 1}, "ka": {"current", 1e3}, "amp": {"current", 1}, "amps": {"current", 1},
	"°c": {"temperature", 1}, "celsius": {"temperature", 1}, "rpm": {"rotation", 1}, "%": {"percent", 1}, "percent": {"percent", 1}, "ppm": {"ppm", 1},
	"tops": {"tops", 1}, "tpp": {"tpp", 1}, "tflops": {"tflops", 1}, "teraflops": {"tflops", 1}, "megapixel": {"pixels", 1e6}, "megapixels": {"pixels", 1e6}, "mp": {"pixels", 1e6}, "pixel": {"pixels", 1}, "pixels": {"pixels", 1},
	"axis": {"axes", 1}, "axes": {"axes", 1}, "channel": {"channels", 1}, "channels": {"channels", 1}, "rotor": {"rotors", 1}, "core": {"cores", 1}, "cores": {"cores", 1}, "qubit": {"qubits", 1}, "qubits": {"qubits", 1},
	"mpa": {"pressure", 1e6}, "kpa": {"pressure", 1e3}, "gpa": {"pressure", 1e9}, "pa": {"pressure", 1}, "bar": {"pressure", 1e5}, "mbar": {"pressure", 100}, "torr": {"pressure", 133.3}, "mj": {"energy", 1e-3}, "j": {"energy", 1}, "joule": {"energy", 1}, "joules": {"energy", 1}, "kj": {"energy", 1e3}, "n": {"force", 1}, "kn": {"force", 1e3},
	"gpixel": {"pixelrate", 1e9}, "gigapixel": {"pixelrate", 1e9}, "arcsec": {"arcsecond", 1}, "arcsecond": {"arcsecond", 1}, "arcseconds": {"arcsecond", 1}, "mrad": {"angle", 1e-3}, "target": {"targets", 1}, "targets": {"targets", 1}, "employee": {"staff", 1}, "employees": {"staff", 1}, "face": {"faces", 1}, "faces": {"faces", 1}, "km/h": {"speed", 1}, "°/h": {"drift", 1},
	"knot": {"speed", 1.852}, "knots": {"speed", 1.852}, "tesla": {"field", 1}, "db/hz": {"decibel", 1}, "serdes": {"transceivers", 1},
}

var numberWords = map[string]float64{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "twenty": 20, "thirty": 30, "sixty": 60, "half": 0.5}

// lookupUnit finds a unit as written, then in lower case.
func lookupUnit(s string) (unit, bool) {
	if u, ok := units[s]; ok {
		return u, true
	}
	u, ok := units[strings.ToLower(s)]
	return u, ok
}

// ToBase turns a value in a named unit into the base unit of its kind. ok is
// false for a unit the package does not know.
func ToBase(value float64, unitName string) (kind string, base float64, ok bool) {
	u, ok := lookupUnit(strings.TrimSpace(unitName))
	if !ok || math.IsNaN(value) || math.IsInf(value, 0) {
		return "", 0, false
	}
	return u.kind, value * u.factor, true
}

// maxQuantities bounds the quantities read from one text.
const maxQuantities = 400

// quantities finds the numbers with units in a text. ws are the words of the
// same text.
func quantities(text string, toks []token, ws []word) []Quantity {
	var out []Quantity
	type pending struct {
		value float64
		tok   int
	}
	var row []pending // numbers that share the unit to come: "650 x 520 x 475 mm", "200-400 kHz"
	times := false    // the row was joined by "x"
	flushPixels := func() {
		if times && len(row) == 2 && row[0].value >= 16 && row[1].value >= 16 && row[0].value == math.Trunc(row[0].value) {
			out = append(out, Quantity{Kind: "pixels", Value: row[0].value * row[1].value, Text: text[toks[row[0].tok].start:toks[row[1].tok].end], word: row[0].tok, sentence: toks[row[0].tok].sentence, aside: ws[row[0].tok].aside})
		}
		row, times = row[:0], false
	}
	for i := 0; i < len(toks) && len(out) < maxQuantities; i++ {
		raw := toks[i].raw
		value, used, rest, isNumber := numberAt(text, toks, i)
		if !isNumber {
			if v, ok := numberWords[strings.ToLower(raw)]; ok && i+1 < len(toks) {
				if _, ok := lookupUnit(toks[i+1].raw); ok {
					row = append(row[:0], pending{v, i})
					continue
				}
			}
			low := strings.ToLower(raw)
			if len(row) > 0 && (low == "x" || low == "to" || low == "and") {
				times = times || low == "x"
				continue
			}
			if len(row) > 0 {
				if u, end, ok := unitAt(toks, i, text); ok {
					for _, p := range row {
						out = append(out, Quantity{Kind: u.kind, Value: p.value * u.factor, Text: text[toks[p.tok].start:toks[end].end], word: p.tok, sentence: toks[p.tok].sentence, aside: ws[p.tok].aside})
					}
					if times && u.kind == "pixels" {
						flushPixels()
					}
				} else {
					flushPixels()
				}
			}
			row, times = row[:0], false
			continue
		}
		if named := namedNumber(ws, i); named != "" {
			out = append(out, Quantity{Kind: named, Value: value, Text: raw, word: i, sentence: toks[i].sentence, aside: ws[i].aside})
		}
		if len(row) > 0 && !joined(text, toks, i, times) {
			flushPixels()
		}
		if len(row) < 8 {
			row = append(row, pending{value, i})
		}
		last := i + used - 1
		if rest != "" { // "640x512", "60Hz", "1W"
			if strings.HasPrefix(rest, "x") && len(rest) > 1 {
				if v, err := strconv.ParseFloat(rest[1:], 64); err == nil {
					row, times = append(row, pending{v, i}), true
				}
			} else if u, ok := lookupUnit(rest); ok {
				for _, p := range row {
					out = append(out, Quantity{Kind: u.kind, Value: p.value * u.factor, Text: text[toks[p.tok].start:toks[last].end], word: p.tok, sentence: toks[p.tok].sentence, aside: ws[p.tok].aside})
				}
				row, times = row[:0], false
			} else {
				row, times = row[:0], false
			}
		}
		i = last
	}
	flushPixels()
	return out
}

// namedNumber gives the kind of a number without unit whose name stands before
// it: "total processing performance of 8,000".
func namedNumber(ws []word, i int) string {
	for j := i - 1; j >= 0 && j >= i-5 && ws[j].sentence == ws[i].sentence; j-- {
		if ws[j].text == "tpp" || ws[j].text == "performance" && j > 0 && ws[j-1].text == "processing" {
			return "tpp"
		}
	}
	return ""
}

// joined says whether the number at i continues the row before it.
func joined(text string, toks []token, i int, times bool) bool {
	if i == 0 {
		return false
	}
	prev := strings.ToLower(toks[i-1].raw)
	if prev == "x" || prev == "to" || prev == "and" {
		return true
	}
	gap := strings.TrimSpace(text[toks[i-1].end:toks[i].start])
	return gap == "-" || gap == "–" || gap == "/" || gap == "×" || gap == "x" || times && gap == "×"
}

// unitAt reads a unit of one or two words ("frames per second", "km/h").
func unitAt(toks []token, i int, text string) (unit, int, bool) {
	raw := toks[i].raw
	low := strings.ToLower(raw)
	if i+2 < len(toks) && strings.EqualFold(toks[i+1].raw, "per") || i+1 < len(toks) && toks[i+1].start == toks[i].end+1 && text[toks[i].end] == '/' {
		second := toks[i+1].raw
		end := i + 1
		if strings.EqualFold(second, "per") {
			second, end = toks[i+2].raw, i+2
		}
		second = strings.ToLower(second)
		switch {
		case (low == "frames" || low == "frame") && strings.HasPrefix(second, "s"):
			return unit{"frequency", 1}, end, true
		case low == "km" && (second == "h" || second == "hour"):
			return unit{"speed", 1}, end, true
		case low == "m" && (second == "s" || second == "second"):
			return unit{"speed", 3.6}, end, true
		case (low == "gbit" || low == "gb" || low == "gbits") && strings.HasPrefix(second, "s"):
			return unit{"bitrate", 1e9}, end, true
		case (low == "mbit" || low == "mb" || low == "mbits") && strings.HasPrefix(second, "s"):
			return unit{"bitrate", 1e6}, end, true
		case (low == "tbit" || low == "tb") && strings.HasPrefix(second, "s"):
			return unit{"bitrate", 1e12}, end, true
		case (low == "°" || low == "deg" || low == "degree" || low == "degrees") && strings.HasPrefix(second, "h"):
			return unit{"drift", 1}, end, true
		case (low == "l" || low == "litres" || low == "litre") && (second == "h" || second == "hour"):
			return unit{"flow", 1e-3}, end, true
		case (low == "m3" || low == "m³") && (second == "h" || second == "hour"):
			return unit{"flow", 1}, end, true
		case low == "gigapixel" || low == "gpixel" || low == "gpx":
			return unit{"pixelrate", 1e9}, end, true
		}
	}
	switch low {
	case "million":
		if i+1 < len(toks) {
			if u, ok := lookupUnit(toks[i+1].raw); ok {
				return unit{u.kind, u.factor * 1e6}, i + 1, true
			}
		}
	case "arc":
		if i+1 < len(toks) && strings.HasPrefix(strings.ToLower(toks[i+1].raw), "sec") {
			return unit{"arcsecond", 1}, i + 1, true
		}
	}
	u, ok := lookupUnit(raw)
	return u, i, ok
}

// numberAt reads the number that starts at token i: digits, decimal sign,
// thousands groups. used counts tokens; rest is what hangs on without a space.
func numberAt(text string, toks []token, i int) (value float64, used int, rest string, ok bool) {
	digits, rest := splitDigits(toks[i].raw)
	if digits == "" {
		return 0, 0, "", false
	}
	used = 1
	num, groups := digits, false
	for rest == "" && i+used < len(toks) && used < 6 {
		next := toks[i+used]
		gap := text[toks[i+used-1].end:next.start]
		d, r := splitDigits(next.raw)
		if d == "" {
			break
		}
		if (gap == " " || gap == "\u00a0" || gap == "\u202f" || gap == ",") && len(d) == 3 && r == "" && len(digits) <= 3 && !strings.Contains(num, ".") && (gap != "," || groups || digits != "0") {
			num, groups = num+d, true
			used++
			continue
		}
		if (gap == "." || gap == ",") && !strings.Contains(num, ".") {
			num += "." + d
			rest = r
			used++
			continue
		}
		break
	}
	v, err := strconv.ParseFloat(num, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, 0, "", false
	}
	return v, used, rest, true
}

func splitDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == 0 || i > 15 {
		return "", s
	}
	rest = s[i:]
	if rest != "" {
		if r, _ := utf8.DecodeRuneInString(rest); r == utf8.RuneError {
			return "", s
		}
	}
	return s[:i], rest
}
