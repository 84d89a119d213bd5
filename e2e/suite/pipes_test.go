package suite

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// newPipe makes a pipe with a name that nobody writes to.
func newPipe(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPipesThatNobodyWritesTo has a pipe in the place of every file that fathom reads at
// its start. It says what it waits for, and ctrl+c ends it with the terminal as it was.
func TestPipesThatNobodyWritesTo(t *testing.T) {
	type user = *clientcmdapi.AuthInfo
	named := func(change func(*clientcmdapi.Cluster, user, string)) func(*testing.T, string) []string {
		return func(t *testing.T, pipe string) []string {
			return []string{"KUBECONFIG=" + changedKubeconfig(t, func(c *clientcmdapi.Cluster, u user) { change(c, u, pipe) })}
		}
	}
	inConfig := func(name string) func(*testing.T, string) []string {
		return func(t *testing.T, _ string) []string {
			folder := t.TempDir()
			newPipe(t, filepath.Join(folder, "fathom", name))
			return []string{"XDG_CONFIG_HOME=" + folder}
		}
	}
	kubeconfig := func(_ *testing.T, pipe string) []string { return []string{"KUBECONFIG=" + pipe} }
	nothing := func(*testing.T, string) []string { return nil }
	for _, test := range []struct {
		name string
		env  func(t *testing.T, pipe string) []string
		args []string // PIPE is the pipe
		want string
	}{
		{"kubeconfig", kubeconfig, nil, "the kubeconfig"},
		{"kubeconfig, --once", kubeconfig, []string{"--once"}, "the kubeconfig"},
		{"kubeconfig, record", kubeconfig, []string{"record", "-o", "/tmp/none.tape"}, "the kubeconfig"},
		{
			"client certificate", named(func(_ *clientcmdapi.Cluster, u user, pipe string) {
				u.ClientCertificateData, u.ClientCertificate = nil, pipe
			}), nil, "or a file that it names",
		},
		{
			"token file", named(func(_ *clientcmdapi.Cluster, u user, pipe string) {
				*u = clientcmdapi.AuthInfo{TokenFile: pipe}
			}), []string{"--once"}, "or a file that it names",
		},
		{
			"certificate authority", named(func(c *clientcmdapi.Cluster, _ user, pipe string) {
				c.CertificateAuthorityData, c.CertificateAuthority = nil, pipe
			}), nil, "or a file that it names",
		},
		{"config", inConfig("config.yaml"), nil, `config.yaml", a pipe`},
		{"config, --once", inConfig("config.yaml"), []string{"--once"}, `config.yaml", a pipe`},
		{"theme", inConfig("themes/mine.yaml"), []string{"--theme=mine"}, `mine.yaml", a pipe`},
		{"kuberc", func(_ *testing.T, pipe string) []string { return []string{"KUBERC=" + pipe} }, nil, "a pipe"},
		{"open", nothing, []string{"open", "PIPE"}, "a pipe that nobody writes to"},
		{"open --once", nothing, []string{"open", "PIPE", "--once"}, "a pipe that nobody writes to"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pipe := newPipe(t, filepath.Join(t.TempDir(), "p"))
			options := screen.Options{Columns: 200, Env: append([]string{"KUBECONFIG=" + world.cluster.Kubeconfig},
				test.env(t, pipe)...)}
			args := strings.Split(strings.ReplaceAll(strings.Join(test.args, "\n"), "PIPE", pipe), "\n")
			if len(test.args) == 0 {
				args = nil
			}
			f := screen.Start(t, options, world.fathom, args...)
			f.WaitFor("waiting for", limit)
			f.WaitFor(test.want, limit)
			f.Keys("ctrl+c")
			if code := f.WaitExit(limit); code != 128+int(syscall.SIGINT) {
				t.Errorf("exit code %d", code)
			}
			checkGivenBack(t, f)
		})
	}
}

// TestPipesThatAreNotWaitedFor has one where fathom keeps what it knows: it does without.
func TestPipesThatAreNotWaitedFor(t *testing.T) {
	home := t.TempDir()
	f := openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 120, Env: []string{"HOME=" + home}}, "pods",
		"-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("ctrl+c")
	f.WaitExit(limit)
	err := filepath.WalkDir(home, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		newPipe(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	again := openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 120, Env: []string{"HOME=" + home}}, "pods",
		"-n", "shop")
	again.WaitFor("● live", limit)
	again.Keys("ctrl+c")
	again.WaitExit(limit)
}

// TestRecordIntoAPipe is refused like any other file that exists.
func TestRecordIntoAPipe(t *testing.T) {
	pipe := newPipe(t, filepath.Join(t.TempDir(), "p"))
	_, problems, code := run(t, nil, world.fathom, "record", "-o", pipe)
	if code != 1 || !strings.Contains(problems, "exists") {
		t.Errorf("exit code %d: %s", code, problems)
	}
}
