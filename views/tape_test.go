package views

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/memapi"
	"github.com/fathom-k8s/fathom/kube/recorder"
	"github.com/fathom-k8s/fathom/kube/tape"
	"github.com/fathom-k8s/fathom/ui"
)

// TestScreensOfATapeAreTheClusters records a cluster, opens the recording at the same moment, and draws both. They may
// differ in what says that one of them is a recording, and in the values of a Secret, which no tape has.
func TestScreensOfATapeAreTheClusters(t *testing.T) {
	live := newCluster(t, "shop.yaml")
	live.Load(t, filepath.Join("testdata", "documents.yaml"))
	live.Apply(
		t,
		`{apiVersion: v1, kind: Pod, metadata: {name: talker, namespace: payments, uid: t1, creationTimestamp: "2026-04-30T12:00:00Z"},
spec: {containers: [{name: app, image: talker}]},
status: {phase: Running, containerStatuses: [{name: app, containerID: "containerd://1", ready: true, state: {running: {startedAt: "2026-04-30T12:00:00Z"}}}]}}`,
	)
	live.Log(memapi.Container{Namespace: "payments", Pod: "talker", Name: "app"},
		memapi.Line{Time: screenNow.Add(-time.Minute), Text: "ready to take orders"})
	recorded := recordedTape(t, live)

	tab := func(kind, name string, tab tabID) func(*testing.T, *Session) ui.View {
		return func(t *testing.T, s *Session) ui.View {
			r := served(t, s, kind)
			return newObject(s, r, s.namespaceFor(r), name, nil, tab)
		}
	}
	screens := []struct {
		name  string
		open  func(*testing.T, *Session) ui.View
		keys  []string
		until string
	}{
		{"pods", objects("pods"), nil, "db-0"},
		{"pods wide", objects("pods"), []string{"ctrl+w"}, "10.1.2.3"},
		{"only wrong pods", objects("pods"), []string{"z"}, "hidden"},
		{"deployments", objects("deploy"), nil, "1/3"},
		{"replicasets", objects("rs"), nil, "checkout-7d9f"},
		{"events", objects("events"), nil, "BackOff"},
		{"configmaps", objects("cm"), nil, "checkout"},
		{"namespaces", objects("ns"), nil, "payments"},
		{"services, of which there are none", objects("svc"), nil, "no services"},
		{"overview of a deployment", tab("deploy", "checkout", "overview"), nil, "checkout-7d9f-x2x9"},
		{"overview of a pod", tab("pod", "checkout-7d9f-x2x9", "overview"), nil, "Pulled"},
		{"tree", tab("deploy", "checkout", tabTree), nil, "checkout-7d9f-x2x9"},
		{"describe", tab("pod", "checkout-7d9f-x2x9", "describe"), nil, "Tolerations"},
		{"yaml", tab("deploy", "checkout", "yaml"), nil, "apiVersion"},
		{"events of a pod", tab("pod", "checkout-7d9f-x2x9", "events"), nil, "BackOff"},
		{"logs", func(t *testing.T, s *Session) ui.View {
			return newObject(s, served(t, s, "pod"), "payments", "talker", nil, "logs")
		}, nil, "ready to take"},
		{"an object that is not there", tab("pod", "gone", "overview"), nil, "does not exist"},
	}
	for _, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			draw := func(s *Session) string {
				p := look(t, screen.open(t, s))
				if len(screen.keys) > 0 {
					p.until(120, 100, "db-0")
				}
				for _, key := range screen.keys {
					p.press(key)
				}
				p.until(120, 100, screen.until, "v1.36.3")
				p.untilLinked()
				if screen.name == "tree" {
					settledTree(p, 120, 100, screen.until)
				}
				head, body, _ := strings.Cut(p.draw(120, 100), "\n")
				place, _, _ := strings.Cut(head, "|")
				return place + "\n" + body
			}
			if diff := cmp.Diff(draw(newSession(t, live, "shop")), draw(playedSession(t, recorded))); diff != "" {
				t.Errorf("live (-) and tape (+) differ:\n%s", diff)
			}
		})
	}
}

// recordedTape is a recording of what a cluster is now.
func recordedTape(t *testing.T, server *kubetest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recorded.tape")
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	session := newSession(t, server, "shop")
	options := recorder.Options{Out: path, Logs: recorder.LogsAll}
	err := recorder.Record(ctx, session.Cluster, options, func(p recorder.Progress) {
		if p.Resources > 0 && p.Listed == p.Resources && p.Lines > 0 {
			stop()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// playedSession opens a recording where it ends.
func playedSession(t *testing.T, path string) *Session {
	t.Helper()
	recorded, err := tape.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = recorded.Close() })
	p, err := tape.NewPlayer(recorded, tape.PlayerOptions{Paused: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	p.Seek(recorded.End())
	watch := p.Watch()
	for !p.State().Position.Equal(recorded.End()) {
		if _, err := watch.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	source := &kube.Backend{
		Name:      "prod-eu",
		Address:   path,
		Namespace: "shop",
		Transport: p.API(),
		Now:       func() time.Time { return screenNow },
	}
	cluster, err := kube.Open(kube.Options{Backend: source, Messages: kube.NewMessages()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &Session{Cluster: cluster, Namespace: "shop", Now: cluster.Now, Messages: kube.NewMessages()}
}
