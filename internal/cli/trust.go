package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/exchange/member"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

// rootFile is the key of one who signs trust lists. It belongs on a machine
// without a network.
type rootFile struct {
	Format string `json:"format"`
	Name   string `json:"name"`
	Seed   []byte `json:"seed"`
	Second []byte `json:"ml_dsa_65"`
}

const rootFormat = "comity-root-key/1"

type exchangeRoot struct {
	Name string `arg:"" help:"Who signs, as 'Ministry of Norland'."`
	Key  string `required:"" help:"File for the key: keep it on a machine without a network." type:"path"`
	Out  string `short:"o" required:"" help:"File for the card, which those who draft lists need." type:"path"`
}

// Run makes the key of a root.
func (c exchangeRoot) Run(e *env) error {
	f := rootFile{Format: rootFormat, Name: c.Name, Seed: make([]byte, 32), Second: make([]byte, 32)}
	_, err1 := rand.Read(f.Seed)
	_, err2 := rand.Read(f.Second)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	k, err := envelope.NewKey(f.Seed, f.Second)
	if err != nil {
		return err
	}
	if err := e.writeJSON(c.Key, f); err != nil {
		return err
	}
	if err := e.writeJSON(c.Out, trust.Root{Name: c.Name, Key: k.Public()}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "The key of %s is %s.\n", c.Name, k.Public().ID())
	return err
}

type trustCmd struct {
	Draft   trustDraft   `cmd:"" help:"Write a list for the roots to sign."`
	Sign    trustSign    `cmd:"" help:"Sign a draft with a root's key."`
	Combine trustCombine `cmd:"" help:"Gather the roots' signatures into one list."`
	Install trustInstall `cmd:"" help:"Have this node take a list up."`
	Show    trustShow    `cmd:"" help:"Who is in a list, signed by whom, and its hash."`
}

type trustDraft struct {
	After     string   `help:"List that this one follows; without it the list is the first." type:"existingfile"`
	Community string   `help:"Name of the community; the one of the list before unless given."`
	K         int      `help:"How many roots must sign: more than half."`
	Root      []string `help:"Card of a root; with --after, all roots of the new list, where they change." type:"existingfile"`
	State     []string `help:"Card of a state's node: new, or in place of the one before." type:"existingfile"`
	Leave     []string `help:"State that leaves."`
	Revoke    []string `help:"Key of statements that counts no more, by its id: from now on, or with @2026-12-08 from that day on."`
	Days      int      `default:"365" help:"How long the list is in force."`
	Out       string   `short:"o" required:"" help:"File for the draft." type:"path"`
}

// Run drafts a list.
func (c trustDraft) Run(e *env) error {
	now := time.Now()
	l := trust.List{Header: envelope.Header{Issuer: "roots", Key: "roots", Salt: make([]byte, envelope.SaltSize)}}
	if c.After != "" {
		before, err := e.readList(c.After)
		if err != nil {
			return err
		}
		l = *before
		l.Salt = make([]byte, envelope.SaltSize)
	}
	if _, err := rand.Read(l.Salt); err != nil {
		return err
	}
	l.Version++
	l.Issued, l.Expires = stix.FormatTime(now), stix.FormatTime(now.AddDate(0, 0, c.Days))
	if c.Community != "" {
		l.Community = c.Community
	}
	if c.K > 0 {
		l.K = c.K
	}
	if len(c.Root) > 0 {
		l.Roots = nil
	}
	for _, name := range c.Root {
		var r trust.Root
		if err := e.readCard(name, &r); err != nil {
			return err
		}
		l.Roots = append(l.Roots, r)
	}
	for _, name := range c.State {
		var s trust.State
		if err := e.readCard(name, &s); err != nil {
			return err
		}
		l.Put(s)
	}
	for _, id := range c.Leave {
		if !l.Leave(id) {
			return fmt.Errorf("the list has no state %s", id)
		}
	}
	for _, key := range c.Revoke {
		key, day, later := strings.Cut(key, "@")
		at := now
		if later {
			var err error
			if at, err = time.Parse(time.DateOnly, day); err != nil || at.Before(now) {
				return fmt.Errorf("a key is revoked from a day to come on, as KEY@2026-12-08: %q", day)
			}
		}
		if !l.Revoke(key, at) {
			return fmt.Errorf("no state in the list has a key %s", key)
		}
	}
	if err := l.Check(); err != nil {
		return err
	}
	payload, err := envelope.Marshal(l)
	if err != nil {
		return err
	}
	return e.writeBytes(c.Out, payload)
}

func (e *env) writeBytes(name string, b []byte) error {
	return e.write(name, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

func (e *env) readCard(name string, to any) error {
	b, err := e.readBounded(name, 1<<20)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("%s is not a card: %w", name, err)
	}
	return nil
}

// readList reads a sealed list without asking who signed it.
func (e *env) readList(name string) (*trust.List, error) {
	b, err := e.readBounded(name, 4<<20)
	if err != nil {
		return nil, err
	}
	s, err := envelope.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var l trust.List
	if s.Purpose != envelope.ForTrustList {
		return nil, fmt.Errorf("%s is no trust list", name)
	}
	return &l, envelope.Unmarshal(s.Payload, &l)
}

type trustSign struct {
	Draft string `arg:"" help:"Draft." type:"existingfile"`
	Key   string `required:"" help:"The root's key." type:"existingfile"`
	Out   string `short:"o" required:"" help:"File for the signed list." type:"path"`
}

// Run signs a draft.
func (c trustSign) Run(e *env) error {
	payload, err := e.readBounded(c.Draft, 4<<20)
	if err != nil {
		return err
	}
	var l trust.List
	if err := envelope.Unmarshal(payload, &l); err != nil {
		return fmt.Errorf("%s: %w", c.Draft, err)
	}
	if err := l.Check(); err != nil {
		return err
	}
	var f rootFile
	if err := e.readCard(c.Key, &f); err != nil {
		return err
	}
	if f.Format != rootFormat {
		return fmt.Errorf("%s is not a root's key", c.Key)
	}
	k, err := envelope.NewKey(f.Seed, f.Second)
	if err != nil {
		return err
	}
	sealed, err := envelope.Seal(envelope.ForTrustList, payload, k)
	if err != nil {
		return err
	}
	e.listed(&l, sealed)
	return e.writeBytes(c.Out, sealed)
}

type trustCombine struct {
	Files []string `arg:"" help:"The list as each root signed it." type:"existingfile"`
	Out   string   `short:"o" required:"" help:"File for the list." type:"path"`
}

// Run gathers signatures.
func (c trustCombine) Run(e *env) error {
	var parts [][]byte
	for _, name := range c.Files {
		b, err := e.readBounded(name, 4<<20)
		if err != nil {
			return err
		}
		parts = append(parts, b)
	}
	sealed, err := envelope.Combine(parts...)
	if err != nil {
		return err
	}
	l, err := e.readList(c.Files[0])
	if err != nil {
		return err
	}
	e.listed(l, sealed)
	return e.writeBytes(c.Out, sealed)
}

type trustInstall struct {
	File string `arg:"" help:"Signed list." type:"existingfile"`
	Pin  string `help:"For the first list: its hash, as people compared it with one another."`
}

// Run installs a list.
func (c trustInstall) Run(e *env) error {
	cfg, _, err := e.nodeConfig()
	if err != nil {
		return err
	}
	m, err := member.Open(cfg.Keys, time.Now())
	if err != nil {
		return err
	}
	b, err := e.readBounded(c.File, 4<<20)
	if err != nil {
		return err
	}
	l, err := m.Install(b, c.Pin, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "The trust list of %s, number %d, is in force here until %s: %d states.\n", l.Community, l.Version, l.Expires, len(l.States))
	return err
}

type trustShow struct {
	File string `arg:"" optional:"" help:"Signed list; the one this node holds unless given." type:"existingfile"`
}

// Run shows a list.
func (c trustShow) Run(e *env) error {
	var sealed []byte
	var err error
	if c.File != "" {
		sealed, err = os.ReadFile(c.File)
	} else {
		cfg, _, configErr := e.nodeConfig()
		if configErr != nil {
			return configErr
		}
		m, openErr := member.Open(cfg.Keys, time.Now())
		if openErr != nil {
			return openErr
		}
		sealed, err = m.Sealed()
	}
	if err != nil {
		return err
	}
	s, err := envelope.Parse(sealed)
	if err != nil {
		return err
	}
	var l trust.List
	if err := envelope.Unmarshal(s.Payload, &l); err != nil {
		return err
	}
	e.listed(&l, sealed)
	for _, s := range l.States {
		fmt.Fprintf(e.Stdout, "  %s  %s\n", s.ID, s.Address)
		for _, k := range s.Keys {
			line := "    key " + k.Key.ID() + " (" + strings.Join(k.Key.Algorithms(), ", ") + ") from " + k.From
			if k.Revoked != "" {
				line += ", revoked " + k.Revoked
			}
			fmt.Fprintln(e.Stdout, line)
		}
	}
	return nil
}

// listed says what a list is and which of its roots have signed.
func (e *env) listed(l *trust.List, sealed []byte) {
	s, err := envelope.Parse(sealed)
	if err != nil {
		return
	}
	var signed []string
	for _, r := range l.Roots {
		if s.VerifiedBy(r.Key) == nil {
			signed = append(signed, r.Name)
		}
	}
	slices.Sort(signed)
	fmt.Fprintf(e.Stdout, "%s, number %d, %s to %s: %d states\nhash %s\nsigned by %d of its %d roots (%d needed): %s\n",
		l.Community, l.Version, l.Issued, l.Expires, len(l.States), s.PayloadHash(), len(signed), len(l.Roots), l.K, strings.Join(signed, ", "))
}
