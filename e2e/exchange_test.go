package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
)

// state is one of three real nodes: a folder, a configuration, a process.
type state struct {
	t      *testing.T
	id     string
	dir    string
	common string         // what roots and states hand one another
	in     []string       // words before the program's that run it in a network of its own
	seat   *nodetest.Seat // its people, at work on the same folder as the process

	mu  sync.Mutex
	log bytes.Buffer
	cmd *exec.Cmd
}

// Write keeps what the process says.
func (s *state) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(b)
}

func (s *state) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

func (s *state) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	s.t.Cleanup(cancel)
	args = append(append(slices.Clone(s.in), program.bin), args...)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = s.dir
	return cmd
}

// run runs one command of the program in the state's folder.
func (s *state) run(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %s: %v\n%s", s.id, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// serve starts the node.
func (s *state) serve() {
	s.t.Helper()
	args := append(slices.Clone(s.in), program.bin, "-c", "comity.toml", "serve")
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, s, s
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// kill ends the node as a power cut does.
func (s *state) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// threeStates are made as docs/operator says: each its node, its keys and its
// card; two roots sign the list; each installs it by its hash.
func threeStates(t *testing.T) []*state {
	t.Helper()
	return statesAt(t, func(int) string { return free(t) }, make([][]string, 3))
}

// statesAt are three states whose nodes are reached at given addresses, each run
// by words of its own.
func statesAt(t *testing.T, at func(i int) string, in [][]string) []*state {
	t.Helper()
	if err := build(t); err != nil {
		t.Fatal(err)
	}
	ids := []string{"XA", "XB", "XC"}
	all := make([]*state, len(ids))
	common := t.TempDir()
	draft := []string{"--community", "three", "--k", "2"}
	for i, id := range ids {
		s := &state{t: t, id: id, dir: t.TempDir(), common: common, in: in[i]}
		at := at(i)
		config := fmt.Sprintf("[node]\nname = %q\nstate = %q\ntitle = \"Authority of %s\"\n[web]\nlisten = %q\n[exchange]\nlisten = %q\naddress = %q\nheads = \"2s\"\npull = \"5s\"\nwait = \"4s\"\n",
			strings.ToLower(id)+".example", id, id, free(t), at, "https://"+at)
		if err := os.WriteFile(filepath.Join(s.dir, "comity.toml"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		s.run("-c", "comity.toml", "init")
		card := filepath.Join(common, id+".card")
		s.run("-c", "comity.toml", "exchange", "init", "-o", card)
		draft = append(draft, "--state", card)
		all[i] = s
	}
	one := all[0]
	for _, root := range []string{"one", "two", "three"} {
		one.run("exchange", "root", root, "--key", filepath.Join(common, root+".key"), "-o", filepath.Join(common, root+".root"))
		draft = append(draft, "--root", filepath.Join(common, root+".root"))
	}
	list := one.list("first", draft...)
	for _, st := range all {
		st.run("-c", "comity.toml", "exchange", "trust", "install", list, "--pin", pinOf(t, list))
		st.people()
	}
	return all
}

// pinOf is the hash of a list, as people compare it.
func pinOf(t *testing.T, list string) string {
	t.Helper()
	sealed, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	s, err := envelope.Parse(sealed)
	if err != nil {
		t.Fatal(err)
	}
	return s.PayloadHash().String()
}

// list drafts a trust list and has two of the three roots sign it.
func (s *state) list(name string, draft ...string) string {
	s.t.Helper()
	file := func(what string) string { return filepath.Join(s.common, what) }
	s.run(append([]string{"exchange", "trust", "draft", "-o", file(name + ".draft")}, draft...)...)
	for _, root := range []string{"one", "three"} {
		s.run("exchange", "trust", "sign", file(name+".draft"), "--key", file(root+".key"), "-o", file(name+"."+root))
	}
	s.run("exchange", "trust", "combine", file(name+".one"), file(name+".three"), "-o", file(name+".json"))
	return file(name + ".json")
}

// people opens accounts for the state's people.
func (s *state) people() {
	s.t.Helper()
	s.sit()
	s.seat.People()
}

// sit opens the state's folder beside its process, as an operator's command does.
func (s *state) sit() {
	s.t.Helper()
	cfg := node.Config{Name: strings.ToLower(s.id) + ".example", State: s.id, Dir: filepath.Join(s.dir, "data"), Keys: filepath.Join(s.dir, "data-keys"), Engine: store.SQLite}
	app, err := node.Open(s.t.Context(), cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = app.Close() })
	m, err := member.Open(cfg.Keys, time.Now())
	switch {
	case errors.Is(err, member.ErrNone): // it speaks with nobody
	case err != nil:
		s.t.Fatal(err)
	default:
		app.UseTrust(m.List())
	}
	if s.seat == nil {
		s.seat = &nodetest.Seat{T: s.t}
	}
	s.seat.App = app
}

// holds counts the statements that the state has and may show.
func (s *state) holds() (n int) {
	s.t.Helper()
	if err := s.seat.App.Store().View(s.t.Context(), func(t *store.Tx) error {
		all, err := t.ListEnvelopes(store.EnvelopeList{Purpose: string(envelope.ForStatement), States: []store.EnvelopeState{store.Current}, Limit: 100})
		n = len(all)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// witnessed counts the envelopes of a state of which a quorum has seen the leaf.
func (s *state) witnessed(issuer string) (n int) {
	s.t.Helper()
	if err := s.seat.App.Store().View(s.t.Context(), func(t *store.Tx) error {
		all, err := t.ListEnvelopes(store.EnvelopeList{Purpose: string(envelope.ForStatement), States: []store.EnvelopeState{store.Current}, Limit: 100})
		for _, e := range all {
			if e.Issuer == issuer && !e.Witnessed.IsZero() {
				n++
			}
		}
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// owing are the states whose answer to a recall is missing.
func (s *state) owing() (states []string) {
	s.t.Helper()
	open, err := s.seat.App.OpenRecalls(s.t.Context(), s.seat.Auditor)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range open {
		states = append(states, o.State)
	}
	return slices.Compact(states)
}

// cosigned says, asked again and again, whether both others have cosigned a log.
func (s *state) cosigned(log string) func() bool {
	return func() bool {
		said := s.run("-c", "comity.toml", "exchange", "status")
		return strings.Contains(said, "The log "+log+" has") && strings.Contains(said, "2 witnesses have cosigned that, 2 are needed")
	}
}

func (s *state) until(what string, f func() bool) {
	s.t.Helper()
	for end := time.Now().Add(3 * time.Minute); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s: never came: %s\n%s", s.id, what, s.said())
		}
	}
}

// Three nodes, each a process of its own with a folder of its own, exchange a
// report, narrow its audience and recall it; one of them is killed on the way.
// Receipts come back, and of what was recalled nothing is left that could be
// read.
func TestThreeNodesExchange(t *testing.T) {
	all := threeStates(t)
	a, b, c := all[0], all[1], all[2]
	for _, s := range all {
		s.serve()
		t.Cleanup(s.kill)
	}
	a.until("a first head", a.cosigned("xa.example/log"))
	a.run("-c", "comity.toml", "backup", "-o", "early.tar")
	const canary = "Canary of the quiet lens"
	w := nodetest.Said(time.Now(), canary, "Interior Ministry Unit 4", "XB", "XC")
	a.seat.Issue(w)
	b.until("the report", func() bool { return b.holds() == 3 })
	c.until("the report", func() bool { return c.holds() == 3 })
	secrets := c.secrets()

	// Both hear from a quorum that the report stands in the log of XA.
	for _, s := range []*state{b, c} {
		s.until("the witnesses' word", func() bool { return s.witnessed("XA") == 3 })
	}

	// XC falls out: it is asked to erase it and answers with receipts.
	a.seat.Do(a.seat.Contact, dispatch.Narrow{OnPaper: w.OnPaper, Audience: []string{"XB"}})
	c.until("the recall", func() bool { return c.holds() == 0 })
	a.until("the receipts of XC", func() bool { return len(a.owing()) == 0 })

	// XB is down when the report is taken back; it hears of it when it returns.
	b.kill()
	a.seat.Do(a.seat.Contact, dispatch.Recall{OnPaper: w.OnPaper, From: []string{"XB"}, Disposal: "erase", Why: "The source withdrew."})
	if got := a.owing(); !slices.Equal(got, []string{"XB"}) {
		t.Fatalf("owing: %v", got)
	}
	b.serve()
	b.until("the recall", func() bool { return b.holds() == 0 })
	a.until("the receipts of XB", func() bool { return len(a.owing()) == 0 })

	// Each log is cosigned by both others, and holds the node's own ledger.
	for _, s := range all {
		s.until("two cosignatures", s.cosigned(strings.ToLower(s.id)+".example/log"))
	}
	a.run("-c", "comity.toml", "exchange", "checkpoint", "-o", "held")
	if got := a.run("-c", "comity.toml", "ledger", "verify", "--against", filepath.Join("held", "checkpoint.json")); !strings.Contains(got, "that others hold") {
		t.Error(got)
	}
	if got := c.run("-c", "comity.toml", "doctor"); strings.Contains(got, "WRONG") {
		t.Error(got)
	}

	// Nothing is left at XC: not in its database, its log of writes, its
	// documents, its export, its backup.
	c.run("-c", "comity.toml", "ledger", "export", "-o", filepath.Join(c.dir, "export.jsonl"), "--keys")
	c.run("-c", "comity.toml", "backup", "-o", filepath.Join(c.dir, "backup.tar"))
	for name, secret := range secrets {
		c.until("the end of "+name, func() bool { return found(t, c.dir, secret) == "" })
	}
	if at := found(t, c.dir, []byte(canary)); at != "" {
		t.Errorf("the words are in %s", at)
	}

	// XA burns down and is restored from the early backup: the others know that
	// its log was longer, and it begins the next epoch.
	a.kill()
	if err := os.Rename(filepath.Join(a.dir, "data"), filepath.Join(a.dir, "burnt")); err != nil {
		t.Fatal(err)
	}
	a.run("-c", "comity.toml", "restore", "early.tar")
	a.serve()
	a.until("a new epoch", a.cosigned("xa.example/log/epoch/2"))
	if !strings.Contains(a.said(), "restored from before its last witnessed head") {
		t.Errorf("XA does not say what it lost:\n%s", a.said())
	}
	for _, s := range all {
		if strings.Contains(s.said(), canary) {
			t.Errorf("%s wrote what a statement says into its log", s.id)
		}
		if out := s.run("-c", "comity.toml", "ledger", "verify", "--refold"); !strings.Contains(out, "hold together") {
			t.Error(out)
		}
	}
}

// secrets are the wrapped keys of the statements that a state holds: whoever has
// one of them and the folder of keys can read.
func (s *state) secrets() map[string][]byte {
	s.t.Helper()
	out := map[string][]byte{}
	if err := s.seat.App.Store().View(s.t.Context(), func(t *store.Tx) error {
		all, err := t.ListEnvelopes(store.EnvelopeList{Purpose: string(envelope.ForStatement), States: []store.EnvelopeState{store.Current}, Limit: 100})
		if err != nil {
			return err
		}
		for _, e := range all {
			out["the content of "+e.ID] = e.Sealed[len(e.Sealed)-40:]
			_, wrapped, _, err := t.SealKey(node.StatementStream(e.ID))
			if err != nil {
				return err
			}
			out["the key of "+e.ID] = wrapped
		}
		return nil
	}); err != nil || len(out) != 6 {
		s.t.Fatal(err, len(out))
	}
	return out
}

// found is the first file under a folder that holds some bytes.
func found(t *testing.T, dir string, what []byte) (name string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name != "" {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, what) {
			name = path
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return name
}
