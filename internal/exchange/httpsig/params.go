package httpsig

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Component is one part of a message that a signature covers.
type Component struct {
	Name    string // lower case; those that begin with @ are derived
	Request bool   // of the request that is answered
}

// String is the component as a signature lists it.
func (c Component) String() string {
	if c.Request {
		return `"` + c.Name + `";req`
	}
	return `"` + c.Name + `"`
}

// Params are what a signature says of itself. Times are seconds since 1970,
// zero for none.
type Params struct {
	Created, Expires  int64
	Nonce, Alg, KeyID string
}

// Input is a line of Signature-Input: what is covered and the parameters.
type Input struct {
	Label      string
	Components []Component
	Params     Params
}

// ErrForm is wrapped where a header can't be read.
var ErrForm = errors.New("httpsig: not a well-formed signature")

// value is the inner list with its parameters, in the order we write them: the
// one of RFC 9421's examples.
func (in *Input) value() string {
	var b strings.Builder
	b.WriteByte('(')
	for i, c := range in.Components {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(c.String())
	}
	b.WriteByte(')')
	if in.Params.Created != 0 {
		fmt.Fprintf(&b, ";created=%d", in.Params.Created)
	}
	if in.Params.Expires != 0 {
		fmt.Fprintf(&b, ";expires=%d", in.Params.Expires)
	}
	for _, p := range []struct{ name, value string }{{"nonce", in.Params.Nonce}, {"keyid", in.Params.KeyID}, {"alg", in.Params.Alg}} {
		if p.value != "" {
			fmt.Fprintf(&b, `;%s="%s"`, p.name, p.value)
		}
	}
	return b.String()
}

// String is the whole member of the header.
func (in *Input) String() string { return in.Label + "=" + in.value() }

const (
	maxHeader     = 4 << 10
	maxComponents = 20
)

// ParseInput reads a Signature-Input of one signature. It takes only the form
// that String writes, so that nothing has two readings.
func ParseInput(s string) (*Input, error) {
	if len(s) > maxHeader {
		return nil, fmt.Errorf("%w: too long", ErrForm)
	}
	var in Input
	label, rest, ok := strings.Cut(s, "=(")
	if !ok || !isLabel(label) {
		return nil, fmt.Errorf("%w: no label", ErrForm)
	}
	in.Label = label
	list, params, ok := strings.Cut(rest, ")")
	if !ok {
		return nil, fmt.Errorf("%w: the list of components has no end", ErrForm)
	}
	if list != "" {
		for item := range strings.SplitSeq(list, " ") {
			name, request := strings.CutSuffix(item, ";req")
			if len(name) < 3 || name[0] != '"' || name[len(name)-1] != '"' || !isName(name[1:len(name)-1]) {
				return nil, fmt.Errorf("%w: component %.40q", ErrForm, item)
			}
			c := Component{name[1 : len(name)-1], request}
			for _, before := range in.Components {
				if before == c {
					return nil, fmt.Errorf("%w: %s twice", ErrForm, c)
				}
			}
			if in.Components = append(in.Components, c); len(in.Components) > maxComponents {
				return nil, fmt.Errorf("%w: too many components", ErrForm)
			}
		}
	}
	if err := in.Params.parse(params); err != nil {
		return nil, err
	}
	if in.String() != s {
		return nil, fmt.Errorf("%w: parameters in another order or form than created, expires, nonce, keyid, alg", ErrForm)
	}
	return &in, nil
}

func (p *Params) parse(s string) error {
	if s == "" {
		return nil
	}
	if s[0] != ';' {
		return fmt.Errorf("%w: something between list and parameters", ErrForm)
	}
	for item := range strings.SplitSeq(s[1:], ";") {
		name, value, _ := strings.Cut(item, "=")
		var number *int64
		var text *string
		switch name {
		case "created":
			number = &p.Created
		case "expires":
			number = &p.Expires
		case "nonce":
			text = &p.Nonce
		case "keyid":
			text = &p.KeyID
		case "alg":
			text = &p.Alg
		default:
			return fmt.Errorf("%w: no parameter %.20q is known", ErrForm, name)
		}
		if number != nil {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n <= 0 || n > 1<<40 {
				return fmt.Errorf("%w: %s is no time", ErrForm, name)
			}
			*number = n
			continue
		}
		if len(value) < 3 || value[0] != '"' || value[len(value)-1] != '"' || !isText(value[1:len(value)-1]) {
			return fmt.Errorf("%w: %s is no text", ErrForm, name)
		}
		*text = value[1 : len(value)-1]
	}
	return nil
}

// ParseSignature reads a Signature of one member.
func ParseSignature(s string) (label string, sig []byte, err error) {
	label, value, ok := strings.Cut(s, "=:")
	encoded, end := strings.CutSuffix(value, ":")
	if !ok || !end || !isLabel(label) || len(s) > maxHeader {
		return "", nil, fmt.Errorf("%w: the signature", ErrForm)
	}
	if sig, err = base64.StdEncoding.Strict().DecodeString(encoded); err != nil || strings.ContainsAny(encoded, "\r\n") {
		return "", nil, fmt.Errorf("%w: the signature is not base64", ErrForm)
	}
	return label, sig, nil
}

// isLabel tells whether s is a key of a dictionary of RFC 9651.
func isLabel(s string) bool {
	for i, r := range []byte(s) {
		if lower := r >= 'a' && r <= 'z' || r == '*'; !lower && (i == 0 || !(r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.')) {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// isName tells whether s may name a component: a field or a derived one.
func isName(s string) bool {
	for _, r := range []byte(strings.TrimPrefix(s, "@")) {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') {
			return false
		}
	}
	return s != "" && s != "@"
}

// isText tells whether s stands between quotes as it is.
func isText(s string) bool {
	for _, r := range []byte(s) {
		if r < 0x21 || r > 0x7e || r == '"' || r == '\\' || r == ';' || r == ')' {
			return false
		}
	}
	return true
}
