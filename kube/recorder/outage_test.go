package recorder

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// network is a way to a server that can be cut: connections break, and new ones are
// refused, until it is restored.
type network struct {
	mu          sync.Mutex
	broken      bool
	refused     int // connections since it broke
	connections []net.Conn
}

// to is a transport over it.
func (w *network) to(t *testing.T) func(*kubetest.Server) http.RoundTripper {
	return func(s *kubetest.Server) http.RoundTripper {
		address := s.Listen(t).Listener.Addr().String()
		over := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.broken {
				w.refused++
				return nil, syscall.ECONNREFUSED
			}
			c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
			if err == nil {
				w.connections = append(w.connections, c)
			}
			return c, err
		}}
		t.Cleanup(over.CloseIdleConnections)
		return over
	}
}

func (w *network) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken, w.refused = true, 0
	for _, c := range w.connections {
		_ = c.Close()
	}
	w.connections = nil
}

// noticed reports whether both watches have tried to connect again.
func (w *network) noticed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused >= 2
}

func (w *network) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = false
}

// TestRecordMarksAGap cuts the connection for half a minute of the cluster's time, in
// which one pod goes and another comes.
func TestRecordMarksAGap(t *testing.T) {
	for name, forgotten := range map[string]bool{
		"the watches are taken up again":    false,
		"the server has forgotten what was": true,
	} {
		t.Run(name, func(t *testing.T) {
			var w network
			r := recordOver(t, Options{Kinds: []string{"pods", "nodes"}}, w.to(t))
			r.untilComplete(t)
			watches := func() int {
				return len(
					r.server.Requests("/api/v1/pods?allowWatchBookmarks"),
				) + len(
					r.server.Requests("/api/v1/nodes?allowWatchBookmarks"),
				)
			}
			r.until(t, "two watches", func(Progress) bool { return watches() == 2 })
			r.server.Apply(
				t,
				"apiVersion: v1\nkind: Pod\nmetadata: {name: early, namespace: shop}\nspec: {containers: [{name: c}]}",
			)
			r.until(t, "a change", func(p Progress) bool { return p.Changes == 1 })
			w.cut()
			r.server.Delete(t, podKind, "shop", "web")
			r.server.Apply(
				t,
				"apiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: shop}\nspec: {containers: [{name: c}]}",
			)
			if forgotten {
				r.server.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
					if !strings.Contains(req.URL.RawQuery, "allowWatchBookmarks") || watches() > 4 {
						return false
					}
					answerExpired(w)
					return true
				})
			}
			r.until(t, "both watches to notice", func(Progress) bool { return w.noticed() })
			lostAt := r.server.Clock().Now()
			r.server.Clock().Set(lostAt.Add(30 * time.Second))
			w.mend()
			r.until(
				t,
				"the gap to be told",
				func(p Progress) bool { return strings.Contains(strings.Join(p.Notes, "\n"), "nothing was heard") },
			)
			r.until(t, "two changes more", func(p Progress) bool { return p.Changes == 3 })
			p := r.end(t)

			gap := theGap(t, p, lostAt)
			if got := podsAt(t, p, lostAt.Add(time.Second)); got != "early web" {
				t.Errorf("in the gap there are %q", got)
			}
			if mark := p.State().Mark; strings.Contains(mark, "nothing was heard") {
				t.Errorf("the gap is marked before it is over: %q", mark)
			}
			if got := podsAt(t, p, p.Tape().End()); got != "early new" {
				t.Errorf("after the gap there are %q", got)
			}
			if mark := p.State().Mark; mark != gap {
				t.Errorf("the player tells %q", mark)
			}
		})
	}
}

// answerExpired answers like a server that has forgotten a version.
func answerExpired(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusGone)
	answer := apierrors.NewResourceExpired("too old resource version").Status()
	answer.Kind, answer.APIVersion = "Status", "v1"
	_ = json.NewEncoder(w).Encode(answer)
}

// theGap returns the text of the one gap of a tape, which begins at lostAt and
// lasts half a minute.
func theGap(t *testing.T, p *tape.Player, lostAt time.Time) string {
	t.Helper()
	var gaps []tape.Mark
	for _, m := range p.Tape().Marks() {
		if m.Kind == tape.Gap {
			gaps = append(gaps, m)
		}
	}
	want := fmt.Sprintf(
		"nothing was heard from %s to %s (",
		lostAt.Format(time.TimeOnly),
		lostAt.Add(30*time.Second).Format(time.TimeOnly),
	)
	if len(gaps) != 1 || !strings.Contains(gaps[0].Text, want) || !strings.HasPrefix(gaps[0].Text, "2 kinds: ") {
		t.Fatalf("gaps %+v, not one with %q", gaps, want)
	}
	return gaps[0].Text
}

// podsAt are the names of the pods at a time of a tape.
func podsAt(t *testing.T, p *tape.Player, at time.Time) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	p.Seek(at)
	for w := p.Watch(); !p.State().Position.Equal(at); {
		if _, err := w.Next(ctx); err != nil {
			t.Fatal(err, p.State())
		}
	}
	var names []string
	for _, pod := range items(t, p.API(), "/api/v1/pods") {
		names = append(names, pod.(map[string]any)["metadata"].(map[string]any)["name"].(string))
	}
	return strings.Join(names, " ")
}
