package pgtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func scalar(t *testing.T, dsn, query string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var s string
	if err := conn.QueryRow(t.Context(), query).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	a, b := DSN(t), DSN(t)
	if a == b {
		t.Fatalf("two databases share the address %s", a)
	}
	conn, err := pgx.Connect(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "create table mark (n int)"); err != nil {
		t.Fatal(err)
	}
	if got := scalar(t, b, "select count(*)::text from pg_tables where schemaname = 'public'"); got != "0" {
		t.Errorf("a fresh database has %s tables", got)
	}
}

func TestServerIsPrivateAndInUTC(t *testing.T) {
	dsn := DSN(t)
	for setting, want := range map[string]string{
		"listen_addresses": "", "timezone": "UTC", "fsync": "off", "server_encoding": "UTF8",
	} {
		if got := scalar(t, dsn, "show "+setting); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
}

func TestDurableServerWaitsForTheDisk(t *testing.T) {
	dsn := DurableDSN(t)
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := scalar(t, dsn, "show "+setting); got != "on" {
			t.Errorf("%s = %q", setting, got)
		}
	}
}

func TestStopLeavesNothing(t *testing.T) {
	s, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("the folder %s is still there (%v)", s.dir, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if conn, err := pgx.Connect(ctx, dsn); err == nil {
		conn.Close(ctx)
		t.Error("the server still answers")
	}
}

// A test binary that is killed can't clean up. The keeper must.
func TestKilledTestBinaryLeavesNothing(t *testing.T) {
	if os.Getenv("PGTEST_DIE") != "" {
		s, err := Start(Options{})
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("dir=" + s.dir + "\n")
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledTestBinaryLeavesNothing$")
	cmd.Env = append(os.Environ(), "PGTEST_DIE=1")
	out, err := cmd.Output()
	if err == nil {
		t.Fatal("the test binary was to be killed")
	}
	_, dir, found := strings.Cut(string(out), "dir=")
	if !found {
		t.Fatalf("no server was started: %s", out)
	}
	dir = strings.TrimSpace(dir)
	if !strings.HasPrefix(filepath.Base(dir), "comity-pg-") {
		t.Fatalf("not a folder of ours: %q", dir)
	}
	for range 100 {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s is still there ten seconds after the test binary died", dir)
}
