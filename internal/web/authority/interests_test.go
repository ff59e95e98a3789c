package authority_test

import (
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// declare declares an interest by the page.
func (d *room) declare(who access.Actor, name, nature string) {
	d.t.Helper()
	form := d.get(who, "/interests").Status(200).NothingChosen("nature").Form("/interests")
	form.Set("name", name)
	form.Set("nature", nature)
	d.post(who, form).Redirects("/interests")
}

// An interest that the rules say keeps out does: from being given the case, and
// from deciding in it. What it is, its owner, senior officers and the auditor
// alone can read.
func TestAnInterestKeepsOutOfACase(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := openRoom(t, app)
		d.declare(d.Second, "Radio Systems, Norland", "shares")
		a := d.Application(nodetest.Example(t, "01"))
		d.Do(d.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a})
		path := "/cases/" + a.ID

		// Whoever gives the case away is warned, without what it is, and refused.
		page := d.get(d.Coordinator, path)
		page.HasText("#f-officer", "has declared an interest").LacksText("Radio Systems, Norland")
		form := page.Form(path + "/officer")
		form.Set("officer", d.Second.Account)
		d.post(d.Coordinator, form).Status(409).HasText(".govuk-error-summary", "Choose another")
		form.Set("officer", d.Officer.Account)
		d.post(d.Coordinator, form).Redirects(path + "#officer")
		d.pick(d.Coordinator, "assign", a.ID)

		// The officer themselves read what agrees, on every tab, and are sent away.
		for _, tab := range []string{"", "/items", "/decision"} {
			d.get(d.Second, path+tab).HasText("main", "You declared an interest").HasText("main", "the same name").HasText("main", "Radio Systems, Norland")
			d.get(d.Officer, path+tab).LacksText("declared an interest").LacksText("Radio Systems, Norland")
		}
		err := app.Do(t.Context(), d.Second, licensing.Recommend{On: licensing.On{Case: a.ID}})
		if err == nil || !strings.Contains(err.Error(), "interests.blocks.own") {
			t.Errorf("a recommendation with an interest: %v", err)
		}

		// Another's register is nobody's but those who may read it.
		own := "/interests/" + d.Second.Account
		for _, who := range []access.Actor{d.Officer, d.Coordinator, d.Adviser, d.Customs, d.Applicant} {
			d.get(who, own).Status(404)
		}
		for _, who := range []access.Actor{d.Senior, d.Auditor} {
			d.get(who, own).Status(200).HasText("table.t", "Radio Systems, Norland").Count("form[action='/interests']", 0)
		}
		d.get(d.Officer, "/interests").LacksText("Everybody").LacksText("Radio Systems")
		d.get(d.Officer, "/find?q=Radio+Systems+Norland").LacksText("Radio Systems, Norland")
		d.get(d.Applicant, "/interests").Status(404)

		// It ends, and no longer keeps out the day after.
		page = d.get(d.Second, "/interests")
		for _, f := range page.All("form") {
			if to, _ := uitest.Attr(f, "action"); strings.HasSuffix(to, "/end") {
				d.post(d.Second, page.Form(to)).Redirects("/interests")
			}
		}
		d.Later(clock, 48*time.Hour)
		clear(d.cookies)
		d.get(d.Second, path).LacksText("You declared an interest")
	})
}

// Some interests warn and do not keep out; the case's officer's are shown to
// those who may read them.
func TestAnInterestThatWarns(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		user := d.File(d.Officer, id).Case.App().Parties[0].Name()
		d.declare(d.Officer, user, "gift")
		d.get(d.Officer, "/cases/"+id).HasText("main", "You declared an interest").HasText("main", "Gift")
		d.get(d.Senior, "/cases/"+id).HasText("main", "declared an interest that agrees").HasText("main", "Gift")
		d.get(d.Second, "/cases/"+id).LacksText("declared an interest")
		d.Do(d.Coordinator, licensing.Assign{On: licensing.On{Case: id}, Officer: d.Second.Account})
		d.Do(d.Coordinator, licensing.Assign{On: licensing.On{Case: id}, Officer: d.Officer.Account})
	})
}

// A register is confirmed every year, also an empty one; until then it stands
// among what there is to do.
func TestInterestsAreConfirmed(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := openRoom(t, app)
		d.declare(d.Officer, "Holm Holding", "other")
		d.get(d.Officer, "/work").HasText("main", "Confirm your register of interests")
		d.get(d.Second, "/work").LacksText("Confirm your register")
		form := d.get(d.Officer, "/interests").HasText("main", "Never confirmed").Form("/interests/confirm")
		for range 2 {
			d.post(d.Officer, form).Redirects("/interests")
		}
		d.get(d.Officer, "/interests").HasText("main", "To be confirmed again by")
		d.get(d.Officer, "/work").LacksText("Confirm your register")
		d.Later(clock, 360*24*time.Hour)
		clear(d.cookies)
		d.get(d.Officer, "/work").HasText("main", "Confirm your register of interests")

		wrong := d.get(d.Officer, "/interests").Form("/interests")
		d.post(d.Officer, wrong).Status(422).HasText(".govuk-error-summary", "Name the company")
	})
}
