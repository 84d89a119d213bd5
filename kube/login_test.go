package kube

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// pluginServer is a test's cluster that wants the token of a credential plugin.
type pluginServer struct {
	*server
	url, token string

	mu      sync.Mutex
	refused []string // requests without it
}

func newPluginServer(t *testing.T) *pluginServer {
	t.Helper()
	s := &pluginServer{server: newServer(t), token: "secret"}
	// Credentials are for TLS only.
	tls := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+s.token {
			s.mu.Lock()
			s.refused = append(s.refused, r.URL.Path)
			s.mu.Unlock()
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(tls.Close)
	s.url = tls.URL
	return s
}

// flagsWith are the flags of a user whose credentials a shell script returns.
func (s *pluginServer) flagsWith(t *testing.T, script string) *genericclioptions.ConfigFlags {
	t.Helper()
	flags := flagsTo(t, s.url)
	s.writeKubeconfig(t, *flags.KubeConfig, script)
	return flags
}

func (s *pluginServer) writeKubeconfig(t *testing.T, path, script string) {
	t.Helper()
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "test",
"clusters": [{"name": "c", "cluster": {"server": %q, "insecure-skip-tls-verify": true}}],
"users": [{"name": "u", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1",
"interactiveMode": "IfAvailable", "command": "sh", "args": ["-c", %q]}}}],
"contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}]}`, s.url, script)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// returning is a script that returns a token.
func returning(token string) string {
	return `echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "` +
		token + `"}}'`
}

func TestCredentialPluginsWriteToTheMessages(t *testing.T) {
	s := newPluginServer(t)
	m := NewMessages()
	var mu sync.Mutex
	var said []string
	c := s.open(t, func(o *Options) {
		o.Flags, o.Messages = s.flagsWith(t, "echo your session has expired >&2; exit 1"), m
		o.PluginSaid = func(line string) {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, line)
		}
	})
	until(t, beats(t, c), "signed out", func() bool { return c.Health(time.Now()).State == SignedOut })
	until(t, m.Watch(), "the plugin's words", func() bool {
		return slices.ContainsFunc(m.All(), func(m Message) bool { return m.Text == "your session has expired" })
	})
	mu.Lock()
	defer mu.Unlock()
	if len(said) == 0 || said[0] != "your session has expired" {
		t.Errorf("told %q", said)
	}
	if asked := s.Requests(""); len(asked) > 0 {
		t.Errorf("asked without credentials: %v", asked)
	}
}

// TestPluginIsWaitedFor has a plugin that takes its time. The health names it, and no
// request is sent or fails before it has answered. A description, whose clients kubectl
// makes, has its token too.
func TestPluginIsWaitedFor(t *testing.T) {
	s := newPluginServer(t)
	s.put(newObject("v1", "Pod", "shop", "web", object{"spec": object{"containers": []any{object{"name": "app"}}}}))
	ready := filepath.Join(t.TempDir(), "ready")
	flags := s.flagsWith(t, "while [ ! -e "+ready+" ]; do sleep 0.01; done; "+returning("secret"))
	c := s.open(t, func(o *Options) { o.Flags = flags })
	listing := c.Listing(Scope{GroupVersionResource: podsResource, Namespace: "shop"})
	watch := listing.Watch()
	until(t, beats(t, c), "the plugin to run", func() bool { return c.Health(time.Now()).Plugin == "sh" })
	if h := c.Health(time.Now()); h.State != Connecting || h.Err != "" {
		t.Errorf("while it runs: %+v", h)
	}
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, watch, "the pods", func() bool { return listing.State().Phase == Live })
	until(t, beats(t, c), "the plugin to be forgotten", func() bool { return c.Health(time.Now()).Plugin == "" })
	pods, _ := c.Resources().byResource(podsResource)
	described, err := c.Describe(pods, "shop", "web").Next(t.Context())
	if d := described.(Described); err != nil || d.Err != nil || !strings.Contains(d.Text, "Containers:") {
		t.Errorf("described %+v, %v", described, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refused) > 0 {
		t.Errorf("asked without the token: %v", s.refused)
	}
}

func TestCancelLogin(t *testing.T) {
	s := newPluginServer(t)
	c := s.open(t, func(o *Options) { o.Flags = s.flagsWith(t, "exec sleep 300") })
	pulse := beats(t, c)
	until(t, pulse, "the plugin to run", func() bool { return c.Health(time.Now()).Plugin != "" })
	c.CancelLogin()
	until(t, pulse, "signed out", func() bool { return c.Health(time.Now()).State == SignedOut })
	if h := c.Health(time.Now()); h.Plugin != "" || !strings.Contains(h.Err, "was cancelled") {
		t.Errorf("after it was cancelled: %+v", h)
	}
}

// TestReloadReplacesThePlugin rewrites the kubeconfig while its plugin runs, as a login in
// another terminal does.
func TestReloadReplacesThePlugin(t *testing.T) {
	s := newPluginServer(t)
	flags := s.flagsWith(t, "exec sleep 300")
	c := s.open(t, func(o *Options) { o.Flags = flags })
	pulse := beats(t, c)
	until(t, pulse, "the plugin to run", func() bool { return c.Health(time.Now()).Plugin != "" })
	s.writeKubeconfig(t, *flags.KubeConfig, returning("secret"))
	if found, err := c.ReloadKubeconfig(); err != nil || !found.Credentials {
		t.Errorf("found %+v, %v", found, err)
	}
	until(t, pulse, "live", func() bool { return c.Health(time.Now()).State == Live })
}

// TestTimeLimitsBeginAfterThePlugin has a plugin take longer than a request may.
func TestTimeLimitsBeginAfterThePlugin(t *testing.T) {
	s := newPluginServer(t)
	flags := s.flagsWith(t, "sleep 2; "+returning("secret"))
	flags.Timeout = new("1s")
	c := s.open(t, func(o *Options) { o.Flags = flags })
	if err := c.WaitResources(t.Context()); err != nil {
		t.Error(err)
	}
}
