package credential

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// patience is how long a test waits for a state that must come.
const patience = 20 * time.Second

// script writes a shell script and returns its path.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "login")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// answering is a script's line that answers with a status in JSON.
func answering(status string) string {
	return fmt.Sprintf(`echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":%s}'`, status)
}

// newPlugin returns the plugin that runs a script.
func newPlugin(t *testing.T, text string, change ...func(*Options)) *Plugin {
	t.Helper()
	o := Options{
		Exec: clientcmdapi.ExecConfig{
			Command: script(t, text), APIVersion: "client.authentication.k8s.io/v1",
			InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
		},
		Panicked: func(text string) { t.Error(text) }, Said: func(string) {}, Changed: func() {},
	}
	for _, c := range change {
		c(&o)
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// changes is for a plugin's Options: it wakes until.
type changes struct{ woken chan struct{} }

func newChanges() *changes { return &changes{make(chan struct{}, 1)} }

func (c *changes) option(o *Options) {
	o.Changed = func() {
		select {
		case c.woken <- struct{}{}:
		default:
		}
	}
}

// until waits for a state that a process brings about; nothing tells of those.
func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	limit := time.After(patience)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !reached() {
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// linesOf counts the lines of a file that a script writes.
func linesOf(path string) int {
	text, _ := os.ReadFile(path)
	return strings.Count(string(text), "\n")
}

// pids reads the process IDs that a script has written, one a line; nil before there are
// n of them.
func pids(path string, n int) []int {
	text, _ := os.ReadFile(path)
	var all []int
	for field := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			return nil
		}
		all = append(all, pid)
	}
	if len(all) < n || !strings.HasSuffix(string(text), "\n") {
		return nil
	}
	return all
}

// endLeft ends the processes that a script has left on purpose.
func endLeft(t *testing.T, path string) {
	t.Helper()
	for _, pid := range pids(path, 0) {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
}
