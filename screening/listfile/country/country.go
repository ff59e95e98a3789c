// Package country turns the many ways in which official lists write a country
// into its ISO 3166-1 alpha-2 code, and back into one English name.
//
// Lists write "Korea, North", "DPRK", "Democratic People's Republic of Korea",
// "PRK" or "North Korean" for one state. The table behind this package holds
// names, three-letter codes and the forms met in the lists that the project
// reads. Codes outside ISO 3166-1 that states use, such as XK for Kosovo, are in
// it. A form that is not in the table has no code: the caller counts it and
// shows it, and never guesses.
//
// A name here says how a source wrote a place. It is no statement about the
// status of any territory.
package country

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed countries.csv
var table string

type tables struct {
	code map[string]string // folded form or three-letter code -> alpha-2
	name map[string]string // alpha-2 -> English name
}

var load = sync.OnceValue(func() tables {
	t := tables{map[string]string{}, map[string]string{}}
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("country: the built-in table is broken: %v", err))
	}
	for _, r := range rows[1:] {
		code := r[0]
		t.name[code] = r[2]
		for _, form := range append([]string{r[0], r[1], r[2]}, strings.Split(r[3], "|")...) {
			if form != "" {
				t.code[fold(form)] = code
			}
		}
	}
	return t
})

// Code is the alpha-2 code of a country as a list wrote it: a name, a form of
// it, the adjective, or a code of two or three letters. It is "" when the form
// is not known.
func Code(written string) string {
	t := load()
	f := fold(written)
	if c := t.code[f]; c != "" {
		return c
	}
	return t.code[strings.TrimPrefix(f, "the ")]
}

// Name is the English name for an alpha-2 code, or "" when there is none.
func Name(code string) string { return load().name[code] }

// Codes reads a cell that may name several countries ("Russian, Swiss",
// "(a) German, (b) Moroccan", "Syrian/Lebanese") and gives their codes in the
// order of the text, each once, and the parts that are no known country.
func Codes(written string) (codes, unknown []string) {
	if c := Code(written); c != "" {
		return []string{c}, nil
	}
	for _, part := range parts(written, marks) {
		if c := Code(part); c != "" {
			codes = append(codes, c)
			continue
		}
		for _, smaller := range parts(part, words) {
			if c := Code(smaller); c != "" {
				codes = append(codes, c)
			} else {
				unknown = append(unknown, smaller)
			}
		}
	}
	return once(codes), unknown
}

var (
	marks = strings.NewReplacer("(a)", ",", "(b)", ",", "(c)", ",", "(d)", ",", "a) ", ",", " b) ", ",", "/", ",", ";", ",")
	// Words between countries come second: "Trinidad and Tobago" is one.
	words      = strings.NewReplacer(" and/or ", ",", " and ", ",", " or ", ",", "or ", ",", ". ", ",", " (", ",")
	qualifiers = []string{"possibly ", "allegedly ", "assumed ", "presumed ", "reportedly "}
)

// parts cuts at marks and takes away words that qualify the statement; what
// qualifies stays in the source's text.
func parts(s string, marks *strings.Replacer) []string {
	var out []string
	for part := range strings.SplitSeq(marks.Replace(s), ",") {
		part = strings.Trim(strings.TrimSpace(part), ".\")")
		for _, q := range qualifiers {
			if len(part) > len(q) && strings.EqualFold(part[:len(q)], q) {
				part = part[len(q):]
			}
		}
		if part != "" && part != "presumed" {
			out = append(out, part)
		}
	}
	return out
}

func once(codes []string) []string {
	var out []string
	for _, c := range codes {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// fold makes forms comparable: lower case, one kind of apostrophe, no accents
// on the letters that country names use, single spaces.
func fold(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	return strings.TrimRight(accents.Replace(s), ".")
}

var accents = strings.NewReplacer("’", "'", "`", "'", "ô", "o", "é", "e", "ã", "a", "í", "i", "ü", "u", "ç", "c", "å", "a", "Å", "a")
