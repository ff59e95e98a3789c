package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/trust"
)

type exchangeCmd struct {
	Init       exchangeInit       `cmd:"" help:"Make this node's keys for the exchange, and its card for the trust list."`
	Card       exchangeCard       `cmd:"" help:"Write this node's card again."`
	Root       exchangeRoot       `cmd:"" help:"Make the key of one who signs trust lists."`
	Trust      trustCmd           `cmd:"" help:"The community's trust list: draft, sign, combine, install, show."`
	Renew      exchangeRenew      `cmd:"" help:"Renew the keys of statements, of connections and of requests."`
	Status     exchangeStatus     `cmd:"" help:"Other states' nodes: when they answered, what was refused, how their clocks differ."`
	Checkpoint exchangeCheckpoint `cmd:"" help:"Write the newest checkpoint of the case ledger that stands in the witnessed log, with its proof."`
}

// says are the public keys that a node says things with.
func says(app *node.App, classic bool) member.Saying {
	s := member.Saying{Log: app.LogKey()}
	for _, k := range app.StatementKeys() {
		key := trust.Key{Key: k.Quantum, From: k.Made}
		if classic {
			key.Key = k.Plain
		}
		s.Statements = append(s.Statements, key)
	}
	return s
}

type exchangeInit struct {
	Out     string `short:"o" default:"-" help:"File for the card." type:"path"`
	Classic bool   `help:"Statements are signed with Ed25519 alone, without ML-DSA-65 beside it."`
}

// Run makes the keys.
func (c exchangeInit) Run(e *env) error {
	app, s, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	if s.Node.State == "" || s.Exchange.Address == "" {
		return errors.New("the exchange needs node.state and exchange.address in the configuration; see docs/operator")
	}
	m, err := member.Create(app.Config().Keys, member.Options{State: s.Node.State, Name: s.Node.Name, Address: s.Exchange.Address, Now: app.Now()})
	if err != nil {
		return err
	}
	if err := e.card(app, m, c.Out, c.Classic); err != nil {
		return err
	}
	fmt.Fprintf(e.Stderr, "Keys of %s for the exchange are in %s. Give the card to those who sign the trust list, by a way on which nobody can change it.\n", m.State(), app.Config().Keys)
	return nil
}

func (e *env) card(app *node.App, m *member.Member, out string, classic bool) error {
	card, err := m.Card(says(app, classic))
	if err != nil {
		return err
	}
	return e.writeJSON(out, card)
}

func (e *env) writeJSON(out string, v any) error {
	return e.write(out, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	})
}

type exchangeCard struct {
	Out     string `short:"o" default:"-" help:"File for the card." type:"path"`
	Classic bool   `help:"With the Ed25519 key alone."`
}

// Run writes the card.
func (c exchangeCard) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	m, err := member.Open(app.Config().Keys, app.Now())
	if err != nil {
		return err
	}
	return e.card(app, m, c.Out, c.Classic)
}

type exchangeRenew struct {
	Use     string `help:"Day from which the new keys are used, as 2026-12-01; as soon as the trust list knows them unless given."`
	Finish  bool   `help:"Forget the old keys of connections and requests: the new ones are in use."`
	Out     string `short:"o" default:"-" help:"File for the card." type:"path"`
	Classic bool   `help:"The card has Ed25519 keys alone."`
}

// Run begins a renewal, or ends one, and writes the card that says so.
func (c exchangeRenew) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	now := app.Now()
	m, err := member.Open(app.Config().Keys, now)
	if err != nil {
		return err
	}
	if c.Finish {
		if err := m.Finish(now); err != nil {
			return err
		}
	} else if err := e.renew(app, m, c.Use); err != nil {
		return err
	}
	if err := e.card(app, m, c.Out, c.Classic); err != nil {
		return err
	}
	keys := says(app, c.Classic).Statements
	if !c.Finish {
		fmt.Fprintf(e.Stderr, "The new keys are in %s: copy them. Start the node again, and give the card to those who sign the trust list: they draft with --state CARD. When the new keys are in use: comity exchange renew --finish.\n", app.Config().Keys)
		return nil
	}
	fmt.Fprintln(e.Stderr, "The old keys of connections and requests are forgotten. Start the node again, and have a list drafted with --state CARD that ends the old keys of statements:")
	for _, k := range keys[:len(keys)-1] {
		fmt.Fprintf(e.Stderr, "  --revoke %s\n", k.Key.ID())
	}
	return nil
}

func (e *env) renew(app *node.App, m *member.Member, day string) error {
	use := app.Now()
	if day != "" {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return fmt.Errorf("--use is a day, as 2026-12-01: %w", err)
		}
		use = at
	}
	if err := m.Renew(use, app.Now()); err != nil {
		return err
	}
	return app.RenewStatementKey(use)
}

type exchangeStatus struct{}

// Run tells of peers.
func (exchangeStatus) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	m, err := member.Open(app.Config().Keys, app.Now())
	if err != nil {
		return err
	}
	return e.peers(app, m)
}

func (e *env) peers(app *node.App, m *member.Member) error {
	peers, err := app.Peers(e)
	if err != nil {
		return err
	}
	known := map[string]store.ExchangePeer{}
	for _, p := range peers {
		known[p.State] = p
	}
	w := tabwriter.NewWriter(e.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "state\tlast answer\tclock ahead by\trefused\tfailing since\twhy")
	if l := m.List(); l != nil {
		for _, s := range l.States {
			if s.ID == m.State() {
				continue
			}
			p := known[s.ID]
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", s.ID, moment(p.Reached), p.Skew, p.Refused, moment(p.Failed), strings.TrimSpace(p.Why+" "+p.Refusal))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if use, inUse := m.Renewing(); inUse {
		fmt.Fprintln(e.Stdout, "The renewed keys are in use: comity exchange renew --finish forgets the old ones.")
	} else if !use.IsZero() {
		fmt.Fprintf(e.Stdout, "Keys are being renewed: the new ones are used from %s on, once the trust list knows them.\n", moment(use))
	}
	head, size, err := app.LogHead(e)
	if err != nil {
		return err
	}
	if size == 0 {
		fmt.Fprintln(e.Stdout, "The log has no head yet.")
		return nil
	}
	cosigned := strings.Count(string(head), "\n\u2014 ") - 1
	origin, _, _ := strings.Cut(string(head), "\n")
	needed := 0
	if l := m.List(); l != nil {
		needed = trust.Quorum(len(l.States) - 1)
	}
	fmt.Fprintf(e.Stdout, "The log %s has %d leaves; %d witnesses have cosigned that, %d are needed.\n", origin, size, cosigned, needed)
	splits, err := m.Splits()
	if err != nil {
		return err
	}
	for _, s := range splits {
		origin, _, _ := strings.Cut(string(s), "\n")
		fmt.Fprintf(e.Stdout, "PROOF that the log %s showed two histories lies in the folder of keys.\n", origin)
	}
	return nil
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

type exchangeCheckpoint struct {
	Out string `short:"o" required:"" help:"Folder for checkpoint.json and checkpoint.proof." type:"path"`
}

// Run writes the checkpoint.
func (c exchangeCheckpoint) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	signed, proof, at, err := app.LedgerCheckpoint(e)
	if err != nil {
		return err
	}
	if signed == nil {
		return errors.New("no checkpoint of the case ledger stands in the log yet")
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	for name, b := range map[string][]byte{"checkpoint.json": signed, "checkpoint.proof": proof} {
		if err := e.write(filepath.Join(c.Out, name), func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		}); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(e.Stdout, "The checkpoint of %s, with the proof that it stands in the log. Check it with comity statement verify, and this node with comity ledger verify --against.\n", moment(at))
	return err
}

// doctorExchange looks at this node among others.
func (e *env) doctorExchange(app *node.App, s Settings, say func(bool, string, string)) {
	m, err := member.Open(app.Config().Keys, app.Now())
	if errors.Is(err, member.ErrNone) {
		say(s.Exchange.Listen == "", "keys for the exchange", "run comity exchange init, or take exchange.listen out of the configuration")
		return
	}
	say(err == nil, "keys for the exchange can be read", fmt.Sprint(err))
	if err != nil {
		return
	}
	why := m.Check(says(app, false), app.Now())
	if why != nil && m.Check(says(app, true), app.Now()) == nil {
		why = nil // the list has the Ed25519 key alone
	}
	say(why == nil, "the trust list knows this node", fmt.Sprint(why))
	l := m.List()
	if l == nil {
		return
	}
	say(l.Until().Sub(app.Now()) > 30*24*time.Hour, fmt.Sprintf("the trust list, number %d, is in force until %s", l.Version, l.Expires), "ask the roots for the next one")
	peers, err := app.Peers(e)
	say(err == nil, "what is known of peers can be read", fmt.Sprint(err))
	for _, p := range peers {
		if _, ok := l.State(p.State); !ok {
			continue
		}
		say(p.Why == "", "the node of "+p.State+" answers, last on "+moment(p.Reached), fmt.Sprintf("failing since %s: %s", moment(p.Failed), p.Why))
		say(p.Skew.Abs() < time.Minute, fmt.Sprintf("its clock and ours are %s apart", p.Skew.Abs()), "set the clocks: at five minutes nothing passes")
	}
	splits, err := m.Splits()
	say(err == nil && len(splits) == 0, "no log that this node witnesses showed two histories", "tell the community: the proofs lie with the keys")
}
