// Package exporter is the door for companies that apply: what they have asked
// for and where it stands, an application as a task list of short pages, what
// the authority wants to know, and the licences that came of it.
//
// A page of an application is a sheet: a list of fields, what the draft holds
// there, and how what was typed gets in. Every save keeps what was typed, even
// what can't be read; two windows on the same page are told apart by what each
// of them showed. Of a submitted case the pages use licensing.ApplicantView and
// nothing else, so that what an applicant may not know can't slip out.
package exporter

import (
	"net/http"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// Routes adds the exporter's pages beneath /exporter. Whoever is not a person
// of an exporter gets the answer for a page that does not exist.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	in := http.NewServeMux()
	in.HandleFunc("GET /exporter/{$}", func(w http.ResponseWriter, r *http.Request) { seeOther(w, r, "/exporter") })
	in.HandleFunc("GET /exporter", p.home)
	in.HandleFunc("GET /exporter/applications", p.applications)
	in.HandleFunc("GET /exporter/begin", p.kinds)
	in.HandleFunc("POST /exporter/applications", p.begin)
	in.HandleFunc("GET /exporter/licences", p.licences)
	in.HandleFunc("GET /exporter/licences/{licence}", p.licence)
	p.useRoutes(in)
	p.matterRoutes(in)
	in.HandleFunc("GET /exporter/documents/{document}", p.ownDocument)

	const draft = "/exporter/drafts/{draft}"
	in.HandleFunc("GET "+draft, p.tasks)
	in.HandleFunc("GET "+draft+"/items", p.items)
	in.HandleFunc("GET "+draft+"/items/table", p.itemTable)
	in.HandleFunc("POST "+draft+"/items/table", p.saveItemTable)
	in.HandleFunc("GET "+draft+"/items/file", p.itemFile)
	in.HandleFunc("POST "+draft+"/items/file", p.readItemFile)
	in.HandleFunc("POST "+draft+"/items/paste", p.readItemPaste)
	in.HandleFunc("GET "+draft+"/items/columns.csv", p.itemColumns)
	in.HandleFunc("GET "+draft+"/items/{line}/sheet", p.technicalSheet)
	in.HandleFunc("POST "+draft+"/items/{line}/sheet", p.uploadTechnicalSheet)
	in.HandleFunc("GET "+draft+"/parties", p.parties)
	for _, e := range earlierOnes {
		in.HandleFunc("GET "+draft+"/"+e.of+"/earlier", func(w http.ResponseWriter, r *http.Request) { p.drawEarlier(w, r, http.StatusOK, e, ui.FormOf()) })
		in.HandleFunc("POST "+draft+"/"+e.of+"/earlier", func(w http.ResponseWriter, r *http.Request) { p.takeEarlier(w, r, e) })
	}
	in.HandleFunc("GET "+draft+"/documents", p.documents)
	in.HandleFunc("POST "+draft+"/documents", p.uploadDocument)
	in.HandleFunc("POST "+draft+"/files/{rest...}", p.uploadAnswer)
	in.HandleFunc("GET "+draft+"/remove/{what}/{rest...}", p.askRemove)
	in.HandleFunc("POST "+draft+"/remove/{what}/{rest...}", p.remove)
	in.HandleFunc("GET "+draft+"/missing", p.missing)
	in.HandleFunc("GET "+draft+"/check", p.check)
	in.HandleFunc("GET "+draft+"/discard", p.askDiscard)
	in.HandleFunc("POST "+draft+"/discard", p.discard)
	in.HandleFunc("GET "+draft+"/{rest...}", p.showSheet)
	in.HandleFunc("POST "+draft+"/{rest...}", p.saveSheet)

	const submitted = "/exporter/cases/{case}"
	in.HandleFunc("GET "+submitted, p.standing)
	in.HandleFunc("GET "+submitted+"/submitted", p.confirmed)
	in.HandleFunc("GET "+submitted+"/versions/{version}", p.version)
	in.HandleFunc("GET "+submitted+"/requests/{request}", p.request)
	in.HandleFunc("POST "+submitted+"/requests/{request}", p.answer)
	in.HandleFunc("POST "+submitted+"/requests/{request}/files", p.uploadToRequest)
	in.HandleFunc("GET "+submitted+"/intention", p.intention)
	in.HandleFunc("POST "+submitted+"/intention", p.reply)
	in.HandleFunc("POST "+submitted+"/intention/files", p.uploadToReply)
	in.HandleFunc("GET "+submitted+"/appeal", p.appeal)
	in.HandleFunc("POST "+submitted+"/appeal", p.lodgeAppeal)
	in.HandleFunc("POST "+submitted+"/appeal/files", p.uploadToAppeal)
	in.HandleFunc("POST "+submitted+"/appeal/withdraw", p.withdrawAppeal)
	in.HandleFunc("POST "+submitted+"/amend", p.amend)
	in.HandleFunc("GET "+submitted+"/withdraw", p.askWithdraw)
	in.HandleFunc("POST "+submitted+"/withdraw", p.withdraw)
	in.HandleFunc("GET "+submitted+"/documents/{document}", p.caseDocument)
	in.HandleFunc("GET "+submitted+"/letters/{document}", p.letter)

	in.HandleFunc("/exporter/", func(w http.ResponseWriter, r *http.Request) { p.Fail(w, r, notFound()) })
	guarded := d.Require(in, access.ExporterUser)
	mux.Handle("/exporter", guarded)
	mux.Handle("/exporter/", guarded)
}

// frame is the frame of a page of this door. current is the place in the bar.
func (p pages) frame(w http.ResponseWriter, r *http.Request, title, current string) ui.Frame {
	f := p.Frame(w, r, ui.Exporter, title)
	f.Nav = door.ExporterNav()
	f.Current = current
	return f
}

func (p pages) states(r *http.Request) []ui.StateOption {
	return ui.States(lang.From(r.Context()), p.States)
}

func seeOther(w http.ResponseWriter, r *http.Request, to string) { ui.SeeOther(w, r, to) }
