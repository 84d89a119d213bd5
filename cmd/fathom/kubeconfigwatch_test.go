package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// loginWorld is a server that wants a token, and a kubeconfig for it.
type loginWorld struct {
	path, server string
	app          *app
	watch        *kubeconfigWatch
	written      int
}

const oneContext = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "SERVER", insecure-skip-tls-verify: true}}]
users: [{name: a, user: {token: old}}]
contexts: [{name: a, context: {cluster: a, user: a, namespace: shop}}]
`

func newLoginWorld(t *testing.T) *loginWorld {
	t.Helper()
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Apply(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: app}]}")
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "Bearer new" {
			return false
		}
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	t.Setenv("HOME", t.TempDir())
	w := &loginWorld{path: filepath.Join(t.TempDir(), "config"), server: listenTLS(t, server), app: newApp()}
	t.Setenv("KUBECONFIG", w.path)
	w.write(t, oneContext)
	w.app.places = newPlaces(t.TempDir())
	if _, _, err := w.app.connect(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.app.close)
	w.watch = newKubeconfigWatch(w.app)
	return w
}

// write writes the kubeconfig, at a time that it never had.
func (w *loginWorld) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(w.path, []byte(strings.ReplaceAll(text, "SERVER", w.server)), 0o600); err != nil {
		t.Fatal(err)
	}
	w.written++
	at := time.Date(2026, 1, 1, 0, 0, w.written, 0, time.UTC)
	if err := os.Chtimes(w.path, at, at); err != nil {
		t.Fatal(err)
	}
}

// said is what a look at the files has to say, "" for nothing.
func (w *loginWorld) said() string {
	news, changed := w.watch.look()
	if !changed {
		return ""
	}
	return news.Intent().(ui.Say).Text
}

func TestALoginIsUsed(t *testing.T) {
	w := newLoginWorld(t)
	cluster := w.app.openClusters()[0]
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if err := cluster.WaitResources(ctx); err == nil {
		t.Fatal("the old token is accepted")
	}
	if said := w.said(); said != "" {
		t.Errorf("nothing changed, but it says %q", said)
	}
	w.write(t, strings.Replace(oneContext, "old", "new", 1))
	if said := w.said(); said != "kubeconfig: using the new credentials of a" {
		t.Error(said)
	}
	for health := cluster.WatchHealth(); cluster.Health(time.Now()).State != kube.Live; {
		if _, err := health.Next(ctx); err != nil {
			t.Fatal("the new token is not used")
		}
	}
	if said := w.said(); said != "" {
		t.Errorf("it says again %q", said)
	}
}

func TestWhatAKubeconfigComesTo(t *testing.T) {
	another := oneContext + "- {name: b, context: {cluster: a, user: a}}\n"
	another = strings.Replace(another, "contexts: [{name: a, context: {cluster: a, user: a, namespace: shop}}]",
		"contexts:\n- {name: a, context: {cluster: a, user: a, namespace: shop}}", 1)
	for _, tt := range []struct{ name, text, want string }{
		{"the same in other words", "# a comment\n" + oneContext, ""},
		{"a new context", another, "kubeconfig: new under :contexts: b"},
		{
			"kubectx", strings.Replace(another, "current-context: a", "current-context: b", 1),
			"is now b; you stay where you are",
		},
		{
			"another server", strings.Replace(oneContext, "SERVER", "https://127.0.0.1:1", 1),
			"a is at https://127.0.0.1:1 now",
		},
		{"a broken file", "contexts: [", "kubeconfig: still using what was read before: "},
		{"an empty file", "", "a was removed from it and stays open"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newLoginWorld(t)
			change := w.app.kubeconfig.next()
			w.write(t, tt.text)
			said := w.said()
			if !strings.Contains(said, tt.want) || tt.want == "" && said != "" || strings.Contains(said, "\n") {
				t.Errorf("got %q, want %q", said, tt.want)
			}
			select {
			case <-change:
			default:
				t.Error("the contexts view is not told")
			}
			if tt.name == "a broken file" {
				w.write(t, oneContext)
				if said := w.said(); said != "kubeconfig: it can be read again" {
					t.Error(said)
				}
			}
		})
	}
	t.Run("a removed file", func(t *testing.T) {
		w := newLoginWorld(t)
		if err := os.Remove(w.path); err != nil {
			t.Fatal(err)
		}
		if said := w.said(); !strings.Contains(said, "a was removed from it and stays open") {
			t.Error(said)
		}
	})
}

// TestKubeconfigIsLookedAtNowAndThen counts by a clock that the test moves.
func TestKubeconfigIsLookedAtNowAndThen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	t.Setenv("KUBECONFIG", path)
	synctest.Test(t, func(t *testing.T) {
		w := newKubeconfigWatch(newApp())
		text := strings.ReplaceAll(oneContext, "SERVER", "https://127.0.0.1:1")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		news, err := w.Next(t.Context())
		if err != nil || time.Since(began) != kubeconfigEvery {
			t.Errorf("%v after %v, %v", news, time.Since(began), err)
		}
	})
}
