package views

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// NearestKind returns the kind whose name is nearest to what was typed, and that name; "" for none.
func NearestKind(resources *kube.Resources, typed string) (name string, kind kube.Resource) {
	typed = strings.ToLower(typed)
	least := ui.TyposMost + 1
	for _, r := range resources.All() {
		if !r.Preferred || !r.Can("list") {
			continue
		}
		for _, called := range append([]string{r.Resource, r.Singular}, r.ShortNames...) {
			if n := ui.Typos(typed, called); n < least && ui.Resembles(n, called) {
				name, kind, least = called, r, n
			}
		}
	}
	return name, kind
}

// nearestName is the name that was probably meant by what was typed, and by how many typos they differ; ""
// for none.
func nearestName(typed string, names []string) (nearest string, typos int) {
	typos = ui.TyposMost + 1
	for _, name := range names {
		if n := ui.Typos(typed, name); n < typos && ui.Resembles(n, name) {
			nearest, typos = name, n
		}
	}
	return nearest, typos
}

// mistyped puts the kind that was probably meant before what was found, if that has it not.
func (s *Session) mistyped(query string, found []ui.Choice) []ui.Choice {
	name, r := NearestKind(s.Cluster.Resources(), strings.TrimSpace(query))
	if name == "" || slices.ContainsFunc(found, func(c ui.Choice) bool { return c.Name == r.Resource }) {
		return found
	}
	return append([]ui.Choice{{
		Name: r.Resource, Detail: "did you mean " + name + "?", Weak: true,
		Then: goToKind{session: s, resource: r, namespace: s.Namespace},
	}}, found...)
}
