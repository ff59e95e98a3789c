// Package httpsig signs HTTP requests and their answers as RFC 9421 says, with
// Ed25519, over the digest of RFC 9530 of what they carry. Between nodes a
// connection already shows which state speaks; the signature shows what it said
// and keeps that apart from the connection.
//
// One form is written and no other is read: one signature, parameters in one
// order, what must be covered is covered. The general form of the standard is
// for those who talk to strangers.
package httpsig

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Label names our signatures.
const Label = "comity"

// algorithm is Ed25519's name in the registry of RFC 9421.
const algorithm = "ed25519"

// What is signed of a request and of an answer.
var (
	OfRequest = []Component{{"@method", false}, {"@target-uri", false}, {"content-type", false}, {"content-digest", false}}
	OfAnswer  = []Component{
		{"@status", false},
		{"content-type", false},
		{"content-digest", false},
		{"@method", true},
		{"@target-uri", true},
		{"content-digest", true},
	}
)

// Errors that callers tell apart.
var (
	ErrSignature = errors.New("httpsig: the signature does not hold")
	ErrDigest    = errors.New("httpsig: the content is not that of its digest")
	ErrKey       = errors.New("httpsig: no such key")
	ErrCovered   = errors.New("httpsig: the signature does not cover what it must")
	ErrReplayed  = errors.New("httpsig: this was sent before")
	ErrRun       = errors.New("httpsig: made for another run of the node")
	ErrFull      = errors.New("httpsig: too many requests at once")
)

// SkewError is given where a message's times don't fit the clock.
type SkewError struct{ Created, Expires, Now time.Time }

// Error says how far the clocks lie apart.
func (e *SkewError) Error() string {
	return fmt.Sprintf("httpsig: signed at %s, in force until %s, and here it is %s: the clocks lie %s apart or it was long on its way; %s are allowed",
		e.Created.UTC().Format(time.RFC3339), e.Expires.UTC().Format(time.RFC3339), e.Now.UTC().Format(time.RFC3339), e.Now.Sub(e.Created).Abs().Round(time.Second), Skew)
}

const (
	// Skew is how far two nodes' clocks may lie apart.
	Skew = 5 * time.Minute
	// Life is how long a signature is in force.
	Life = time.Minute
)

// Digest is the Content-Digest of a body.
func Digest(body []byte) string {
	h := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(h[:]) + ":"
}

// Message is what a signature may cover.
type Message struct {
	Method string
	Target string // the whole address
	Host   string
	Header http.Header
	Status int      // of an answer
	Asked  *Message // the request that an answer belongs to
}

// Request is a client's request as it will be sent.
func Request(r *http.Request) *Message {
	return &Message{Method: r.Method, Target: r.URL.String(), Host: r.URL.Host, Header: r.Header}
}

// Received is a request as a server got it, over TLS.
func Received(r *http.Request) *Message {
	return &Message{Method: r.Method, Target: "https://" + r.Host + r.RequestURI, Host: r.Host, Header: r.Header}
}

// component is the value of a component.
func (m *Message) component(c Component) (string, error) {
	if c.Request {
		if m.Asked == nil {
			return "", fmt.Errorf("%w: nothing was asked", ErrForm)
		}
		return m.Asked.component(Component{Name: c.Name})
	}
	path, query, _ := strings.Cut(m.Target, "?")
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	switch c.Name {
	case "@method":
		return m.Method, nil
	case "@target-uri":
		return m.Target, nil
	case "@authority":
		return strings.ToLower(m.Host), nil
	case "@path":
		return "/" + path, nil
	case "@query":
		return "?" + query, nil
	case "@status":
		return strconv.Itoa(m.Status), nil
	}
	if strings.HasPrefix(c.Name, "@") {
		return "", fmt.Errorf("%w: no component %s is known", ErrForm, c)
	}
	values := m.Header.Values(c.Name)
	if len(values) == 0 {
		return "", fmt.Errorf("%w: %s is covered and not there", ErrForm, c)
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		if strings.ContainsAny(v, "\r\n") {
			return "", fmt.Errorf("%w: a line break in %s", ErrForm, c)
		}
		trimmed[i] = strings.Trim(v, " \t")
	}
	return strings.Join(trimmed, ", "), nil
}

// base is what is signed.
func (in *Input) base(m *Message) (string, error) {
	var b strings.Builder
	for _, c := range in.Components {
		v, err := m.component(c)
		if err != nil {
			return "", err
		}
		b.WriteString(c.String() + ": " + v + "\n")
	}
	b.WriteString(`"@signature-params": ` + in.value())
	return b.String(), nil
}

// Sign puts digest and signature onto a message that carries body, in force
// from now on. The header must be complete but for these.
func Sign(m *Message, body []byte, key ed25519.PrivateKey, keyID, nonce string, now time.Time) error {
	m.Header.Set("Content-Digest", Digest(body))
	in := Input{Label: Label, Components: OfRequest, Params: Params{Created: now.Unix(), Expires: now.Add(Life).Unix(), Nonce: nonce, KeyID: keyID, Alg: algorithm}}
	if m.Asked != nil {
		in.Components = OfAnswer
	}
	base, err := in.base(m)
	if err != nil {
		return err
	}
	m.Header.Set("Signature-Input", in.String())
	m.Header.Set("Signature", Label+"=:"+base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte(base)))+":")
	return nil
}

// Verify checks a message that carried body: its digest, what is covered, its
// times, and its signature by the key that find gives for the key's id. Whether
// the nonce is fresh is for the caller to ask (Nonces, or that of the request).
func Verify(m *Message, body []byte, find func(keyID string) (ed25519.PublicKey, bool), now time.Time) (*Input, error) {
	in, sig, err := read(m.Header)
	if err != nil {
		return nil, err
	}
	want := OfRequest
	if m.Asked != nil {
		want = OfAnswer
	}
	if in.Label != Label || !slices.Equal(in.Components, want) || in.Params.Nonce == "" || in.Params.Alg != algorithm || in.Params.Created == 0 || in.Params.Expires == 0 {
		return nil, ErrCovered
	}
	created, expires := time.Unix(in.Params.Created, 0), time.Unix(in.Params.Expires, 0)
	if expires.Before(created) || expires.Sub(created) > Life || created.After(now.Add(Skew)) || expires.Before(now.Add(-Skew)) {
		return nil, &SkewError{created, expires, now}
	}
	if d := m.Header.Values("Content-Digest"); len(d) != 1 || d[0] != Digest(body) {
		return nil, ErrDigest
	}
	key, ok := find(in.Params.KeyID)
	if !ok {
		return nil, ErrKey
	}
	return in, in.verify(m, sig, key)
}

func (in *Input) verify(m *Message, sig []byte, key ed25519.PublicKey) error {
	base, err := in.base(m)
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, []byte(base), sig) {
		return ErrSignature
	}
	return nil
}

func read(h http.Header) (*Input, []byte, error) {
	inputs, sigs := h.Values("Signature-Input"), h.Values("Signature")
	if len(inputs) != 1 || len(sigs) != 1 {
		return nil, nil, fmt.Errorf("%w: a message carries one signature", ErrForm)
	}
	in, err := ParseInput(inputs[0])
	if err != nil {
		return nil, nil, err
	}
	label, sig, err := ParseSignature(sigs[0])
	if err == nil && label != in.Label {
		err = fmt.Errorf("%w: two labels", ErrForm)
	}
	return in, sig, err
}
