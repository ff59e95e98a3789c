package screening

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// sharedDir is the folder of reference files beside the project, or a skip.
func sharedDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			d := filepath.Join(filepath.Dir(dir), "shared")
			if _, err := os.Stat(d); err == nil {
				return d
			}
		}
	}
	tb.Skip("the folder of shared reference files is absent")
	return ""
}

var corpusIndex = sync.OnceValues(func() (*Index, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, "..", "..", "shared", "data", "screening", "corpus.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	es, err := ReadCorpus(f)
	if err != nil {
		return nil, err
	}
	return Build(es, Options{})
})

func realIndex(tb testing.TB) *Index {
	tb.Helper()
	sharedDir(tb)
	x, err := corpusIndex()
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

func monotonic() func() int64 {
	start := time.Now()
	return func() int64 { return int64(time.Since(start)) }
}

// TestDevSet answers the development queries; RESULTS names a file to keep
// the answers in.
func TestDevSet(t *testing.T) {
	x := realIndex(t)
	qs, err := os.ReadFile(filepath.Join(sharedDir(t), "data", "screening", "dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	sum, err := x.RunBatch(context.Background(), bytes.NewReader(qs), &out, BatchOptions{Fields: devFields(), Clock: monotonic()})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", sum)
	if f := os.Getenv("RESULTS"); f != "" {
		if err := os.WriteFile(f, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// devFields is FIELDS from the environment; the name alone where it is unset.
func devFields() Fields {
	if f := os.Getenv("FIELDS"); f != "" {
		return Fields(f)
	}
	return FieldsName
}
