package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"

	"github.com/fathom-k8s/fathom/kube"
)

// dialers open a URL in each way that there is; a subresource of a pod is behind it.
var dialers = map[string]func(ctx context.Context, config *rest.Config, to *url.URL) (said string, err error){
	"exec or attach over websocket": func(ctx context.Context, config *rest.Config, to *url.URL) (string, error) {
		e, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, to.String())
		return run(ctx, e, err)
	},
	"exec or attach over spdy": func(ctx context.Context, config *rest.Config, to *url.URL) (string, error) {
		e, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, to)
		return run(ctx, e, err)
	},
	"portforward over websocket": func(_ context.Context, config *rest.Config, to *url.URL) (string, error) {
		d, err := portforward.NewSPDYOverWebsocketDialer(to, config)
		if err != nil {
			return "", err
		}
		conn, _, err := d.Dial("portforward.k8s.io")
		if err != nil {
			return "", err
		}
		_ = conn.Close()
		return "hello", nil
	},
	"portforward over spdy": func(_ context.Context, config *rest.Config, to *url.URL) (string, error) {
		transport, upgrader, err := spdy.RoundTripperFor(config)
		if err != nil {
			return "", err
		}
		conn, _, err := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, to).
			Dial("portforward.k8s.io")
		if err != nil {
			return "", err
		}
		_ = conn.Close()
		return "hello", nil
	},
}

func run(ctx context.Context, e remotecommand.Executor, err error) (string, error) {
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = e.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &out})
	return out.String(), err
}

// TestNothingIsUpgradedWithoutWriteMode dials every subresource in every way, before write
// mode, in it, and after it, and elsewhere.
func TestNothingIsUpgradedWithoutWriteMode(t *testing.T) {
	for name, open := range dialers {
		use, speaks, _ := strings.Cut(name, " over ")
		for subresource := range strings.SplitSeq(use, " or ") {
			t.Run(subresource+" over "+speaks, func(t *testing.T) {
				s := newServer(t, speaks)
				c := s.open(t, false, "{}")
				to, err := streamURL(c, "shop", "web", subresource, nil)
				if err != nil {
					t.Fatal(err)
				}
				check := func(to *url.URL, want error, arrives int) {
					t.Helper()
					config, err := c.Upgrading(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					said, err := open(t.Context(), config, to)
					if err = words(err); !errors.Is(err, want) || (want == nil) != (said == "hello") {
						t.Errorf("it says %q, %v, want %v", said, err, want)
					}
					if n := len(s.of("/" + subresource)); n != arrives {
						t.Errorf("%d requests arrived, want %d", n, arrives)
					}
				}
				check(to, kube.ErrReadOnly, 0)
				if err := c.SetWritable(true); err != nil {
					t.Fatal(err)
				}
				check(to, nil, 1)
				elsewhere := newServer(t, speaks)
				other, err := url.Parse(elsewhere.URL + to.Path)
				if err != nil {
					t.Fatal(err)
				}
				check(other, kube.ErrElsewhere, 1)
				plain := *to
				plain.Scheme = "http"
				check(&plain, kube.ErrElsewhere, 1)
				if got := elsewhere.of(""); len(got) > 0 {
					t.Errorf("elsewhere arrived %q", got)
				}
				if err := c.SetWritable(false); err != nil {
					t.Fatal(err)
				}
				check(to, kube.ErrReadOnly, 1)
			})
		}
	}
}

// TestNothingRemoteWithoutWriteMode begins all that this package can do.
func TestNothingRemoteWithoutWriteMode(t *testing.T) {
	for _, speaks := range []string{"websocket", "spdy"} {
		s := newServer(t, speaks)
		c := s.open(t, false, "{}")
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}}
		place := &Place{Subject: podSubject("web"), Pod: pod}
		in, out := terminalFiles(t)
		app := Container{Name: "app"}
		sessions := map[string]*Session{
			"shell": NewShell(c, place, app), "attach": NewAttach(c, place, app),
			"debug": NewDebugContainer(c, place, Debug{Image: "busybox"}),
			"copy":  NewDebugCopy(c, place, Debug{Image: "busybox"}),
			"node":  NewDebugNode(c, "n1", "shop", Debug{Image: "busybox", Profile: ProfileNamed("sysadmin")}),
		}
		for name, session := range sessions {
			if err := session.RunOn(t.Context(), in, out); !errors.Is(err, kube.ErrReadOnly) {
				t.Errorf("%s: %v", name, err)
			}
		}
		forwards := &Forwards{}
		_, err := forwards.Start(t.Context(), c, podSubject("web"), []Port{{Remote: "80"}})
		if !errors.Is(err, kube.ErrReadOnly) || len(forwards.All()) > 0 {
			t.Errorf("forward: %v", err)
		}
		for _, paths := range []string{":/etc/hosts " + t.TempDir(), "server_test.go :/tmp"} {
			files, err := NewCopy(c, podSubject("web"), app, paths)
			if err != nil {
				t.Fatal(err)
			}
			if err := files.Run(t.Context()); !errors.Is(err, kube.ErrReadOnly) {
				t.Errorf("copy %s: %v", paths, err)
			}
		}
		if got := s.of("/exec", "/attach", "/portforward", "PATCH", "PUT", "DELETE", "/pods POST"); len(got) > 0 {
			t.Errorf("over %s arrived %q", speaks, got)
		}
	}
}

// TestUpgradesCarryThePluginsCredentials has a credential plugin that a stream needs.
func TestUpgradesCarryThePluginsCredentials(t *testing.T) {
	for _, speaks := range []string{"websocket", "spdy"} {
		s := newServer(t, speaks)
		answer := `{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", ` +
			`"status": {"token": "from-the-plugin"}}`
		c := s.open(t, true, fmt.Sprintf(`{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, `+
			`command: echo, args: [%q]}}`, answer))
		var out bytes.Buffer
		err := stream(t.Context(), c, "shop", "web", "exec", &corev1.PodExecOptions{Container: "app", Stdout: true},
			remotecommand.StreamOptions{Stdout: &out})
		if err != nil || out.String() != "hello" {
			t.Errorf("over %s: %q, %v", speaks, out.String(), err)
		}
		s.mu.Lock()
		if len(s.tokens) == 0 || s.tokens[len(s.tokens)-1] != "Bearer from-the-plugin" {
			t.Errorf("over %s the credentials are %q", speaks, s.tokens)
		}
		s.mu.Unlock()
	}
}

func podSubject(name string) Subject {
	return Subject{Resource: podsResource, Namespace: "shop", Name: name}
}

func terminalFiles(t *testing.T) (in, out *os.File) {
	t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), out.Close() })
	return in, out
}

var podsResource = kube.Resource{
	GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods"), Kind: "Pod", Singular: "pod", Namespaced: true,
}
