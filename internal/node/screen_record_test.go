package node_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

// TestScreeningsAtOnceShareAnEvent: however many ask at the same moment, each is
// counted once under its purpose and leaves one hash, and none gets its answer
// before that is on disk.
func TestScreeningsAtOnceShareAnEvent(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		officer := nodetest.Person(t, app, nodetest.Org(t, app, account.Authority, "Authority"), "officer", access.LicensingOfficer)
		auditor := access.Actor{Account: "x", Roles: []access.Role{access.Auditor}}
		const each = 20
		var wg sync.WaitGroup
		for i := range each {
			for _, duty := range []string{"Act, section 4", "Act, section 9"} {
				wg.Go(func() {
					if _, err := app.Screen(ctx, officer, node.ScreenRequest{Query: screening.Query{Name: fmt.Sprint("Party ", i)}, Purpose: node.ForDuty, About: duty}); err != nil {
						t.Error(err)
						return
					}
					v, err := app.ScreeningVolumes(ctx, auditor, "")
					if err != nil || len(v) != 1 || v[0].Queries == 0 {
						t.Errorf("answered, and on record is %+v, %v", v, err)
					}
				})
			}
			wg.Go(func() {
				if _, err := app.Screen(ctx, officer, node.ScreenRequest{Query: screening.Query{Name: "Nobody"}, Purpose: node.ForDuty}); err == nil {
					t.Error("a duty without its law was searched for")
				}
			})
		}
		wg.Wait()
		v, err := app.ScreeningVolumes(ctx, auditor, "")
		if err != nil || len(v) != 1 || v[0].Queries != 2*each {
			t.Fatalf("on record are %+v, %v; want %d queries", v, err, 2*each)
		}
		var entries []ledger.Entry
		if err := app.Store().View(ctx, func(t *store.Tx) (err error) {
			entries, err = t.StreamEntries(event.StreamOf("screening", officer.Account+"-"+clock.Now().Format("2006-01")), 0)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		hashes, abouts := map[string]int{}, map[string]int{}
		for _, e := range entries {
			var said struct {
				About   string   `json:"about"`
				Queries int      `json:"queries"`
				Query   string   `json:"query"`
				More    []string `json:"more"`
			}
			if err := json.Unmarshal(e.Kept, &said); err != nil {
				t.Fatal(err)
			}
			abouts[said.About] += said.Queries
			for _, h := range append(said.More, said.Query) {
				hashes[h]++
			}
			if said.Queries != len(said.More)+1 {
				t.Errorf("%d queries and %d hashes in one event", said.Queries, len(said.More)+1)
			}
		}
		if len(hashes) != 2*each || abouts["Act, section 4"] != each || abouts["Act, section 9"] != each {
			t.Errorf("%d different hashes, by duty %v; want %d", len(hashes), abouts, 2*each)
		}
	})
}

// TestAnEndedSessionCallsNoMore: what is remembered of a token ends with the
// session, with the account and with its role.
func TestAnEndedSessionCallsNoMore(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	officer := nodetest.Person(t, app, nodetest.Org(t, app, account.Authority, "Authority"), "officer", access.LicensingOfficer)
	const password = "correct horse battery"
	if err := app.Do(ctx, access.System(), node.SetPassword{Account: officer.Account, New: password}); err != nil {
		t.Fatal(err)
	}
	token, err := app.SignIn(ctx, "officer", password, "")
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString(token[:])
	if p, err := app.Calling(ctx, text); err != nil || !p.Has(access.LicensingOfficer) {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := app.Do(ctx, access.System(), account.ChangeRoles{ID: officer.Account, Roles: []access.Role{access.Auditor}, Reason: "new duties"}); err != nil {
		t.Fatal(err)
	}
	if p, err := app.Calling(ctx, text); err != nil || p.Has(access.LicensingOfficer) {
		t.Errorf("after the change of roles: %+v, %v", p, err)
	}
	if err := app.SignOut(ctx, token); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Calling(ctx, text); err == nil {
		t.Error("a session that was ended still calls")
	}
}
