package suite

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestFrameBeforeTheKubeconfig starts fathom on a kubeconfig that nobody has written yet. The frame is there, what is
// typed is kept, and ctrl+c ends it as anywhere else.
func TestFrameBeforeTheKubeconfig(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "kubeconfig")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		end  func(*screen.Terminal)
		code int
	}{
		{"ctrl+c", func(f *screen.Terminal) { f.Keys("ctrl+c") }, 128 + int(syscall.SIGINT)},
		{"SIGTERM", func(f *screen.Terminal) { f.Signal(syscall.SIGTERM) }, 128 + int(syscall.SIGTERM)},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := screen.Start(t, screen.Options{}, world.fathom, "--kubeconfig", pipe)
			f.WaitFor("read-only", limit)
			f.WaitFor("ctrl+c quits", limit)
			if shot := f.WaitFor("starting", limit); !shot.AltScreen {
				t.Errorf("the frame is not on a screen of its own\n%s", shot)
			}
			f.Keys("ctrl+z")
			f.Type("x")
			test.end(f)
			if code := f.WaitExit(limit); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			checkGivenBack(t, f)
			if shot := f.Screen(); strings.TrimSpace(shot.Text()) != "" {
				t.Errorf("something was left on the terminal\n%s", shot)
			}
		})
	}
}

// checkGivenBack checks that a terminal is as a program found it.
func checkGivenBack(t *testing.T, f *screen.Terminal) {
	t.Helper()
	shot, transcript := f.Screen(), f.Transcript()
	if shot.AltScreen || !shot.CursorVisible {
		t.Errorf("the terminal was not given back\n%s", shot)
	}
	for mode, set := range modes(transcript) {
		if set && !slices.Contains(atStart, mode) {
			t.Errorf("mode %s is still set", mode)
		}
	}
	if depth := keyboardDepth(transcript); depth != 0 {
		t.Errorf("%d keyboard protocols are left on the terminal's stack", depth)
	}
}
