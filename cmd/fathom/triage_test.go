package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/views"
)

// hangs returns a cluster that never answers what ends in a path.
func hangs(t *testing.T, path string) (*kubetest.Server, *kube.Cluster) {
	t.Helper()
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, path) {
			<-r.Context().Done()
			return true
		}
		return false
	})
	return server, opened(t, server)
}

// opened is the cluster of a server.
func opened(t *testing.T, server *kubetest.Server) *kube.Cluster {
	t.Helper()
	cluster, err := kube.Open(kube.Options{Messages: kube.NewMessages(),
		Backend: &kube.Backend{Name: "prod", Transport: server, Now: server.Clock().Now}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// TestTriageWhenTimeIsOver asks a cluster whose nodes are never listed: what was found is printed,
// and what was not looked at named.
func TestTriageWhenTimeIsOver(t *testing.T) {
	server, cluster := hangs(t, "/nodes")
	server.Apply(t, `{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: app}]},
status: {phase: Failed, reason: Evicted}}`)
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
	defer stop()
	v, late := awaitVerdict(ctx, live.New(cluster, "", "", nil))
	if late == nil || !strings.HasPrefix(late.Error(), "no complete answer within") {
		t.Errorf("it says %v", late)
	}
	var text bytes.Buffer
	if err := printVerdict(console.New(&text), v, v.Calm()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"failing   pod shop/web  Evicted", "not judged: ", " nodes, ",
		" services, ", " (loading)\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "events") || strings.Count(text.String(), "not judged: ") != 1 {
		t.Errorf("events were judged, and one reason is enough:\n%s", text.String())
	}
	text.Reset()
	p, s := newProgram(), &views.Session{Cluster: cluster}
	p.app.flags.mask = true
	if err := p.triageJSON(console.New(&text), s, v); err != nil {
		t.Fatal(err)
	}
	if json := text.String(); !strings.Contains(json, `"complete": false`) || !strings.Contains(json, `"name": "pod-1"`) ||
		strings.Contains(json, "shop") {
		t.Errorf("as JSON, masked:\n%s", json)
	}

}

// TestTriageOfOneNamespace is for a user who may list one namespace only: that the others were not judged
// is named, and who asks for them gets no all-clear.
func TestTriageOfOneNamespace(t *testing.T) {
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		all := r.URL.Query().Has("limit") && !strings.Contains(r.URL.Path, "/namespaces/")
		if all {
			w.WriteHeader(http.StatusForbidden)
		}
		return all
	})
	cluster := opened(t, server)
	for _, all := range []bool{false, true} {
		p, s := newProgram(), &views.Session{Cluster: cluster, Namespace: "shop"}
		p.app.flags.allNamespaces = all
		j := p.judge(t.Context(), s)
		if (j.blind != nil) != all {
			t.Errorf("-A is %v: it says %v", all, j.blind)
		}
		var text bytes.Buffer
		if err := printVerdict(console.New(&text), j.Verdict, j.Calm()); err != nil {
			t.Fatal(err)
		}
		want := "nothing is broken in what could be looked at\nnot judged: namespaces other than shop, "
		if !strings.HasPrefix(text.String(), want) {
			t.Errorf("it prints %s", text.String())
		}
	}
}

// TestPrintedAge holds that what may still heal by itself is printed as that, and what may not is not.
func TestPrintedAge(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC)
	web := kinds.Ref{GroupKind: schema.GroupKind{Kind: "Deployment"}, Namespace: "shop", Name: "web"}
	for want, f := range map[string]*triage.Finding{
		"(20s, may still settle)":          {Since: now.Add(-20 * time.Second), Settling: true},
		"(at least 20s, may still settle)": {Since: now.Add(-20 * time.Second), AtLeast: true, Settling: true},
		"(2m)":                             {Since: now.Add(-2 * time.Minute)},
		"(since when is not known)":        {},
	} {
		f.Object, f.Severity, f.Reason = web, triage.Waiting, "0/1 ready"
		var text bytes.Buffer
		v := &triage.Verdict{At: now, Findings: []*triage.Finding{f}}
		if err := printVerdict(console.New(&text), v, ""); err != nil {
			t.Fatal(err)
		}
		if want := "waiting   deployment shop/web  0/1 ready  " + want + "\n"; text.String() != want {
			t.Errorf("got %swant %s", text.String(), want)
		}
	}
}

// TestPrintedFoldReadsForward holds that what follows from a finding stands before what it has to do with it.
func TestPrintedFoldReadsForward(t *testing.T) {
	ref := func(kind, name string) kinds.Ref {
		return kinds.Ref{GroupKind: schema.GroupKind{Kind: kind}, Namespace: "shop", Name: name}
	}
	quota, web := ref("ResourceQuota", "small"), ref("Deployment", "web")
	v := &triage.Verdict{Findings: []*triage.Finding{{Object: quota, Severity: triage.Failing, Reason: "used up",
		Folded: []triage.Symptom{
			{Object: web, Why: "is limited by", Under: quota, Reason: "0/1 ready"},
			{Object: ref("Service", "web"), Why: "routes to", Under: web, Reason: "0 of 0 endpoints ready"},
		}}}}
	var text bytes.Buffer
	if err := printVerdict(console.New(&text), v, ""); err != nil {
		t.Fatal(err)
	}
	want := `failing   resourcequota shop/small  used up  (since when is not known)
            deployment shop/web is limited by it: 0/1 ready
            service shop/web routes to deployment shop/web: 0 of 0 endpoints ready
`
	if got := text.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
