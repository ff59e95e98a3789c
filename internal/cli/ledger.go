package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/node"
)

type ledgerCmd struct {
	Verify ledgerVerify `cmd:"" help:"Check chain, commitments, tree and checkpoints from the first entry."`
	Refold ledgerRefold `cmd:"" help:"Rebuild states and rows from the events."`
	Export ledgerExport `cmd:"" help:"Write the ledger as lines of JSON."`
	Import ledgerImport `cmd:"" help:"Read an export with keys into an empty node."`
	Prove  ledgerProve  `cmd:"" help:"Write the proof that one entry is in the ledger."`
	Check  ledgerCheck  `cmd:"" help:"Check a proof, without the ledger."`
}

// progress draws a bar on the terminal; nothing where the output is not one.
func (e *env) progress(what string) node.Progress {
	f, ok := e.Stderr.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int64) {
		if bar == nil || bar.GetMax64() != total {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set64(done)
	}
}

type ledgerVerify struct {
	Refold  bool   `help:"Also fold every stream again and compare states and rows."`
	Against string `help:"Checkpoint of this ledger that others hold: a signed note, or the envelope that stands in the witnessed log." type:"existingfile"`
}

// Run verifies the ledger.
func (c ledgerVerify) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	var against []ledger.Checkpoint
	if c.Against != "" {
		b, err := e.readBounded(c.Against, 4<<20)
		if err != nil {
			return err
		}
		held, err := app.ReadLedgerCheckpoint(b)
		if err != nil {
			return err
		}
		against = append(against, held)
	}
	v, err := app.Verify(e, c.Refold, e.progress("verifying"), against...)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "%d entries hold together; %d checkpoints fit.\nHead: %s\n", v.Entries, v.Checkpoints, v.Head)
	for _, held := range against {
		fmt.Fprintf(e.Stdout, "It continues the checkpoint of %d entries that others hold.\n", held.Size)
	}
	if c.Refold {
		fmt.Fprintf(e.Stdout, "%d streams fold to what is stored.\n", v.Streams)
	}
	return nil
}

type ledgerRefold struct{}

// Run rebuilds rows.
func (ledgerRefold) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	n, err := app.Refold(e, e.progress("folding"))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%d streams folded.\n", n)
	return err
}

type ledgerExport struct {
	Out  string `short:"o" required:"" help:"File to write, - for standard output." type:"path"`
	Keys bool   `help:"With the wrapped keys, so that an empty node can take it in."`
}

// Run exports the ledger.
func (c ledgerExport) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	return e.write(c.Out, func(w io.Writer) error { return app.ExportLedger(e, w, c.Keys) })
}

// write writes a file whole or not at all.
func (e *env) write(name string, f func(io.Writer) error) error {
	if toStdout(name) {
		return f(e.Stdout)
	}
	if err := unwritten(name); err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	if err := errors.Join(f(out), out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), name)
}

type ledgerImport struct {
	File string `arg:"" help:"File to read." type:"existingfile"`
}

// Run imports a ledger.
func (c ledgerImport) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := app.ImportLedger(e, f)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%d entries read and folded.\n", n)
	return err
}

type ledgerProve struct {
	Seq      int64  `arg:"" help:"Number of the entry."`
	Disclose bool   `help:"With the entry's kept part. Private parts are never in a proof."`
	Out      string `short:"o" default:"-" help:"File to write." type:"path"`
}

// Run writes a proof.
func (c ledgerProve) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	if _, err := app.Checkpoint(e); err != nil {
		return err
	}
	p, err := app.Prove(e, c.Seq, c.Disclose)
	if err != nil {
		return err
	}
	return e.write(c.Out, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(p)
	})
}

type ledgerCheck struct {
	Proof string `arg:"" help:"Proof to check." type:"existingfile"`
	Key   string `required:"" help:"The node's public key, or a file that holds it."`
}

// Run checks a proof offline.
func (c ledgerCheck) Run(e *env) error {
	key := c.Key
	if b, err := os.ReadFile(c.Key); err == nil {
		key = string(b)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return fmt.Errorf("the public key: %w", err)
	}
	b, err := os.ReadFile(c.Proof)
	if err != nil {
		return err
	}
	p, cp, err := ledger.CheckProof(b, verifier)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "Entry %d, %s of %s, is in the ledger %s under its checkpoint of %d entries.\n", p.Seq, p.Type, p.Stream, cp.Origin, cp.Size)
	return err
}

type backupCmd struct {
	Out string `short:"o" required:"" help:"File to write." type:"path"`
}

// Run writes a backup.
func (c backupCmd) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	var m node.Manifest
	if err := e.write(c.Out, func(w io.Writer) error {
		var err error
		m, err = app.Backup(e, w, e.progress("writing"))
		return err
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "%d entries and %d documents written. The keys in %s are not in it: keep them apart.\n", m.Entries, m.Documents, app.Config().Keys)
	return err
}

type restoreCmd struct {
	File string `arg:"" help:"Backup to read." type:"existingfile"`
}

// Run restores a backup.
func (c restoreCmd) Run(e *env) error {
	cfg, _, err := e.nodeConfig()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	m, err := node.Restore(e, cfg, f, e.progress("restoring"))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.Stdout, "The backup of %s was restored and verified: %d entries, %d documents.\n", m.Time.Format("2 January 2006 15:04 MST"), m.Entries, m.Documents)
	return err
}
