package nodetest

import (
	"context"
	"encoding/base64"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/examples"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/policy"
)

// Password is the password of the people that House opens.
const Password = "correct horse battery staple"

// House is a node with people in every role of casework and one exporter.
// Everything in it is done by real commands.
type House struct {
	T   testing.TB
	App *node.App

	Authority, Firm string // ids of organisations

	signedIn map[string]*http.Cookie // by account

	Applicant, Coordinator, Officer, Second, Senior, Adviser, Ministry, Technical, Verifier, Auditor, Customs access.Actor
}

// Staff opens the people of a house.
func Staff(t testing.TB, app *node.App) *House {
	t.Helper()
	h := &House{T: t, App: app}
	h.Authority = Org(t, app, account.Authority, "Norland Export Control Authority")
	h.Firm = Org(t, app, account.Exporter, "Norland Radio Systems")
	h.Applicant = Person(t, app, h.Firm, "ada", access.ExporterUser)
	for _, p := range []struct {
		who  *access.Actor
		sign string
		role access.Role
	}{
		{&h.Coordinator, "coordinator", access.CaseCoordinator},
		{&h.Officer, "officer", access.LicensingOfficer},
		{&h.Second, "second", access.LicensingOfficer},
		{&h.Senior, "senior", access.SeniorOfficer},
		{&h.Adviser, "adviser", access.RightsAdviser},
		{&h.Ministry, "ministry", access.AdvisingMinistry},
		{&h.Technical, "technical", access.TechnicalAssessor},
		{&h.Verifier, "verifier", access.VerificationOfficer},
		{&h.Auditor, "auditor", access.Auditor},
		{&h.Customs, "customs", access.CustomsOfficer},
	} {
		*p.who = Person(t, app, h.Authority, p.sign, p.role)
	}
	return h
}

// Do gives a command and fails the test when it is refused.
func (h *House) Do(actor access.Actor, cmd any, opts ...node.Option) {
	h.T.Helper()
	if err := h.App.Do(context.Background(), actor, cmd, opts...); err != nil {
		h.T.Fatalf("%T: %v", cmd, err)
	}
}

// File reads a case as an actor sees it.
func (h *House) File(actor access.Actor, id string) *node.CaseFile {
	h.T.Helper()
	f, err := h.App.CaseFile(context.Background(), actor, id)
	if err != nil {
		h.T.Fatal(err)
	}
	return f
}

// Again is the house after a time in which every session has ended.
func (h *House) Again() *House {
	later := *h
	later.signedIn = nil
	return &later
}

// SignIn gives the session cookie of a person, as a browser on loopback has it:
// the same one when it is asked for again.
func (h *House) SignIn(actor access.Actor) *http.Cookie {
	h.T.Helper()
	if c, ok := h.signedIn[actor.Account]; ok {
		return c
	}
	ctx := context.Background()
	h.Do(access.System(), node.SetPassword{Account: actor.Account, New: Password})
	token, err := h.App.SignIn(ctx, strings.TrimPrefix(actor.Name, "Person "), Password, "")
	if err != nil {
		h.T.Fatal(err)
	}
	c := &http.Cookie{Name: "comity", Value: base64.RawURLEncoding.EncodeToString(token[:])}
	if h.signedIn == nil {
		h.signedIn = map[string]*http.Cookie{}
	}
	h.signedIn[actor.Account] = c
	return c
}

// Later lets time pass, after which everybody signs in anew.
func (h *House) Later(clock *Clock, d time.Duration) {
	clock.Move(d)
	h.signedIn = nil
}

// Example reads one of the repository's worked cases by the number that its file
// begins with: "01".
func Example(t testing.TB, number string) assessment.Input {
	t.Helper()
	files, _ := fs.Glob(examples.FS, number+"-*.yaml")
	if len(files) != 1 {
		t.Fatalf("%d examples begin with %s", len(files), number)
	}
	b, err := examples.FS.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	in, err := assessment.ParseInput(b)
	if err != nil {
		t.Fatal(err)
	}
	return *in
}

// Application is a worked case as the exporter of the house applies for it,
// complete by the completeness profile, with its documents in the vault.
func (h *House) Application(in assessment.Input) licensing.Application {
	h.T.Helper()
	return h.ApplicationOf("individual", in)
}

// ApplicationOf is a worked case as an application of a kind, complete by that
// kind's manifest.
func (h *House) ApplicationOf(kind string, in assessment.Input) licensing.Application {
	h.T.Helper()
	k, err := h.App.KindOf(kind)
	if err != nil {
		h.T.Fatal(err)
	}
	id := node.NewID()
	a := licensing.Application{
		ID: id, Kind: k.ID, Title: in.Title, Org: h.Firm, Contract: "K-2026-77",
		Contact: licensing.Contact{Account: h.Applicant.Account, Name: "Ada Quill", Email: "ada@example.org"},
		EndUse:  licensing.EndUse{Purpose: in.EndUse.Purpose, OnWhom: in.EndUse.OnWhom, Place: in.EndUse.Place, Country: in.Destination},
		Route:   []licensing.Leg{{Country: "XN", Place: "Nordhaven", Carrier: "air"}, {Country: in.Destination}},
		Documents: []licensing.Document{
			h.upload("technical_sheet", "Technical sheet"), h.upload("legal_mandate", "Legal mandate"), h.upload("end_use_statement", "End-use statement"),
		},
		Declaration: licensing.Declaration{Text: "declaration/2026-11-22", Accepted: true, Name: "Ada Quill", At: h.App.Now()},
	}
	for i, l := range in.Lines {
		line := licensing.Line{
			ID: l.ID, Kind: licensing.LineKind(l.Kind), PartNumber: l.PartNumber, Description: l.Description, Sheet: a.Documents[0].ID, Dispatch: "XN", Origin: "XN",
			Quantity: licensing.Quantity(6000), Unit: "items", Value: int64(280_000_000 / (i + 1)), Currency: "EUR",
		}
		if l.ClaimedCode != "none" {
			line.ClaimedCode = l.ClaimedCode
		}
		if l.Confirmed != nil {
			line.Categories = []string{l.Confirmed.Category}
		}
		if l.Kind == "service" {
			line.Unit, line.Service = "days", &licensing.ServiceDetail{Kind: licensing.ServiceKind(l.Service), How: "on site by two trainers"}
		}
		if len(k.Lines) > 0 && !slices.Contains(k.Lines, line.Kind) {
			line.Kind = k.Lines[0]
		}
		if line.Kind == licensing.Service && line.Service == nil {
			line.Service = &licensing.ServiceDetail{Kind: licensing.OtherService, How: "from afar"}
		}
		a.Lines = append(a.Lines, line)
	}
	for _, p := range in.Parties {
		a.Parties = append(a.Parties, partyOf(p))
	}
	for _, r := range k.Roles {
		a.Parties = append(a.Parties, party.Party{ID: "as-" + string(r), Roles: []party.Role{r}, Kind: party.Organisation, Country: "XN", Names: []party.Name{{Text: "Norland Radio Systems"}}})
	}
	h.answer(&a)
	return a
}

// answer answers every paragraph of the profile that asks for words.
func (h *House) answer(a *licensing.Application) {
	h.T.Helper()
	profile, err := h.App.Profile(context.Background(), a.Kind)
	if err != nil {
		h.T.Fatal(err)
	}
	for range 3 {
		for _, m := range licensing.Check(a, profile) {
			for _, p := range profile.Paragraphs {
				if p.ID != m.Paragraph || !p.Need.Answer {
					continue
				}
				x := licensing.Answer{Paragraph: p.ID, Line: m.Line, Party: m.Party, Text: "As set out in the end-use statement."}
				switch p.Need.As {
				case licensing.AsDay:
					x.Text = string(deadline.DateOf(h.App.Now(), nil).AddMonths(3))
				case licensing.AsLicence:
					x.Text = "XN-L-2026-0001"
				}
				if len(p.Choices) > 0 {
					x.Choice = p.Choices[0]
				}
				a.Answers = append(a.Answers, x)
			}
		}
	}
}

func partyOf(p assessment.Party) party.Party {
	out := party.Party{
		ID: p.ID, Kind: party.Kind(p.Kind), Tie: party.Tie(p.Tie), Body: p.Body, Country: p.Country,
		Addresses: []party.Address{{Lines: []string{"1 Main Street"}, City: "Veden", Country: p.Country}},
	}
	if out.Kind == "" {
		out.Kind = party.Organisation
	}
	for _, r := range p.Roles {
		out.Roles = append(out.Roles, party.Role(r))
	}
	for i, n := range p.Names {
		name := party.Name{Text: n}
		if i > 0 {
			name.Kind = party.Alias
		}
		out.Names = append(out.Names, name)
	}
	if out.Kind == party.Organisation {
		out.Ownership = party.Ownership{Knowledge: party.Unknown, Source: "register extract of 3 November 2026"}
	}
	if len(p.Units) > 0 || out.Uses() {
		out.Tree = party.Tree{{ID: "top-" + p.ID, Level: party.Ministry, Names: []party.Name{{Text: p.Name()}}}}
		unit := p.Name()
		if len(p.Units) > 0 {
			unit = p.Units[0]
		}
		out.Tree = append(out.Tree, party.Unit{ID: "unit-" + p.ID, Parent: "top-" + p.ID, Level: party.UnitLevel, Names: []party.Name{{Text: unit}}, Uses: true})
	}
	return out
}

func (h *House) upload(kind, title string) licensing.Document {
	h.T.Helper()
	body := title + ", made up for a test.\n"
	d, err := h.App.Upload(context.Background(), h.Applicant, node.Upload{Kind: kind, Title: title, Name: kind + ".txt", Size: int64(len(body))}, strings.NewReader(body))
	if err != nil {
		h.T.Fatal(err)
	}
	return d
}

// Submit submits an application and gives the case to the officer. It returns
// the case's id.
func (h *House) Submit(a licensing.Application) string {
	h.T.Helper()
	h.Do(h.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a})
	h.Do(h.Coordinator, licensing.Assign{On: licensing.On{Case: a.ID}, Officer: h.Officer.Account})
	return a.ID
}

// Settle does in a case what its worked example says that people found: kinds
// of items, severity, hits, facts and assurances. Findings, groups and the
// adviser's view are left to whoever tests them; see Complete.
func (h *House) Settle(id string, in assessment.Input) {
	h.T.Helper()
	today := policy.DateOf(h.App.Now())
	day := func(d policy.Date) policy.Date {
		if d == "" {
			return today
		}
		return min(d, today)
	}
	for _, l := range in.Lines {
		if c := l.Confirmed; c != nil {
			h.Do(h.Technical, assessment.Classify{Case: id, Line: l.ID, Category: c.Category, Listed: c.Listed, Codes: c.Codes, List: c.List, Reason: "As the technical sheet says."})
		}
		if l.Severity.Complete() {
			h.Do(h.Officer, assessment.JudgeSeverity{Case: id, Line: l.ID, Severity: l.Severity, Reason: "By what the item reaches and what becomes of the people."})
		}
	}
	h.Screen(id, in)
	for _, a := range in.Answers {
		a.Date = day(a.Date)
		h.Do(h.Officer, assessment.RecordFact{Case: id, ID: node.NewID(), Answer: a})
	}
	for _, a := range in.Assurances {
		h.assure(id, in, a)
	}
}

// Screen screens the case as the node does by itself, and answers every hit as
// the example does, or as another party.
func (h *House) Screen(id string, in assessment.Input) {
	h.T.Helper()
	if err := h.App.ScreenCase(context.Background(), id); err != nil {
		h.T.Fatal(err)
	}
	for _, hit := range h.File(h.Officer, id).Assessment.Hits {
		if !hit.Open() {
			continue
		}
		outcome, reason := assessment.Different, "Another place, another trade."
		for _, told := range in.Hits {
			if told.Entry == hit.Entry && told.Party == hit.Party {
				outcome, reason = told.Outcome, told.Reason
			}
		}
		h.Do(h.Officer, assessment.ResolveHit{Case: id, Hit: hit.ID, Outcome: outcome, Reason: reason})
	}
}

func (h *House) assure(id string, in assessment.Input, a assessment.Assurance) {
	h.T.Helper()
	from := a.Party
	for _, p := range in.Parties {
		if from == "" && p.Uses() {
			from = p.ID
		}
	}
	on, assurance, clause := licensing.On{Case: id}, node.NewID(), licensing.Clause(a.Kind)
	if a.Sought {
		h.Do(h.Officer, licensing.SeekAssurance{On: on, Assurance: assurance, From: from, Clauses: []licensing.Clause{clause}, Lines: a.Lines, How: "note verbale", Text: "As the Code words it."})
	}
	if !a.Given && !a.Declined {
		return
	}
	reply, text := licensing.Given, a.Text
	if a.Declined {
		reply = licensing.Declined
	}
	if text == "" {
		text = "Given as asked."
	}
	h.Do(h.Officer, licensing.RecordAssurance{
		On: on, Assurance: assurance, Replies: []licensing.ClauseReply{{Clause: clause, Reply: reply}}, Text: text, Check: a.Check,
		Signatory: &licensing.Signatory{
			ID: node.NewID(), Names: []party.Name{{Text: "Orest Vydran"}}, Authority: "Decree 4 of 2024",
			Record: &party.Record{Function: "head of unit", Source: "the paper itself", Purpose: "assurance", RetainUntil: "2036-11-22"},
		},
	})
	if a.Verified {
		h.Do(h.Verifier, licensing.VerifyAssurance{
			On: on, Assurance: assurance, Result: licensing.Verified, Evidence: "Seen on site: " + a.Check, Day: deadline.DateOf(h.App.Now(), time.UTC),
		})
	}
}

// Complete makes every finding that is missing as the facts have it, says which
// groups would be affected, lets the adviser speak, bears no unknown, and
// completes the assessment. refuse are the lines that the adviser would refuse.
func (h *House) Complete(id string, in assessment.Input, refuse ...string) {
	h.T.Helper()
	ctx := context.Background()
	h.Do(h.Officer, assessment.MakeFindings{Case: id, Findings: h.Findings(id)})
	groups := map[assessment.Group]assessment.Affected{}
	for _, g := range assessment.Groups {
		groups[g] = assessment.AffectedUnknown
		if a, ok := in.Groups[g]; ok {
			groups[g] = a
		}
	}
	h.Do(h.Officer, assessment.StateGroups{Case: id, Groups: groups, Reason: "By the reports on the unit."})
	if len(h.File(h.Officer, id).Assessment.Views) == 0 {
		view := assessment.RecordView{Case: id, Likelihood: assessment.Likely, Severity: 5, Worry: "Who was at the square will be known by night.", Refuse: refuse}
		if len(refuse) > 0 {
			view.Grounds = []assessment.ViewGround{{ID: "G1", Rule: "CP2-a", Text: "The unit has used such equipment against assemblies."}}
		}
		h.Do(h.Adviser, view)
	}
	facts, err := h.App.AssessFacts(ctx, h.Officer, h.File(h.Officer, id))
	if err != nil {
		h.T.Fatal(err)
	}
	if missing := h.File(h.Officer, id).Assessment.Missing(facts); len(missing) > 0 {
		h.T.Fatalf("the assessment still lacks %v", missing)
	}
	h.Do(h.Officer, assessment.Complete{Case: id})
}

// Findings are the findings on every binding test of every line as the facts
// have them: on dated facts where there are some, else on a stated search.
func (h *House) Findings(id string) []assessment.FindingInput {
	h.T.Helper()
	ctx := context.Background()
	file := h.File(h.Officer, id)
	e, err := h.App.Engines(ctx)
	if err != nil {
		h.T.Fatal(err)
	}
	in := h.App.Input(file)
	engines := e.Assess()
	engines.Classifier, engines.Screener = nil, nil
	var out []assessment.FindingInput
	for _, l := range assessment.Assess(&in, engines).Lines {
		for _, r := range l.Reasons {
			if !r.Force.Binding() {
				continue
			}
			f := assessment.FindingInput{Line: l.Line, Rule: r.Rule, Status: r.Status}
			for _, x := range r.Facts {
				if x.Date != "" {
					f.Facts = append(f.Facts, x.Name)
				}
			}
			if len(f.Facts) == 0 {
				f.Search = "case file, own register and notices of partners"
			}
			out = append(out, f)
		}
	}
	return out
}
