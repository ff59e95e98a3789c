package nodetest

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ProcessorTime is what this process has used of all cores so far: benchmarks
// that report it say the same on a machine that has other work.
func ProcessorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Memory is what this process holds now, in bytes, without the pages of files
// that the system lends it and takes back at will.
func Memory(b *testing.B) int64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "RssAnon:")
	var kib int64
	if _, err := fmt.Sscan(after, &kib); err != nil {
		b.Fatal(err)
	}
	return kib * 1024
}

// Word makes an invented word of a number, another for each.
func Word(n int) string {
	const on, in = "bdfgklmnprstvz", "aeiou"
	w := []byte{'T', in[n%5]}
	for n = n/5 + 1; n > 0; n /= len(on) * len(in) {
		w = append(w, on[n%len(on)], in[n/len(on)%len(in)])
	}
	return string(append(w, 'r'))
}
