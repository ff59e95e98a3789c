package authority

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui"
)

// varyRoutes are the pages on which a licence is varied, and those of its versions.
func (p *pages) varyRoutes(on on) {
	on("GET /licences/{licence}/vary", p.varyForm)
	on("POST /licences/{licence}/vary", p.vary)
	on("GET /licences/{licence}/variation", p.variationPage)
	on("POST /licences/{licence}/variation", p.answerVariation)
	on("GET /licences/{licence}/versions/{number}", p.versionPage)
}

// variedView is a licence with the case it came of, which names its parties.
type variedView struct {
	*licenceView
	Case   *licensing.Case
	States []ui.StateOption
	Shown  licensing.LicenceVersion // that the address names
}

func (p *pages) openVaried(w http.ResponseWriter, r *http.Request) (*variedView, bool) {
	l, ok := p.openLicence(w, r)
	if !ok {
		return nil, false
	}
	v := &variedView{licenceView: l, Case: &licensing.Case{}, States: ui.States(ui.P(r.Context()), nil)}
	if !l.Cases {
		return v, true // the parties stay unnamed
	}
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) error {
		_, err := t.Load(event.StreamOf("case", l.Licence.Case), v.Case)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "authority: case of a licence"))
		return nil, false
	}
	return v, true
}

// party is what a party of the licence is called.
func (v *variedView) party(id string) string {
	if x, ok := v.Case.App().Party(id); ok {
		return x.Name()
	}
	return id
}

func (v *variedView) partyOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, x := range v.Parties {
		var roles []string
		for _, r := range x.Roles {
			roles = append(roles, ui.T(ctx, "deciding.role."+string(r)))
		}
		out = append(out, ui.Option{Value: x.ID, Text: v.party(x.ID), Hint: ui.P(ctx).List(roles)})
	}
	return out
}

func (p *pages) varyForm(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.openVaried(w, r); ok {
		p.drawVary(w, r, http.StatusOK, v, ui.FormOf())
	}
}

func (p *pages) drawVary(w http.ResponseWriter, r *http.Request, status int, v *variedView, form ui.Form) {
	switch {
	case !v.takes("propose_variation"):
		p.Fail(w, r, fault.New(fault.Blocked, "licensing.licence.status."+string(v.Licence.Now()), "command", "propose_variation"))
	case v.Proposed() != nil && !form.Failed():
		ui.SeeOther(w, r, v.href("variation"))
	default:
		ui.Render(w, r, status, varyView(p.licenceFrame(w, r, v.licenceView, ui.T(r.Context(), "deciding.licence.vary"), form), v, form))
	}
}

// addressRows is how many new addresses the form takes at once.
const addressRows = 2

func (p *pages) vary(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, ok := p.openVaried(w, r)
	if !ok {
		return
	}
	f, bad := r.PostForm, fault.New(fault.Invalid, "assessment.invalid")
	code, err := checkCode()
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	cmd := licensing.ProposeVariation{
		OnLicence: licensing.OnLicence{Licence: v.ID}, Variation: node.NewID(), Ground: f.Get("ground"), Why: strings.TrimSpace(f.Get("why")), Told: strings.TrimSpace(f.Get("told")), Code: code,
		Terms: licensing.Terms{Until: dayIn(f, "until", bad), Ends: f["ends"]},
	}
	if !slices.Contains(licenceGrounds, cmd.Ground) {
		bad.Field("ground", "deciding.licence.ground_missing")
	}
	for i, l := range v.Lines {
		name := "quantity." + strconv.Itoa(i)
		typed := strings.TrimSpace(f.Get(name))
		if typed == "" {
			continue
		}
		q, err := licensing.ParseQuantity(typed)
		if err != nil {
			bad.Field(name, "deciding.vary.quantity")
		}
		if q != l.Quantity {
			cmd.Terms.Lines = append(cmd.Terms.Lines, licensing.LineTerm{Line: l.Line, Quantity: q})
		}
	}
	for _, k := range ownConditions(f, bad) {
		row := strings.TrimPrefix(k.ID, "own-")
		k.ID, k.Replaces = "v"+strconv.Itoa(v.Licence.Version()+1)+"-"+row, f.Get("own."+row+".replaces")
		if k.Replaces != "" && !slices.Contains(cmd.Terms.Ends, k.Replaces) {
			cmd.Terms.Ends = append(cmd.Terms.Ends, k.Replaces)
		}
		cmd.Terms.Adds = append(cmd.Terms.Adds, k)
	}
	cmd.Addresses = addressesIn(f)
	if cmd.Why == "" {
		bad.Field("why", "deciding.licence.why_missing")
	}
	if cmd.Told == "" {
		bad.Field("told", "deciding.vary.told_missing")
	}
	p.sendLicence(w, r, v.licenceView, cmd, bad.Or(), "deciding.vary.done", func(status int, form ui.Form) { p.drawVary(w, r, status, v, form) })
}

// addressesIn reads new addresses of parties; a row without a party is none.
func addressesIn(f url.Values) (out []licensing.PartyAddress) {
	for i := range addressRows {
		name := "address." + strconv.Itoa(i+1)
		if f.Get(name+".party") == "" {
			continue
		}
		a := party.Address{City: strings.TrimSpace(f.Get(name + ".city")), Postcode: strings.TrimSpace(f.Get(name + ".postcode")), Country: f.Get(name + ".country")}
		for line := range strings.Lines(f.Get(name + ".lines")) {
			if line = strings.TrimSpace(line); line != "" {
				a.Lines = append(a.Lines, line)
			}
		}
		out = append(out, licensing.PartyAddress{Party: f.Get(name + ".party"), Address: a})
	}
	return out
}

func (p *pages) variationPage(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.openVaried(w, r); ok {
		p.drawVariation(w, r, http.StatusOK, v, ui.FormOf())
	}
}

func (p *pages) drawVariation(w http.ResponseWriter, r *http.Request, status int, v *variedView, form ui.Form) {
	x := v.Proposed()
	if x == nil {
		ui.SeeOther(w, r, "/licences/"+v.ID)
		return
	}
	ui.Render(w, r, status, variationView(p.licenceFrame(w, r, v.licenceView, ui.T(r.Context(), "deciding.vary.one"), form), v, x, form))
}

func (p *pages) answerVariation(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, ok := p.openVaried(w, r)
	if !ok {
		return
	}
	f, bad := r.PostForm, fault.New(fault.Invalid, "assessment.invalid")
	code, err := checkCode()
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	cmd := licensing.AnswerVariation{OnLicence: licensing.OnLicence{Licence: v.ID}, Variation: f.Get("variation"), Agree: f.Get("agree") == "yes", Why: strings.TrimSpace(f.Get("why")), Code: code}
	done := "deciding.vary.agreed"
	switch {
	case f.Get("agree") == "":
		bad.Field("agree", "deciding.vary.agree_missing")
	case !cmd.Agree:
		done = "deciding.vary.dropped"
		if cmd.Why == "" {
			bad.Field("why", "deciding.licence.why_missing")
		}
	}
	p.sendLicence(w, r, v.licenceView, cmd, bad.Or(), done, func(status int, form ui.Form) { p.drawVariation(w, r, status, v, form) })
}

func (p *pages) versionPage(w http.ResponseWriter, r *http.Request) {
	v, ok := p.openVaried(w, r)
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.PathValue("number"))
	if v.Shown, ok = v.As(n); err != nil || !ok {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	ui.Render(w, r, http.StatusOK, versionView(p.licenceFrame(w, r, v.licenceView, ui.T(r.Context(), "deciding.version.title", "number", n), ui.FormOf()), v))
}

// answersVariation tells whether the reader may say something to a proposal.
func (v *licenceView) answersVariation() bool {
	return v.Proposed() != nil && v.takes("answer_variation")
}
