package node

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/certificate"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// MakeCertificate makes an end-use certificate for the party that an assurance is
// sought from, of what the case says at that moment.
type MakeCertificate struct {
	Case, ID, Assurance string
}

// SignCertificate is a signature that came with a code.
type SignCertificate struct{ certificate.Sign }

func (a *App) registerCertificates() {
	handlePrepared(a, ready, makeCertificate)
	handle(a, func(t *Tx, cmd certificate.OpenCode) error {
		return t.onCertificates(cmd.Case, access.CaseAssurance, cmd)
	})
	handle(a, func(t *Tx, cmd certificate.End) error { return t.onCertificates(cmd.Case, access.CaseAssurance, cmd) })
	handle(a, func(t *Tx, cmd SignCertificate) error {
		if err := t.onCertificates(cmd.Case, access.CertificateSign, cmd.Sign); err != nil {
			return err
		}
		c, _, err := load[*licensing.Case](t, CaseStream(cmd.Case))
		if err != nil {
			return err
		}
		return t.app.notify(t.Tx, store.Notice{Account: c.Officer, Key: "certified/" + cmd.ID, Kind: "work", Said: "certified", Stream: string(CaseStream(cmd.Case)), Href: "/cases/" + cmd.Case + "/assurances"})
	})
}

// onCertificates is the way of every command on the certificates of a case.
func (t *Tx) onCertificates(caseID string, act access.Act, cmd any) error {
	c, _, err := load[*licensing.Case](t, CaseStream(caseID))
	if err != nil {
		return err
	}
	read := access.CaseRead
	if act == access.CertificateSign {
		read = "" // whoever signs reads the certificate alone
	}
	if err := t.Must(read, act, thingOf(c)); err != nil {
		return err
	}
	b, _, err := load[*certificate.Book](t, certificate.StreamOf(caseID))
	if err != nil {
		return err
	}
	events, err := certificate.Decide(b, cmd, t.Now())
	if err != nil {
		return err
	}
	return t.Append(events)
}

func makeCertificate(t *Tx, cmd MakeCertificate, e *Engines) error {
	c, _, err := load[*licensing.Case](t, CaseStream(cmd.Case))
	if err != nil {
		return err
	}
	if err := t.Must(access.CaseRead, access.CaseAssurance, thingOf(c)); err != nil {
		return err
	}
	s := c.Assurance(cmd.Assurance)
	switch {
	case s == nil:
		return fault.New(fault.NotFound, "certificate.no_assurance")
	case c.Stage.Group() == "closed":
		return fault.New(fault.Blocked, "certificate.over")
	}
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, c.Org))
	if err != nil {
		return err
	}
	b, _, err := load[*certificate.Book](t, certificate.StreamOf(cmd.Case))
	if err != nil {
		return err
	}
	app := c.App()
	p := certificate.Paper{Party: s.From, Applicant: org.Org.Name, Place: app.EndUse.Place, Use: app.EndUse.Purpose, Wording: s.Sought.Text}
	if user, ok := app.Party(s.From); ok {
		p.Name, p.Country = user.Name(), user.Country
		if len(user.Addresses) > 0 {
			p.Address = addressLine(user.Addresses[0])
		}
	}
	for _, l := range app.Lines {
		if len(s.Lines) > 0 && !slices.Contains(s.Lines, l.ID) {
			continue
		}
		p.Items = append(p.Items, certificate.Item{Line: l.ID, What: l.Description, Quantity: l.Quantity.String(), Unit: l.Unit})
	}
	for _, k := range e.Pack.Document().Assurances {
		if slices.Contains(s.Clauses, licensing.Clause(k.ID)) {
			p.Clauses = append(p.Clauses, certificate.Clause{ID: k.ID, Text: k.Text})
		}
	}
	return t.onCertificates(cmd.Case, access.CaseAssurance, certificate.Make{
		Case: cmd.Case, ID: cmd.ID, Reference: fmt.Sprintf("%s-E%d", c.Reference, len(b.All)+1), Assurance: s.ID, Paper: p,
	})
}

// Certificates are those of a case, which whoever reads the case may read.
func (a *App) Certificates(ctx context.Context, caseID string) (b *certificate.Book, err error) {
	b = &certificate.Book{}
	err = a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(certificate.StreamOf(caseID), b)
		return err
	})
	return b, fault.Wrap(err, "node: certificates")
}

// CertificateByCode is what can be signed with a code, and its case; nil for a
// code that is unknown, used or past its time.
func (a *App) CertificateByCode(ctx context.Context, code string) (caseID string, c *certificate.Certificate, err error) {
	normal, ok := licensing.NormalCode(code)
	if !ok {
		normal = "" // it costs one look-up as any other
	}
	hash := licensing.CodeHash(normal)
	b := &certificate.Book{}
	err = a.db.View(ctx, func(t *store.Tx) error {
		id, found, err := t.CaseOfCertificateCode(hash)
		if err != nil || !found {
			return err
		}
		_, err = t.Load(certificate.StreamOf(id), b)
		return err
	})
	return b.Case, b.Coded(hash, a.Now()), fault.Wrap(err, "node: certificate by its code")
}

// SignWithCode signs a certificate for whoever holds its code.
func (a *App) SignWithCode(ctx context.Context, code string, s certificate.Signature) (*certificate.Certificate, error) {
	caseID, c, err := a.CertificateByCode(ctx, code)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	return c, a.Do(ctx, access.System(), SignCertificate{certificate.Sign{Case: caseID, ID: c.ID, CodeHash: c.CodeHash, Signature: s}})
}

// CertificateDocument is a certificate as a document.
func (a *App) CertificateDocument(ctx context.Context, c *certificate.Certificate, words lang.Printer) (letter.Document, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return letter.Document{}, err
	}
	p, zone := c.Paper, e.Calendar.Location()
	f := letter.CertificateFacts{
		Head: letter.Head{
			Reference: c.Reference, Date: deadline.DateOf(c.By.At, zone), Language: words.Lang(), Authority: letter.Office{Name: a.cfg.Title, Lines: a.cfg.Address},
			To: letter.Recipient{Name: letter.Name(p.Name)},
		},
		Number: c.Reference, Applicant: letter.Name(p.Applicant), EndUser: letter.Name(p.Name), Address: letter.Name(p.Address), Place: letter.Name(p.Place),
		EndUse: letter.Name(p.Use), Wording: letter.Name(p.Wording), Hash: c.Hash,
	}
	if p.Country != "" {
		f.Country = words.Country(p.Country)
	}
	for _, i := range p.Items {
		unit := ""
		if i.Unit != "" {
			unit = words.T("unit." + i.Unit)
		}
		f.Items = append(f.Items, letter.CertifiedItem{Line: i.Line, What: letter.Name(i.What), Quantity: strings.TrimSpace(i.Quantity + " " + unit)})
	}
	for _, k := range p.Clauses {
		f.Clauses = append(f.Clauses, k.Text)
	}
	if s := c.Signature; s != nil {
		f.Signed = &letter.CertifiedBy{Name: letter.Name(s.Name), Function: letter.Name(s.Function), Basis: letter.Name(s.Basis), Remarks: letter.Name(s.Remarks), On: words.DayOf(string(deadline.DateOf(c.SignedAt, zone)))}
		for _, k := range p.Clauses {
			f.Signed.Gives = append(f.Signed.Gives, slices.Contains(s.Gives, k.ID))
		}
	}
	return letter.Certificate(words, f), nil
}

// SignAddress is where certificates are signed.
func (a *App) SignAddress() string { return a.cfg.URL + "/sign" }
