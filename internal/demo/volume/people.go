package volume

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/node"
)

// How many work here and apply.
const (
	officers  = 20
	exporters = 60
)

// people are everybody whose commands make cases.
type people struct {
	coordinator, technical, adviser, foreign, verifier, senior access.Actor
	officers, exporters                                        []access.Actor
}

func officerSign(i int) string  { return fmt.Sprintf("officer%02d", i) }
func exporterSign(i int) string { return fmt.Sprintf("exporter%02d", i) }

// hire opens the demonstration's people and the officers and exporters that a
// large state has besides; whoever is there already is taken as they are.
func hire(ctx context.Context, app *node.App, password string) (*people, error) {
	if _, there, err := app.ActorNamed(ctx, demo.People[0].Sign); err != nil {
		return nil, err
	} else if !there {
		if _, err := demo.SetUp(ctx, app, password); err != nil {
			return nil, err
		}
	}
	p := &people{}
	for _, x := range []struct {
		sign string
		into *access.Actor
	}{{"carl", &p.coordinator}, {"tone", &p.technical}, {"amira", &p.adviser}, {"fatou", &p.foreign}, {"vidar", &p.verifier}, {"siri", &p.senior}} {
		actor, there, err := app.ActorNamed(ctx, x.sign)
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, fmt.Errorf("demo: %s is not on record: this node has people of its own; make cases in a new folder", x.sign)
		}
		*x.into = actor
	}
	liv, _, err := app.ActorNamed(ctx, "liv")
	if err != nil {
		return nil, err
	}
	p.officers = []access.Actor{liv}
	for i := range officers {
		a, err := open(ctx, app, officerSign(i), fmt.Sprintf("Officer %02d", i+1), p.coordinator.Org, access.LicensingOfficer)
		if err != nil {
			return nil, err
		}
		p.officers = append(p.officers, a)
	}
	for i := range exporters {
		sign := exporterSign(i)
		if a, there, err := app.ActorNamed(ctx, sign); err != nil {
			return nil, err
		} else if there {
			p.exporters = append(p.exporters, a)
			continue
		}
		org := node.NewID()
		name := pick2(i, firstNames) + " " + pick2(i/len(firstNames), trades)
		if err := app.Do(ctx, access.System(), account.RegisterOrg{ID: org, Kind: account.Exporter, Name: name, Country: "XN", Registry: fmt.Sprintf("NO-%03d %03d", 100+i, i)}); err != nil {
			return nil, err
		}
		pw := ""
		if i == 0 {
			pw = password
		}
		a, err := openWith(ctx, app, sign, "Exporter "+sign, org, access.ExporterUser, pw)
		if err != nil {
			return nil, err
		}
		p.exporters = append(p.exporters, a)
	}
	return p, nil
}

func pick2(i int, list []string) string { return list[i%len(list)] }

func open(ctx context.Context, app *node.App, sign, name, org string, role access.Role) (access.Actor, error) {
	if a, there, err := app.ActorNamed(ctx, sign); err != nil || there {
		return a, err
	}
	return openWith(ctx, app, sign, name, org, role, "")
}

func openWith(ctx context.Context, app *node.App, sign, name, org string, role access.Role, password string) (access.Actor, error) {
	id := node.NewID()
	if err := app.Do(ctx, access.System(), account.Open{ID: id, Org: org, Profile: account.Profile{Name: name, Sign: sign}, Roles: []access.Role{role}}); err != nil {
		return access.Actor{}, err
	}
	if password != "" {
		if err := app.Do(ctx, access.System(), node.SetPassword{Account: id, New: password}); err != nil {
			return access.Actor{}, err
		}
	}
	return access.Actor{Account: id, Name: name, Org: org, Roles: []access.Role{role}}, nil
}
