package door

import (
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/web/ui"
)

// places are those of the authority's bar, in its order, with the act that one
// must be allowed somewhere to have business there. Of two places with the same
// key the first that is allowed is shown.
var places = []struct {
	key, href string
	act       access.Act
}{
	{"work", "/work", access.CaseRead},
	{"cases", "/cases", access.CaseRead},
	{"licences", "/licences", access.LicenceRead},
	{"customs", "/customs", access.CustomsLook},
	{"stops", "/stops", access.StopRead},
	{"verification", "/verification", access.CheckCarryOut},
	{"verification", "/verification", access.CheckPlan},
	{"incidents", "/incidents", access.IncidentRead},
	{"enforcement", "/enforcement", access.MatterRead},
	{"parties", "/parties", access.PartyRead},
	{"evidence", "/evidence", access.EvidenceRead},
	{"exchange", "/exchange", access.ExchangeRead},
	{"lists", "/lists", access.ListRead},
	{"controls", "/controls", access.ListRead},
	{"policy", "/policy", access.PolicyRead},
	{"policy", "/instruments", access.InstrumentRead},
	{"people", "/people", access.AccountRead},
	{"people", "/people/orgs", access.OrgActivate},
	{"record", "/record", access.LedgerRead},
	{"erase", "/erase", access.Erase},
	{"statistics", "/statistics", access.StatisticsRead},
}

// Nav is the bar of the authority's pages: the places where the actor has
// business, and no others. All pages for the authority's people share it.
func Nav(a access.Actor) []ui.NavItem {
	var nav []ui.NavItem
	for _, p := range places {
		if access.ScopeOf(a, p.act).Empty() || len(nav) > 0 && nav[len(nav)-1].Key == p.key {
			continue
		}
		if p.key == enforcement.Compartment && !slices.Contains(a.Compartments, enforcement.Compartment) {
			continue // all of it lies in a compartment
		}
		nav = append(nav, ui.NavItem{Key: p.key, Href: p.href})
	}
	return nav
}

// PublicNav is the bar of the pages that anybody may see.
func PublicNav() []ui.NavItem {
	return []ui.NavItem{{Key: "states", Href: "/states"}, {Key: "tools", Href: "/tools"}, {Key: "statistics", Href: "/reports"}, {Key: "check", Href: "/check"}}
}

// ExporterNav is the bar of the exporter's pages.
func ExporterNav() []ui.NavItem {
	return []ui.NavItem{
		{Key: "home", Href: "/exporter"},
		{Key: "applications", Href: "/exporter/applications"},
		{Key: "licences", Href: "/exporter/licences"},
		{Key: "screen", Href: "/screen"},
		{Key: "matters", Href: "/exporter/matters"},
		{Key: "people", Href: "/exporter/people"},
	}
}
