// Package genuine says of a licence on paper that it was issued as it says, where
// there is no network: a signed mark, which a square code on the licence carries,
// and a signed list of the licences that no longer hold.
//
// A mark is one line of capital letters, digits and a few signs, so that a square
// code stays small:
//
//	COMITY1:XN-L-2026-0001:0123456789ABCDEFGHJK:20261122:20261122:20281121:SIGNATURE
//
// that is: reference, check code, day of issue, first and last day, and in base32
// without padding the four bytes that name the key and the 64 of an Ed25519
// signature. The signature is a C2SP signed note of the node's checkpoint key over
// the text that [Mark.text] gives; its first line keeps it apart from a
// checkpoint's. A mark says nothing of quantities or parties: who copies one onto
// another paper is found out by the document's hash, which the public check tells,
// or by customs, who see the licence itself.
package genuine

import (
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/deadline"
)

// Mark is what the square code on a licence says.
type Mark struct {
	Reference           string
	Code                string // normal form, see licensing.NormalCode
	Issued, From, Until deadline.Date
}

// Why a mark or a list is not taken.
var (
	ErrForm      = errors.New("genuine: this is not the mark of a licence")
	ErrSignature = errors.New("genuine: the signature is not by this authority's key")
)

const (
	markPrefix    = "COMITY1"
	markDomain    = "comity/licence/v1"
	signatureSize = 4 + 64 // which key, and an Ed25519 signature
	maxMark       = 400    // bytes; more fits no square code of ours
	compact       = "20060102"
)

var base = base32.StdEncoding.WithPadding(base32.NoPadding)

// text is what is signed: domain, the authority's name, and the fields of the
// mark, a line each.
func (m Mark) text(name string) string {
	return strings.Join([]string{markDomain, name, m.Reference, m.Code, string(m.Issued), string(m.From), string(m.Until)}, "\n") + "\n"
}

// Sign gives the mark's line. A reference or a code with other signs than capital
// letters, digits and strokes can't be carried.
func (m Mark) Sign(signer note.Signer) (string, error) {
	if !plain(m.Reference) || !plain(m.Code) {
		return "", fmt.Errorf("genuine: reference %q or its code has signs that a mark can't carry", m.Reference)
	}
	raw, err := sign(m.text(signer.Name()), signer)
	if err != nil {
		return "", err
	}
	parts := []string{markPrefix, m.Reference, m.Code}
	for _, d := range []deadline.Date{m.Issued, m.From, m.Until} {
		parts = append(parts, strings.ReplaceAll(string(d), "-", ""))
	}
	return strings.Join(append(parts, base.EncodeToString(raw)), ":"), nil
}

// Is tells whether a text claims to be a mark.
func Is(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), markPrefix+":") }

// Read gives the mark that a line carries, where the key's authority signed it:
// ErrForm, ErrSignature.
func Read(line string, key note.Verifier) (Mark, error) {
	line = strings.TrimSpace(line)
	p := strings.Split(line, ":")
	if len(line) > maxMark || len(p) != 7 || p[0] != markPrefix || !plain(p[1]) || !plain(p[2]) {
		return Mark{}, ErrForm
	}
	m := Mark{Reference: p[1], Code: p[2]}
	for i, to := range []*deadline.Date{&m.Issued, &m.From, &m.Until} {
		t, err := time.Parse(compact, p[3+i])
		if err != nil {
			return Mark{}, ErrForm
		}
		*to = deadline.DateOf(t, nil)
	}
	raw, err := base.DecodeString(p[6])
	if err != nil || len(raw) != signatureSize || base.EncodeToString(raw) != p[6] {
		return Mark{}, ErrForm
	}
	if !verify(m.text(key.Name()), raw, key) {
		return Mark{}, ErrSignature
	}
	return m, nil
}

func plain(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/.") == ""
}

// sign gives key hash and signature of a note with one signature.
func sign(text string, signer note.Signer) ([]byte, error) {
	b, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("genuine: sign: %w", err)
	}
	line := strings.TrimSpace(string(b[len(text)+1:]))
	return base64.StdEncoding.DecodeString(line[strings.LastIndexByte(line, ' ')+1:])
}

func verify(text string, raw []byte, key note.Verifier) bool {
	signed := text + "\n— " + key.Name() + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
	_, err := note.Open([]byte(signed), note.VerifierList(key))
	return err == nil
}
