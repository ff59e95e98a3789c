package licensing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// The tables that the streams of this package write, each with the columns id
// and stream besides those named here. "time" is UTC microseconds or NULL,
// "bool" 0 or 1, "text" never NULL. Only the latest version of an application
// is in side tables; earlier ones are in the case's state.
//
// Texts are given as they were typed. The column text of search, and
// name_search, are to be folded by the store when it writes them (one folding
// for all domains, the same as the screening engine's).
//
//	case_row        id = case id
//	  reference text, title text, kind text, stage text, stage_group text ("open", "waiting", "closed"),
//	  whose_turn text, org text, compartment text, officer text,
//	  destination text, end_user text, end_user_register text,
//	  severity int (0 not known), assessed bool, stale bool,
//	  due time (of the nearest clock that runs; NULL while all stand or the case is closed), stopped bool (none runs), remaining int, target int (of the decision),
//	  value int (minor units), currency text, lines int, parties int, version int, basis int,
//	  submitted time, decided time (the decision in force), ended time (first decided, or withdrawn; NULL while open), changed time,
//	  outcome text (in force; "" until decided), first_outcome text, against_adviser bool,
//	  licence text (id), erased bool
//	case_line       id = case id/line id
//	  case_id text, line text, position int, kind text, description text, part_number text, claimed_code text, code text (as decided), categories text (as decided, else as claimed; each between two blanks),
//	  tariff text, origin text, quantity int (thousandths), unit text, value int, currency text, outcome text (in force), first_outcome text, severity int
//	case_party      id = case id/party id
//	  case_id text, party text, roles text (comma separated, in order), kind text, tie text, country text,
//	  name text ("" where erased), latin text, names text (all, aliases too), register text, natural bool, retain_until text, erased bool
//	case_user_name  id = case id/number, one for each name of the end user, in each script
//	  case_id text, name_search text
//	case_user_mark  id = case id/number, one for each identifier of an end user that is no natural person
//	  case_id text, mark text
//	case_key        id = case id/number; by what a case is found that others name, of every party and line of the version that counts
//	  case_id text, what text ("name", "number", "item"), role text (of a party as in case_party, of a line the destination), name_search text
//	case_person     id = case id/owner; natural persons of every version, owners of parties and signatories too
//	  case_id text, owner text (id of the stream of kind "party" that owns the details), roles text (comma separated), retain_until text, erased bool
//	case_document   id = case id/document id
//	  case_id text, document text, kind text, title text, hash text, size int, source text ("application", "rfi", "assurance", "check", "reply", "appeal", "letter"), at time
//	case_rfi        id = case id/rfi id
//	  case_id text, rfi text, number int, asked time, due time, closed time (NULL while open), how text, holding bool, asked_by text
//	case_assurance  id = case id/assurance id/clause
//	  case_id text, assurance text, party text, register text, clause text, reply text, result text ("", "verified", "broken"),
//	  authority bool, has_check bool, expires text, sought time
//	case_advice     id = case id/advice id
//	  case_id text, advice text, department text, role text, person text, at time, basis int, stale bool, superseded bool
//	case_ground     id = case id/line id/ground
//	  case_id text, line text, ground text (of a line that was refused), decision int (its number)
//	case_again      id = case id/number of the decision, from 2
//	  case_id text, number int, way text ("appeal", "reopening"), outcome text, at time
//	case_appeal     id = case id/appeal id
//	  case_id text, number int, lodged time, ended time (NULL while open), result text ("" while open, and where it was withdrawn)
//	licence_row     id = licence id
//	  reference text, case_id text, case_reference text, org text, compartment text, destination text, title text, status text, shown text (as the holder knows it),
//	  valid_from text, valid_until text, code_hash text (unique), document text, hash text, value int, currency text, lines int,
//	  issued time, changed time, erased bool
//	outcome_row     id = licence id/place in its history, or stop id
//	  kind text, licence_id text, compartment text, at time
//	licence_line    id = licence id/line id
//	  licence_id text, line text, kind text, code text, tariff text, description text, quantity int, unit text, value int, currency text, suspended bool, used int
//	licence_use     id = licence id/use id
//	  licence_id text, use text, position int, declaration text, office text, outcome text ("accepted", "refused", "cancelled"), left_at time, verified text
//	licence_duty    id = licence id/condition id/state
//	  licence_id text, reference text, org text, compartment text, condition text, type text,
//	  state text ("open": a report is due; "waiting": nobody has looked at one), due text, kind text
//	licence_code    id = hash of a check code that a later version has replaced
//	  licence_id text, valid_until text
//	customs_message id = sender/number
//	  licence_id text, use text, hash text
//	licence_notice  id = number, of sixteen digits
//	  licence_id text, number int, position int
//	informed_row    id = letter id
//	  reference text, case_id text, case_reference text, org text ("": every exporter), compartment text, destination text, items text, users text, told text, basis text,
//	  lifted bool, valid_from text, valid_until text
//	informed_name   id = letter id/number
//	  informed_id text, name_search text
//	informed_tariff id = letter id/digits
//	  informed_id text, digits text
//	stop_row        id = stop id
//	  reference text, status text, open bool, declaration text, goods text, due time, gaps int
//	search          id = stream
//	  kind text ("case", "licence"), org text, compartment text, title text, text text
//
// Package party writes party_row, party_name, party_unit and search; see there.

// Rows are the case's list columns and side tables.
func (c *Case) Rows() []event.Row {
	v := c.Current()
	if v == nil {
		return nil
	}
	rows := []event.Row{c.row(v)}
	for i, l := range v.App.Lines {
		rows = append(rows, c.lineRow(i, l))
	}
	for _, p := range v.App.Parties {
		rows = append(rows, c.partyRow(v, p))
	}
	rows = append(rows, c.userNames(v)...)
	rows = append(rows, c.userMarks(v)...)
	rows = append(rows, c.keyRows(v)...)
	rows = append(rows, c.personRows()...)
	rows = append(rows, c.documentRows(v)...)
	for _, q := range c.RFIs {
		holding := false
		for _, a := range q.Answers {
			holding = holding || a.Holding
		}
		rows = append(rows, event.Row{Table: "case_rfi", ID: c.ID + "/" + q.ID, Columns: []event.Column{
			event.C("case_id", c.ID), event.C("rfi", q.ID), event.C("number", int64(q.Number)), event.C("asked", q.AskedAt), event.C("due", q.Due),
			event.C("closed", q.Closed), event.C("how", q.How), event.C("holding", holding), event.C("asked_by", q.AskedBy),
		}})
	}
	for _, a := range c.Assurances {
		rows = append(rows, c.assuranceRows(v, a)...)
	}
	for _, a := range c.Advice {
		rows = append(rows, event.Row{Table: "case_advice", ID: c.ID + "/" + a.ID, Columns: []event.Column{
			event.C("case_id", c.ID), event.C("advice", a.ID), event.C("department", a.Department), event.C("role", string(a.Role)), event.C("person", a.Person),
			event.C("at", a.At), event.C("basis", int64(a.Basis)), event.C("stale", a.Basis < c.Basis), event.C("superseded", a.Superseded),
		}})
	}
	rows = append(append(append(rows, c.groundRows()...), c.laterRows()...), c.noteRows()...)
	return append(rows, c.searchRow(v))
}

func (c *Case) row(v *Version) event.Row {
	a := &v.App
	value, currency := a.Value()
	user, _ := a.EndUser()
	var outcome, licence string
	var decided any
	against := false
	if d := c.Decision; d != nil {
		outcome, licence, decided, against = string(d.Outcome), d.Licence, d.At, len(d.AgainstAdviser) > 0
	}
	ended, first := decided, ""
	if d := c.First(); d != nil {
		ended, first = d.At, string(d.Outcome)
	}
	if !c.Withdrawn.IsZero() {
		ended = c.Withdrawn
	}
	var due any
	near := c.Nearest().Clock
	if near.Ended.IsZero() && !near.Due.IsZero() {
		due = near.Due
	}
	officer := c.Officer
	if a := c.Appeal(); a != nil && len(a.Reviewers) > 0 {
		officer = a.Reviewers[0] // on whose list it stands
	}
	remaining := int64(0)
	if c.Clock.Stopped() || !c.Clock.Ended.IsZero() {
		remaining = int64(c.Clock.Remaining)
	}
	return event.Row{Table: "case_row", ID: c.ID, Columns: []event.Column{
		event.C("reference", c.Reference), event.C("title", a.Title), event.C("kind", c.Kind), event.C("stage", string(c.Stage)), event.C("stage_group", c.Stage.Group()),
		event.C("whose_turn", c.WhoseTurn()), event.C("org", c.Org), event.C("compartment", c.Compartment), event.C("officer", officer),
		event.C("destination", a.EndUse.Country), event.C("end_user", user.Name()), event.C("end_user_register", user.Register),
		event.C("severity", int64(c.Assessed.Severity)), event.C("assessed", c.Assessed.Complete), event.C("stale", len(c.Stale(c.Assessed.Basis)) > 0 && c.Assessed.Complete),
		event.C("due", due), event.C("stopped", near.Stopped()), event.C("remaining", remaining), event.C("target", int64(c.Clock.Days)),
		event.C("value", value), event.C("currency", currency), event.C("lines", int64(len(a.Lines))), event.C("parties", int64(len(a.Parties))),
		event.C("version", int64(v.Number)), event.C("basis", int64(c.Basis)),
		event.C("submitted", c.Submitted), event.C("decided", decided), event.C("ended", ended), event.C("changed", c.Changed), event.C("outcome", outcome), event.C("first_outcome", first), event.C("against_adviser", against),
		event.C("licence", licence), event.C("erased", v.Erased != nil),
	}}
}

// groundRows are the grounds of refusals of every decision: none goes away when
// another decision takes its place.
func (c *Case) groundRows() (rows []event.Row) {
	for _, d := range c.Decisions() {
		for _, l := range d.Lines {
			for i, g := range l.Grounds {
				if l.Outcome != RefuseLine || slices.Contains(l.Grounds[:i], g) {
					continue
				}
				id := c.ID + "/" + l.Line + "/" + g
				if d.number() > 1 {
					id += fmt.Sprintf("/%d", d.number())
				}
				rows = append(rows, event.Row{Table: "case_ground", ID: id, Columns: []event.Column{
					event.C("case_id", c.ID), event.C("line", l.Line), event.C("ground", g), event.C("decision", int64(d.number())),
				}})
			}
		}
	}
	return rows
}

// laterRows are the decisions after the first, and the appeals.
func (c *Case) laterRows() (rows []event.Row) {
	for _, d := range c.Decisions() {
		if d.number() > 1 {
			rows = append(rows, event.Row{Table: "case_again", ID: fmt.Sprintf("%s/%d", c.ID, d.number()), Columns: []event.Column{
				event.C("case_id", c.ID), event.C("number", int64(d.number())), event.C("way", string(d.Way)), event.C("outcome", string(d.Outcome)), event.C("at", d.At),
			}})
		}
	}
	for _, a := range c.Appeals {
		rows = append(rows, event.Row{Table: "case_appeal", ID: c.ID + "/" + a.ID, Columns: []event.Column{
			event.C("case_id", c.ID), event.C("number", int64(a.Number)), event.C("lodged", a.At), event.C("ended", a.Ended), event.C("result", string(a.Result)),
		}})
	}
	return rows
}

func (c *Case) lineRow(i int, l Line) event.Row {
	var code, outcome, first string
	categories, severity := l.Categories, 0
	if d := c.First(); d != nil {
		for _, x := range d.Lines {
			if x.Line == l.ID {
				first = string(x.Outcome)
			}
		}
	}
	if c.Decision != nil {
		for _, d := range c.Decision.Lines {
			if d.Line == l.ID {
				code, outcome, severity = d.Code, string(d.Outcome), d.Severity
				if d.Category != "" {
					categories = []string{d.Category}
				}
			}
		}
	}
	return event.Row{Table: "case_line", ID: c.ID + "/" + l.ID, Columns: []event.Column{
		event.C("case_id", c.ID), event.C("line", l.ID), event.C("position", int64(i)), event.C("kind", string(l.Kind)), event.C("description", l.Description), event.C("part_number", l.PartNumber),
		event.C("claimed_code", l.ClaimedCode), event.C("code", code), event.C("categories", " "+strings.Join(categories, " ")+" "), event.C("tariff", l.Tariff), event.C("origin", l.Origin), event.C("quantity", int64(l.Quantity)), event.C("unit", l.Unit),
		event.C("value", l.Value), event.C("currency", l.Currency), event.C("outcome", outcome), event.C("first_outcome", first), event.C("severity", int64(severity)),
	}}
}

// rolesOf are a party's roles as rows hold them.
func rolesOf(p party.Party) string {
	roles := make([]string, 0, len(p.Roles))
	for _, r := range p.Roles {
		roles = append(roles, string(r))
	}
	return strings.Join(roles, ",")
}

func (c *Case) partyRow(v *Version, p party.Party) event.Row {
	retain, latin := "", ""
	if p.Record != nil {
		retain = p.Record.RetainUntil
	}
	if len(p.Names) > 0 {
		latin = p.Names[0].Latin
	}
	erased := v.Erased != nil
	if p.Kind == party.Person {
		erased = v.ErasedPart(p.ID) != nil && p.Name() == ""
	}
	return event.Row{Table: "case_party", ID: c.ID + "/" + p.ID, Columns: []event.Column{
		event.C("case_id", c.ID), event.C("party", p.ID), event.C("roles", rolesOf(p)), event.C("kind", string(p.Kind)), event.C("tie", string(p.Tie)), event.C("country", p.Country),
		event.C("name", p.Name()), event.C("latin", latin), event.C("names", party.NameText(p.Names)), event.C("register", p.Register), event.C("natural", p.Kind == party.Person), event.C("retain_until", retain), event.C("erased", erased),
	}}
}

// userNames are the names of the end user, by which later cases find this one.
func (c *Case) userNames(v *Version) []event.Row {
	var rows []event.Row
	user, _ := v.App.EndUser()
	for _, n := range user.Names {
		for _, text := range []string{n.Text, n.Latin} {
			if text != "" {
				rows = append(rows, event.Row{Table: "case_user_name", ID: fmt.Sprintf("%s/%d", c.ID, len(rows)+1), Columns: []event.Column{
					event.C("case_id", c.ID), event.C("name_search", text),
				}})
			}
		}
	}
	return rows
}

// userMarks are the identifiers of the end user, by which later cases find this
// one under any name.
func (c *Case) userMarks(v *Version) []event.Row {
	user, _ := v.App.EndUser()
	if user.Kind == party.Person {
		return nil
	}
	var rows []event.Row
	for _, i := range user.Identifiers {
		if mark := i.Key(user.Country); mark != "" {
			rows = append(rows, event.Row{Table: "case_user_mark", ID: fmt.Sprintf("%s/%d", c.ID, len(rows)+1), Columns: []event.Column{
				event.C("case_id", c.ID), event.C("mark", mark),
			}})
		}
	}
	return rows
}

func (c *Case) documentRows(v *Version) []event.Row {
	var rows []event.Row
	seen := map[string]bool{}
	add := func(d DocumentFact, title, source string, at any) {
		if seen[d.ID] {
			return
		}
		seen[d.ID] = true
		rows = append(rows, event.Row{Table: "case_document", ID: c.ID + "/" + d.ID, Columns: []event.Column{
			event.C("case_id", c.ID), event.C("document", d.ID), event.C("kind", d.Kind), event.C("title", title), event.C("hash", d.Hash), event.C("size", d.Size), event.C("source", source), event.C("at", at),
		}})
	}
	title := func(titles []string, i int) string {
		if i < len(titles) {
			return titles[i]
		}
		return ""
	}
	for _, d := range v.App.Documents {
		add(d.fact(), d.Title, "application", v.At)
	}
	for _, q := range c.RFIs {
		for _, a := range q.Answers {
			for i, d := range a.Documents {
				add(d, title(a.Answer.Titles, i), "rfi", a.At)
			}
		}
	}
	for _, a := range c.Assurances {
		if a.Answer != nil && a.Answer.Document != nil {
			add(*a.Answer.Document, a.Answer.Text.Title, "assurance", a.Answer.At)
		}
		for _, k := range a.Checks {
			for _, d := range k.Documents {
				add(d, "", "check", k.At)
			}
		}
	}
	for _, n := range c.Intentions() {
		for _, r := range n.Replies {
			for i, d := range r.Documents {
				add(d, title(r.Text.Titles, i), "reply", r.At)
			}
		}
	}
	for _, a := range c.Appeals {
		for i, d := range a.Documents {
			add(d, title(a.Text.Titles, i), "appeal", a.At)
		}
	}
	for _, l := range c.Letters {
		add(DocumentFact{ID: l.Document, Kind: string(l.Kind), Hash: l.Hash}, "", "letter", l.At)
	}
	return rows
}

func (c *Case) assuranceRows(v *Version, a Assurance) []event.Row {
	p, _ := v.App.Party(a.From)
	var rows []event.Row
	for _, cl := range a.Clauses {
		var authority, check bool
		expires := ""
		if a.Answer != nil {
			authority, check, expires = a.Answer.Authority, a.Answer.HasCheck, string(a.Answer.Expires)
		}
		rows = append(rows, event.Row{Table: "case_assurance", ID: fmt.Sprintf("%s/%s/%s", c.ID, a.ID, cl), Columns: []event.Column{
			event.C("case_id", c.ID), event.C("assurance", a.ID), event.C("party", a.From), event.C("register", p.Register), event.C("clause", string(cl)), event.C("reply", string(a.Reply(cl))),
			event.C("result", string(a.Result(cl))), event.C("authority", authority), event.C("has_check", check), event.C("expires", expires), event.C("sought", a.SoughtAt),
		}})
	}
	return rows
}

// searchRow is what full-text search may find the case by. What was erased is
// no longer in the state and so not here.
func (c *Case) searchRow(v *Version) event.Row {
	words := []string{c.Reference}
	for _, p := range v.App.Parties {
		words = append(words, party.NameText(p.Names))
	}
	for _, l := range v.App.Lines {
		words = append(words, l.PartNumber, l.Description, l.ClaimedCode)
	}
	words = append(words, v.App.EndUse.Purpose, v.App.EndUse.Place)
	return event.Row{Table: "search", ID: "case/" + c.ID, Columns: []event.Column{
		event.C("kind", "case"), event.C("org", c.Org), event.C("compartment", c.Compartment), event.C("title", v.App.Title), event.C("text", joined(words)),
	}}
}

// joined are the words that are there, one a line.
func joined(words []string) string {
	out := words[:0]
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, "\n")
}

// Rows are the licence's list columns and side table.
func (l *Licence) Rows() []event.Row {
	switch {
	case l.ID == "":
		return nil
	case l.Kind == KindUndertaking:
		return l.dutyRows(dutyOwner{KindUndertaking, l.ID, l.Reference, l.Org, l.Compartment})
	}
	var value int64
	currency := ""
	words := []string{l.Reference, l.CaseRef}
	var lines []event.Row
	for _, n := range l.Lines {
		value, currency = value+n.Value, n.Currency
		words = append(words, n.PartNumber, n.Description, n.Code)
		lines = append(lines, event.Row{Table: "licence_line", ID: l.ID + "/" + n.Line, Columns: []event.Column{
			event.C("licence_id", l.ID), event.C("line", n.Line), event.C("kind", string(n.Kind)), event.C("code", n.Code), event.C("tariff", n.Tariff), event.C("description", n.Description),
			event.C("quantity", int64(n.Quantity)), event.C("unit", n.Unit), event.C("value", n.Value), event.C("currency", n.Currency), event.C("suspended", l.SuspendedLine(n.Line)),
			event.C("used", int64(l.Used(n.Line))),
		}})
	}
	rows := append([]event.Row{{Table: "licence_row", ID: l.ID, Columns: []event.Column{
		event.C("reference", l.Reference), event.C("case_id", l.Case), event.C("case_reference", l.CaseRef), event.C("org", l.Org), event.C("compartment", l.Compartment),
		event.C("destination", l.Destination), event.C("title", l.Title), event.C("status", string(l.Now())), event.C("shown", string(l.Shown())), event.C("valid_from", string(l.From)), event.C("valid_until", string(l.Until)),
		event.C("code_hash", l.CodeHash), event.C("document", l.Document), event.C("hash", l.Hash), event.C("value", value), event.C("currency", currency), event.C("lines", int64(len(l.Lines))),
		event.C("issued", l.Issued), event.C("changed", l.Changed), event.C("erased", l.Erased != nil),
	}}}, lines...)
	rows = slices.Concat(rows, l.useRows(), l.dutyRows(dutyOwner{KindLicence, l.ID, l.Reference, l.Org, l.Compartment}), l.outcomeRows())
	for _, v := range l.Earlier {
		rows = append(rows, event.Row{Table: "licence_code", ID: v.CodeHash, Columns: []event.Column{event.C("licence_id", l.ID), event.C("valid_until", string(v.Until))}})
	}
	return append(rows, event.Row{Table: "search", ID: "licence/" + l.ID, Columns: []event.Column{
		event.C("kind", "licence"), event.C("org", l.Org), event.C("compartment", l.Compartment), event.C("title", l.Title), event.C("text", joined(words)),
	}})
}
