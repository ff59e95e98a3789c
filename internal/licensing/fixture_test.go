package licensing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/google/go-cmp/cmp"
)

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func calendar(t testing.TB) *deadline.Calendar {
	t.Helper()
	b, err := os.ReadFile("../../content/calendars/norland.toml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := deadline.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// world is one case and one licence with all their events, played through the
// same bytes that a ledger would store.
type world struct {
	t       *testing.T
	now     time.Time
	reg     *event.Registry
	stored  []stored
	c       *licensing.Case
	l       *licensing.Licence
	s       *licensing.CustomsSender
	stop    *licensing.Stop
	letter  *licensing.InformedLetter
	cal     *deadline.Calendar
	erased  map[event.Stream]event.Erasure
	profile licensing.Profile
	kinds   licensing.Kinds
	rules   []licensing.PeriodRule
	history []event.Recorded // what was stored, as it reads
}

// stored is an event as a ledger keeps it.
type stored struct {
	stream event.Stream
	typ    string
	kept   []byte
	parts  [][]byte
	time   time.Time
	actor  string
}

func newWorld(t *testing.T) *world {
	return &world{
		t: t, now: newNow, reg: event.NewRegistry(licensing.Events()...),
		c: &licensing.Case{}, l: &licensing.Licence{}, s: &licensing.CustomsSender{}, stop: &licensing.Stop{}, cal: calendar(t), erased: map[event.Stream]event.Erasure{}, profile: interception(), kinds: kinds(t),
	}
}

// contentFS is what ships beside the program.
var contentFS = os.DirFS("../../content")

// kinds are those that ship.
func kinds(t testing.TB) licensing.Kinds {
	t.Helper()
	all, err := licensing.ParseKinds(contentFS, "kinds")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func who(account string, roles ...access.Role) licensing.Actor {
	return licensing.Actor{Actor: access.Actor{Account: account, Org: "org-1", Roles: roles}}
}

var (
	exporter   = who("exporter", access.ExporterUser)
	officer    = who("officer", access.LicensingOfficer)
	second     = who("second", access.LicensingOfficer)
	senior     = who("senior", access.SeniorOfficer)
	adviser    = who("adviser", access.RightsAdviser)
	ministry   = who("ministry", access.AdvisingMinistry)
	node       = licensing.Actor{Actor: access.System()}
	on         = licensing.On{Case: "case-1"}
	onLicence  = licensing.OnLicence{Licence: "licence-1"}
	checkCode  = "7KQ2-M9XR-4TBD-W3ZE-8HNP"
	allClauses = []licensing.Clause{licensing.NoMisuse, licensing.NoReexport, licensing.NoTransfer}
)

func (w *world) facts(actor licensing.Actor) licensing.Facts {
	kind, ok := w.kinds.Of(w.c.Kind)
	if !ok {
		kind, _ = w.kinds.Of("individual")
	}
	return licensing.Facts{
		Now: w.now, Kind: kind, Actor: actor, Reference: "NO/2026/0000017", LicenceReference: "NO/L/2026/0000004", Profile: w.profile, Calendar: w.cal, TargetDays: 20,
		RFIPeriod: deadline.Period{Days: 20, Unit: deadline.WorkingDays}, RFIExtension: deadline.Period{Days: 10, Unit: deadline.WorkingDays}, ReplyPeriod: deadline.Period{Days: 10, Unit: deadline.WorkingDays},
		CommitteePeriod: deadline.Period{Days: 10, Unit: deadline.WorkingDays}, StopPeriod: deadline.Period{Days: 3, Unit: deadline.WorkingDays}, OwnView: true, Decision: w.decision(),
		AppealPeriod: deadline.Period{Days: 28, Unit: deadline.CalendarDays}, ReviewDays: 20, Licence: w.held(), Periods: w.rules, Calendars: calendars(),
	}
}

// held is the licence of the decision in force.
func (w *world) held() *licensing.Licence {
	if w.c.Decision == nil || w.c.Decision.Licence == "" || w.l == nil || w.l.ID != w.c.Decision.Licence {
		return nil
	}
	return w.l
}

// decision are facts under which nothing stands in the way but what the case
// itself lacks.
func (w *world) decision() *licensing.DecisionFacts {
	return &licensing.DecisionFacts{
		Complete: true, Basis: w.c.Basis, Author: "officer",
		Lines: []licensing.LineFacts{
			{Line: "line-1", Code: "5A001.f.2", Severity: 4},
			{Line: "line-2", Code: "5D001.a", Severity: 3},
			{Line: "line-3", Code: "5E001.a", Severity: 3},
		},
		Release: []string{"finding-1"},
		Rests:   licensing.Rests{PolicyPack: hash, ControlList: hash, WatchLists: []string{hash}, Indicators: hash, Facts: hash, Document: "vault-facts"},
	}
}

func interception() licensing.Profile {
	codes := []string{"5A001.f", "5D001.e"}
	users := []party.Role{party.EndUser, party.UltimateEndUser}
	return licensing.Profile{ID: "interception", Version: "2026-11-22", Title: "Interception systems", Paragraphs: []licensing.Paragraph{
		{ID: "INT-1", Title: "Technical sheet", Text: "The sheet of each item.", Source: "pack", When: licensing.When{Codes: codes}, Need: licensing.Need{Each: licensing.EachLine, Field: "line.sheet"}},
		{ID: "INT-2", Title: "Legal mandate of the end user", Text: "The law that gives the power to intercept.", Source: "pack", When: licensing.When{Codes: codes, Categories: []string{"imsi_catcher"}}, Need: licensing.Need{Document: "legal_mandate"}},
		{ID: "INT-3", Title: "Authorisation in each case", Text: "Who authorises each use.", Source: "pack", When: licensing.When{Codes: codes}, Need: licensing.Need{Answer: true}},
		{ID: "INT-4", Title: "Unit", Text: "Which unit operates it.", Source: "pack", When: licensing.When{Codes: codes, Roles: users}, Need: licensing.Need{Each: licensing.EachParty, Field: "party.operating_unit"}},
		{ID: "NST-1", Title: "Owners", Text: "Who owns the end user.", Source: "pack", When: licensing.When{Ties: []party.Tie{party.NonState, party.TieUnknown}, Roles: users}, Need: licensing.Need{Each: licensing.EachParty, Field: "party.ownership"}},
		{ID: "NST-2", Title: "Clients", Text: "Whom it works for.", Source: "pack", When: licensing.When{Ties: []party.Tie{party.NonState, party.TieUnknown}, Roles: users}, Need: licensing.Need{Each: licensing.EachParty, Answer: true}},
		{ID: "SRV-1", Title: "How", Text: "How the service is given.", Source: "pack", When: licensing.When{LineKinds: []licensing.LineKind{licensing.Service}}, Need: licensing.Need{Each: licensing.EachLine, Field: "line.service.how"}},
		{ID: "USE-1", Title: "Purpose", Text: "Choose.", Source: "pack", Need: licensing.Need{Answer: true}, Choices: []string{"police", "other", "unknown"}},
	}}
}

// application is case 7.1: IMSI catchers, software and training for an interior
// ministry, by way of an integrator, with a natural person among the parties.
func application() licensing.Application {
	return licensing.Application{
		ID: "draft-1", Kind: "individual", Title: "Six vehicle units for Karsovia", Org: "org-1",
		Contact: licensing.Contact{Account: "exporter", Owner: "account/exporter", Name: "Ada Quill", Email: "ada@example.org"},
		Lines: []licensing.Line{
			{ID: "line-1", Kind: licensing.Goods, PartNumber: "NR-6", Description: "IMSI catcher, vehicle unit", Sheet: "doc-1", ClaimedCode: "5A001.f", ClaimedList: "EU", Categories: []string{"imsi_catcher"}, Tariff: "8526", TariffAsOf: "2026-01-01", Origin: "NO", Dispatch: "NO", Quantity: 6000, Unit: "items", Value: 280_000_000, Currency: "EUR"},
			{ID: "line-2", Kind: licensing.Software, Description: "Operator software", Dispatch: "NO", Quantity: 6000, Unit: "licences", Value: 20_000_000, Currency: "EUR"},
			{ID: "line-3", Kind: licensing.Service, Description: "Training of operators", Quantity: 80_000, Unit: "hours", Value: 10_000_000, Currency: "EUR", Service: &licensing.ServiceDetail{Kind: licensing.Training, For: "line-1", From: "2027-02-01", Until: "2027-02-28", How: "on site by two trainers"}},
		},
		Parties: []party.Party{
			{
				ID: "party-1", Roles: []party.Role{party.EndUser, party.UltimateEndUser}, Kind: party.Agency, Tie: party.State, Country: "XA",
				Names:       []party.Name{{Text: "Міністерство внутрішніх справ Карсовії", Script: "Cyrl", Latin: "Ministry of Interior of Karsovia"}},
				Identifiers: []party.Identifier{{Kind: "registration", Value: "77-01 KA"}},
				Tree: party.Tree{
					{ID: "u1", Level: party.Ministry, Names: []party.Name{{Text: "Ministry of Interior"}}},
					{ID: "u2", Parent: "u1", Level: party.UnitLevel, Names: []party.Name{{Text: "Special Department 26"}}, From: "2020-01-01", Uses: true},
				},
			},
			{
				ID: "party-2", Roles: []party.Role{party.Integrator, party.Consignee}, Kind: party.Organisation, Tie: party.NonState, Country: "XB", Names: []party.Name{{Text: "Delta Secure FZE"}},
				Ownership: party.Ownership{Knowledge: party.Partly, Source: "register extract", Owners: []party.Owner{{ID: "owner-1", Kind: party.Person, Names: []party.Name{{Text: "Viktor Palm"}}, Country: "XB", ShareBP: 6000, Record: &party.Record{Function: "shareholder", Source: "register", Purpose: "licence application", RetainUntil: "2031-11-23"}}}},
			},
			{ID: "party-3", Roles: []party.Role{party.Agent}, Kind: party.Person, Tie: party.NonState, Country: "XB", Names: []party.Name{{Text: "Mira Solano"}}, Addresses: []party.Address{{Lines: []string{"12 Harbour Row"}, Country: "XB"}}, Record: &party.Record{Function: "sales agent", Source: "exporter", Purpose: "licence application", RetainUntil: "2031-11-23"}},
		},
		EndUse:      licensing.EndUse{Purpose: "Search for missing persons and suspects", OnWhom: "Holders of mobile phones near the vehicles", Place: "Karsovia city", Country: "XA"},
		Route:       []licensing.Leg{{Country: "NO", Place: "Oslo", Carrier: "air"}, {Country: "XB"}, {Country: "XA"}},
		Contract:    "K-2026-77",
		Documents:   []licensing.Document{{ID: "doc-1", Kind: "technical_sheet", Title: "NR-6 sheet", Hash: hash, Size: 1200, Type: "application/pdf"}, {ID: "doc-2", Kind: "legal_mandate", Title: "Decree 11", Hash: hash, Size: 300, Type: "application/pdf"}},
		Answers:     []licensing.Answer{{Paragraph: "INT-3", Text: "The deputy minister"}, {Paragraph: "USE-1", Choice: "police"}},
		Declaration: licensing.Declaration{Text: "declaration/1", Accepted: true, Name: "Ada Quill", At: time.Date(2026, 11, 23, 8, 59, 0, 0, time.UTC)},
	}
}

// store keeps events as bytes and folds them.
func (w *world) store(actor licensing.Actor, events []event.New) {
	w.t.Helper()
	for _, n := range events {
		ptr := event.Pointer(n.Event)
		parts, err := event.Parts(ptr)
		if err != nil {
			w.t.Fatal(err)
		}
		s := stored{stream: n.Stream, typ: n.Event.EventType(), time: w.now, actor: actor.Account}
		if s.kept, err = json.Marshal(ptr); err != nil {
			w.t.Fatal(err)
		}
		for _, p := range parts {
			b, err := p.Plaintext()
			if err != nil {
				w.t.Fatal(err)
			}
			s.parts = append(s.parts, b)
		}
		w.stored = append(w.stored, s)
	}
	w.fold()
}

// fold makes the states anew from the stored bytes, and checks that they
// survive being stored themselves.
func (w *world) fold() {
	w.t.Helper()
	w.c, w.l, w.s, w.stop, w.letter = &licensing.Case{}, &licensing.Licence{}, &licensing.CustomsSender{}, &licensing.Stop{}, &licensing.InformedLetter{}
	w.history = nil
	versions := map[event.Stream]int64{}
	for i, s := range w.stored {
		p, err := w.reg.New(s.typ)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := json.Unmarshal(s.kept, p); err != nil {
			w.t.Fatal(err)
		}
		parts, err := event.Parts(p)
		if err != nil || len(parts) != len(s.parts) {
			w.t.Fatalf("%s: %d parts, stored %d (%v)", s.typ, len(parts), len(s.parts), err)
		}
		for j, part := range parts {
			if e, gone := w.erased[part.PartOwner()]; gone {
				part.SetErased(e)
				continue
			}
			if err := part.SetPlaintext(s.parts[j]); err != nil {
				w.t.Fatal(err)
			}
		}
		versions[s.stream]++
		r := event.Recorded{Seq: int64(i + 1), Stream: s.stream, Version: versions[s.stream], Time: s.time, Actor: s.actor, Event: event.Value(p)}
		w.history = append(w.history, r)
		state := event.State(w.c)
		switch s.stream.Kind() {
		case licensing.KindLicence, licensing.KindUndertaking:
			state = w.l
		case licensing.KindCustoms:
			state = w.s
		case licensing.KindStop:
			state = w.stop
		case licensing.KindInformed:
			state = w.letter
		}
		if err := state.Apply(r); err != nil {
			w.t.Fatal(err)
		}
	}
	var again licensing.Case
	survives(w.t, w.c, &again)
	var licence licensing.Licence
	survives(w.t, w.l, &licence)
}

// survives checks that a state reads the same after being stored as JSON.
func survives(t *testing.T, state, again event.State) {
	t.Helper()
	b, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(state.Rows(), again.Rows()) {
		t.Fatalf("rows differ after JSON: %s", cmp.Diff(state.Rows(), again.Rows()))
	}
	if b2, _ := json.Marshal(again); string(b) != string(b2) {
		t.Fatal("the state does not survive JSON")
	}
}

// try decides without storing.
func (w *world) try(actor licensing.Actor, cmd licensing.Command, change ...func(*licensing.Facts)) ([]event.New, error) {
	f := w.facts(actor)
	for _, c := range change {
		c(&f)
	}
	return licensing.Decide(w.c, cmd, f)
}

// do decides and stores; a fault ends the test.
func (w *world) do(actor licensing.Actor, cmd licensing.Command, change ...func(*licensing.Facts)) *world {
	w.t.Helper()
	events, err := w.try(actor, cmd, change...)
	if err != nil {
		w.t.Fatalf("%s: %v", cmd.Name(), err)
	}
	w.store(actor, events)
	return w
}

// licence decides and stores a command to the licence.
func (w *world) licence(actor licensing.Actor, cmd licensing.LicenceCommand) *world {
	w.t.Helper()
	events, err := licensing.DecideLicence(w.l, cmd, w.facts(actor))
	if err != nil {
		w.t.Fatalf("%s: %v", cmd.Name(), err)
	}
	w.store(actor, events)
	return w
}

// later moves the clock.
func (w *world) later(days int) *world {
	w.now = w.now.AddDate(0, 0, days)
	return w
}

// names are every message key that a fault holds.
func names(err error) []string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return []string{fmt.Sprint(err)}
	}
	keys := []string{f.Key}
	for _, x := range f.Fields {
		keys = append(keys, x.Key)
	}
	for _, x := range f.Items {
		keys = append(keys, x.Key)
	}
	return keys
}

// says tells whether a fault names a key, or one under it.
func says(err error, key string) bool {
	for _, k := range names(err) {
		if k == key || strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

func outcomes(o licensing.Outcome) []licensing.LineOutcome {
	var out []licensing.LineOutcome
	for _, id := range []string{"line-1", "line-2", "line-3"} {
		lo := licensing.LineOutcome{Line: id, Outcome: o}
		if o == licensing.RefuseLine {
			lo.Grounds = []string{"CP2-a"}
		}
		out = append(out, lo)
	}
	return out
}

func submit() licensing.Submit { return licensing.Submit{On: on, Application: application()} }

func seek() licensing.SeekAssurance {
	return licensing.SeekAssurance{On: on, Assurance: "as-1", From: "party-1", Clauses: allClauses, How: "note verbale", Text: "We ask you to assure that ..."}
}

func reply(r licensing.Reply) licensing.RecordAssurance {
	var replies []licensing.ClauseReply
	for _, c := range allClauses {
		replies = append(replies, licensing.ClauseReply{Clause: c, Reply: r})
	}
	return licensing.RecordAssurance{
		On: on, Assurance: "as-1", Replies: replies, Text: "We assure ...", Expires: "2030-12-31", Check: "annual visit with serial check",
		Signatory: &licensing.Signatory{ID: "sig-1", Names: []party.Name{{Text: "Oleh Marchenko"}}, Record: &party.Record{Function: "deputy minister", Source: "the note itself", Purpose: "assurance", RetainUntil: "2036-01-01"}, Authority: "Decree 4, section 2"},
		Document:  &licensing.Document{ID: "doc-9", Kind: "assurance", Title: "Note 77", Hash: hash, Size: 10},
	}
}

func verify(r licensing.CheckResult) licensing.VerifyAssurance {
	return licensing.VerifyAssurance{On: on, Assurance: "as-1", Result: r, Evidence: "Six units seen at the site.", Day: "2026-11-23"}
}

func advise(id string, kind licensing.AdviceKind) licensing.GiveAdvice {
	g := licensing.GiveAdvice{On: on, Advice: id, Department: "human_rights", Role: access.RightsAdviser, Text: "In my view ..."}
	for _, l := range []string{"line-1", "line-2", "line-3"} {
		v := licensing.View{Line: l, Advice: kind}
		if kind == licensing.Refuse {
			v.Grounds = []licensing.Ground{{ID: "G1", Rule: "COC-R", Text: "No warrant in law."}, {ID: "G2", Text: "Protests were policed so."}}
		}
		if kind == licensing.ApproveWithCondition {
			v.Condition = "Logs are kept."
		}
		g.Views = append(g.Views, v)
	}
	return g
}

func recommend(o licensing.Outcome, conditions ...licensing.Condition) licensing.Recommend {
	return licensing.Recommend{On: on, Outcomes: outcomes(o), Conditions: conditions, Reasons: "Because ..."}
}

func condition() licensing.Condition {
	return licensing.Condition{ID: "K1", Type: licensing.MaxQuantity, Lines: []string{"line-1"}, Who: "licensee", What: "At most two units.", Number: 2000, Unit: "items", Verify: "serial numbers at the border", Consequence: "revocation"}
}

func decide(o licensing.Outcome, conditions ...licensing.Condition) licensing.DecideCase {
	d := licensing.DecideCase{On: on, Outcomes: outcomes(o), Conditions: conditions, Reasons: "On the whole ..."}
	if o == licensing.RefuseLine {
		d.ToApplicant = []licensing.ReleasedReason{{Ground: "CP2-a", Text: "There is a clear risk of repression.", Rests: []string{"finding-1"}}}
		d.Redress = "appeal/1"
	}
	if o == licensing.Issue {
		d.Licence = &licensing.NewLicence{ID: "licence-1", Code: checkCode, From: "2026-11-24", Until: "2028-11-23"}
	}
	return d
}

// weighed is a decision that tells the applicant how their reply was weighed.
func weighed(d licensing.DecideCase) licensing.DecideCase {
	d.Weighed = []licensing.WeighedPoint{{Point: "Others can be trusted.", Answer: "Nothing on record shows it."}}
	return d
}

func intend() licensing.IntendToRefuse {
	return licensing.IntendToRefuse{On: on, Lines: []string{"line-1", "line-2", "line-3"}, Reasons: []licensing.ReleasedReason{{Ground: "CP2-a", Text: "There is a clear risk of repression.", Rests: []string{"finding-1"}}}}
}

// The stations of a case, each reached by real commands.

func submitted(w *world) { w.do(exporter, submit()) }

func assigned(w *world) {
	submitted(w)
	w.do(officer, licensing.Assign{On: on, Officer: "officer"})
}

func asked(w *world) {
	assigned(w)
	w.do(officer, licensing.AskInformation{On: on, RFI: "rfi-1", Questions: []licensing.Question{{ID: "q1", Text: "Which unit operates it?"}}})
}

// saidLater is a case whose applicant said on the last days that an answer comes.
func saidLater(w *world) {
	asked(w)
	w.later(26).do(exporter, licensing.AnswerInformation{On: on, RFI: "rfi-1", Holding: true, Text: "Next week."})
}

func silent(w *world) { asked(w); w.later(60) }

func sought(w *world) {
	assigned(w)
	w.do(officer, seek())
}

func given(w *world) {
	sought(w)
	w.do(officer, reply(licensing.Given))
}

func verified(w *world) {
	given(w)
	w.do(officer, verify(licensing.Verified))
}

func advised(w *world) {
	verified(w)
	w.do(adviser, advise("adv-1", licensing.Approve))
}

func recommended(w *world) {
	advised(w)
	w.do(officer, recommend(licensing.Issue))
}

func countersigned(w *world) {
	recommended(w)
	w.do(second, licensing.Countersign{On: on, Agree: true})
}

func toRefuse(w *world) {
	sought(w)
	w.do(officer, reply(licensing.Declined)).do(adviser, advise("adv-1", licensing.Refuse))
	w.do(officer, recommend(licensing.RefuseLine)).do(second, licensing.Countersign{On: on, Agree: true})
}

func intended(w *world) {
	toRefuse(w)
	w.do(officer, intend())
}

func issued(w *world) {
	countersigned(w)
	w.do(officer, decide(licensing.Issue))
}

// newNow is a Monday morning.
var newNow = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
