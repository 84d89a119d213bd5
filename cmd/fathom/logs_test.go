package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// output is what a command has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	has  string
	seen func()
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(p)
	if strings.Contains(o.text.String(), o.has) {
		o.seen()
	}
	return n, err
}

// logged is a server with one pod that has written a line, whose first connections break.
func logged(t *testing.T, cut int32) (kubeconfig string) {
	t.Helper()
	server := kubetest.New(t, time.Now())
	server.Apply(t, `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app, image: x}]}
status:
  phase: Running
  containerStatuses: [{name: app, image: x, containerID: "c://1", ready: true, state: {running: {}}}]
`)
	server.Log(memapi.Container{Namespace: "shop", Pod: "web", Name: "app"}, memapi.Line{Time: time.Now(), Text: "served"})
	var requests atomic.Int32
	return served(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > cut {
			server.ServeHTTP(w, r)
		} else if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = connection.Close()
		}
	})
}

// served is a kubeconfig for what answers requests.
func served(t *testing.T, answer http.HandlerFunc) (kubeconfig string) {
	t.Helper()
	listener := httptest.NewServer(answer)
	t.Cleanup(func() {
		listener.CloseClientConnections()
		listener.Close()
	})
	kubeconfig = filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: %q}}],
contexts: [{name: c, context: {cluster: c, namespace: shop}}]}`, listener.URL)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// TestLogsOutliveTheFirstCut follows the log of a server whose first connections break, as a screen does. What does not
// follow gives up at once.
func TestLogsOutliveTheFirstCut(t *testing.T) {
	for name, args := range map[string][]string{
		"of a pod":      {"-f", "web"},
		"of a selector": {"-f", "-l", "app=web"},
		"up to now":     {"web"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			t.Setenv("KUBECONFIG", logged(t, 8))
			ctx, stop := context.WithTimeout(t.Context(), onceWait)
			defer stop()
			follows := args[0] == "-f"
			out := &output{has: "served", seen: stop}
			cmd := rootCommand("fathom")
			cmd.SetOut(out)
			cmd.SetErr(out)
			cmd.SetArgs(append([]string{"logs"}, args...))
			err := cmd.ExecuteContext(ctx)
			if (err == nil) != follows || strings.Contains(out.text.String(), "served") != follows {
				t.Errorf("got %v and\n%s", err, &out.text)
			}
		})
	}
}

// TestLogsThatCannotBeRead holds the exit codes for logs of which no line could be read, or not all.
func TestLogsThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		lost map[string]string // what the kubelet says of a container
		code int
		args []string
	}{
		"all":          {nil, 0, nil},
		"one":          {map[string]string{"app": ""}, 3, nil},
		"none":         {map[string]string{"app": "", "proxy": ""}, 1, nil},
		"none chosen":  {map[string]string{"app": ""}, 3, []string{"--grep", "nosuch"}},
		"none as JSON": {map[string]string{"app": "", "proxy": ""}, 1, []string{"-o", "json"}},
		"lost": {map[string]string{
			"app":   "unable to retrieve container logs for containerd://1",
			"proxy": "unable to retrieve container logs for containerd://2",
		}, 1, nil},
		"one is lost": {map[string]string{"app": "unable to retrieve container logs for containerd://1"}, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.New(t, time.Now())
			server.Apply(t, `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: app, image: x}, {name: proxy, image: x}]}
status:
  phase: Running
  containerStatuses:
  - {name: app, image: x, containerID: "c://1", ready: true, state: {running: {}}}
  - {name: proxy, image: x, containerID: "c://2", ready: true, state: {running: {}}}
`)
			for _, container := range []string{"app", "proxy"} {
				server.Log(memapi.Container{Namespace: "shop", Pod: "web", Name: container},
					memapi.Line{Time: time.Now(), Text: "served"})
			}
			server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				said, lost := c.lost[r.URL.Query().Get("container")]
				switch {
				case !lost || !strings.HasSuffix(r.URL.Path, "/log"):
					return false
				case said == "":
					w.WriteHeader(http.StatusForbidden)
				}
				_, _ = fmt.Fprint(w, said)
				return true
			})
			t.Setenv("HOME", t.TempDir())
			t.Setenv("KUBECONFIG", served(t, server.ServeHTTP))
			cmd, out := rootCommand("fathom"), &bytes.Buffer{}
			cmd.SetOut(out)
			cmd.SetErr(out)
			cmd.SetArgs(append([]string{"logs", "web"}, c.args...))
			if err := cmd.ExecuteContext(t.Context()); codeOf(err) != c.code {
				t.Errorf("exit code %d, want %d: %v\n%s", codeOf(err), c.code, err, out)
			}
		})
	}
}

// TestLogsTakeKubectlsFlags holds what hands that know kubectl type, and what they hear where it is wrong.
func TestLogsTakeKubectlsFlags(t *testing.T) {
	server := kubetest.New(t, time.Now())
	server.Apply(t, `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: app, image: x}]}
status: {phase: Running, containerStatuses: [
  {name: app, image: x, containerID: "c://1", ready: true, state: {running: {}}}]}
`)
	server.Log(memapi.Container{Namespace: "shop", Pod: "web", Name: "app"},
		memapi.Line{Time: time.Date(2026, 11, 23, 14, 2, 11, 5000, time.UTC), Text: "served"})
	kubeconfig := served(t, server.ServeHTTP)
	for args, want := range map[string]struct {
		code int
		says string
	}{
		"web --all-containers --timestamps":                {0, "2026-11-23T14:02:11.000005Z served\n"},
		"web --timestamps -o raw":                          {0, "2026-11-23T14:02:11.000005Z served\n"},
		"web":                                              {0, "served\n"},
		"web --since-time 2026-11-01T00:00:00Z":            {0, "served\n"},
		"web --since-time 2026":                            {2, "--since-time 2026: write it as 2026-11-23T14:02:11Z"},
		"web --since 5m --since-time 2026-11-01T00:00:00Z": {2, "give one of them"},
		"pod/web pod/db":                                   {2, "pod/web and pod/db are two"},
		"web -c nosuch":                                    {1, `no container "nosuch" in pod shop/web: it has app`},
	} {
		t.Run(args, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			t.Setenv("KUBECONFIG", kubeconfig)
			cmd, out := rootCommand("fathom"), &bytes.Buffer{}
			cmd.SetOut(out)
			cmd.SetErr(out)
			cmd.SetArgs(append([]string{"logs"}, strings.Fields(args)...))
			err := cmd.ExecuteContext(t.Context())
			if err != nil {
				out.WriteString(err.Error())
			}
			if got := out.String(); codeOf(err) != want.code || !strings.Contains(got, want.says) ||
				want.code == 0 && got != want.says {
				t.Errorf("exit code %d, %q", codeOf(err), got)
			}
		})
	}
}
