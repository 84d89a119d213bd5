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

// viewOf is what a text leads to in the palette, or where that is empty what the arguments name.
func (a *app) viewOf(
	ctx context.Context, s *views.Session, left kube.Resource, args []string, text string,
) (ui.View, error) {
	if text != "" {
		return a.paletteView(ctx, s, text)
	}
	return a.firstView(ctx, s, left, args)
}

// firstView is what the arguments name, or where you left off in the context.
func (a *app) firstView(ctx context.Context, s *views.Session, left kube.Resource, args []string) (ui.View, error) {
	if len(args) == 0 && !a.flags.once && !a.flags.noTriage && a.flags.spaces == "" {
		return a.triageView(s), nil
	}
	if len(args) == 0 && (!a.flags.once || left.Resource == "pods") {
		return views.Objects(s, left), nil
	}
	if len(args) == 1 && args[0] == triageWord {
		return a.triageView(s), nil
	}
	if isWord(args) {
		return a.wordView(ctx, s, args)
	}
	return a.kindView(ctx, s, args)
}

// triageView is what is broken, everywhere or in the namespace of -n.
func (a *app) triageView(s *views.Session) ui.View {
	if namespace := *a.flags.kube.Namespace; namespace != "" && !a.flags.allNamespaces && s.Triage == nil {
		s.Triage = s.NewTriage(namespace, namespace)
	}
	return views.Triage(s)
}

// kindView is the table of a kind, or an object of it.
func (a *app) kindView(ctx context.Context, s *views.Session, args []string) (ui.View, error) {
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
	if err := a.waitResources(ctx, s); err != nil {
		if a.flags.once {
			return nil, a.explain(s, err)
		}
		return views.Objects(s, views.Pods(s.Cluster)), nil
	}
	kind, _, _ := strings.Cut(what, "/")
	if len(s.Cluster.Resources().Find(kind)) == 0 {
		return nil, a.noKind(s, kind)
	}
	return views.Find(s, what)
}

// withNamespace adds the namespace to a KIND/NAME where only one of them has such an object:
// of something saved, which opens on all namespaces, and with -A.
func (a *app) withNamespace(ctx context.Context, s *views.Session, what string) (string, error) {
	kind, name, one := strings.Cut(what, "/")
	if a.saved == nil && !a.flags.allNamespaces || s.Namespace != "" || !one || strings.Contains(name, "/") {
		return what, nil
	}
	if err := a.waitResources(ctx, s); err != nil {
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
		return "", fmt.Errorf("%s: no namespace has a %s %q%s", a.whichCluster(s), found[0].Singular, name, later)
	}
	return "", fmt.Errorf("%s: %d namespaces have a %s %q; choose with -n: %s",
		a.whichCluster(s), len(namespaces), found[0].Singular, name, firstFew(namespaces))
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
