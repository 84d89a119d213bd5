package views

import (
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// TestReopen holds that a table and an object are as they were left.
func TestReopen(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	left := p.view.(*table)
	left.list.show("checkout", false)
	left.list.sortAs(order{Column: "AGE", Descending: true})
	s.GoToSpaces("payments")
	view := look(t, left.Reopen()).view.(*table)
	filter, _ := view.list.rows.Filter()
	if got := view.list.sorting(); filter != "checkout" || got.Column != "AGE" || !got.Descending ||
		view.namespace != "shop" || s.Namespace != "shop" {
		t.Errorf("it is %q by %+v in %s", filter, got, view.namespace)
	}

	o := look(t, newObject(s, Pods(s.Cluster), "shop", "db-0", nil, ""))
	o.until(100, 30, "db-0")
	o.press("y")
	again, is := o.view.(ui.Reopener).Reopen().(*object)
	if !is || again.subject.name != "db-0" || again.first != "yaml" {
		t.Errorf("the object is %v at %q", again.subject, again.first)
	}
}
