package store

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// Envelope is the row of a signed envelope: one that this node made, or took in.
type Envelope struct {
	Seq       int64        // order in which this node has them, from 1
	ID        string       // its leaf in the log of who issued it, hexadecimal
	Stream    event.Stream // whose history says that it came or was made
	N         int64        // place among those of the stream
	Own       bool         // made here
	Sender    string       // state that handed it over; "" for our own
	Issuer    string
	Purpose   string
	Object    string // of statement, recall, receipt, grant
	Version   int64
	Kind      string // type of the STIX object; "" once erased
	TLP       string // of a statement; "" once erased
	About     string // of a note or an opinion: the object it is about
	Word      string // of a reply; "opinion", "sighting"
	State     EnvelopeState
	Payload   []byte // hash of the signed bytes, which hold a salt
	Came      time.Time
	Witnessed time.Time // when a quorum had cosigned its leaf; zero for not yet
	Leaf      int64     // place in our own log; -1 where it has none
	Marks     []string  // what it is about, as keyed hashes; written and not read back
	Sealed    []byte    // the envelope, under the key of "statement/ID"; nil once erased
}

// EnvelopeState is where an envelope stands.
type EnvelopeState string

// The states of envelopes.
const (
	Current     EnvelopeState = ""            // the latest of its object
	Replaced    EnvelopeState = "replaced"    // a later version is here
	Withheld    EnvelopeState = "withheld"    // recalled: shown to nobody
	Disposed    EnvelopeState = "disposed"    // recalled: the content is erased
	Contradicts EnvelopeState = "contradicts" // proof that its issuer said two things
)

const envelopeColumns = `seq, id, stream, n, own, sender, issuer, purpose, object, version, kind, tlp, about, word, state, payload, came, witnessed, leaf, sealed`

func scanEnvelope(scan func(...any) error) (e Envelope, err error) {
	var stream, state string
	var own, came int64
	var witnessed, leaf *int64
	err = scan(&e.Seq, &e.ID, &stream, &e.N, &own, &e.Sender, &e.Issuer, &e.Purpose, &e.Object, &e.Version, &e.Kind, &e.TLP, &e.About, &e.Word, &state, &e.Payload, &came, &witnessed, &leaf, &e.Sealed)
	e.Stream, e.Own, e.State, e.Came, e.Witnessed = event.Stream(stream), own == 1, EnvelopeState(state), time.UnixMicro(came).UTC(), instant(witnessed)
	if e.Leaf = -1; leaf != nil {
		e.Leaf = *leaf
	}
	return e, err
}

func (t *Tx) envelopes(where string, args ...any) (out []Envelope, err error) {
	err = t.each(`SELECT `+envelopeColumns+` FROM envelope WHERE `+where, args, func(scan func(...any) error) error {
		e, err := scanEnvelope(scan)
		out = append(out, e)
		return err
	})
	return out, err
}

// LastEnvelope is the highest number given to an envelope.
func (t *Tx) LastEnvelope() (seq int64, err error) {
	_, err = t.row(`SELECT COALESCE(MAX(seq), 0) FROM envelope`, nil, &seq)
	return seq, err
}

// PutEnvelope writes the row of an envelope and whom it is addressed to.
func (t *Tx) PutEnvelope(e Envelope, to []string) error {
	if err := t.PutEnvelopes([]Envelope{e}); err != nil {
		return err
	}
	for _, state := range to {
		if err := t.exec(`INSERT INTO envelope_to (state, seq) VALUES ($1, $2)`, state, e.Seq); err != nil {
			return err
		}
	}
	return nil
}

// envelopesAtOnce is how many envelopes one statement writes.
const envelopesAtOnce = 10

// envelopeInserts are the texts for one to envelopesAtOnce envelopes, whose
// leaves are not known yet.
var envelopeInserts = inserts("envelope", envelopeColumns, envelopesAtOnce, func(column string) bool { return column != "leaf" })

// inserts are the texts that write one to most rows; columns that are not given
// are null.
func inserts(table, columns string, most int, given func(column string) bool) []string {
	texts, values, n := make([]string, most+1), []string(nil), 0
	for i := 1; i <= most; i++ {
		var places []string
		for column := range strings.SplitSeq(columns, ", ") {
			place := "NULL"
			if given(column) {
				n++
				place = "$" + strconv.Itoa(n)
			}
			places = append(places, place)
		}
		values = append(values, "("+strings.Join(places, ", ")+")")
		texts[i] = "INSERT INTO " + table + " (" + columns + ") VALUES " + strings.Join(values, ", ")
	}
	return texts
}

// every column is given.
func every(string) bool { return true }

// PutEnvelopes writes the rows of envelopes that are addressed to nobody else.
func (t *Tx) PutEnvelopes(all []Envelope) error {
	for some := range slices.Chunk(all, envelopesAtOnce) {
		var args []any
		for _, e := range some {
			args = append(args, e.Seq, e.ID, string(e.Stream), e.N, columnValue(e.Own), e.Sender, e.Issuer, e.Purpose, e.Object, e.Version, e.Kind, e.TLP, e.About, e.Word,
				string(e.State), e.Payload, e.Came.UnixMicro(), columnValue(e.Witnessed), e.Sealed)
		}
		if err := t.exec(envelopeInserts[len(some)], args...); err != nil {
			return err
		}
		for _, e := range some {
			for _, mark := range e.Marks {
				if err := t.exec(`INSERT INTO envelope_mark (mark, seq) VALUES ($1, $2)`, mark, e.Seq); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Envelope reads one by its id.
func (t *Tx) Envelope(id string) (e Envelope, found bool, err error) {
	all, err := t.envelopes(`id = $1`, id)
	if len(all) == 0 {
		return e, false, err
	}
	return all[0], true, err
}

// marks writes places for values, "$n" and on, and adds the values to args.
func marks(args *[]any, values []string) string {
	places := make([]string, len(values))
	for i, v := range values {
		*args = append(*args, v)
		places[i] = "$" + strconv.Itoa(len(*args))
	}
	return strings.Join(places, ", ")
}

// EnvelopesThere says which of these ids are here already.
func (t *Tx) EnvelopesThere(ids []string) (map[string]bool, error) {
	there := map[string]bool{}
	if len(ids) == 0 {
		return there, nil
	}
	var args []any
	err := t.each(`SELECT id FROM envelope WHERE id IN (`+marks(&args, ids)+`)`, args, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		there[id] = true
		return err
	})
	return there, err
}

// EnvelopesAbout gives statements and recalls about objects, made here or taken
// in, by object and version.
func (t *Tx) EnvelopesAbout(own bool, objects []string) ([]Envelope, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	args := []any{columnValue(own)}
	// The plus keeps the planner to the objects: of envelopes taken in there are many.
	return t.envelopes(`+own = $1 AND purpose IN ('statement', 'recall') AND object IN (`+marks(&args, objects)+`) ORDER BY object, version, seq`, args...)
}

// GrantsAbout gives the grants about an object that we made, or that we took in,
// since a time, the latest first.
func (t *Tx) GrantsAbout(own bool, object string, since time.Time) ([]Envelope, error) {
	return t.envelopes(`own = $1 AND purpose = 'grant' AND object = $2 AND came >= $3 ORDER BY seq DESC LIMIT 1000`, columnValue(own), object, since.UnixMicro())
}

// StatementsBy gives what a state said and we took in, as it stands, after a
// number, in order.
func (t *Tx) StatementsBy(issuer string, after int64, limit int) ([]Envelope, error) {
	return t.envelopes(`own = 0 AND purpose = 'statement' AND state = '' AND issuer = $1 AND seq > $2 ORDER BY seq LIMIT `+strconv.Itoa(limit), issuer, after)
}

// SaidTo tells whether we said a word about an object to a state.
func (t *Tx) SaidTo(state, object, word string) (bool, error) {
	var one int64
	return t.row(`SELECT 1 FROM envelope JOIN envelope_to ON envelope_to.seq = envelope.seq AND envelope_to.state = $3
		WHERE about = $1 AND word = $2 AND own = 1 AND envelope.state = '' LIMIT 1`, []any{object, word, state}, &one)
}

// RecallOf finds our recall by the hash of its signed bytes, as its receipts name
// it, where it went to a state.
func (t *Tx) RecallOf(payload, state string) (e Envelope, found bool, err error) {
	all, err := t.envelopes(`own = 1 AND purpose = 'recall' AND kind = $1 AND seq IN (SELECT seq FROM envelope_to WHERE state = $2)`, payload, state)
	if len(all) == 0 {
		return e, false, err
	}
	return all[0], true, err
}

// RecalledFrom gives, by object, up to which version objects of ours were recalled
// from a state.
func (t *Tx) RecalledFrom(state string, objects []string) (map[string]int64, error) {
	out := map[string]int64{}
	if len(objects) == 0 {
		return out, nil
	}
	args := []any{state}
	err := t.each(`SELECT envelope.object, MAX(envelope.version) FROM envelope JOIN envelope_to ON envelope_to.seq = envelope.seq AND envelope_to.state = $1
		WHERE envelope.own = 1 AND envelope.purpose = 'recall' AND envelope.object IN (`+marks(&args, objects)+`) GROUP BY envelope.object`, args, func(scan func(...any) error) error {
		var object string
		var version int64
		err := scan(&object, &version)
		out[object] = version
		return err
	})
	return out, err
}

// OpenRecall is an answer to a recall of ours that is still missing.
type OpenRecall struct {
	State, Object, Leaf string
	Version             int64
	Since               time.Time
}

// OpenRecalls lists, state by state, the recalls that no receipt has answered.
func (t *Tx) OpenRecalls(limit int) (out []OpenRecall, err error) {
	err = t.each(`SELECT envelope_to.state, envelope.object, envelope.id, envelope.version, envelope.came FROM envelope JOIN envelope_to ON envelope_to.seq = envelope.seq
		WHERE envelope.own = 1 AND envelope.purpose = 'recall' AND NOT EXISTS (SELECT 1 FROM envelope AS answer
			WHERE answer.own = 0 AND answer.purpose = 'receipt' AND answer.object = envelope.object AND answer.issuer = envelope_to.state AND answer.kind = envelope.kind)
		ORDER BY envelope_to.state, envelope.seq LIMIT `+strconv.Itoa(limit), nil, func(scan func(...any) error) error {
		var o OpenRecall
		var came int64
		err := scan(&o.State, &o.Object, &o.Leaf, &o.Version, &came)
		o.Since = time.UnixMicro(came).UTC()
		out = append(out, o)
		return err
	})
	return out, err
}

// EnvelopesFor gives what is addressed to a state, after a number, in order.
func (t *Tx) EnvelopesFor(state string, after int64, limit int) ([]Envelope, error) {
	return t.envelopes(`seq IN (SELECT seq FROM envelope_to WHERE state = $1 AND seq > $2 ORDER BY seq LIMIT `+strconv.Itoa(limit)+`) ORDER BY seq`, state, after)
}

// Recipients are the states that an envelope of ours is addressed to, by id.
func (t *Tx) Recipients(seq int64) (states []string, err error) {
	err = t.each(`SELECT state FROM envelope_to WHERE seq = $1 ORDER BY state`, []any{seq}, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		states = append(states, s)
		return err
	})
	return states, err
}

// EnvelopesOf gives the envelopes that a stream brought or made, in their order.
func (t *Tx) EnvelopesOf(stream event.Stream, own bool) ([]Envelope, error) {
	return t.envelopes(`stream = $1 AND own = $2 ORDER BY n`, string(stream), columnValue(own))
}

// EnvelopeList says which envelopes a list wants, the latest first.
type EnvelopeList struct {
	Own     bool
	Purpose string
	States  []EnvelopeState
	Kinds   []string // types of objects; none is all
	Before  int64    // number of the last one seen; 0 begins at the latest
	Limit   int
}

// ListEnvelopes reads a page.
func (t *Tx) ListEnvelopes(q EnvelopeList) ([]Envelope, error) {
	args := []any{columnValue(q.Own), q.Purpose}
	states := make([]string, len(q.States))
	for i, s := range q.States {
		states[i] = string(s)
	}
	where := `own = $1 AND purpose = $2 AND state IN (` + marks(&args, states) + `)`
	if len(q.Kinds) > 0 {
		where += ` AND kind IN (` + marks(&args, q.Kinds) + `)`
	}
	if q.Before > 0 {
		args = append(args, q.Before)
		where += ` AND seq < $` + strconv.Itoa(len(args))
	}
	return t.envelopes(where+` ORDER BY seq DESC LIMIT `+strconv.Itoa(min(max(q.Limit, 1), maxRows)), args...)
}

// DisposeEnvelope removes the content of an envelope, and where metadata is not
// to be kept all that tells of it but object and number, which a recall names.
func (t *Tx) DisposeEnvelope(id string, metadata bool) error {
	if err := t.exec(`DELETE FROM envelope_mark WHERE seq = (SELECT seq FROM envelope WHERE id = $1)`, id); err != nil {
		return err
	}
	return t.exec(`UPDATE envelope SET state = $2, about = '', word = '', kind = CASE WHEN $3 = 1 THEN kind ELSE '' END, tlp = CASE WHEN $3 = 1 THEN tlp ELSE '' END, sealed = NULL WHERE id = $1`,
		id, string(Disposed), columnValue(metadata))
}

// SetEnvelope says where an envelope stands.
func (t *Tx) SetEnvelope(id string, state EnvelopeState) error {
	return t.exec(`UPDATE envelope SET state = $2 WHERE id = $1`, id, string(state))
}

// SetWitnessed notes when a quorum had cosigned an envelope's leaf.
func (t *Tx) SetWitnessed(id string, at time.Time) error {
	return t.exec(`UPDATE envelope SET witnessed = $2 WHERE id = $1 AND witnessed IS NULL`, id, at.UnixMicro())
}

// Unlogged gives the numbers and ids of envelopes of ours that have no place in
// the log yet, in order.
func (t *Tx) Unlogged(limit int) (seqs []int64, ids []string, err error) {
	err = t.each(`SELECT seq, id FROM envelope WHERE own = 1 AND leaf IS NULL ORDER BY seq LIMIT `+strconv.Itoa(limit), nil, func(scan func(...any) error) error {
		var seq int64
		var id string
		err := scan(&seq, &id)
		seqs, ids = append(seqs, seq), append(ids, id)
		return err
	})
	return seqs, ids, err
}

// SetLeaf gives an envelope its place in the log.
func (t *Tx) SetLeaf(seq, leaf int64) error {
	return t.exec(`UPDATE envelope SET leaf = $2 WHERE seq = $1`, seq, leaf)
}

// Logged gives the envelopes that have a place in the log: id and Leaf alone.
func (t *Tx) Logged() (out []Envelope, err error) {
	err = t.each(`SELECT id, leaf FROM envelope WHERE own = 1 AND leaf IS NOT NULL ORDER BY leaf`, nil, func(scan func(...any) error) error {
		var e Envelope
		err := scan(&e.ID, &e.Leaf)
		out = append(out, e)
		return err
	})
	return out, err
}

// LogBlock reads block n of the log's tree, empty where there is none.
func (t *Tx) LogBlock(n int64) (b []byte, err error) {
	_, err = t.row(`SELECT hashes FROM log_block WHERE n = $1`, []any{n}, &b)
	return b, err
}

// PutLogBlock writes block n of the log's tree.
func (t *Tx) PutLogBlock(n int64, hashes []byte) error {
	return t.exec(`INSERT INTO log_block (n, hashes) VALUES ($1, $2) ON CONFLICT (n) DO UPDATE SET hashes = excluded.hashes`, n, hashes)
}

// PutLogHead stores a signed head of the log; again, with more cosignatures, it
// takes the place of the one before.
func (t *Tx) PutLogHead(c Checkpoint) error {
	return t.exec(`INSERT INTO log_head (size, root, note, time) VALUES ($1, $2, $3, $4) ON CONFLICT (size) DO UPDATE SET note = excluded.note`,
		c.Size, c.Root[:], string(c.Note), t.now.UnixMicro())
}

// LogHead is the latest head, or that of a size where one is given; Size 0 where
// there is none.
func (t *Tx) LogHead(size int64) (c Checkpoint, err error) {
	err = t.each(`SELECT size, root, note, time FROM log_head WHERE $1 = 0 OR size = $1 ORDER BY size DESC LIMIT 1`, []any{size}, func(scan func(...any) error) error {
		c, err = scanCheckpoint(scan)
		return err
	})
	return c, err
}

// LastLogHeads gives the last heads, the newest first.
func (t *Tx) LastLogHeads(limit int) (out []Checkpoint, err error) {
	err = t.each(`SELECT size, root, note, time FROM log_head ORDER BY size DESC LIMIT `+strconv.Itoa(limit), nil, func(scan func(...any) error) error {
		c, err := scanCheckpoint(scan)
		out = append(out, c)
		return err
	})
	return out, err
}

// LogHeadsBefore gives the last heads that were signed before a time, the newest
// first.
func (t *Tx) LogHeadsBefore(at time.Time, limit int) (out []Checkpoint, err error) {
	err = t.each(`SELECT size, root, note, time FROM log_head WHERE time < $1 ORDER BY size DESC LIMIT `+strconv.Itoa(limit), []any{at.UnixMicro()}, func(scan func(...any) error) error {
		c, err := scanCheckpoint(scan)
		out = append(out, c)
		return err
	})
	return out, err
}

// LedgerLeaf tells whether the checkpoint of the case ledger of a size was issued
// into the log.
func (t *Tx) LedgerLeaf(stream string, size int64) (bool, error) {
	var one int64
	return t.row(`SELECT 1 FROM envelope WHERE stream = $1 AND n = $2`, []any{stream, size}, &one)
}

// LatestOwn gives the ids of the latest versions of objects of ours.
func (t *Tx) LatestOwn(objects []string) (map[string]string, error) {
	out := map[string]string{}
	var args []any
	err := t.each(`SELECT object, id FROM envelope WHERE own = 1 AND purpose = 'statement' AND object IN (`+marks(&args, objects)+`) ORDER BY object, version`, args, func(scan func(...any) error) error {
		var object, id string
		err := scan(&object, &id)
		out[object] = id
		return err
	})
	return out, err
}

// LatestOwnStatement is the latest version of an object of ours.
func (t *Tx) LatestOwnStatement(object string) (e Envelope, found bool, err error) {
	all, err := t.envelopes(`own = 1 AND purpose = 'statement' AND object = $1 ORDER BY version DESC LIMIT 1`, object)
	if len(all) == 0 {
		return e, false, err
	}
	return all[0], true, err
}

// LatestStatement is the latest version of an object that can be read, ours or
// one that we took in.
func (t *Tx) LatestStatement(object string) (e Envelope, found bool, err error) {
	all, err := t.envelopes(`purpose = 'statement' AND object = $1 AND state = '' AND sealed IS NOT NULL ORDER BY version DESC LIMIT 1`, object)
	if len(all) == 0 {
		return e, false, err
	}
	return all[0], true, err
}

// ReplyOf tells whether a state said a word about an object.
func (t *Tx) ReplyOf(state, object, word string) (bool, error) {
	var one int64
	return t.row(`SELECT 1 FROM envelope WHERE about = $1 AND word = $2 AND issuer = $3 AND state = '' LIMIT 1`, []any{object, word, state}, &one)
}

// Word is a state's word about an object.
type Word struct{ Object, Issuer, Word string }

// WordsOn gives what states, this one among them, said about objects by some
// words, in order.
func (t *Tx) WordsOn(objects, words []string) (out []Word, err error) {
	if len(objects) == 0 {
		return nil, nil
	}
	var args []any
	err = t.each(`SELECT about, issuer, word FROM envelope WHERE about IN (`+marks(&args, objects)+`) AND word IN (`+marks(&args, words)+`) AND state = '' ORDER BY seq`, args, func(scan func(...any) error) error {
		var w Word
		err := scan(&w.Object, &w.Issuer, &w.Word)
		out = append(out, w)
		return err
	})
	return out, err
}

// Accepted are the states whose last word of two about an object is the first.
func (t *Tx) Accepted(object, in, out string) (states []string, err error) {
	last := map[string]string{}
	err = t.each(`SELECT issuer, word FROM envelope WHERE about = $1 AND word IN ($2, $3) AND state = '' ORDER BY seq`, []any{object, in, out}, func(scan func(...any) error) error {
		var state, word string
		err := scan(&state, &word)
		if _, there := last[state]; !there {
			states = append(states, state)
		}
		last[state] = word
		return err
	})
	return slices.DeleteFunc(states, func(s string) bool { return last[s] != in }), err
}
