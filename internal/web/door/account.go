package door

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/ui"
)

func (d *Door) accountPage(w http.ResponseWriter, r *http.Request) {
	if Actor(r.Context()).Account == "" {
		d.askToSignIn(w, r)
		return
	}
	d.drawAccount(w, r, http.StatusOK, ui.FormOf())
}

func (d *Door) drawAccount(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	who := Person(r.Context())
	has, err := d.App.HasSecondFactor(r.Context(), who.Actor.Account)
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	followed, err := d.App.HasCalendar(r.Context(), who.Actor)
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	secret := form.Value("secret")
	if !has && secret == "" {
		if secret, err = node.NewTOTP("Comity", who.Account.Profile.Sign); err != nil {
			d.Fail(w, r, err)
			return
		}
	}
	frame := d.Frame(w, r, audienceOf(who), lang.From(r.Context()).T("door.account.title"))
	frame.Form, frame.Narrow = &form, true
	ui.Render(w, r, status, accountView(frame, form, who, has, secret, followed))
}

func audienceOf(who node.SignedIn) ui.Audience {
	if HomeOf(who.Actor) == "/exporter" {
		return ui.Exporter
	}
	return ui.Authority
}

func (d *Door) changePassword(w http.ResponseWriter, r *http.Request) {
	actor := Actor(r.Context())
	if actor.Account == "" {
		d.askToSignIn(w, r)
		return
	}
	if !d.ReadForm(w, r) {
		return
	}
	err := d.App.Do(r.Context(), actor, node.SetPassword{Account: actor.Account, Old: r.PostForm.Get("old"), New: r.PostForm.Get("new")})
	if err != nil {
		d.Again(w, r, err, func(status int, f ui.Form) { d.drawAccount(w, r, status, f) })
		return
	}
	// All sessions ended with the old password, this one too.
	d.dropToken(w)
	ui.SetFlash(w, r, ui.Flash{Key: "door.account.password_set"})
	ui.SeeOther(w, r, "/sign-in")
}

func (d *Door) changeSecondFactor(w http.ResponseWriter, r *http.Request) {
	actor := Actor(r.Context())
	if actor.Account == "" {
		d.askToSignIn(w, r)
		return
	}
	if !d.ReadForm(w, r) {
		return
	}
	cmd := node.SetTOTP{Account: actor.Account, Secret: r.PostForm.Get("secret"), Code: strings.ReplaceAll(r.PostForm.Get("code"), " ", "")}
	done := "door.account.factor_set"
	if r.PostForm.Get("remove") != "" {
		cmd.Secret, done = "", "door.account.factor_removed"
	}
	if err := d.App.Do(r.Context(), actor, cmd); err != nil {
		d.Again(w, r, err, func(status int, f ui.Form) { d.drawAccount(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: done})
	ui.SeeOther(w, r, "/account")
}

// secondFactorImage draws the square code that authenticator apps read. The
// secret is in the query of a page that is never cached nor logged.
func (d *Door) secondFactorImage(w http.ResponseWriter, r *http.Request) {
	who := Person(r.Context())
	secret := r.URL.Query().Get("secret")
	if who.Actor.Account == "" || secret == "" || len(secret) > 64 {
		d.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	code, err := qr.Encode(node.TOTPAddress("Comity", who.Account.Profile.Sign, secret), qr.M, qr.Auto)
	if err == nil {
		code, err = barcode.Scale(code, 220, 220)
	}
	var b bytes.Buffer
	if err == nil {
		err = png.Encode(&b, code)
	}
	if err != nil {
		d.Fail(w, r, fault.Wrap(err, "door: square code"))
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(b.Bytes())
}
