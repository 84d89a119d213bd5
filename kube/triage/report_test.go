package triage

import (
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func aReport() *Report {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	web := refTo("apps", "Deployment", "shop", "web")
	pod := kinds.Ref{GroupKind: podKind, Namespace: "shop", Name: "web-1-a"}
	return &Report{Cluster: "prod-eu v1.36.3", Verdict: &Verdict{
		At: at, Coverage: []Coverage{{Kind: "nodes", Missing: "forbidden"}, {Kind: "pods", Judged: 3, Of: 3}},
		Findings: []*Finding{
			{
				Object: web, Severity: Failing, Reason: "0/1 ready: app CrashLoopBackOff of web-1-a", Since: at.Add(-time.Hour),
				Folded:   []Symptom{{Object: pod, Reason: "app CrashLoopBackOff"}},
				Evidence: []Evidence{{Object: pod, Field: "status.phase", Text: "Running"}},
				Changes:  []Change{{Object: web, At: at.Add(-2 * time.Hour), Who: "by alice", Text: "image :v1 → :v2"}},
				Affects: []Affected{
					{Symptom{Object: refTo("", "Ingress", "shop", "web"), Reason: "0 of 1 endpoints ready"}, TakesDown},
					{Symptom{Object: refTo("", "Service", "shop", "web"), Reason: "1 of 3 endpoints ready"}, Degrades},
				},
				Chain: []Step{{Word: "because", Object: pod, Text: "exit 3"},
					{Word: "because", Object: kinds.Ref{GroupKind: podKind, Namespace: "shop", Name: "web-1-b"}, Text: "exit 3"}},
			},
			{Object: refTo("", "Node", "", "n1"), Severity: Notice, Reason: "SchedulingDisabled"},
		},
	}}
}

func TestReport(t *testing.T) {
	var b strings.Builder
	if err := aReport().WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# What is broken in prod-eu v1.36.3", "1 failing, 1 notice", "\n\nNot judged: nodes (forbidden).\n\n## 1. deployment shop/web",
		"**failing** since 2026-05-01T11:00:00Z: 0/1 ready",
		"- 2026-05-01T10:00:00Z deployment shop/web: image :v1 → :v2 by alice", "Takes down:\n\n- ingress shop/web: 0 of", "Degrades:\n\n- service shop/web: 1 of 3 endpoints ready",
		"since when is not known: SchedulingDisabled",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), ": exit 3"); n != 1 {
		t.Errorf("what equal pods say is there %d times", n)
	}
	if strings.Contains(b.String(), "Not judged: pods") {
		t.Error("pods were judged")
	}
}

// TestMasked holds that names in the cluster's own words are replaced, and words that only contain
// one are not.
func TestMasked(t *testing.T) {
	r := aReport()
	r.Mask = true
	for text, want := range map[string]string{
		"web":                                          "deployment-1",
		"web, webhook, cobweb":                         "deployment-1, webhook, cobweb",
		`configmap "web-settings" not found`:           `configmap "configmap-1" not found`,
		`configmap \"ghost\" not found: ghost`:         `configmap \"configmap-1\" not found: configmap-1`,
		`storageclass.storage.k8s.io "fast" not found`: `storageclass.storage.k8s.io "storageclass-1" not found`,
		`pods "x-1" is forbidden`:                      `pods "pod-3" is forbidden`,
		"service shop/db is gone":                      "service namespace-1/service-1 is gone",
		"pull registry.corp:5000/shop/web:v1 again":    "pull image-1 again",
		"shop/web@sha256:abc: not found, 0/1 ready":    "image-1: not found, 0/1 ready",
		"deployment shop/web: 0/1 ready":               "deployment namespace-1/deployment-1: 0/1 ready",
		"on n1, n10 and n1.":                           "on node-1, n10 and node-1.",
		`"name": "web-1-a"`:                            `"name": "pod-1"`,
	} {
		if got := r.Masked(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if r.Mask = false; r.Masked("web") != "web" {
		t.Error("names are replaced without being asked to")
	}
}

// TestMaskedReport holds that no name is left, and that the same name is the same word.
func TestMaskedReport(t *testing.T) {
	r := aReport()
	r.Mask = true
	var b strings.Builder
	if err := r.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shop", "web", "n1", "prod-eu"} {
		if strings.Contains(b.String(), name) {
			t.Errorf("%q is left in\n%s", name, b.String())
		}
	}
	if n := strings.Count(b.String(), "pod-1"); n < 3 {
		t.Errorf("pod-1 is there %d times in\n%s", n, b.String())
	}
}

// TestNotJudged holds that a reason is there once, with all kinds that it keeps from being judged.
func TestNotJudged(t *testing.T) {
	v := &Verdict{Coverage: []Coverage{{Kind: "events"}, {Kind: "jobs", Missing: "refused"},
		{Kind: "nodes", Missing: Loading}, {Kind: "pods", Missing: "refused"}, {Kind: "secrets", Missing: "refused"}}}
	if got := strings.Join(v.NotJudged(), "; "); got != "jobs, pods, secrets (refused); nodes (loading)" {
		t.Error(got)
	}
	if got := (&Verdict{}).NotJudged(); len(got) != 0 {
		t.Error(got)
	}
}
