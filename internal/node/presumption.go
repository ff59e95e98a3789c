package node

import (
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
)

// presumed is the presumption of denial for a destination; From is empty where
// none was ever set.
func presumed(t *Tx, country string) (*incidents.Presumption, error) {
	p, _, err := load[*incidents.Presumption](t, incidents.PresumptionStream(country))
	return p, err
}

func liftPresumption(t *Tx, cmd incidents.Lift) error {
	p, err := presumed(t, cmd.Country)
	if err != nil {
		return err
	}
	if err := t.Must(access.IncidentRead, access.IncidentAct, access.Thing{Kind: incidents.KindPresumption}); err != nil {
		return err
	}
	events, err := incidents.DecideLift(p, cmd, incidents.PresumptionFacts{Person: t.person().Account})
	if err != nil {
		return err
	}
	return t.Append(events)
}

func exemptCase(t *Tx, cmd incidents.Exempt) error {
	p, err := presumed(t, cmd.Country)
	if err != nil {
		return err
	}
	if err := t.Must(access.IncidentRead, access.IncidentAct, access.Thing{Kind: incidents.KindPresumption}); err != nil {
		return err
	}
	f := incidents.PresumptionFacts{Person: t.person().Account}
	id, compartment, group, err := t.CaseNamed(strings.TrimSpace(cmd.Case))
	if err != nil {
		return err
	}
	if id != "" && group != "closed" && access.Can(t.Actor, access.CaseRead, access.Thing{Kind: kindCase, Compartment: compartment}) {
		c, _, err := load[*licensing.Case](t, CaseStream(id))
		if err != nil {
			return err
		}
		if c.App().EndUse.Country == cmd.Country {
			f.Case = id
		}
	}
	events, err := incidents.DecideExempt(p, cmd, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}
