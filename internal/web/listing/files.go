package listing

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/queryfile"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// filesPage is the form for a file of parties and the files sent before.
type filesPage struct {
	Form     ui.Form
	Purposes []node.Purpose
	Files    []node.ScreenFile
	Next     string
	Before   string
}

// filesShown is how many files a page lists.
const filesShown = 25

func (p pages) files(w http.ResponseWriter, r *http.Request) {
	p.drawFiles(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawFiles(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	actor := door.Actor(r.Context())
	v := filesPage{Form: form, Purposes: node.Purposes(actor), Before: r.URL.Query().Get("before")}
	var err error
	if v.Files, err = p.App.ScreenFiles(r.Context(), actor, v.Before, filesShown); err != nil {
		p.Fail(w, r, err)
		return
	}
	if len(v.Files) == filesShown {
		v.Next = "/screen/files?before=" + v.Files[filesShown-1].ID
	}
	frame := p.screenFrame(w, r, door.T(r, "screen.files.title"))
	frame.Form = &form
	frame.Crumbs = []ui.Link{{Text: door.T(r, "screen.page.title"), Href: "/screen"}, {Text: frame.Title}}
	ui.Render(w, r, status, filesView(frame, v))
}

// slack is what the rest of the form may weigh besides the file, in bytes.
const slack = 1 << 20

func (p pages) sendFile(w http.ResponseWriter, r *http.Request) {
	if !p.ReadFiles(w, r, node.MaxScreenFile+slack) {
		return
	}
	in := node.SentFile{Purpose: node.Purpose(r.PostFormValue("purpose")), About: r.PostFormValue("about")}
	f, head, err := r.FormFile("file")
	if err == nil {
		in.Name = strings.ToValidUTF8(head.Filename, "\uFFFD")
		in.Bytes, err = io.ReadAll(io.LimitReader(f, node.MaxScreenFile+1))
		err = errors.Join(err, f.Close())
	} else if errors.Is(err, http.ErrMissingFile) {
		err = fault.New(fault.Invalid, "screen.invalid").Field("file", "exporter.file.missing")
	}
	id := ""
	if err == nil {
		id, err = p.App.SendScreenFile(r.Context(), door.Actor(r.Context()), in)
	}
	if err != nil {
		p.Again(w, r, onFile(err), func(status int, form ui.Form) { p.drawFiles(w, r, status, form) })
		return
	}
	ui.SeeOther(w, r, "/screen/files/"+id)
}

// onFile points what is wrong with a file as a whole at its input.
func onFile(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) > 0 || f.Code != fault.Invalid && f.Code != fault.TooLarge {
		return err
	}
	c := *f
	c.Fields = []fault.Field{{Name: "file", Key: f.Key, Args: f.Args}}
	return &c
}

// template is an empty table with the columns that are searched with.
func (p pages) template(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write(queryfile.Columns) // memory takes it
	c.Flush()
	w.Header().Set("Content-Type", vault.CSV)
	w.Header().Set("Content-Disposition", `attachment; filename="parties.csv"`)
	_, _ = w.Write(b.Bytes())
}

func (p pages) file(w http.ResponseWriter, r *http.Request) {
	f, err := p.App.ScreenFile(r.Context(), door.Actor(r.Context()), r.PathValue("file"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.screenFrame(w, r, f.Name)
	frame.Crumbs = []ui.Link{{Text: door.T(r, "screen.page.title"), Href: "/screen"}, {Text: door.T(r, "screen.files.title"), Href: "/screen/files"}, {Text: f.Name}}
	if f.State != node.FileDone {
		w.Header().Set("Refresh", "3") // works without scripts
	}
	ui.Render(w, r, http.StatusOK, fileView(frame, f))
}

func (p pages) results(w http.ResponseWriter, r *http.Request) {
	f, d, body, err := p.App.OpenScreenResult(r.Context(), door.Actor(r.Context()), r.PathValue("file"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	defer body.Close()
	name := strings.TrimSuffix(f.Name, path.Ext(f.Name)) + "-screened"
	if name = vault.SaveName(name, d.MediaType); f.Format == string(queryfile.JSONL) {
		name = strings.TrimSuffix(name, path.Ext(name)) + ".jsonl"
	}
	h := w.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = io.Copy(w, body)
}

func (p pages) removeFile(w http.ResponseWriter, r *http.Request) {
	if err := p.App.DropScreenFile(r.Context(), door.Actor(r.Context()), r.PathValue("file")); err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "screen.files.removed"})
	ui.SeeOther(w, r, "/screen/files")
}

// howFar says how far a file is.
func howFar(ctx context.Context, f node.ScreenFile) (ui.Tone, string) {
	switch f.State {
	case node.FileDone:
		return ui.Plain, ui.T(ctx, "screen.files.done")
	case node.FileRunning:
		return ui.Needs, ui.T(ctx, "screen.files.running", "done", int(f.Done), "total", int(f.Total))
	}
	return ui.Needs, ui.T(ctx, "screen.files.waiting")
}
