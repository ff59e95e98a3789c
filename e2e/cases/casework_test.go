package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
)

// apply has the exporter submit an application of a kind: what a worked case
// tells, changed by with, saved as a draft and sent by its declaration page. The
// case is given to the officer and its parties are screened.
func (s *stage) apply(kind string, in assessment.Input, with func(*licensing.Application)) string {
	s.T.Helper()
	a := s.ApplicationOf(kind, in)
	a.Declaration = licensing.Declaration{}
	if with != nil {
		with(&a)
	}
	ctx := context.Background()
	body, err := json.Marshal(a)
	if err == nil {
		_, err = s.App.SaveDraft(ctx, s.Applicant, node.Draft{ID: a.ID, Kind: "application", Title: a.Title, Body: body})
	}
	if err != nil {
		s.T.Fatal(err)
	}
	sheet := "/exporter/drafts/" + a.ID + "/declaration"
	if to := s.fill(s.Applicant, sheet, sheet, fields{"accepted": "yes", "name": "Ada Quill"}); to != "/exporter/cases/"+a.ID+"/submitted" {
		s.T.Fatalf("submitting leads to %s", to)
	}
	s.take(a.ID)
	return a.ID
}

// take has the coordinator give a case to the officer, and the lists searched.
func (s *stage) take(id string) {
	s.T.Helper()
	s.fill(s.Coordinator, "/cases/"+id, "/cases/"+id+"/officer", fields{"officer": s.Officer.Account})
	s.settle()
}

// classify has the technical assessor say what each line is.
func (s *stage) classify(id string, in assessment.Input) {
	s.T.Helper()
	for _, l := range in.Lines {
		k := l.Confirmed
		if k == nil {
			continue
		}
		listed := "no"
		switch {
		case k.Listed == nil:
			listed = "open"
		case *k.Listed:
			listed = "yes"
		}
		why := k.Reason
		if why == "" {
			why = "By the technical sheet and the deciding paragraph of the list."
		}
		s.fill(s.Technical, "/cases/"+id+"/items?line="+url.QueryEscape(l.ID), "/cases/"+id+"/items/"+l.ID, fields{
			l.ID + ".category": "another", l.ID + ".other": k.Category, l.ID + ".listed": listed, l.ID + ".more": strings.Join(k.Codes, ", "), l.ID + ".reason": why,
		})
	}
}

// resolve answers every open match as the worked case does, and as another party
// where it says nothing.
func (s *stage) resolve(id string, in assessment.Input) {
	s.T.Helper()
	for _, h := range s.File(s.Officer, id).Assessment.Hits {
		if !h.Open() {
			continue
		}
		outcome, why := assessment.Different, "Another place, another trade; nothing but a common word agrees."
		for _, told := range in.Hits {
			if told.Entry == h.Entry && told.Party == h.Party {
				outcome, why = told.Outcome, told.Reason
			}
		}
		s.answers(id, h.ID, outcome, why)
	}
}

// answers answers one match.
func (s *stage) answers(id, hit string, outcome assessment.Same, why string) {
	s.T.Helper()
	s.fill(s.Officer, "/cases/"+id+"/parties?hit="+hit, "/cases/"+id+"/hits/"+hit, fields{"hit." + hit + ".outcome": string(outcome), "hit." + hit + ".reason": why})
}

// assess records what people found: facts with source and day, the severity of
// each line, and who would be affected.
func (s *stage) assess(id string, in assessment.Input) {
	s.T.Helper()
	for _, a := range in.Answers {
		s.fact(id, a)
	}
	tab := "/cases/" + id + "/assessment"
	for _, l := range in.Lines {
		if x := l.Severity; x.Complete() {
			n := func(i int) string { return string(rune('0' + i)) }
			s.fill(s.Officer, tab+"/severity?line="+url.QueryEscape(l.ID), tab+"/severity", fields{
				"scale": n(x.Scale), "scope": n(x.Scope), "irremediability": n(x.Irremediability), "reason": "By what the item does and whom it reaches.",
			})
		}
	}
	groups := fields{"reason": "By the reports on record and the stated use."}
	for _, g := range assessment.Groups {
		groups["groups."+string(g)] = string(assessment.AffectedUnknown)
		if a, ok := in.Groups[g]; ok {
			groups["groups."+string(g)] = string(a)
		}
	}
	s.fill(s.Officer, tab+"/groups", tab+"/groups", groups)
}

// fact records one fact.
func (s *stage) fact(id string, a assessment.Answer) {
	s.T.Helper()
	value := a.Value.String()
	switch {
	case a.Value.True():
		value = "yes"
	case a.Value.False():
		value = "no"
	}
	in := fields{"fact": a.Fact, "value": value, "about": "case", "source": a.Source, "searched": a.Searched, "note": a.Note, "date": min(s.today(), dayOr(string(a.Date), s.today()))}
	line := a.Line
	if line == "" {
		line = s.File(s.Officer, id).Case.App().Lines[0].ID
	} else {
		in["about"] = "line"
	}
	tab := "/cases/" + id + "/assessment/fact"
	s.fill(s.Officer, tab+"?"+url.Values{"line": {line}, "fact": {a.Fact}}.Encode(), tab, in)
}

// view has the adviser say what they think before they see what others do.
func (s *stage) view(id string, likelihood assessment.Likelihood, severity, worry string, refuse ...string) {
	s.T.Helper()
	in := fields{"likelihood": string(likelihood), "severity": severity, "worry": worry, "refuse": refuse}
	if len(refuse) > 0 {
		in["grounds.1"], in["grounds.1.rule"] = worry, "CP2-a"
	}
	tab := "/cases/" + id + "/assessment/view"
	s.fill(s.Adviser, tab, tab, in)
}

// conclude makes every finding that the rules ask for, as the facts have it, and
// completes the assessment.
func (s *stage) conclude(id string) {
	s.T.Helper()
	tab := "/cases/" + id + "/assessment"
	made := map[string]fields{}
	for _, f := range s.Findings(id) {
		name := "findings." + f.Line + "." + f.Rule
		if made[f.Line] == nil {
			made[f.Line] = fields{}
		}
		in := made[f.Line]
		in[name], in[name+".reason"] = string(f.Status), "On the facts recorded."
		if len(f.Facts) > 0 {
			in[name+".facts"] = "yes"
		} else {
			in[name+".search"] = "case file, own register and notices of partners"
		}
	}
	for _, line := range slices.Sorted(maps.Keys(made)) {
		s.fill(s.Officer, tab+"?line="+url.QueryEscape(line), tab+"/findings", made[line])
	}
	s.fill(s.Officer, tab, tab+"/complete", nil)
}

// advise asks the departments for advice and has each give its view of every
// line: approve, approve_with_condition, refuse or not_required.
func (s *stage) advise(id, words string, views map[string]licensing.AdviceKind) {
	s.T.Helper()
	tab := "/cases/" + id + "/advice"
	s.fill(s.Officer, tab+"/ask", tab+"/ask", fields{"departments": []string{"human_rights", "foreign"}})
	s.advice(id, s.Adviser, "human_rights", words, views)
	s.advice(id, s.Ministry, "foreign", words, views)
}

// advice is one department's advice.
func (s *stage) advice(id string, who access.Actor, department, words string, views map[string]licensing.AdviceKind) {
	s.T.Helper()
	tab, in := "/cases/"+id+"/advice", fields{"department": department, "text": words}
	for line, v := range views {
		in["line."+line] = string(v)
		switch v {
		case licensing.Refuse:
			in["line."+line+".ground.1"] = words
		case licensing.ApproveWithCondition:
			in["line."+line+".condition"] = words
		}
	}
	s.fill(who, tab+"/new", tab+"/new", in)
}

// recommend proposes an outcome for each line; whoever may signs. ground is what
// a refusal rests on.
func (s *stage) recommend(id string, outcomes map[string]licensing.Outcome, ground string, more fields) {
	s.T.Helper()
	tab, in := "/cases/"+id+"/decision", fields{"reasons": "As assessment and advice show."}
	for line, o := range outcomes {
		in["outcome."+line] = string(o)
		if o == licensing.RefuseLine {
			in["grounds."+line] = []string{ground}
		}
	}
	maps.Copy(in, more)
	s.fill(s.Officer, tab+"/recommend", tab+"/recommend", in)
	s.fill(s.Senior, tab+"/countersign", tab+"/countersign", fields{"agree": "yes"})
}

// intend tells the exporter that lines will be refused, and why.
func (s *stage) intend(id, ground, told string, lines ...string) {
	s.T.Helper()
	tab := "/cases/" + id + "/decision"
	s.fill(s.Officer, tab+"/intend", tab+"/intend", fields{"lines": lines, "told." + ground: told})
	s.settle()
}

// decide decides each line. A licence runs for two years from today.
func (s *stage) decide(id string, outcomes map[string]licensing.Outcome, more fields) {
	s.T.Helper()
	tab, in := "/cases/"+id+"/decision", fields{"reasons": "As recommended."}
	for line, o := range outcomes {
		in["outcome."+line] = string(o)
		if o == licensing.Issue {
			in["from"], in["until"] = s.today(), s.today().Add(730)
		}
	}
	maps.Copy(in, more)
	s.fill(s.Senior, tab+"/decide", tab+"/decide", in)
	s.settle()
}

// licence is the licence that a case's decision issued.
func (s *stage) licence(id string) *licensing.Licence {
	s.T.Helper()
	return s.Issued(s.File(s.Officer, id).Case.Decision.Licence)
}

func dayOr(day string, otherwise deadline.Date) deadline.Date {
	if day == "" {
		return otherwise
	}
	return deadline.Date(day)
}

// match is the match of a case with an entry of a list.
func (s *stage) match(id, entry string) assessment.HitState {
	s.T.Helper()
	for _, h := range s.File(s.Officer, id).Assessment.Hits {
		if h.Entry == entry && !h.Gone {
			return h
		}
	}
	s.T.Fatalf("%s is not found", entry)
	return assessment.HitState{}
}

// assure seeks the Code's three assurances from a party for some lines, records
// that they were given by somebody who may, and that a check bore them out.
func (s *stage) assure(id, from, check string, lines ...string) {
	s.T.Helper()
	tab, clauses := "/cases/"+id+"/assurances", []string{}
	for _, c := range licensing.Clauses {
		clauses = append(clauses, string(c))
	}
	s.fill(s.Officer, tab+"/new", tab+"/new", fields{"from": from, "clauses": clauses, "lines": lines, "how": "note verbale", "text": "The item will not be misused, re-exported or transferred."})
	given := fields{
		"text": "Given as asked.", "signatory": "Orest Vydran", "function": "head of the warrant desk", "authority": "Decree 4 of 2024", "source": "the paper itself", "retain": s.today().Add(3650), "check": check,
	}
	for _, c := range clauses {
		given["reply."+c] = string(licensing.Given)
	}
	s.fill(s.Officer, s.page(s.Officer, tab).Link("Record the reply"), tab+"/reply", given)
	s.fill(s.Verifier, s.page(s.Verifier, tab).Link("Record a check"), tab+"/check", fields{"clauses": clauses, "result": "verified", "evidence": "Seen: " + check, "day": s.today()})
}

// prepares plans a check of a licence by the verifier, due in a month.
func (s *stage) prepares(l *licensing.Licence, in fields) string {
	s.T.Helper()
	all := fields{"prepare.officer": s.Verifier.Account, "prepare.due": s.today().Add(30)}
	for name, v := range in {
		all["prepare."+name] = v
	}
	return s.fill(s.Verifier, "/verification/checks/new?licence="+l.ID, "/verification/checks/prepare", all)
}

// leaves is customs' message that some of a line left under a licence, with its
// serial numbers where it has any.
func (s *stage) leaves(l *licensing.Licence, number int64, line, quantity string, serials ...string) {
	s.T.Helper()
	s.Do(s.Customs, node.TakeMessage{CustomsMessage: licensing.CustomsMessage{
		Sender: "xn-customs", Number: number, Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: fmt.Sprintf("26XN%06d", number), Office: "XN000100", Document: "X060", At: s.clock.Now(),
		Lines: []licensing.MessageLine{{Line: line, Quantity: quantity, Unit: "items", Serials: serials}},
	}})
}
