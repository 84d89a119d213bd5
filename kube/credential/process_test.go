//go:build unix

package credential

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/transport"
)

// asProgram makes the test's binary a program that runs a plugin; it names the script.
const asProgram = "CREDENTIAL_TEST_PLUGIN"

func TestMain(m *testing.M) {
	path := os.Getenv(asProgram)
	if path == "" {
		os.Exit(m.Run())
	}
	p, err := New(Options{
		Exec: clientcmdapi.ExecConfig{
			Command: path, APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: "Never",
		},
		Said: func(string) {}, Changed: func() {},
	})
	if err != nil {
		panic(err)
	}
	p.Wait(context.Background())
}

// alive reports whether a process runs. One that has ended and waits for its parent, as
// under an init that does not, does not run.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// families are scripts that start processes of their own and tell their IDs.
var families = map[string]struct {
	script string
	count  int
}{
	"alone":      {"echo $$ >$0.pids\nexec sleep 300", 1},
	"a child":    {"sleep 300 &\necho $$ $! >$0.pids\nwait", 2},
	"a deaf one": {"trap '' TERM INT HUP\nsleep 300 &\necho $$ $! >$0.pids\nwhile :; do wait; done", 2},
}

func TestCloseEndsTheWholeGroup(t *testing.T) {
	for name, family := range families {
		t.Run(name, func(t *testing.T) {
			p := newPlugin(t, family.script)
			failed := make(chan error, 1)
			go func() {
				_, err := p.credentials(context.Background())
				failed <- err
			}()
			list := p.command + ".pids"
			until(t, "the plugin to run", func() bool { return pids(list, family.count) != nil })
			p.Close()
			if err := <-failed; !errors.Is(err, transport.ErrPending) {
				t.Errorf("the request got %v", err)
			}
			for _, pid := range pids(list, 0) {
				until(t, fmt.Sprintf("the end of %d", pid), func() bool { return !alive(pid) })
			}
			if _, err := p.credentials(t.Context()); !errors.Is(err, transport.ErrPending) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

// TestKilledProgram kills the program, which can do nothing about it: what it has started
// ends all the same.
func TestKilledProgram(t *testing.T) {
	for name, family := range families {
		t.Run(name, func(t *testing.T) {
			path := script(t, family.script)
			program := exec.Command(os.Args[0])
			program.Env = append(os.Environ(), asProgram+"="+path)
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "the plugin to run", func() bool { return pids(path+".pids", family.count) != nil })
			// Its watcher is there a moment later.
			until(t, "its watcher", func() bool { return childrenOf(program.Process.Pid) > 1 })
			if err := program.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = program.Wait()
			for _, pid := range pids(path+".pids", 0) {
				until(t, fmt.Sprintf("the end of %d", pid), func() bool { return !alive(pid) })
			}
		})
	}
}

func childrenOf(pid int) int {
	out, _ := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(pid)).Output()
	return len(strings.Fields(string(out)))
}

// TestPluginHasNoTerminal checks that a plugin leads a session, which has no terminal
// before it opens one.
func TestPluginHasNoTerminal(t *testing.T) {
	told := filepath.Join(t.TempDir(), "told")
	p := newPlugin(t, fmt.Sprintf(`echo $$ $(ps -o sid=,tty= -p $$) >%s; read key; echo "$?" >>%s; %s`,
		told, told, answering(`{"token":"t"}`)))
	if _, err := p.credentials(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(told)
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text))
	if len(fields) != 4 || fields[0] != fields[1] || fields[2] != "?" {
		t.Errorf("process, session, terminal and the outcome of reading a key: %q", text)
	}
	if fields[3] == "0" {
		t.Error("it has read a key")
	}
}
