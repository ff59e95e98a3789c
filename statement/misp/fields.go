package misp

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/comity-project/comity/statement/stix"
)

// hashNames is how STIX names the hashes that MISP has types for.
var hashNames = map[string]string{
	"md5": "MD5", "sha1": "SHA-1", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512",
	"sha3-224": "SHA3-224", "sha3-256": "SHA3-256", "sha3-384": "SHA3-384", "sha3-512": "SHA3-512", "ssdeep": "SSDEEP", "tlsh": "TLSH",
}

// field is a property of an observable that holds a value of MISP.
type field struct{ path, value string }

// simpleFields is where a value of one part goes.
var simpleFields = map[string]string{
	"domain": "domain-name:value", "hostname": "domain-name:value",
	"url": "url:value", "uri": "url:value",
	"email": "email-addr:value", "email-src": "email-addr:value", "email-dst": "email-addr:value",
	"filename": "file:name", "mutex": "mutex:name", "mac-address": "mac-addr:value",
	"port":                    "network-traffic:dst_port",
	"email-subject":           "email-message:subject",
	"email-message-id":        "email-message:message_id",
	"size-in-bytes":           "file:size",
	"user-agent":              "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
	"x509-fingerprint-md5":    "x509-certificate:hashes.MD5",
	"x509-fingerprint-sha1":   "x509-certificate:hashes.'SHA-1'",
	"x509-fingerprint-sha256": "x509-certificate:hashes.'SHA-256'",
}

var plainWord = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

func hashField(name string) string {
	if plainWord.MatchString(name) {
		return "file:hashes." + name
	}
	return "file:hashes." + stix.QuotePattern(name)
}

func addressField(prefix, value string) (string, bool) {
	host, _, _ := strings.Cut(value, "/")
	a, err := netip.ParseAddr(host)
	if err != nil {
		return "", false
	}
	if a.Is4() {
		return prefix + "ipv4-addr:value", true
	}
	return prefix + "ipv6-addr:value", true
}

// hives are the short names of registry hives, which STIX does not allow.
var hives = map[string]string{
	"HKLM": "HKEY_LOCAL_MACHINE", "HKCC": "HKEY_CURRENT_CONFIG", "HKCR": "HKEY_CLASSES_ROOT", "HKCU": "HKEY_CURRENT_USER", "HKU": "HKEY_USERS",
}

func registryKey(s string) string {
	hive, rest, ok := strings.Cut(s, `\`)
	if full, short := hives[strings.ToUpper(hive)]; ok && short {
		return full + `\` + rest
	}
	return s
}

// fields is what an attribute says in terms of STIX, or none where STIX has no
// words for it.
func (a *Attribute) fields() []field {
	if path, ok := simpleFields[a.Type]; ok {
		if number(path) {
			if _, err := strconv.Atoi(a.Value); err != nil {
				return nil
			}
		}
		return []field{{path, a.Value}}
	}
	if name, ok := hashNames[a.Type]; ok {
		return []field{{hashField(name), a.Value}}
	}
	first, second, two := strings.Cut(a.Value, "|")
	switch a.Type {
	case "ip-src", "ip-dst":
		if path, ok := addressField("", a.Value); ok {
			return []field{{path, a.Value}}
		}
	case "AS":
		if n, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(a.Value), "AS")); err == nil && n >= 0 {
			return []field{{"autonomous-system:number", strconv.Itoa(n)}}
		}
	case "regkey":
		return []field{{"windows-registry-key:key", registryKey(a.Value)}}
	case "regkey|value":
		if two {
			return []field{{"windows-registry-key:key", registryKey(first)}, {"windows-registry-key:values[*].data", second}}
		}
	case "hostname|port", "ip-dst|port", "ip-src|port":
		side := "dst"
		if a.Type == "ip-src|port" {
			side = "src"
		}
		if _, err := strconv.Atoi(second); two && err == nil {
			return []field{{"network-traffic:" + side + "_ref.value", first}, {"network-traffic:" + side + "_port", second}}
		}
	case "domain|ip":
		if two {
			return []field{{"domain-name:value", first}, {"domain-name:resolves_to_refs[*].value", second}}
		}
	default:
		if name, ok := hashNames[strings.TrimPrefix(a.Type, "filename|")]; ok && two && strings.HasPrefix(a.Type, "filename|") {
			return []field{{"file:name", first}, {hashField(name), second}}
		}
	}
	return nil
}

func number(path string) bool {
	return strings.HasSuffix(path, "_port") || strings.HasSuffix(path, ":number") || strings.HasSuffix(path, ":size")
}

// pattern writes fields as a STIX pattern.
func pattern(fields []field) string {
	var parts []string
	for _, f := range fields {
		value := stix.QuotePattern(f.value)
		if number(f.path) {
			value = f.value
		}
		parts = append(parts, f.path+" = "+value)
	}
	return "[" + strings.Join(parts, " AND ") + "]"
}

// unpattern reads the fields back from a pattern of one bracket whose
// comparisons are all equalities joined by AND.
func unpattern(s string) ([]field, bool) {
	p, err := stix.ParsePattern(s)
	if err != nil || p.Root.Inside == nil || len(p.Root.Qualifiers) > 0 || p.Root.Inside.Op == "OR" {
		return nil, false
	}
	for _, part := range p.Root.Inside.Parts {
		if part.Comparison == nil {
			return nil, false
		}
	}
	var fields []field
	for _, c := range p.Comparisons {
		if c.Op != "=" || c.Not || len(c.Values) != 1 {
			return nil, false
		}
		fields = append(fields, field{c.Field(), c.Values[0].Text})
	}
	return fields, true
}

// attributeOf is the type and value MISP has for fields, or "" where it has
// none; asked is the type that the fields came from, if known.
func attributeOf(fields []field, asked string) (typ, value string) {
	hash := func(path string) string {
		for t, name := range hashNames {
			if path == hashField(name) || strings.EqualFold(path, "file:hashes."+t) {
				return t
			}
		}
		return ""
	}
	candidates := []string{asked}
	var joined []string
	for _, f := range fields {
		joined = append(joined, f.value)
	}
	value = strings.Join(joined, "|")
	switch {
	case len(fields) == 1:
		switch fields[0].path {
		case "domain-name:value":
			candidates = append(candidates, "domain")
		case "url:value":
			candidates = append(candidates, "url")
		case "email-addr:value":
			candidates = append(candidates, "email")
		case "ipv4-addr:value", "ipv6-addr:value":
			candidates = append(candidates, "ip-dst")
		case "autonomous-system:number":
			value = "AS" + value
			candidates = append(candidates, "AS")
		case "windows-registry-key:key":
			candidates = append(candidates, "regkey")
		default:
			candidates = append(candidates, hash(fields[0].path))
			for t, path := range simpleFields {
				if path == fields[0].path {
					candidates = append(candidates, t)
				}
			}
		}
	case len(fields) == 2 && fields[0].path == "file:name" && hash(fields[1].path) != "":
		candidates = append(candidates, "filename|"+hash(fields[1].path))
	case len(fields) == 2:
		candidates = append(candidates, "ip-dst|port", "domain|ip", "regkey|value")
	}
	for _, t := range candidates {
		// The type fits if it leads to the same fields again.
		a := Attribute{Type: t, Value: value}
		if got := a.fields(); t != "" && same(got, fields) {
			return t, value
		}
	}
	// A hash whose name the author spelled in his own way still is that hash.
	if len(fields) == 1 && hash(fields[0].path) != "" {
		return hash(fields[0].path), value
	}
	return "", ""
}

func same(a, b []field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
