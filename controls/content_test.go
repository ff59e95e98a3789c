package controls

import (
	"os"
	"testing"
)

func load(t testing.TB) *Content {
	t.Helper()
	c, err := LoadContent(os.DirFS("../content"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContentCompiles(t *testing.T) {
	c := load(t)
	if _, err := NewClassifier(Options{Content: c}); err != nil {
		t.Fatal(err)
	}
}
