package suite

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/hostile"
	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestHostileTextDoesNothing opens every view on objects whose free text attacks the terminal, reads each to its end,
// and judges every byte that was written.
func TestHostileTextDoesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), shopLimit)
	defer cancel()
	if err := hostile.Apply(ctx, world.config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), shopLimit)
		defer cancel()
		if err := hostile.Delete(ctx, world.config); err != nil {
			t.Error(err)
		}
	})
	tests := []struct {
		open string
		keys string
		// shows is text that only the view in question has, and that is between a
		// payload's markers or is one.
		shows string
	}{
		{"pods", "", "osc-clipboard<␛]52;"},
		{"events", "", "csi-clear<␛[02J>"},
		{"events", "ctrl+w", "osc-palette<␛]4;"},
		{"lures", "", "osc-title-bel<␛]0;"},
		{"deployments", "ctrl+w", "osc-title-bel<␛]0;"},
		{"pod/waiter", "", "csi-clear<␛[02J>"},
		{"pod/waiter", "d", "csi-clear<"},
		{"pod/waiter", "y", "csi-clear<"},
		{"pod/waiter", "E", "csi-clear<␛[02J>"},
		{"pod/talker", "l", "csi-clear<␛[02J>"},
		{"configmap/values", "", "configmap values"},
		{"configmap/values", "d", "csi-clear<"},
		{"configmap/values", "y", "csi-clear<"},
		{"secret/values", "d", "csi-clear"},
		{"secret/values", "y", "csi-clear"},
		{"deployment/images", "", "fathom.test/"},
		{"deployment/images", "d", "csi-clear<"},
		{"deployment/images", "y", "csi-clear<"},
		{"lures/lure", "", "lure"},
		{"lures/lure", "d", "csi-clear<"},
		{"lures/lure", "y", "csi-clear<"},
		{"namespace/hostile", "", "namespace hostile"},
		{"namespace/hostile", "d", "csi-clear<"},
		{"namespace/hostile", "y", "csi-clear<"},
		{"crd/" + hostile.Resource.GroupResource().String(), "y", "csi-clear<"},
	}
	for _, test := range tests {
		t.Run(strings.TrimSpace(test.open+" "+test.keys), func(t *testing.T) {
			// A tall terminal needs few pages.
			tall := screen.Options{Columns: 200, Rows: 200}
			f := openWith(t, world.cluster.Kubeconfig, tall, test.open, "-n", hostile.Namespace)
			f.WaitFor("● live", limit)
			if test.keys != "" {
				f.Keys(test.keys)
			}
			lookThrough(t, f, test.shows)
			judge(t, f)
		})
	}
	t.Run("once", testHostileTextOnce)
}

// lookThrough pages to the end and fails if a text was on none of the pages.
func lookThrough(t *testing.T, f *screen.Terminal, text string) {
	t.Helper()
	shot := f.WaitIdle(time.Second, limit)
	seen := shot.Contains(text)
	for range 40 {
		f.Keys("ctrl+f")
		next := f.WaitIdle(300*time.Millisecond, limit)
		seen = seen || next.Contains(text)
		if next.Text() == shot.Text() {
			break
		}
		shot = next
	}
	if !seen {
		t.Errorf("%q was nowhere to be seen\n%s", text, shot)
	}
}

func testHostileTextOnce(t *testing.T) {
	for _, what := range []string{"pods", "events", "lures", "pod/waiter"} {
		out, problems, _ := run(t, nil, world.fathom, "--once", what, "-n", hostile.Namespace)
		for _, found := range append(hostile.Leaks([]byte(out+problems), screen.Screen{}),
			hostile.Foreign([]byte(out+problems))...) {
			t.Errorf("--once %s: %s", what, found)
		}
	}
}

// judge looks for what foreign text did to the terminal, in every byte that was written to it.
func judge(t *testing.T, f *screen.Terminal) {
	t.Helper()
	shot := f.Screen()
	for _, leak := range hostile.Leaks(f.Transcript(), shot) {
		t.Error(leak)
	}
	for _, found := range hostile.Foreign(f.Transcript()) {
		t.Errorf("no text may make the program write %s", found)
	}
	if shot.Title != "" || f.Bells() > 0 || !shot.AltScreen {
		t.Errorf("title %q, %d bells, alternate screen %t", shot.Title, f.Bells(), shot.AltScreen)
	}
}

// TestHostilePasteDoesNothing gives every payload to each place that takes text and shows it again.
func TestHostilePasteDoesNothing(t *testing.T) {
	t.Parallel()
	for _, place := range []struct{ name, key string }{{"palette", ":"}, {"filter", "/"}} {
		t.Run(place.name, func(t *testing.T) {
			f := open(t, "pods", "-n", "shop")
			f.WaitFor("● live", limit)
			f.Keys(place.key)
			for _, payload := range hostile.Payloads {
				f.Paste(payload.Wrapped())
				f.WaitFor(payload.Name+"<", limit)
				f.Keys("ctrl+u")
				f.WaitGone(payload.Name+"<", limit)
			}
			f.Keys("esc")
			f.WaitFor("1/1", limit)
			judge(t, f)
		})
	}
}

// TestHostileContextDoesNothing reads a kubeconfig whose names attack the terminal, shows the errors of a cluster that
// is not there, and the messages of the session.
func TestHostileContextDoesNothing(t *testing.T) {
	var clusters, users, contexts strings.Builder
	last := ""
	for _, payload := range hostile.Payloads {
		if !payload.Storable() || len(payload.Text) > 200 {
			continue
		}
		// Go's escapes are those of YAML.
		last = strconv.QuoteToASCII(payload.Wrapped())
		fmt.Fprintf(
			&clusters,
			"- {name: %s, cluster: {server: %q}}\n",
			last,
			"http://127.0.0.1:9/"+url.PathEscape(payload.Wrapped()),
		)
		fmt.Fprintf(&users, "- {name: %s, user: {}}\n", last)
		fmt.Fprintf(&contexts, "- {name: %s, context: {cluster: %s, user: %s, namespace: %s}}\n", last, last, last, last)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	config := fmt.Sprintf(
		"apiVersion: v1\nkind: Config\ncurrent-context: %s\nclusters:\n%susers:\n%scontexts:\n%s",
		last,
		&clusters,
		&users,
		&contexts,
	)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	f := openWith(t, path, screen.Options{Columns: 200, Rows: 100})
	f.WaitFor("osc-clipboard<␛]52;", limit)
	f.WaitFor("unreachable", limit)
	goTo(f, "messages")
	f.WaitFor("connection refused", limit)
	f.WaitIdle(time.Second, limit)
	judge(t, f)
}
