package stix

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// observableSpace is the namespace the standard gives for the ids of
// observables (STIX 2.1, 2.9).
var observableSpace = [16]byte{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}

// ownSpace is the namespace of our own ids: the name-based UUID of
// github.com/comity-project/comity among domain names. It never changes.
var ownSpace = uuid5([16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}, []byte("github.com/comity-project/comity"))

func uuid5(space [16]byte, name []byte) (u [16]byte) {
	h := sha1.New()
	h.Write(space[:])
	h.Write(name)
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

func uuidText(u [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// ownID is the id of something that Comity itself defines.
func ownID(typ, name string) string { return typ + "--" + uuidText(uuid5(ownSpace, []byte(name))) }

// NamedID is an id that follows from a name within the caller's own space: the
// same words give the same id on every node.
func NamedID(typ string, words ...string) string {
	return ownID(typ, strings.Join(append([]string{typ}, words...), "\x00"))
}

// contributing names the properties an observable's id follows from.
var contributing = map[string][]string{
	"artifact":             {"hashes", "payload_bin"},
	"autonomous-system":    {"number"},
	"directory":            {"path"},
	"domain-name":          {"value"},
	"email-addr":           {"value"},
	"email-message":        {"from_ref", "subject", "body"},
	"file":                 {"hashes", "name", "extensions", "parent_directory_ref"},
	"ipv4-addr":            {"value"},
	"ipv6-addr":            {"value"},
	"mac-addr":             {"value"},
	"mutex":                {"name"},
	"network-traffic":      {"start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"},
	"software":             {"name", "cpe", "swid", "vendor", "version"},
	"url":                  {"value"},
	"user-account":         {"account_type", "user_id", "account_login"},
	"windows-registry-key": {"key", "values"},
	"x509-certificate":     {"hashes", "serial_number"},
}

// ObservableID is the deterministic id the standard gives an observable, so
// that two authors who saw the same thing name it alike. It is "" where the
// type has none (process) or nothing it could follow from is there.
func ObservableID(o *Value) string {
	typ := o.text("type")
	var from Value
	from.Kind = Map
	for _, name := range contributing[typ] {
		v, ok := o.Get(name)
		if !ok {
			continue
		}
		if name == "hashes" {
			v = firstHash(v)
		}
		from.Members = append(from.Members, Member{name, *v})
	}
	if len(from.Members) == 0 {
		return ""
	}
	canonical, err := Canonical(from.JSON())
	if err != nil {
		return ""
	}
	return typ + "--" + uuidText(uuid5(observableSpace, canonical))
}

// firstHash keeps the one hash that counts: MD5, SHA-1, SHA-256, SHA-512 in that
// order, or else the first by name.
func firstHash(v *Value) *Value {
	if len(v.Members) == 0 {
		return v
	}
	for _, name := range []string{"MD5", "SHA-1", "SHA-256", "SHA-512"} {
		if h, ok := v.Get(name); ok {
			return &Value{Kind: Map, Members: []Member{{name, *h}}}
		}
	}
	first := slices.MinFunc(v.Members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return &Value{Kind: Map, Members: []Member{first}}
}

// Canonical is the RFC 8785 form of a JSON value: the one way to write it.
func Canonical(b []byte) ([]byte, error) {
	v := jsontext.Value(slices.Clone(b))
	if err := v.Canonicalize(); err != nil {
		return nil, fmt.Errorf("stix: canonical form: %w", err)
	}
	return v, nil
}

// JSON writes the value, members in the order they have.
func (v *Value) JSON() []byte { return v.appendJSON(nil) }

func (v *Value) appendJSON(b []byte) []byte {
	switch v.Kind {
	case Null:
		return append(b, "null"...)
	case Boolean:
		return fmt.Append(b, v.True)
	case Number:
		return append(b, v.Text...)
	case String:
		return appendText(b, v.Text)
	case List:
		b = append(b, '[')
		for i := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.Items[i].appendJSON(b)
		}
		return append(b, ']')
	default:
		b = append(b, '{')
		for i := range v.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, v.Members[i].Name), ':')
			b = v.Members[i].Value.appendJSON(b)
		}
		return append(b, '}')
	}
}

func appendText(b []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil { // invalid UTF-8, which Read refuses
		q, _ := json.Marshal(s)
		return append(b, q...)
	}
	return quoted
}
