//go:build unix

package crash

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"
)

// how makes the test's binary a program that ends in a certain way.
const how = "CRASH_TEST"

func TestMain(m *testing.M) {
	way, dir := os.Getenv(how), os.Getenv("CRASH_TEST_DIR")
	if way == "" {
		os.Exit(m.Run())
	}
	end := Guard(dir, "LEAVE", nil)
	println("a word that the runtime says")
	switch way {
	case "well":
		end()
		println("and one after")
		os.Exit(0)
	case "panic":
		go func() { panic("boom\x1b[31m") }()
	case "fatal":
		debug.SetMaxStack(1 << 20)
		println(deeper(0))
	case "quit":
		_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
	case "abort":
		_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	time.Sleep(time.Minute) //nolint:forbidigo // It ends before.
}

// deeper ends when the stack is full, which Go cannot recover from.
func deeper(n int) int {
	if n < 0 {
		return 0
	}
	return deeper(n+1) + 1
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct {
		way    string
		exit   int
		leave  bool
		says   string // a part of standard error
		traces int
	}{
		{"well", 0, false, "and one after\n", 0},
		{"panic", 2, true, `fathom: crashed: "panic: boom\x1b[31m"; the trace is in `, 1},
		{"fatal", 2, true, `fathom: crashed: "fatal error: stack overflow"; the trace is in `, 1},
		{"quit", 2, true, `fathom: crashed: "SIGQUIT: quit"; the trace is in `, 1},
		{"abort", 2, true, `fathom: crashed: "SIGABRT: abort"; the trace is in `, 1},
		{"killed", -1, true, "fathom: crashed:", 1},
	} {
		t.Run(tt.way, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state", "fathom")
			command := exec.Command(os.Args[0])
			command.Env = append(os.Environ(), how+"="+tt.way, "CRASH_TEST_DIR="+dir)
			var out, problems bytes.Buffer
			command.Stdout, command.Stderr = &out, &problems
			_ = command.Run() // It waits for the monitor too, which holds the same pipes.
			if got := command.ProcessState.ExitCode(); got != tt.exit {
				t.Errorf("exit code %d, want %d", got, tt.exit)
			}
			if got := strings.Contains(out.String(), "LEAVE"); got != tt.leave {
				t.Errorf("the terminal was given back: %v, want %v", got, tt.leave)
			}
			if !strings.Contains(problems.String(), tt.says) || strings.Contains(problems.String(), "\x1b") {
				t.Errorf("it says %q, want %q", problems.String(), tt.says)
			}
			traces, _ := filepath.Glob(filepath.Join(dir, "crash-*"))
			if len(traces) != tt.traces {
				t.Fatalf("%d traces, want %d", len(traces), tt.traces)
			}
			for _, name := range traces {
				checkTrace(t, name, tt.way)
			}
		})
	}
}

func checkTrace(t *testing.T, name, way string) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o", mode)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if way == "panic" && (!bytes.Contains(text, []byte("boom")) || !bytes.Contains(text, []byte("goroutine "))) {
		t.Errorf("the trace is\n%s", text)
	}
}
