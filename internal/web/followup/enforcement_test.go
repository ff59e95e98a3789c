package followup_test

import (
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// admitted opens a person with a role who is admitted to the compartment of
// enforcement.
func (d desk) admitted(sign string, role access.Role) access.Actor {
	d.T.Helper()
	p := nodetest.Person(d.T, d.App, d.Authority, sign, role)
	d.Do(access.System(), account.ChangeRoles{ID: p.Account, Roles: p.Roles, Compartments: []string{enforcement.Compartment}, Reason: "Works on enforcement."})
	p.Compartments = []string{enforcement.Compartment}
	return p
}

// An exporter discloses, is asked and answers; a penalty takes two people; the
// appeal varies it and takes nothing out; what is final goes on the record.
// Nobody outside the compartment sees any of it.
func TestADisclosureToItsAppeal(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		keeper, first, second := d.admitted("keeper", access.EnforcementOfficer), d.admitted("first", access.SeniorOfficer), d.admitted("third", access.SeniorOfficer)
		outside := nodetest.Person(t, app, d.Authority, "outside", access.EnforcementOfficer)

		f := d.page("/exporter/matters", d.Applicant).HasText("h2", "Nothing here").Form("/exporter/matters")
		d.post(f, d.Applicant).HasText(".govuk-error-summary a", "Say what happened.")
		f.Set("title", "Two units too many")
		f.Set("what", "Eight left where six were licensed; we stopped the rest.")
		own := "/exporter/matters/" + f.Get("once")
		d.post(f, d.Applicant).Redirects(own)
		file := "/enforcement/" + f.Get("once")

		for _, who := range []access.Actor{outside, d.Officer, d.Senior, d.Auditor, d.Applicant} {
			d.gone(file, who)
			d.gone("/enforcement", who)
		}
		d.page("/work", outside).LacksText("XX-E-")
		d.page("/enforcement", keeper).Count("#matters tbody tr", 1).HasText("#matters td", "The exporter's own disclosure")
		if rows := count(t, app, access.ScopeOf(outside, access.MatterRead)); rows != 0 {
			t.Errorf("who is not admitted counts %d", rows)
		}

		f = d.page(file, keeper).Form(file + "/question")
		f.Set("question.text", "Who signed the declaration?")
		date(f, "question.due", clock.Now().AddDate(0, 0, 9))
		d.post(f, keeper).Redirects(file)
		d.page("/work", outside).LacksText("XX-E-")
		d.page("/work", keeper).HasText("a", "Answer awaited in XX-E-")
		for _, form := range d.page(own, d.Applicant).HasText("h2", "The authority asks").All("form") {
			if to, _ := uitest.Attr(form, "action"); to == own+"/reply" {
				f = d.page(own, d.Applicant).Form(to)
			}
		}
		f.Set("text"+f.Get("question"), "Our forwarder.")
		d.post(f, d.Applicant).Redirects(own)

		f = d.page(file, keeper).HasText("p", "Our forwarder.").NothingChosen("decide.outcome").Form(file + "/decide")
		f.Set("decide.outcome", "penalty")
		f.Set("decide.told", "A penalty for two units without licence.")
		f.Set("decide.why", "The disclosure halves it.")
		d.post(f, keeper).HasText(".govuk-error-summary a", "A penalty has a sum")
		f.Set("decide.sum", "1500 EUR")
		d.post(f, keeper).Redirects(file)
		d.page(own, d.Applicant).LacksText("Penalty").LacksText("The disclosure halves it.")
		f = d.page(file, first).Form(file + "/agree")
		d.post(f, first).Redirects(file)
		told := d.page(own, d.Applicant).HasText("#outcome", "Penalty").HasText("#outcome", "A penalty for two units")
		told.LacksText("The disclosure halves it.").LacksText("Person keeper")

		f = d.page(file, keeper).Form(file + "/shut")
		f.Set("shut.why", "Done.")
		d.post(f, keeper).HasText(".govuk-error-summary", "The exporter may appeal until")
		f = d.page(own, d.Applicant).Form(own + "/object")
		f.Set("text", "It is too much.")
		d.post(f, d.Applicant).Redirects(own)
		d.page(file, first).Count("form[action='"+file+"/rule']", 0)
		f = d.page(file, second).Form(file + "/rule")
		f.Set("rule.ruling", "varied")
		f.Set("rule.outcome", "warning")
		f.Set("rule.told", "A warning is enough.")
		d.post(f, first).HasText(".govuk-error-summary", "does not rule on the appeal")
		d.post(f, second).Redirects(file)
		d.page(own, d.Applicant).HasText("#outcome", "Penalty").HasText("#appeal", "A warning is enough.")

		f = d.page(file, keeper).Form(file + "/gap")
		f.Set("gap.element", "catch-all")
		f.Set("gap.what", "No duty to count.")
		d.post(f, keeper).Redirects(file)
		f = d.page(file, keeper).Form(file + "/shut")
		f.Set("shut.why", "Done.")
		d.post(f, keeper).Redirects(file)
		d.page("/enforcement?show=closed", keeper).HasText("#figures td", "Warning").HasText("#matters td", "Warning")
		open := d.Submit(d.Application(nodetest.Example(t, "12")))
		d.page("/cases/"+open, d.Officer).HasText("#record li", "Warning").LacksText("XX-E-")
		d.page("/incidents", keeper).HasText("a", "Enforcement")
		var record enforcement.Record
		if err := app.Store().View(t.Context(), func(t *store.Tx) error {
			_, err := t.Load(event.Stream(enforcement.RecordStream(d.Firm)), &record)
			return err
		}); err != nil || len(record.Entries) != 1 || record.Entries[0].Outcome != enforcement.Warning {
			t.Errorf("%+v, %v", record, err)
		}
	})
}

func count(t *testing.T, app *node.App, scope access.Scope) (n int) {
	t.Helper()
	if err := app.Store().View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.ListMatters(store.Matters{Scope: scope, Any: true, Limit: 10})
		n = len(rows)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// The exporter learns of a file when it is asked, not before.
func TestAnInquiryIsNotSeenBeforeItAsks(t *testing.T) {
	clock := nodetest.NewClock()
	d := newDesk(t, nodetest.Open(t, store.SQLite, clock))
	keeper := d.admitted("keeper", access.EnforcementOfficer)
	f := d.page("/enforcement/new", keeper).Form("/enforcement/begin")
	f.Set("begin.kind", "audit")
	f.Set("begin.org", "Norland Radio")
	f.Set("begin.title", "Records of 2026")
	f.Set("begin.what", "A sample of ten shipments.")
	d.post(f, keeper).HasText(".govuk-error-summary a", "Give the name or registry number")
	f.Set("begin.org", "Norland Radio Systems")
	file := "/enforcement/" + f.Get("begin.id")
	d.post(f, keeper).Redirects(file)
	own := "/exporter/matters/" + f.Get("begin.id")
	d.gone(own, d.Applicant)
	d.page("/exporter/matters", d.Applicant).LacksText("XX-E-")
	clock.Move(time.Minute)
	d.Do(keeper, enforcement.Ask{OnMatter: enforcement.OnMatter{Matter: f.Get("begin.id")}, ID: "q1", Text: "Send the register.", Due: d.day().Add(9)})
	d.page(own, d.Applicant).HasText("p", "Send the register.").LacksText("A sample of ten shipments.")
}
