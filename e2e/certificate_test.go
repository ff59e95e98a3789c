package e2e

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/taxii"
)

// A program that shows a certificate reads and writes the collection that names
// its account, over the door for programs of the running node. One with another
// certificate is nobody, whatever token it makes up, and after the end of the
// account so is the first.
func TestProgramShowsACertificate(t *testing.T) {
	if err := build(t); err != nil {
		t.Fatal(err)
	}
	s := &state{t: t, id: "XA", dir: t.TempDir()}
	file := func(name string) string { return filepath.Join(s.dir, name) }
	keep := func(name string, c tls.Certificate) {
		key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, name + ".key": {Type: "PRIVATE KEY", Bytes: key}} {
			if err := os.WriteFile(file(name), pem.EncodeToMemory(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	ours, lab, stranger := selfSigned(t), selfSigned(t), selfSigned(t)
	keep("node", ours)
	keep("lab", lab)
	at := free(t)
	config := fmt.Sprintf("[node]\nname = \"xa.example\"\nstate = \"XA\"\ntitle = \"Authority\"\n[web]\nlisten = %q\nprograms = %q\ncert = \"node.pem\"\nkey = \"node.key\"\n", free(t), at)
	if err := os.WriteFile(file("comity.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string { return s.run(append([]string{"-c", "comity.toml"}, args...)...) }
	run("init")
	s.people()
	program := []string{"user", "program", "Laboratory", "--org", "Authority of XA", "--role", "point_of_contact", "--about", "Feeds of others", "--until", time.Now().AddDate(0, 3, 0).Format(time.DateOnly), "--certificate", "lab.pem"}
	id := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).FindString(run(program...))
	if out, err := s.command(append([]string{"-c", "comity.toml"}, program...)...).CombinedOutput(); err == nil || !strings.Contains(string(out), "Another program shows this certificate") {
		t.Errorf("twice: %v %s", err, out)
	}
	run("collection", "open", "Spyware indicators")
	run("collection", "allow", "Spyware indicators", "--account", id, "--read", "--write", "--source", "A laboratory", "--licence", "CC-BY-4.0", "--admiralty", "B2")
	s.serve()
	t.Cleanup(s.kill)

	root := "https://" + at + "/field/"
	as := func(c tls.Certificate, token string) *taxii.Client {
		pool := x509.NewCertPool()
		pool.AddCert(ours.Leaf)
		client := &taxii.Client{HTTP: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "node.example", Certificates: []tls.Certificate{c}}}}}
		if token != "" {
			client.Sign = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
		}
		return client
	}
	var found []taxii.Collection
	s.until("the door for programs", func() (ok bool) {
		all, err := as(lab, "").Collections(t.Context(), root)
		found = all
		return err == nil
	})
	if len(found) != 1 || !found[0].CanRead || !found[0].CanWrite {
		t.Fatalf("%+v", found)
	}
	refused := func(who string, c *taxii.Client) {
		t.Helper()
		var p *taxii.Problem
		if all, err := c.Collections(t.Context(), root); !errors.As(err, &p) || p.HTTPStatus != "401" {
			t.Errorf("%s: %v %v", who, all, err)
		}
	}
	pin := "certificate\x00" + strings.Repeat("x", 32)
	refused("a stranger", as(stranger, ""))
	refused("a stranger with a word", as(stranger, strings.ReplaceAll(pin, "\x00", " ")))
	// Without a certificate the door does not open.
	if _, err := as(tls.Certificate{}, "").Collections(t.Context(), root); err == nil {
		t.Error("without a certificate")
	}
	run("user", "end-program", id, "--reason", "The key was lost.")
	s.until("the end of the account", func() bool {
		_, err := as(lab, "").Collections(t.Context(), root)
		return err != nil
	})
	refused("the laboratory after its end", as(lab, ""))
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"node.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
