package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

// superuser is the one database role of a private server.
const superuser = "comity"

// Options say how a private server runs. The zero value is the fast way.
type Options struct {
	// Durable turns fsync and synchronous_commit on and gives the server the
	// memory that a benchmark of a large database needs.
	Durable bool
}

// Server is a private PostgreSQL. Only the user who started it can reach it.
type Server struct {
	dir       string
	keeper    *exec.Cmd
	leash     io.Closer // closing it tells the keeper to stop the server
	databases counter
}

// keep is the shell that owns the server. It holds no state of ours: when its
// standard input ends, because Stop closed it or because the test binary died,
// it stops the server by the process id in its own data folder and removes
// the folder. So nothing is left behind even by a test that was killed.
const keep = `
bin=$1 dir=$2 options=$3
exec 2>"$dir/words"
if "$bin/initdb" -D "$dir/data" -U ` + superuser + ` -A trust -E UTF8 --locale=C.UTF-8 -N --no-instructions >"$dir/words" &&
   "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -o "$options" -w -t 60 start >>"$dir/words"
then echo ready
else echo failed
fi
read -r _ || :
"$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$dir"
`

// Start runs a private server until Stop or until this process ends. Tests call
// DSN instead; programs that measure call this.
func Start(opts Options) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(shortTemp(), "comity-pg-")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", keep, "sh", bin, dir, settings(dir, opts))
	cmd.Dir = dir
	// A group of its own: an interrupt on the terminal reaches the tests, and
	// their end reaches the keeper.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := lowerRights(cmd, dir); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	leash, err := cmd.StdinPipe()
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("starting the keeper of the private server: %w", err)
	}
	s := &Server{dir: dir, keeper: cmd, leash: leash}
	if word, _ := bufio.NewReader(out).ReadString('\n'); word != "ready\n" {
		why := lastLines(filepath.Join(dir, "words")) + lastLines(filepath.Join(dir, "log"))
		s.Stop()
		return nil, fmt.Errorf("PostgreSQL from %s did not start:\n%s", bin, why)
	}
	return s, nil
}

// Stop ends the server at once and removes its folder.
func (s *Server) Stop() {
	s.leash.Close()
	_ = s.keeper.Wait() // the keeper's status says nothing we could act on
}

// settings are the server's command-line options. It listens on no network
// address; the socket lies in a folder only its user can enter.
func settings(dir string, opts Options) string {
	o := []string{
		"listen_addresses=''", "unix_socket_directories='" + dir + "'", "unix_socket_permissions=0700",
		"max_connections=200", "timezone=UTC", "log_timezone=UTC", "autovacuum_naptime=10s", "wal_recycle=off",
	}
	if opts.Durable {
		o = append(o, "fsync=on", "synchronous_commit=on", "full_page_writes=on",
			"shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min")
	} else {
		o = append(o, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB",
			// A container's /dev/shm may be too small for several servers.
			"dynamic_shared_memory_type=mmap")
	}
	return "-c " + strings.Join(o, " -c ")
}

// lowerRights makes the keeper run as an ordinary user where we are root,
// since PostgreSQL refuses to run as root, and gives that user the folder.
func lowerRights(cmd *exec.Cmd, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("reading the user %s: %w", name, err)
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		cmd.Env = append(os.Environ(), "HOME="+dir)
		return os.Chown(dir, int(uid), int(gid))
	}
	return errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as")
}

// shortTemp is the folder for temporary things, unless its name is so long that
// a socket in it would be over the 107 bytes that a unix socket may have.
func shortTemp() string {
	if t := os.TempDir(); len(t) <= 60 {
		return t
	}
	return "/tmp"
}

// binaries finds the folder with initdb and pg_ctl, installing Debian's package
// where it is missing and we may.
func binaries() (string, error) {
	if bin := findBinaries(); bin != "" {
		return bin, nil
	}
	if os.Geteuid() != 0 {
		return "", errors.New("no initdb and pg_ctl in /usr/lib/postgresql/*/bin or on the PATH; install the package postgresql (version 15 or later)")
	}
	_, here, _, _ := runtime.Caller(0)
	deps := filepath.Join(filepath.Dir(here), "../../../scripts/deps")
	if out, err := exec.Command(deps, "postgresql").CombinedOutput(); err != nil {
		return "", fmt.Errorf("no PostgreSQL on this machine, and installing it failed: %w\n%s", err, out)
	}
	if bin := findBinaries(); bin != "" {
		return bin, nil
	}
	return "", errors.New("the package postgresql is installed, yet there is no initdb in /usr/lib/postgresql/*/bin")
}

func findBinaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	sort.Slice(found, func(i, j int) bool { return version(found[i]) > version(found[j]) })
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	for _, initdb := range found {
		bin := filepath.Dir(initdb)
		if _, err := os.Stat(filepath.Join(bin, "pg_ctl")); err == nil {
			return bin
		}
	}
	return ""
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// lastLines is the end of a log, for an error that says what went wrong.
func lastLines(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	if len(b) > 2000 {
		b = b[len(b)-2000:]
	}
	return string(b)
}
