// Package rules is the door to the policy pack: every rule with its source,
// threshold and condition, what it asks and what it needs to know, so that
// nobody is held to a rule that they can't read.
package rules

import (
	"net/http"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

type pages struct{ *door.Door }

// Routes adds the pages of the pack.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	mux.Handle("GET /policy", d.Require(http.HandlerFunc(p.pack), access.Roles()...))
	mux.Handle("GET /policy/{rule}", d.Require(http.HandlerFunc(p.rule), access.Roles()...))
	mux.Handle("GET /policy/routing/{case}", d.Require(http.HandlerFunc(p.routing), access.Roles()...))
	mux.Handle("GET /policy/versions", d.Require(http.HandlerFunc(p.versions), access.Roles()...))
	mux.Handle("POST /policy/versions", d.Require(http.HandlerFunc(p.propose), access.PolicyEditor))
	mux.Handle("GET /policy/versions/new", d.Require(http.HandlerFunc(p.edit), access.PolicyEditor))
	mux.Handle("GET /policy/versions/{id}", d.Require(http.HandlerFunc(p.version), access.Roles()...))
	mux.Handle("GET /policy/versions/{id}/pack.yaml", d.Require(http.HandlerFunc(p.text), access.Roles()...))
	mux.Handle("POST /policy/versions/{id}/{do}", d.Require(http.HandlerFunc(p.settle), access.Roles()...))
}

// inUse is the pack in use, for those who may read it.
func (p pages) inUse(w http.ResponseWriter, r *http.Request) *policy.Pack {
	if !access.Can(door.Actor(r.Context()), access.PolicyRead, access.Thing{}) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return nil
	}
	e, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, fault.New(fault.Unavailable, "fault.busy").Because(err))
		return nil
	}
	return e.Pack
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, title string) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current = door.Nav(door.Actor(r.Context())), "policy"
	return f
}

// forces in the order of the hit policy, and then of what is done.
var forces = []policy.Force{policy.Prohibit, policy.RefuseIf, policy.Weigh, policy.Procedure, policy.DueDiligence, policy.Notify}

// group is the rules of one force.
type group struct {
	Force policy.Force
	Rules []policy.Rule
}

func (p pages) pack(w http.ResponseWriter, r *http.Request) {
	pack := p.inUse(w, r)
	if pack == nil {
		return
	}
	all := pack.Rules()
	chosen := r.URL.Query().Get("law")
	var laws []string
	groups := make([]group, len(forces))
	for i, f := range forces {
		groups[i].Force = f
	}
	for _, rule := range all {
		if !slices.Contains(laws, rule.Law) {
			laws = append(laws, rule.Law)
		}
		if chosen != "" && rule.Law != chosen {
			continue
		}
		i := slices.Index(forces, rule.Force)
		groups[i].Rules = append(groups[i].Rules, rule)
	}
	unverified := 0
	for _, rule := range all {
		if rule.Unverified {
			unverified++
		}
	}
	title := lang.From(r.Context()).T("policy.title")
	ui.Render(w, r, http.StatusOK, packView(p.frame(w, r, title), pack, groups, laws, chosen, unverified))
}

func (p pages) rule(w http.ResponseWriter, r *http.Request) {
	pack := p.inUse(w, r)
	if pack == nil {
		return
	}
	rule, ok := pack.Rule(r.PathValue("rule"))
	if !ok {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	var facts []policy.FactDef
	for _, name := range pack.RuleFacts(rule.ID) {
		if f, ok := pack.Fact(name); ok {
			facts = append(facts, f)
		}
	}
	frame := p.frame(w, r, rule.ID)
	t := lang.From(r.Context())
	frame.Crumbs = []ui.Link{{Text: t.T("policy.title"), Href: "/policy"}, {Text: rule.ID}}
	applied := slices.Contains(pack.Document().Laws, rule.Law)
	ui.Render(w, r, http.StatusOK, ruleView(frame, rule, facts, applied))
}
