package letter

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var installPoppler = sync.OnceValue(func() string {
	if _, err := exec.LookPath("pdftotext"); err == nil {
		return ""
	}
	if os.Getuid() != 0 {
		return "pdftotext is missing: install the package poppler-utils"
	}
	_ = exec.Command("apt-get", "update").Run()
	if out, err := exec.Command("apt-get", "install", "-y", "--no-install-recommends", "poppler-utils").CombinedOutput(); err != nil {
		return "pdftotext is missing and apt could not install poppler-utils: " + string(out)
	}
	return ""
})

// poppler runs a tool of poppler-utils on a PDF and returns what it prints.
func poppler(t testing.TB, pdf []byte, tool string, args ...string) string {
	t.Helper()
	if msg := installPoppler(); msg != "" {
		t.Fatal(msg)
	}
	file := filepath.Join(t.TempDir(), "letter.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = file
		}
	}
	cmd := exec.Command(tool, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v: %s", tool, err, errs.String())
	}
	return string(out)
}

// extract is the text a reader would copy, on one line, without the marks that
// the tool adds around right-to-left words.
func extract(t testing.TB, pdf []byte) string {
	return flat(poppler(t, pdf, "pdftotext", "-layout", "FILE", "-"))
}

func flat(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}
