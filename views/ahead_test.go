package views

import (
	"net/http"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// TestKeyAheadOfTheRows opens a row with a key that came before it: what the footer said meanwhile
// goes with that.
func TestKeyAheadOfTheRows(t *testing.T) {
	server, release := newCluster(t, "web.yaml"), make(chan struct{})
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/pods") {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		return false
	})
	s := newSession(t, server, "shop")
	v := Objects(s, Pods(s.Cluster)).(*table)
	v.Update(ui.Shown{})
	watch := v.list.listing.Watch()
	going := make(chan struct{})
	go func() {
		defer close(going)
		for v.list.listing.State().Phase.Undecided() {
			if _, err := watch.Next(t.Context()); err != nil {
				return
			}
		}
	}()
	said, _ := v.Update(ui.Do{Action: tabWhy.action()}).(ui.Say)
	if said.Text == "" {
		t.Fatal("it does not say that the key is kept")
	}
	close(release)
	<-going
	note, opened := said, ""
	var perform func(ui.Intent)
	perform = func(intent ui.Intent) {
		switch intent := intent.(type) {
		case ui.All:
			for _, i := range intent {
				perform(i)
			}
		case ui.Say:
			note = intent
		case ui.Open:
			opened = intent.View.(*object).subject.ref().String()
		}
	}
	perform(v.Update(kube.ListingChanged{Listing: v.list.listing}))
	if note.Text != "" || opened == "" {
		t.Errorf("opened %q, and the footer says %q", opened, note.Text)
	}
}
