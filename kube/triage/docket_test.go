package triage

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// variants are the versions that objects of one namespace go through at random. What has no
// namespace is the same for all.
func variants() map[string][]string {
	waits := "0/2 nodes are available: 1 node(s) were unschedulable, 1 node(s) had untolerated taint {a: b}."
	out := map[string][]string{
		"node n1": {node("n1", nodeWell), node("n1", nodeWell, "unschedulable: true"),
			node("n1", condition("Ready", "False", "KubeletNotReady", "runtime is down", "@-6m"))},
		"node n2": {node("n2", nodeWell), node("n2", condition("Ready", "Unknown", "NodeStatusUnknown", "silent", "@-10s"))},
		"hook":    {webhook("web", "Fail"), webhook("db", "Ignore")},
		"api": {
			metricsAPIService("db", condition("Available", "False", "MissingEndpoints", "none", "@-4m")),
			metricsAPIService("db", condition("Available", "True", "Passed", "all is well", "@-4m"))},
		"lease":   {leaseIn(NodeLeases, "n1", "-70s"), leaseIn(NodeLeases, "n1", "-1s")},
		"quota":   {quota(1), quota(4)},
		"ingress": {ingress("web", 80), ingress("none", 80)},
		"hpa": {hpa(condition("ScalingActive", "False", "FailedGetResourceMetric", "unable to get metrics", "@-3m")),
			hpa(condition("ScalingActive", "True", "ValidMetricFound", "it counts", "@-3m"))},
		"budget": {budget(1), budget(0)},
		"policy": {policy("shut", "podSelector: {}, policyTypes: [Ingress]"),
			policy("shut", "podSelector: {}, ingress: [{}]")},
		"claim": {claim("data", "fast", "Pending"), claim("data", "fast", "Bound")},
		"said":  {warns("PersistentVolumeClaim data", "ProvisioningFailed", "the disk is full")},
		"set":   {database(2, 1, 1), database(1, 1, 1)},
		"db-0": {pod("db-0", "StatefulSet/db", well), pod("db-0", "StatefulSet/db", status("False", "@-20s", appRuns)),
			unscheduledPod("db-0", "StatefulSet/db", waits, "volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]")},
	}
	for _, name := range []string{"web", "api"} {
		set := "ReplicaSet/" + name + "-1"
		out["deployment "+name] = []string{deployment(name, 2, 2), deployment(name, 2, 1), deployment(name, 0, 0),
			deployment(name, 2, 0, condition("ReplicaFailure", "True", "FailedCreate", full, "@-3m")),
			deployment(name, 2, 0, condition("ReplicaFailure", "True", "FailedCreate", dead, "@-3m"))}
		out["replicas "+name] = []string{replicas(name, 2)}
		out["service "+name] = []string{service(name), service(name, "selector: {app: other}")}
		out["slice "+name] = []string{slice(name), slice(name, name+"-1-a ready"), slice(name, name+"-1-a not")}
		for _, p := range []string{name + "-1-a", name + "-1-b"} {
			out[p] = []string{pod(p, set, well), pod(p, set, status("False", "@-4m", crashes(5, exit3))),
				pod(p, set, status("False", "@-5s", appRuns)), unscheduledPod(p, set, waits)}
			out["said "+p] = []string{warns("Pod "+p, "Unhealthy", "Liveness probe failed: refused")}
		}
	}
	return out
}

// TestStandsAsAfresh holds that a verdict that is made of what changed is the one that is made of
// everything.
func TestStandsAsAfresh(t *testing.T) {
	all := variants()
	names := slices.Sorted(maps.Keys(all))
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // It should be the same each time.
		s := newScene(t).put(storageClass("other", "Immediate")).watching()
		there := map[string]string{}
		for step := range 60 {
			var did []string
			for range 1 + random.IntN(3) {
				name := names[random.IntN(len(names))]
				space := []string{"shop", "bank", "mall"}[random.IntN(3)]
				did = append(did, change(s, random, there, space+" "+name,
					strings.ReplaceAll(all[name][random.IntN(len(all[name]))], "namespace: shop", "namespace: "+space)))
			}
			s.wait([]time.Duration{0, time.Second, 40 * time.Second}[random.IntN(3)])
			if wanted := s.state.LogsWanted(); len(wanted) > 0 && random.IntN(3) == 0 {
				s.state.SetLog(wanted[0], []string{"dial tcp: lookup api.bank on 10.0.0.10:53: no such host"})
			}
			partly := spoken(t, s)
			s.state.all = true
			if whole := spoken(t, s); partly != whole {
				t.Fatalf("seed %d, step %d, after %v: afresh it says\n%s", seed, step, did, cmp.Diff(partly, whole))
			}
		}
	}
}

// change puts an object, or takes it away if it is there.
func change(s *scene, random *rand.Rand, there map[string]string, key, text string) string {
	if ref, is := there[key]; is && random.IntN(3) == 0 {
		delete(there, key)
		if s.seen[ref] != nil {
			s.remove(ref)
		}
		return "- " + key
	}
	before := maps.Clone(s.seen)
	s.put(text)
	for ref := range s.seen {
		if before[ref] != s.seen[ref] {
			there[key] = ref
		}
	}
	return "+ " + key
}

func spoken(t *testing.T, s *scene) string {
	t.Helper()
	v := *s.state.Judge(s.now)
	v.Coverage = nil
	var b bytes.Buffer
	if err := v.WriteJSON(&b, "test"); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s wake %v\n%s", s.says(), v.Wake, b.String())
}

// TestOnlyWhatChangedIsLookedAt holds that a verdict looks at the namespaces in which something
// changed that it hangs on, and that pods which stay well and nodes which beat cost nothing.
func TestOnlyWhatChangedIsLookedAt(t *testing.T) {
	s := newScene(t)
	crashing := status("False", "@-4m", crashes(5, exit3))
	in := func(space string, text ...string) []string {
		for i := range text {
			text[i] = strings.ReplaceAll(text[i], "namespace: shop", "namespace: "+space)
		}
		return text
	}
	const spaces = 20
	for i := range spaces {
		s.put(in(fmt.Sprintf("space-%d", i), deployment("web", 2, 1), replicas("web", 2),
			pod("web-1-a", "ReplicaSet/web-1", crashing), pod("web-1-b", "ReplicaSet/web-1", well), service("web"),
			slice("web", "web-1-b ready"))...)
	}
	s.put(node("n1", nodeWell)).watching()
	for _, c := range []struct {
		name   string
		change []string
		looks  int
	}{
		{"nothing", nil, 0},
		{"pods that stay well", in("space-3", pod("web-1-b", "ReplicaSet/web-1", well)), 0},
		{"a node that beats", []string{node("n1", nodeWell)}, 0},
		{"a lease of a node's", []string{lease("some-operator", "@-1s")}, 0},
		{"a ConfigMap", []string{"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: space-3}}"}, 0},
		{"a Warning about what is well", in("space-3", warns("Pod web-1-b", "Unhealthy", "once")), 0},
		// Each has a pod and a Deployment that are not well.
		{"a pod that crashes", in("space-3", pod("web-1-a", "ReplicaSet/web-1", crashing)), 2},
		{"a Warning about it", in("space-4", warns("Pod web-1-a", "Unhealthy", "Liveness probe failed")), 2},
		{"a Deployment", in("space-5", deployment("web", 2, 1)), 2},
		{"a node that is cordoned", []string{node("n1", nodeWell, "unschedulable: true")}, 2 * spaces},
	} {
		s.state.Judge(s.now)
		s.state.looked = 0
		s.put(c.change...).state.Judge(s.now)
		if s.state.looked != c.looks {
			t.Errorf("%s: looks at %d entries, not %d", c.name, s.state.looked, c.looks)
		}
	}
}

// TestWellPodsDeriveNothing holds that pods that are well, as most objects of a cluster are, are not
// gone through when what hangs on others is derived again; one that was not well is.
func TestWellPodsDeriveNothing(t *testing.T) {
	marked := func(s *scene) (n int) {
		for e := range s.state.stale {
			if e.record.Kind.GroupKind() == podKind {
				n++
			}
		}
		return n
	}
	s := newScene(t)
	s.state.Judge(s.now)
	s.put(pod("web-1-a", "ReplicaSet/web-1", well))
	s.state.Cover(configKind, Coverage{Kind: "configmaps", Missing: Loading})
	if n := marked(s); n != 0 {
		t.Errorf("%d pods are marked that are well", n)
	}
	waits := unscheduledPod("web-1-b", "ReplicaSet/web-1", "0/1 nodes are available: 1 Insufficient cpu.")
	if s.put(waits); marked(s) != 1 {
		t.Error("a pod without a node is not marked")
	}
	s.state.Judge(s.now)
	if s.put(pod("web-1-b", "ReplicaSet/web-1", well)); marked(s) != 1 {
		t.Error("a pod that has a node now is not marked")
	}
}
