package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestTheLastHourIsRemembered holds that what was written before anything was watched is rebuilt from
// what listings hold, without any more of them: by people and tools, once, and nothing older.
func TestTheLastHourIsRemembered(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	ago := func(d time.Duration) string { return c.Now().Add(-d).UTC().Format(time.RFC3339) }
	s.put(managedBy(deploymentOf("web:v2", 3), "kubectl-set", ago(10*time.Minute)))
	for i, at := range []string{ago(5 * time.Hour), ago(10*time.Minute - time.Second)} {
		rs := newObject("apps/v1", "ReplicaSet", "shop", fmt.Sprint("web-", i),
			object{"spec": deploymentOf(fmt.Sprint("web:v", i+1), 3)["spec"]})
		metadata := managedBy(rs, "kube-controller-manager", at)["metadata"].(object)
		metadata["creationTimestamp"] = at
		metadata["annotations"] = object{"deployment.kubernetes.io/revision": fmt.Sprint(i + 1)}
		metadata["ownerReferences"] = []object{{
			"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": true,
		}}
		s.put(rs)
	}
	config := func(name, manager, at string) {
		s.put(managedBy(newObject("v1", "ConfigMap", "shop", name, object{"data": object{"A": "1"}}), manager, at))
	}
	config("settings", "kubectl-patch", ago(20*time.Minute))
	config("old", "kubectl-patch", ago(2*time.Hour))
	config("root", "kube-controller-manager", ago(5*time.Minute))
	s.put(managedBy(pod("shop", "web-1-a", "Running"), "kubectl-label", ago(time.Minute)))
	for _, r := range []Scope{
		{GroupVersionResource: deploymentsResource}, {GroupVersionResource: kinds.ConfigMap.GVR()},
		{GroupVersionResource: kinds.ConfigMap.GVR(), Namespace: "shop"}, {GroupVersionResource: podsResource},
		// These are read once discovery has come.
		{GroupVersionResource: kinds.CustomResourceDefinition.GVR()}, {GroupVersionResource: kinds.APIService.GVR()},
	} {
		l, _ := look(t, c.Listing(r))
		l.until(t, "all of it", func() bool { return l.State().Phase == Live })
	}
	before, _ := c.Counts()
	w := c.History().Watch(nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	recent := w.Recent()
	ended := make(chan error, 1)
	go func() {
		_, err := recent.Next(ctx)
		ended <- err
	}()
	vague := "written; which fields is not known  by hand (kubectl "
	saysRebuilt(t, w, "deployment shop/web: containers.0.image, spec.replicas, "+
		"spec.selector.matchLabels.app or 1 more was set  by hand (kubectl set)", "configmap shop/settings: "+vague+"patch)")
	if now, _ := c.Counts(); now != before+1 { // That of the scalings.
		t.Errorf("there are %d listings, and %d before", now, before)
	}
	// What knows more may come later.
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: kinds.ReplicaSet.GVR()}))
	l.live(t, 2)
	saysRebuilt(t, w, "deployment shop/web: image web:v1 → :v2 (revision 2)  by hand (kubectl set)",
		"configmap shop/settings: "+vague+"patch)")
	stop()
	if err := <-ended; err == nil {
		t.Error("it ends without its context")
	}
}

// saysRebuilt waits until a watch says that some changes are rebuilt, and no others.
func saysRebuilt(t *testing.T, w *HistoryWatch, want ...string) {
	t.Helper()
	limit, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		msg, err := w.Next(limit)
		if err != nil {
			t.Fatalf("waited in vain for %q", want)
		}
		changed := msg.(Changed)
		if got := said(changed.Changes); changed.Complete && slices.Equal(got, want) {
			if !changed.Changes[0].Rebuilt {
				t.Error("it is not marked as rebuilt")
			}
			return
		}
	}
}

// TestOnlyWhatIsKeptIsRemembered holds that a watch of some objects gets nothing of others.
func TestOnlyWhatIsKeptIsRemembered(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	for _, name := range []string{"a", "b"} {
		o := newObject("v1", "ConfigMap", "shop", name, object{"data": object{"A": "1"}})
		s.put(managedBy(o, "kubectl-patch", c.Now().UTC().Format(time.RFC3339)))
	}
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: kinds.ConfigMap.GVR()}))
	l.live(t, 2)
	w := c.History().Watch(func(r kinds.Ref) bool { return r.Name == "b" })
	recent := w.Recent()
	if !recent.look(t.Context()) || recent.look(t.Context()) {
		t.Error("a listing is not read once")
	}
	recent.rebuild(t.Context())
	if got := said(w.remembered); len(got) != 1 || !strings.HasPrefix(got[0], "configmap shop/b: written") {
		t.Errorf("it says %q", got)
	}
	seen := []history.Change{{Object: kinds.Ref{Name: "x"}, At: c.Now().Add(time.Hour), Text: "seen"}}
	if all := withRemembered(seen, w.remembered, w.of); len(all) != 2 || all[0].Text != "seen" {
		t.Errorf("together it says %q", said(all))
	}
}
