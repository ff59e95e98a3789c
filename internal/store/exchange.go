package store

import (
	"strconv"
	"time"
)

// ExchangePeer is what a node remembers of another state's.
type ExchangePeer struct {
	State   string
	Cursor  string        // how far its outbox was read: its own word
	Reached time.Time     // last answer
	Failed  time.Time     // first failure since
	Why     string        // of the last failure
	Skew    time.Duration // how far its clock is ahead
	Refused int64         // envelopes of its that were not taken
	Refusal string        // the last reason
}

// ExchangePeers are all that are remembered, or one where a state is given.
func (t *Tx) ExchangePeers(state string) (out []ExchangePeer, err error) {
	err = t.each(`SELECT state, cursor, reached, failed, why, skew, refused, refusal FROM exchange_peer WHERE $1 = '' OR state = $1 ORDER BY state`, []any{state}, func(scan func(...any) error) error {
		var p ExchangePeer
		var reached, failed *int64
		var skew int64
		err := scan(&p.State, &p.Cursor, &reached, &failed, &p.Why, &skew, &p.Refused, &p.Refusal)
		p.Reached, p.Failed, p.Skew = instant(reached), instant(failed), time.Duration(skew)*time.Second
		out = append(out, p)
		return err
	})
	return out, err
}

// PutExchangePeer writes what is remembered of one.
func (t *Tx) PutExchangePeer(p ExchangePeer) error {
	return t.exec(`INSERT INTO exchange_peer (state, cursor, reached, failed, why, skew, refused, refusal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (state) DO UPDATE SET cursor = excluded.cursor, reached = excluded.reached, failed = excluded.failed, why = excluded.why, skew = excluded.skew, refused = excluded.refused, refusal = excluded.refusal`,
		p.State, p.Cursor, columnValue(p.Reached), columnValue(p.Failed), p.Why, int64(p.Skew/time.Second), p.Refused, p.Refusal)
}

// EnvelopesAddressed gives the states to which envelopes after a number are
// addressed.
func (t *Tx) EnvelopesAddressed(after int64) (states []string, err error) {
	err = t.each(`SELECT DISTINCT state FROM envelope_to WHERE seq > $1 ORDER BY state`, []any{after}, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		states = append(states, s)
		return err
	})
	return states, err
}

// ForgetLog removes tree and heads of the log, whose next epoch begins anew:
// every envelope of ours is to be given a place in it.
func (t *Tx) ForgetLog() error {
	for _, q := range []string{`DELETE FROM log_block`, `DELETE FROM log_head`, `UPDATE envelope SET leaf = NULL WHERE own = 1 AND leaf IS NOT NULL`} {
		if err := t.exec(q); err != nil {
			return err
		}
	}
	return nil
}

// LastLogged is the last envelope of a stream of ours that has a place in the log.
func (t *Tx) LastLogged(stream string) (e Envelope, found bool, err error) {
	all, err := t.envelopes(`stream = $1 AND own = 1 AND leaf IS NOT NULL ORDER BY n DESC, seq DESC LIMIT 1`, stream)
	if len(all) == 0 {
		return e, false, err
	}
	return all[0], true, err
}

// Unwitnessed gives the latest envelopes of a state, handed over by itself, of
// which no quorum of witnesses is known to have seen the leaf.
func (t *Tx) Unwitnessed(issuer string, limit int) (ids []string, err error) {
	err = t.each(`SELECT id FROM envelope WHERE own = 0 AND witnessed IS NULL AND issuer = $1 AND sender = $1 AND sealed IS NOT NULL ORDER BY seq DESC LIMIT `+strconv.Itoa(limit), []any{issuer}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
