package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

type statementVerify struct {
	File  string `arg:"" help:"Signed envelope; - for standard input."`
	Trust string `required:"" help:"Trust list of the community, signed." type:"existingfile"`
	Pin   string `required:"" help:"Hash of the trust list's signed bytes, as agreed among people: 64 hexadecimal digits."`
	Proof string `help:"Proof that the envelope is in its issuer's log (C2SP tlog-proof)." type:"existingfile"`
}

// Run verifies an envelope without a node and without a network.
func (c statementVerify) Run(e *env) error {
	p, err := e.printer()
	if err != nil {
		return err
	}
	list, err := c.list(e, p)
	if err != nil {
		return err
	}
	src, err := e.readBounded(c.File, stix.DefaultLimits().Bytes)
	if err != nil {
		return err
	}
	s, err := envelope.Open(src, list)
	if err != nil {
		return unreadable(c.File, err)
	}
	var witnessed time.Time
	if c.Proof != "" {
		if witnessed, err = c.witnessed(e, list, s); err != nil && !errors.Is(err, trust.ErrNotWitnessed) {
			return unreadable(c.Proof, err)
		}
	}
	if !list.Counts(s.Header.Issuer, s.Header.Key, witnessed, time.Now()) {
		return fault.New(fault.Invalid, "statement.revoked", "issuer", s.Header.Issuer, "key", s.Header.Key)
	}
	fmt.Fprintln(e.Stdout, p.T("statement.verified", "purpose", string(s.Purpose), "issuer", s.Header.Issuer, "key", s.Header.Key, "hash", s.PayloadHash().String()))
	if s.Purpose == envelope.ForStatement {
		st, o, err := s.Said()
		if err != nil {
			return unreadable(c.File, err)
		}
		audience := strings.Join(st.Handling.Audience, ", ")
		if audience == "" {
			audience = p.T("statement.nobody")
		}
		h := o.Handling()
		fmt.Fprintln(e.Stdout, p.T("statement.says", "id", st.ID, "version", st.Version, "issued", st.Issued, "tlp", h.TLP.String(), "audience", audience))
	}
	switch {
	case !witnessed.IsZero():
		fmt.Fprintln(e.Stdout, p.T("statement.witnessed", "at", stix.FormatTime(witnessed)))
	default:
		fmt.Fprintln(e.Stdout, p.T("statement.not_witnessed"))
	}
	return nil
}

// list reads the trust list. One that has run out still serves for reading, and
// it is said.
func (c statementVerify) list(e *env, p lang.Printer) (*trust.List, error) {
	src, err := e.readBounded(c.Trust, stix.DefaultLimits().Bytes)
	if err != nil {
		return nil, err
	}
	var pin envelope.Hash
	if err := pin.UnmarshalText([]byte(strings.TrimSpace(c.Pin))); err != nil {
		return nil, fault.New(fault.Invalid, "statement.pin")
	}
	list, err := trust.Pin(src, pin, time.Now())
	if errors.Is(err, trust.ErrExpired) {
		fmt.Fprintln(e.Stderr, p.T("statement.trust_expired", "date", list.Expires))
		err = nil
	}
	if err != nil {
		return nil, unreadable(c.Trust, err)
	}
	return list, nil
}

func (c statementVerify) witnessed(e *env, list *trust.List, s *envelope.Sealed) (time.Time, error) {
	src, err := e.readBounded(c.Proof, stix.DefaultLimits().Bytes)
	if err != nil {
		return time.Time{}, err
	}
	proof, err := tlog.ParseProof(src)
	if err != nil {
		return time.Time{}, err
	}
	return list.Witnessed(s, proof)
}
