package exchange

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/web/ui"
)

// roles are what a report's form has several of, in its order. An input named
// for the role lists the numbers of its rows; the inputs of a row are named as
// dispatch.Named.Input says.
var roles = []string{"vendor", "capability", "user"}

// rowsOf are the numbers of a role's rows: always one, so that there is something
// to fill in.
func rowsOf(form url.Values, role string) (rows []int) {
	for _, text := range form[role] {
		if n, err := strconv.Atoi(text); err == nil && n > 0 && !slices.Contains(rows, n) && len(rows) < dispatch.MaxParts {
			rows = append(rows, n)
		}
	}
	if len(rows) == 0 {
		rows = []int{1}
	}
	return rows
}

// rows are the numbers of a role's rows as the form stands.
func (v formView) rows(role string) []int { return rowsOf(url.Values{role: v.Form.Values(role)}, role) }

// addRow puts a row's number on a role's list; 0 is the next one.
func addRow(form url.Values, role string, n int) int {
	if n == 0 {
		for _, text := range form[role] {
			m, _ := strconv.Atoi(text)
			n = max(n, m)
		}
		n++
	}
	form.Add(role, strconv.Itoa(n))
	return n
}

// changeRows does what a button of the form asks, "add vendor" or "remove vendor
// 2", and leaves all else that was typed as it is.
func changeRows(form url.Values) error {
	act, rest, _ := strings.Cut(form.Get("rows"), " ")
	role, number, _ := strings.Cut(rest, " ")
	form.Del("rows")
	if !slices.Contains(roles, role) {
		return fault.New(fault.Invalid, "fault.bad_request")
	}
	rows, all := rowsOf(form, role), 0
	for _, r := range roles {
		all += len(rowsOf(form, r))
	}
	if n, err := strconv.Atoi(number); act == "remove" && err == nil {
		rows = slices.DeleteFunc(rows, func(r int) bool { return r == n })
		for name := range form {
			if strings.HasPrefix(name, role+"."+number+".") {
				form.Del(name)
			}
		}
	} else if all >= dispatch.MaxParts {
		return fault.New(fault.Invalid, "dispatch.invalid").Field("rows", "dispatch.parts", "max", dispatch.MaxParts)
	}
	form.Del(role)
	for _, r := range rows {
		addRow(form, role, r)
	}
	if act == "add" {
		addRow(form, role, 0)
	}
	return nil
}

// redraw shows the form again with a row more or less.
func (p pages) redraw(w http.ResponseWriter, r *http.Request, v formView) {
	v.Version, _ = strconv.ParseInt(r.PostForm.Get("seen"), 10, 64)
	draw := func(status int, f ui.Form) {
		v.Form = f
		p.draw(w, r, status, v)
	}
	if err := changeRows(r.PostForm); err != nil {
		p.Again(w, r, err, draw)
		return
	}
	draw(http.StatusOK, ui.NewForm(r.PostForm, nil))
}

// partsIn reads whom and what a report names. A row in which nothing was said is
// none; one without a name is missing it.
func partsIn(form url.Values, r *dispatch.Reporting, bad *fault.Error) {
	for _, n := range rowsOf(form, "vendor") {
		x := dispatch.Named{Role: "vendor", Part: n}
		get := func(what string) string { return strings.TrimSpace(form.Get(x.Input(what))) }
		x.Name, x.Country, x.Kind, x.Registration = get("name"), get("country"), get("kind"), get("registration")
		if x.Name+x.Country+x.Kind+x.Registration != "" {
			r.Named = append(r.Named, x)
		}
	}
	for _, n := range rowsOf(form, "user") {
		x := dispatch.Named{Role: "end-user", Part: n}
		get := func(what string) string { return strings.TrimSpace(form.Get(x.Input(what))) }
		x.Name, x.Country, x.Kind, x.Person = get("name"), get("country"), get("kind"), get("person") != ""
		if x.Person {
			x.Category, x.Grade, x.Expires = get("category"), get("grade"), ui.ParseDay(form, x.Input("expires"), bad)
		}
		if x.Person || x.Name+x.Country+x.Kind != "" {
			r.Named = append(r.Named, x)
		}
	}
	for _, n := range rowsOf(form, "capability") {
		x := dispatch.Capability{Part: n}
		x.Name, x.Harms = strings.TrimSpace(form.Get(x.Input("name"))), form[x.Input("harms")]
		if x.Name != "" || len(x.Harms) > 0 {
			r.Capabilities = append(r.Capabilities, x)
		}
	}
}

// partValues are the inputs of whom and what a report names. What has no number
// yet gets the next.
func partValues(form url.Values, r *dispatch.Reporting) {
	set := func(name string, values ...string) {
		if strings.Join(values, "") != "" {
			form[name] = values
		}
	}
	for _, n := range r.Named {
		role := "vendor"
		if n.Role != "vendor" {
			role = "user"
		}
		n.Part = addRow(form, role, n.Part)
		set(n.Input("name"), n.Name)
		set(n.Input("country"), n.Country)
		set(n.Input("kind"), n.Kind)
		set(n.Input("registration"), n.Registration)
		if n.Person {
			set(n.Input("person"), "yes")
			set(n.Input("category"), n.Category)
			set(n.Input("grade"), n.Grade)
			dateValues(form, n.Input("expires"), string(n.Expires))
		}
	}
	for _, k := range r.Capabilities {
		k.Part = addRow(form, "capability", k.Part)
		set(k.Input("name"), k.Name)
		set(k.Input("harms"), k.Harms...)
	}
}
