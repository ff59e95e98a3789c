package customs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// border is a node with its site, and customs before it.
type border struct {
	*nodetest.House
	site http.Handler
}

func newBorder(t *testing.T, app *node.App) border {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.Site(door.New(app), web.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	return border{nodetest.Staff(t, app), site}
}

// sound holds a page to be sound and fully worded, and keeps it to be looked at.
func (b border) sound(name string, a *uitest.Answer) *uitest.Answer {
	b.T.Helper()
	a.Sound()
	if i := strings.Index(a.Body, ">["); i >= 0 {
		b.T.Errorf("%s says a key: %q", name, a.Body[i:min(i+80, len(a.Body))])
	}
	if dir := os.Getenv("COMITY_PAGES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(a.Body), 0o600); err != nil {
			b.T.Fatal(err)
		}
	}
	return a
}

// look looks something up as customs do.
func (b border) look(by node.LookBy, text string) *uitest.Answer {
	b.T.Helper()
	customs := b.SignIn(b.Customs)
	f := uitest.Get(b.T, b.site, "/customs", customs).Status(http.StatusOK).Form("/customs")
	f.Set("by", string(by))
	f.Set("text", text)
	f.Set("purpose", "declaration")
	f.Set("about", "26XN000077")
	return b.sound("look-"+string(by), uitest.Post(b.T, b.site, f, customs).Status(http.StatusOK))
}

func (b border) usage(l *licensing.Licence, number int64, quantity string) licensing.CustomsMessage {
	return licensing.CustomsMessage{
		Sender: "xn-customs", Number: number, Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: fmt.Sprintf("26XN%06d", number), Office: "XN000100", Document: "X060",
		At: b.App.Now(), Lines: []licensing.MessageLine{{Line: l.Lines[0].Line, Quantity: quantity, Unit: l.Lines[0].Unit}},
	}
}

// Customs find by declaration, licence, tariff code and party what may leave and
// how much is left; findings that no licence is needed are found too; nothing
// found is not said to be free to leave; and nothing else of a case is shown.
func TestLookUp(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		b := newBorder(t, app)
		l := b.Licence(
			licensing.Condition{ID: "c1", Type: licensing.Serials, Who: "licensee", What: "Each unit bears its number.", Verify: "Count", Consequence: "Suspension"},
			licensing.Condition{ID: "c2", Type: licensing.Reports, Who: "licensee", What: "Report the informer's safety.", EveryDays: 90, Verify: "Reading", Consequence: "Suspension"},
		)
		free := b.NotRequired()
		clock.Move(time.Hour)
		m := b.usage(l, 1, "2")
		m.Lines[0].Serials = []string{"K-1", "K-2"}
		b.Do(b.Customs, node.TakeMessage{CustomsMessage: m})
		for _, x := range []struct {
			by   node.LookBy
			text string
			free bool
		}{
			{node.ByDeclaration, "26XN000001", false},
			{node.ByLicence, l.Reference, false},
			{node.ByLicence, "0123456789ABCDEF" + l.ID[len(l.ID)-8:], false},
			{node.ByTariff, "852349", true},
			{node.ByTariff, "8523.49", true},
			{node.ByParty, "vedensky", true},
			{node.ByParty, "Веденский", true},
		} {
			a := b.look(x.by, x.text)
			a.HasText(".card", "4 items may leave under it").HasText("li", "Each unit bears its number.").LacksText("informer")
			if x.free {
				a.HasText(".card", "no licence required").HasText("h2", free)
			} else {
				a.LacksText(free)
			}
			for _, told := range []string{"It protects those who use it.", "Person officer", "as recommended", "severity"} {
				a.LacksText(told)
			}
		}
		b.look(node.ByLicence, free).HasText(".card", "it was found that this item needs no licence")
		for by, text := range map[node.LookBy]string{node.ByDeclaration: "26XN999999", node.ByLicence: "XX-1", node.ByTariff: "010121", node.ByParty: "Nobody Anywhere"} {
			b.look(by, text).HasText("main", "Nothing on record").HasText("main", "That does not mean that it may leave")
		}
		// A word of the case that is no party's name leads nowhere.
		b.look(node.ByParty, "encryption").HasText("main", "Nothing on record")

		b.Do(b.Senior, licensing.Suspend{OnLicence: licensing.OnLicence{Licence: l.ID}, Ground: "new_facts", Why: "The informer says so."})
		b.look(node.ByLicence, l.Reference).HasText(".card", "may not leave").HasText(".card", "suspended").LacksText("informer")
		b.Do(b.Senior, licensing.Reinstate{OnLicence: licensing.OnLicence{Licence: l.ID}, Why: "Unfounded."})
		uitest.Get(t, b.site, "/customs", b.SignIn(b.Officer)).Status(http.StatusNotFound)
		clock.Move(800 * 24 * time.Hour)
		late, err := app.LookUp(context.Background(), b.Customs, node.LookUp{By: node.ByLicence, Text: l.Reference, Purpose: "enquiry", About: "E 7"})
		if err != nil || late.Found[0].Worth != licensing.Expired || late.Found[0].MayLeave() { // though no job has said so yet
			t.Errorf("%+v, %v", late, err)
		}
	})
}

// A look-up without purpose is not made; one that was made is on record with
// its purpose and without what was looked up.
func TestLookUpsAreRecorded(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		b := newBorder(t, app)
		b.Licence()
		customs := b.SignIn(b.Customs)
		f := b.sound("look", uitest.Get(t, b.site, "/customs", customs)).Form("/customs")
		f.Set("by", "party")
		f.Set("text", "vedensky")
		bad := uitest.Post(t, b.site, f, customs).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "Say what you look it up for.").HasText(".govuk-error-summary a", "Give the number of the declaration")
		b.look(node.ByParty, "vedensky")
		ctx := context.Background()
		rec, err := app.Record(ctx, b.Auditor, 0, 5)
		if err != nil {
			t.Fatal(err)
		}
		e, err := app.Entry(ctx, b.Auditor, rec.Head.Seq)
		if err != nil || e.Type != "customs.looked_up" || e.Withheld || !bytes.Contains(e.Kept, []byte(`"purpose":"declaration"`)) || bytes.Contains(e.Kept, []byte("vedensky")) {
			t.Errorf("%s %s %v", e.Type, e.Kept, err)
		}
	})
}

// A page of an answer goes on where the one before ended, and stays within ten
// statements.
func TestLookUpIsPaged(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		b := newBorder(t, app)
		want := map[string]bool{}
		for range 12 {
			want[b.Licence().Reference] = true
			want[b.NotRequired()] = true
		}
		customs := b.SignIn(b.Customs)
		page := b.look(node.ByTariff, "852349")
		seen := page.Texts(".card h2")
		f := page.Form("/customs")
		after, _ := uitest.Attr(page.One("input[name=after]"), "value")
		f.Set("after", after)
		n := 0
		r := httptest.NewRequest(http.MethodPost, "/customs", strings.NewReader(f.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r = r.WithContext(store.CountStatements(r.Context(), &n))
		more := uitest.Ask(t, b.site, r, customs).Status(http.StatusOK)
		if n > 10 {
			t.Errorf("a page takes %d statements", n)
		}
		seen = append(seen, more.Texts(".card h2")...)
		got := map[string]bool{}
		for _, h := range seen {
			for ref := range want {
				if strings.Contains(h, ref+",") {
					if got[ref] {
						t.Errorf("%s is shown twice", ref)
					}
					got[ref] = true
				}
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d of %d are shown", len(got), len(want))
		}
	})
}

// C1-8: a stopped shipment with no licence: customs ask, licensing answers within
// the pack's clock, the stop is released or kept with a reason, and the gap it
// reveals is raised on the instrument.
func TestC1_8_StoppedShipment(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		b := newBorder(t, app)
		customs, officer := b.SignIn(b.Customs), b.SignIn(b.Officer)
		stop := func() string {
			f := b.sound("stop-new", uitest.Get(t, b.site, "/stops/new", customs)).Form("/stops")
			uitest.Post(t, b.site, f, customs).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say what the goods are.")
			for name, v := range map[string]string{
				"declaration": "26XN000077", "office": "XN000100", "goods": "Two racks of traffic probes, unmarked", "tariff": "8517.62", "exporter": "Alvania Flowgate",
				"question": "No licence was presented. Does this need one?",
			} {
				f.Set(name, v)
			}
			a := uitest.Post(t, b.site, f, customs).Status(http.StatusSeeOther)
			uitest.Post(t, b.site, f, customs).Status(http.StatusSeeOther) // sent twice, stopped once
			return a.Header.Get("Location")
		}
		first := stop()
		if n := uitest.Get(t, b.site, "/stops", officer).Texts("tbody tr"); len(n) != 1 {
			t.Fatalf("%d stops", len(n))
		}
		b.sound("stops", uitest.Get(t, b.site, "/stops", officer)).HasText("td", "3 working days left")
		early := b.sound("stop-customs", uitest.Get(t, b.site, first, customs)).HasText("#what dd", "none").Form(first + "/end")
		early.Set("outcome", "released")
		early.Set("reason", "The lorry waits.")
		uitest.Post(t, b.site, early, customs).Status(http.StatusConflict).HasText(".govuk-error-summary", "Wait for the answer")

		clock.Move(time.Hour)
		f := b.sound("stop-officer", uitest.Get(t, b.site, first, officer)).Count("#end", 0).Form(first + "/answer")
		f.Set("reply", "licence_needed")
		f.Set("why", "The exporter was informed by letter that these probes need a licence.")
		uitest.Post(t, b.site, f, officer).Redirects(first)
		g := uitest.Get(t, b.site, first, officer).Form(first + "/raise_gap")
		g.Set("instrument", "Order 12 of 2024")
		g.Set("what", "It names no traffic probes.")
		uitest.Post(t, b.site, g, officer).Redirects(first)

		// Another gap is in an instrument of the register: each page leads to the other.
		law := node.NewID()
		b.Do(nodetest.Person(t, app, b.Authority, "editor", access.PolicyEditor), instruments.Enter{
			OnInstrument: instruments.OnInstrument{Instrument: law}, Kind: instruments.Law, Owner: b.Officer.Account, ReviewBy: "2027-11-01",
			Version: instruments.Version{
				From: "2019-05-04", SourceDate: "2026-01-10", Covers: []string{"refuse"},
				Words: instruments.Words{Title: "Export Control Act", Citation: "Act of 4 May 2019 no. 12", Source: "Gazette 2019 no. 12"},
			},
		})
		g = uitest.Get(t, b.site, first, officer).HasText("#gap option", "Export Control Act").Form(first + "/raise_gap")
		g.Set("entry", law)
		g.Set("what", "It reaches no technical assistance.")
		uitest.Post(t, b.site, g, officer).Redirects(first)
		b.sound("stop-gap", uitest.Get(t, b.site, first, officer)).HasText("#instruments a", "Export Control Act").HasText("#history", "A gap was raised on Export Control Act.")
		b.sound("instrument-gap", uitest.Get(t, b.site, "/instruments/"+law, officer)).HasText("#border a", "-S-2026-0001")
		uitest.Get(t, b.site, first, customs).Count("#instruments", 0)

		kept := uitest.Get(t, b.site, first, customs).HasText("#history", "needs a licence").Form(first + "/end")
		kept.Set("outcome", "released")
		kept.Set("reason", "As licensing says.")
		uitest.Post(t, b.site, kept, customs).Status(http.StatusConflict).HasText(".govuk-error-summary", "can't be released")
		kept.Set("outcome", "detained")
		uitest.Post(t, b.site, kept, customs).Redirects(first)
		b.sound("stop-ended", uitest.Get(t, b.site, first, customs)).HasText(".facts dd", "detained").HasText("#history", "Order 12 of 2024").Count("#end", 0)
		uitest.Get(t, b.site, "/stops?ended=1", officer).HasText("td", "detained")

		// Licensing stays silent: when its time has passed, customs end the stop
		// and the record says so.
		second := stop()
		uitest.Get(t, b.site, second, b.SignIn(b.Ministry)).Status(http.StatusNotFound)
		clock.Move(6 * 24 * time.Hour)
		on := licensing.OnStop{Stop: strings.TrimPrefix(second, "/stops/")}
		b.Do(b.Customs, licensing.EndStop{OnStop: on, Outcome: licensing.StopReleased, Why: "No answer came."})
		file, err := app.StopFile(context.Background(), b.Officer, on.Stop)
		if err != nil || file.Status != licensing.StopReleased || !file.Ended.Unanswered {
			t.Errorf("%+v, %v", file, err)
		}
	})
}

// Customs' own system sends its messages and fetches its notices line by line;
// what can't be read is told with its line, and the rest is dealt with.
func TestMessagesAndNotices(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		b := newBorder(t, app)
		l := b.Licence()
		clock.Move(time.Hour)
		customs := b.SignIn(b.Customs)
		var body bytes.Buffer
		for _, m := range []licensing.CustomsMessage{b.usage(l, 1, "4"), b.usage(l, 2, "4"), b.usage(l, 1, "4")} {
			if err := json.NewEncoder(&body).Encode(m); err != nil {
				t.Fatal(err)
			}
		}
		body.WriteString("{\"sender\":\"xn-customs\"}\n")
		send := func(as *http.Cookie) *uitest.Answer {
			r := httptest.NewRequest(http.MethodPost, "/customs/messages", bytes.NewReader(body.Bytes()))
			return uitest.Ask(t, b.site, r, as)
		}
		first := send(customs).Status(http.StatusOK)
		lines := strings.Split(strings.TrimSpace(first.Body), "\n")
		if len(lines) != 4 || !strings.Contains(lines[0], `"accepted"`) || !strings.Contains(lines[1], `"refused","why":"licensing.use.too_much"`) ||
			!strings.Contains(lines[2], `"repeated":true`) || !strings.Contains(lines[3], `"line":4`) {
			t.Errorf("%q", lines)
		}
		again := strings.Split(strings.TrimSpace(send(customs).Status(http.StatusOK).Body), "\n")
		if strings.Replace(again[0], `,"repeated":true`, "", 1) != lines[0] {
			t.Errorf("%s\n%s", again[0], lines[0])
		}
		send(b.SignIn(b.Officer)).Status(http.StatusNotFound)
		got := uitest.Get(t, b.site, "/customs/notices?after=0", customs).Status(http.StatusOK)
		if !strings.Contains(got.Body, `"kind":"issue"`) || !strings.Contains(got.Body, `"document":"X060"`) {
			t.Error(got.Body)
		}
	})
}
