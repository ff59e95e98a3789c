package node_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

var ctx = context.Background()

func TestAccountsFromDoorToLedger(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		admin := nodetest.Person(t, app, org, "admin", access.Administrator)
		officer := nodetest.Person(t, app, org, "officer", access.LicensingOfficer)

		t.Run("a name serves once", func(t *testing.T) {
			err := app.Do(ctx, admin, account.Open{ID: node.NewID(), Org: org, Profile: account.Profile{Name: "Other", Sign: "OFFICER"}, Roles: []access.Role{access.Auditor}})
			if !fault.Is(err, fault.Conflict) {
				t.Fatalf("want a conflict that names the field, got %v", err)
			}
		})
		t.Run("what one may not do answers as if it were not there", func(t *testing.T) {
			err := app.Do(ctx, officer, account.ChangeRoles{ID: admin.Account, Roles: []access.Role{access.Auditor}, Reason: "x"})
			if !fault.Is(err, fault.NotFound) {
				t.Fatalf("got %v", err)
			}
		})
		t.Run("nobody hands roles to themselves", func(t *testing.T) {
			err := app.Do(ctx, admin, account.ChangeRoles{ID: admin.Account, Roles: []access.Role{access.SeniorOfficer}, Reason: "x"})
			if !fault.Is(err, fault.Denied) {
				t.Fatalf("got %v", err)
			}
		})
		t.Run("a key runs a command once", func(t *testing.T) {
			cmd := account.ChangeRoles{ID: officer.Account, Roles: []access.Role{access.LicensingOfficer, access.TechnicalAssessor}, Reason: "cover"}
			for range 2 {
				if err := app.Do(ctx, admin, cmd, node.Once("k1")); err != nil {
					t.Fatal(err)
				}
			}
			err := app.Do(ctx, admin, cmd, node.Expect(event.StreamOf(account.KindAccount, officer.Account), 1))
			if !fault.Is(err, fault.Conflict) {
				t.Fatalf("the account is at version 2: want a conflict, got %v", err)
			}
		})
	})
}

func TestSignIn(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		who := nodetest.Person(t, app, org, "amira", access.RightsAdviser)
		if err := app.Do(ctx, access.System(), node.SetPassword{Account: who.Account, New: "correct horse battery"}); err != nil {
			t.Fatal(err)
		}
		in := func(password, code string) (node.Token, error) { return app.SignIn(ctx, "Amira", password, code) }
		token, err := in("correct horse battery", "")
		if err != nil {
			t.Fatal(err)
		}
		statements := 0
		session, err := app.Who(store.CountStatements(ctx, &statements), token)
		if err != nil || session.Actor.Account != who.Account || !session.Actor.Has(access.RightsAdviser) {
			t.Fatalf("got %+v, %v", session, err)
		}
		if statements != 1 {
			t.Errorf("a session costs %d statements, want 1", statements)
		}
		if _, err := in("wrong horse battery", ""); !fault.Is(err, fault.SignIn) {
			t.Fatalf("got %v", err)
		}
		if _, err := app.SignIn(ctx, "nobody", "correct horse battery", ""); !fault.Is(err, fault.SignIn) {
			t.Fatalf("got %v", err)
		}
		t.Run("a session ends after an idle hour", func(t *testing.T) {
			clock.Move(node.SessionIdle + time.Minute)
			if _, err := app.Who(ctx, token); !fault.Is(err, fault.SignIn) {
				t.Fatalf("got %v", err)
			}
		})
		t.Run("a code serves once", func(t *testing.T) {
			secret, err := node.NewTOTP("Comity", "amira")
			if err != nil {
				t.Fatal(err)
			}
			code := func() string {
				c, err := totp.GenerateCode(secret, clock.Now())
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			if err := app.Do(ctx, who, node.SetTOTP{Account: who.Account, Secret: secret, Code: code()}); err != nil {
				t.Fatal(err)
			}
			if _, err := in("correct horse battery", ""); err != node.ErrSecondFactor {
				t.Fatalf("got %v", err)
			}
			if _, err := in("correct horse battery", code()); !fault.Is(err, fault.SignIn) {
				t.Fatalf("the code that set it up must not serve again, got %v", err)
			}
			clock.Move(time.Minute)
			if _, err := in("correct horse battery", code()); err != nil {
				t.Fatal(err)
			}
			if _, err := in("correct horse battery", code()); !fault.Is(err, fault.SignIn) {
				t.Fatalf("got %v", err)
			}
		})
		t.Run("ten failures lock for a while", func(t *testing.T) {
			clock.Move(time.Minute)
			for range 10 {
				_, _ = in("wrong horse battery", "")
			}
			if err := app.Do(ctx, who, node.SetTOTP{Account: who.Account}); err != nil {
				t.Fatal(err)
			}
			if _, err := in("correct horse battery", ""); !fault.Is(err, fault.SignIn) {
				t.Fatalf("locked: got %v", err)
			}
			clock.Move(16 * time.Minute)
			if _, err := in("correct horse battery", ""); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestErase(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		gone := nodetest.Person(t, app, org, "leaver", access.LicensingOfficer)
		custodian := nodetest.Person(t, app, org, "custodian", access.Custodian)
		cmd := node.Erase{What: event.StreamOf(account.KindAccount, gone.Account), Rule: "staff records, two years after leaving"}

		if err := app.Do(ctx, gone, cmd); !fault.Is(err, fault.NotFound) {
			t.Fatalf("only a custodian erases, got %v", err)
		}
		if err := app.Do(ctx, custodian, cmd); err != nil {
			t.Fatal(err)
		}
		if err := app.Do(ctx, custodian, cmd); !fault.Is(err, fault.Conflict) {
			t.Fatalf("twice: got %v", err)
		}
		err := app.Store().View(ctx, func(tx *store.Tx) error {
			rows, err := tx.Accounts("", "", 100)
			if err != nil {
				return err
			}
			for _, r := range rows {
				if r.ID == gone.Account && (r.Display != "" || r.Name != "erased-"+gone.Account) {
					t.Errorf("the row still says %q %q", r.Name, r.Display)
				}
			}
			var acc account.State
			if _, err := tx.Load(cmd.What, &acc); err != nil {
				return err
			}
			if acc.Erased == nil || acc.Erased.Rule != cmd.Rule {
				t.Errorf("the state does not say why: %+v", acc.Erased)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// The end of the test verifies that the ledger accepts the missing part.
	})
}

func TestProofsAndDamage(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		for i := range 20 {
			nodetest.Person(t, app, org, fmt.Sprintf("p%d", i), access.Auditor)
		}
		if _, err := app.Prove(ctx, 3, true); err == nil {
			t.Fatal("no checkpoint yet: want an error")
		}
		size, err := app.Checkpoint(ctx)
		if err != nil || size != 21 {
			t.Fatalf("got %d, %v", size, err)
		}
		for _, disclose := range []bool{true, false} {
			proof, err := app.Prove(ctx, 3, disclose)
			if err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal(proof)
			if err != nil {
				t.Fatal(err)
			}
			if _, cp, err := ledger.CheckProof(b, app.Verifier()); err != nil || cp.Size != 21 {
				t.Fatalf("disclose=%v: %+v, %v", disclose, cp, err)
			}
			proof.Actor = "someone else"
			if b, err = json.Marshal(proof); err != nil {
				t.Fatal(err)
			}
			if _, _, err := ledger.CheckProof(b, app.Verifier()); err == nil {
				t.Fatalf("disclose=%v: a changed actor passes", disclose)
			}
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		admin := nodetest.Person(t, app, org, "admin", access.Administrator)
		target := nodetest.Person(t, app, org, "target", access.Auditor)
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				cmd := account.ChangeRoles{ID: target.Account, Roles: []access.Role{access.Auditor}, Reason: fmt.Sprint("round ", i)}
				if i%7 == 0 {
					cmd.Reason = "" // refused alone, whatever it shares a commit with
				}
				err := app.Do(ctx, admin, cmd)
				if (i%7 == 0) != fault.Is(err, fault.Invalid) {
					t.Errorf("command %d: %v", i, err)
				}
			}()
		}
		wg.Wait()
	})
}
