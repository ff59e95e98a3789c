package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/verification"
)

// do gives commands one after the other.
func (s *State) do(ctx context.Context, who string, cmds ...any) error {
	for _, cmd := range cmds {
		if err := s.App.Do(ctx, s.Actors[who], cmd); err != nil {
			return fmt.Errorf("%T by %s: %w", cmd, who, err)
		}
	}
	return nil
}

// admit lets people into the compartment of enforcement.
func (s *State) admit(ctx context.Context, signs ...string) error {
	for _, sign := range signs {
		a := s.Actors[sign]
		a.Compartments = []string{enforcement.Compartment}
		if err := s.App.Do(ctx, access.System(), account.ChangeRoles{ID: a.Account, Roles: a.Roles, Compartments: a.Compartments, Reason: "Works on enforcement files."}); err != nil {
			return err
		}
		s.Actors[sign] = a
	}
	return nil
}

// register enters an end user of a case in the register of parties.
func (s *State) register(ctx context.Context, id, who string) error {
	f, err := s.App.CaseFile(ctx, s.Actors["liv"], id)
	if err != nil {
		return err
	}
	for _, p := range f.Case.App().Parties {
		if p.ID != who {
			continue
		}
		entry := node.NewID()
		return s.do(ctx, "liv",
			party.Register{On: party.On{Entry: entry}, Party: p, Source: "case/" + id},
			licensing.LinkParty{On: licensing.On{Case: id}, Party: p.ID, Register: entry})
	}
	return fmt.Errorf("demo: no party %q", who)
}

func (s *State) today() deadline.Date { return deadline.DateOf(s.App.Now(), time.UTC) }

// licencesOf are an exporter's licences, the latest first.
func (s *State) licencesOf(ctx context.Context, org string) (rows []store.LicenceRow, err error) {
	err = s.App.Store().View(ctx, func(t *store.Tx) error {
		rows, err = t.ListLicences(store.Licences{Scope: access.ScopeOf(s.Actors["liv"], access.LicenceRead), Org: s.Orgs[org], Limit: 10})
		return err
	})
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("demo: %s has no licence", org)
	}
	return rows, err
}

// warning begins the file of an exporter that reported late: asked, answered and
// warned. It is closed when the time to appeal is over.
func (s *State) warning(ctx context.Context, _ mover) error {
	if err := s.admit(ctx, "einar", "siri", "stein"); err != nil {
		return err
	}
	on := enforcement.OnMatter{Matter: node.NewID()}
	s.warned = on
	if err := s.do(ctx, "einar",
		enforcement.Open{OnMatter: on, Kind: enforcement.Breach, Org: s.Orgs[Radio], Words: enforcement.Words{Title: "Two reports of use that did not come", What: "The reports for the first and second quarter of 2026 were due on 30 April and 31 July. Neither came, and the reminders went unanswered."}},
		enforcement.Ask{OnMatter: on, ID: "q1", Due: s.today().Add(14), Text: "Why did the reports of the first two quarters not come, and who is answerable for them?"}); err != nil {
		return err
	}
	if err := s.do(ctx, "kari", enforcement.Reply{OnMatter: on, ID: "q1", Text: "The person in charge left in March and nobody took over. Both reports are sent today."}); err != nil {
		return err
	}
	if err := s.do(ctx, "einar", enforcement.Propose{OnMatter: on, ID: "d1", Outcome: enforcement.Warning, Why: "First time, remedied at once, nothing left unaccounted for.", Told: "You are warned. A report that does not come again leads to a penalty."}); err != nil {
		return err
	}
	return s.do(ctx, "siri", enforcement.Confirm{OnMatter: on, ID: "d1"})
}

// broadcaster is a second licence for encryption, on which an emergency falls.
func (s *State) broadcaster(ctx context.Context, clock mover) error {
	return s.encryption(ctx, clock, "Encryption for the broadcaster Radio Veden")
}

// checks have goods leave, draws licences to look at, and looks: one check found
// what was promised only in part and opens an incident, one is on its way.
func (s *State) checks(ctx context.Context, _ mover) error {
	gateways, err := s.licencesOf(ctx, Westmark)
	if err != nil {
		return err
	}
	ciphers, err := s.licencesOf(ctx, CipherPost)
	if err != nil {
		return err
	}
	gateway, cipher := gateways[0], ciphers[len(ciphers)-1]
	for i, x := range []struct {
		holder, id string
		serials    []string
	}{{"wim", gateway.ID, []string{"WM-2041", "WM-2042", "WM-2043", "WM-2044"}}, {"cyra", cipher.ID, []string{"CP-77", "CP-78"}}} {
		l, _, err := s.App.HeldLicence(ctx, s.Actors[x.holder], x.id)
		if err != nil {
			return err
		}
		if err := s.do(ctx, "tollef", node.TakeMessage{CustomsMessage: licensing.CustomsMessage{
			Sender: "xn-customs", Number: int64(i + 1), Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: fmt.Sprintf("26XN%06d", 4101+i), Office: "XN000100", Document: "X060", At: s.App.Now(),
			Lines: []licensing.MessageLine{{Line: l.Lines[0].Line, Quantity: fmt.Sprint(len(x.serials)), Unit: l.Lines[0].Unit, Serials: x.serials}},
		}}); err != nil {
			return err
		}
	}
	plan, today := node.NewID(), s.today()
	on, next := verification.OnCheck{Check: node.NewID()}, verification.OnCheck{Check: node.NewID()}
	vidar := s.Actors["vidar"].Account
	return s.do(ctx, "vidar",
		verification.DrawPlan{Plan: plan, From: today.Add(-90), To: today, Wanted: 2, Purpose: "Sample of the second half-year: what left since August"},
		verification.Prepare{OnCheck: on, Licence: gateway.ID, Reason: verification.Drawn, Plan: plan, Why: "Drawn for the half-yearly sample.", Checklist: "site", Officer: vidar, Due: today.Add(9), Place: "Exchange of BelmarTel, Belmar City", Note: "The warrant desk is on the third floor; ask for the log of the last ninety days."},
		verification.RecordConsent{OnCheck: on, Day: today, Answer: verification.Given, Said: "Clause 6 of the assurance; confirmed by the service's legal office."},
		verification.Arrange{OnCheck: on, Day: today.Add(2), Officer: vidar, Where: "Exchange of BelmarTel, entrance of the supplier"},
		verification.Look{
			OnCheck: on, OnSite: verification.OnSite{Notes: map[string]string{"log": "Eleven days in September are missing; the operator speaks of a failed disk.", "mandate": "Twenty measures were drawn; nineteen had their warrant."}},
			Answers: []verification.Seen{{Item: "place", Answer: verification.Yes}, {Item: "user", Answer: verification.Yes}, {Item: "use", Answer: verification.Yes}, {Item: "disabled", Answer: verification.Yes}, {Item: "mandate", Answer: verification.No}, {Item: "log", Answer: verification.No}, {Item: "retention", Answer: verification.NotSeen}, {Item: "access", Answer: verification.Yes}},
		},
		verification.Conclude{OnCheck: on, Result: verification.Unsatisfactory, Conditions: []string{"c2"}, Why: "Eleven days of the log are missing, and one measure of twenty had no warrant to show."},
		verification.SetFollowUp{OnCheck: on, ID: node.NewID(), Officer: vidar, Due: today.Add(20), What: "Ask the operator for the copy of the log from the second disk"},
		verification.Prepare{OnCheck: next, Licence: cipher.ID, Reason: verification.Officer, Why: "The yearly look at papers.", Checklist: "papers", Officer: vidar, Due: today.Add(20), Place: "Veden"})
}

// incidents are open at every stage: one that waits for the second person, an
// emergency that was confirmed, and the breach that the check opened.
func (s *State) incidents(ctx context.Context, clock mover) error {
	groups := func(affected ...string) (out []incidents.On) {
		for _, g := range incidents.Groups {
			on := incidents.On{Group: g, Effect: incidents.Unknown}
			for _, a := range affected {
				if a == g {
					on.Effect = incidents.Affected
				}
			}
			out = append(out, on)
		}
		return out
	}
	coup, raid := incidents.OnIncident{Incident: node.NewID()}, incidents.OnIncident{Incident: node.NewID()}
	if err := s.do(ctx, "liv",
		incidents.Open{
			OnIncident: coup, Kind: incidents.Coup, Origin: incidents.Press, Urgency: incidents.Days, Received: s.today(), Groups: groups("opposition", "journalists"),
			Links: []incidents.Link{{Kind: incidents.Destination, Ref: "XT"}},
			Words: incidents.Words{Title: "The army took power in Tembuka", What: "The army dissolved parliament and closed two broadcasters. The embassy reports arrests of members of the opposition.", StateCan: "Nothing left under a licence yet. Open cases can wait; a presumption of denial can be set."},
		},
		incidents.Propose{
			OnIncident: coup, ID: node.NewID(), Ground: "new_facts", Presume: []string{"XT"}, From: s.today(),
			Told: "Because of events in the destination, denial is presumed for Tembuka until this is lifted. Your case goes on; you may say why it should be exempted.",
			Why:  "Those who would use the items are now under the command of those who made the arrests.",
		},
		incidents.Open{
			OnIncident: raid, Kind: incidents.Report, Origin: incidents.Outside, Urgency: incidents.Hour, Received: s.today(), Groups: groups("journalists"), Raised: "The editor in chief, by telephone, to the officer in person",
			Links: []incidents.Link{{Kind: incidents.Destination, Ref: "XR"}},
			Words: incidents.Words{Title: "Newsroom searched, devices taken", What: "Police searched the newsroom and took the devices with their keys. Whoever holds them can read what is sent next.", StateCan: "Stop deliveries and updates of keys until new devices are in the right hands."},
		}); err != nil {
		return err
	}
	ciphers, err := s.licencesOf(ctx, CipherPost)
	if err != nil {
		return err
	}
	emergency := node.NewID()
	if err := s.do(ctx, "siri", incidents.Halt{
		OnIncident: raid, ID: emergency, Licences: []string{ciphers[0].ID}, Told: "Your licence is suspended while we look into a matter. Send no updates and no keys until you hear from us.",
		Why: "Each further key puts those who rely on the product at risk.",
	}); err != nil {
		return err
	}
	clock.Move(20 * time.Hour)
	return s.do(ctx, "stein", incidents.Uphold{OnIncident: raid, ID: emergency, Why: "Agreed. To be looked at again when the devices are accounted for."})
}

// files are enforcement files at every stage, and a shipment that customs hold.
func (s *State) files(ctx context.Context, _ mover) error {
	if err := s.do(ctx, "einar", enforcement.Close{OnMatter: s.warned, Why: "Nobody appealed; the reports have come since."}); err != nil {
		return err
	}
	stop, told, held := licensing.OnStop{Stop: node.NewID()}, enforcement.OnMatter{Matter: node.NewID()}, enforcement.OnMatter{Matter: node.NewID()}
	if err := s.do(ctx, "tollef", licensing.Hold{
		OnStop: stop, Declaration: "26XN004177", Office: "XN000100", Tariff: "8525 60 00", Destination: "XR",
		Text: licensing.StopText{Goods: "Two radio direction finders in one case, declared as antennas", Exporter: Radio, Consignee: "Veden Trade House", Question: "No licence was presented. Is one needed?"},
	}); err != nil {
		return err
	}
	if err := s.do(ctx, "liv", licensing.AnswerStop{OnStop: stop, Reply: licensing.ReplyLicenceNeeded, Why: "Direction finders of this kind are on the list; an application for them was refused in October."}); err != nil {
		return err
	}
	if err := s.do(ctx, "tollef", licensing.EndStop{OnStop: stop, Outcome: licensing.StopDetained, Why: "Detained; the file went to enforcement."}); err != nil {
		return err
	}
	if err := s.do(ctx, "einar",
		enforcement.Open{OnMatter: held, Kind: enforcement.Stop, Org: s.Orgs[Radio], Words: enforcement.Words{Title: "Direction finders declared as antennas", What: "Customs held two direction finders bound for Karsovia that were declared as antennas. An application for the like was refused in October.", Cited: "26XN004177"}},
		enforcement.Ask{OnMatter: held, ID: "q1", Due: s.today().Add(10), Text: "Who wrote the declaration, and who ordered the goods?"}); err != nil {
		return err
	}
	if err := s.do(ctx, "kari", enforcement.Reply{OnMatter: held, ID: "q1", Text: "Our forwarder wrote it from an old template. The order is from a trading house that we did not know before."}); err != nil {
		return err
	}
	if err := s.do(ctx, "einar",
		enforcement.Note{OnMatter: held, Text: "The trading house has the address of the unit that was refused."},
		enforcement.Propose{OnMatter: held, ID: "d1", Outcome: enforcement.Penalty, Amount: 4_000_000, Currency: "EUR", Told: "A penalty for an attempt to export listed goods without a licence under a false description.", Why: "The refusal was known; the answer explains the form, not the order. Half of the frame, as nothing left."}); err != nil {
		return err
	}
	if err := s.do(ctx, "siri", enforcement.Confirm{OnMatter: held, ID: "d1"}); err != nil {
		return err
	}
	if err := s.do(ctx, "kari", enforcement.Object{OnMatter: held, Text: "The declaration was the forwarder's. We did not know what the trading house is, and nothing left."}); err != nil {
		return err
	}
	if err := s.do(ctx, "vera", enforcement.Disclose{OnMatter: told, Org: s.Orgs[Vision], Words: enforcement.Words{Title: "Twelve lenses shown abroad without a permit", What: "Our sales staff took twelve thermal lenses to a fair in Ostria in June. They came back; nobody asked for a permit. We have trained the staff since.", Cited: "Fair of 11 to 14 June 2026"}}); err != nil {
		return err
	}
	return s.do(ctx, "einar", enforcement.Ask{OnMatter: told, ID: "q1", Due: s.today().Add(10), Text: "Send the list of what was taken and the papers of its return."})
}
