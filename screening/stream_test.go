package screening

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func streamOver(x *Index) StreamOptions {
	return StreamOptions{Answer: func(out, line []byte) ([]byte, bool, error) { return x.AnswerLine(out, line, BatchOptions{Top: 3}) }}
}

// TestStream: one line in, one line out, errors as lines, and the answers are
// those of the batch.
func TestStream(t *testing.T) {
	x := smallIndex(t)
	in := `{"qid":"a","query":{"name":"Arkady Volkhontsev"}}
{broken
{"qid":"b","name":"Красная Заря"}

` + strings.Repeat("x", maxLine+1) + `
{"qid":"c","query":{"ids":[{"type":"imo","value":"9123456"}]}}`
	var out bytes.Buffer
	sum, err := RunStream(context.Background(), strings.NewReader(in), &out, streamOver(x))
	if err != nil || sum != (StreamSummary{Queries: 3, Hits: 3, Errors: 2}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[1], `{"line":2,"error":`) || lines[3] != `{"line":5,"error":"the line is too long"}` {
		t.Fatalf("%q", lines)
	}
	good := strings.Join([]string{strings.Split(in, "\n")[0], strings.Split(in, "\n")[2], strings.Split(in, "\n")[5]}, "\n")
	var batch bytes.Buffer
	if _, err := x.RunBatch(context.Background(), strings.NewReader(good), &batch, BatchOptions{Top: 3}); err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(batch.String(), "\n"); strings.Join([]string{lines[0], lines[2], lines[4]}, "\n") != want {
		t.Errorf("the stream says %q, the batch %q", lines, want)
	}
}

// TestStreamAnswersAtOnce asks the next question only when the last is answered.
func TestStreamAnswersAtOnce(t *testing.T) {
	x := smallIndex(t)
	askR, askW := io.Pipe()
	gotR, gotW := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := RunStream(context.Background(), askR, gotW, streamOver(x))
		done <- errors.Join(err, gotW.Close())
	}()
	buf := make([]byte, 64<<10)
	for range 3 {
		if _, err := io.WriteString(askW, `{"qid":"a","name":"Arkady Volkhontsev"}`+"\n"+`{"qid":`); err != nil {
			t.Fatal(err)
		}
		if n, err := gotR.Read(buf); err != nil || !strings.HasPrefix(string(buf[:n]), `{"qid":"a","results":[{"id":"d:1"`) {
			t.Fatalf("%q, %v", buf[:n], err)
		}
		if _, err := io.WriteString(askW, `"b","name":"Nuri Industries"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		if n, err := gotR.Read(buf); err != nil || !strings.HasPrefix(string(buf[:n]), `{"qid":"b"`) {
			t.Fatalf("%q, %v", buf[:n], err)
		}
	}
	if err := errors.Join(askW.Close(), <-done); err != nil {
		t.Fatal(err)
	}
}

func TestStreamEnds(t *testing.T) {
	x := smallIndex(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := RunStream(ctx, strings.NewReader(`{"name":"a"}`), io.Discard, streamOver(x)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled stream ends with %v", err)
	}
	if _, err := RunStream(context.Background(), strings.NewReader(`{"name":"a"}`), full{}, streamOver(x)); err == nil {
		t.Error("an answer that can't be written ends the stream")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestBatchGoesOn: what is skipped and what is answered make the whole.
func TestBatchGoesOn(t *testing.T) {
	x := smallIndex(t)
	var in strings.Builder
	for range 150 {
		in.WriteString(`{"qid":"a","name":"Arkady Volkhontsev"}` + "\n\n" + `{"qid":"b","name":"Nuri"}` + "\n")
	}
	answer := func(skip int) string {
		var out bytes.Buffer
		if _, err := x.RunBatch(context.Background(), strings.NewReader(in.String()), &out, BatchOptions{Skip: skip}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	all := strings.SplitAfter(answer(0), "\n")
	for _, skip := range []int{0, 1, 63, 64, 65, 299, 300} {
		if got := answer(skip); got != strings.Join(all[skip:], "") {
			t.Errorf("after %d: %d bytes, want the rest of the whole", skip, len(got))
		}
	}
	_, err := x.RunBatch(context.Background(), strings.NewReader("{\"name\":\"a\"}\n\n\n{\"name\":\n"), io.Discard, BatchOptions{})
	if err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("the broken line is line 4: %v", err)
	}
}

func FuzzStream(f *testing.F) {
	x, err := Build(listed(), Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("{\"qid\":\"a\",\"name\":\"Nuri\"}\n{\n\n[]\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		sum, err := RunStream(context.Background(), bytes.NewReader(in), &out, streamOver(x))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(out.Bytes(), []byte("\n")); n != sum.Queries+sum.Errors {
			t.Errorf("%d lines out for %+v", n, sum)
		}
	})
}
