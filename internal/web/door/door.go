// Package door is what the doors for signed-in people share: who is there,
// signing in and out, one's own account, failures, limits and forms. Each
// audience has a door of its own beside this package, with its own mux.
package door

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/ui"
)

// Door is the state that all doors share.
type Door struct {
	App    *node.App
	Node   string            // whose node, shown in the bar
	Secure bool              // cookies only over TLS: everywhere but on loopback
	People []Sample          // sample people of a demonstration, shown at the sign-in
	States map[string]string // invented states of a demonstration, by code
	Log    *slog.Logger
	tries  *limiter
}

// Sample is a person of a demonstration, whose password is no secret.
type Sample struct {
	Sign, Password, Name string
	Role                 access.Role
	Org                  string
}

// New makes a Door. Sign-ins are limited for each address and each name.
func New(app *node.App) *Door {
	return &Door{App: app, Log: slog.Default(), tries: newLimiter(time.Second*6, 10)}
}

type personKey struct{}

// Person is who is signed in; the zero value where nobody is.
func Person(ctx context.Context) node.SignedIn {
	p, _ := ctx.Value(personKey{}).(node.SignedIn)
	return p
}

// Actor is the person as access sees them.
func Actor(ctx context.Context) access.Actor { return Person(ctx).Actor }

// Recognise puts the person behind the session cookie into the context. It
// costs one statement; a request without the cookie costs none.
func (d *Door) Recognise(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token, ok := d.token(r); ok {
			who, err := d.App.Who(r.Context(), token)
			switch {
			case err == nil:
				r = r.WithContext(context.WithValue(r.Context(), personKey{}, who))
			case !fault.Is(err, fault.SignIn):
				d.Fail(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Require lets in who has one of the roles. Nobody is sent to sign in, with what
// they typed kept; somebody else gets the answer for a page that does not exist.
func (d *Door) Require(next http.Handler, roles ...access.Role) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor := Actor(r.Context())
		if actor.Account == "" {
			d.askToSignIn(w, r)
			return
		}
		for _, role := range roles {
			if actor.Has(role) {
				next.ServeHTTP(w, r)
				return
			}
		}
		d.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
	})
}

func (d *Door) cookieName() string {
	if d.Secure {
		return "__Host-comity"
	}
	return "comity"
}

func (d *Door) token(r *http.Request) (node.Token, bool) {
	var t node.Token
	c, err := r.Cookie(d.cookieName())
	if err != nil {
		return t, false
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(b) != len(t) {
		return t, false
	}
	copy(t[:], b)
	return t, true
}

func (d *Door) setToken(w http.ResponseWriter, t node.Token) {
	http.SetCookie(w, &http.Cookie{
		Name: d.cookieName(), Value: base64.RawURLEncoding.EncodeToString(t[:]), Path: "/",
		HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(node.SessionLimit.Seconds()),
	})
}

func (d *Door) dropToken(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: d.cookieName(), Path: "/", HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}

// Frame is the frame of a page for an audience, with who is signed in. It takes
// the message left by the last act, so call it once a page.
func (d *Door) Frame(w http.ResponseWriter, r *http.Request, audience ui.Audience, title string) ui.Frame {
	f := ui.Frame{Title: title, Audience: audience, Node: d.Node, Demo: len(d.People) > 0, Flash: ui.TakeFlash(w, r), Home: "/", NoKeys: keysOff(r)}
	if p := Person(r.Context()); p.Actor.Account != "" {
		f.Who = &ui.Who{Name: p.Account.Profile.Name, Role: RoleNames(r.Context(), p.Actor.Roles), AccountHref: "/account", SignOutHref: "/sign-out", NoticesHref: "/notices", Unread: p.Unread}
		f.Home = HomeOf(p.Actor)
	}
	return f
}

// RoleNames is roles in the reader's language.
func RoleNames(ctx context.Context, roles []access.Role) string {
	p := lang.From(ctx)
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = p.T("role." + string(r))
	}
	return p.List(names)
}

// HomeOf is where a person's day starts.
func HomeOf(a access.Actor) string {
	switch {
	case a.Account == "":
		return "/"
	case a.Has(access.ExporterUser):
		return "/exporter"
	case access.Can(a, access.CaseRead, access.Thing{}):
		return "/work"
	case a.Has(access.CustomsOfficer):
		return "/customs"
	case access.Can(a, access.AccountManage, access.Thing{}):
		return "/people"
	case access.Can(a, access.ListRead, access.Thing{}):
		return "/lists"
	case access.Can(a, access.InstrumentRead, access.Thing{}):
		return "/instruments"
	case access.Can(a, access.Erase, access.Thing{}):
		return "/erase"
	}
	return "/account"
}

// Fail draws the page for an error.
func (d *Door) Fail(w http.ResponseWriter, r *http.Request, err error) {
	audience := ui.Public
	if a := Actor(r.Context()); a.Has(access.ExporterUser) {
		audience = ui.Exporter
	} else if a.Account != "" {
		audience = ui.Authority
	}
	ui.RenderFault(w, r, d.Frame(w, r, audience, ""), err)
}

// Again draws a form again with what is wrong with it, under the status of the
// fault; anything that is not the person's to mend gets the failure page.
func (d *Door) Again(w http.ResponseWriter, r *http.Request, err error, draw func(status int, form ui.Form)) {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Conflict, fault.Blocked, fault.TooLarge, fault.TooMany, fault.Unavailable:
		problem := lang.Fault(lang.From(r.Context()), err)
		draw(problem.Status, ui.NewForm(r.PostForm, problem))
	default:
		d.Fail(w, r, err)
	}
}

// FormLimit is the most that a form without files may hold, in bytes.
const FormLimit = 1 << 20

// ReadForm reads a form, with files if it has any, of at most FormLimit. Where it
// cannot be read, ReadForm has answered and gives false.
func (d *Door) ReadForm(w http.ResponseWriter, r *http.Request) bool {
	return d.ReadFiles(w, r, FormLimit)
}

// ReadFiles is ReadForm for a form whose files may make it larger, up to limit
// bytes; what is over FormLimit lies on disk meanwhile.
func (d *Door) ReadFiles(w http.ResponseWriter, r *http.Request, limit int64) bool {
	if err := readForm(w, r, limit); err != nil {
		d.Fail(w, r, err)
		return false
	}
	return true
}

func readForm(w http.ResponseWriter, r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return ui.ReadForm(r, FormLimit)
}

// T is the sentence for a key in the language of who asks.
func T(r *http.Request, key string, args ...any) string { return ui.T(r.Context(), key, args...) }

// Renamed points an input that a refusal names to the name it has in the form.
func Renamed(err error, from, to string) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	out := *f
	out.Fields = slices.Clone(f.Fields)
	for i := range out.Fields {
		if out.Fields[i].Name == from {
			out.Fields[i].Name = to
		}
	}
	return &out
}
