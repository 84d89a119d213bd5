package suite

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/hostile"
	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestHostileTextDoesNothing opens every view on objects whose free text attacks the terminal, reads each to its end,
// and judges every byte that was written.
func TestHostileTextDoesNothing(t *testing.T) {
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
		// shows is text that only the view in question has, and that stands between a payload's markers or is one.
		shows string
	}{
		{"pods", "", "osc-clipboard<␛]52;"},
		{"events", "", "csi-clear<␛[02J>"},
		{"lures", "", "osc-title-bel<␛]0;"},
		{"deployments", "ctrl+w", "osc-title-bel<␛]0;"},
		{"pod/waiter", "", "csi-clear<␛[02J>"},
		{"pod/waiter", "d", "csi-clear<"},
		{"pod/waiter", "y", "csi-clear<"},
		{"pod/waiter", "E", "csi-clear<␛[02J>"},
		{"pod/talker", "l", "csi-clear<␛[02J>"},
		{"configmap/values", "d", "csi-clear<"},
		{"configmap/values", "y", "csi-clear<"},
		{"secret/values", "y", "csi-clear"},
		{"deployment/images", "", "fathom.test/"},
		{"deployment/images", "d", "csi-clear<"},
		{"deployment/images", "y", "csi-clear<"},
		{"lures/lure", "", "lure"},
		{"lures/lure", "d", "csi-clear<"},
		{"lures/lure", "y", "csi-clear<"},
		{"namespace/hostile", "y", "csi-clear<"},
		{"crd/" + hostile.Resource.GroupResource().String(), "y", "csi-clear<"},
	}
	for _, test := range tests {
		t.Run(strings.TrimSpace(test.open+" "+test.keys), func(t *testing.T) {
			// A tall terminal needs few pages.
			f := openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 200, Rows: 200}, test.open, "-n", hostile.Namespace)
			f.WaitFor("● live", limit)
			if test.keys != "" {
				f.Keys(test.keys)
			}
			shot := f.WaitIdle(time.Second, limit)
			seen := shot.Contains(test.shows)
			for page := 0; page < 40; page++ {
				f.Keys("ctrl+f")
				next := f.WaitIdle(300*time.Millisecond, limit)
				seen = seen || next.Contains(test.shows)
				if next.Text() == shot.Text() {
					break
				}
				shot = next
			}
			if !seen {
				t.Errorf("%q was nowhere to be seen\n%s", test.shows, shot)
			}
			for _, leak := range hostile.Leaks(f.Transcript(), shot) {
				t.Error(leak)
			}
		})
	}
}
