package node

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/certificate"
	"github.com/comity-project/comity/internal/denial"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/lists/register"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/verification"
)

// kind makes the empty state of a kind of stream.
type kind func() event.State

// handler runs one command inside its transaction. prepare gathers what is
// costly before it: a hash, a screening, a classification.
type handler struct {
	prepare func(context.Context, *App, access.Actor, any) (any, error)
	run     func(*Tx, any, any) error
}

// errMoved is a handler's answer when what was prepared rests on something that
// has changed meanwhile: Do prepares again.
var errMoved = errors.New("node: what was prepared is out of date")

// register is the table of what the node knows: event shapes, kinds of
// streams, commands. A domain is wired in here and nowhere else.
func (a *App) register() {
	a.registry = event.NewRegistry(slices.Concat([]event.Event{Erased{}}, account.Events(), register.Events(), licensing.Events(), denial.Events(), certificate.Events(), assessment.Samples(), party.Events(), lists.Events(), rulebook.Events(), evidence.Events(), instruments.Events(), dispatch.Events(), verification.Events(), incidents.Events(), interests.Events(), enforcement.Events(), statistics.Events(), screeningEvents(), []event.Event{CustomsLooked{}})...)
	a.kinds = map[string]kind{
		account.KindOrg:            func() event.State { return &account.OrgState{} },
		account.KindAccount:        func() event.State { return &account.State{} },
		register.KindRegister:      func() event.State { return &register.InUse{} },
		kindErasure:                func() event.State { return &erasureState{} },
		kindCase:                   func() event.State { return &licensing.Case{} },
		kindLicence:                func() event.State { return &licensing.Licence{} },
		licensing.KindUndertaking:  func() event.State { return &licensing.Licence{} },
		licensing.KindStop:         func() event.State { return &licensing.Stop{} },
		licensing.KindInformed:     func() event.State { return &licensing.InformedLetter{} },
		kindLookUp:                 func() event.State { return &lookUps{} },
		licensing.KindCustoms:      func() event.State { return &licensing.CustomsSender{} },
		certificate.Kind:           func() event.State { return &certificate.Book{} },
		denial.Kind:                func() event.State { return &denial.Notice{} },
		kindAssessment:             func() event.State { return &assessment.State{} },
		party.StreamKind:           func() event.State { return &party.Entry{} },
		evidence.KindItem:          func() event.State { return &evidence.Item{} },
		evidence.KindQuestion:      func() event.State { return &evidence.Question{} },
		evidence.KindBrief:         func() event.State { return &evidence.Brief{} },
		instruments.KindInstrument: func() event.State { return &instruments.Instrument{} },
		instruments.KindElement:    func() event.State { return &instruments.Element{} },
		instruments.KindPeer:       func() event.State { return &instruments.Peer{} },
		verification.KindPlan:      func() event.State { return &verification.Plan{} },
		verification.KindCheck:     func() event.State { return &verification.Check{} },
		dispatch.KindBatch:         func() event.State { return &dispatch.Batch{} },
		dispatch.KindAlert:         func() event.State { return &dispatch.Alert{} },
		dispatch.KindSharing:       func() event.State { return &dispatch.Sharing{} },
		dispatch.KindPaper:         func() event.State { return &dispatch.Paper{} },
		dispatch.KindCollection:    func() event.State { return &dispatch.Collection{} },
		dispatch.KindFeed:          func() event.State { return &dispatch.Feed{} },
		dispatch.KindImport:        func() event.State { return &dispatch.Import{} },
		dispatch.KindStatement:     func() event.State { return &dispatch.Taken{} },
		dispatch.KindTelling:       func() event.State { return &dispatch.Telling{} },
		incidents.KindIncident:     func() event.State { return &incidents.Incident{} },
		incidents.KindPresumption:  func() event.State { return &incidents.Presumption{} },
		interests.Kind:             func() event.State { return &interests.Register{} },
		enforcement.KindMatter:     func() event.State { return &enforcement.Matter{} },
		enforcement.KindRecord:     func() event.State { return &enforcement.Record{} },
		statistics.Kind:            func() event.State { return &statistics.State{} },
		lists.KindList:             func() event.State { return &lists.State{} },
		rulebook.Kind:              func() event.State { return &rulebook.State{} },
		kindScreening:              func() event.State { return &screeningState{} },
		kindWatch:                  func() event.State { return &watchState{} },
	}
	a.handlers = map[string]handler{}
	handle(a, registerOrg)
	handle(a, changeOrg)
	handle(a, settleOrg)
	handle(a, openAccount)
	handle(a, openProgram)
	handle(a, endProgram)
	handlePrepared(a, hashFirst, openWithPassword)
	handlePrepared(a, hashRegister, registerCompany)
	handle(a, changeRoles)
	handle(a, setStatus)
	handlePrepared(a, hashNew, setPassword)
	handle(a, setTOTP)
	handlePrepared(a, noted, erase)
	handle(a, adoptRegister)
	a.listWork()
	a.policyWork()
	a.registerCasework()
	a.registerDenials()
	a.registerCertificates()
	a.registerEvidence()
	a.registerInstruments()
	a.registerVerification()
	a.registerExchange()
	a.registerImports()
	a.registerFeeds()
	a.registerIncidents()
	a.registerInterests()
	a.registerEnforcement()
	a.registerCustoms()
	a.registerStatistics()
}

// handle files a handler under the type of its command.
func handle[C any](a *App, f func(*Tx, C) error) {
	name := reflect.TypeFor[C]().String()
	if _, twice := a.handlers[name]; twice {
		panic("node: two handlers for " + name)
	}
	a.handlers[name] = handler{run: func(t *Tx, cmd, _ any) error { return f(t, cmd.(C)) }}
}

// handlePrepared files a handler whose costly facts are gathered first.
func handlePrepared[C, P any](a *App, prepare func(context.Context, *App, access.Actor, C) (P, error), f func(*Tx, C, P) error) {
	name := reflect.TypeFor[C]().String()
	handle(a, func(*Tx, C) error { return nil })
	a.handlers[name] = handler{
		prepare: func(ctx context.Context, a *App, actor access.Actor, cmd any) (any, error) {
			return prepare(ctx, a, actor, cmd.(C))
		},
		run: func(t *Tx, cmd, p any) error { return f(t, cmd.(C), p.(P)) },
	}
}

func (a *App) stateOf(s event.Stream) (event.State, error) {
	k, ok := a.kinds[s.Kind()]
	if !ok {
		return nil, fmt.Errorf("node: no kind of stream is called %q", s.Kind())
	}
	return k(), nil
}
