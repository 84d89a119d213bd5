package kube

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestWritesNameTheirFields holds that an object of which only a manager's entry remembers a write is
// requested once, and so are no more than there may be.
func TestWritesNameTheirFields(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	at := c.Now().Add(-time.Minute).UTC().Truncate(time.Second)
	const objects = fieldsMost + 5
	var changes []history.Change
	for i := range objects {
		o := newObject("v1", "ConfigMap", "shop", fmt.Sprintf("c-%03d", i), object{"data": object{"A": "1", "B": "2"}})
		managedBy(o, "kubectl-edit", at.Format(time.RFC3339))
		o["metadata"].(object)["managedFields"].([]object)[0]["fieldsV1"] = object{"f:data": object{"f:B": object{}}}
		s.put(o)
	}
	s.Intercept(failing("/configmaps/c-001", http.StatusForbidden, "Forbidden", "no"))
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: kinds.ConfigMap.GVR()}))
	l.live(t, objects)
	for _, r := range l.Since(0).Changed {
		for _, change := range c.Rebuild(r, nil) {
			if change.Vague() {
				changes = append(changes, change)
			}
		}
	}
	history.Sort(changes)
	read, end := c.History().FieldsRead().Subscribe()
	defer end()
	for limit := time.After(patience); c.History().NameFields(changes); {
		select {
		case <-read:
		case <-limit:
			t.Fatal("it waits for ever")
		}
	}
	named := 0
	for _, change := range changes {
		switch {
		case change.Text == "data.B was set":
			named++
		case !change.Vague():
			t.Errorf("%s: %s", change.Object, change.Text)
		}
	}
	if got := len(s.Requests("/configmaps/c-")); named != fieldsMost-1 || got != fieldsMost || len(changes) != objects {
		t.Errorf("%d of %d are named, by %d requests", named, len(changes), got)
	}
}
