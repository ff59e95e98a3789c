package licensing

import (
	"strings"

	"github.com/comity-project/comity/internal/party"
)

// Fields are the names that Need.Field may take. A pack that names another is
// refused by the caller when it is loaded; here an unknown name is never met.
var Fields = []string{
	"end_use.purpose", "end_use.on_whom", "end_use.place", "end_use.country", "route", "contract",
	"line.sheet", "line.claimed_code", "line.tariff", "line.origin", "line.dispatch", "line.part_number", "line.categories", "line.service.how",
	"party.address", "party.identifier", "party.tie", "party.ownership", "party.tree", "party.site", "party.operating_unit", "party.latin",
}

func (n Need) applicationField(a *Application) bool {
	switch n.Field {
	case "end_use.purpose":
		return strings.TrimSpace(a.EndUse.Purpose) != ""
	case "end_use.on_whom":
		return strings.TrimSpace(a.EndUse.OnWhom) != ""
	case "end_use.place":
		return strings.TrimSpace(a.EndUse.Place) != ""
	case "end_use.country":
		return a.EndUse.Country != ""
	case "route":
		return len(a.Route) > 0
	case "contract":
		return strings.TrimSpace(a.Contract) != ""
	}
	return false
}

func (n Need) lineField(l Line) bool {
	switch n.Field {
	case "line.sheet":
		return l.Sheet != ""
	case "line.claimed_code":
		return l.ClaimedCode != ""
	case "line.tariff":
		return l.Tariff != "" && l.TariffAsOf != ""
	case "line.origin":
		return l.Origin != ""
	case "line.dispatch":
		return l.Dispatch != ""
	case "line.part_number":
		return l.PartNumber != ""
	case "line.categories":
		return len(l.Categories) > 0
	case "line.service.how":
		return l.Service != nil && strings.TrimSpace(l.Service.How) != ""
	}
	return false
}

func (n Need) partyField(p party.Party) bool {
	switch n.Field {
	case "party.address":
		return len(p.Addresses) > 0
	case "party.identifier":
		return len(p.Identifiers) > 0
	case "party.tie":
		return p.Tie != ""
	case "party.ownership":
		return p.Ownership.Knowledge != party.Unstated && (p.Ownership.Knowledge != party.Known || len(p.Ownership.Owners) > 0)
	case "party.tree":
		return len(p.Tree) > 0
	case "party.site":
		for _, u := range p.Tree {
			if u.Level == party.Site {
				return true
			}
		}
		return false
	case "party.operating_unit":
		for _, u := range p.Tree {
			if u.Uses {
				return true
			}
		}
		return false
	case "party.latin":
		for _, name := range p.Names {
			if name.Latin == "" && !latin(name.Text) {
				return false
			}
		}
		return true
	}
	return false
}

// latin tells whether a name needs no latin form.
func latin(s string) bool {
	for _, r := range s {
		if r > 0x24f && (r < 0x1e00 || r > 0x1eff) && (r < 0x2000 || r > 0x206f) {
			return false
		}
	}
	return true
}
