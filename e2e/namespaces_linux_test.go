package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/statement/envelope"
)

// inNamespaces is set where the test runs as root of its own namespaces.
const inNamespaces = "COMITY_TEST_IN_NAMESPACES"

// Three programs, each in a network namespace of its own, over a wire that loses
// three packets in ten of each direction: one is killed, one is cut off from its
// originator and reads through the third, audiences are narrowed meanwhile. Then
// everybody has what was said to it, all logs are cosigned, and nobody ever had a
// version that was not for it.
//
// The wire is the test: it reads and writes the packets of each namespace's only
// device. So nothing is asked of the kernel but namespaces and TUN devices (the
// module that tc netem needs is often absent). Clocks can't be set for one
// namespace: TestManyNodes of package exchange has them apart.
func TestThreeNamespaces(t *testing.T) {
	if os.Getenv(inNamespaces) == "" {
		if err := build(t); err != nil {
			t.Fatal(err)
		}
		repotest.Needs(t, "namespaces for users and networks, TUN devices, ip and nsenter", namespaced("-test.run=^$"))
		if err := namespaced("-test.run=^TestThreeNamespaces$", "-test.v", "-test.timeout=10m"); err != nil {
			t.Fatal(err)
		}
		return
	}
	w := newWire(t, 3)
	all := statesAt(t, func(i int) string { return fmt.Sprintf("10.98.0.%d:8443", i+1) }, w.in)
	a, b, c := all[0], all[1], all[2]
	w.loss(30)
	for _, s := range all {
		s.serve()
		t.Cleanup(s.kill)
	}
	began := time.Now()
	say := func(s *state, title string, audience ...string) dispatch.Write {
		said := nodetest.Said(time.Now(), title, "Interior Ministry Unit 4", audience...)
		s.seat.Issue(said)
		return said
	}
	has := func(s *state, what string, n int) {
		s.t.Helper()
		s.until(what, func() bool { return s.holds() == n })
		t.Logf("%s after %s: %s", s.id, time.Since(began).Truncate(100*time.Millisecond), what)
	}
	// A report is three envelopes: itself, the capability and the end user.
	narrowed := say(a, "One", "XB", "XC")
	say(a, "Two", "XB", "XC")
	say(b, "Three", "XA", "XC")
	say(c, "Four", "XA", "XB")
	has(a, "two reports", 6)
	has(b, "three reports", 9)
	has(c, "three reports", 9)

	// XC dies, and comes back where it can't reach XA; what XA says, XC gets from
	// XB, except what is not for it any more.
	c.kill()
	w.cut(0, 2, true)
	a.seat.Do(a.seat.Contact, dispatch.Narrow{OnPaper: narrowed.OnPaper, Audience: []string{"XB"}})
	say(a, "Five", "XB", "XC")
	has(b, "a fourth report", 12)
	b.kill()
	say(a, "Six", "XB")
	b.serve()
	c.serve()
	has(b, "a fifth report", 15)
	has(c, "the report that came through XB", 12)
	if n := w.carried(0, 2); n != 0 {
		t.Errorf("%d packets between XA and XC", n)
	}
	w.cut(0, 2, false)
	has(c, "the end of what it may not have", 9)
	a.until("the receipts of XC", func() bool { return len(a.owing()) == 0 })
	for _, s := range all {
		s.until("two cosignatures", s.cosigned(strings.ToLower(s.id)+".example/log"))
	}
	t.Logf("all at one after %s: %s", time.Since(began).Truncate(100*time.Millisecond), w.counts())

	relayed, by := 0, map[string]*state{"XA": a, "XB": b, "XC": c}
	for _, s := range all {
		for _, e := range s.received() {
			if !by[e.Issuer].meant(e, s.id) {
				t.Errorf("%s got version %d of %s, which was not for it", s.id, e.Version, e.Object)
			}
			if e.Sender != e.Issuer {
				relayed++
			}
		}
		s.kill()
		if out := s.run("-c", "comity.toml", "ledger", "verify", "--refold"); !strings.Contains(out, "hold together") {
			t.Error(out)
		}
	}
	if relayed == 0 {
		t.Error("nothing went through a third")
	}
}

// namespaced runs this test's binary as root of new namespaces.
func namespaced(args ...string) error {
	for _, tool := range []string{"ip", "nsenter", "sleep"} {
		if _, err := exec.LookPath(tool); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), inNamespaces+"=1", "COMITY_BIN="+program.bin)
	root := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: root(os.Getuid()), GidMappings: root(os.Getgid()),
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// wire carries packets between namespaces.
type wire struct {
	in  [][]string // words that run a program in each
	tun []*os.File

	mu      sync.Mutex
	r       *rand.Rand
	percent int
	down    map[[2]int]bool
	passed  map[[2]int]int // since the last cut
	sent    int
	lost    int
}

// newWire makes namespaces of the addresses 10.98.0.1 and so on.
func newWire(t *testing.T, n int) *wire {
	t.Helper()
	w := &wire{r: rand.New(rand.NewPCG(30, 98)), down: map[[2]int]bool{}, passed: map[[2]int]int{}}
	for i := range n {
		holder := exec.Command("sleep", "600")
		holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		if err := holder.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = holder.Process.Kill(); _ = holder.Wait() })
		pid := strconv.Itoa(holder.Process.Pid)
		name := fmt.Sprintf("wire%d", i)
		tun, err := newTUN(name)
		repotest.Needs(t, "TUN devices", err)
		t.Cleanup(func() { _ = tun.Close() })
		in := []string{"nsenter", "-t", pid, "-n"}
		inside := func(words string) []string { return append(append([]string(nil), in...), strings.Fields(words)...) }
		for _, args := range [][]string{
			{"ip", "link", "set", name, "netns", pid},
			inside("ip link set lo up"),
			inside(fmt.Sprintf("ip address add 10.98.0.%d/24 dev %s", i+1, name)),
			inside("ip link set " + name + " up"),
		} {
			if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
		w.in, w.tun = append(w.in, in), append(w.tun, tun)
	}
	for i := range n {
		go w.carry(i)
	}
	return w
}

// newTUN makes a device whose packets the file gives and takes.
func newTUN(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	r, err := unix.NewIfreq(name)
	if err == nil {
		r.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, r)
	}
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), name), nil
}

// carry takes what a namespace sends to whom it is for, or loses it.
func (w *wire) carry(from int) {
	b := make([]byte, 65536)
	for {
		n, err := w.tun[from].Read(b)
		if err != nil {
			return // closed
		}
		if n < 20 || b[0]>>4 != 4 {
			continue
		}
		to := int(b[19]) - 1
		if to < 0 || to >= len(w.tun) || b[16] != 10 || !w.passes(from, to) {
			continue
		}
		_, _ = w.tun[to].Write(b[:n]) // one that is down has lost it
	}
}

func pair(i, j int) [2]int { return [2]int{min(i, j), max(i, j)} }

func (w *wire) passes(from, to int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent++
	if w.down[pair(from, to)] || w.r.IntN(100) < w.percent {
		w.lost++
		return false
	}
	w.passed[pair(from, to)]++
	return true
}

// loss says how many packets of a hundred are lost.
func (w *wire) loss(percent int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.percent = percent
}

// cut parts two namespaces, or joins them again.
func (w *wire) cut(i, j int, apart bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[pair(i, j)], w.passed[pair(i, j)] = apart, 0
}

// carried counts the packets between two since they were cut.
func (w *wire) carried(i, j int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.passed[pair(i, j)]
}

func (w *wire) counts() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("%d packets sent, %d lost", w.sent, w.lost)
}

// received are the statements that the state was ever handed, whatever became of
// them.
func (s *state) received() (all []store.Envelope) {
	s.t.Helper()
	if err := s.seat.App.Store().View(s.t.Context(), func(t *store.Tx) (err error) {
		all, err = t.ListEnvelopes(store.EnvelopeList{
			Purpose: string(envelope.ForStatement), Limit: 1000,
			States: []store.EnvelopeState{store.Current, store.Replaced, store.Withheld, store.Disposed, store.Contradicts},
		})
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// meant says whether what a state was handed was addressed to it by its issuer.
func (s *state) meant(e store.Envelope, to string) (ok bool) {
	s.t.Helper()
	if err := s.seat.App.Store().View(s.t.Context(), func(t *store.Tx) error {
		own, found, err := t.Envelope(e.ID)
		if err != nil || !found {
			return err
		}
		states, err := t.Recipients(own.Seq)
		ok = slices.Contains(states, to)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return ok
}
