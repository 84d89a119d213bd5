package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// discoveryWait is how long a kind on the command line may take to be found.
const discoveryWait = 10 * time.Second

// firstView is what the arguments name, or where the context was left.
func (a *app) firstView(ctx context.Context, s *views.Session, left kube.Resource, args []string) (ui.View, error) {
	if len(args) == 0 && (!a.flags.once || left.Resource == "pods") {
		return views.Objects(s, left), nil
	}
	what := strings.Join(args, "/")
	if what == "" {
		what = "pods"
	}
	what, err := a.withNamespace(ctx, s, what)
	if err != nil {
		return nil, err
	}
	if view, err := views.Find(s, what); err == nil {
		return view, nil
	}
	wait, stop := context.WithTimeout(ctx, discoveryWait)
	defer stop()
	if err := s.Cluster.WaitResources(wait); err != nil {
		if a.flags.once {
			return nil, a.explain(s, err)
		}
		return views.Objects(s, views.Pods(s.Cluster)), nil
	}
	kind, _, _ := strings.Cut(what, "/")
	if len(s.Cluster.Resources().Find(kind)) == 0 {
		return nil, fmt.Errorf("%s has no kind %q%s", a.whichCluster(s), kind, didYouMean(s.Cluster.Resources(), kind))
	}
	return views.Find(s, what)
}

// withNamespace adds the namespace to a KIND/NAME of something saved, which opens
// on all namespaces, where only one of them has such an object.
func (a *app) withNamespace(ctx context.Context, s *views.Session, what string) (string, error) {
	kind, name, one := strings.Cut(what, "/")
	if a.saved == nil || s.Namespace != "" || !one || strings.Contains(name, "/") {
		return what, nil
	}
	wait, stop := context.WithTimeout(ctx, discoveryWait)
	defer stop()
	if err := s.Cluster.WaitResources(wait); err != nil {
		return "", a.explain(s, err)
	}
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 || !found[0].Namespaced {
		return what, nil
	}
	namespaces, err := s.Cluster.NamespacesOf(ctx, found[0], name)
	if err != nil {
		return "", a.explain(s, err)
	}
	switch len(namespaces) {
	case 1:
		return kind + "/" + namespaces[0] + "/" + name, nil
	case 0:
		later := ""
		if s.Player != nil {
			later = " at this time of the tape; use -n for one that appears later"
		}
		return "", fmt.Errorf("%s: no namespace has a %s %q%s", s.Cluster.Name(), found[0].Singular, name, later)
	}
	return "", fmt.Errorf("%s: %d namespaces have a %s %q; choose with -n: %s",
		s.Cluster.Name(), len(namespaces), found[0].Singular, name, firstFew(namespaces))
}

// namespacesShown is how many namespaces fit into a line of an error.
const namespacesShown = 8

// firstFew names the first of many.
func firstFew(names []string) string {
	if more := len(names) - namespacesShown; more > 0 {
		return strings.Join(names[:namespacesShown], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}
