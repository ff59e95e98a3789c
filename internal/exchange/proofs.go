package exchange

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/comity-project/comity/statement/trust"
)

// What is new is handed over before the log has a place for it, and long before
// a quorum has cosigned that. The receiver asks for the proof later: without it
// nothing of a state counts any more once its key is revoked.

// maxProofs bounds the proofs of one request.
const maxProofs = 200

type proofsWanted struct {
	IDs []string `json:"ids"`
}

// proofsGiven are in the order of what was asked; empty where there is none.
type proofsGiven struct {
	Proofs [][]byte `json:"proofs"`
}

func (p *Peers) serveProofs(ctx context.Context, from string, _ *http.Request, body []byte) (answer, error) {
	var q proofsWanted
	if err := json.Unmarshal(body, &q, json.RejectUnknownMembers(true)); err != nil || len(q.IDs) > maxProofs {
		return text(http.StatusBadRequest, "at most %d ids", maxProofs), nil
	}
	out := proofsGiven{Proofs: make([][]byte, len(q.IDs))}
	for i, id := range q.IDs {
		var err error
		if out.Proofs[i], err = p.inside.Proof(ctx, from, id); err != nil {
			return answer{}, err
		}
	}
	b, err := json.Marshal(out)
	return answer{http.StatusOK, mediaJSON, b}, err
}

// prove asks a state for proofs of what it handed over, as often as it signs
// heads.
func (p *Peers) prove(ctx context.Context, state string) error {
	p.mu.Lock()
	early := time.Since(p.proved[state]) < p.o.Times.Head
	if !early {
		p.proved[state] = time.Now()
	}
	p.mu.Unlock()
	if early {
		return nil
	}
	ids, err := p.inside.Unproved(ctx, state, maxProofs)
	if err != nil || len(ids) == 0 {
		return err
	}
	body, err := json.Marshal(proofsWanted{ids})
	if err != nil {
		return err
	}
	b, err := p.ask(ctx, state, http.MethodPost, pathProofs, mediaJSON, body)
	if err != nil {
		return err
	}
	var got proofsGiven
	if err := json.Unmarshal(b, &got, json.RejectUnknownMembers(true)); err != nil || len(got.Proofs) != len(ids) {
		return errors.New("exchange: not one proof for each that was asked")
	}
	for i, proof := range got.Proofs {
		if len(proof) == 0 {
			continue
		}
		if err := p.inside.Proved(ctx, ids[i], proof); err != nil && !errors.Is(err, trust.ErrNotWitnessed) {
			return err
		}
	}
	return nil
}
