package vault

import (
	"bytes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Folder is a KeyStore of files, one for each epoch, readable by their owner
// alone. It belongs on another disk, or at least in another backup, than the
// database: whoever has both can read everything, whoever loses it can read
// nothing.
type Folder struct {
	dir string

	mu     sync.RWMutex // guards epochs
	epochs []epochKey   // oldest first; at least one
}

var _ KeyStore = (*Folder)(nil)

type epochKey struct {
	Epoch
	key  []byte // kept to write the file again when the epoch retires
	aead cipher.AEAD
}

// epochFile is what an epoch's file holds.
type epochFile struct {
	Format  string     `json:"format"`
	Epoch   string     `json:"epoch"`
	Created time.Time  `json:"created"`
	Retired *time.Time `json:"retired,omitempty"`
	Key     string     `json:"key"` // 64 hexadecimal digits
}

const (
	epochFormat = "comity-epoch-key/1"
	epochSuffix = ".epoch"
)

// CreateFolder makes a key store with its first epoch in a folder that is
// missing or empty. OpenFolder never does this by itself: a new, empty store in
// place of one that is merely not mounted would split the keys in two.
func CreateFolder(dir string, now time.Time) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("vault: create the key store: %w", err)
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("vault: create the key store: %w", err)
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("vault: %s is not empty; a new key store needs a folder of its own", dir)
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	f := &Folder{dir: dir}
	if _, err := f.Begin(now); err != nil {
		return nil, err
	}
	return OpenFolder(dir)
}

// OpenFolder opens a key store that CreateFolder made. It refuses a folder that
// others than its owner can read.
func OpenFolder(dir string) (*Folder, error) {
	f := &Folder{dir: dir}
	if err := private(dir); err != nil {
		return nil, err
	}
	if err := f.Reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Reload reads the folder again, for epochs that another process has begun.
func (f *Folder) Reload() error {
	names, err := filepath.Glob(filepath.Join(f.dir, "*"+epochSuffix))
	if err != nil {
		return fmt.Errorf("vault: read the key store: %w", err)
	}
	var epochs []epochKey
	for _, name := range names {
		k, err := readEpoch(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process destroyed it meanwhile
		}
		if err != nil {
			return err
		}
		epochs = append(epochs, k)
	}
	if len(epochs) == 0 {
		return fmt.Errorf("vault: no epoch key in %s: if its disk is not mounted, mount it; if this node is new, make a key store first", f.dir)
	}
	slices.SortFunc(epochs, olderFirst)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.epochs = epochs
	return nil
}

func olderFirst(a, b epochKey) int {
	if c := a.Created.Compare(b.Created); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

func readEpoch(name string) (epochKey, error) {
	if err := private(name); err != nil {
		return epochKey{}, err
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return epochKey{}, fmt.Errorf("vault: read an epoch key: %w", err)
	}
	var e epochFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return epochKey{}, fmt.Errorf("vault: %s is not an epoch key: %w", name, err)
	}
	key, err := hex.DecodeString(e.Key)
	if err != nil || len(key) != keySize || e.Format != epochFormat || e.Epoch+epochSuffix != filepath.Base(name) {
		return epochKey{}, fmt.Errorf("vault: %s is not an epoch key that this program knows", name)
	}
	k := epochKey{Epoch: Epoch{ID: e.Epoch, Created: e.Created.UTC()}, key: key}
	if e.Retired != nil {
		k.Retired = e.Retired.UTC()
	}
	k.aead, err = newAEAD(key)
	return k, err
}

// Wrap implements KeyStore.
func (f *Folder) Wrap(key []byte, boundTo string) (string, []byte, error) {
	f.mu.RLock()
	k := f.epochs[len(f.epochs)-1]
	f.mu.RUnlock()
	return k.ID, k.aead.Seal(nil, nil, key, []byte("comity/key/v1\x00"+boundTo)), nil
}

// Unwrap implements KeyStore. For an epoch it doesn't know it looks into the
// folder once more: another process may have begun it.
func (f *Folder) Unwrap(epoch string, wrapped []byte, boundTo string) ([]byte, error) {
	k, found := f.find(epoch)
	if !found {
		if err := f.Reload(); err != nil {
			return nil, err
		}
		if k, found = f.find(epoch); !found {
			return nil, fmt.Errorf("%w: epoch %q", ErrNoEpoch, epoch)
		}
	}
	key, err := k.aead.Open(nil, nil, wrapped, []byte("comity/key/v1\x00"+boundTo))
	if err != nil {
		return nil, fmt.Errorf("%w: the wrapped key of %s", ErrDamaged, boundTo)
	}
	return key, nil
}

func (f *Folder) find(epoch string) (epochKey, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for i := len(f.epochs) - 1; i >= 0; i-- {
		if f.epochs[i].ID == epoch {
			return f.epochs[i], true
		}
	}
	return epochKey{}, false
}

// Epochs implements KeyStore.
func (f *Folder) Epochs() []Epoch {
	f.mu.RLock()
	defer f.mu.RUnlock()
	list := make([]Epoch, len(f.epochs))
	for i, k := range f.epochs {
		list[i] = k.Epoch
	}
	return list
}

// Begin implements KeyStore.
func (f *Folder) Begin(now time.Time) (Epoch, error) {
	now = now.UTC().Truncate(time.Second)
	k := epochKey{key: random(keySize), Epoch: Epoch{
		ID: now.Format("20060102") + "-" + hex.EncodeToString(random(4)), Created: now,
	}}
	var err error
	if k.aead, err = newAEAD(k.key); err != nil {
		return Epoch{}, err
	}
	if err := f.write(k); err != nil {
		return Epoch{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.epochs = append(f.epochs, k)
	slices.SortFunc(f.epochs, olderFirst)
	return k.Epoch, nil
}

// Retire implements KeyStore.
func (f *Folder) Retire(epoch string, now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.epochs {
		if f.epochs[i].ID != epoch {
			continue
		}
		if i == len(f.epochs)-1 {
			return fmt.Errorf("vault: epoch %s is the newest and can't retire", epoch)
		}
		k := f.epochs[i]
		k.Retired = now.UTC().Truncate(time.Second)
		if err := f.write(k); err != nil {
			return err
		}
		f.epochs[i] = k
		return nil
	}
	return fmt.Errorf("%w: epoch %q", ErrNoEpoch, epoch)
}

// Destroy implements KeyStore. The file is overwritten before it is removed,
// which helps where the disk writes in place and does no harm elsewhere.
func (f *Folder) Destroy(epoch string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.epochs, func(k epochKey) bool { return k.ID == epoch })
	switch {
	case i < 0:
		return fmt.Errorf("%w: epoch %q", ErrNoEpoch, epoch)
	case f.epochs[i].Retired.IsZero():
		return fmt.Errorf("vault: epoch %s is in use and can't be destroyed", epoch)
	}
	name := f.file(epoch)
	if err := overwrite(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("vault: destroy an epoch key: %w", err)
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("vault: destroy an epoch key: %w", err)
	}
	if err := syncDir(f.dir); err != nil {
		return err
	}
	clear(f.epochs[i].key)
	f.epochs = slices.Delete(f.epochs, i, i+1)
	return nil
}

func (f *Folder) file(epoch string) string { return filepath.Join(f.dir, epoch+epochSuffix) }

// write puts an epoch's file in place, whole and on the disk, or not at all.
func (f *Folder) write(k epochKey) error {
	e := epochFile{Format: epochFormat, Epoch: k.ID, Created: k.Created, Key: hex.EncodeToString(k.key)}
	if !k.Retired.IsZero() {
		e.Retired = &k.Retired
	}
	b, err := json.MarshalIndent(e, "", "\t")
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	tmp, err := os.CreateTemp(f.dir, "new-*") // CreateTemp makes files 0600
	if err != nil {
		return fmt.Errorf("vault: write an epoch key: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(append(b, '\n'))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), f.file(k.ID))
	}
	if err != nil {
		return fmt.Errorf("vault: write an epoch key: %w", err)
	}
	return syncDir(f.dir)
}

// private refuses what others than its owner could read.
func private(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("vault: the key store: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("vault: %s can be read by others (%v); take their rights away: chmod go= %s", name, info.Mode().Perm(), name)
	}
	return nil
}

func overwrite(name string) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(random(int(info.Size())))
	}
	return errors.Join(err, file.Sync(), file.Close())
}

// syncDir makes the names in a folder last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("vault: sync a folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("vault: sync a folder: %w", err)
	}
	return nil
}
