package kube

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

var deploymentsResource = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// managedBy is an object whose managedFields say who wrote it last.
func managedBy(o object, manager, at string) object {
	o["metadata"].(object)["managedFields"] = []object{{
		"manager": manager, "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
		"time": at, "fieldsV1": object{"f:spec": object{}},
	}}
	return o
}

func deploymentOf(image string, replicas int) object {
	return newObject("apps/v1", "Deployment", "shop", "web", object{"spec": object{
		"replicas": replicas, "selector": object{"matchLabels": object{"app": "web"}},
		"template": object{
			"metadata": object{"labels": object{"app": "web"}},
			"spec":     object{"containers": []object{{"name": "app", "image": image}}},
		},
	}})
}

// said is what changed, the newest first.
func said(changes []history.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Object.String()+": "+c.Line())
	}
	return out
}

func TestWhatAnotherClientChangesIsSeen(t *testing.T) {
	s := newServer(t)
	s.put(managedBy(deploymentOf("web:v41", 3), "helm", "2026-11-23T10:00:00Z"))
	c := s.open(t)
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: deploymentsResource}))
	one, _ := look(t, c.Listing(Scope{
		GroupVersionResource: deploymentsResource, Namespace: "shop", Fields: "metadata.name=web",
	}))
	l.live(t, 1)
	one.live(t, 1)
	h := c.History()
	if changes := h.Changes(time.Time{}, nil); len(changes) > 0 {
		t.Errorf("a list changed %q", said(changes))
	}
	s.put(managedBy(deploymentOf("web:v42", 5), "kubectl-edit", "2026-11-23T12:00:00Z"))
	v := l.Since(0).Version
	until(t, h.Watch(nil), "the change", func() bool { return len(h.Changes(time.Time{}, nil)) == 1 })
	s.put(managedBy(deploymentOf("web:v42", 5), "kubectl-edit", "2026-11-23T12:00:00Z")) // without meaning
	l.until(t, "the second version", func() bool { return l.Since(0).Version > v })
	s.Delete(t, kinds.Deployment.GroupVersionKind, "shop", "web")
	again := managedBy(deploymentOf("web:v43", 5), "argocd-controller", "2026-11-23T12:00:01Z")
	again["metadata"].(object)["uid"] = "another"
	s.put(again)
	want := []string{"image web:v41 → :v42, replicas 3 → 5  by hand (kubectl edit)"}
	until(t, h.Watch(nil), "all", func() bool {
		got := h.Changes(time.Time{}, nil)
		return len(got) == 2 && got[0].Text != "deleted" && got[1].Line() == want[0]
	})
	top := h.Changes(time.Time{}, nil)[0]
	if got := top.Line(); got != "deleted and created again: image web:v42 → :v43  by argocd-controller (Argo CD)" {
		t.Errorf("the last change is %q", got)
	}
	if other := h.Changes(time.Time{}, func(r kinds.Ref) bool { return r.Name == "db" }); len(other) > 0 {
		t.Errorf("of db it says %q", said(other))
	}
	near := history.Near{top.Object: 0}
	before := h.Before(near, top.At.Add(time.Second), time.Minute)
	if len(before) == 0 || !strings.Contains(before[0].Text, "image") {
		t.Errorf("before it there was %q", said(before))
	}
}

// Objects enter and leave a selection without being created or deleted.
func TestASelectionIsNotTheCluster(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-0", "Running"))
	c := s.open(t)
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: podsResource, Fields: "status.phase=Running"}))
	l.live(t, 1)
	s.put(pod("shop", "web-1", "Running"))
	s.put(pod("shop", "web-0", "Failed"))
	l.until(t, "both changes", func() bool { return l.Len() == 1 && l.Get("shop", "web-1") != nil })
	if changes := c.History().Changes(time.Time{}, nil); len(changes) > 0 {
		t.Errorf("it says %q", said(changes))
	}
}

func TestSecretsKeepTheirValues(t *testing.T) {
	secret := func(value string) object {
		return newObject("v1", "Secret", "shop", "db", object{"data": object{"password": value}})
	}
	s := newServer(t)
	s.put(secret("aHVudGVyMg=="))
	c := s.open(t)
	l, _ := look(
		t, c.Listing(Scope{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}}),
	)
	l.live(t, 1)
	s.put(secret("aHVudGVyMw=="))
	until(
		t, c.History().Watch(nil), "the change",
		func() bool { return len(c.History().Changes(time.Time{}, nil)) == 1 },
	)
	change := c.History().Changes(time.Time{}, nil)[0]
	if change.Text != "data password changed" {
		t.Errorf("it says %q", change.Text)
	}
	for _, v := range []*history.Version{change.Old, change.New} {
		fields, err := c.Content(v)
		if err != nil || strings.Contains(fmt.Sprint(fields), "aHVu") || !strings.Contains(fmt.Sprint(fields), "7 bytes") {
			t.Errorf("a version says %v %v", fields, err)
		}
	}
}

// TestTheRingStaysInItsBudget updates pods a thousand times and more.
func TestTheRingStaysInItsBudget(t *testing.T) {
	const budget = 256 << 10
	s := newServer(t)
	for i := range 20 {
		s.put(pod("shop", fmt.Sprint("web-", i), "Pending"))
	}
	c := s.open(t, func(o *Options) { o.History = budget })
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 20)
	s.put(pod("shop", "first", "Running"))
	s.remove("Pod", "first")
	for round := range 60 {
		for i := range 20 {
			s.put(pod("shop", fmt.Sprint("web-", i), fmt.Sprint("Phase", round)))
		}
	}
	l.until(t, "the last of them", func() bool { return c.History().Usage().Dropped && l.Since(0).Version >= 1222 })
	if u := c.History().Usage(); u.Bytes > budget || u.Bytes < budget/2 {
		t.Errorf("it has %d bytes of %d", u.Bytes, budget)
	}
	for _, e := range c.history.ring.Entries(time.Time{}, nil) {
		for _, v := range []*history.Version{e.Old, e.New} {
			if v == nil {
				continue
			}
			fields, err := c.Content(v)
			if metadata, _ := fields["metadata"].(object); err != nil || metadata["resourceVersion"] != v.ResourceVersion {
				t.Fatalf("version %s of %s reads %v, %v", v.ResourceVersion, v.Name, fields["metadata"], err)
			}
		}
	}
	changes := said(c.History().Changes(time.Time{}, nil))
	if known, kept := len(c.history.known), c.History().Usage().Entries; known > kept+600 {
		t.Errorf("the meaning of %d entries is remembered, and %d are kept", known, kept)
	}
	if !slices.Contains(changes, "pod shop/first: created") || !slices.Contains(changes, "pod shop/first: deleted") {
		t.Error("what was deleted at first has made room for updates")
	}
}

func TestWhatWasBeforeIsRebuilt(t *testing.T) {
	s := newServer(t)
	web := managedBy(deploymentOf("web:v3", 3), "helm", "2026-11-23T10:00:00Z")
	s.put(web)
	for i := 1; i <= 3; i++ {
		rs := newObject(
			"apps/v1", "ReplicaSet", "shop", fmt.Sprint("web-", i),
			object{"spec": deploymentOf(fmt.Sprint("web:v", i), 3)["spec"]},
		)
		metadata := rs["metadata"].(object)
		metadata["creationTimestamp"] = fmt.Sprintf("2026-11-23T09:0%d:00Z", i)
		metadata["annotations"] = object{"deployment.kubernetes.io/revision": fmt.Sprint(i)}
		metadata["ownerReferences"] = []object{{
			"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": true,
		}}
		s.put(rs)
	}
	c := s.open(t)
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: deploymentsResource}))
	l.live(t, 1)
	sets, _ := look(t, c.Listing(Scope{GroupVersionResource: kinds.ReplicaSet.GVR()}))
	sets.live(t, 3)
	r := l.Get("shop", "web")
	var got []string
	for _, change := range history.Merge(nil, c.Rebuild(r, c.heldBeside(r))) {
		got = append(got, change.At.Format("15:04 ")+change.Line())
	}
	want := []string{
		"10:00 written; which fields is not known  by helm",
		"09:03 image web:v2 → :v3 (revision 3)", "09:02 image web:v1 → :v2 (revision 2)", "00:00 created",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says %q\n    wanted %q", got, want)
	}
}
