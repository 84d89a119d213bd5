package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/views"
)

// locate adds the namespace to kind/name when what was saved is looked at in all
// namespaces: nobody who opens a dump has chosen one. It fails when none or
// several have an object of that name.
func (o *options) locate(ctx context.Context, s *views.Session, what string) (string, error) {
	kind, name, one := strings.Cut(what, "/")
	if o.opened == nil || s.Namespace != "" || !one || strings.Contains(name, "/") {
		return what, nil
	}
	wait, stop := context.WithTimeout(ctx, discoveryWait)
	defer stop()
	if err := s.Cluster.WaitResources(wait); err != nil {
		return "", explain(s, err)
	}
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 || !found[0].Namespaced {
		return what, nil
	}
	namespaces, err := s.Cluster.NamespacesOf(ctx, found[0], name)
	if err != nil {
		return "", explain(s, err)
	}
	switch len(namespaces) {
	case 1:
		return kind + "/" + namespaces[0] + "/" + name, nil
	case 0:
		later := ""
		if s.Player != nil {
			later = " at this time of the tape; -n names the namespace of one that comes later"
		}
		return "", fmt.Errorf("%s: no namespace has a %s %q%s", s.Cluster.Name(), found[0].Singular, name, later)
	}
	return "", fmt.Errorf("%s: %d namespaces have a %s %q; choose with -n: %s", s.Cluster.Name(), len(namespaces), found[0].Singular, name, someOf(namespaces))
}

// namespacesShown is how many namespaces fit into a line of an error.
const namespacesShown = 8

// someOf names the first of many.
func someOf(names []string) string {
	if more := len(names) - namespacesShown; more > 0 {
		return strings.Join(names[:namespacesShown], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}
