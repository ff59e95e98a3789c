package public

import (
	"net/http"
	"time"

	"github.com/comity-project/comity/internal/certificate"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// signRoutes are the page on which an end user signs a certificate with its code.
// The code comes in a form, never in an address, so that it is in no log, no
// history, and is not used up by a mail server that follows links.
func (p pages) signRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /sign", func(w http.ResponseWriter, r *http.Request) {
		p.drawSign(w, r, http.StatusOK, signing{form: ui.FormOf()})
	})
	limited := func(w http.ResponseWriter, r *http.Request) { p.answerSign(w, r, true) }
	mux.Handle("POST /sign", door.Limit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.answerSign(w, r, false) }),
		2*time.Second, 20, limited))
}

// signing is what the page shows.
type signing struct {
	form    ui.Form
	unknown bool                     // the code is none that can be used
	paper   *certificate.Certificate // nil until a code was entered
	text    string                   // of the paper, as HTML of ours
	signed  bool
}

func (p pages) answerSign(w http.ResponseWriter, r *http.Request, limited bool) {
	done := time.After(checkTime)
	if !p.ReadForm(w, r) {
		return
	}
	code := r.PostForm.Get("code")
	if limited { // whoever asks too fast gets the answer for an unknown code
		code = ""
	}
	_, c, err := p.App.CertificateByCode(r.Context(), code)
	s, status := signing{form: ui.NewForm(r.PostForm, nil), paper: c, unknown: c == nil}, http.StatusOK
	if err == nil && c != nil && r.PostForm.Get("step") == "sign" {
		err = p.sign(r, &s)
		if fault.Is(err, fault.Invalid) {
			p.Again(w, r, err, func(code int, form ui.Form) { s.form, status = form, code })
			err = nil
		}
	}
	if fault.Is(err, fault.NotFound) { // somebody else signed meanwhile
		s, err = signing{form: s.form, unknown: true}, nil
	}
	if err == nil && s.paper != nil && !s.signed {
		doc, derr := p.App.CertificateDocument(r.Context(), s.paper, ui.P(r.Context()))
		s.text, err = string(letter.Fragment(doc, letter.Style{}, 2)), derr
	}
	select {
	case <-done:
	case <-r.Context().Done():
		return
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.drawSign(w, r, status, s)
}

func (p pages) sign(r *http.Request, s *signing) error {
	f := r.PostForm
	if f.Get("read") == "" {
		return fault.New(fault.Invalid, "certificate.invalid").Field("read", "certificate.read")
	}
	c, err := p.App.SignWithCode(r.Context(), f.Get("code"), certificate.Signature{
		Name: f.Get("name"), Function: f.Get("function"), Basis: f.Get("basis"), Remarks: f.Get("remarks"), Gives: f["gives"],
	})
	if err == nil {
		s.paper, s.signed = c, true
	}
	return err
}

func (p pages) drawSign(w http.ResponseWriter, r *http.Request, status int, s signing) {
	frame := p.frame(w, r, "public.sign.title")
	frame.Narrow, frame.Form = true, &s.form
	w.Header().Set("Cache-Control", "no-store")
	ui.Render(w, r, status, signView(frame, s))
}
