package listfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// widestRange is the longest span of years that is spelled out year by year. A
// wider one says too little to compare and stays in the remarks.
const widestRange = 15

var (
	monthWord = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?`
	dateForms = regexp.MustCompile(`(?i)\b(\d{4})-(\d{2})-(\d{2})\b` +
		`|\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b` +
		`|\b(\d{1,2}) ?` + monthWord + ` ?(\d{4})\b` +
		`|\b` + monthWord + ` (\d{4})\b` +
		`|\b(\d{4})-(\d{2})\b` +
		`|\b(1[89]\d{2}|20\d{2})\b`)
	yearRange = regexp.MustCompile(`(?i)\b(1[89]\d{2}|20\d{2})\s*(?:to|-|–|/|and)\s*(1[89]\d{2}|20\d{2})\b`)
	fullRange = regexp.MustCompile(`(?i)(\d{4})\s+to\s+(?:circa |\d{1,2} )?(?:` + monthWord + ` )?(\d{4})`)
)

// births finds the dates in a text about a birth: "circa 1952", "19.11.1956",
// "20 Apr 1961", "1960 to 1963", "(a) 4.1.1970, (b) 1971". The answers have the
// forms of screening.Entity.Births, in the order of the text, each once.
func births(text string) []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if m := fullRange.FindStringSubmatch(text); m != nil {
		for _, y := range years(m[1], m[3]) {
			add(y)
		}
		return out
	}
	lower := strings.ToLower(text)
	if m := yearRange.FindStringSubmatch(text); m != nil && (!strings.Contains(m[0], "and") || strings.Contains(lower, "between")) {
		for _, y := range years(m[1], m[2]) {
			add(y)
		}
		return out
	}
	for _, m := range dateForms.FindAllStringSubmatch(text, -1) {
		switch {
		case m[1] != "":
			add(isoDate(m[1], m[2], m[3]))
		case m[6] != "":
			add(isoDate(m[6], m[5], m[4]))
		case m[9] != "":
			add(isoDate(m[9], month(m[8]), m[7]))
		case m[11] != "":
			add(m[11] + "-" + month(m[10]))
		case m[12] != "":
			if n, _ := strconv.Atoi(m[13]); n >= 1 && n <= 12 {
				add(m[12] + "-" + m[13])
			} else {
				add(m[12])
			}
		case m[14] != "":
			add(m[14])
		}
	}
	return out
}

// day is the first date in a text, as a date of listing has it; "" when none.
func day(text string) string {
	if b := births(text); len(b) > 0 {
		return b[0]
	}
	return ""
}

// years are all years of a range, or none when it is too wide or turned round.
func years(from, to string) []string {
	a, _ := strconv.Atoi(from)
	b, _ := strconv.Atoi(to)
	if b < a || b-a > widestRange {
		return nil
	}
	var out []string
	for y := a; y <= b; y++ {
		out = append(out, strconv.Itoa(y))
	}
	return out
}

func month(word string) string {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	i := strings.Index(names, strings.ToLower(word[:3]))
	return fmt.Sprintf("%02d", i/3+1)
}

// isoDate gives "2006-01-02"; a day that no calendar has becomes its year.
func isoDate(y, m, d string) string {
	s := fmt.Sprintf("%s-%02s-%02s", y, m, d)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return y
	}
	return s
}
