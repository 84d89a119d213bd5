package suite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestCrashGivesTheTerminalBack ends fathom in ways in which it cannot tidy up itself. A shell goes on in a terminal
// that is as it was, and the trace is in a file.
func TestCrashGivesTheTerminalBack(t *testing.T) {
	for _, test := range []struct {
		signal syscall.Signal
		ended  string
		says   string
		traces int
	}{
		{syscall.SIGQUIT, "ended with 2", `fathom: crashed: "SIGQUIT: quit"; the trace is in `, 1},
		{syscall.SIGABRT, "ended with 2", `fathom: crashed: "SIGABRT: abort"; the trace is in `, 1},
		{syscall.SIGSEGV, "ended with 2", `fathom: crashed: "SIGSEGV: segmentation violation"; `, 1},
		{syscall.SIGKILL, "ended with 137", "fathom: killed", 0},
	} {
		t.Run(test.signal.String(), func(t *testing.T) {
			state := t.TempDir()
			const script = `"$@"; echo "ended with $?"; read line; stty -a | grep -o -- '-\?icanon'; read line`
			args := []string{"-c", script, "sh", world.fathom, "--kubeconfig", world.cluster.Kubeconfig, "pods", "-n", "shop"}
			f := screen.Start(t, screen.Options{Columns: 120, Env: []string{"XDG_STATE_HOME=" + state}}, "sh", args...)
			f.WaitFor("● live", limit)
			if err := syscall.Kill(childOf(t, f.PID()), test.signal); err != nil {
				t.Fatal(err)
			}
			f.WaitFor(test.ended, limit)
			f.WaitFor(test.says, limit)
			checkGivenBack(t, f)
			f.Keys("enter")
			if shot := f.WaitFor("icanon", limit); strings.Contains(shot.Text(), "-icanon") {
				t.Errorf("the terminal is in raw mode\n%s", shot)
			}
			traces, err := filepath.Glob(filepath.Join(state, "fathom", "crash-*"))
			if err != nil || len(traces) != test.traces {
				t.Fatalf("traces %v, %v, want %d", traces, err, test.traces)
			}
			for _, name := range traces {
				if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%v, %v, want a file for its owner alone", info, err)
				}
			}
		})
	}
}

// childOf returns the one child of a process.
func childOf(t *testing.T, parent int) int {
	t.Helper()
	out, err := exec.Command("pgrep", "-P", strconv.Itoa(parent)).Output()
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return child
}
