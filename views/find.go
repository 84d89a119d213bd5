package views

import (
	"fmt"
	"strings"

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
