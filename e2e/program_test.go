package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/repotest"
)

// program is the program under test: built once, running one demonstration that
// the tests of a run share. Each test brings cases of its own.
var program struct {
	once sync.Once
	bin  string
	url  string
	cmd  *exec.Cmd
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if program.cmd != nil {
		// By its own id: nothing else on the machine is meant.
		_ = program.cmd.Process.Signal(syscall.SIGTERM)
		_ = program.cmd.Wait()
	}
	if program.dir != "" {
		_ = os.RemoveAll(program.dir)
	}
	os.Exit(code)
}

// start gives the address of the running demonstration.
func start(t *testing.T) string {
	t.Helper()
	program.once.Do(func() { program.err = launch(t) })
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.url
}

// build makes the program, once.
func build(t *testing.T) error {
	built.once.Do(func() {
		if program.dir, built.err = os.MkdirTemp("", "comity-e2e-"); built.err != nil {
			return
		}
		if program.bin = os.Getenv("COMITY_BIN"); program.bin != "" {
			return
		}
		program.bin = filepath.Join(program.dir, "comity")
		build := exec.Command("go", "build", "-o", program.bin, "./cmd/comity")
		build.Dir, build.Env = repotest.Root(t), append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	return built.err
}

var built struct {
	once sync.Once
	err  error
}

func launch(t *testing.T) error {
	// Whoever writes a walk starts a demonstration by hand and names it.
	if at := os.Getenv("COMITY_AT"); at != "" {
		program.url, program.bin = at, os.Getenv("COMITY_BIN")
		return nil
	}
	if err := build(t); err != nil {
		return err
	}
	dir := program.dir
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().String()
	_ = l.Close()
	var log bytes.Buffer
	cmd := exec.Command(program.bin, "demo", "serve", "--dir", filepath.Join(dir, "demo"), "--listen", address)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		return err
	}
	program.cmd, program.url = cmd, "http://"+address
	for range 600 {
		if r, err := http.Get(program.url + "/sign-in"); err == nil {
			_ = r.Body.Close()
			return nil
		}
		if cmd.ProcessState != nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("the demonstration did not start:\n%s", log.String())
}

// comity runs the program once and returns what it wrote.
func comity(t *testing.T, args ...string) string {
	t.Helper()
	start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program.bin, args...)
	cmd.Dir = repotest.Root(t)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("comity %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// as opens a window in which a sample person has signed in.
func as(t *testing.T, b *browser.Browser, sign string) *browser.Visitor {
	t.Helper()
	c, home := client(t, sign)
	at, err := url.Parse(start(t))
	if err != nil {
		t.Fatal(err)
	}
	v := b.Visitor(t)
	for _, k := range c.Jar.Cookies(at) {
		v.Cookie(at.String(), k.Name, k.Value)
	}
	v.Open(at.String() + home)
	return v
}

// read reads an answer's body, bounded, and closes it.
func read(t *testing.T, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
