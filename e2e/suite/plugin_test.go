package suite

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientauthv1 "k8s.io/client-go/pkg/apis/clientauthentication/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// pluginKubeconfig is one whose user has the admin's credentials from a shell script.
// CREDENTIALS in the script is the file that has them as a plugin returns them.
func pluginKubeconfig(t *testing.T, script string, change ...func(*clientcmdapi.ExecConfig)) string {
	t.Helper()
	return changedKubeconfig(t, func(_ *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) {
		text, err := json.Marshal(clientauthv1.ExecCredential{
			TypeMeta: metav1.TypeMeta{APIVersion: clientauthv1.SchemeGroupVersion.String(), Kind: "ExecCredential"},
			Status: &clientauthv1.ExecCredentialStatus{
				ClientCertificateData: string(user.ClientCertificateData), ClientKeyData: string(user.ClientKeyData),
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		credentials := filepath.Join(t.TempDir(), "credentials")
		write(t, credentials, string(text))
		*user = *plugin(t, strings.ReplaceAll(script, "CREDENTIALS", credentials))
		for _, c := range change {
			c(user.Exec)
		}
	})
}

// TestCredentialPluginHasNoTerminal has a plugin that asks on the terminal, as getpass and
// questions for a second factor do. It neither writes there nor takes a key.
func TestCredentialPluginHasNoTerminal(t *testing.T) {
	kubeconfig := pluginKubeconfig(t, `printf '\033]0;PWNED\007MFA code: ' > /dev/tty
read -r code < /dev/tty
echo "got $code" >&2
exit 1`)
	f := openWith(t, kubeconfig, screen.Options{Columns: 120, Rows: 40}, "pods", "-n", "shop")
	f.WaitFor("✖ signed out", limit)
	f.WaitFor(":login runs in this terminal", limit)
	goTo(f, "messages")
	shot := f.WaitFor(regexp.MustCompile(`(?i)/dev/tty: .*(no such device|not configured)`), limit)
	if shot.Title == "PWNED" || strings.Contains(string(f.Transcript()), "MFA code") {
		t.Errorf("the plugin wrote on the terminal\n%s", shot)
	}
	f.Keys("ctrl+c")
	if code := f.WaitExit(limit); code != 0 {
		t.Errorf("exit code %d", code)
	}
	checkGivenBack(t, f)
}

// lingering is a plugin that does not end, with a child, both deaf to all but SIGKILL.
const lingering = `trap '' TERM INT HUP
sleep 300 &
echo $$ $! >$PIDS
while :; do wait; done`

// TestCredentialPluginEndsWithTheProgram ends fathom in every way while its plugin runs.
func TestCredentialPluginEndsWithTheProgram(t *testing.T) {
	for name, end := range map[string]func(*screen.Terminal){
		"q":       func(f *screen.Terminal) { f.Keys("q") },
		"ctrl+c":  func(f *screen.Terminal) { f.Keys("ctrl+c") },
		"SIGTERM": func(f *screen.Terminal) { f.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(f *screen.Terminal) { f.Signal(syscall.SIGHUP) },
		"hang-up": func(f *screen.Terminal) { f.HangUp() },
		"SIGABRT": func(f *screen.Terminal) { f.Signal(syscall.SIGABRT) },
		"SIGKILL": func(f *screen.Terminal) { f.Signal(syscall.SIGKILL) },
	} {
		t.Run(name, func(t *testing.T) {
			pids := filepath.Join(t.TempDir(), "pids")
			kubeconfig := pluginKubeconfig(t, lingering)
			options := screen.Options{Columns: 120, Env: []string{"PIDS=" + pids, "XDG_STATE_HOME=" + t.TempDir()}}
			f := openWith(t, kubeconfig, options, "pods", "-n", "shop")
			f.WaitFor(regexp.MustCompile(`waiting for the credential plugin login \(\d+s\)`), limit)
			end(f)
			f.WaitExit(limit)
			checkGone(t, pids)
		})
	}
	t.Run("--once", func(t *testing.T) {
		pids := filepath.Join(t.TempDir(), "pids")
		once := exec.Command(world.fathom, "--once", "pods")
		once.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "PIDS=" + pids,
			"KUBECONFIG=" + pluginKubeconfig(t, lingering),
		}
		if err := once.Start(); err != nil {
			t.Fatal(err)
		}
		awaitState(t, "the plugin, and what watches over it", func() bool {
			children, _ := exec.Command("pgrep", "-P", strconv.Itoa(once.Process.Pid)).Output()
			return len(pidsOf(pids)) == 2 && len(strings.Fields(string(children))) == 2
		})
		if err := once.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = once.Wait()
		checkGone(t, pids)
	})
}

// pidsOf reads the process IDs that a plugin has written.
func pidsOf(path string) (all []int) {
	text, _ := os.ReadFile(path)
	for field := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// checkGone checks that the processes end whose IDs a plugin has written.
func checkGone(t *testing.T, path string) {
	t.Helper()
	all := pidsOf(path)
	if len(all) != 2 {
		t.Fatalf("the plugin wrote the processes %v", all)
	}
	for _, pid := range all {
		awaitState(t, "the end of process "+strconv.Itoa(pid), func() bool {
			state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
			return err != nil || strings.HasPrefix(strings.TrimSpace(string(state)), "Z")
		})
	}
}

// awaitState waits for what no terminal shows.
func awaitState(t *testing.T, what string, reached func() bool) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for over := time.After(limit); !reached(); {
		select {
		case <-look.C:
		case <-over:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestCancelCredentialPlugin ends a plugin that takes too long for the person who waits.
func TestCancelCredentialPlugin(t *testing.T) {
	kubeconfig := pluginKubeconfig(t, "exec sleep 300")
	f := openWith(t, kubeconfig, screen.Options{Columns: 120, Rows: 40}, "pods", "-n", "shop")
	f.WaitFor(regexp.MustCompile(`waiting for the credential plugin login \(\d+s\)`), limit)
	goTo(f, "cancel-login")
	f.WaitFor("✖ signed out", limit)
	f.WaitFor("the credential plugin login was cancelled", limit)
}

// asking is a plugin that wants to know something before it returns credentials.
const asking = `( : </dev/tty ) 2>/dev/null || { echo nobody to ask >&2; exit 1; }
stty -echo </dev/tty
printf 'MFA code: ' >/dev/tty
read -r code </dev/tty
stty echo </dev/tty
[ "$code" = 1234 ] || exit 4
cat CREDENTIALS`

// TestLoginInTheForeground answers a plugin on the terminal: not at all, wrong, and right.
// Its certificate is used from then on.
func TestLoginInTheForeground(t *testing.T) {
	for _, mode := range []clientcmdapi.ExecInteractiveMode{
		clientcmdapi.IfAvailableExecInteractiveMode, clientcmdapi.AlwaysExecInteractiveMode,
	} {
		t.Run(string(mode), func(t *testing.T) {
			kubeconfig := pluginKubeconfig(t, asking, func(e *clientcmdapi.ExecConfig) { e.InteractiveMode = mode })
			f := openWith(t, kubeconfig, screen.Options{Columns: 200, Rows: 40}, "pods", "-n", "shop")
			f.WaitFor(":login runs in this terminal", limit)
			if mode == clientcmdapi.AlwaysExecInteractiveMode {
				f.WaitFor("the credential plugin login needs a terminal", limit)
			}
			asked := 0
			for _, try := range []struct{ text, key, outcome string }{
				{"", "ctrl+c", "ended by a signal, interrupt"},
				{"q", "ctrl+z", ""}, // neither is for fathom, and nobody could wake the plugin
				{"wrong", "enter", "failed with exit code 4"},
				{"1234", "enter", "with login: done"},
			} {
				if f.Screen().AltScreen {
					asked++
					goTo(f, "login")
					// What earlier ones have printed is still there.
					shot := f.WaitFor(regexp.MustCompile(fmt.Sprintf(`(?s)(MFA code.*){%d}`, asked)), limit)
					if shot.AltScreen || !shot.CursorVisible || !shot.Contains("running /") {
						t.Errorf("the terminal was not given to the plugin\n%s", shot)
					}
				}
				f.Type(try.text)
				f.Keys(try.key)
				if try.outcome != "" {
					f.WaitFor(try.outcome, limit)
				} else {
					f.Keys("backspace", "backspace")
				}
			}
			f.WaitFor("● live", limit)
			f.Keys("esc")
			f.WaitFor("db-0", limit)
			f.Keys("q")
			f.WaitExit(limit)
			checkGivenBack(t, f)
		})
	}
}

// TestLoginEndsWithTheProgram ends fathom while its plugin has the terminal.
func TestLoginEndsWithTheProgram(t *testing.T) {
	for name, end := range map[string]func(*screen.Terminal){
		"SIGTERM": func(f *screen.Terminal) { f.Signal(syscall.SIGTERM) },
		"hang-up": func(f *screen.Terminal) { f.HangUp() },
		"SIGKILL": func(f *screen.Terminal) { f.Signal(syscall.SIGKILL) },
	} {
		t.Run(name, func(t *testing.T) {
			pids := filepath.Join(t.TempDir(), "pids")
			kubeconfig := pluginKubeconfig(t, "( : </dev/tty ) 2>/dev/null || exit 1\necho asking >/dev/tty\n"+lingering)
			options := screen.Options{Columns: 120, Env: []string{"PIDS=" + pids, "XDG_STATE_HOME=" + t.TempDir()}}
			f := openWith(t, kubeconfig, options, "pods", "-n", "shop")
			f.WaitFor(":login runs in this terminal", limit)
			goTo(f, "login")
			f.WaitFor("asking", limit)
			awaitState(t, "the plugin", func() bool { return len(pidsOf(pids)) == 2 })
			end(f)
			f.WaitExit(limit)
			checkGone(t, pids)
			if name == "SIGTERM" {
				checkGivenBack(t, f)
			}
		})
	}
}

// TestOncePrintsAPluginsWords has one that works and says something: cleaned, on the
// standard error.
func TestOncePrintsAPluginsWords(t *testing.T) {
	kubeconfig := pluginKubeconfig(t, `printf 'your login \033[31mends at noon\n' >&2; cat CREDENTIALS`)
	out, problems, code := run(t, []string{"KUBECONFIG=" + kubeconfig}, world.fathom, "--once", "pods", "-n", "shop")
	if code != 0 || !strings.Contains(out, "db-0") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if !strings.Contains(problems, "ends at noon") || strings.Contains(problems, "\x1b") {
		t.Errorf("the plugin's words came as %q", problems)
	}
}
