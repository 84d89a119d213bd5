package views

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// Choices are the palette's entries for what has been typed: kinds, objects by
// name, namespaces, contexts, views and commands.
func Choices(s *Session, query string) []ui.Choice {
	if first, rest, found := strings.Cut(strings.TrimLeft(query, " "), " "); found {
		return s.inKind(first, strings.TrimSpace(rest))
	}
	all := s.kindChoices()
	all = append(all, s.namespaceChoices()...)
	all = append(all, s.viewChoices()...)
	all = append(all, s.contextChoices()...)
	out := append(s.timeChoices(query), ui.Rank(query, all)...)
	if s.unlisted(query) {
		out = append(out, ui.Choice{Name: query, Detail: "namespace, by its name", Then: goToNamespace{s, query}})
	}
	return out
}

// unlisted reports whether a name may be that of a namespace that the palette does
// not know, because the user may not list them.
func (s *Session) unlisted(name string) bool {
	return s.namespaces().State().Phase == kube.Denied && len(validation.IsDNS1123Label(name)) == 0 &&
		!slices.Contains(s.namespaceNames(), name)
}

// kindChoices are the kinds that can be listed.
func (s *Session) kindChoices() []ui.Choice {
	var out []ui.Choice
	for _, r := range s.Cluster.Resources().All() {
		if !slices.Contains(r.Verbs, "list") || !r.Preferred {
			continue
		}
		out = append(out, ui.Choice{
			Name:   r.Resource,
			Detail: strings.TrimSpace(r.GroupVersion().String() + "  " + r.Kind + "  " + strings.Join(r.ShortNames, " ")),
			Also:   append([]string{r.Singular, strings.ToLower(r.Kind), r.GroupResource().String()}, r.ShortNames...),
			Then:   goToKind{s, r, s.Namespace},
		})
	}
	slices.SortStableFunc(out, func(a, b ui.Choice) int {
		return cmp.Compare(s.visitedAt(a), s.visitedAt(b))
	})
	return out
}

// visitedAt is how many kinds were visited since that of a choice.
func (s *Session) visitedAt(c ui.Choice) int {
	if i := slices.Index(s.visited, qualified(c.Then.(goToKind).resource)); i >= 0 {
		return i
	}
	return len(s.visited)
}

// inKind are the places behind a kind's name: "pods shop" is the pods of a
// namespace, "pod shop/web-1" or "pod web-1" one of them.
func (s *Session) inKind(kind, rest string) []ui.Choice {
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 {
		return nil
	}
	r := found[0]
	var all []ui.Choice
	if r.Namespaced {
		for _, name := range append([]string{""}, s.namespaceNames()...) {
			all = append(all, ui.Choice{
				Name: r.Resource + " " + namespaceName(
					name,
				),
				Detail: "in " + namespaceName(name),
				Also:   []string{name},
				Then:   goToKind{s, r, name},
			})
		}
	}
	for _, rec := range s.Cluster.Listing(kube.Scope{GroupVersionResource: r.GroupVersionResource,
		Namespace: s.namespaceFor(r)}).Since(0).Changed {
		name := rec.Name
		if rec.Namespace != "" {
			name = rec.Namespace + "/" + name
		}
		all = append(
			all,
			ui.Choice{
				Name:   name,
				Detail: strings.ToLower(r.Kind),
				Also:   []string{rec.Name},
				Then:   goToObject{s, r, rec.Namespace, rec.Name},
			},
		)
	}
	out := ui.Rank(rest, all)
	if r.Namespaced && s.unlisted(rest) {
		out = append(
			out,
			ui.Choice{Name: r.Resource + " " + rest, Detail: "in " + rest + ", by its name", Then: goToKind{s, r, rest}},
		)
	}
	if rest != "" && !slices.ContainsFunc(out, func(c ui.Choice) bool { return c.Name == rest }) {
		out = append(out, s.byName(r, rest))
	}
	return out
}

func (s *Session) namespaceFor(r kube.Resource) string {
	if r.Namespaced {
		return s.Namespace
	}
	return ""
}

// byName opens an object that need not be known to any table.
func (s *Session) byName(r kube.Resource, name string) ui.Choice {
	namespace, short, found := strings.Cut(name, "/")
	switch {
	case !found && r.Namespaced:
		namespace, short = s.Namespace, name
	case !found:
		namespace, short = "", name
	}
	where := ""
	if r.Namespaced {
		if namespace == "" {
			namespace = "default"
		}
		where = " in " + namespace
	}
	return ui.Choice{
		Name: strings.ToLower(r.Kind) + " " + short, Detail: "open by name" + where,
		Then: goToObject{s, r, namespace, short},
	}
}

func (s *Session) namespaceNames() []string {
	names := slices.Clone(s.Recent)
	for _, name := range s.Namespaces {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, r := range s.namespaces().Since(0).Changed {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	if n := s.Cluster.Namespace(); n != "" && !slices.Contains(names, n) {
		names = append(names, n)
	}
	return names
}

func (s *Session) namespaceChoices() []ui.Choice {
	out := []ui.Choice{{Name: "all namespaces", Detail: "namespace", Then: goToNamespace{s, ""}}}
	for _, name := range s.namespaceNames() {
		out = append(out, ui.Choice{Name: name, Detail: "namespace", Then: goToNamespace{s, name}})
	}
	return out
}

func (s *Session) viewChoices() []ui.Choice {
	var out []ui.Choice
	for _, v := range viewSpecs {
		out = append(out, ui.Choice{Name: v.name, Detail: "view: " + v.help, Also: v.also, Then: openView{s, v.name}})
	}
	out = append(out, s.loginChoices()...)
	return append(out, s.recordChoice(), ui.Choice{Name: "quit", Detail: "command", Also: []string{"q", "exit"},
		Then: ui.Quit{}})
}

// contextChoices are the other clusters, as the kubeconfig had them at start.
func (s *Session) contextChoices() []ui.Choice {
	var out []ui.Choice
	for _, c := range s.Known {
		if c.Name != s.Cluster.Name() {
			out = append(out, ui.Choice{Name: c.Name, Detail: "context " + c.Server, Then: s.connect(c.Name)})
		}
	}
	return out
}

// loginChoices run the credential plugin of the context on the terminal, and end the one
// that is waited for.
func (s *Session) loginChoices() []ui.Choice {
	login := s.Cluster.Login()
	if login == nil {
		return nil
	}
	out := []ui.Choice{{Name: "login", Detail: "command: run " + login.Program() + " in this terminal", Then: login}}
	if plugin := s.Cluster.Health(s.Now()).Plugin; plugin != "" {
		out = append(out, ui.Choice{
			Name: "cancel-login", Detail: "command: end the credential plugin " + plugin, Then: cancelLogin{s.Cluster},
		})
	}
	return out
}

// recordChoice begins a recording, or ends the one that runs.
func (s *Session) recordChoice() ui.Choice {
	detail := "command: record the cluster into a file"
	if running := s.Cluster.Recording(); running != nil {
		detail = "command: stop recording into " + running.Path
	}
	return ui.Choice{Name: "record", Detail: detail, Then: toggleRecord{s}}
}
