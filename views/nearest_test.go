package views

import "testing"

// TestMistypedKinds holds that a name with a typing error leads to the kind that was probably meant,
// which enter does not take by itself, and that other names do not.
func TestMistypedKinds(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	for typed, want := range map[string]string{"podz": "pods", "deploymnets": "deployments", " PODZ": "pods"} {
		c := Choices(p.view, typed)
		if len(c) == 0 || c[0].Name != want || !c[0].Weak {
			t.Errorf("%q: %+v, want %s", typed, c, want)
			continue
		}
		if to, ok := c[0].Then.(goToKind); !ok || to.namespace != "shop" {
			t.Errorf("%q leads to %+v", typed, c[0].Then)
		}
	}
	if c := Choices(p.view, "qqqqqq"); len(c) > 0 {
		t.Errorf("nothing is near that, but %+v", c)
	}
}
