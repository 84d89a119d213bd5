package kube

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

const bundle = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, uid: u1, creationTimestamp: "2026-01-02T03:00:00Z"}
spec: {nodeName: n1, containers: [{name: app, image: web:1}]}
status:
  phase: Running
  containerStatuses:
  - {name: app, ready: true, containerID: "containerd://1", state: {running: {startedAt: "2026-01-02T03:00:05Z"}}}
---
apiVersion: v1
kind: Node
metadata: {name: n1, creationTimestamp: "2026-01-01T03:00:00Z"}
---
apiVersion: v1
kind: Event
metadata: {name: web.1, namespace: shop}
involvedObject: {kind: Pod, namespace: shop, name: web, uid: u1}
type: Warning
reason: BackOff
message: it falls over
count: 3
firstTimestamp: "2026-01-02T03:01:00Z"
lastTimestamp: "2026-01-02T03:03:00Z"
`

// fromTape opens a cluster on objects in memory; it is 3:05 on the second of
// January there. Neither a kubeconfig nor a home can be read.
func fromTape(t testing.TB, change ...func(*Options)) (*Cluster, *memapi.API) {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("HOME", t.TempDir())
	clock := memapi.NewClock(time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	api, err := memapi.New(memapi.Options{Clock: clock, Version: "unknown"})
	if err != nil {
		t.Fatal(err)
	}
	if err := api.ApplyYAML(bundle); err != nil {
		t.Fatal(err)
	}
	o := Options{Backend: &Backend{Name: "bundle", Address: "/tmp/bundle", Transport: api, Now: clock.Now}}
	for _, f := range change {
		f(&o)
	}
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, api
}

func TestASourceIsLikeACluster(t *testing.T) {
	c, api := fromTape(t)
	if c.Name() != "bundle" || c.Server() != "/tmp/bundle" || c.Namespace() != "default" || c.Writable() {
		t.Errorf("%q %q %q %v", c.Name(), c.Server(), c.Namespace(), c.Writable())
	}
	if err := c.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	pods, _ := look(t, c.Listing(Scope{GroupVersionResource: podsResource, Namespace: "shop"}))
	pods.until(t, "the pod", func() bool { return pods.State().Phase == Live && pods.Get("shop", "web") != nil })
	if err := api.ApplyYAML(strings.ReplaceAll(bundle, "web", "db")); err != nil {
		t.Fatal(err)
	}
	pods.until(t, "a new pod", func() bool { return pods.Get("shop", "db") != nil })
	if health := c.Health(c.Now()); health.State != Live || !health.Since.Equal(c.Now()) {
		t.Errorf("health %+v", health)
	}
	if c.Version() != "" {
		t.Errorf("version %q of a source that knows none", c.Version())
	}
	if found, _ := filepath.Glob(filepath.Join(os.Getenv("HOME"), "*", "*")); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
}

func TestASourceStreamsLogs(t *testing.T) {
	c, api := fromTape(t)
	of := memapi.Container{Namespace: "shop", Pod: "web", Name: "app"}
	api.Log(of, memapi.Line{Time: c.Now().Add(-time.Hour), Text: "long ago"}, memapi.Line{Time: c.Now(), Text: "just now"})
	for since, want := range map[time.Duration]int{0: 2, time.Minute: 1} {
		logs := c.Logs(LogOptions{Namespace: "shop", Pod: "web", Container: "app", Since: since})
		var lines []LogLine
		for {
			msg, err := logs.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, msg.(LogLines).Lines...)
		}
		if len(lines) != want || lines[len(lines)-1].Text != "just now" {
			t.Errorf("since %s: %v", since, lines)
		}
	}
	follow := c.MergedLogs(LogOptions{Follow: true, Tail: 1})
	follow.Want([]LogTarget{{Namespace: "shop", Name: "web", Container: "app"}})
	for _, want := range []string{"just now", "later"} {
		msg, err := follow.Next(t.Context())
		if got, ok := msg.(LogLines); err != nil || !ok || got.Lines[0].Text != want {
			t.Errorf("followed: %+v, %v", msg, err)
		}
		api.Log(of, memapi.Line{Time: c.Now(), Text: "later"})
	}
}

// TestASourceIsDescribed holds that describe asks the source, and that ages in
// it are those of the source's clock.
func TestASourceIsDescribed(t *testing.T) {
	c, _ := fromTape(t)
	describe := func(r Resource, namespace, name string) string {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		msg, err := c.Describe(r, namespace, name).Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got := msg.(Described)
		if got.Err != nil || !got.At.Equal(c.Now()) {
			t.Errorf("%s: %v at %s", name, got.Err, got.At)
		}
		return strings.Join(strings.Fields(got.Text), " ")
	}
	pod := describe(Resource{GroupVersionResource: podsResource, Kind: "Pod", Namespaced: true}, "shop", "web")
	if !regexp.MustCompile(`Warning BackOff 2m\d*s? \(x3 over 4m\d*s?\) it falls over`).MatchString(pod) {
		t.Errorf("pod: %s", pod)
	}
	nodes := podsResource
	nodes.Resource = "nodes"
	node := describe(Resource{GroupVersionResource: nodes, Kind: "Node"}, "", "n1")
	if !regexp.MustCompile(`\) 5m\d*s? Allocated`).MatchString(node) {
		t.Errorf("node: %s", node)
	}
}

func TestASourceTakesTheNamespaceOfTheFlags(t *testing.T) {
	flags := genericclioptions.NewConfigFlags(false)
	flags.Namespace = new("shop")
	c, _ := fromTape(t, func(o *Options) { o.Flags = flags })
	if c.Namespace() != "shop" {
		t.Errorf("namespace %q", c.Namespace())
	}
	_, err := Open(Options{Backend: &Backend{Name: "bundle"}, Write: true})
	if !errors.Is(err, ErrUnchangeable) || err.Error() != "bundle cannot be changed: it is what was saved" {
		t.Errorf("to be changed: %v", err)
	}
	if err := c.SetWritable(true); !errors.Is(err, ErrUnchangeable) || c.Writable() {
		t.Errorf("switched to be changed: %v", err)
	}
}
