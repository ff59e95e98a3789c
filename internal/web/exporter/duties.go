package exporter

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/door"
)

var dutyForm = heldView{"exporter.duties.report", "exporter.duties.reported", dutyReportView}

// dutyRoutes are the pages on which the holder reports on a condition.
func (p pages) dutyRoutes(in *http.ServeMux) {
	const duty = "/exporter/licences/{licence}/duties/{condition}"
	in.HandleFunc("GET "+duty, p.dutyOf(p.heldForm(dutyForm)))
	in.HandleFunc("POST "+duty, p.dutyOf(p.heldPost(dutyForm, dutyReport)))
}

// dutyOf answers where the licence has no such condition, or nothing is open
// under it.
func (p pages) dutyOf(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l, _, err := p.App.HeldLicence(r.Context(), door.Actor(r.Context()), r.PathValue("licence"))
		if err == nil {
			c := l.Condition(r.PathValue("condition"))
			if c == nil {
				err = notFound()
			} else if _, open := l.Open(c); !open {
				err = notFound()
			}
		}
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		next(w, r)
	}
}

func dutyReport(r *http.Request, page heldPage) (licensing.LicenceCommand, error) {
	number, _ := strconv.Atoi(r.PostForm.Get("number"))
	c := licensing.ReportDuty{OnLicence: licensing.OnLicence{Licence: page.licence.ID}, Condition: r.PathValue("condition"), Number: number, Said: strings.TrimSpace(r.PostForm.Get("said"))}
	bad := fault.New(fault.Invalid, "licensing.use.invalid")
	if c.Said == "" {
		bad.Field("said", "exporter.duties.said_missing")
	}
	return c, bad.Or()
}

// duty is the open duty of the condition that the page is about.
func (p heldPage) duty() licensing.Duty {
	c := p.licence.Condition(p.condition)
	if c == nil {
		return licensing.Duty{Condition: &licensing.Condition{}}
	}
	d, _ := p.licence.Open(c)
	return d
}
