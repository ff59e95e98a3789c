package node

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/notice"
	"github.com/comity-project/comity/internal/store"
)

// noticeRules are the rules that ship, read once.
var noticeRules = sync.OnceValues(func() (notice.Rules, error) {
	raw, err := fs.ReadFile(content.FS, "notices.toml")
	if err != nil {
		return notice.Rules{}, err
	}
	return notice.Parse(raw)
})

// catalogue are the words that ship, read once.
var catalogue = sync.OnceValues(func() (*lang.Catalogue, error) { return lang.Load(content.FS) })

// Languages are those that there are words in.
func (a *App) Languages() ([]string, error) {
	cat, err := catalogue()
	if err != nil {
		return nil, err
	}
	return cat.Codes(), nil
}

// NoticeRules say what people are told and when.
func (a *App) NoticeRules() (notice.Rules, error) { return noticeRules() }

// settings are a person's settings with what the node needs beside.
type settings struct {
	notice.Settings
	token string // of the address that turns mail down; "" where they have none yet
	zone  *time.Location
}

func (a *App) settingsOf(t *store.Tx, account string) (settings, error) {
	body, token, _, _, err := t.NoticeSetting(account)
	if err != nil {
		return settings{}, fault.Wrap(err, "node: settings of notices")
	}
	s, err := a.readSettings(t.Context(), body)
	s.token = token
	return s, err
}

func (a *App) readSettings(ctx context.Context, body []byte) (settings, error) {
	s := settings{Settings: notice.Unset(), zone: time.UTC}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &s.Settings); err != nil {
			return s, fmt.Errorf("node: settings of notices: %w", err)
		}
	}
	if e, err := a.Engines(ctx); err != nil {
		return s, err
	} else if s.Zone == "" {
		s.zone = e.Calendar.Location()
	}
	if s.Zone != "" {
		zone, err := time.LoadLocation(s.Zone)
		if err != nil {
			return s, fmt.Errorf("node: settings of notices: %w", err)
		}
		s.zone = zone
	}
	return s, nil
}

// notify tells one person something, once for its key: in the list that they see
// in the program, and by mail as they want it.
func (a *App) notify(t *store.Tx, n store.Notice) error {
	if n.Account == "" {
		return nil
	}
	rules, err := noticeRules()
	if err != nil {
		return err
	}
	kind, known := rules.Kind(n.Kind)
	if !known {
		return fmt.Errorf("node: there is no kind of notice %q", n.Kind)
	}
	n.ID, n.At = NewID(), t.Now()
	var want settings
	if a.cfg.Mail.Server != "" {
		if want, err = a.settingsOf(t, n.Account); err != nil {
			return err
		}
		switch want.Way(kind) {
		case notice.AtOnce:
			n.Mail = NewID()
		case notice.Daily:
			n.Mail = store.Daily
		}
	}
	added, err := t.PutNotice(n)
	if err != nil || !added || n.Mail == "" {
		return fault.Wrap(err, "node: notice")
	}
	if want.token == "" {
		if err := putSettings(t, n.Account, want.Settings); err != nil {
			return err
		}
	}
	if n.Mail == store.Daily {
		return nil
	}
	return queueMail(t, n.Mail, n.Account, want.SendAt(t.Now(), want.zone))
}

func putSettings(t *store.Tx, account string, s notice.Settings) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return fault.Wrap(t.PutNoticeSetting(account, body, rand.Text()), "node: settings of notices")
}

// queueMail has a mail sent from an instant on.
func queueMail(t *store.Tx, id, account string, at time.Time) error {
	if err := t.PutMail(id, account, at); err != nil {
		return fault.Wrap(err, "node: mail")
	}
	j, err := jobs.New(jobMail, jobMail+"/"+id, mailJob{id}, t.Now())
	if err != nil {
		return err
	}
	return fault.Wrap(t.Enqueue(j.At(at)), "node: enqueue a mail")
}

// sendDaily gives everybody with unread notices that wait for it the day's mail,
// once their hour has come.
func (a *App) sendDaily(ctx context.Context, _ jobs.Job) error {
	const page = 100
	for after := ""; ; {
		n := 0
		if err := a.db.Update(ctx, func(t *store.Tx) error {
			accounts, bodies, last, err := t.AwaitingDaily(after, page)
			if err != nil {
				return err
			}
			for i, id := range accounts {
				s, err := a.readSettings(ctx, bodies[i])
				if err != nil {
					return err
				}
				day, due := s.DailyDue(t.Now(), s.zone, last[i])
				if !due {
					continue
				}
				mail := NewID()
				if err := t.GatherNotices(id, mail); err != nil {
					return err
				}
				if err := t.DailySent(id, day); err != nil {
					return err
				}
				if err := queueMail(t, mail, id, s.SendAt(t.Now(), s.zone)); err != nil {
					return err
				}
			}
			if n = len(accounts); n > 0 {
				after = accounts[n-1]
			}
			return nil
		}); err != nil {
			return fault.Wrap(err, "node: daily mail")
		}
		if n < page {
			return nil
		}
	}
}

// tell has the applicant told that there is news. The notice says nothing else,
// whatever happened.
func (t *Tx) tell(c *licensing.Case) error {
	return t.tellHolder(c, store.Notice{
		Key: fmt.Sprintf("news/%s/%d", c.ID, t.seq()), Kind: "news", Said: "news", About: c.Reference, Stream: string(CaseStream(c.ID)), Href: "/exporter/cases/" + c.ID,
	})
}

// tellHolder tells whoever applied. Nobody is told of thousands of made-up cases.
func (t *Tx) tellHolder(c *licensing.Case, n store.Notice) error {
	if t.many != nil || c.Org == "" {
		return nil
	}
	people, err := holders(t.Tx, c)
	if err != nil {
		return err
	}
	return t.tellAll(people, n)
}

// tellOfficer tells whoever has the case something of it.
func (t *Tx) tellOfficer(c *licensing.Case, said, about, href string) error {
	if c.Officer == t.Actor.Account {
		return nil
	}
	return t.tellAll([]string{c.Officer}, store.Notice{
		Key: fmt.Sprintf("%s/%s/%d", said, c.ID, t.seq()), Kind: "work", Said: said, About: about, Stream: string(CaseStream(c.ID)), Compartment: c.Compartment, Href: href,
	})
}

// tellAll tells each of some people.
func (t *Tx) tellAll(people []string, n store.Notice) error {
	if t.many != nil {
		return nil
	}
	key := n.Key
	for _, id := range people {
		n.Account, n.Key = id, key+"/"+id
		if err := t.app.notify(t.Tx, n); err != nil {
			return err
		}
	}
	return nil
}

// maxHolders bounds the people of a company who are told.
const maxHolders = 20

// holders are who is told for a company: the contact of its application, or all
// its people where that account is closed or there is none.
func holders(t *store.Tx, c *licensing.Case) ([]string, error) {
	if id := c.App().Contact.Account; id != "" {
		var acc account.State
		if _, err := t.Load(event.StreamOf(account.KindAccount, id), &acc); err != nil {
			return nil, err
		}
		if acc.Status == account.Active && acc.Org == c.Org {
			return []string{id}, nil
		}
	}
	return peopleOf(t, c.Org)
}

// peopleOf are the active people of an organisation.
func peopleOf(t *store.Tx, org string) (out []string, err error) {
	rows, err := t.Accounts(org, "", maxHolders)
	for _, r := range rows {
		if r.Status == string(account.Active) && r.Roles != "" {
			out = append(out, r.ID)
		}
	}
	return out, err
}

// caseNews tells those who work on a case what others did to it.
func (t *Tx) caseNews(c *licensing.Case, ev event.Event) error {
	href := "/cases/" + c.ID
	switch e := ev.(type) {
	case licensing.Assigned:
		return t.tellOfficer(c, "assigned", c.Reference, href)
	case licensing.InformationAnswered, licensing.ApplicantReplied:
		return t.tellOfficer(c, "answered", c.Reference, href)
	case licensing.AdviceGiven:
		return t.tellOfficer(c, "advised", c.Reference, href+"/advice")
	case licensing.NoteWritten:
		return t.tellAll(e.Tell, store.Notice{
			Key: fmt.Sprintf("note/%s/%d", c.ID, e.Number), Kind: "work", Said: "note", About: c.Reference, Stream: string(CaseStream(c.ID)), Compartment: c.Compartment,
			Href: fmt.Sprintf("%s/notes#note-%d", href, e.Number),
		})
	case licensing.CompartmentMoved:
		return t.HushNotices(string(CaseStream(c.ID)))
	}
	return nil
}

// licenceNews tells the officer that a report came in, and the holder what was
// made of it and of the licence, which is here as it was before. A holder who was
// not told of a suspension is not told that it ended either.
func (t *Tx) licenceNews(l *licensing.Licence, events []event.New) error {
	for _, n := range events {
		said, kind := "", "report"
		switch e := n.Event.(type) {
		case licensing.DutyReported:
			said = "reported"
		case licensing.DutyReviewed:
			said = "reviewed"
		case licensing.LicenceSuspended:
			if e.Quiet {
				continue
			}
			said, kind = "changed", "news"
		case licensing.LicenceReinstated:
			if l.Shown() == licensing.Valid {
				continue
			}
			said, kind = "changed", "news"
		case licensing.LicenceRevoked:
			said, kind = "changed", "news"
		default:
			continue
		}
		c, _, err := load[*licensing.Case](t, CaseStream(l.Case))
		if err != nil {
			return err
		}
		if said == "reported" {
			err = t.tellOfficer(c, said, l.Reference, "/licences/"+l.ID)
		} else {
			err = t.tellHolder(c, store.Notice{
				Key: fmt.Sprintf("%s/%s/%d", said, l.ID, t.seq()), Kind: kind, Said: said, About: l.Reference, Stream: string(n.Stream), Href: "/exporter/licences/" + l.ID,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// NoticesOf are a page of what a person was told, the latest first, before one.
func (a *App) NoticesOf(ctx context.Context, actor access.Actor, before string, unread bool, limit int) (out []store.Notice, next string, err error) {
	if actor.Account == "" || actor.Program != "" {
		return nil, "", fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		out, err = t.ListNotices(actor.Account, before, unread, limit+1)
		return err
	})
	if len(out) > limit {
		out = out[:limit]
		next = out[limit-1].ID
	}
	return out, next, fault.Wrap(err, "node: notices")
}

// OpenNotice marks one of a person's notices as read and gives it.
func (a *App) OpenNotice(ctx context.Context, actor access.Actor, id string) (n store.Notice, err error) {
	err = a.db.Update(ctx, func(t *store.Tx) error {
		var found bool
		if n, found, err = t.Notice(actor.Account, id); err != nil {
			return err
		}
		if !found || actor.Account == "" {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		return t.ReadNotices(actor.Account, id, true)
	})
	return n, fault.Wrap(err, "node: notice")
}

// MarkNotice marks one of a person's notices as not read.
func (a *App) MarkNotice(ctx context.Context, actor access.Actor, id string) error {
	return fault.Wrap(a.db.Update(ctx, func(t *store.Tx) error { return t.UnreadNotice(actor.Account, id) }), "node: notice")
}

// ReadNotices marks all of a person's notices up to the latest that they saw as
// read.
func (a *App) ReadNotices(ctx context.Context, actor access.Actor, upTo string) error {
	return fault.Wrap(a.db.Update(ctx, func(t *store.Tx) error { return t.ReadNotices(actor.Account, upTo, false) }), "node: notices")
}

// NoticeSettings are how a person wants to be told, and the last mail to them.
func (a *App) NoticeSettings(ctx context.Context, actor access.Actor) (s notice.Settings, last store.Mail, err error) {
	if actor.Account == "" || actor.Program != "" {
		return s, last, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		x, err := a.settingsOf(t, actor.Account)
		if err != nil {
			return err
		}
		s = x.Settings
		last, _, err = t.LastMail(actor.Account)
		return err
	})
	return s, last, fault.Wrap(err, "node: settings of notices")
}

// SetNotices sets them. They are working state: nobody but the person cares.
func (a *App) SetNotices(ctx context.Context, actor access.Actor, s notice.Settings) error {
	if actor.Account == "" || actor.Program != "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	rules, err := noticeRules()
	if err != nil {
		return err
	}
	languages, err := a.Languages()
	if err != nil {
		return err
	}
	if err := s.Check(rules, languages, knownZone); err != nil {
		return err
	}
	return a.db.Update(ctx, func(t *store.Tx) error { return putSettings(t, actor.Account, s) })
}

func knownZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}

// FewerMails turns mail down for whoever the address of one of their mails names:
// to one a day, or to what has to be told. It tells nothing of who that is.
func (a *App) FewerMails(ctx context.Context, token string, least bool) error {
	rules, err := noticeRules()
	if err != nil {
		return err
	}
	return a.db.Update(ctx, func(t *store.Tx) error {
		id, body, found, err := t.NoticeSettingBy(token)
		if err != nil {
			return fault.Wrap(err, "node: settings of notices")
		}
		if !found || token == "" {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		s, err := a.readSettings(ctx, body)
		if err != nil {
			return err
		}
		if least {
			s.Least(rules)
		} else {
			s.Gather(rules)
		}
		return putSettings(t, id, s.Settings)
	})
}
