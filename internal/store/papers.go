package store

import (
	"strconv"
	"time"
)

// Alarm is a proof that an issuer said two things that can't both be.
type Alarm struct {
	ID, Issuer, Object string
	Version            int64
	At                 time.Time
}

// Alarms lists the latest.
func (t *Tx) Alarms(limit int) (out []Alarm, err error) {
	err = t.each(`SELECT id, issuer, object, version, at FROM alarm_row ORDER BY at DESC, id DESC LIMIT `+strconv.Itoa(limit), nil, func(scan func(...any) error) error {
		var a Alarm
		var at int64
		err := scan(&a.ID, &a.Issuer, &a.Object, &a.Version, &at)
		a.At = time.UnixMicro(at).UTC()
		out = append(out, a)
		return err
	})
	return out, err
}

// LastSaid is when the last statement of ours was issued; zero for never.
func (t *Tx) LastSaid() (time.Time, error) {
	var at *int64
	_, err := t.row(`SELECT came FROM envelope WHERE own = 1 AND purpose = 'statement' ORDER BY seq DESC LIMIT 1`, nil, &at)
	return instant(at), err
}

// EnvelopesOn gives what states said about an object, in order.
func (t *Tx) EnvelopesOn(object string, limit int) ([]Envelope, error) {
	return t.envelopes(`about = $1 AND state = '' ORDER BY seq LIMIT `+strconv.Itoa(limit), object)
}

// AnswersTo gives the opinions, notes and sightings on objects, in order.
func (t *Tx) AnswersTo(objects []string, limit int) ([]Envelope, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	var args []any
	return t.envelopes(`about IN (`+marks(&args, objects)+`) AND word IN ('opinion', 'note', 'sighting') AND state = '' ORDER BY seq LIMIT `+strconv.Itoa(limit), args...)
}

// CurrentStatements gives the latest versions of objects, ours and others'.
func (t *Tx) CurrentStatements(objects []string) ([]Envelope, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	var args []any
	return t.envelopes(`purpose = 'statement' AND state = '' AND object IN (`+marks(&args, objects)+`) ORDER BY seq`, args...)
}

// StatementsOfKind gives the latest versions of objects of a type, ours and
// others', the latest first.
func (t *Tx) StatementsOfKind(kind string, limit int) ([]Envelope, error) {
	return t.envelopes(`purpose = 'statement' AND state = '' AND kind = $1 AND sealed IS NOT NULL ORDER BY seq DESC LIMIT `+strconv.Itoa(limit), kind)
}

// EnvelopesMarked gives statements of others about a name or number, by its keyed
// hash, the latest first.
func (t *Tx) EnvelopesMarked(hashes []string, limit int) ([]Envelope, error) {
	var args []any
	return t.envelopes(`own = 0 AND state = '' AND seq IN (SELECT seq FROM envelope_mark WHERE mark IN (`+marks(&args, hashes)+`)) ORDER BY seq DESC LIMIT `+strconv.Itoa(limit), args...)
}

// Receipts says of each state that something which a stream issued was recalled
// from whether it has answered every such recall.
func (t *Tx) Receipts(stream string) (map[string]bool, error) {
	out := map[string]bool{}
	err := t.each(`SELECT envelope_to.state, (SELECT count(*) FROM envelope AS answer WHERE answer.own = 0 AND answer.purpose = 'receipt'
			AND answer.object = envelope.object AND answer.issuer = envelope_to.state AND answer.kind = envelope.kind)
		FROM envelope JOIN envelope_to ON envelope_to.seq = envelope.seq WHERE envelope.stream = $1 AND envelope.own = 1 AND envelope.purpose = 'recall'`, []any{stream}, func(scan func(...any) error) error {
		var state string
		var answers int64
		err := scan(&state, &answers)
		before, seen := out[state]
		out[state] = answers > 0 && (before || !seen)
		return err
	})
	return out, err
}

// ReceiptsOn gives the receipts that came for what a stream issued, in order.
func (t *Tx) ReceiptsOn(stream string, limit int) ([]Envelope, error) {
	return t.envelopes(`own = 0 AND purpose = 'receipt' AND object IN (SELECT object FROM envelope WHERE stream = $1 AND own = 1) ORDER BY seq LIMIT `+strconv.Itoa(limit), stream)
}

// PaperRow is a paper as lists show it.
type PaperRow struct {
	ID, Kind, State, Title, TLP, Case, Writer, WriterName string
	Audience                                              int64
	Changed                                               time.Time
}

// ListPapers reads a page, the latest changed first; at and after are those of
// the last one seen.
func (t *Tx) ListPapers(at int64, after string, limit int) (out []PaperRow, err error) {
	err = t.each(`SELECT paper_row.id, paper_row.kind, paper_row.state, paper_row.title, paper_row.tlp, paper_row.case_id, paper_row.writer, COALESCE(account_row.name, ''), paper_row.audience, paper_row.changed
		FROM paper_row LEFT JOIN account_row ON account_row.id = paper_row.writer
		WHERE $1 = 0 OR (paper_row.changed, paper_row.id) < ($1, $2) ORDER BY paper_row.changed DESC, paper_row.id DESC LIMIT `+strconv.Itoa(limit), []any{at, after}, func(scan func(...any) error) error {
		var r PaperRow
		var changed int64
		err := scan(&r.ID, &r.Kind, &r.State, &r.Title, &r.TLP, &r.Case, &r.Writer, &r.WriterName, &r.Audience, &changed)
		r.Changed = time.UnixMicro(changed).UTC()
		out = append(out, r)
		return err
	})
	return out, err
}
