package exporter

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
)

var dutyForm = heldView{"exporter.duties.report", "exporter.duties.reported", dutyReportView}

// dutyRoutes are the pages on which the holder reports on a condition.
func (p pages) dutyRoutes(in *http.ServeMux) {
	const duty = "/exporter/licences/{licence}/duties/{condition}"
	in.HandleFunc("GET "+duty, p.heldForm(dutyForm))
	in.HandleFunc("POST "+duty, p.heldPost(dutyForm, dutyReport))
}

func dutyReport(r *http.Request, page heldPage) (licensing.LicenceCommand, error) {
	number, _ := strconv.Atoi(r.PostForm.Get("number"))
	c := licensing.ReportDuty{OnLicence: licensing.OnLicence{Licence: page.licence.ID}, Condition: page.duty.Condition.ID, Number: number, Said: strings.TrimSpace(r.PostForm.Get("said"))}
	bad := fault.New(fault.Invalid, "licensing.use.invalid")
	if c.Said == "" {
		bad.Field("said", "exporter.duties.said_missing")
	}
	return c, bad.Or()
}
