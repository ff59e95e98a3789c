package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/cli"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

// signedCommunity writes a trust list of two states, a statement by the first,
// and a proof that the second witnessed it.
func signedCommunity(t *testing.T, dir, expires, revoked string) (pin string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := envelope.NewKey(bytes.Repeat([]byte{1}, 32), nil)
	must(err)
	key, err := envelope.NewKey(bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{3}, 32))
	must(err)
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{4}, 64)), "alvania.example/log")
	must(err)
	logSigner, err := note.NewSigner(skey)
	must(err)
	witness, err := tlog.NewCosigner("norland.example", bytes.Repeat([]byte{5}, 32), true, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	must(err)
	salt := bytes.Repeat([]byte{6}, 32)
	identity := stix.NamedID("identity", "ALV")
	seal := func(p envelope.Purpose, payload any, k *envelope.PrivateKey, name string) *envelope.Sealed {
		b, err := envelope.Marshal(payload)
		must(err)
		sealed, err := envelope.Seal(p, b, k)
		must(err)
		must(os.WriteFile(filepath.Join(dir, name), sealed, 0o600))
		s, err := envelope.Parse(sealed)
		must(err)
		return s
	}
	list := seal(envelope.ForTrustList, trust.List{
		Header: envelope.Header{Community: "coc", Issuer: "roots", Key: "roots", Salt: salt}, Version: 1, Issued: "2026-01-01T00:00:00.000Z", Expires: expires, K: 1,
		Roots: []trust.Root{{Name: "root", Key: root.Public()}},
		States: []trust.State{
			{ID: "ALV", Identity: identity, Keys: []trust.Key{{Key: key.Public(), From: "2026-01-01T00:00:00.000Z", Revoked: revoked}}, Log: vkey},
			{ID: "NOR", Identity: stix.NamedID("identity", "NOR"), Keys: []trust.Key{}, Witness: witness.String()},
		},
	}, root, "trust")
	id := stix.NamedID("tool", "x")
	s := seal(envelope.ForStatement, envelope.Statement{
		Header: envelope.Header{Community: "coc", Issuer: "ALV", Key: key.Public().ID(), Salt: salt}, ID: id, Version: 1, Issued: "2026-11-22T11:00:00.000Z",
		Handling: envelope.Handling{TLP: "amber", Audience: []string{"NOR"}},
		Object:   fmt.Appendf(nil, `{"type":"tool","spec_version":"2.1","id":%q,"created_by_ref":%q,"created":"2026-11-22T11:00:00.000Z","modified":"2026-11-22T11:00:00.000Z","name":"x","object_marking_refs":[%q]}`, id, identity, stix.Amber.ID()),
	}, key, "statement")
	leaf := tlog.Leaf([32]byte(salt), s.Hash())
	signed, err := tlog.Checkpoint{Origin: "alvania.example/log", Size: 1, Root: leaf}.Sign(logSigner)
	must(err)
	verifier, err := note.NewVerifier(vkey)
	must(err)
	must(os.WriteFile(filepath.Join(dir, "unwitnessed"), tlog.Proof{Checkpoint: signed}.Marshal(), 0o600))
	signed, _, err = witness.Cosign(signed, verifier, tlog.Checkpoint{}, nil)
	must(err)
	must(os.WriteFile(filepath.Join(dir, "proof"), tlog.Proof{Checkpoint: signed}.Marshal(), 0o600))
	return list.PayloadHash().String()
}

func TestVerifyStatement(t *testing.T) {
	const later, earlier = "2027-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"
	for name, c := range map[string]struct {
		expires, revoked string
		args             string // %s is the pin
		exit             int
		want             string
	}{
		"witnessed":               {later, "", "--pin %s --proof proof", 0, "witnessed it by 2026-11-22T12:00:00.000Z"},
		"who and for whom":        {later, "", "--pin %s", 0, "version 1, issued 2026-11-22T11:00:00.000Z. TLP:AMBER, for NOR."},
		"without a proof":         {later, "", "--pin %s", 0, "Not yet witnessed"},
		"in the log alone":        {later, "", "--pin %s --proof unwitnessed", 0, "Not yet witnessed"},
		"under an old list":       {earlier, "", "--pin %s", 0, "ran out on 2026-02-01"},
		"a key revoked later":     {later, "2026-11-22T13:00:00.000Z", "--pin %s --proof proof", 0, "witnessed it by"},
		"a key revoked before":    {later, "2026-11-22T11:30:00.000Z", "--pin %s --proof proof", 2, "does not count"},
		"a key revoked, no proof": {later, "2026-11-22T13:00:00.000Z", "--pin %s", 2, "does not count"},
		"another list":            {later, "", "--pin " + strings.Repeat("0", 64), 2, "not the list that was agreed"},
		"no hash":                 {later, "", "--pin x", 2, "64 hexadecimal digits"},
		"a proof that is not one": {later, "", "--pin %s --proof trust", 2, "trust can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pin := signedCommunity(t, dir, c.expires, c.revoked)
			args := []string{"statement", "verify", filepath.Join(dir, "statement"), "--trust", filepath.Join(dir, "trust")}
			for _, a := range strings.Fields(strings.Replace(c.args, "%s", pin, 1)) {
				if a == "proof" || a == "unwitnessed" || a == "trust" {
					a = filepath.Join(dir, a)
				}
				args = append(args, a)
			}
			var out bytes.Buffer
			if exit := cli.Main(context.Background(), args, cli.IO{Stdout: &out, Stderr: &out}); exit != c.exit || !strings.Contains(out.String(), c.want) {
				t.Errorf("exit %d: %s", exit, out.String())
			}
		})
	}
}
