package exchange

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/time/rate"

	"github.com/comity-project/comity/internal/exchange/httpsig"
	"github.com/comity-project/comity/statement/trust"
)

// Paths of the exchange.
const (
	Prefix      = "/ex/v1/"
	pathOutbox  = Prefix + "outbox"
	pathHint    = Prefix + "hint"
	pathProofs  = Prefix + "proofs"
	pathRelay   = Prefix + "relay"
	pathGrants  = Prefix + "grants"
	pathTrust   = Prefix + "trust"
	pathHeld    = Prefix + "witness/held"
	pathAdd     = Prefix + "witness/add-checkpoint"
	pathLog     = Prefix + "log/"
	pathChecked = pathLog + "checkpoint"
)

// budget is what one peer may ask of us: how often, and how much at once.
type budget struct {
	rate *rate.Limiter
	slot chan struct{}
}

// page is what a peer is given of its outbox.
type page struct {
	Items []wireItem `json:"items"`
	Next  string     `json:"next"` // to be given back as "after"
	More  bool       `json:"more,omitempty"`
	Trust int64      `json:"trust"` // number of the trust list held here
}

// wireItem carries an envelope as it is, or encrypted for the receiving node.
type wireItem struct {
	Envelope []byte `json:"envelope,omitempty"`
	Age      []byte `json:"age,omitempty"`
	Proof    []byte `json:"proof,omitempty"`
}

// answer is what a handler gives.
type answer struct {
	status int
	media  string
	body   []byte
}

func text(status int, format string, args ...any) answer {
	return answer{status, mediaText, fmt.Appendf(nil, format+"\n", args...)}
}

type handler func(ctx context.Context, from string, r *http.Request, body []byte) (answer, error)

// Server is the server of the exchange, for a listener of its own: its
// certificate is the node's, and who connects must show one that the trust list
// holds.
func (p *Peers) Server() *http.Server {
	return &http.Server{
		Handler: p.Handler(), ReadHeaderTimeout: min(p.o.Times.Whole, 10*time.Second), ReadTimeout: p.o.Times.Whole, WriteTimeout: 2 * p.o.Times.Whole, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug), // strangers at the door are no errors of ours
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.member.Certificate(), nil }, ClientAuth: tls.RequireAnyClientCert,
			VerifyConnection: func(c tls.ConnectionState) error {
				_, err := p.presented(c)
				return err
			},
		},
	}
}

// Handler answers the other states' nodes, over TLS alone.
func (p *Peers) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET " + pathOutbox:  p.serveOutbox,
		"POST " + pathHint:   p.serveHint,
		"POST " + pathProofs: p.serveProofs,
		"POST " + pathRelay:  p.serveRelay,
		"POST " + pathGrants: p.serveGrants,
		"GET " + pathTrust:   p.serveTrust,
		"GET " + pathHeld:    p.serveHeld,
		"POST " + pathAdd:    p.serveAdd,
		"GET " + pathChecked: p.serveCheckpoint,
		"GET " + pathLog:     p.serveTile,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, h) })
	}
	return mux
}

// serve finds out who asks, bounds it, and signs what is answered.
func (p *Peers) serve(w http.ResponseWriter, r *http.Request, h handler) {
	from, in, body, err := p.authenticate(w, r)
	if err != nil {
		refuse(w, err, p.nonces.Run())
		return
	}
	var a answer
	if done, ok := p.admit(from); !ok {
		a = text(http.StatusTooManyRequests, "too many requests: wait a little")
	} else {
		defer done()
		ctx, cancel := context.WithTimeout(r.Context(), p.o.Times.Whole)
		defer cancel()
		if a, err = h(ctx, from, r, body); err != nil {
			p.log.Error("a peer was not answered", "state", from, "path", r.URL.Path, "err", err)
			a = text(http.StatusInternalServerError, "not now")
		}
	}
	w.Header().Set("Content-Type", a.media)
	m := &httpsig.Message{Status: a.status, Header: w.Header(), Asked: httpsig.Received(r)}
	if err := httpsig.Sign(m, a.body, p.member.RequestKey(), p.member.RequestID(), in.Params.Nonce, p.o.Now()); err != nil {
		p.log.Error("an answer was not signed", "state", from, "err", err)
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// authenticate gives the state whose certificate and request key spoke.
func (p *Peers) authenticate(w http.ResponseWriter, r *http.Request) (string, *httpsig.Input, []byte, error) {
	if r.TLS == nil {
		return "", nil, nil, errors.New("exchange: over TLS alone")
	}
	from, err := p.presented(*r.TLS)
	if err != nil {
		return "", nil, nil, err
	}
	if from == p.member.State() {
		return "", nil, nil, errors.New("exchange: this node asks itself")
	}
	// What was signed for another node is not for us, whoever hands it on.
	if own, err := p.address(p.member.State()); err == nil {
		if u, err := url.Parse(own); err == nil && !strings.EqualFold(u.Host, r.Host) {
			return "", nil, nil, fmt.Errorf("exchange: asked for %.100q, and this is %s", r.Host, u.Host)
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAsked))
	if err != nil {
		return "", nil, nil, err
	}
	in, err := httpsig.Verify(httpsig.Received(r), body, p.keysOf(from), p.o.Now())
	if err == nil {
		err = p.nonces.Use(in, p.o.Now())
	}
	return from, in, body, err
}

// refuse answers one who is not known to be anybody.
func refuse(w http.ResponseWriter, err error, run string) {
	status := http.StatusForbidden
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, httpsig.ErrRun):
		status = http.StatusUnauthorized
		w.Header().Set(runHeader, run)
	case errors.Is(err, httpsig.ErrFull):
		status = http.StatusTooManyRequests
	case errors.As(err, &large):
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, err.Error(), status)
}

// admit counts a request of a state; done gives its place back.
func (p *Peers) admit(state string) (done func(), ok bool) {
	p.mu.Lock()
	a := p.asking[state]
	if a == nil {
		a = &budget{rate.NewLimiter(perSecond, burst), make(chan struct{}, atOnce)}
		p.asking[state] = a
	}
	p.mu.Unlock()
	if !a.rate.Allow() {
		return nil, false
	}
	select {
	case a.slot <- struct{}{}:
		return func() { <-a.slot }, true
	default:
		return nil, false
	}
}

func (p *Peers) serveHint(_ context.Context, from string, _ *http.Request, _ []byte) (answer, error) {
	wake(p.hint(from))
	return answer{http.StatusOK, mediaJSON, []byte("{}")}, nil
}

// serveTrust gives the trust list held here: signed by the roots, it needs no
// faith in who hands it on.
func (p *Peers) serveTrust(context.Context, string, *http.Request, []byte) (answer, error) {
	b, err := p.member.Sealed()
	return answer{http.StatusOK, mediaJSON, b}, err
}

func (p *Peers) serveOutbox(ctx context.Context, from string, r *http.Request, _ []byte) (answer, error) {
	q := r.URL.Query()
	epoch, err := p.epoch(ctx)
	if err != nil {
		return answer{}, err
	}
	after, err := p.number(from, q.Get("after"), epoch)
	limit := maxItems
	if n, convErr := strconv.Atoi(q.Get("limit")); convErr == nil && n > 0 {
		limit = min(n, maxItems)
	}
	if err != nil {
		return text(http.StatusBadRequest, "%v", err), nil
	}
	l := p.member.List()
	if err := l.Live(p.o.Now()); err != nil {
		return text(http.StatusServiceUnavailable, "%v: nothing is sent", err), nil
	}
	// A place where nothing is for the state stays as it was: that something was
	// passed over would tell it what it may not know.
	out := page{Items: []wireItem{}, Next: p.cursor(from, after, epoch), Trust: l.Version}
	items, err := p.outgoing(ctx, from, after, limit)
	if err != nil {
		return answer{}, err
	}
	size := 0
	for _, item := range items {
		if size += len(item.Envelope) + len(item.Proof); size > maxPage && len(out.Items) > 0 {
			break
		}
		on := wireItem{Envelope: item.Envelope, Proof: item.Proof}
		if item.Secret {
			on.Envelope = nil
			if on.Age, err = p.member.Encrypt(item.Envelope, from); err != nil {
				return answer{}, err
			}
		}
		out.Items = append(out.Items, on)
		after = item.Seq
	}
	if len(out.Items) > 0 {
		out.Next = p.cursor(from, after, epoch)
		more, err := p.outgoing(ctx, from, after, 1)
		if err != nil {
			return answer{}, err
		}
		out.More = len(more) > 0
	}
	b, err := json.Marshal(out)
	return answer{http.StatusOK, mediaJSON, b}, err
}

// outgoing goes on until there is something or nothing is left.
func (p *Peers) outgoing(ctx context.Context, to string, after int64, limit int) ([]Item, error) {
	for {
		items, next, err := p.inside.Outgoing(ctx, to, after, limit)
		if err != nil || len(items) > 0 || next <= after {
			return items, err
		}
		after = next
	}
}

// A cursor hides the number: numbers that are missing would tell a state how
// much there is for others. It is one block of AES over number, epoch and state.
// The epoch is that of the log: a node restored from an older backup gives its
// numbers anew, and a place of the epoch before is the beginning.

func (p *Peers) cursor(state string, n, epoch int64) string {
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))      //nolint:gosec // numbers begin with 0
	binary.BigEndian.PutUint32(b[8:], uint32(epoch)) //nolint:gosec // they are few
	who := sha256.Sum256([]byte(state))
	copy(b[12:], who[:])
	p.member.Cursors().Encrypt(b[:], b[:])
	return hex.EncodeToString(b[:])
}

func (p *Peers) number(state, cursor string, epoch int64) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	var b [aes.BlockSize]byte
	if n, err := hex.Decode(b[:], []byte(cursor[:min(len(cursor), 2*len(b))])); err != nil || n != len(b) || len(cursor) != 2*len(b) {
		return 0, errPlace
	}
	p.member.Cursors().Decrypt(b[:], b[:])
	n, of := int64(binary.BigEndian.Uint64(b[:])), int64(binary.BigEndian.Uint32(b[8:])) //nolint:gosec // checked below
	switch {
	case n < 0 || p.cursor(state, n, of) != cursor:
		return 0, errPlace
	case of != epoch:
		return 0, nil
	}
	return n, nil
}

var errPlace = errors.New("exchange: not a place in this outbox")

// epoch is the one that the node's log is in.
func (p *Peers) epoch(ctx context.Context) (int64, error) {
	head, err := p.inside.LogHead(ctx)
	if err != nil || head == nil {
		return 1, err
	}
	origin, _, _ := bytes.Cut(head, []byte("\n"))
	_, epoch, err := trust.EpochOf(string(origin))
	return epoch, err
}
