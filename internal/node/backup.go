package node

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// A backup is one tar file: manifest.json, tables/NAME.jsonl for each table in
// one snapshot, then documents/HASH as they lie in the vault, encrypted, and the
// node's public key. The folder of keys is never in it: whoever holds a backup
// alone can read no document and no private part.

const backupFormat = "comity/backup/v1"

// Manifest says what a backup holds.
type Manifest struct {
	Format    string           `json:"format"`
	Name      string           `json:"name"` // of the ledger
	Time      time.Time        `json:"time"` // UTC
	Schema    int64            `json:"schema"`
	Entries   int64            `json:"entries"`
	Head      string           `json:"head"` // chain hash of the last entry, hexadecimal
	Tables    map[string]int64 `json:"tables,omitempty"`
	Documents int64            `json:"documents"`
}

// Backup writes a backup of the running node. Commands go on meanwhile: the
// tables are one snapshot, and documents never change once written.
func (a *App) Backup(ctx context.Context, w io.Writer, progress Progress) (m Manifest, err error) {
	out := tar.NewWriter(w)
	m = Manifest{Format: backupFormat, Name: a.cfg.Name, Time: a.Now(), Tables: map[string]int64{}}
	if m.Schema, err = a.db.SchemaVersion(ctx); err != nil {
		return m, err
	}
	var ciphers []string
	err = a.db.View(ctx, func(t *store.Tx) error {
		head, err := t.Head()
		if err != nil {
			return err
		}
		m.Entries, m.Head = head.Seq, head.Hash.String()
		for after := ""; ; {
			docs, err := t.Documents(after, 1000)
			if err != nil {
				return err
			}
			for _, d := range docs {
				after = d.ID
				if len(d.Wrapped) > 0 {
					ciphers = append(ciphers, d.Cipher)
				}
			}
			if len(docs) < 1000 {
				break
			}
		}
		slices.Sort(ciphers)
		ciphers = slices.Compact(ciphers)
		m.Documents = int64(len(ciphers))
		if err := tarJSON(out, "manifest.json", m); err != nil {
			return err
		}
		for i, table := range store.Tables() {
			if m.Tables[table], err = a.dumpTable(t, out, table); err != nil {
				return err
			}
			if progress != nil {
				progress(int64(i+1), int64(len(store.Tables())))
			}
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	pub, err := os.ReadFile(filepath.Join(a.cfg.Dir, verifierFile))
	if err != nil {
		return m, err
	}
	if err := tarBytes(out, verifierFile, pub); err != nil {
		return m, err
	}
	for i, c := range ciphers {
		if err := a.backupDocument(out, c); err != nil {
			return m, err
		}
		if progress != nil {
			progress(int64(i+1), m.Documents)
		}
	}
	return m, out.Close()
}

// dumpTable goes through a file beside the data, since a tar wants to know a
// member's size before its bytes.
func (a *App) dumpTable(t *store.Tx, out *tar.Writer, table string) (int64, error) {
	f, err := os.CreateTemp(a.cfg.Dir, "backup-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	rows, err := t.Dump(table, f)
	if err != nil {
		return 0, err
	}
	return rows, tarFile(out, "tables/"+table+".jsonl", f)
}

func (a *App) backupDocument(out *tar.Writer, cipher string) error {
	f, err := os.CreateTemp(a.cfg.Dir, "backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := a.objects.Export(cipher, f); err != nil {
		return err
	}
	return tarFile(out, "documents/"+cipher, f)
}

func tarFile(out *tar.Writer, name string, f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(out, f)
	return err
}

func tarJSON(out *tar.Writer, name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return tarBytes(out, name, b)
}

func tarBytes(out *tar.Writer, name string, b []byte) error {
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(b)), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := out.Write(b)
	return err
}

// unverified marks a node that was restored and not yet verified: it does not
// open for service.
const unverified = "UNVERIFIED"

// Restore reads a backup into an empty place: the configuration's folder and
// database, either engine. The folder of keys must be there already. Before the
// node may serve, what was erased since the backup is erased again and the
// whole ledger is verified and refolded.
func Restore(ctx context.Context, cfg Config, r io.Reader, progress Progress) (Manifest, error) {
	var m Manifest
	if _, err := os.Stat(filepath.Join(cfg.Keys, signerFile)); err != nil {
		return m, fmt.Errorf("node: restore: %s does not hold the node's keys: bring that folder first, a backup never holds it", cfg.Keys)
	}
	if there, err := os.ReadDir(cfg.Dir); err == nil && len(there) > 0 {
		return m, fmt.Errorf("node: restore: %s is not empty: a backup goes into an empty place", cfg.Dir)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return m, err
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, unverified), nil, 0o600); err != nil {
		return m, err
	}
	if err := readBackup(ctx, cfg, r, &m, progress); err != nil {
		return m, fmt.Errorf("node: restore: %w", err)
	}
	app, err := openUnverified(ctx, cfg)
	if err != nil {
		return m, err
	}
	defer app.Close()
	if app.signer.Name() != m.Name {
		return m, fmt.Errorf("node: restore: this is a backup of %s, the keys are those of %s", m.Name, app.signer.Name())
	}
	behind, err := app.rowsBehind(ctx)
	if err == nil && behind {
		_, err = app.Refold(ctx, progress)
	}
	if err != nil {
		return m, fmt.Errorf("node: restore: %w", err)
	}
	got, err := app.Verify(ctx, true, progress)
	if err != nil {
		return m, fmt.Errorf("node: restore: %w", err)
	}
	if got.Entries != m.Entries || got.Head.String() != m.Head {
		return m, errors.New("node: restore: the ledger is not the one that the manifest names")
	}
	if err := app.checkDocuments(ctx); err != nil {
		return m, err
	}
	if err := app.eraseAgain(ctx); err != nil {
		return m, err
	}
	return m, os.Remove(filepath.Join(cfg.Dir, unverified))
}

func readBackup(ctx context.Context, cfg Config, r io.Reader, m *Manifest, progress Progress) error {
	in := tar.NewReader(r)
	h, err := in.Next()
	if err != nil || h.Name != "manifest.json" || h.Size > 1<<20 {
		return errors.New("this is not a backup: it does not begin with its manifest")
	}
	if err := json.NewDecoder(in).Decode(m); err != nil || m.Format != backupFormat {
		return fmt.Errorf("the manifest is not of the form %s", backupFormat)
	}
	db, err := OpenStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.MigrateTo(ctx, m.Schema); err != nil {
		return err
	}
	keys, err := vault.OpenFolder(filepath.Join(cfg.Keys, "epochs"))
	if err != nil {
		return err
	}
	objects, err := vault.OpenObjects(filepath.Join(cfg.Dir, "documents"), keys, 0)
	if err != nil {
		return err
	}
	err = db.Update(ctx, func(t *store.Tx) error {
		empty, err := t.Empty()
		if err != nil {
			return err
		}
		if !empty {
			return errors.New("the database is not empty: a backup goes into an empty place")
		}
		for n := int64(1); ; n++ {
			h, err := in.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return fmt.Errorf("the file ends too early: %w", err)
			}
			switch kind, name, _ := strings.Cut(h.Name, "/"); {
			case kind == "tables":
				if _, err := t.LoadTable(strings.TrimSuffix(name, ".jsonl"), in); err != nil {
					return err
				}
			case kind == "documents":
				if err := objects.Import(name, in); err != nil {
					return err
				}
			case h.Name == verifierFile && h.Size < 4096:
				b, err := io.ReadAll(in)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(cfg.Dir, verifierFile), bytes.TrimSpace(b), 0o644); err != nil {
					return err
				}
			default:
				return fmt.Errorf("it holds %q, which is not part of a backup", h.Name)
			}
			if progress != nil {
				progress(n, int64(len(m.Tables))+m.Documents)
			}
		}
	})
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx)
	return err
}

// checkDocuments sees to it that every living document can be opened.
func (a *App) checkDocuments(ctx context.Context) error {
	return a.db.View(ctx, func(t *store.Tx) error {
		for after := ""; ; {
			docs, err := t.Documents(after, 500)
			if err != nil {
				return err
			}
			for _, d := range docs {
				after = d.ID
				if len(d.Wrapped) == 0 {
					continue
				}
				if err := a.objects.Check(d.Object); err != nil {
					return fmt.Errorf("node: document %s: %w", d.ID, err)
				}
			}
			if len(docs) < 500 {
				return nil
			}
		}
	})
}

// destroyedFile, in the folder of keys, outlives every backup of the data: one
// line for each erasure, so that restoring an older backup brings nothing back.
const destroyedFile = "destroyed.jsonl"

type destroyed struct {
	What event.Stream `json:"what"`
	Rule string       `json:"rule"`
}

func (a *App) noteDestroyed(d destroyed) error {
	f, err := os.OpenFile(filepath.Join(a.cfg.Keys, destroyedFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(b, '\n')); err != nil {
		return err
	}
	return f.Sync()
}

func (a *App) destroyedBefore() (map[event.Stream]destroyed, error) {
	b, err := os.ReadFile(filepath.Join(a.cfg.Keys, destroyedFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := map[event.Stream]destroyed{}
	for line := range bytes.Lines(b) {
		var d destroyed
		if err := json.Unmarshal(line, &d); err != nil {
			return nil, fmt.Errorf("node: the list of destroyed keys is damaged: %w", err)
		}
		all[d.What] = d
	}
	return all, nil
}

// eraseAgain carries out every erasure that the list of destroyed keys names
// and the database does not know: it was restored from before them.
func (a *App) eraseAgain(ctx context.Context) error {
	all, err := a.destroyedBefore()
	if err != nil {
		return err
	}
	var known store.Erasures
	var owners map[event.Stream]bool
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if known, err = t.AllErased(); err != nil {
			return err
		}
		owners = map[event.Stream]bool{}
		return t.SealKeys(func(owner event.Stream, _ string, _ []byte) error {
			owners[owner] = true
			return nil
		})
	}); err != nil {
		return err
	}
	for what, d := range all {
		if _, done := known[what]; done || !owners[what] {
			continue
		}
		if err := a.Do(ctx, access.System(), Erase{What: what, Rule: d.Rule}); err != nil {
			return fmt.Errorf("node: erase %s again: %w", what, err)
		}
	}
	return nil
}
