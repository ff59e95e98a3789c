package member

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/trust"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func made(t *testing.T, state string) (*Member, string) {
	t.Helper()
	dir := t.TempDir()
	m, err := Create(dir, Options{State: state, Name: state + ".example", Address: "https://" + state + ".example", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return m, dir
}

func rootKey(t *testing.T, n byte) *envelope.PrivateKey {
	t.Helper()
	k, err := envelope.NewKey(bytes.Repeat([]byte{n}, 32), nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// signed is a list of the members, signed by two of three roots.
func signed(t *testing.T, version int64, expires time.Time, members ...*Member) []byte {
	t.Helper()
	l := trust.List{
		Header:  envelope.Header{Community: "coc", Issuer: "roots", Key: "roots", Salt: bytes.Repeat([]byte{1}, 32)},
		Version: version, Issued: stamp(now.Add(-time.Hour)), Expires: stamp(expires), K: 2,
	}
	for i := byte(1); i <= 3; i++ {
		l.Roots = append(l.Roots, trust.Root{Name: string('a' + rune(i)), Key: rootKey(t, i).Public()})
	}
	for _, m := range members {
		card, err := m.Card(says(t, m))
		if err != nil {
			t.Fatal(err)
		}
		l.States = append(l.States, card)
	}
	payload, err := envelope.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	b, err := envelope.Seal(envelope.ForTrustList, payload, rootKey(t, 1), rootKey(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// says are the keys that a node of these tests says things with.
func says(t *testing.T, m *Member) Saying {
	t.Helper()
	return Saying{Statements: []trust.Key{{Key: rootKey(t, m.State()[1]).Public()}}}
}

func hashOf(t *testing.T, sealed []byte) string {
	t.Helper()
	s, err := envelope.Parse(sealed)
	if err != nil {
		t.Fatal(err)
	}
	return s.PayloadHash().String()
}

func TestOneNode(t *testing.T) {
	m, dir := made(t, "XN")
	if _, err := Create(dir, Options{State: "XN", Name: "n", Address: "https://n", Now: now}); err == nil {
		t.Error("keys were made over others")
	}
	if _, err := Open(t.TempDir(), now); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(dir, folder, keysFile))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others read the keys: %v %v", info.Mode(), err)
	}
	again, err := Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	one, err1 := m.Card(says(t, m))
	two, err2 := again.Card(says(t, again))
	a, _ := envelope.Marshal(one)
	b, _ := envelope.Marshal(two)
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("opened again the node is another: %s %s", a, b)
	}
	if k, ok := KeyOf(m.RequestID()); !ok || !k.Equal(m.RequestKey().Public()) {
		t.Error("the id of the request key does not give the key")
	}
}

func TestInstall(t *testing.T) {
	m, dir := made(t, "XN")
	other, _ := made(t, "XK")
	if err := m.Check(says(t, m), now); err == nil {
		t.Error("nothing is installed and all is well")
	}
	one := signed(t, 1, now.Add(300*24*time.Hour), other, m)
	if _, err := m.Install(one, "", now); err == nil {
		t.Error("a first list needs its hash")
	}
	if _, err := m.Install(one, hashOf(t, signed(t, 1, now.Add(200*24*time.Hour), other, m)), now); err == nil {
		t.Error("another hash")
	}
	if _, err := m.Install(one, hashOf(t, one), now); err != nil {
		t.Fatal(err)
	}
	if err := m.Check(says(t, m), now); err != nil {
		t.Error(err)
	}
	two := signed(t, 2, now.Add(100*24*time.Hour), other, m)
	if l, err := m.Install(two, "", now); err != nil || l.Version != 2 {
		t.Fatal(err)
	}
	if _, err := m.Install(one, "", now); !errors.Is(err, trust.ErrRollback) {
		t.Error(err)
	}
	again, err := Open(dir, now.Add(200*24*time.Hour))
	if err != nil || again.List().Version != 2 {
		t.Fatal(err)
	}
	if err := again.Check(says(t, again), now.Add(200*24*time.Hour)); err == nil {
		t.Error("a list that ran out and all is well")
	}
	alone := signed(t, 3, now.Add(100*24*time.Hour), other)
	if _, err := m.Install(alone, "", now); err != nil {
		t.Fatal(err)
	}
	if err := m.Check(says(t, m), now); err == nil {
		t.Error("the list has us not and all is well")
	}
}

func TestSecrets(t *testing.T) {
	m, _ := made(t, "XN")
	other, _ := made(t, "XK")
	list := signed(t, 1, now.Add(300*24*time.Hour), other, m)
	for _, x := range []*Member{m, other} {
		if _, err := x.Install(list, hashOf(t, list), now); err != nil {
			t.Fatal(err)
		}
	}
	plain := bytes.Repeat([]byte("named people alone"), 1000)
	secret, err := m.Encrypt(plain, "XK")
	if err != nil || bytes.Contains(secret, plain[:10]) {
		t.Fatal(err)
	}
	if got, err := other.Decrypt(secret, 1<<20); err != nil || !bytes.Equal(got, plain) {
		t.Error(err)
	}
	if _, err := m.Decrypt(secret, 1<<20); err == nil {
		t.Error("the sender reads what is for another")
	}
	if _, err := other.Decrypt(secret, 100); err == nil {
		t.Error("more than was to be taken")
	}
	secret[len(secret)-1] ^= 1
	if _, err := other.Decrypt(secret, 1<<20); err == nil {
		t.Error("a changed byte")
	}
	if _, err := m.Encrypt(plain, "XX"); err == nil {
		t.Error("for a state that is none")
	}
}
