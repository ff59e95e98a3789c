package demo

import (
	"context"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

// The instruments of Norland, all invented.
var norland = []struct {
	owner string
	kind  instruments.Kind
	days  int // until its review, from the demonstration's first day
	v     instruments.Version
}{
	{"petra", instruments.Law, 300, instruments.Version{
		From: "2021-07-01", SourceDate: "2026-09-01", CatchAll: []instruments.Use{instruments.HumanRights, instruments.Military, instruments.Mass},
		Covers: []string{"review", "catch-all", "refuse", "intangible", "routes", "enforcement"},
		Words:  instruments.Words{Title: "Export Control Act", Citation: "Act of 12 March 2021 no. 18", Agency: Authority, Source: "Norland Law Gazette 2021 no. 18", Scope: "Listed goods, software and technology; unlisted ones by the end uses of section 9."},
	}},
	{"petra", instruments.Regulation, 60, instruments.Version{
		From: "2021-09-01", SourceDate: "2026-09-01", CatchAll: []instruments.Use{instruments.Military},
		Covers: []string{"review", "catch-all", "assurances", "information"},
		Words:  instruments.Words{Title: "Export Control Regulation", Citation: "Regulation of 20 August 2021 no. 44", Agency: Authority, Source: "Norland Law Gazette 2021 no. 44", Scope: "Applications, what they must tell, assurances of end users."},
	}},
	{"lotte", instruments.List, 200, instruments.Version{
		From: "2024-01-01", SourceDate: "2026-09-01", Covers: []string{"lists"},
		Words: instruments.Words{Title: "National control list", Citation: "Annex 2 of the Export Control Regulation", Agency: Authority, Source: "Norland Law Gazette 2023 no. 97", Scope: "Items beyond the lists of the regimes: face and gait recognition, monitoring of social media."},
	}},
	{"petra", instruments.Procedure, 250, instruments.Version{
		From: "2023-05-01", SourceDate: "2026-09-01", Covers: []string{"consultation", "practices"},
		Words: instruments.Words{Title: "Procedure for consultations", Citation: "Decision of the Authority 2023/7", Agency: Authority, Source: "Register of decisions of the Authority, 2023/7"},
	}},
	{"liv", instruments.Guideline, 40, instruments.Version{
		From: "2022-02-01", SourceDate: "2026-09-01", Covers: []string{"due-diligence", "information"},
		Words: instruments.Words{Title: "Guidance on due diligence for exporters", Citation: "Guidance 2022/1", Agency: Authority, Source: "Pages of the Authority for exporters"},
	}},
}

// instruments puts the state's own tools on the register.
func (s *State) instruments(ctx context.Context, _ mover) error {
	first := deadline.DateOf(s.App.Now(), time.UTC)
	for _, x := range norland {
		cmd := instruments.Enter{OnInstrument: instruments.OnInstrument{Instrument: node.NewID()}, Kind: x.kind, Owner: s.Actors[x.owner].Account, ReviewBy: first.Add(x.days), Version: x.v}
		if err := s.App.Do(ctx, s.Actors["petra"], cmd); err != nil {
			return err
		}
	}
	return nil
}

// selfAssessment answers some elements and leaves others unknown: a gap with an
// action, one with a reason for none, one that nobody has spoken of.
func (s *State) selfAssessment(ctx context.Context, _ mover) error {
	petra := s.Actors["petra"]
	tools, err := s.App.Tools(ctx, petra, s.App.Now())
	if err != nil {
		return err
	}
	id := map[string]string{}
	for _, i := range tools.All {
		id[i.Latest().Words.Title] = i.ID
	}
	used, err := s.someClosedCase(ctx)
	if err != nil {
		return err
	}
	on := func(element string) instruments.OnElement { return instruments.OnElement{Element: element} }
	today := deadline.DateOf(s.App.Now(), time.UTC)
	for _, cmd := range []any{
		instruments.Judge{OnElement: on("catch-all"), Instrument: id["Export Control Act"], Answer: instruments.Met, Provision: "s. 9 (2)", Case: used, Reason: "The clause names serious violations or abuses of human rights, and a licence was decided under it."},
		instruments.Judge{OnElement: on("catch-all"), Instrument: id["Export Control Regulation"], Answer: instruments.Gap, Reason: "Section 3 repeats military end use only: exporters who read the regulation alone do not see the rest."},
		instruments.Plan{OnElement: on("catch-all"), ID: node.NewID(), Instrument: id["Export Control Regulation"], What: "Propose that section 3 points to section 9 (2) of the Act", Owner: petra.Account, Due: today.Add(9)},
		instruments.Judge{OnElement: on("catch-all"), Answer: instruments.Met, Provision: "Act s. 9 (2)", Case: used, Reason: "The Act reaches it by itself."},
		instruments.Publish{OnElement: on("catch-all"), Public: true},
		instruments.Judge{OnElement: on("refuse"), Instrument: id["Export Control Act"], Answer: instruments.Partly, Provision: "s. 12, s. 15", Reason: "Refusal and withdrawal name human rights; suspension does not."},
		instruments.LeaveGap{OnElement: on("refuse"), Instrument: id["Export Control Act"], Reason: "Suspension rests on the general clause, which the court of appeal held to be enough in 2024. To be looked at again with the next amendment."},
		instruments.Judge{OnElement: on("lists"), Instrument: id["National control list"], Answer: instruments.Partly, Provision: "items 6 to 9", Reason: "Voice recognition and the analysis of advertising data for location are not on it."},
		instruments.Judge{OnElement: on("due-diligence"), Instrument: id["Guidance on due diligence for exporters"], Answer: instruments.Unknown, Reason: "Nobody has asked exporters yet whether they use it."},
	} {
		if err := s.App.Do(ctx, petra, cmd); err != nil {
			return err
		}
	}
	return nil
}

// someClosedCase is the reference of a case that was decided.
func (s *State) someClosedCase(ctx context.Context) (reference string, err error) {
	err = s.App.Store().View(ctx, func(t *store.Tx) error {
		rows, err := t.ListCases(store.Cases{Scope: access.ScopeOf(s.Actors["liv"], access.CaseRead), List: store.ClosedList, Outcome: "split", Limit: 1})
		if err == nil && len(rows) > 0 {
			reference = rows[0].Reference
		}
		return err
	})
	return reference, err
}
