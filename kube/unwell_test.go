package kube

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// deployment is one that wants a pod, with so many that are ready.
func deployment(name string, ready int) object {
	return newObject("apps/v1", "Deployment", "shop", name, object{
		"spec":   object{"replicas": 1},
		"status": object{"replicas": 1, "updatedReplicas": 1, "readyReplicas": ready},
	})
}

var unwellDeployments = Scope{GroupVersionResource: kinds.Deployment.GVR(), Unwell: true}

// wholeDeployments is the scope of which unwellDeployments is a part.
var wholeDeployments = Scope{GroupVersionResource: kinds.Deployment.GVR()}

// has waits until a listing has these objects of the namespace shop, and all has come.
func (w watcher) has(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	w.until(t, fmt.Sprint(want), func() bool {
		got = nil
		for _, r := range w.Since(0).Changed {
			got = append(got, r.Name)
		}
		slices.Sort(got)
		return w.State().Phase == Live && slices.Equal(got, want)
	})
}

// TestListingOfWhatIsNotWell holds that it follows what becomes ill, well, or is deleted, and that it
// goes on after pages without anything ill.
func TestListingOfWhatIsNotWell(t *testing.T) {
	s := newServer(t)
	for i := range firstPageSize + 2*pageSize {
		s.put(deployment(fmt.Sprintf("well-%04d", i), 1))
	}
	s.put(deployment("ill", 0))
	s.put(deployment("worse", 0))
	c := s.open(t)
	l, _ := look(t, c.Listing(unwellDeployments))
	l.has(t, "ill", "worse")
	if _, err := c.Decode(l.Get("shop", "ill")); err != nil {
		t.Error(err)
	}
	s.put(deployment("well-0000", 0))
	l.has(t, "ill", "well-0000", "worse")
	s.put(deployment("ill", 1))
	l.has(t, "well-0000", "worse")
	before := l.Since(0).Version
	s.put(deployment("well-0001", 1)) // As it was.
	s.put(deployment("new", 1))
	s.Delete(t, kinds.Deployment.GroupVersionKind, "shop", "worse")
	l.has(t, "well-0000")
	if v := l.Since(0).Version; v != before+1 {
		t.Errorf("what is well made %d changes", v-before-1)
	}
	s.put(deployment("well-0000", 1))
	l.has(t)
	for _, change := range c.History().Changes(time.Time{}, nil) {
		if change.Object.Name != "ill" && change.Object.Name != "well-0000" {
			t.Errorf("%s has changed: %s", change.Object, change.Text)
		}
	}
}

// TestListingOfWhatIsNotWellAfterABreak holds that what got well meanwhile is gone.
func TestListingOfWhatIsNotWellAfterABreak(t *testing.T) {
	s := newServer(t)
	s.put(deployment("ill", 0))
	s.put(deployment("worse", 0))
	l, _ := look(t, s.open(t).Listing(unwellDeployments))
	l.has(t, "ill", "worse")
	s.drop()
	s.put(deployment("ill", 1))
	s.put(deployment("new", 0))
	l.has(t, "new", "worse")
}

// TestWhatIsNotWellIsSifted holds that nothing is requested twice while everything is listed, that
// the records are the same, and that it goes on by itself after that.
func TestWhatIsNotWellIsSifted(t *testing.T) {
	s := newServer(t)
	for i := range 3 {
		s.put(deployment(fmt.Sprint("web-", i), i%2))
	}
	c := s.open(t, func(o *Options) { o.Idle = time.Millisecond })
	whole, stop := look(t, c.Listing(wholeDeployments))
	whole.live(t, 3)
	l, _ := look(t, c.Listing(unwellDeployments))
	l.has(t, "web-0", "web-2")
	if l.Get("shop", "web-0") != whole.Get("shop", "web-0") {
		t.Error("there are two records of one object")
	}
	s.put(deployment("web-0", 1))
	s.put(deployment("web-1", 0))
	s.Delete(t, kinds.Deployment.GroupVersionKind, "shop", "web-2")
	l.has(t, "web-1")
	if lists := s.Requests("deployments?"); len(lists) != 2 {
		t.Errorf("a list and a watch are enough: %v", lists)
	}
	stop()
	s.put(deployment("web-3", 0))
	l.until(t, "a list of its own", func() bool { return len(s.Requests("deployments?limit")) == 2 })
	l.has(t, "web-1", "web-3")
	s.put(deployment("web-3", 1))
	l.has(t, "web-1")
}
