package stix

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// wants is what each kind asks for, in words, and the JSON kind it needs.
var wants = map[string]Kind{
	"boolean": Boolean, "integer": Number, "float": Number, "dictionary": Map, "hashes": Map, "part": Map, "map": Map,
}

func (c *check) kind(v *Value, at *trail, p *property) {
	want, ok := wants[p.kind]
	if !ok {
		want = String
	}
	if v.Kind != want {
		advice := "correct the value"
		if v.Kind == Null {
			advice = "leave the property out"
		}
		c.fail(at, "kind", advice, "want %s, not %s", want, v.Kind)
		return
	}
	switch p.kind {
	case "string":
		if p.open != "" {
			c.open(v.Text, at, p.open)
		}
	case "enum":
		if words := c.table.words[p.arg]; !slices.Contains(words, v.Text) {
			c.fail(at, "value", "choose one of "+strings.Join(words, ", "), "%q is not allowed here", shorten(v.Text))
		}
	case "part":
		c.shape(v, at, c.table.parts[p.arg])
		if p.arg == "external-reference" {
			c.externalReference(v, at)
		}
	case "integer", "float":
		c.bounded(v, at, p)
	case "reference":
		c.reference(v.Text, at, p)
	case "dictionary":
		c.dictionary(v, at)
	case "hashes":
		c.hashes(v, at)
	case "map":
		c.plain(v, at)
	case "boolean":
	default:
		if f := formats[p.kind]; f.valid != nil && !f.valid(v.Text) {
			c.fail(at, f.code, f.advice, "%q is not %s", shorten(v.Text), f.what)
		}
	}
}

// format is a kind of string.
type format struct {
	valid              func(string) bool
	code, what, advice string
}

var formats = map[string]format{
	"timestamp": {func(s string) bool { _, ok := ParseTime(s); return ok }, "timestamp", "a timestamp", "write UTC as 2006-01-02T15:04:05.000Z"},
	"millis":    {millis, "timestamp", "a timestamp with milliseconds", "write UTC as 2006-01-02T15:04:05.000Z"},
	"id":        {validID, "id", "an id", "write the type, -- and a UUID"},
	"type":      {validTypeName, "type", "the name of a type", "3 to 250 of a-z, 0-9 and single hyphens, a letter first"},
	"relation":  {func(s string) bool { return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" }, "value", "the name of a relationship", "use a-z, 0-9 and hyphens"},
	"hex":       {func(s string) bool { _, err := hex.DecodeString(s); return err == nil && s != "" }, "value", "hexadecimal", "two digits for each byte"},
	"binary": {func(s string) bool {
		_, err := base64.StdEncoding.Strict().DecodeString(s)
		return err == nil && s != ""
	}, "value", "base64", "encode the bytes as RFC 4648 has it"},
	"url":    {validURL, "value", "a URL", "begin with a scheme, such as https://"},
	"lang":   {validLanguage, "value", "a language code", "use RFC 5646, such as en or pt-BR"},
	"domain": {validDomain, "value", "a domain name", "write it without scheme and path"},
	"email":  {validEmail, "value", "an e-mail address", "write name@domain alone"},
	"ipv4":   {func(s string) bool { return validAddress(s, true) }, "value", "an IPv4 address or range", "four numbers up to 255, with /length for a range"},
	"ipv6":   {func(s string) bool { return validAddress(s, false) }, "value", "an IPv6 address or range", "see RFC 5952, with /length for a range"},
	"mac":    {macShape.MatchString, "value", "a MAC address", "six pairs of lower-case hexadecimal digits with colons"},
	"cpe": {func(s string) bool {
		return strings.HasPrefix(s, "cpe:2.3:") && strings.Count(strings.ReplaceAll(s, `\:`, ""), ":") == 12
	}, "value", "a CPE 2.3 name", "cpe:2.3: and eleven fields"},
}

var macShape = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)

func millis(s string) bool {
	_, ok := ParseTime(s)
	_, fraction, _ := strings.Cut(s, ".")
	return ok && len(fraction) >= 4
}

// validTypeName: a-z first, then a-z, 0-9 and single hyphens, 3 to 250 long.
func validTypeName(s string) bool {
	if len(s) < 3 || len(s) > 250 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		b := s[i]
		if b == '-' && i > 0 && s[i-1] == '-' || b != '-' && (b < 'a' || b > 'z') && (b < '0' || b > '9') {
			return false
		}
	}
	return true
}

func validPropertyName(s string) bool {
	return s == "id" || len(s) >= 3 && len(s) <= 250 && lowerWord(s)
}

func lowerWord(s string) bool {
	for i := range len(s) {
		if b := s[i]; b != '_' && (b < 'a' || b > 'z') && (b < '0' || b > '9') {
			return false
		}
	}
	return true
}

func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "" || u.Path != "")
}

func validLanguage(s string) bool {
	_, err := language.Parse(s)
	return err == nil && !strings.Contains(s, "_")
}

func validDomain(s string) bool {
	if s == "" || len(s) > 253 || strings.ContainsAny(s, "/@: \t\r\n[]'\"\\") {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63*4 {
			return false
		}
	}
	return true
}

func validEmail(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && local != "" && validDomain(host) && !strings.ContainsAny(s, " \t\r\n<>")
}

func validAddress(s string, four bool) bool {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return err == nil && p.Addr().Is4() == four
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4() == four
}

// ValidID tells whether s is an id: a type, two hyphens, a UUID of RFC 4122.
func ValidID(s string) bool { return validID(s) }

func validID(s string) bool {
	i := strings.Index(s, "--")
	if i < 0 || !validTypeName(s[:i]) || s[i-1] == '-' {
		return false
	}
	return validUUID(s[i+2:])
}

func validUUID(u string) bool {
	const shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(u) != len(shape) {
		return false
	}
	for i := range len(u) {
		b := u[i] | 0x20
		if shape[i] == '-' {
			if u[i] != '-' {
				return false
			}
		} else if (u[i] < '0' || u[i] > '9') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return u[14] >= '1' && u[14] <= '5' && strings.ContainsRune("89abAB", rune(u[19]))
}

func (c *check) open(word string, at *trail, vocabulary string) {
	if words := c.table.words[vocabulary]; !slices.Contains(words, word) {
		c.warn(at, "vocabulary", "the standard's words are: "+shorten(strings.Join(words, ", ")), "%q is not in the vocabulary %s", shorten(word), vocabulary)
	}
}

// number says whether it is one that every reader reads alike.
func (c *check) number(v *Value, at *trail) {
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || math.IsInf(f, 0) || math.Trunc(f) == f && math.Abs(f) > 1<<53-1 {
		c.fail(at, "value", "use a string for it", "%s is beyond what readers agree on (2^53)", shorten(v.Text))
	}
}

func (c *check) bounded(v *Value, at *trail, p *property) {
	c.number(v, at)
	if p.kind == "integer" && strings.ContainsAny(v.Text, ".eE") {
		c.fail(at, "kind", "write it without point and exponent", "%s is not a whole number", shorten(v.Text))
		return
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		return // said by number
	}
	if f < p.min || f > p.max {
		c.fail(at, "value", "correct the number", "%s is not from %v to %v", v.Text, p.min, p.max)
	}
}

func (c *check) reference(id string, at *trail, p *property) {
	if c.local { // deprecated: the objects within observed data name each other by key
		return
	}
	if !validID(id) {
		c.fail(at, "id", "write the type, -- and a UUID", "%q is not an id", shorten(id))
		return
	}
	if p.types == nil {
		return
	}
	typ, _, _ := strings.Cut(id, "--")
	if slices.Contains(p.types, typ) == p.not {
		if p.not {
			c.fail(at, "reference", "name another object", "this can't be about a %s", typ)
		} else {
			c.fail(at, "reference", "name a "+strings.Join(p.types, " or "), "%q names a %s", shorten(id), shorten(typ))
		}
	}
}

func (c *check) dictionary(v *Value, at *trail) {
	if len(v.Members) == 0 {
		c.fail(at, "empty", "leave the property out", "a dictionary can't be empty")
	}
	for i := range v.Members {
		m := &v.Members[i]
		if len(m.Name) == 0 || len(m.Name) > 250 || strings.Trim(m.Name, dictionaryLetters) != "" {
			c.fail(at.in(m.Name), "name", "1 to 250 of a-z, A-Z, 0-9, - and _", "%q is not a key of a dictionary", shorten(m.Name))
		}
		c.plain(&m.Value, at.in(m.Name))
	}
}

const dictionaryLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// hashShapes is what a hash of each algorithm looks like.
var hashShapes = map[string]*regexp.Regexp{
	"MD5": digits(32), "SHA-1": digits(40), "SHA-256": digits(64), "SHA-512": digits(128), "SHA3-256": digits(64), "SHA3-512": digits(128),
	"SSDEEP": regexp.MustCompile(`^[a-zA-Z0-9/+:.]{1,128}$`),
	"TLSH":   regexp.MustCompile(`^(T1)?[a-zA-Z0-9]{70}$`),
}

func digits(n int) *regexp.Regexp {
	return regexp.MustCompile(`^[a-fA-F0-9]{` + strconv.Itoa(n) + `}$`)
}

func (c *check) hashes(v *Value, at *trail) {
	c.dictionary(v, at)
	for i := range v.Members {
		m := &v.Members[i]
		where := at.in(m.Name)
		if m.Value.Kind != String {
			c.fail(where, "kind", "write the hash as a string", "want a string, not %s", m.Value.Kind)
			continue
		}
		shape, known := hashShapes[m.Name]
		switch {
		case !known:
			c.warn(where, "vocabulary", "use MD5, SHA-1, SHA-256, SHA-512, SHA3-256, SHA3-512, SSDEEP or TLSH", "%q is not the standard's name of an algorithm", shorten(m.Name))
		case !shape.MatchString(m.Value.Text):
			c.fail(where, "value", "copy the hash anew", "%q is not a %s hash", shorten(m.Value.Text), m.Name)
		}
	}
}

var (
	cveShape   = regexp.MustCompile(`^CVE-\d{4}-(0\d{3}|[1-9]\d{3,})$`)
	capecShape = regexp.MustCompile(`^CAPEC-\d+$`)
)

// externalReference holds the two sources the standard names to their numbers.
func (c *check) externalReference(v *Value, at *trail) {
	source, id := v.text("source_name"), v.text("external_id")
	switch {
	case source == "cve" && !cveShape.MatchString(id):
		c.fail(at.in("external_id"), "value", "write CVE-2024-1234", "%q is not a CVE number", shorten(id))
	case source == "capec" && !capecShape.MatchString(id):
		c.fail(at.in("external_id"), "value", "write CAPEC-123", "%q is not a CAPEC number", shorten(id))
	case source != "cve" && cveShape.MatchString(id):
		c.fail(at.in("source_name"), "value", `write "cve"`, "the number is one of CVE and the source %q", shorten(source))
	case source != "capec" && capecShape.MatchString(id):
		c.fail(at.in("source_name"), "value", `write "capec"`, "the number is one of CAPEC and the source %q", shorten(source))
	}
}
