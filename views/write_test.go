package views

import (
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// TestLeavingEndsWriteMode goes to another context, and back to the same.
func TestLeavingEndsWriteMode(t *testing.T) {
	here, there := writableSession(t, newCluster(t, "shop.yaml")), writableSession(t, newCluster(t, "shop.yaml"))
	pods := Pods(here.Cluster)
	connected{from: here, session: here, resource: pods}.Intent()
	if !here.Cluster.Writable() {
		t.Error("going to the same context ends write mode")
	}
	connected{from: here, session: there, resource: pods}.Intent()
	if here.Cluster.Writable() {
		t.Error("write mode goes on in a context that was left")
	}
}

// TestWriteQuestions asks before write mode begins, and does not where it cannot.
func TestWriteQuestions(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	off := setWritable{s, false}.Intent().(ui.Say)
	if s.Cluster.Writable() || off.Text == "" {
		t.Errorf("it is still on: %q", off.Text)
	}
	ask, ok := askWritable{s}.Intent().(ui.Confirm)
	if !ok || ask.Type != "" || s.Cluster.Writable() {
		t.Errorf("the question is %v", ask)
	}
	s.Production = true
	if ask := (askWritable{s}).Intent().(ui.Confirm); ask.Type != s.Cluster.Name() {
		t.Errorf("%q is to be typed", ask.Type)
	}
	ask.Then.(setWritable).Intent()
	if !s.Cluster.Writable() {
		t.Error("it is not on after yes")
	}
	s.Cluster.Forbid()
	if said, ok := (askWritable{s}).Intent().(ui.Say); !ok || s.Cluster.Writable() {
		t.Errorf("what is forbidden: %v", said)
	}
	if said, ok := (askWritable{&Session{Cluster: new(kube.Cluster)}}).Intent().(ui.Say); !ok {
		t.Errorf("what was saved: %v", said)
	}
}
