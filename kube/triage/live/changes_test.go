package live

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/triage"
)

// TestExplain holds that a finding says nothing of changes before they were looked for, and that
// they are as soon as somebody looks at it, however many are worse.
func TestExplain(t *testing.T) {
	server := kubetest.New(t, noon)
	for i := range explained + 5 {
		server.Apply(t, fmt.Sprintf(`
apiVersion: batch/v1
kind: Job
metadata: {name: job-%02d, namespace: shop, creationTimestamp: "2026-11-30T11:50:00Z"}
spec: {template: {spec: {containers: [{name: app, image: a}]}}}
status:
  failed: 1
  conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, lastTransitionTime: "2026-11-30T11:55:00Z"}]
`, i))
	}
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	v := s.next(ctx, watch, "what changed before the worst", func(v *triage.Verdict) bool {
		return v.Complete && len(v.Findings) == explained+5 && v.Findings[explained-1].Looked
	})
	for i, f := range v.Findings {
		if looked := i < explained; f.Looked != looked || looked != (len(f.Changes) == 1) {
			t.Errorf("%d: looked is %v, changes %v", i, f.Looked, f.Changes)
		}
	}
	last := v.Findings[explained+4].ID
	s.triage.Explain(last)
	v = s.next(ctx, watch, "what changed before the last", func(v *triage.Verdict) bool {
		return v.Findings[explained+4].Looked
	})
	if f := v.Findings[explained+4]; f.ID != last || len(f.Changes) != 1 || f.Changes[0].Text != "created" {
		t.Errorf("before %s: %v", f.ID, f.Changes)
	}
	if f := v.Findings[explained]; f.Looked {
		t.Errorf("%s was looked at by nobody", f.ID)
	}
}

// TestASecondTrouble holds that a Service which is deleted is a change before a finding that has lasted
// for longer, since another Service was missing from the start.
func TestASecondTrouble(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, `
apiVersion: v1
kind: Service
metadata: {name: zed, namespace: shop, creationTimestamp: "2026-11-29T12:00:00Z"}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata: {name: zed-x, namespace: shop, labels: {kubernetes.io/service-name: zed}}
ports: [{port: 80}]
endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}, targetRef: {kind: Pod, namespace: shop, name: zed-1}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop, creationTimestamp: "2026-11-29T12:00:00Z", managedFields: [
  {manager: kubectl-edit, operation: Update, apiVersion: networking.k8s.io/v1, time: "2026-11-30T11:55:00Z"}]}
spec: {rules: [{http: {paths: [
  {path: /x, pathType: Prefix, backend: {service: {name: nope, port: {number: 80}}}},
  {path: /, pathType: Prefix, backend: {service: {name: zed, port: {number: 80}}}}]}}]}
`)
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	deleted := func(v *triage.Verdict) bool {
		return slices.ContainsFunc(v.Findings[0].Changes, func(c triage.Change) bool {
			return c.Object.String() == "service shop/zed" && strings.HasPrefix(c.Text, "deleted")
		})
	}
	v := s.next(ctx, watch, "a Service that was never there", func(v *triage.Verdict) bool {
		return v.Complete && len(v.Findings) == 1 && v.Findings[0].Looked
	})
	began := v.Findings[0].Since
	if deleted(v) || !began.Equal(noon.Add(-5*time.Minute)) {
		t.Errorf("since %s, %v", began, v.Findings[0].Changes)
	}
	server.Clock().Set(noon.Add(2 * time.Minute))
	server.Delete(t, kinds.Service.GroupVersionKind, "shop", "zed")
	v = s.next(ctx, watch, "the Service that was deleted", func(v *triage.Verdict) bool {
		return len(v.Findings) == 1 && deleted(v)
	})
	if !v.Findings[0].Since.Equal(began) {
		t.Errorf("since %s, not %s", v.Findings[0].Since, began)
	}
}

// TestChangesNameTheirFields holds that the first verdict that is complete says which fields were written
// before a finding, though listings hold no field sets, and that it does not wait for them for ever.
func TestChangesNameTheirFields(t *testing.T) {
	for _, answers := range []bool{true, false} {
		server := kubetest.New(t, noon)
		server.Apply(t, `
apiVersion: batch/v1
kind: Job
metadata: {name: report, namespace: shop, creationTimestamp: "2026-11-29T11:50:00Z", managedFields: [
  {manager: kubectl-edit, operation: Update, apiVersion: batch/v1, time: "2026-11-30T11:54:00Z", fieldsType: FieldsV1,
   fieldsV1: {"f:spec": {"f:suspend": {}}}}]}
spec: {suspend: false, template: {spec: {containers: [{name: app, image: a}]}}}
status:
  failed: 1
  conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, lastTransitionTime: "2026-11-30T11:55:00Z"}]
`)
		want, held := "spec.suspend was set", make(chan struct{})
		if !answers {
			want = "written; which fields is not known"
			server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/jobs/report") {
					<-held
				}
				return false
			})
		}
		s := look(t, server)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		v := s.next(ctx, s.triage.Watch(), "all", func(v *triage.Verdict) bool { return v.Complete })
		if len(v.Findings) != 1 || len(v.Findings[0].Changes) != 1 || v.Findings[0].Changes[0].Text != want {
			t.Errorf("answers is %v: it says %+v", answers, v.Findings)
		}
		close(held)
		cancel()
	}
}

// TestTheLastTemplate holds that a new template of a Deployment that fails already is a change before its
// finding, which has lasted since the first one.
func TestTheLastTemplate(t *testing.T) {
	server := kubetest.New(t, noon)
	server.Apply(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: u-web, generation: 2, creationTimestamp: "2026-11-30T11:50:00Z"}
spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},
  spec: {containers: [{name: app, image: "shop/app:v2"}]}}}
status: {observedGeneration: 2, replicas: 2, updatedReplicas: 1, conditions: [
  {type: Progressing, status: "True", reason: ReplicaSetUpdated, message: 'ReplicaSet "web-2" is progressing.'}]}
`)
	for i, made := range []string{"11:50:00", "11:56:00"} {
		server.Apply(t, strings.NewReplacer("NUMBER", fmt.Sprint(i+1), "MADE", `"2026-11-30T`+made+`Z"`).Replace(`
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-NUMBER, namespace: shop, uid: u-NUMBER, creationTimestamp: MADE,
  annotations: {deployment.kubernetes.io/revision: "NUMBER"},
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u-web, controller: true}]}
spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},
  spec: {containers: [{name: app, image: "shop/app:vNUMBER"}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-NUMBER-a, namespace: shop, creationTimestamp: MADE, labels: {app: web},
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-NUMBER, uid: u-NUMBER, controller: true}]}
spec: {nodeName: n1, containers: [{name: app, image: "shop/app:vNUMBER"}]}
status: {phase: Pending, conditions: [{type: PodScheduled, status: "True", lastTransitionTime: MADE},
  {type: Ready, status: "False", lastTransitionTime: MADE}], containerStatuses: [{name: app, ready: false,
  restartCount: 0, image: a, imageID: "", state: {waiting: {reason: ImagePullBackOff, message: "vNUMBER: EOF"}}}]}
`))
	}
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	v := s.next(ctx, s.triage.Watch(), "what changed before it", func(v *triage.Verdict) bool {
		return v.Complete && len(v.Findings) == 1 && v.Findings[0].Looked
	})
	f := v.Findings[0]
	if !f.Since.Equal(noon.Add(-10*time.Minute)) || !strings.Contains(f.Reason, "v2: EOF") {
		t.Errorf("%s since %s", f.Reason, f.Since)
	}
	if !slices.ContainsFunc(f.Changes, func(c triage.Change) bool {
		return c.Object == f.Object && c.At.Equal(noon.Add(-4*time.Minute))
	}) {
		t.Errorf("changes %v", f.Changes)
	}
}

// TestWhatEveryNamespaceHas holds that what a controller makes in every namespace is not a change before a
// finding, and that what somebody else makes is.
func TestWhatEveryNamespaceHas(t *testing.T) {
	account, bundle := kinds.ServiceAccount.GroupKind(), kinds.ConfigMap.GroupKind()
	for _, c := range []struct {
		kind      schema.GroupKind
		name, who string
		rank      history.Rank
		given     bool
	}{
		{account, "default", "", history.Created, true},
		{account, "default", "kube-controller-manager", history.Created, true},
		{account, "default", "kubectl-client-side-apply", history.Created, false},
		{account, "default", "", history.Deleted, false},
		{account, "web", "", history.Created, false},
		{bundle, "kube-root-ca.crt", "kube-controller-manager", history.Created, true},
		{bundle, "default", "", history.Created, false},
	} {
		object := kinds.Ref{GroupKind: c.kind, Namespace: "shop", Name: c.name}
		change := history.Change{Object: object, Who: c.who, Rank: c.rank}
		if isGiven(&change) != c.given {
			t.Errorf("%+v: given is not %v", c, c.given)
		}
	}
}

// TestOneNamespaceAlone holds that a triage of one namespace says nothing of others that cannot be
// deleted, nor of requests for certificates.
func TestOneNamespaceAlone(t *testing.T) {
	server := kubetest.New(t, noon)
	for _, name := range []string{"shop", "other"} {
		server.Apply(t, fmt.Sprintf(`
apiVersion: v1
kind: Namespace
metadata: {name: %s, deletionTimestamp: "2026-11-30T10:00:00Z", deletionGracePeriodSeconds: 0}
spec: {finalizers: [kubernetes]}
status: {phase: Terminating, conditions: [
  {type: NamespaceFinalizersRemaining, status: "True", reason: SomeFinalizersRemain, message: "some are left",
   lastTransitionTime: "2026-11-30T10:00:00Z"}]}
---
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: of-%s, creationTimestamp: "2026-11-30T10:00:00Z"}
spec: {signerName: kubernetes.io/kube-apiserver-client, request: "", usages: [client auth]}
`, name, name))
	}
	s := look(t, server)
	all := s.until("everything", func(v *triage.Verdict) bool { return v.Complete })
	s.triage = New(s.triage.cluster, "shop", "shop", nil)
	one := s.until("all of one namespace", func(v *triage.Verdict) bool { return v.Complete })
	if len(all.Findings) != 4 || len(one.Findings) != 1 || one.Findings[0].Object.String() != "namespace shop" {
		t.Errorf("of all it finds %d, of one %v", len(all.Findings), one.Findings)
	}
}
