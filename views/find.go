package views

import (
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// Find opens what a name on the command line means: a kind, kind/name, or
// kind/namespace/name. The error says what there is instead.
func Find(s *Session, what string) (ui.View, error) {
	kind, name, one := strings.Cut(what, "/")
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 {
		return nil, fmt.Errorf("no kind %q on %s; `fathom` and then : lists all kinds", kind, s.Cluster.Name())
	}
	if !one {
		return Objects(s, found[0]), nil
	}
	namespace := s.namespaceFor(found[0])
	if before, after, both := strings.Cut(name, "/"); both && found[0].Namespaced {
		namespace, name = before, after
	}
	if namespace == "" && found[0].Namespaced {
		namespace = "default"
	}
	return newObject(s, found[0], namespace, name, nil, ""), nil
}

// FindField returns the kind and the path of a field that a name means, as kubectl
// explain takes it: "deploy.spec.template", "deployments.apps.spec". The path is "" for
// the kind itself.
func FindField(s *Session, what string) (r kube.Resource, path string, found bool) {
	parts := strings.Split(what, ".")
	for n := len(parts); n > 0; n-- {
		if all := s.Cluster.Resources().Find(strings.Join(parts[:n], ".")); len(all) > 0 {
			return all[0], strings.Join(parts[n:], "."), true
		}
	}
	return r, "", false
}

// Named returns the root view of a name; nil for none.
func Named(s *Session, name string) ui.View {
	if open, ok := (openView{s, name}).Intent().(ui.Open); ok {
		return open.View
	}
	return nil
}
