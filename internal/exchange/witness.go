package exchange

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

const (
	maxProof  = 64 // hashes: more than any tree needs
	mediaSize = "text/x.tlog.size"
)

// serveAdd cosigns a checkpoint that continues the one that was cosigned before
// (C2SP tlog-witness). A state has its own log cosigned and no other's.
func (p *Peers) serveAdd(_ context.Context, from string, _ *http.Request, body []byte) (answer, error) {
	old, proof, signed, err := parseAdd(body)
	if err != nil {
		return text(http.StatusBadRequest, "%v", err), nil
	}
	state, ok := p.member.List().State(from)
	if !ok || state.Log == "" {
		return text(http.StatusNotFound, "no log of this state is known"), nil
	}
	key, err := state.LogOf(signed)
	if err != nil {
		return text(http.StatusNotFound, "%v", err), nil
	}
	next, err := tlog.Open(signed, key)
	if err != nil {
		return text(http.StatusForbidden, "%v", err), nil
	}
	listed, epoch, err := trust.EpochOf(next.Origin)
	if err != nil {
		return text(http.StatusNotFound, "%v", err), nil
	}
	p.witness.mu.Lock() // one at a time, so that nobody is cosigned twice over
	defer p.witness.mu.Unlock()
	was, err := p.member.Held(listed)
	if err != nil {
		return answer{}, err
	}
	var held tlog.Checkpoint
	if was != nil {
		if held, err = lastOf(state, was); err != nil {
			return answer{}, err
		}
		_, heldEpoch, err := trust.EpochOf(held.Origin)
		if err != nil {
			return answer{}, err
		}
		switch {
		case epoch < heldEpoch || epoch > heldEpoch+1:
			return text(http.StatusForbidden, "this log is in epoch %d", heldEpoch), nil
		case epoch == heldEpoch+1:
			p.log.Warn("a log begins anew", "state", from, "origin", next.Origin, "lost", held.Size)
			held = tlog.Checkpoint{}
		case tlog.Split(held, next.Checkpoint):
			p.log.Error("a log shows two histories", "state", from, "size", held.Size)
			return text(http.StatusConflict, "two roots of size %d", held.Size), p.member.Split(listed, was, signed)
		}
	}
	if old != held.Size {
		return answer{http.StatusConflict, mediaSize, fmt.Appendf(nil, "%d\n", held.Size)}, nil
	}
	cosigner, err := p.member.Cosigner(p.o.Now())
	if err != nil {
		return answer{}, err
	}
	whole, _, err := cosigner.Cosign(signed, key, held, proof)
	if err != nil {
		return text(http.StatusUnprocessableEntity, "%v", err), nil
	}
	if err := p.member.Hold(listed, was, whole); err != nil {
		return answer{}, err
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	return answer{http.StatusOK, mediaText, append(lines[len(lines)-1], '\n')}, nil
}

// lastOf reads a checkpoint that this node cosigned before.
func lastOf(state *trust.State, was []byte) (tlog.Checkpoint, error) {
	key, err := state.LogOf(was)
	if err != nil {
		return tlog.Checkpoint{}, err
	}
	o, err := tlog.Open(was, key)
	if err != nil {
		return tlog.Checkpoint{}, err
	}
	return o.Checkpoint, nil
}

// serveHeld gives a state the last checkpoint of its log that was cosigned here.
func (p *Peers) serveHeld(_ context.Context, from string, _ *http.Request, _ []byte) (answer, error) {
	state, ok := p.member.List().State(from)
	if !ok || state.Log == "" {
		return text(http.StatusNotFound, "no log of this state is known"), nil
	}
	listed, err := note.NewVerifier(state.Log)
	if err != nil {
		return answer{}, err
	}
	was, err := p.member.Held(listed.Name())
	if err != nil || was == nil {
		return text(http.StatusNotFound, "nothing was cosigned"), err
	}
	return answer{http.StatusOK, mediaText, was}, nil
}

// parseAdd reads the body of add-checkpoint: the size that was cosigned, the
// proof, an empty line, the checkpoint.
func parseAdd(body []byte) (old int64, proof []tlog.Hash, signed []byte, err error) {
	head, signed, ok := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	size, isOld := strings.CutPrefix(lines[0], "old ")
	if old, err = strconv.ParseInt(size, 10, 64); !ok || !isOld || err != nil || old < 0 || strconv.FormatInt(old, 10) != size {
		return 0, nil, nil, errors.New("exchange: add-checkpoint begins with the old size")
	}
	if len(lines)-1 > maxProof {
		return 0, nil, nil, errors.New("exchange: the proof is too long")
	}
	for _, line := range lines[1:] {
		b, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(b) != len(tlog.Hash{}) {
			return 0, nil, nil, errors.New("exchange: the proof is made of hashes in base64")
		}
		proof = append(proof, tlog.Hash(b))
	}
	return old, proof, signed, nil
}

func addBody(old int64, proof []tlog.Hash, signed []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	for _, h := range proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteByte('\n')
	b.Write(signed)
	return b.Bytes()
}

// serveCheckpoint and serveTile publish the node's log to the other states, as
// C2SP tlog-tiles has it. Entries are not published: leaves are salted hashes.
func (p *Peers) serveCheckpoint(ctx context.Context, _ string, _ *http.Request, _ []byte) (answer, error) {
	head, err := p.inside.LogHead(ctx)
	if err != nil || head == nil {
		return text(http.StatusNotFound, "the log has no checkpoint yet"), err
	}
	return answer{http.StatusOK, mediaText, head}, nil
}

func (p *Peers) serveTile(ctx context.Context, _ string, r *http.Request, _ []byte) (answer, error) {
	t, err := tlog.ParseTile(strings.TrimPrefix(r.URL.Path, pathLog))
	if err != nil {
		return text(http.StatusNotFound, "%v", err), nil
	}
	b, err := p.inside.LogTile(ctx, t)
	if err != nil {
		return text(http.StatusNotFound, "%v", err), nil
	}
	return answer{http.StatusOK, "application/octet-stream", b}, nil
}

// witnessing is what a witness and a log remember while they run.
type witnessing struct {
	mu sync.Mutex // held while something is cosigned

	sizes  map[string]int64     // what a witness cosigned last, as far as we know
	next   map[string]time.Time // when a witness that failed is asked again
	failed map[string]int
	whole  []byte // the head that all witnesses of the list under have cosigned
	under  *trust.List
}
