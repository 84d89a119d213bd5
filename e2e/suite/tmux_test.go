package suite

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// tmux is a server of its own, with one window in which fathom runs.
type tmux struct {
	t            *testing.T
	home, socket string
}

// openInTmux starts fathom in a tmux that has one option set; nil for none.
func openInTmux(t *testing.T, option []string, args ...string) tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("install tmux: %v", err)
		}
		t.Skip("tmux is not installed")
	}
	home, err := os.MkdirTemp("", "tmux") //nolint:usetesting // fathom writes there until tmux has ended.
	if err != nil {
		t.Fatal(err)
	}
	m := tmux{t, home, filepath.Join(home, "s")}
	t.Cleanup(func() {
		_ = exec.CommandContext(context.Background(), "tmux", "-S", m.socket, "kill-server").Run()
		removed := func(context.Context) (bool, error) { return os.RemoveAll(home) == nil, nil }
		if err := wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, limit, true, removed); err != nil {
			t.Errorf("%s cannot be removed", home)
		}
	})
	m.run("-f", os.DevNull, "-u", "new-session", "-d", "-x", "120", "-y", "40", "cat")
	if option != nil {
		m.run(append([]string{"set-option", "-g"}, option...)...)
	}
	m.run(append([]string{"new-window", "-e", "KUBECONFIG=" + world.cluster.Kubeconfig, world.fathom}, args...)...)
	return m
}

// run runs one of tmux's commands and returns what it prints.
func (m tmux) run(args ...string) string {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), "tmux", append([]string{"-S", m.socket}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + m.home, "TERM=xterm-256color", "LANG=C.UTF-8"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

// waitFor waits until the window holds a text.
func (m tmux) waitFor(text string) {
	m.t.Helper()
	shown := ""
	found := func(context.Context) (bool, error) {
		shown = m.run("capture-pane", "-p")
		return strings.Contains(shown, text), nil
	}
	err := wait.PollUntilContextTimeout(m.t.Context(), 50*time.Millisecond, limit, true, found)
	if err != nil {
		m.t.Fatalf("no %q in tmux:\n%s", text, shown)
	}
}

// buffer is the newest paste buffer, "" for none.
func (m tmux) buffer() string {
	m.t.Helper()
	if m.run("list-buffers") == "" {
		return ""
	}
	return m.run("show-buffer")
}

// TestCopyInTmux copies a name inside tmux: as it comes, tmux keeps nothing and fathom says
// what to set; with that set, the name is in the paste buffer.
func TestCopyInTmux(t *testing.T) {
	for _, c := range []struct {
		name   string
		option []string
		want   string
	}{
		{"as it comes", nil, ""},
		{"as the hint says", []string{"set-clipboard", "on"}, "catalog"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := openInTmux(t, c.option, "deployments", "-n", "shop")
			m.waitFor("● live")
			m.waitFor("catalog")
			m.run("send-keys", "j")
			m.waitFor("› catalog")
			m.run("send-keys", "Y")
			m.waitFor("copied, where tmux has set-clipboard on: catalog")
			var got string
			err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, limit, true,
				func(context.Context) (bool, error) { got = m.buffer(); return got == c.want, nil })
			if err != nil {
				t.Errorf("the paste buffer holds %q, want %q", got, c.want)
			}
		})
	}
}
