package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// Media types of letters. The HTML is a fragment without looks, drawn by our own
// letters and shown inside a page; the PDF is for keeping.
const (
	LetterHTML = "text/html; charset=utf-8"
	LetterPDF  = vault.PDF
)

// letterLanguage is the language letters are written in until an applicant can
// choose one.
const letterLanguage = "en"

// writeLetter writes the letters that an act calls for. It may run twice for
// one job: letters that are recorded already are not written again.
func (a *App) writeLetter(ctx context.Context, j jobs.Job) error {
	var job letterJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	w, err := a.letterWriter(ctx, job)
	if err != nil {
		return err
	}
	for _, l := range w.letters(job) {
		if err := w.deliver(ctx, j.ID, l); err != nil {
			return err
		}
	}
	return nil
}

// letterWriter is what letters about one case are written with.
type letterWriter struct {
	a    *App
	e    *Engines
	c    licensing.Case
	kind licensing.Kind
	// informed is the letter last sent in the case, nil where none was.
	informed *licensing.InformedLetter
	l        *licensing.Licence // of a decision that issues
	org      account.Org
	signer   string
	p        lang.Printer
}

func (a *App) letterWriter(ctx context.Context, job letterJob) (*letterWriter, error) {
	w := &letterWriter{a: a}
	var err error
	if w.e, err = a.Engines(ctx); err != nil {
		return nil, err
	}
	cat, err := lang.Load(content.FS)
	if err != nil {
		return nil, err
	}
	w.p = cat.Printer(letterLanguage, w.e.Calendar.Location()).WithStates(a.cfg.States)
	err = a.db.View(ctx, func(t *store.Tx) error {
		if v, err := t.Load(CaseStream(job.Case), &w.c); err != nil || v == 0 {
			return fmt.Errorf("node: letter: case %s: %w", job.Case, err)
		}
		var org account.OrgState
		if _, err := t.Load(event.StreamOf(account.KindOrg, w.c.Org), &org); err != nil {
			return err
		}
		w.org = org.Org
		if d := w.c.Decision; d != nil {
			if d.Licence != "" {
				w.l = &licensing.Licence{}
				if _, err := t.Load(event.StreamOf(kindLicence, d.Licence), w.l); err != nil {
					return err
				}
			}
			signer := d.Person
			if w.l != nil && w.l.Last() != nil && job.Kind == licensing.LetterVariation {
				signer = w.l.Last().ClosedBy
			}
			if w.l != nil && job.Kind == licensing.LetterDecision {
				w.l = w.l.Issuing()
			}
			names, err := t.Names([]string{signer})
			if err != nil {
				return err
			}
			w.signer = names[signer]
		}
		if n := len(w.c.Informed); n > 0 {
			w.informed = &licensing.InformedLetter{}
			if _, err := t.Load(event.StreamOf(licensing.KindInformed, w.c.Informed[n-1].Letter), w.informed); err != nil {
				return err
			}
		}
		kind := w.c.Kind
		if w.l != nil {
			kind = w.l.Kind // which may be narrower than what was applied for
		}
		w.kind, err = a.KindOf(kind)
		return err
	})
	return w, err
}

// written is one letter, and the licence it is the document of.
type written struct {
	kind    licensing.LetterKind
	doc     letter.Document
	licence string
	version int // of the licence; 0 is the first
}

// letters are the letters that a job asks for, from what may be told alone: the
// applicant's own application and the texts released to them.
func (w *letterWriter) letters(job letterJob) []written {
	v := w.c.ForApplicant()
	switch job.Kind {
	case licensing.LetterReceipt:
		return []written{{kind: job.Kind, doc: letter.Acknowledgement(w.p, letter.ReceiptFacts{
			Head: w.head(w.c.Submitted, ""), Received: w.day(w.c.Submitted), Lines: len(w.c.App().Lines), Documents: len(w.c.App().Documents),
			DecideBy: w.day(v.Due), Contact: w.a.cfg.Contact,
		})}}
	case licensing.LetterRFI:
		if len(v.RFIs) == 0 {
			return nil
		}
		q := v.RFIs[len(v.RFIs)-1]
		f := letter.RequestFacts{Head: w.head(q.AskedAt, ""), ReplyBy: w.day(q.Due), ClockStops: true, Address: w.a.cfg.URL, Contact: w.a.cfg.Contact}
		for _, x := range q.Questions {
			f.Questions = append(f.Questions, letter.Question{Text: letter.Releasable(x.Text)})
		}
		return []written{{kind: job.Kind, doc: letter.RequestForInformation(w.p, f)}}
	case licensing.LetterInformed:
		if w.informed == nil {
			return nil
		}
		x := w.informed.Words
		return []written{{kind: job.Kind, doc: letter.Informed(w.p, letter.InformedFacts{
			Head: w.head(w.informed.At, ""), Number: w.informed.Reference, Items: letter.Releasable(x.Items), Users: letter.Releasable(strings.Join(x.Users, "; ")),
			Destination: w.countryName(w.informed.Destination), Text: letter.Releasable(x.Text), Basis: letter.Releasable(x.Basis), Contact: w.a.cfg.Contact,
		})}}
	case licensing.LetterIntention:
		n := v.Intention
		if n == nil {
			return nil
		}
		return []written{{kind: job.Kind, doc: letter.IntentionToRefuse(w.p, letter.IntentionFacts{
			Head: w.head(n.At, ""), Lines: w.refused(n.Lines), Whole: len(n.Lines) == len(w.c.App().Lines), Grounds: w.grounds(n.Released.Reasons),
			Reasons: reasons(n.Released.Reasons), Withheld: withheld(n.Withheld), Law: w.p.T("node.letter.heard"), ReplyBy: w.day(n.Due),
			Address: w.a.cfg.URL, Contact: w.a.cfg.Contact,
		})}}
	case licensing.LetterAppeal, licensing.LetterAppealDecision, licensing.LetterReopened:
		return w.contested(v, job.Kind)
	case licensing.LetterDecision:
		if v.Decision == nil {
			return nil
		}
		return append(w.decided(v, job.Code), w.answered(v.Decision)...)
	case licensing.LetterVariation:
		return w.varied(job.Code)
	}
	return nil
}

func (w *letterWriter) decided(v licensing.ApplicantView, code string) []written {
	d := v.Decision
	var out []written
	var refuse, exempt []string
	for _, l := range d.Lines {
		switch l.Outcome {
		case licensing.RefuseLine:
			refuse = append(refuse, l.Line)
		case licensing.LineNotNeeded, licensing.Undertaken:
			exempt = append(exempt, l.Line)
		}
	}
	if len(refuse) > 0 {
		f := letter.RefusalFacts{
			Head: w.head(d.At, w.signer), Lines: w.refused(refuse), Whole: len(refuse) == len(d.Lines), Grounds: w.grounds(d.Reasons),
			Reasons: reasons(d.Reasons), Withheld: withheld(d.Withheld), Contact: w.a.cfg.Contact,
			Redress: w.redress(d, licensing.RefuseLine),
		}
		if n := v.Intention; n != nil && len(n.Replies) > 0 {
			f.ReplyReceived = w.day(n.Replies[len(n.Replies)-1].At)
			for _, p := range d.Weighed {
				f.Weighed = append(f.Weighed, letter.Weighed{Point: letter.Releasable(p.Point), Answer: letter.Releasable(p.Answer)})
			}
		}
		out = append(out, written{kind: licensing.LetterDecision, doc: letter.Refusal(w.p, f)})
	}
	if w.l != nil && w.l.ID != "" {
		out = append(out, written{kind: licensing.LetterLicence, doc: letter.Licence(w.p, w.licence(d, code, len(refuse) > 0)), licence: w.l.ID})
	}
	if len(exempt) > 0 {
		f := letter.NoLicenceFacts{
			Head: w.head(d.At, w.signer), Destination: w.p.Country(w.c.App().EndUse.Country), AsOf: w.day(d.At), Lists: w.c.Decision.Rests.WatchLists,
			Reasons: reasons(d.Reasons), Redress: w.redress(d, licensing.LineNotNeeded),
		}
		f.Lists = nil
		for _, k := range licensing.UnderUndertaking(d.Lines, d.Conditions) {
			f.Undertaken = append(f.Undertaken, letter.Releasable(k.What))
		}
		if user, ok := w.c.App().EndUser(); ok {
			f.EndUser = given(user.Names)
		}
		for i, l := range w.c.App().Lines {
			for _, id := range exempt {
				if l.ID == id {
					f.Lines = append(f.Lines, letter.ExemptLine{Number: i + 1, Description: letter.Name(l.Description), Code: l.ClaimedCode})
				}
			}
		}
		out = append(out, written{kind: licensing.LetterDecision, doc: letter.NoLicenceRequired(w.p, f)})
	}
	return out
}

func (w *letterWriter) licence(d *licensing.Told, code string, refusedToo bool) letter.LicenceFacts {
	a, version := w.c.App(), ""
	if n := w.l.Version(); n > 1 {
		version = w.p.T("node.letter.version", "number", n)
	}
	f := letter.LicenceFacts{
		Head: w.head(d.At, w.signer), Number: w.l.Reference, Version: version, Holder: letter.Name(w.org.Name), Type: w.kind.Paper,
		Law: w.p.T("node.letter.law"), From: w.l.From, Until: w.l.Until, Destination: w.p.Country(a.EndUse.Country),
		EndUse: letter.Releasable(a.EndUse.Purpose), RefusedToo: refusedToo, Check: letter.PublicCheck{Address: w.a.cfg.URL + "/check", Code: code, Mark: w.a.licenceMark(w.l, w.day(d.At), code)},
		Redress: w.redress(d, licensing.Issue), Contact: w.a.cfg.Contact,
	}
	for _, p := range a.Parties {
		role := ""
		if len(p.Roles) > 0 {
			role = w.p.T("party.role." + string(p.Roles[0]))
		}
		address := ""
		if len(p.Addresses) > 0 {
			address = addressLine(p.Addresses[0])
		}
		for _, moved := range w.l.Addresses {
			if moved.Party == p.ID {
				address = addressLine(moved.Address)
			}
		}
		f.Parties = append(f.Parties, letter.LicenceParty{Role: role, Name: given(p.Names), Address: letter.Name(address)})
	}
	number := map[string]int{}
	for i, l := range w.l.Lines {
		number[l.Line] = i + 1
		f.Lines = append(f.Lines, letter.LicenceLine{
			Number: i + 1, Description: letter.Name(l.Description), Code: l.Code, Quantity: l.Quantity.String() + " " + w.p.T("unit."+l.Unit),
			Value: w.p.Money(l.Value, l.Currency),
		})
	}
	for i, k := range w.l.Conditions {
		x := letter.Condition{Number: i + 1, Kind: conditionKinds[k.Type], Text: letter.Releasable(k.What), Who: w.keeper(k.Who), Due: k.Until, Verify: letter.Releasable(k.Verify), Consequence: letter.Releasable(k.Consequence)}
		for _, l := range k.Lines {
			x.Lines = append(x.Lines, number[l])
		}
		if k.EveryDays > 0 {
			x.Every = w.p.T("node.letter.every", "count", k.EveryDays)
		}
		switch k.Type {
		case licensing.MaxQuantity:
			x.Figure = w.p.T("node.letter.at_most", "amount", licensing.Quantity(k.Number).String()+" "+w.p.T("unit."+k.Unit))
		case licensing.Retention:
			x.Figure = w.p.T("node.letter.days", "count", k.Number)
		}
		f.Conditions = append(f.Conditions, x)
	}
	return f
}

func addressLine(a party.Address) string {
	return strings.Join(append(append([]string{}, a.Lines...), a.City), ", ")
}

// amount is how much of a line was asked for; a notice need not say.
func (w *letterWriter) amount(l licensing.Line) string {
	if l.Unit == "" {
		return ""
	}
	return l.Quantity.String() + " " + w.p.T("unit."+l.Unit)
}

func (w *letterWriter) countryName(code string) string {
	if code == "" {
		return ""
	}
	return w.p.Country(code)
}

// keeper is who must keep a condition: a party of the case, else the holder.
func (w *letterWriter) keeper(id string) letter.Given {
	if p, ok := w.c.App().Party(id); ok {
		return given(p.Names)
	}
	return letter.Name(w.org.Name)
}

var conditionKinds = map[licensing.ConditionType]letter.ConditionKind{
	licensing.MaxQuantity: letter.ConditionLimit, licensing.AtSite: letter.ConditionUse, licensing.Retention: letter.ConditionRecords,
	licensing.ModulesDisabled: letter.ConditionFeature, licensing.Serials: letter.ConditionRecords, licensing.Logs: letter.ConditionRecords,
	licensing.WithoutReexport: letter.ConditionTransfer, licensing.WithoutTransfer: letter.ConditionTransfer,
	licensing.ConsentToChecks: letter.ConditionVisit, licensing.Reports: letter.ConditionReport, licensing.OtherCondition: letter.ConditionOtherwise,
}

func (w *letterWriter) head(at time.Time, signer string) letter.Head {
	return letter.Head{
		Reference: w.c.Reference, Date: w.day(at), Language: letterLanguage, Authority: letter.Office{Name: w.a.cfg.Title, Lines: w.a.cfg.Address},
		To: letter.Recipient{Name: letter.Name(w.org.Name)}, Signatory: letter.Signatory{Name: signer, Role: w.p.T("node.letter.signed_for")},
	}
}

// day is the authority's day of an instant; empty for none.
func (w *letterWriter) day(at time.Time) deadline.Date {
	if at.IsZero() {
		return ""
	}
	return w.e.Calendar.Day(at)
}

func (w *letterWriter) refused(ids []string) []letter.RefusedLine {
	var out []letter.RefusedLine
	a := w.c.App()
	user, _ := a.EndUser()
	for i, l := range a.Lines {
		for _, id := range ids {
			if l.ID == id {
				out = append(out, letter.RefusedLine{
					Number: i + 1, Description: letter.Name(l.Description), Quantity: w.amount(l), EndUser: given(user.Names),
				})
			}
		}
	}
	return out
}

// grounds are the rules that were released with a reason, as they are cited.
func (w *letterWriter) grounds(told []licensing.ReleasedReason) []letter.Ground {
	var out []letter.Ground
	seen := map[string]bool{}
	for _, r := range told {
		if seen[r.Ground] {
			continue
		}
		seen[r.Ground] = true
		g := letter.Ground{Provision: r.Ground}
		if rule, ok := w.e.Pack.Rule(r.Ground); ok {
			g.Provision, g.Text = rule.Source, letter.Releasable(rule.Question)
		}
		out = append(out, g)
	}
	return out
}

func reasons(told []licensing.ReleasedReason) []letter.Releasable {
	var out []letter.Releasable
	for _, r := range told {
		out = append(out, letter.Releasable(r.Text))
	}
	return out
}

func withheld(w []licensing.Withheld) []letter.Withheld {
	var out []letter.Withheld
	for _, x := range w {
		out = append(out, letter.Withheld{Basis: x.Basis})
	}
	return out
}

func given(names []party.Name) letter.Given {
	for _, n := range names {
		if n.Kind == party.Primary || n.Kind == "" {
			return letter.Given{Text: n.Text, Language: n.Language}
		}
	}
	return letter.Given{}
}

// deliver stores a letter in its forms, records it on the case, and for a
// licence says which document it is. The job's id makes it happen once.
func (w *letterWriter) deliver(ctx context.Context, job string, l written) error {
	pdf, err := letter.PDF(l.doc)
	if err != nil {
		return fmt.Errorf("node: letter %s of %s: %w", l.kind, w.c.Reference, err)
	}
	word, err := letter.DOCX(l.doc)
	if err != nil {
		return fmt.Errorf("node: letter %s of %s: %w", l.kind, w.c.Reference, err)
	}
	html := letter.Fragment(l.doc, letter.Style{}, 2)
	sum := sha256.Sum256(pdf)
	for i, form := range []struct {
		own, form string
		body      []byte
	}{{LetterHTML, "", html}, {LetterPDF, "", pdf}, {vault.DOCX, licensing.FormDOCX, word}} {
		obj, err := w.a.objects.Put(ctx, vault.Upload{Owner: CaseStream(w.c.ID), Own: form.own, Size: int64(len(form.body))}, strings.NewReader(string(form.body)))
		if err != nil {
			return err
		}
		if err := w.a.db.Update(ctx, func(t *store.Tx) error { return t.PutObject(obj) }); err != nil {
			return err
		}
		key := fmt.Sprintf("%s/%s/%d", job, l.doc.Kind, i)
		hash := sha256.Sum256(form.body)
		cmd := licensing.RecordLetter{On: licensing.On{Case: w.c.ID}, Kind: l.kind, Form: form.form, Document: obj.ID, Hash: hex.EncodeToString(hash[:])}
		if err := w.a.Do(ctx, access.System(), cmd, Once(key)); err != nil {
			return err
		}
		if l.licence != "" && form.own == LetterPDF {
			cmd := licensing.RecordDocument{OnLicence: licensing.OnLicence{Licence: l.licence}, Document: obj.ID, Hash: hex.EncodeToString(sum[:]), Version: l.version}
			if err := w.a.Do(ctx, access.System(), cmd, Once(key+"/licence")); err != nil && !fault.Is(err, fault.Blocked) {
				return err
			}
		}
	}
	return nil
}

// PublicCheck answers whether a check code belongs to a licence, and what the
// licence is worth today. Whatever the code, it costs one look-up by hash.
func (a *App) PublicCheck(ctx context.Context, code string) (licensing.PublicAnswer, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return licensing.PublicAnswer{}, err
	}
	normal, _ := licensing.NormalCode(code)
	var l licensing.Licence
	err = a.db.View(ctx, func(t *store.Tx) error {
		id, _, err := t.LicenceByCode(licensing.CodeHash(normal))
		if err != nil {
			return err
		}
		_, err = t.Load(event.StreamOf(kindLicence, id), &l)
		return err
	})
	if err != nil {
		return licensing.PublicAnswer{}, fault.Wrap(err, "node: public check")
	}
	return licensing.PublicCheck(&l, licensing.CodeHash(normal), a.Now(), e.Calendar.Location()), nil
}
