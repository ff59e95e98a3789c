package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// incoming is the folder for ciphertext that is still being written.
const incoming = "incoming"

// uncitedFor is how long a file may lie without a record that cites it. It is
// longer than any upload and any command take.
const uncitedFor = 24 * time.Hour

// path is where a ciphertext lies: ab/cd/abcd..., so that no folder gets large.
func (o *Objects) path(cipher string) (string, error) {
	if b, err := hex.DecodeString(cipher); err != nil || len(b) != sha256.Size || hex.EncodeToString(b) != cipher {
		return "", fmt.Errorf("vault: %q is not the name of a document's file", cipher)
	}
	return filepath.Join(o.dir, cipher[:2], cipher[2:4], cipher), nil
}

// keep gives a finished file its name, and makes both last through a power cut.
func (o *Objects) keep(file *os.File, cipher string) error {
	path, err := o.path(cipher)
	if err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("vault: keep a document: %w", err)
	}
	shard := filepath.Dir(path)
	for _, dir := range []string{filepath.Dir(shard), shard} {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("vault: keep a document: %w", err)
		}
		// Also where the folder was there: another upload may have made it a
		// moment ago and not have synced its name yet.
		if err := syncDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("vault: keep a document: %w", err)
	}
	return syncDir(shard)
}

// Remove deletes a document's file. The command that destroyed its key does not
// wait for this: without the key the file is noise. A file that is not there
// is no error, so that a job may do this twice.
func (o *Objects) Remove(cipher string) error {
	path, err := o.path(cipher)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("vault: remove a document: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// Sweep removes files older than a day that no record cites: uploads that were
// broken off, documents whose command was refused, documents destroyed. cited
// is asked once for each small folder and says which of the names are cited by
// a record with a living key.
func (o *Objects) Sweep(now time.Time, cited func(ciphers []string) (map[string]bool, error)) (removed int, err error) {
	before := now.Add(-uncitedFor)
	parts, err := oldFiles(filepath.Join(o.dir, incoming), before)
	if err != nil {
		return 0, err
	}
	for _, name := range parts {
		if err := os.Remove(filepath.Join(o.dir, incoming, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, fmt.Errorf("vault: sweep: %w", err)
		}
		removed++
	}
	err = o.shards(func(shard string) error {
		names, err := oldFiles(shard, before)
		if err != nil || len(names) == 0 {
			return err
		}
		living, err := cited(names)
		if err != nil {
			return err
		}
		for _, name := range names {
			if living[name] {
				continue
			}
			if err := o.Remove(name); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
	return removed, err
}

// Each calls f for every stored file, in the order of names: what a backup has
// to carry. Files that come in meanwhile may or may not be among them.
func (o *Objects) Each(f func(cipher string) error) error {
	return o.shards(func(shard string) error {
		names, err := oldFiles(shard, time.Time{})
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := f(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// Export copies a file's ciphertext and fails with ErrDamaged when it is not
// what its name says.
func (o *Objects) Export(cipher string, w io.Writer) error {
	path, err := o.path(cipher)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("vault: export a document: %w", err)
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(h, w), file); err != nil {
		return fmt.Errorf("vault: export a document: %w", err)
	}
	if hex.EncodeToString(h.Sum(nil)) != cipher {
		return fmt.Errorf("%w: file %s", ErrDamaged, cipher)
	}
	return nil
}

// Import puts a file's ciphertext back, from a backup, and fails with ErrDamaged
// when it is not what its name says.
func (o *Objects) Import(cipher string, r io.Reader) (err error) {
	file, err := os.CreateTemp(filepath.Join(o.dir, incoming), "*.part")
	if err != nil {
		return fmt.Errorf("vault: import a document: %w", err)
	}
	defer func() {
		file.Close()
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(h, file), r); err != nil {
		return fmt.Errorf("vault: import a document: %w", err)
	}
	if hex.EncodeToString(h.Sum(nil)) != cipher {
		return fmt.Errorf("%w: file %s", ErrDamaged, cipher)
	}
	return o.keep(file, cipher)
}

// shards calls f for each inner folder, in order.
func (o *Objects) shards(f func(dir string) error) error {
	outer, err := subfolders(o.dir)
	if err != nil {
		return err
	}
	for _, a := range outer {
		inner, err := subfolders(a)
		if err != nil {
			return err
		}
		for _, b := range inner {
			if err := f(b); err != nil {
				return err
			}
		}
	}
	return nil
}

func subfolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("vault: read the folder of documents: %w", err)
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && len(e.Name()) == 2 {
			dirs = append(dirs, filepath.Join(dir, e.Name()))
		}
	}
	return dirs, nil
}

// oldFiles lists the files last written before a time; all for the zero time.
func oldFiles(dir string, before time.Time) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("vault: read the folder of documents: %w", err)
	}
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // renamed or removed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("vault: read the folder of documents: %w", err)
		}
		if info.Mode().IsRegular() && (before.IsZero() || info.ModTime().Before(before)) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
