package cases

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// stage is the authority's house with its whole site, an exporter before it, and
// a clock: what a case is played on.
type stage struct {
	*nodetest.House
	clock *nodetest.Clock
	site  http.Handler
}

// states are the invented states of the cases.
var states = map[string]string{"XN": "Norland", "XA": "Alvania", "XW": "Westmark", "XR": "Karsovia", "XB": "Belmar", "XO": "Ostria", "XT": "Tembuka"}

// play plays a case on both engines.
func play(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			clock := nodetest.NewClock()
			f(t, set(t, opens(t, engine, "XN", clock), clock))
		})
	}
}

// opens opens a state's node.
func opens(t testing.TB, engine store.Engine, state string, clock *nodetest.Clock) *node.App {
	t.Helper()
	cfg := nodetest.Config(t, engine, clock)
	cfg.State, cfg.Name = state, strings.ToLower(state)+".example"
	return nodetest.OpenAt(t, cfg)
}

// set opens the site of a node with its people.
func set(t testing.TB, app *node.App, clock *nodetest.Clock) *stage {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(app)
	d.States = states
	site, err := web.Site(d, web.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	return &stage{nodetest.Staff(t, app), clock, site}
}

// person opens one more account of the authority.
func (s *stage) person(sign string, roles ...access.Role) access.Actor {
	s.T.Helper()
	return nodetest.Person(s.T, s.App, s.Authority, sign, roles...)
}

// admitted opens an account of the authority that is let into the compartment of
// enforcement.
func (s *stage) admitted(sign string, roles ...access.Role) access.Actor {
	s.T.Helper()
	p := s.person(sign, roles...)
	s.Do(access.System(), account.ChangeRoles{ID: p.Account, Roles: p.Roles, Compartments: []string{enforcement.Compartment}, Reason: "Works on enforcement."})
	p.Compartments = []string{enforcement.Compartment}
	return p
}

// today is the day by the clock.
func (s *stage) today() deadline.Date { return deadline.DateOf(s.clock.Now(), time.UTC) }

// inWords is a day as pages write it.
func (s *stage) inWords(day deadline.Date) string {
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		s.T.Fatal(err)
	}
	return at.Format("2 January 2006")
}

// wait lets days pass, and what was due in them be done: letters, screenings,
// reminders. Everybody signs in anew.
func (s *stage) wait(days int) {
	s.T.Helper()
	s.Later(s.clock, time.Duration(days)*24*time.Hour)
	s.settle()
}

// settle does the work that waits.
func (s *stage) settle() { s.App.Runner().Drain(context.Background()) }

// page asks for a page, which has to be sound and within its statements.
func (s *stage) page(who access.Actor, path string) *uitest.Answer {
	s.T.Helper()
	path, _, _ = strings.Cut(path, "#")
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &n))
	a := uitest.Ask(s.T, s.site, r, s.SignIn(who))
	if a.Code != http.StatusOK {
		s.T.Fatalf("%s for %s: status %d: %s", path, who.Name, a.Code, a.Body[:min(300, len(a.Body))])
	}
	a.Sound()
	if n > 10 {
		s.T.Errorf("%s takes %d statements", path, n)
	}
	return a
}

// gone is a page that does not exist for somebody.
func (s *stage) gone(who access.Actor, path string) {
	s.T.Helper()
	uitest.Get(s.T, s.site, path, s.SignIn(who)).Status(http.StatusNotFound)
}

// fields are what a person fills in: texts, several choices, and days.
type fields map[string]any

// fill reads a page, fills in the form on it that goes to an address, and sends
// it. It has to be taken; where the browser is sent then is given back.
func (s *stage) fill(who access.Actor, path, action string, in fields) string {
	s.T.Helper()
	a := s.send(who, path, action, in)
	if a.Code != http.StatusSeeOther {
		s.T.Fatalf("%s: status %d: %v: %s", action, a.Code, a.Texts(".govuk-error-summary"), uitest.Text(a.One("main")))
	}
	return a.Header.Get("Location")
}

// refused is a form that is not taken, with what the page then says.
func (s *stage) refused(who access.Actor, path, action string, in fields) *uitest.Answer {
	s.T.Helper()
	a := s.send(who, path, action, in)
	if a.Code != http.StatusUnprocessableEntity && a.Code != http.StatusConflict {
		s.T.Fatalf("%s: status %d, want a refusal", action, a.Code)
	}
	return a
}

func (s *stage) send(who access.Actor, path, action string, in fields) *uitest.Answer {
	s.T.Helper()
	f := s.page(who, path).Form(action)
	for name, value := range in {
		switch v := value.(type) {
		case string:
			f.Set(name, v)
		case []string:
			f.Values[name] = v
		case deadline.Date:
			at, err := time.Parse(time.DateOnly, string(v))
			if err != nil {
				s.T.Fatal(err)
			}
			f.Set(name+".day", fmt.Sprint(at.Day()))
			f.Set(name+".month", fmt.Sprint(int(at.Month())))
			f.Set(name+".year", fmt.Sprint(at.Year()))
		default:
			s.T.Fatalf("%s is filled in with a %T", name, value)
		}
	}
	return uitest.Post(s.T, s.site, f, s.SignIn(who))
}
