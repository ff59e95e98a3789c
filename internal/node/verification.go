package node

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/verification"
)

// registerVerification files the commands of checks after shipment.
func (a *App) registerVerification() {
	handlePrepared(a, gatherPool, drawPlan)
	handlePrepared(a, ready, onCheck[verification.Prepare])
	handlePrepared(a, ready, onCheck[verification.RecordConsent])
	handlePrepared(a, ready, onCheck[verification.Arrange])
	handlePrepared(a, ready, onCheck[verification.Look])
	handlePrepared(a, ready, onCheck[verification.AddEvidence])
	handlePrepared(a, ready, conclude)
	handlePrepared(a, ready, onCheck[verification.SetFollowUp])
	handlePrepared(a, ready, onCheck[verification.EndFollowUp])
	handlePrepared(a, ready, onCheck[verification.Close])
	handlePrepared(a, ready, onCheck[verification.Cancel])
}

// checkRules are the factors and checklists that ship with the program, read once.
var checkRules = sync.OnceValues(func() (verification.Rules, error) {
	raw, err := content.FS.ReadFile("verification/checklists.yaml")
	if err != nil {
		return verification.Rules{}, err
	}
	return verification.ParseRules(raw)
})

// CheckRules are the factors and checklists in use.
func (a *App) CheckRules() (verification.Rules, error) { return checkRules() }

// CheckStream is the stream of a check, for Expect.
func CheckStream(id string) event.Stream { return event.StreamOf(verification.KindCheck, id) }

func licenceThing(l *licensing.Licence) access.Thing {
	return access.Thing{Kind: kindLicence, Org: l.Org, Compartment: l.Compartment}
}

// drawSeed makes the seed of a draw: nobody chooses it.
func drawSeed() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// pool is what a draw is made from, gathered before the transaction.
type pool struct {
	seed string
	list []verification.Candidate
}

// gatherPool weighs every licence under which something left between the days.
func gatherPool(ctx context.Context, a *App, actor access.Actor, cmd verification.DrawPlan) (*pool, error) {
	p := &pool{seed: drawSeed()}
	if !access.Can(actor, access.CheckPlan, access.Thing{Kind: verification.KindPlan}) || !cmd.From.Valid() || !cmd.To.Valid() {
		return p, nil // refused in the transaction
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := checkRules()
	if err != nil {
		return nil, err
	}
	zone, today := e.Calendar.Location(), e.Calendar.Day(a.Now())
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.Checkables(startOf(cmd.From, zone), startOf(cmd.To.Add(1), zone), verification.MaxPool+1)
		if err != nil {
			return err
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		states, err := t.LicenceStates(ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			var l licensing.Licence
			if err := json.Unmarshal(states[r.ID], &l); err != nil {
				return fmt.Errorf("node: licence %s: %w", r.ID, err)
			}
			p.list = append(p.list, rules.Weigh(r.ID, recordOf(&l, r, today)))
		}
		return nil
	})
	return p, fault.Wrap(err, "node: pool of a draw")
}

// startOf is the first instant of a valid day.
func startOf(d deadline.Date, zone *time.Location) time.Time {
	at, _ := time.ParseInLocation(time.DateOnly, string(d), zone)
	return at
}

// recordOf is what weights may look at of a licence.
func recordOf(l *licensing.Licence, r store.Checkable, today deadline.Date) verification.Record {
	rec := verification.Record{Severity: r.Severity, Breach: len(l.Breaches) > 0, Checked: r.Result != "", Short: r.Result != "" && r.Result != string(verification.Favourable)}
	for _, d := range l.Duties() {
		rec.Late = rec.Late || d.Due < today
	}
	for _, u := range l.Uses {
		rec.Unverified = rec.Unverified || u.Counts() && u.Verified() != licensing.Arrived
	}
	for _, c := range l.Conditions {
		switch c.Type {
		case licensing.AtSite, licensing.ModulesDisabled, licensing.Serials, licensing.Retention:
			rec.OnSite = true
		}
	}
	return rec
}

func drawPlan(t *Tx, cmd verification.DrawPlan, p *pool) error {
	if err := t.Must(access.CheckRead, access.CheckPlan, access.Thing{Kind: verification.KindPlan}); err != nil {
		return err
	}
	plan, _, err := load[*verification.Plan](t, cmd.Stream())
	if err != nil {
		return err
	}
	rules, err := checkRules()
	if err != nil {
		return err
	}
	events, err := verification.DecidePlan(plan, cmd, verification.PlanFacts{Now: t.Now(), Seed: p.seed, Rules: rules.Version, Pool: p.list})
	if err != nil {
		return err
	}
	return t.Append(events)
}

// onCheck is the way of every command on a check. Who may see the licence may
// see the check.
func onCheck[C verification.Command](t *Tx, cmd C, e *Engines) error {
	c, _, err := load[*verification.Check](t, cmd.Stream())
	if err != nil {
		return err
	}
	licence := c.Licence
	prepare, plans := any(cmd).(verification.Prepare)
	if plans && c.ID == "" {
		licence = prepare.Licence
	}
	l, _, err := load[*licensing.Licence](t, event.StreamOf(kindLicence, licence))
	if err != nil {
		return err
	}
	if l.ID == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := t.Must(access.CheckRead, verification.ActOf(cmd.Name()), licenceThing(l)); err != nil {
		return err
	}
	rules, err := checkRules()
	if err != nil {
		return err
	}
	f := verification.Facts{Now: t.Now(), Zone: e.Calendar.Location(), Rules: rules.Version}
	f.Checklist, _ = rules.Checklist(c.Checklist)
	if err := t.checkFacts(c, l, cmd, &f, rules); err != nil {
		return err
	}
	events, err := verification.DecideCheck(c, cmd, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// checkFacts gathers what single commands need.
func (t *Tx) checkFacts(c *verification.Check, l *licensing.Licence, cmd verification.Command, f *verification.Facts, rules verification.Rules) (err error) {
	officer := ""
	switch x := cmd.(type) {
	case verification.Prepare:
		officer = x.Officer
		f.Checklist, _ = rules.Checklist(x.Checklist)
		if err := t.target(l, x, f); err != nil {
			return err
		}
	case verification.Arrange:
		officer = x.Officer
	case verification.SetFollowUp:
		officer = x.Officer
	case verification.AddEvidence:
		d, found, err := t.Document(x.Document)
		if err != nil {
			return err
		}
		if !found || d.Owner != CheckStream(c.ID) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
	case verification.Conclude:
		return t.concludes(l, x, f)
	}
	f.Officer, err = t.carriesOut(officer, licenceThing(l))
	return err
}

// target is the licence of a check that is planned, with its reference.
func (t *Tx) target(l *licensing.Licence, x verification.Prepare, f *verification.Facts) error {
	f.Licence = verification.Target{ID: l.ID, Reference: l.Reference, Case: l.Case}
	for _, u := range l.Uses {
		if !u.Counts() {
			continue
		}
		f.Licence.Left = true
		for _, s := range u.Text.Serials {
			f.Licence.Serials = append(f.Licence.Serials, s.Numbers...)
		}
	}
	slices.Sort(f.Licence.Serials)
	f.Licence.Serials, f.Seed = slices.Compact(f.Licence.Serials), drawSeed()
	c, _, err := load[*licensing.Case](t, CaseStream(l.Case))
	if err != nil {
		return err
	}
	if a := c.App(); a != nil {
		var users []string
		for _, p := range a.Parties {
			if p.Uses() {
				users = append(users, p.Name())
			}
		}
		f.Licence.User = strings.Join(users, "; ")
	}
	if x.Reason == verification.Drawn {
		plan, _, err := load[*verification.Plan](t, event.StreamOf(verification.KindPlan, x.Plan))
		if err != nil {
			return err
		}
		f.Drawn = slices.Contains(plan.Picks, l.ID)
	}
	year := t.Now().In(f.Zone).Year()
	n, err := t.Next(fmt.Sprintf("check %d", year))
	if err != nil {
		return fault.Wrap(err, "node: reference")
	}
	f.Reference = fmt.Sprintf("%s-V-%d-%04d", t.app.cfg.prefix(), year, n)
	return nil
}

// carriesOut tells whether an account may be sent: it is active and may see the
// licence and carry checks out.
func (t *Tx) carriesOut(id string, thing access.Thing) (bool, error) {
	if id == "" {
		return false, nil
	}
	acc, _, err := load[*account.State](t, event.StreamOf(account.KindAccount, id))
	if err != nil || acc.ID == "" || acc.Status != account.Active {
		return false, err
	}
	return access.Can(access.Actor{Account: acc.ID, Roles: acc.Roles, Compartments: acc.Compartments}, access.CheckCarryOut, thing), nil
}

// concludes says which conditions and promises of a finding nobody knows.
func (t *Tx) concludes(l *licensing.Licence, x verification.Conclude, f *verification.Facts) error {
	for _, id := range x.Conditions {
		if l.Condition(id) == nil {
			f.Unknown = append(f.Unknown, "conditions")
		}
	}
	c, _, err := load[*licensing.Case](t, CaseStream(l.Case))
	if err != nil {
		return err
	}
	for _, p := range x.Promises {
		a := c.Assurance(p.Assurance)
		if a == nil || !slices.Contains(a.Clauses, licensing.Clause(p.Clause)) || p.Result != string(licensing.Verified) && p.Result != string(licensing.Broken) {
			f.Unknown = append(f.Unknown, "promise."+p.Assurance+"."+p.Clause)
		}
	}
	return nil
}

// conclude records the finding, and in the same transaction what it says of the
// licence's conditions and of the assurances of its case: a breach found abroad
// is a breach on both, and counts in every case of those who gave them.
func conclude(t *Tx, cmd verification.Conclude, e *Engines) error {
	if err := onCheck(t, cmd, e); err != nil {
		return err
	}
	c, _, err := load[*verification.Check](t, cmd.Stream())
	if err != nil {
		return err
	}
	why := c.Reference + ": " + c.Finding.Why.Value
	for _, id := range cmd.Conditions {
		if err := onLicence(t, licensing.FindBreach{OnLicence: licensing.OnLicence{Licence: c.Licence}, Condition: id, Why: why}, e); err != nil {
			return err
		}
	}
	for _, p := range cmd.Promises {
		if err := onCase(t, licensing.VerifyAssurance{
			On: licensing.On{Case: c.Case}, Assurance: p.Assurance, Clauses: []licensing.Clause{licensing.Clause(p.Clause)}, Result: licensing.CheckResult(p.Result),
			Evidence: why, Day: c.Finding.Day,
		}, e); err != nil {
			return err
		}
	}
	return nil
}

// TakeEvidence takes a paper or picture of a check into the vault; a command
// then puts it to the check. It is the check's own: erased with it.
func (a *App) TakeEvidence(ctx context.Context, actor access.Actor, check, name string, size int64, r io.Reader) (verification.AddEvidence, error) {
	none := verification.AddEvidence{}
	f, err := a.CheckFile(ctx, actor, check)
	if err != nil {
		return none, err
	}
	if !access.Can(actor, access.CheckCarryOut, licenceThing(f.On)) {
		return none, fault.New(fault.NotFound, "fault.not_found")
	}
	if !party.Bounded(name, party.MaxText) {
		return none, fault.New(fault.Invalid, "node.document_title").Field("file", "node.document_title")
	}
	obj, err := a.objects.Put(ctx, vault.Upload{Owner: CheckStream(check), Name: name, Size: size}, r)
	if err != nil {
		return none, err
	}
	if err := a.db.Update(ctx, func(t *store.Tx) error { return t.PutObject(obj) }); err != nil {
		return none, fault.Wrap(err, "node: evidence of a check")
	}
	return verification.AddEvidence{
		OnCheck: verification.OnCheck{Check: check}, Document: obj.ID, Hash: obj.Commitment.String(), Type: obj.MediaType, Title: name, Size: obj.Size,
	}, nil
}

// OpenEvidence opens a paper of a check.
func (a *App) OpenEvidence(ctx context.Context, actor access.Actor, check, document string) (store.Document, io.ReadCloser, error) {
	var d store.Document
	f, err := a.CheckFile(ctx, actor, check)
	if err != nil {
		return d, nil, err
	}
	if !slices.ContainsFunc(f.Evidence, func(e verification.Evidence) bool { return e.Document == document }) {
		return d, nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		d, _, err = t.Document(document)
		return err
	}); err != nil {
		return d, nil, fault.Wrap(err, "node: open evidence")
	}
	if len(d.Wrapped) == 0 {
		return d, nil, fault.New(fault.NotFound, "node.document_erased")
	}
	r, err := a.objects.Open(d.Object)
	return d, r, fault.Wrap(err, "node: open evidence")
}

// CheckFile is a check as its page shows it.
type CheckFile struct {
	verification.Check
	Version int64
	On      *licensing.Licence
	Of      *licensing.Case // whose assurances it looks at
	List    verification.Checklist
	names   map[string]string
}

// Name is a person's name by account; the id where nobody knows it.
func (f *CheckFile) Name(id string) string {
	if n := f.names[id]; n != "" {
		return n
	}
	return id
}

// CheckFile reads a check for an actor. What may not be seen does not exist.
func (a *App) CheckFile(ctx context.Context, actor access.Actor, id string) (*CheckFile, error) {
	f := &CheckFile{On: &licensing.Licence{}, Of: &licensing.Case{}}
	rules, err := checkRules()
	if err != nil {
		return nil, err
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(CheckStream(id), &f.Check); err != nil {
			return err
		}
		if f.Version > 0 {
			if _, err = t.Load(event.StreamOf(kindLicence, f.Licence), f.On); err != nil {
				return err
			}
		}
		if f.Version == 0 || !access.Can(actor, access.CheckRead, licenceThing(f.On)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if _, err = t.Load(CaseStream(f.Case), f.Of); err != nil {
			return err
		}
		people := []string{f.Planned.Account, f.Officer, f.Looked.Account, f.EndedBy.Account}
		for _, c := range f.Consents {
			people = append(people, c.By.Account)
		}
		for _, x := range f.Evidence {
			people = append(people, x.By.Account)
		}
		for _, u := range f.FollowUps {
			people = append(people, u.Officer, u.By.Account, u.DoneBy.Account)
		}
		if f.Finding != nil {
			people = append(people, f.Finding.By.Account)
		}
		f.names, err = t.Names(distinct(people))
		return err
	})
	f.List, _ = rules.Checklist(f.Checklist)
	return f, fault.Wrap(err, "node: check")
}

// PlanFile is a draw as its page shows it: of the pool, those licences that the
// reader may see.
type PlanFile struct {
	verification.Plan
	Rules      verification.Rules
	References map[string]string // of licences, by id
	Checks     map[string]store.CheckRow
	By         string
}

// planShown bounds the checks of a plan that its page looks for.
const planShown = verification.MaxPicks

// PlanFile reads a draw for an actor.
func (a *App) PlanFile(ctx context.Context, actor access.Actor, id string) (*PlanFile, error) {
	f := &PlanFile{Checks: map[string]store.CheckRow{}}
	var err error
	if f.Rules, err = checkRules(); err != nil {
		return nil, err
	}
	scope := access.ScopeOf(actor, access.CheckRead)
	err = a.db.View(ctx, func(t *store.Tx) error {
		version, err := t.Load(event.StreamOf(verification.KindPlan, id), &f.Plan)
		if err != nil {
			return err
		}
		if version == 0 || !access.Can(actor, access.CheckRead, access.Thing{Kind: verification.KindPlan}) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		ids := make([]string, len(f.Pool))
		for i, c := range f.Pool {
			ids[i] = c.ID
		}
		if f.References, err = t.LicenceReferences(ids, scope); err != nil {
			return err
		}
		rows, err := t.ListChecks(store.Checks{Scope: scope, Any: true, Plan: id, Limit: planShown})
		if err != nil {
			return err
		}
		for _, r := range rows {
			f.Checks[r.Licence] = r
		}
		names, err := t.Names([]string{f.Drawn.Account})
		f.By = names[f.Drawn.Account]
		return err
	})
	return f, fault.Wrap(err, "node: plan of checks")
}
