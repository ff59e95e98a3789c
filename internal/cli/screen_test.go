package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const corpus = `{"id":"d:1","list":"demo","type":"person","name":"VOLKHONTSEV, Arkady Timofeyevich","dob":["1961-05-07"]}
{"id":"d:2","list":"demo","type":"vessel","name":"KRASNAYA ZARYA","ids":[{"type":"imo","value":"9123456"}]}
`

// screenFiles are a corpus and a file of queries in a folder.
func screenFiles(t *testing.T, name, queries string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for n, text := range map[string]string{"corpus.jsonl": corpus, name: queries} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func runIn(ctx context.Context, stdin string, args ...string) (code int, out, problems string) {
	var o, p bytes.Buffer
	code = Main(ctx, args, IO{Stdin: strings.NewReader(stdin), Stdout: &o, Stderr: &p})
	return code, o.String(), p.String()
}

// TestBatchThatWasCutOffGoesOn leaves what a killed batch leaves, a journal whose
// last line is torn, and has the batch run again.
func TestBatchThatWasCutOffGoesOn(t *testing.T) {
	for name, queries := range map[string]string{
		"q.jsonl": strings.Repeat("{\"qid\":\"a\",\"name\":\"Arkady Volkhontsev\"}\n{\"qid\":\"b\",\"name\":\"Nobody Such\"}\n", 40),
		"q.csv":   "no,name,imo\n" + strings.Repeat("1,Arkady Volkhontsev,\n2,\"Nobody\nSuch\",\n3,,9123456\n", 30),
	} {
		t.Run(name, func(t *testing.T) {
			dir := screenFiles(t, name, queries)
			batch := func(ctx context.Context, out string) (int, string) {
				code, _, problems := runIn(ctx, "", "screen", "batch", "--lists", filepath.Join(dir, "corpus.jsonl"), "--queries", filepath.Join(dir, name), "--out", filepath.Join(dir, out))
				return code, problems
			}
			if code, problems := batch(context.Background(), "whole"); code != 0 {
				t.Fatal(problems)
			}
			whole := read(t, dir, "whole")
			// A batch that is stopped at once leaves its journal: the heading alone.
			stopped, stop := context.WithCancel(context.Background())
			stop()
			if code, _ := batch(stopped, "again"); code == 0 {
				t.Fatal("a batch that was stopped says that all is well")
			}
			part := strings.SplitAfter(read(t, dir, "again.part"), "\n")
			// The journal of the whole holds the same answers, so part of it is what a kill leaves.
			if name == "q.jsonl" {
				lines := strings.SplitAfter(whole, "\n")
				write(t, dir, "again.part", part[0]+strings.Join(lines[:7], "")+lines[7][:9])
			} else {
				write(t, dir, "again.part", part[0]+strings.Repeat(`{"result":"kept","hits":0}`+"\n", 5)+`{"res`)
			}
			code, problems := batch(context.Background(), "again")
			if code != 0 {
				t.Fatal(problems)
			}
			again := read(t, dir, "again")
			if name == "q.jsonl" && stripTimes(again) != stripTimes(whole) {
				t.Errorf("gone on with: %s\nin one go: %s", again, whole)
			}
			if name == "q.csv" && (strings.Count(again, ",kept,") != 5 || len(strings.Split(again, "\n")) != len(strings.Split(whole, "\n"))) {
				t.Errorf("what was answered before was not kept: %s", again)
			}
			if !strings.Contains(problems, "went on") {
				t.Errorf("it does not say that it went on: %s", problems)
			}
			if _, err := os.Stat(filepath.Join(dir, "again.part")); err == nil {
				t.Error("the journal is still there")
			}
			// What another batch left is not gone on with.
			write(t, dir, "third.part", strings.Replace(part[0], `"top":20`, `"top":3`, 1))
			if code, problems := batch(context.Background(), "third"); code == 0 || !strings.Contains(problems, "third.part") {
				t.Errorf("status %d: %s", code, problems)
			}
		})
	}
}

func TestStreamCommand(t *testing.T) {
	dir := screenFiles(t, "q.jsonl", "")
	code, out, problems := runIn(context.Background(), "{\"qid\":\"a\",\"name\":\"Аркадий Волхонцев\"}\nnonsense\n{\"qid\":\"c\",\"name\":\"Nobody Such\"}\n",
		"screen", "stream", "--lists", filepath.Join(dir, "corpus.jsonl"))
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if code != 0 || len(lines) != 3 || !strings.HasPrefix(lines[0], `{"qid":"a","results":[{"id":"d:1"`) || !strings.HasPrefix(lines[1], `{"line":2,"error":`) || !strings.HasPrefix(lines[2], `{"qid":"c","results":[]`) {
		t.Errorf("status %d, %q, %s", code, lines, problems)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// stripTimes leaves out how long each answer took.
func stripTimes(s string) string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		line, _, _ = strings.Cut(line, `"us":`)
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
