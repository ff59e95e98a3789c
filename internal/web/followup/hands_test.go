package followup_test

import (
	"slices"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// applied is a worked case as its exporter applies for it: each line with its own
// user, each party with the owners that it names.
func (d desk) applied(in assessment.Input) licensing.Application {
	d.T.Helper()
	kind := in.Kind
	if kind == "" {
		kind = "individual"
	}
	a := d.ApplicationOf(kind, in)
	for i, l := range in.Lines {
		a.Lines[i].User = l.User
	}
	for i, p := range in.Parties {
		if p.Hidden {
			a.Parties[i].Ownership.Knowledge = party.Hidden
		}
		for _, o := range p.Owners {
			a.Parties[i].Ownership.Owners = append(a.Parties[i].Ownership.Owners, party.Owner{ID: "owner-" + p.ID, Kind: party.Organisation, Names: []party.Name{{Text: o}}})
		}
	}
	return a
}

// assessed submits such an application and does what its worked case says that
// people found; refuse are the lines that the adviser would refuse.
func (d desk) assessed(in assessment.Input, refuse ...string) string {
	d.T.Helper()
	id := d.Submit(d.applied(in))
	d.Settle(id, in)
	d.Complete(id, in, refuse...)
	return id
}

// recommended recommends an outcome for each line on the page, refusals on the
// first test that the page offers, and has a senior officer agree.
func (d desk) recommended(id string, outcomes map[string]string, conditions ...string) {
	d.T.Helper()
	tab := "/cases/" + id + "/decision"
	page := d.page(tab+"/recommend", d.Officer)
	f := page.Form(tab + "/recommend")
	for line, o := range outcomes {
		f.Set("outcome."+line, o)
		if o != "refuse" {
			continue
		}
		offered := page.All("input[name=grounds." + line + "]")
		if len(offered) == 0 {
			d.T.Fatalf("no ground is offered to refuse %s", line)
		}
		ground, _ := uitest.Attr(offered[0], "value")
		f.Values["grounds."+line] = []string{ground}
	}
	f.Values["conditions"] = conditions
	f.Set("reasons", "By the facts on record.")
	d.post(f, d.Officer).Redirects(tab)
	f = d.page(tab+"/countersign", d.Senior).Form(tab + "/countersign")
	f.Set("agree", "yes")
	d.post(f, d.Senior).Redirects(tab)
}

// told fills in, in words that applicants may read, every ground of a form.
func told(f uitest.Form, page *uitest.Answer) {
	for _, n := range page.All("textarea") {
		if name, _ := uitest.Attr(n, "name"); len(name) > 5 && name[:5] == "told." {
			f.Set(name, "The risk that it is used for serious violations is not ruled out.")
		}
	}
}

// heard tells the applicant that some lines are to be refused, takes the reply
// and weighs it, all on the pages.
func (d desk) heard(id string, lines ...string) {
	d.T.Helper()
	tab := "/cases/" + id + "/decision"
	page := d.page(tab+"/intend", d.Senior)
	f := page.Form(tab + "/intend")
	f.Values["lines"] = lines
	told(f, page)
	d.post(f, d.Senior).Redirects(tab + "#intention")
	home := "/exporter/cases/" + id
	f = d.page(home+"/intention", d.Applicant).Form(home + "/intention")
	f.Set("text", "We trust our customer.")
	f.Set("how", "reply")
	d.post(f, d.Applicant).Redirects(home)
	f = d.page(tab+"/weigh", d.Officer).Form(tab + "/weigh")
	f.Set("text", "Trust is no safeguard.")
	f.Set("new", "no")
	d.post(f, d.Officer).Redirects(tab + "#intention")
}

// decided carries an assessed case through recommendation, hearing and decision
// by the pages. It gives the licence, nil where nothing was issued.
func (d desk) decided(id string, outcomes map[string]string, conditions ...string) *licensing.Licence {
	d.T.Helper()
	d.recommended(id, outcomes, conditions...)
	var refused []string
	for line, o := range outcomes {
		if o == "refuse" {
			refused = append(refused, line)
		}
	}
	slices.Sort(refused)
	if len(refused) > 0 {
		d.heard(id, refused...)
	}
	d.post(d.deciding(id, outcomes), d.Senior).Redirects("/cases/" + id + "/decision")
	if l := d.File(d.Officer, id).Case.Decision.Licence; l != "" {
		return d.Issued(l)
	}
	return nil
}

// deciding is the form of a decision, filled in.
func (d desk) deciding(id string, outcomes map[string]string) uitest.Form {
	d.T.Helper()
	tab := "/cases/" + id + "/decision"
	page := d.page(tab+"/decide", d.Senior)
	f := page.Form(tab + "/decide")
	issues := false
	for line, o := range outcomes {
		f.Set("outcome."+line, o)
		issues = issues || o == "issue"
	}
	f.Set("reasons", "As recommended.")
	told(f, page)
	if len(page.All("[name=weighed.1.point]")) > 0 {
		f.Set("weighed.1.point", "You trust your customer.")
		f.Set("weighed.1.answer", "The facts on record outweigh it.")
	}
	if issues {
		date(f, "from", d.App.Now())
		date(f, "until", d.App.Now().AddDate(1, 0, 0))
	}
	return f
}
