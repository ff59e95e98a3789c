package public

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/lists/register"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// regimes are what a membership can be of, in the order of the filter. No state
// needs one.
var regimes = []string{"wassenaar", "australia_group", "mtcr", "nsg", "eu"}

// today is the date at the node, as the register writes dates.
func (p pages) today(r *http.Request) string {
	return p.App.Now().In(lang.From(r.Context()).Zone()).Format("2006-01-02")
}

// keeps tells whether the person keeps the register.
func keeps(r *http.Request) bool {
	return access.Can(door.Actor(r.Context()), access.ListImport, access.Thing{})
}

func (p pages) states(w http.ResponseWriter, r *http.Request) {
	inUse, err := p.App.States(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	q, on := r.URL.Query(), p.today(r)
	if !q.Has("show") {
		q.Set("show", "subscribing")
	}
	v := stateList{Register: inUse, Form: ui.NewForm(q, nil), On: on, Keeper: keeps(r)}
	find := account.Folded(q.Get("q"))
	for _, s := range inUse.Register.States {
		if s.Subscribes(on) {
			v.Subscribing++
		}
		if q.Get("show") == "subscribing" && !s.Subscribes(on) || find != "" && !strings.Contains(account.Folded(s.Name+" "+s.Code+" "+s.Code3), find) || !inRegime(s, q.Get("in"), on) {
			continue
		}
		v.Shown = append(v.Shown, s)
	}
	slices.SortStableFunc(v.Shown, func(a, b register.State) int { return lang.Compare(a.Name, b.Name) })
	frame := p.frame(w, r, "public.states.title")
	frame.Current = "states"
	ui.Render(w, r, http.StatusOK, statesView(frame, v))
}

// inRegime tells whether a state is shown under a filter. "Not recorded" is no
// "no", so the filter for none is about the register, not about the state.
func inRegime(s register.State, of, on string) bool {
	switch of {
	case "":
		return true
	case "none":
		return !slices.ContainsFunc(regimes, func(x string) bool { return s.MemberOf(x, on) != register.NotRecorded })
	}
	return s.MemberOf(of, on) != register.NotRecorded // where the date is not known the row says so
}

func (p pages) state(w http.ResponseWriter, r *http.Request) {
	inUse, err := p.App.States(r.Context())
	s, there := inUse.Register.State(r.PathValue("code"))
	if err == nil && !there {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, "public.states.title")
	frame.Title, frame.Current = s.Name, "states"
	frame.Crumbs = []ui.Link{{Text: door.T(r, "public.states.title"), Href: "/states"}, {Text: s.Name}}
	v := statePage{State: s, Register: inUse.Register, On: p.today(r)}
	// Contacts are offices for the public; who sits there is for those who read lists.
	v.People = access.Can(door.Actor(r.Context()), access.ListRead, access.Thing{})
	ui.Render(w, r, http.StatusOK, stateView(frame, v))
}

// export writes the register as a file: without names and addresses of people,
// except for those who read lists.
func (p pages) export(kind, media string, write func(register.Register) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		inUse, err := p.App.States(r.Context())
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		reg := inUse.Register
		if !access.Can(door.Actor(r.Context()), access.ListRead, access.Thing{}) {
			reg = reg.WithoutPeople()
		}
		body, err := write(reg)
		if err != nil {
			p.Fail(w, r, fault.Wrap(err, "public: register of states as %s", kind))
			return
		}
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Disposition", `attachment; filename="states-`+reg.AsOf+`.`+kind+`"`)
		_, _ = w.Write(body)
	}
}

// maxImport bounds the register that can be taken in through a page, in bytes:
// it travels through the browser once more before it is adopted.
const maxImport = 600 << 10

func (p pages) importPage(w http.ResponseWriter, r *http.Request) {
	p.drawImport(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawImport(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	frame := p.frame(w, r, "public.states.import")
	frame.Form, frame.Narrow, frame.Current = &form, true, "states"
	frame.Back = &ui.Link{Text: door.T(r, "public.states.title"), Href: "/states"}
	ui.Render(w, r, status, importView(frame, form))
}

// preview shows what an import would change. Nothing is changed yet.
func (p pages) preview(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	reg, raw, err := uploaded(r)
	if strings.TrimSpace(r.PostForm.Get("note")) == "" {
		bad := fault.New(fault.Invalid, "register.invalid")
		var f *fault.Error
		if errors.As(err, &f) {
			bad.Fields = f.Fields
		}
		err = bad.Field("note", "register.note_length", "max", 2000)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawImport(w, r, status, f) })
		return
	}
	inUse, err := p.App.States(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	diff, err := register.Compare(inUse.Register, reg)
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "public: compare registers"))
		return
	}
	canonical, err := reg.ExportJSON()
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "public: register as JSON"))
		return
	}
	if len(canonical) > maxImport {
		p.Again(w, r, tooLong(), func(status int, f ui.Form) { p.drawImport(w, r, status, f) })
		return
	}
	sum := sha256.Sum256(raw)
	v := previewPage{
		Diff: diff, AsOf: reg.AsOf, Note: r.PostForm.Get("note"), Version: strconv.FormatInt(inUse.Version, 10), Source: "sha256:" + hex.EncodeToString(sum[:]),
		Register: base64.RawURLEncoding.EncodeToString(canonical),
	}
	frame := p.frame(w, r, "public.states.preview")
	frame.Current = "states"
	ui.Render(w, r, http.StatusOK, previewView(frame, v))
}

func tooLong() error {
	return fault.New(fault.Invalid, "register.invalid").Field("file", "register.file_long", "limit", int64(maxImport))
}

// uploaded reads the file of a form as a register; JSON begins with a brace.
func uploaded(r *http.Request) (register.Register, []byte, error) {
	none := fault.New(fault.Invalid, "register.invalid").Field("file", "register.file_none")
	file, _, err := r.FormFile("file")
	if err != nil {
		return register.Register{}, nil, none
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxImport+1))
	switch {
	case err != nil || len(raw) == 0:
		return register.Register{}, nil, none
	case len(raw) > maxImport:
		return register.Register{}, nil, tooLong()
	}
	read := register.ImportCSV
	if bytes.HasPrefix(bytes.TrimLeft(raw, "\ufeff \t\r\n"), []byte("{")) {
		read = register.ImportJSON
	}
	reg, err := read(raw)
	if err != nil {
		return register.Register{}, nil, fault.New(fault.Invalid, "register.invalid").Field("file", "register.unreadable", "problem", strings.TrimPrefix(err.Error(), "register: "))
	}
	return reg, raw, nil
}

// adopt takes in what the preview showed, unless somebody was faster.
func (p pages) adopt(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v := r.PostForm
	raw, err := base64.RawURLEncoding.DecodeString(v.Get("register"))
	version, errV := strconv.ParseInt(v.Get("version"), 10, 64)
	if err = errors.Join(err, errV); err != nil {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request").Because(err))
		return
	}
	reg, err := register.ImportJSON(raw)
	if err != nil {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request").Because(err))
		return
	}
	err = p.App.Do(r.Context(), door.Actor(r.Context()), node.AdoptRegister{Register: reg, Source: v.Get("source"), Note: v.Get("note")}, node.Expect(register.Stream, version))
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawImport(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Verified, Key: "public.states.adopted"})
	ui.SeeOther(w, r, "/states")
}
