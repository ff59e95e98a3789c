package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestMain lets the test's program be the client of a benchmark too: as a
// process of its own, so that the processor time of server and client is told
// apart.
func TestMain(m *testing.M) {
	if addr := os.Getenv("COMITY_BENCH_SERVER"); addr != "" {
		if err := client(addr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// job is what the client is asked to do.
type job struct {
	Path, Kind, Token   string
	Bodies              [][]byte
	Requests, Connected int
}

// done is what it says when it has done so.
type done struct {
	Seconds, P99ms float64
}

// load has the requests sent by a process of its own and reports parties a
// second, the slowest hundredth, and the processor time of server and client.
func load(b *testing.B, h *house, addr, path, kind string, bodies [][]byte, parties, connections int) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	ask, err := json.Marshal(job{path, kind, h.tokens["customs"], bodies, b.N, connections})
	if err != nil {
		b.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), "COMITY_BENCH_SERVER="+addr)
	c.Stdin, c.Stderr = bytes.NewReader(ask), os.Stderr
	before := cpuTime()
	b.ResetTimer()
	out, err := c.Output()
	b.StopTimer()
	if err != nil {
		b.Fatal(err)
	}
	var d done
	if err := json.Unmarshal(out, &d); err != nil {
		b.Fatal(err)
	}
	n := float64(b.N * parties)
	server, client := float64(cpuTime()-before), float64(c.ProcessState.UserTime()+c.ProcessState.SystemTime())
	b.ReportMetric(n/d.Seconds, "parties/s")
	b.ReportMetric(server/1e3/n, "server-us/party")
	b.ReportMetric(client/1e3/n, "client-us/party")
	b.ReportMetric(2e9*n/(server+client), "by-cpu/s")
	b.ReportMetric(d.P99ms, "p99-ms")
}

// client sends requests over kept connections, each the next when the last is
// answered, and says how long it took.
func client(addr string) error {
	var j job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		return err
	}
	requests := make([][]byte, len(j.Bodies))
	for i, b := range j.Bodies {
		requests[i] = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			j.Path, addr, j.Token, j.Kind, len(b), b)
	}
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	start := time.Now()
	var wg sync.WaitGroup
	for range j.Connected {
		wg.Go(func() {
			mine, err := converse(addr, requests, &next, j.Requests)
			mu.Lock()
			defer mu.Unlock()
			if took = append(took, mine...); err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	if failed != nil || len(took) == 0 {
		return fmt.Errorf("client: %d answers, %w", len(took), failed)
	}
	slices.Sort(took)
	return json.NewEncoder(os.Stdout).Encode(done{time.Since(start).Seconds(), float64(took[len(took)*99/100].Microseconds()) / 1e3})
}

func converse(addr string, requests [][]byte, next *atomic.Int64, n int) (took []time.Duration, err error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	in := bufio.NewReaderSize(c, 64<<10)
	for {
		i := int(next.Add(1)) - 1
		if i >= n {
			return took, nil
		}
		t := time.Now()
		if _, err := c.Write(requests[i%len(requests)]); err != nil {
			return took, err
		}
		if err := answer(in); err != nil {
			return took, err
		}
		took = append(took, time.Since(t))
	}
}

// answer reads one answer and wants it to be a good one. It reads no more of the
// head than it must, so that the client costs little.
func answer(in *bufio.Reader) error {
	long, status := -1, ""
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if status == "" {
			status = string(line)
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if long, err = strconv.Atoi(string(v)); err != nil {
				return err
			}
		}
	}
	if status != fmt.Sprintf("HTTP/1.1 %d %s", http.StatusOK, http.StatusText(http.StatusOK)) || long < 0 {
		return fmt.Errorf("answered %q with %d bytes", status, long)
	}
	_, err := io.CopyN(io.Discard, in, int64(long))
	return err
}
