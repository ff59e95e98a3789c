package vault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFolderWrapsAndSurvivesReopening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first := must(CreateFolder(dir, day0))(t)
	key := random(keySize)
	epoch, wrapped, err := first.Wrap(key, "owner a")
	if err != nil {
		t.Fatal(err)
	}
	again := must(OpenFolder(dir))(t)
	got := must(again.Unwrap(epoch, wrapped, "owner a"))(t)
	if string(got) != string(key) {
		t.Error("another key came back")
	}
	if _, err := again.Unwrap(epoch, wrapped, "owner b"); !errors.Is(err, ErrDamaged) {
		t.Errorf("one owner's key opened for another: %v", err)
	}
	wrapped[len(wrapped)-1] ^= 1
	if _, err := again.Unwrap(epoch, wrapped, "owner a"); !errors.Is(err, ErrDamaged) {
		t.Errorf("a flipped bit: %v", err)
	}
	if _, err := again.Unwrap("20200101-00000000", wrapped, "owner a"); !errors.Is(err, ErrNoEpoch) {
		t.Errorf("an unknown epoch: %v", err)
	}
}

func TestFolderSeesEpochsOfOtherProcesses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	one := must(CreateFolder(dir, day0))(t)
	two := must(OpenFolder(dir))(t)
	if _, err := two.Begin(day0.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	epoch, wrapped, err := two.Wrap([]byte("key"), "x")
	if err != nil {
		t.Fatal(err)
	}
	if got := must(one.Unwrap(epoch, wrapped, "x"))(t); string(got) != "key" {
		t.Errorf("got %q", got)
	}
	if used, _, _ := one.Wrap([]byte("key"), "x"); used != epoch {
		t.Errorf("still wraps under %s, not %s", used, epoch)
	}
}

func TestFolderFailsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(t *testing.T, dir string)
		says    string
	}{
		"missing":             {func(t *testing.T, dir string) { ok(t, os.RemoveAll(dir)) }, "no such file"},
		"empty":               {func(t *testing.T, dir string) { ok(t, os.Remove(only(t, dir))) }, "if its disk is not mounted"},
		"folder open to all":  {func(t *testing.T, dir string) { ok(t, os.Chmod(dir, 0o755)) }, "chmod go="},
		"key open to a group": {func(t *testing.T, dir string) { ok(t, os.Chmod(only(t, dir), 0o640)) }, "chmod go="},
		"not JSON":            {func(t *testing.T, dir string) { ok(t, os.WriteFile(only(t, dir), []byte("{"), 0o600)) }, "not an epoch key"},
		"unknown field": {func(t *testing.T, dir string) {
			edit(t, only(t, dir), `"format"`, `"more": 1, "format"`)
		}, "not an epoch key"},
		"short key": {func(t *testing.T, dir string) { edit(t, only(t, dir), `"key": "`, `"key": "00`) }, "not an epoch key"},
		"newer format": {func(t *testing.T, dir string) {
			edit(t, only(t, dir), "comity-epoch-key/1", "comity-epoch-key/2")
		}, "this program knows"},
		"renamed": {func(t *testing.T, dir string) {
			ok(t, os.Rename(only(t, dir), filepath.Join(dir, "x"+epochSuffix)))
		}, "this program knows"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "keys")
			must(CreateFolder(dir, day0))(t)
			c.arrange(t, dir)
			if _, err := OpenFolder(dir); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("opened: %v, want words like %q", err, c.says)
			}
		})
	}
	t.Run("created twice", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "keys")
		must(CreateFolder(dir, day0))(t)
		if _, err := CreateFolder(dir, day0); err == nil {
			t.Error("a second key store was made over the first")
		}
	})
}

func TestEpochInUseIsNotDestroyed(t *testing.T) {
	keys := newKeys(t)
	first := keys.Epochs()[0].ID
	if err := keys.Retire(first, day0); err == nil {
		t.Error("the newest epoch retired")
	}
	must(keys.Begin(day0.Add(time.Hour)))(t)
	if err := keys.Destroy(first); err == nil {
		t.Error("an epoch that had not retired was destroyed")
	}
	ok(t, keys.Retire(first, day0.Add(time.Hour)))
	if e := must(OpenFolder(keys.dir))(t).Epochs(); e[0].Retired.IsZero() || !e[1].Retired.IsZero() {
		t.Errorf("read back: %+v", e)
	}
	ok(t, keys.Destroy(first))
	if e := must(OpenFolder(keys.dir))(t).Epochs(); len(e) != 1 || e[0].ID == first {
		t.Errorf("after destroying: %+v", e)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func only(t *testing.T, dir string) string {
	t.Helper()
	entries := must(os.ReadDir(dir))(t)
	if len(entries) != 1 {
		t.Fatalf("%d files in the key store", len(entries))
	}
	return filepath.Join(dir, entries[0].Name())
}

func edit(t *testing.T, name, from, to string) {
	t.Helper()
	b := string(must(os.ReadFile(name))(t))
	if !strings.Contains(b, from) {
		t.Fatalf("%s is not in %s", from, b)
	}
	ok(t, os.WriteFile(name, []byte(strings.Replace(b, from, to, 1)), 0o600))
}
