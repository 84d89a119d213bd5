package kube

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestScalingsThatOnlyEventsTell scales a Deployment whose managers leave no trace of it: what changed
// before trouble, and what changed in the last hour, have it from the event.
func TestScalingsThatOnlyEventsTell(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	at := func(ago time.Duration) string { return c.Now().Add(-ago).UTC().Format(time.RFC3339) }
	web := managedBy(deploymentOf("web:v1", 0), "kubectl-create", at(3*time.Hour))
	web["metadata"].(object)["creationTimestamp"] = at(3 * time.Hour)
	web["status"] = object{"conditions": []object{{
		"type": "Progressing", "reason": "NewReplicaSetAvailable", "lastUpdateTime": at(2 * time.Hour),
		"message": `ReplicaSet "web-a" has successfully progressed.`,
	}}}
	s.put(web)
	set := newObject("apps/v1", "ReplicaSet", "shop", "web-a", object{"spec": object{
		"replicas": 0, "template": web["spec"].(object)["template"],
	}})
	metadata := managedBy(set, "kube-controller-manager", at(10*time.Minute))["metadata"].(object)
	metadata["creationTimestamp"] = at(3 * time.Hour)
	metadata["annotations"] = object{"deployment.kubernetes.io/revision": "1"}
	metadata["ownerReferences"] = []object{{
		"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": true,
	}}
	s.put(set)
	event := func(name, about, kind, reason, message string) {
		s.put(newObject("v1", "Event", "shop", name, object{
			"type": "Normal", "reason": reason, "message": message, "count": 1,
			"lastTimestamp": at(10 * time.Minute), "firstTimestamp": at(10 * time.Minute),
			"involvedObject": object{
				"apiVersion": "apps/v1", "kind": kind, "namespace": "shop", "name": about, "uid": "uid-" + about,
			},
		}))
	}
	event("e1", "web", "Deployment", "ScalingReplicaSet", "Scaled down replica set web-a from 2 to 0")
	event("e2", "web-a", "ReplicaSet", "SuccessfulDelete", "Deleted pod: web-a-1")
	event("e3", "gone", "Deployment", "ScalingReplicaSet", "Scaled down replica set gone-a from 2 to 0")
	for _, k := range []*kinds.Kind{kinds.Deployment, kinds.ReplicaSet} {
		l, _ := look(t, c.Listing(Scope{GroupVersionResource: k.GVR()}))
		l.live(t, 1)
	}
	ref := kinds.Ref{GroupKind: kinds.Deployment.GroupKind(), Namespace: "shop", Name: "web"}
	before := func() string {
		return strings.Join(said(c.History().Before(history.Near{ref: 0}, c.Now(), time.Hour)), "\n")
	}
	const scaled = "deployment shop/web: replicas 2 → 0"
	if got := before(); strings.Contains(got, "replicas") {
		t.Fatalf("without the event there is %q", got)
	}
	events := c.Scalings(t.Context(), "")
	l, _ := look(t, events)
	l.live(t, 2)
	if got := before(); !strings.HasPrefix(got, scaled) {
		t.Errorf("what changed before is %q", got)
	}
	w := c.History().Watch(nil)
	recent := w.Recent()
	recent.look(t.Context())
	recent.rebuild(t.Context())
	if got := said(w.remembered); fmt.Sprint(got) != "["+scaled+"]" {
		t.Errorf("the last hour has %q", got)
	}
}
