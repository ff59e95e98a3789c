package node

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
)

// An export of the ledger is lines of JSON: a first line that says what it is,
// each entry in order, the checkpoints, and, where asked for, the owners' wrapped
// keys. An auditor checks it offline; with the keys and the folder of keys, an
// empty node takes it in and has the same history.

const exportFormat = "comity/ledger/v1"

type exportLine struct {
	Format     string       `json:"format,omitempty"`
	Name       string       `json:"name,omitempty"`
	Entries    int64        `json:"entries,omitempty"`
	Head       string       `json:"head,omitempty"`
	Record     []byte       `json:"record,omitempty"`     // an entry, see docs/ledger-format.md
	Type       string       `json:"type,omitempty"`       // of the entry, for a reader's eye
	Kept       string       `json:"kept,omitempty"`       // of the entry, for a reader's eye
	Checkpoint string       `json:"checkpoint,omitempty"` // signed note
	Owner      event.Stream `json:"owner,omitempty"`
	Epoch      string       `json:"epoch,omitempty"`
	Wrapped    []byte       `json:"wrapped,omitempty"`
}

// ExportLedger writes the ledger. keys says whether the wrapped keys go with
// it; they open nothing without the folder of keys.
func (a *App) ExportLedger(ctx context.Context, w io.Writer, keys bool) error {
	buffered := bufio.NewWriterSize(w, 1<<20)
	enc := json.NewEncoder(buffered)
	enc.SetEscapeHTML(false)
	err := a.db.View(ctx, func(t *store.Tx) error {
		head, err := t.Head()
		if err != nil {
			return err
		}
		if err := enc.Encode(exportLine{Format: exportFormat, Name: a.cfg.Name, Entries: head.Seq, Head: head.Hash.String()}); err != nil {
			return err
		}
		for e, err := range t.Entries(0) {
			if err != nil {
				return err
			}
			if err := enc.Encode(exportLine{Record: e.Record(), Type: e.Type, Kept: string(e.Kept)}); err != nil {
				return err
			}
		}
		checkpoints, err := t.Checkpoints()
		if err != nil {
			return err
		}
		for _, c := range checkpoints {
			if err := enc.Encode(exportLine{Checkpoint: string(c.Note)}); err != nil {
				return err
			}
		}
		if !keys {
			return nil
		}
		return t.SealKeys(func(owner event.Stream, epoch string, wrapped []byte) error {
			return enc.Encode(exportLine{Owner: owner, Epoch: epoch, Wrapped: wrapped})
		})
	})
	if err != nil {
		return fmt.Errorf("node: export: %w", err)
	}
	return buffered.Flush()
}

// maxExportLine bounds one line of an export.
const maxExportLine = 64 << 20

// ImportLedger reads an export that was made with keys into an empty node and
// folds it. The entries stay byte for byte what they were.
func (a *App) ImportLedger(ctx context.Context, r io.Reader) (entries int64, err error) {
	err = a.db.Update(ctx, func(t *store.Tx) error {
		empty, err := t.Empty()
		if err != nil {
			return err
		}
		if !empty {
			return errors.New("this node has a history: an export goes into an empty one")
		}
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 1<<20), maxExportLine)
		var first exportLine
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &first) != nil || first.Format != exportFormat {
			return fmt.Errorf("the file does not begin with the format %s", exportFormat)
		}
		if first.Name != a.signer.Name() {
			return fmt.Errorf("this is the ledger of %s; this node is %s", first.Name, a.signer.Name())
		}
		v := ledger.NewVerifier(nil, nil)
		for n := 2; lines.Scan(); n++ {
			if err := a.importLine(t, v, lines.Bytes()); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
		if err := lines.Err(); err != nil {
			return err
		}
		if v.Size() != first.Entries || v.Head().String() != first.Head {
			return fmt.Errorf("the file names %d entries, %d are in it", first.Entries, v.Size())
		}
		entries = v.Size()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("node: import: %w", err)
	}
	if _, err := a.Refold(ctx, nil); err != nil {
		return entries, err
	}
	_, err = a.Checkpoint(ctx)
	return entries, err
}

func (a *App) importLine(t *store.Tx, v *ledger.Verifier, line []byte) error {
	var x exportLine
	if err := json.Unmarshal(line, &x); err != nil {
		return err
	}
	switch {
	case len(x.Record) > 0:
		e, err := ledger.DecodeRecord(x.Record)
		if err != nil {
			return err
		}
		if err := v.Next(&e); err != nil {
			return err
		}
		if e.Type == (Erased{}).EventType() {
			var era Erased
			if err := json.Unmarshal(e.Kept, &era); err != nil {
				return err
			}
			if err := t.DestroySealKey(era.What, era.Rule, e.Seq); err != nil {
				return err
			}
		}
		return t.Restore(e)
	case x.Owner != "":
		return t.PutSealKey(x.Owner, x.Epoch, x.Wrapped)
	case x.Checkpoint != "":
		_, err := ledger.OpenCheckpoint([]byte(x.Checkpoint), a.verifier)
		return err
	}
	return errors.New("a line that is neither entry, checkpoint nor key")
}
