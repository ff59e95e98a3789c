package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/fault"
)

// journal keeps the answers of a batch, one a line, while it runs. Its first
// line says what was asked and of what: a run that was cut off is gone on with
// only where both are the same.
type journal struct {
	file *os.File
	done int // answers that an earlier run left
}

// openJournal reads how far an earlier run came. A line that was cut off in the
// middle is dropped.
func openJournal(f *os.File, about []byte) (_ *journal, err error) {
	j := &journal{file: f}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	in := bufio.NewReaderSize(f, 64<<10)
	whole := int64(0)
	for n := 0; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if n == 0 && !bytes.Equal(bytes.TrimSpace(line), about) {
			return nil, fault.New(fault.Conflict, "screen.batch.other", "file", f.Name())
		}
		whole += int64(len(line))
		j.done = n
	}
	if err := f.Truncate(whole); err != nil {
		return nil, err
	}
	if _, err := f.Seek(whole, io.SeekStart); err != nil {
		return nil, err
	}
	if whole == 0 {
		_, err = f.Write(append(about, '\n'))
	}
	return j, err
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) { return j.file.Write(p) }

func (j *journal) close() error { return j.file.Close() }

// answers opens the answers to be read, once all are there.
func (j *journal) answers() (io.ReadCloser, error) {
	f, err := os.Open(j.file.Name())
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(f, 64<<10)
	if _, err := in.ReadBytes('\n'); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{in, f}, nil
}

func (j *journal) remove() error { return os.Remove(j.file.Name()) }

func toStdout(name string) bool { return name == "-" || filepath.Base(name) == "-" }

// unwritten makes sure that a file to be written is not there yet.
func unwritten(name string) error {
	if toStdout(name) {
		return nil
	}
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("%s is there already: choose another name, nothing is written over", name)
	}
	return nil
}

// residentMB is the most memory that this process has held, in megabytes; 0
// where the system does not tell.
func residentMB() int {
	if runtime.GOOS != "linux" {
		return 0
	}
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	kb, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(kb)
	return n / 1024
}
