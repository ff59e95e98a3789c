package node

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/certificate"
	"github.com/comity-project/comity/internal/denial"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/lists/register"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/verification"
)

// Record is the ledger as its page shows it.
type Record struct {
	Head        store.Head
	Checkpoints []store.Checkpoint // newest first
	Last        store.Verification // ID is empty where there was none
	Entries     []ledger.Entry     // latest first
	Names       map[string]string  // of actors, by account
}

// recordCheckpoints is how many checkpoints a page shows.
const recordCheckpoints = 5

// Record reads the ledger's end, or the entries before a number.
func (a *App) Record(ctx context.Context, actor access.Actor, before int64, limit int) (r Record, err error) {
	if !access.Can(actor, access.LedgerRead, access.Thing{}) {
		return r, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if r.Head, err = t.Head(); err != nil {
			return err
		}
		if r.Checkpoints, err = t.LastCheckpoints(recordCheckpoints); err != nil {
			return err
		}
		if r.Last, err = t.LastVerification(); err != nil {
			return err
		}
		if r.Entries, err = t.EntriesBefore(before, limit); err != nil {
			return err
		}
		r.Names, err = t.Names(actorsOf(r.Entries))
		return err
	})
	return r, fault.Wrap(err, "node: the record")
}

func actorsOf(entries []ledger.Entry) []string {
	seen := map[string]bool{"": true, "system": true}
	var ids []string
	for _, e := range entries {
		if !seen[e.Actor] {
			seen[e.Actor] = true
			ids = append(ids, e.Actor)
		}
	}
	return ids
}

// RecordEntry is one entry as its page shows it.
type RecordEntry struct {
	ledger.Entry
	Prev     ledger.Hash
	ByName   string           // name of the actor, "" where it is erased or the node itself
	Under    store.Checkpoint // newest checkpoint; Size 0 where there is none
	Withheld bool             // the actor may not read what the entry says, only that it is there
	Gone     map[event.Stream]event.Erasure
}

// Provable tells whether the newest checkpoint covers the entry.
func (e RecordEntry) Provable() bool { return e.Seq <= e.Under.Size }

// Entry reads one entry. What it says is withheld from those who may not read
// the thing that it is about: that something happened is everybody's who keeps
// the record, what happened in a case is not.
func (a *App) Entry(ctx context.Context, actor access.Actor, seq int64) (out RecordEntry, err error) {
	if !access.Can(actor, access.LedgerRead, access.Thing{}) {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		var found bool
		var err error
		if out.Entry, out.Prev, found, err = t.Entry(seq); err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if out.Under, err = t.LastCheckpoint(); err != nil {
			return err
		}
		names, err := t.Names([]string{out.Actor})
		if err != nil {
			return err
		}
		out.ByName = names[out.Actor]
		out.Gone = map[event.Stream]event.Erasure{}
		for _, p := range out.Parts {
			if x, gone := t.Erased(p.Owner); gone {
				out.Gone[p.Owner] = x
			}
		}
		may, err := a.mayReadStream(t, actor, out.Stream)
		if !may {
			out.Withheld, out.Kept = true, nil
		}
		return err
	})
	return out, fault.Wrap(err, "node: entry %d", seq)
}

// readRule is how access is asked for what a stream of a kind is about.
type readRule struct {
	act    access.Act
	placed bool   // it lies in the compartment that its state names, or its case
	within string // it always lies in this compartment
}

// readings names every kind of stream but accounts and organisations, which are
// their own things. A kind that is not here is read by nobody.
var readings = map[string]readRule{
	lists.KindList:             {act: access.ListRead},
	register.KindRegister:      {act: access.ListRead},
	rulebook.Kind:              {act: access.PolicyRead},
	statistics.Kind:            {act: access.StatisticsRead},
	party.StreamKind:           {act: access.PartyRead},
	evidence.KindItem:          {act: access.EvidenceRead, placed: true},
	evidence.KindBrief:         {act: access.EvidenceRead, placed: true},
	evidence.KindQuestion:      {act: access.EvidenceRead, placed: true},
	instruments.KindInstrument: {act: access.InstrumentRead},
	instruments.KindElement:    {act: access.InstrumentRead},
	instruments.KindPeer:       {act: access.InstrumentRead},
	kindScreening:              {act: access.ScreenAudit},
	kindLookUp:                 {act: access.ScreenAudit},
	kindErasure:                {act: access.LedgerRead},
	kindCase:                   {act: access.CaseRead, placed: true},
	kindAssessment:             {act: access.CaseRead, placed: true},
	certificate.Kind:           {act: access.CaseRead, placed: true},
	denial.Kind:                {act: access.CaseRead, placed: true},
	kindLicence:                {act: access.CaseRead, placed: true},
	licensing.KindUndertaking:  {act: access.CaseRead, placed: true},
	kindWatch:                  {act: access.CaseRead, placed: true},
	licensing.KindInformed:     {act: access.CaseRead, placed: true},
	licensing.KindStop:         {act: access.StopRead},
	licensing.KindCustoms:      {act: access.LicenceRead},
	verification.KindPlan:      {act: access.CheckRead},
	verification.KindCheck:     {act: access.CheckRead, placed: true},
	dispatch.KindBatch:         {act: access.ExchangeRead},
	dispatch.KindAlert:         {act: access.ExchangeRead},
	dispatch.KindSharing:       {act: access.ExchangeRead},
	dispatch.KindPaper:         {act: access.ExchangeRead},
	dispatch.KindCollection:    {act: access.ExchangeRead},
	dispatch.KindFeed:          {act: access.ExchangeRead},
	dispatch.KindImport:        {act: access.ExchangeRead},
	dispatch.KindStatement:     {act: access.ExchangeRead},
	dispatch.KindTelling:       {act: access.ExchangeRead, placed: true},
	incidents.KindIncident:     {act: access.IncidentRead, placed: true},
	incidents.KindPresumption:  {act: access.IncidentRead},
	interests.Kind:             {act: access.InterestRead},
	enforcement.KindMatter:     {act: access.MatterRead, within: enforcement.Compartment},
	enforcement.KindRecord:     {act: access.MatterRead, within: enforcement.Compartment},
}

// StreamKinds are all kinds of streams that the record shows.
func StreamKinds() []string {
	return append(slices.Sorted(maps.Keys(readings)), account.KindAccount, account.KindOrg)
}

// mayReadStream asks access for the thing that a stream is about.
func (a *App) mayReadStream(t *store.Tx, actor access.Actor, s event.Stream) (bool, error) {
	switch s.Kind() {
	case account.KindAccount:
		return access.Can(actor, access.AccountRead, access.Thing{Account: s.ID()}), nil
	case account.KindOrg:
		return access.Can(actor, access.OrgRead, access.Thing{Org: s.ID()}), nil
	}
	r, known := readings[s.Kind()]
	if !known {
		return false, nil
	}
	thing := access.Thing{Kind: s.Kind(), Compartment: r.within}
	if r.placed {
		var err error
		if thing.Compartment, err = compartmentOf(t, s); err != nil {
			return false, err
		}
	}
	return access.Can(actor, r.act, thing), nil
}

// compartmentOf reads from a stream's state in which compartment it lies; an
// assessment or a licence lies where its case does.
func compartmentOf(t *store.Tx, s event.Stream) (string, error) {
	for range 2 {
		var peek placed
		if version, err := t.Load(s, &peek); err != nil || version == 0 {
			return "", err
		}
		if peek.Compartment != "" || peek.Case == "" || s.Kind() == "case" {
			return peek.Compartment, nil
		}
		s = event.StreamOf("case", strings.TrimPrefix(peek.Case, "case/"))
	}
	return "", nil
}

// placed is the part of a state of casework that says where it lies.
type placed struct {
	Compartment string
	Case        string
}

// UnmarshalJSON takes the two names where they are texts, and leaves the rest.
func (p *placed) UnmarshalJSON(b []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	for name, into := range map[string]*string{"compartment": &p.Compartment, "case": &p.Case} {
		_ = json.Unmarshal(all[name], into) // another shape says nothing of a place
	}
	return nil
}

// Apply implements event.State; nothing is ever folded into it.
func (*placed) Apply(event.Recorded) error { return errors.New("node: only read") }

// Rows implements event.State.
func (*placed) Rows() []event.Row { return nil }

// ProveFor makes a proof for whoever may have it: with the kept part only for
// those who may read it.
func (a *App) ProveFor(ctx context.Context, actor access.Actor, seq int64, disclose bool) (ledger.Proof, error) {
	e, err := a.Entry(ctx, actor, seq)
	if err != nil {
		return ledger.Proof{}, err
	}
	if disclose && e.Withheld {
		return ledger.Proof{}, fault.New(fault.NotFound, "fault.not_found")
	}
	if !e.Provable() {
		return ledger.Proof{}, fault.New(fault.Blocked, "node.proof_wait")
	}
	p, err := a.Prove(ctx, seq, disclose)
	return p, fault.Wrap(err, "node: proof of %d", seq)
}

// askedEvery is how often a verification can be asked for.
const askedEvery = 5 * time.Minute

// AskVerification has the whole ledger checked soon, besides the nightly check.
// Asked again within a few minutes, it tells that one is on its way.
func (a *App) AskVerification(ctx context.Context, actor access.Actor) (added bool, err error) {
	if !access.Can(actor, access.LedgerRead, access.Thing{}) {
		return false, fault.New(fault.NotFound, "fault.not_found")
	}
	now := a.Now()
	j, err := jobs.New(jobVerify, jobVerify+"/asked/"+now.Truncate(askedEvery).Format(time.RFC3339), nil, now)
	if err != nil {
		return false, fault.Wrap(err, "node: ask for a verification")
	}
	added, err = a.db.Jobs().Enqueue(ctx, j)
	return added, fault.Wrap(err, "node: ask for a verification")
}

// verifyJob checks the ledger, states and rows, and stores what it found. A
// damaged ledger is a result, not a failure of the job: trying again does not
// mend it.
func (a *App) verifyJob(ctx context.Context, _ jobs.Job) error {
	run := store.Verification{ID: NewID(), Began: a.Now()}
	v, err := a.Verify(ctx, true, nil)
	if err != nil && (ctx.Err() != nil || fault.Is(err, fault.Unavailable)) {
		return err
	}
	if err != nil {
		run.Damage = err.Error()
		a.log.Error("the ledger does not hold", "damage", run.Damage)
	}
	run.Ended, run.Entries, run.Checkpoints, run.Streams, run.Head = a.Now(), v.Entries, int64(v.Checkpoints), int64(v.Streams), v.Head[:]
	return a.db.Update(ctx, func(t *store.Tx) error { return t.PutVerification(run) })
}
