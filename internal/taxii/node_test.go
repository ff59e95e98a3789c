package taxii_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/taxii"
	"github.com/comity-project/comity/internal/taxii/shelves"
	"github.com/comity-project/comity/statement/field"
)

// everywhere runs a test of the protocol against a library in memory and against
// the node's own collections on both engines.
func everywhere(t *testing.T, f func(*testing.T, *served)) {
	t.Run("memory", func(t *testing.T) { f(t, serve(t)) })
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		clock.Move(begin.Sub(clock.Now()))
		f(t, serveNode(t, app, clock))
	})
}

// A program is known by the certificate that it was opened with, and by nothing
// that could be sent in its place.
func TestShowing(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		pin := sha256.Sum256([]byte("a public key"))
		open := account.OpenProgram{
			ID: node.NewID(), Org: org, Name: "lab", Role: access.PointOfContact, About: "feeds of others", Expires: clock.Now().AddDate(0, 6, 0).Format(time.DateOnly), Certificate: hex.EncodeToString(pin[:]),
		}
		var made node.NewProgram
		if err := app.Do(t.Context(), access.System(), open, node.Into(&made)); err != nil || made.Token != "" || made.ID != open.ID {
			t.Fatal(made, err)
		}
		if actor, err := app.Showing(t.Context(), pin); err != nil || actor.Account != open.ID || actor.Program != account.ExchangeProgram {
			t.Fatal(actor, err)
		}
		stored := sha256.Sum256(append([]byte("comity/certificate/v1\x00"), pin[:]...))
		for _, sent := range [][32]byte{pin, stored} {
			if actor, err := app.Calling(t.Context(), "comity_"+base64.RawURLEncoding.EncodeToString(sent[:])); err == nil {
				t.Errorf("sent as a token: %+v", actor)
			}
		}
		if actor, err := app.Showing(t.Context(), stored); err == nil {
			t.Error(actor)
		}
		open.ID = node.NewID()
		if err := app.Do(t.Context(), access.System(), open); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if err := app.Do(t.Context(), access.System(), node.EndProgram{ID: made.ID, Reason: "lost"}); err != nil {
			t.Fatal(err)
		}
		if actor, err := app.Showing(t.Context(), pin); err == nil {
			t.Errorf("ended: %+v", actor)
		}
	})
}

// from is what is forced on what the laboratory brings.
var from = dispatch.Provenance{Source: "A laboratory", Licence: "CC-BY-4.0", Admiralty: "B2"}

// serveNode opens the collections that the tests know, for the accounts that they
// know.
func serveNode(t testing.TB, app *node.App, clock *nodetest.Clock) *served {
	t.Helper()
	org := nodetest.Org(t, app, account.Authority, "Licensing authority")
	contact := nodetest.Person(t, app, org, "contact", access.PointOfContact)
	give := func(actor access.Actor, cmd any) {
		t.Helper()
		if err := app.Do(context.Background(), actor, cmd); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
	}
	accounts := map[string]access.Actor{}
	for _, name := range []string{"lab", "partner", "other"} {
		var made node.NewProgram
		if err := app.Do(context.Background(), access.System(), account.OpenProgram{
			ID: node.NewID(), Org: org, Name: name, Role: access.PointOfContact, About: "feeds of others", Expires: clock.Now().AddDate(0, 6, 0).Format(time.DateOnly),
		}, node.Into(&made)); err != nil {
			t.Fatal(err)
		}
		actor, err := app.Calling(context.Background(), made.Token)
		if err != nil {
			t.Fatal(err)
		}
		accounts[name] = actor
	}
	for _, c := range []struct {
		id, title   string
		who         string
		read, write bool
	}{{shelf, "Shelf", "lab", true, true}, {letters, "Letters", "lab", true, false}, {slot, "Slot", "lab", false, true}, {secret, "Secret", "other", true, false}, {shelf, "", "partner", true, true}} {
		if c.title != "" {
			give(contact, dispatch.OpenCollection{Collection: c.id, Title: c.title})
		}
		give(contact, dispatch.Allow{Collection: c.id, Allowance: dispatch.Allowance{Account: accounts[c.who].Account, Read: c.read, Write: c.write, From: from}})
	}
	l := &shelves.Library{App: app, Who: func(_ context.Context, who string) (access.Actor, error) {
		if actor, ok := accounts[who]; ok {
			return actor, nil
		}
		return access.Actor{}, errors.New("no such account")
	}}
	return &served{Handler: server(l, clock.Now), lib: l, t: t, now: clock.Now, move: clock.Move, shown: func(raw string) string {
		// What an account brings in a day is one import, retrieved when it began.
		rows, _, _, err := imports(app, contact)
		if err != nil || len(rows) == 0 {
			t.Fatal("no import", err)
		}
		p, err := app.Import(context.Background(), contact, rows[len(rows)-1].ID, -1)
		if err != nil {
			t.Fatal(err)
		}
		marked, err := field.Provenance{Source: from.Source, Licence: from.Licence, Admiralty: from.Admiralty, Retrieved: p.Began.At}.Marker("").Mark([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		return string(marked)
	}}
}

func imports(app *node.App, actor access.Actor) ([]store.ImportRow, []store.CollectionRow, bool, error) {
	all, rows, more, err := app.Collections(context.Background(), actor, "", 0, 100)
	return rows, all, more, err
}

var _ taxii.Library = (*shelves.Library)(nil)

// Who serves asks for the token of a program that is there for collections: a
// person's session and another program's token open nothing.
func TestTokens(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nil)
	org := nodetest.Org(t, app, account.Authority, "Customs")
	token := func(role access.Role) string {
		var made node.NewProgram
		if err := app.Do(context.Background(), access.System(), account.OpenProgram{
			ID: node.NewID(), Org: org, Name: "p", Role: role, About: "feeds of others", Expires: app.Now().AddDate(0, 6, 0).Format(time.DateOnly),
		}, node.Into(&made)); err != nil {
			t.Fatal(err)
		}
		return made.Token
	}
	h := shelves.New(app, "https://node.example", nil)
	lab, customs := token(access.PointOfContact), token(access.CustomsOfficer)
	for auth, want := range map[string]int{"": 401, "Bearer x": 401, "Bearer " + customs: 401, "Bearer " + lab: 200} {
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		r.Header.Set("Authorization", auth)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%.12q: %d %s", auth, w.Code, w.Body)
		}
	}
	r := httptest.NewRequest("GET", "/field/collections/", nil)
	r.SetBasicAuth("anything", lab)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 200 || w.Body.String() != "{}" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
