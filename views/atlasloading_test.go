package views

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// TestAtlasWhileNodesLoad holds the second page of the nodes back. What is said of the first
// is said of that, and the page does not say that all is well.
func TestAtlasWhileNodesLoad(t *testing.T) {
	server := newCluster(t, "atlas.yaml")
	answersChecks(server, goodChecks)
	for i := range 147 {
		server.Apply(t, fmt.Sprintf("{apiVersion: v1, kind: Node, metadata: {name: more-%03d},"+
			" status: {conditions: [{type: Ready, status: 'True'}]}}", i))
	}
	release := make(chan struct{})
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/nodes" && r.URL.Query().Has("continue") {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		return false
	})
	s := newSession(t, server, "")
	p := look(t, newAtlas(s))
	p.until(80, 400, "100 of 150 read so far", "100 of these ready", "report · of those read so far", "well so far")
	if page := p.draw(80, 400); strings.Contains(page, "all parts that can be judged") {
		t.Errorf("all is well although half of it is unknown:\n%s", page)
	}
	close(release)
	p.until(80, 400, "150 of 150 ready", "all parts that can be judged are well")
	if page := p.draw(80, 400); strings.Contains(page, "so far") {
		t.Errorf("it still loads:\n%s", page)
	}
}

// Nothing large stands before what says how the control plane is.
func TestAtlasAsksFirstForTheControlPlane(t *testing.T) {
	s := newSession(t, newCluster(t, "atlas.yaml"), "")
	if err := s.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	feeds := newAtlasFeeds(s)
	all, _ := feeds.more().(ui.All)
	if len(all) <= len(firstFeeds) {
		t.Fatalf("asked for %d things", len(all))
	}
	for i, id := range firstFeeds {
		if watch, ok := all[i].(ui.Watch); !ok || watch.Source != ui.Source(feeds.lists[id].digest) {
			t.Errorf("%q is not number %d to be asked for", id, i)
		}
	}
}
