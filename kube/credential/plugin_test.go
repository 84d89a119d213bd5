package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/pkg/apis/clientauthentication"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/transport"
)

func TestAnswers(t *testing.T) {
	const beta = `echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"b"}}'`
	command := func(name string) func(*Options) { return func(o *Options) { o.Exec.Command = name } }
	mode := func(m clientcmdapi.ExecInteractiveMode) func(*Options) {
		return func(o *Options) { o.Exec.InteractiveMode = m }
	}
	none := func(*Options) {}
	tests := []struct {
		name   string
		script string
		change func(*Options)
		want   string // the token, or a part of the error
	}{
		{"a token", answering(`{"token":"t"}`), none, "t"},
		{"never interactive", answering(`{"token":"t"}`), mode("Never"), "t"},
		{"v1beta1", beta, func(o *Options) { o.Exec.APIVersion = "client.authentication.k8s.io/v1beta1" }, "b"},
		{"another version", beta, none, "plugin returned version client.authentication.k8s.io/v1beta1"},
		{"nothing", "", none, "plugin returned version"},
		{"no JSON", "echo {", none, "decoding stdout"},
		{"another object", `echo '{"apiVersion":"v1","kind":"Pod"}'`, none, "decoding stdout"},
		{"no status", answering("null"), none, "didn't return a status field"},
		{"an empty status", answering("{}"), none, "didn't return a token or cert/key pair"},
		{"a certificate without its key", answering(`{"clientCertificateData":"x"}`), none, "only certificate or key"},
		{"no certificate", answering(`{"clientCertificateData":"x","clientKeyData":"y"}`), none, "client certificate"},
		{"an exit code", "exit 3", none, "login failed with exit code 3"},
		{"a signal", "kill -9 $$", none, "ended by a signal"},
		{"too much", "yes", none, "printed more than 1 MiB"},
		{"not there", "", command("/does/not/exist"), "getting credentials: exec: executable /does/not/exist"},
		{"not in the path", "", command("no-such-plugin"), "exec: executable no-such-plugin not found"},
		{
			"how to install it", "",
			func(o *Options) { o.Exec.Command, o.Exec.InstallHint = "no-such-plugin", "brew install it" },
			"not found: brew install it",
		},
		{"needs a terminal", answering(`{"token":"t"}`), mode("Always"), "needs a terminal"},
		{"an unknown mode", answering(`{"token":"t"}`), mode("Sometimes"), `unknown interactiveMode: "Sometimes"`},
		{
			"who holds the output does not hold up", "sleep 300 &\n" + answering(`{"token":"t"}`) + "\necho $! >$0.pid",
			none, "t",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlugin(t, tt.script, tt.change)
			got, err := p.credentials(t.Context())
			endLeft(t, p.command+".pid")
			if err == nil {
				if got.token != tt.want {
					t.Errorf("token %q, want %q", got.token, tt.want)
				}
				return
			}
			if _, ours := errors.AsType[*Error](err); !ours || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %T %v, want %q", err, err, tt.want)
			}
		})
	}
	if _, err := New(Options{Exec: clientcmdapi.ExecConfig{APIVersion: "v1"}}); err == nil {
		t.Error("an apiVersion that there is not")
	}
}

// TestWhatAPluginIsTold compares the environment of a plugin with what the protocol says.
func TestWhatAPluginIsTold(t *testing.T) {
	told := filepath.Join(t.TempDir(), "told")
	p := newPlugin(t, `printf '%s' "$KUBERNETES_EXEC_INFO" >$TOLD; echo "$1" >>$TOLD.args; `+answering(`{"token":"t"}`),
		func(o *Options) {
			o.Exec.Env = []clientcmdapi.ExecEnvVar{{Name: "TOLD", Value: told}}
			o.Exec.Args = []string{"get-token"}
			o.Exec.ProvideClusterInfo = true
			o.Cluster = &clientauthentication.Cluster{Server: "https://x"}
		})
	if _, err := p.credentials(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(told)
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		APIVersion string
		Spec       struct {
			Interactive *bool
			Cluster     struct{ Server string }
		}
	}
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if info.APIVersion != "client.authentication.k8s.io/v1" || info.Spec.Cluster.Server != "https://x" ||
		info.Spec.Interactive == nil || *info.Spec.Interactive {
		t.Errorf("told %s", text)
	}
	if args, _ := os.ReadFile(told + ".args"); string(args) != "get-token\n" {
		t.Errorf("arguments %q", args)
	}
}

func TestPolicy(t *testing.T) {
	list := func(commands ...string) clientcmdapi.PluginPolicy {
		policy := clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyAllowlist}
		for _, c := range commands {
			policy.Allowlist = append(policy.Allowlist, clientcmdapi.AllowlistEntry{Command: c})
		}
		return policy
	}
	folder := filepath.Dir(script(t, answering(`{"token":"t"}`)))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	for _, tt := range []struct {
		name, command string
		policy        clientcmdapi.PluginPolicy
		denied        bool
	}{
		{"none", "login", clientcmdapi.PluginPolicy{}, false},
		{"all", "login", clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyAllowAll}, false},
		{"deny all", "login", clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyDenyAll}, true},
		{"by its name", "login", list("login"), false},
		{"by its path", "login", list(folder + "/login"), false},
		{"a path by its name", folder + "/login", list("login"), false},
		{"an unclean path", folder + "/../" + filepath.Base(folder) + "/login", list(folder + "/login"), false},
		{"another with its name", folder + "/login", list("/bin/login"), true},
		{"another", "login", list("/bin/true"), true},
		{"not there", "no-such-plugin", list("login"), true},
		{"unknown", "login", clientcmdapi.PluginPolicy{PolicyType: "Sometimes"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlugin(t, "", func(o *Options) { o.Exec.Command, o.Exec.PluginPolicy = tt.command, tt.policy })
			_, err := p.credentials(t.Context())
			if errors.Is(err, ErrDenied) != tt.denied || !tt.denied && err != nil {
				t.Errorf("got %v, denied %v", err, tt.denied)
			}
		})
	}
}

// TestRequestsShareARun has many requests wait for one run. One that has no time ends
// before it.
func TestRequestsShareARun(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	p := newPlugin(t, fmt.Sprintf("echo >>%s\nwhile [ ! -e %s.go ]; do sleep 0.01; done\n%s",
		ran, ran, answering(`{"token":"t"}`)))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if c, err := p.credentials(t.Context()); err != nil || c.token != "t" {
				t.Errorf("got %v, %v", c, err)
			}
		})
	}
	until(t, "the plugin to run", func() bool { return linesOf(ran) == 1 })
	short, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	if _, err := p.credentials(short); !errors.Is(err, transport.ErrPending) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a request that has no time: %v", err)
	}
	if since, running := p.Running(); !running || since.IsZero() {
		t.Error("nobody knows that it runs")
	}
	if err := os.WriteFile(ran+".go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	p.Wait(t.Context())
	if n := linesOf(ran); n != 1 {
		t.Errorf("it ran %d times", n)
	}
}

func TestExpiry(t *testing.T) {
	for _, tt := range []struct {
		name    string
		expires time.Duration
		runs    int
	}{{"ahead", time.Hour, 1}, {"passed", -time.Hour, 2}} {
		t.Run(tt.name, func(t *testing.T) {
			ran := filepath.Join(t.TempDir(), "ran")
			at := time.Now().Add(tt.expires).UTC().Format(time.RFC3339)
			p := newPlugin(t, "echo >>"+ran+"\n"+answering(`{"token":"t","expirationTimestamp":"`+at+`"}`))
			for range 2 {
				if _, err := p.credentials(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if n := linesOf(ran); n != tt.runs {
				t.Errorf("it ran %d times, want %d", n, tt.runs)
			}
		})
	}
}

// TestAFailureStands has requests ask again at once: the plugin may open a browser each
// time.
func TestAFailureStands(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	p := newPlugin(t, "echo >>"+ran+"\nexit 1")
	for range 5 {
		if _, err := p.credentials(t.Context()); err == nil {
			t.Fatal("no error")
		}
	}
	if n := linesOf(ran); n != 1 {
		t.Errorf("it ran %d times", n)
	}
	p.Retry()
	if _, err := p.credentials(t.Context()); err == nil || linesOf(ran) != 2 {
		t.Errorf("after Retry it ran %d times: %v", linesOf(ran), err)
	}
}

func TestLimit(t *testing.T) {
	p := newPlugin(t, "exec sleep 300", func(o *Options) { o.Limit = time.Millisecond })
	_, err := p.credentials(t.Context())
	failed, ok := errors.AsType[*Error](err)
	if !ok || !failed.sticky || !strings.Contains(err.Error(), "did not answer within") {
		t.Errorf("got %v", err)
	}
}

func TestCancel(t *testing.T) {
	c := newChanges()
	ran := filepath.Join(t.TempDir(), "ran")
	p := newPlugin(t, "echo >>"+ran+"\nexec sleep 300", c.option)
	failed := make(chan error, 1)
	go func() {
		_, err := p.credentials(context.Background())
		failed <- err
	}()
	until(t, "the plugin to run", func() bool { return linesOf(ran) == 1 })
	p.Cancel()
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "was cancelled") {
		t.Errorf("got %v", err)
	}
	if _, running := p.Running(); running {
		t.Error("it still runs")
	}
	if _, err := p.credentials(t.Context()); err == nil || linesOf(ran) != 1 {
		t.Errorf("it ran again by itself: %v", err)
	}
}

// TestWordsAreBounded has a plugin flood its standard error.
func TestWordsAreBounded(t *testing.T) {
	var mu sync.Mutex
	var said []string
	p := newPlugin(t, `printf 'a\rb\n\n' >&2; head -c 5000000 /dev/zero | tr '\0' x >&2; `+answering(`{"token":"t"}`),
		func(o *Options) {
			o.Said = func(line string) {
				mu.Lock()
				defer mu.Unlock()
				said = append(said, line)
			}
		})
	if _, err := p.credentials(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(said) < 3 || said[0] != "a" || said[1] != "b" || !strings.Contains(said[len(said)-1], "dropped") {
		t.Errorf("%d lines, the first %q", len(said), said[:min(2, len(said))])
	}
	if n := len(strings.Join(said, "")); n > saidMax+2*lineMax {
		t.Errorf("%d bytes were passed on", n)
	}
}
