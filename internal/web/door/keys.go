package door

import (
	"net/http"
	"net/url"
	"time"

	"github.com/comity-project/comity/internal/web/ui"
)

// keysCookie is in a browser in which single-letter keys are off. It is the
// browser's and not the person's: who dictates here may type elsewhere.
const keysCookie = "comity-keys"

// keysFor is how long a browser keeps it.
const keysFor = 400 * 24 * time.Hour

func keysOff(r *http.Request) bool {
	c, err := r.Cookie(keysCookie)
	return err == nil && c.Value == "off"
}

// changeKeys turns single-letter keys off or on, and goes back to the page.
func (d *Door) changeKeys(w http.ResponseWriter, r *http.Request) {
	if !d.ReadForm(w, r) {
		return
	}
	c := &http.Cookie{Name: keysCookie, Value: "off", Path: "/", MaxAge: int(keysFor.Seconds()), HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode}
	if r.PostForm.Get("keys") == "on" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	back := "/account"
	if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host && len(from.Path) > 1 && from.Path[0] == '/' && from.Path[1] != '/' {
		back = from.RequestURI()
	}
	ui.SeeOther(w, r, back)
}
