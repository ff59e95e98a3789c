package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/vault"
)

const (
	signerFile   = "checkpoint.key" // in the folder of keys
	verifierFile = "checkpoint.pub" // in the data folder: public
)

// Init makes a new node: folders, the first epoch key, the key that signs
// checkpoints, and the schema. It refuses a place where a node already is, so
// that no second ledger ever starts under the first one's name.
func Init(ctx context.Context, cfg Config) error {
	if cfg.Name == "" || strings.ContainsAny(cfg.Name, " +\n\t") {
		return errors.New("node: the name is one word without blanks or plus: it stands on every checkpoint")
	}
	for _, dir := range []string{cfg.Dir, cfg.Keys} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("node: make %s: %w", dir, err)
		}
	}
	key := filepath.Join(cfg.Keys, signerFile)
	if _, err := os.Stat(key); err == nil {
		return fmt.Errorf("node: %s holds the keys of a node already: choose another folder, or start that node", cfg.Keys)
	}
	if _, err := Migrate(ctx, cfg, nil); err != nil {
		return err
	}
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	if _, err := vault.CreateFolder(filepath.Join(cfg.Keys, "epochs"), now()); err != nil {
		return err
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, cfg.Name)
	if err != nil {
		return fmt.Errorf("node: signing key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, verifierFile), []byte(vkey+"\n"), 0o644); err != nil {
		return err
	}
	return os.WriteFile(key, []byte(skey+"\n"), 0o600)
}

func (a *App) openKeys() (err error) {
	if a.keys, err = vault.OpenFolder(filepath.Join(a.cfg.Keys, "epochs")); err != nil {
		return err
	}
	skey, err := os.ReadFile(filepath.Join(a.cfg.Keys, signerFile))
	if err != nil {
		return fmt.Errorf("no key to sign checkpoints: was the node initialised, and is its folder of keys mounted? %w", err)
	}
	if a.signer, err = note.NewSigner(strings.TrimSpace(string(skey))); err != nil {
		return err
	}
	vkey, err := os.ReadFile(filepath.Join(a.cfg.Dir, verifierFile))
	if err != nil {
		return err
	}
	a.publicKey = strings.TrimSpace(string(vkey))
	if a.verifier, err = note.NewVerifier(a.publicKey); err != nil {
		return err
	}
	if a.signer.Name() != a.verifier.Name() || a.signer.KeyHash() != a.verifier.KeyHash() {
		return errors.New("the signing key and the public key belong to different nodes")
	}
	return nil
}

// Verifier checks this node's checkpoints: what an auditor needs to know of it.
func (a *App) Verifier() note.Verifier { return a.verifier }

// PublicKey is the key of Verifier as text, for whoever checks proofs elsewhere.
func (a *App) PublicKey() string { return a.publicKey }
