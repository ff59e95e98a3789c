package authority

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/certificate"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/ui"
)

// certificateRoutes are the end-use certificates of an assurance: made, given a
// code to sign with, taken back, and had as files.
func (p *pages) certificateRoutes(on on) {
	on("GET /cases/{case}/assurances/certificates", func(w http.ResponseWriter, r *http.Request) {
		if v, ok := p.open(w, r); ok {
			p.drawCertificates(w, r, http.StatusOK, v, r.URL.Query().Get("id"), "")
		}
	})
	on("POST /cases/{case}/assurances/certificates", p.answerCertificates)
	on("GET /cases/{case}/assurances/certificates/{certificate}/{form}", p.certificateFile)
}

// certificates are those of one assurance, on their page.
type certificates struct {
	*caseView
	Assurance *licensing.Assurance
	All       []*certificate.Certificate
	Code      string // of the one just opened, shown this once
	Opened    *certificate.Certificate
	Address   string // where it is signed
}

func (p *pages) drawCertificates(w http.ResponseWriter, r *http.Request, status int, v *caseView, id, code string) {
	a := v.Case.Assurance(id)
	b, err := p.App.Certificates(r.Context(), v.ID())
	switch {
	case err != nil:
	case !v.may(access.CaseAssurance):
		err = fault.New(fault.NotFound, "fault.not_found")
	case a == nil:
		err = fault.New(fault.NotFound, "certificate.no_assurance")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	d := &certificates{caseView: v, Assurance: a, Code: code, Address: p.App.SignAddress()}
	for _, c := range slices.Backward(b.All) {
		if c.Assurance != id {
			continue
		}
		d.All = append(d.All, c)
		if normal, ok := licensing.NormalCode(code); ok && c.CodeHash == licensing.CodeHash(normal) {
			d.Opened = c
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	p.draw(w, r, status, v, tabAssurances, ui.FormOf(), certificatesPage(d))
}

func (p *pages) answerCertificates(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	id, which := r.PostForm.Get("id"), r.PostForm.Get("certificate")
	again := func(status int, v *caseView, _ ui.Form) { p.drawCertificates(w, r, status, v, id, "") }
	where := "assurances/certificates?" + query("id", id)
	switch r.PostForm.Get("do") {
	case "make":
		p.send(w, r, v, node.MakeCertificate{Case: v.ID(), ID: node.NewID(), Assurance: id}, "certificate.done.make", where, again)
	case "end":
		p.send(w, r, v, certificate.End{Case: v.ID(), ID: which}, "certificate.done.end", where, again)
	case "code":
		code, err := checkCode()
		normal, _ := licensing.NormalCode(code)
		if err == nil {
			err = p.App.Do(r.Context(), v.Reader, certificate.OpenCode{Case: v.ID(), ID: which, CodeHash: licensing.CodeHash(normal)})
		}
		if err != nil {
			p.refuse(w, r, v, err, again)
			return
		}
		p.drawCertificates(w, r, http.StatusOK, v, id, code)
	default:
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
	}
}

func (p *pages) certificateFile(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	b, err := p.App.Certificates(r.Context(), v.ID())
	c := b.Of(r.PathValue("certificate"))
	if err == nil && (c == nil || c.Erased != nil || !v.may(access.CaseAssurance)) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		doc, derr := p.App.CertificateDocument(r.Context(), c, ui.P(r.Context()))
		if err = derr; err == nil {
			err = sendLetter(w, doc, c.Reference, r.PathValue("form"))
		}
	}
	if err != nil {
		p.Fail(w, r, err)
	}
}

// state is where a certificate stands, in words.
func (d *certificates) state(ctx context.Context, c *certificate.Certificate) string {
	until := ui.P(ctx).Date(c.Until)
	switch {
	case c.Signature != nil:
		return ui.T(ctx, "certificate.state.signed", "day", ui.P(ctx).Date(c.SignedAt))
	case c.Ended:
		return ui.T(ctx, "certificate.state.ended")
	case c.Open(d.Now):
		return ui.T(ctx, "certificate.state.open", "day", until)
	case c.CodeHash != "":
		return ui.T(ctx, "certificate.state.lapsed", "day", until)
	}
	return ui.T(ctx, "certificate.state.made")
}

// rows are what a certificate says of itself and of who signed.
func (d *certificates) rows(ctx context.Context, c *certificate.Certificate) []ui.SummaryRow {
	var files []ui.Link
	for _, form := range []string{"pdf", "docx", "html"} {
		files = append(files, ui.Link{Text: strings.ToUpper(form), Href: d.href("assurances/certificates/" + c.ID + "/" + form), Hidden: c.Reference})
	}
	rows := []ui.SummaryRow{
		{Key: ui.T(ctx, "certificate.files"), Text: ui.T(ctx, "certificate.made", "day", ui.P(ctx).Date(c.By.At), "who", d.Name(c.By.Account)), Actions: files},
		{Key: ui.T(ctx, "certificate.hash"), Text: c.Hash},
	}
	if s := c.Signature; s != nil {
		given, declined := answers(ctx, c)
		add := func(key, text string) {
			if text != "" {
				rows = append(rows, ui.SummaryRow{Key: ui.T(ctx, key), Text: text})
			}
		}
		add("certificate.signed_by", s.Name+", "+s.Function)
		add("certificate.gives", ui.P(ctx).List(given))
		add("certificate.declines", ui.P(ctx).List(declined))
		add("certificate.basis", s.Basis)
		add("certificate.remarks", s.Remarks)
	}
	return rows
}

// answers are the names of the assurances that a signature gives and declines.
func answers(ctx context.Context, c *certificate.Certificate) (given, declined []string) {
	for _, k := range c.Paper.Clauses {
		name := ui.T(ctx, "licensing.clause."+k.ID)
		if slices.Contains(c.Signature.Gives, k.ID) {
			given = append(given, name)
		} else {
			declined = append(declined, name)
		}
	}
	return given, declined
}

// reply leads to the form on which an officer records the reply, with what the
// certificate brought: who signed, and what of it they gave. Whether they may
// bind the end user is left to the officer.
func (d *certificates) reply(ctx context.Context, c *certificate.Certificate) string {
	v := url.Values{"id": {d.Assurance.ID}}
	if s := c.Signature; s == nil {
		v.Set("source", ui.T(ctx, "certificate.source.paper", "number", c.Reference, "hash", c.Hash))
	} else {
		given, declined := answers(ctx, c)
		v.Set("source", ui.T(ctx, "certificate.source.electronic", "number", c.Reference, "day", ui.P(ctx).Date(c.SignedAt)))
		v.Set("signatory", s.Name)
		v.Set("function", s.Function)
		v.Set("text", strings.TrimSpace(ui.T(ctx, "certificate.reply", "number", c.Reference, "given", ui.P(ctx).List(given), "declined", ui.P(ctx).List(declined), "remarks", s.Remarks)))
		for _, k := range c.Paper.Clauses {
			answer := licensing.Declined
			if slices.Contains(s.Gives, k.ID) {
				answer = licensing.Given
			}
			v.Set("reply."+k.ID, string(answer))
		}
	}
	return d.href("assurances/reply?" + v.Encode())
}

// openUntil is until when the code just made can be signed with.
func (d *certificates) openUntil() time.Time {
	if d.Opened == nil {
		return time.Time{}
	}
	return d.Opened.Until
}
