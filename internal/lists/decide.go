package lists

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Commands. List is the id of the list: small letters, digits and hyphens.
type (
	// DefineList puts a list on record, or changes its record.
	DefineList struct {
		List string
		Definition
	}
	// ImportVersion records that the files of a list were read. Everything in it
	// is computed before: the document is in the vault, the difference was made
	// against Base, the version in use at that time.
	ImportVersion struct {
		List      string
		ID        string // fresh UUIDv7
		Published string
		Source    string // hash of the source's bytes
		Document  string // hash of the stored entries
		Object    string // the vault's id of them
		Report    string // hash of the stored report
		ReportAt  string // the vault's id of it
		Base      string // version the difference was made against, "" for none
		Entries   int
		Aside     int
		Delta     Delta
	}
	// ActivateVersion takes a version into use: a waiting one, or one that was
	// in use before (with a reason).
	ActivateVersion struct {
		List, ID, Reason string
	}
	// ForceVersion takes a suspicious version into use. The reason stays.
	ForceVersion struct {
		List, ID, Reason string
	}
	// RejectVersion says that a version will not be used.
	RejectVersion struct {
		List, ID, Reason string
	}
	// RecordCheck records a look at the source that gave nothing new.
	RecordCheck struct {
		List    string
		Outcome Outcome
		Problem string
	}
	// RecordReview records a look at whether the list is still needed. Today is
	// the date by the caller's clock.
	RecordReview struct {
		List   string
		Keep   bool
		Note   string
		NextBy string // ISO date; needed when the list is kept
		Today  string
	}
	// Object records a correction or objection that somebody sent.
	Object struct {
		List     string
		ID       string // fresh UUIDv7
		Entry    string
		Kind     ObjectionKind
		Received string // ISO date
		Text     ObjectionText
	}
	// DecideObjection answers it.
	DecideObjection struct {
		List, ID string
		Outcome  ObjectionOutcome
		Answer   string
	}
)

// Facts are what commands need to know besides the list.
type Facts struct {
	// EntryKnown tells whether the entry of an Object command is in the version
	// in use or in one before it.
	EntryKnown bool
}

const (
	maxLine = 300
	maxText = 10_000
)

// Decide decides commands on a list.
func Decide(s *State, cmd any, facts Facts) ([]event.New, error) {
	if c, ok := cmd.(DefineList); ok {
		return define(s, c)
	}
	if s.ID == "" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	switch c := cmd.(type) {
	case ImportVersion:
		return importVersion(s, c)
	case ActivateVersion:
		return activate(s, c.ID, c.Reason, false)
	case ForceVersion:
		return activate(s, c.ID, c.Reason, true)
	case RejectVersion:
		return reject(s, c)
	case RecordCheck:
		if !slices.Contains([]Outcome{Unchanged, Unreachable, Unreadable}, c.Outcome) {
			return nil, fault.New(fault.Invalid, "lists.check_invalid").Field("outcome", "lists.outcome_unknown")
		}
		return one(s, Checked{c.Outcome, cut(c.Problem)}), nil
	case RecordReview:
		return review(s, c)
	case Object:
		return object(s, c, facts)
	case DecideObjection:
		return decideObjection(s, c)
	}
	return nil, fmt.Errorf("lists: %T is not a command on a list", cmd)
}

func define(s *State, c DefineList) ([]event.New, error) {
	d := c.Definition
	bad := fault.New(fault.Invalid, "lists.definition_invalid")
	if !slug(c.List) {
		bad.Field("list", "lists.id_form")
	}
	line := func(name string, value *string, max int) {
		*value = strings.TrimSpace(*value)
		if n := utf8.RuneCountInString(*value); n == 0 || n > max {
			bad.Field(name, "lists.length", "max", max)
		}
	}
	line("title", &d.Title, maxLine)
	line("publisher", &d.Publisher, maxLine)
	line("legal_basis", &d.LegalBasis, maxText)
	line("scope", &d.Scope, maxText)
	if !slices.Contains(Kinds(), d.Kind) {
		bad.Field("kind", "lists.kind_unknown")
	} else if s.ID != "" && s.Kind != d.Kind {
		bad.Field("kind", "lists.kind_fixed")
	}
	if d.Means != "" && (d.Kind != Parties || !slices.Contains(Meanings(), d.Means)) {
		bad.Field("means", "lists.means_unknown")
	}
	if d.GoneLimit == 0 {
		d.GoneLimit = DefaultGoneLimit
	}
	if d.GoneLimit < 1 || d.GoneLimit > 1000 {
		bad.Field("gone_limit", "lists.limit_range")
	}
	if !isDay(d.ReviewBy) {
		bad.Field("review_by", "lists.date_form")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	if s.ID != "" && s.Definition == d {
		return nil, nil
	}
	return []event.New{{Stream: event.StreamOf(KindList, c.List), Event: Defined{d}}}, nil
}

func importVersion(s *State, c ImportVersion) ([]event.New, error) {
	if s.Retired {
		return nil, fault.New(fault.Blocked, "lists.retired", "title", s.Title)
	}
	bad := fault.New(fault.Invalid, "lists.import_invalid")
	if c.ID == "" || s.version(c.ID) != nil {
		bad.Field("id", "lists.version_id")
	}
	if !strings.HasPrefix(c.Source, "sha256:") {
		bad.Field("source", "lists.hash_form")
	}
	if !strings.HasPrefix(c.Document, "sha256:") {
		bad.Field("document", "lists.hash_form")
	}
	if !strings.HasPrefix(c.Report, "sha256:") {
		bad.Field("report", "lists.hash_form")
	}
	if c.Published != "" && !isDay(c.Published) {
		bad.Field("published", "lists.date_form")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	base := s.ActiveVersion()
	switch {
	case base == nil && c.Base != "", base != nil && c.Base != base.ID:
		// Another version came into use since the difference was made.
		return nil, fault.New(fault.Conflict, "lists.base_moved")
	}
	for _, v := range s.Versions {
		if v.Document == c.Document && v.Published == c.Published && v.Status != Rejected {
			if v.Status == Active {
				return one(s, Checked{Outcome: Unchanged}), nil
			}
			return nil, fault.New(fault.Conflict, "lists.version_known", "number", v.Number)
		}
	}
	ev := VersionImported{
		ID: c.ID, Published: c.Published, Source: c.Source, Document: c.Document, Object: c.Object, Report: c.Report, ReportAt: c.ReportAt, Base: c.Base,
		Figures:   Figures{Entries: c.Entries, Aside: c.Aside},
		GoneLimit: s.GoneLimit,
	}
	if base != nil {
		ev.Figures.Added, ev.Figures.Removed, ev.Figures.Changed = len(c.Delta.Added), len(c.Delta.Removed), len(c.Delta.Changed)
		ev.Figures.Gone = share(len(c.Delta.Removed), base.Figures.Entries)
		ev.Added, ev.Removed = first(c.Delta.Added), first(c.Delta.Removed)
		for _, ch := range c.Delta.Changed[:min(NamedIDs, len(c.Delta.Changed))] {
			ev.Changed = append(ev.Changed, ch.ID)
		}
		if ev.Figures.Gone > s.GoneLimit {
			ev.Suspicions = append(ev.Suspicions, TooManyGone)
		}
		if c.Published != "" && c.Published < base.Published {
			ev.Suspicions = append(ev.Suspicions, Older)
		}
		if c.Entries == 0 && base.Figures.Entries > 0 {
			ev.Suspicions = append(ev.Suspicions, Empty)
		}
	}
	events := one(s, ev)
	if s.Unattended && len(ev.Suspicions) == 0 {
		events = append(events, one(s, VersionActivated{ID: c.ID})...)
	}
	return events, nil
}

// share is part of whole in thousandths, rounded up, so that the limit is not
// passed by rounding.
func share(part, whole int) int {
	if whole <= 0 || part <= 0 {
		return 0
	}
	return (part*1000 + whole - 1) / whole
}

func activate(s *State, id, reason string, force bool) ([]event.New, error) {
	v := s.version(id)
	if v == nil {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	reason = strings.TrimSpace(reason)
	need := force
	switch v.Status {
	case Active:
		return nil, fault.New(fault.Conflict, "lists.version_active", "number", v.Number)
	case Rejected:
		return nil, fault.New(fault.Blocked, "lists.version_rejected", "number", v.Number)
	case Suspicious:
		if !force {
			return nil, fault.New(fault.Blocked, "lists.version_suspicious", "number", v.Number, "gone", permille(v.Figures.Gone), "limit", permille(s.GoneLimit)).
				Item("versions#"+v.ID, "lists.force_needed")
		}
	case Superseded:
		need = true
	case Waiting:
		if force {
			return nil, fault.New(fault.Conflict, "lists.force_pointless", "number", v.Number)
		}
	}
	if n := utf8.RuneCountInString(reason); n > maxText || need && n == 0 {
		return nil, fault.New(fault.Invalid, "lists.reason_needed").Field("reason", "lists.length", "max", maxText)
	}
	return one(s, VersionActivated{ID: id, Forced: force, Reason: reason}), nil
}

func reject(s *State, c RejectVersion) ([]event.New, error) {
	v := s.version(c.ID)
	if v == nil {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if v.Status != Waiting && v.Status != Suspicious {
		return nil, fault.New(fault.Conflict, "lists.reject_late", "number", v.Number)
	}
	reason := strings.TrimSpace(c.Reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > maxText {
		return nil, fault.New(fault.Invalid, "lists.reason_needed").Field("reason", "lists.length", "max", maxText)
	}
	return one(s, VersionRejected{c.ID, reason}), nil
}

func review(s *State, c RecordReview) ([]event.New, error) {
	bad := fault.New(fault.Invalid, "lists.review_invalid")
	note := strings.TrimSpace(c.Note)
	if n := utf8.RuneCountInString(note); n == 0 || n > maxText {
		bad.Field("note", "lists.length", "max", maxText)
	}
	if c.Keep && (!isDay(c.NextBy) || c.NextBy <= c.Today) {
		bad.Field("next_by", "lists.next_review")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	ev := Reviewed{Keep: c.Keep, Note: note}
	if c.Keep {
		ev.NextBy = c.NextBy
	}
	return one(s, ev), nil
}

// objectionOwner is whose key seals what the objector wrote.
func objectionOwner(id string) event.Stream { return event.StreamOf("objection", id) }

func object(s *State, c Object, facts Facts) ([]event.New, error) {
	if c.ID == "" || s.objection(c.ID) != nil {
		return nil, fault.New(fault.Conflict, "lists.objection_known")
	}
	bad := fault.New(fault.Invalid, "lists.objection_invalid")
	if s.Kind != Parties || !facts.EntryKnown {
		bad.Field("entry", "lists.entry_unknown")
	}
	if c.Kind != Correction && c.Kind != Protest {
		bad.Field("kind", "lists.objection_kind")
	}
	if !isDay(c.Received) {
		bad.Field("received", "lists.date_form")
	}
	t := ObjectionText{strings.TrimSpace(c.Text.From), strings.TrimSpace(c.Text.Contact), strings.TrimSpace(c.Text.Text)}
	if n := utf8.RuneCountInString(t.From); n == 0 || n > maxLine {
		bad.Field("from", "lists.length", "max", maxLine)
	}
	if n := utf8.RuneCountInString(t.Contact); n > maxLine {
		bad.Field("contact", "lists.length", "max", maxLine)
	}
	if n := utf8.RuneCountInString(t.Text); n == 0 || n > maxText {
		bad.Field("text", "lists.length", "max", maxText)
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return one(s, ObjectionReceived{c.ID, c.Entry, c.Kind, c.Received, event.P(objectionOwner(c.ID), t)}), nil
}

func decideObjection(s *State, c DecideObjection) ([]event.New, error) {
	o := s.objection(c.ID)
	if o == nil {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if o.Outcome != "" && o.Outcome != Forwarded {
		return nil, fault.New(fault.Conflict, "lists.objection_decided")
	}
	bad := fault.New(fault.Invalid, "lists.objection_invalid")
	if !slices.Contains([]ObjectionOutcome{Upheld, Partly, Declined, Forwarded}, c.Outcome) {
		bad.Field("outcome", "lists.outcome_unknown")
	}
	answer := strings.TrimSpace(c.Answer)
	if n := utf8.RuneCountInString(answer); n == 0 || n > maxText {
		bad.Field("answer", "lists.length", "max", maxText)
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return one(s, ObjectionDecided{c.ID, c.Outcome, event.P(objectionOwner(c.ID), answer)}), nil
}

func one(s *State, ev event.Event) []event.New {
	return []event.New{{Stream: event.StreamOf(KindList, s.ID), Event: ev}}
}

func first(ids []string) []string { return slices.Clone(ids[:min(NamedIDs, len(ids))]) }

func cut(s string) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > maxLine {
		s = string([]rune(s)[:maxLine])
	}
	return s
}

// permille writes thousandths as a percentage: 104 is "10.4".
func permille(n int) string {
	if n%10 == 0 {
		return fmt.Sprint(n / 10)
	}
	return fmt.Sprintf("%d.%d", n/10, n%10)
}

func slug(s string) bool {
	return s != "" && len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-'
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
