package views

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// Choices are the palette's entries for what has been typed over a view: kinds, objects
// by name, namespaces, contexts, views and commands.
func Choices(view ui.View, query string) []ui.Choice {
	s := SessionOf(view)
	query = withoutHabits(s.Expand(query))
	if first, rest, found := strings.Cut(strings.TrimLeft(query, " "), " "); found || strings.ContainsAny(first, "/,") {
		rest = strings.TrimSpace(rest)
		if named := s.placesNamed(query); len(named) > 0 {
			return named
		}
		switch {
		case strings.EqualFold(first, tabWord):
			return tabOfWords(view, rest)
		case strings.EqualFold(first, explainCommand):
			return s.explainChoices(rest)
		case rest != "" && slices.Contains(treeWords, strings.ToLower(first)):
			return s.treesOf(view, rest)
		case rest != "" && strings.EqualFold(first, findWord):
			return s.findNamed(rest)
		case rest != "" && strings.EqualFold(first, saveWord):
			return s.saveChoices(view, rest)
		case rest != "" && strings.EqualFold(first, forgetWord):
			return ui.Rank(rest, s.forgetChoices())
		case rest != "" && slices.Contains(rightsWords, strings.ToLower(first)):
			return s.rightsOf(rest)
		case rest != "" && slices.Contains(triageWords, strings.ToLower(first)):
			return s.triageOf(rest)
		case strings.EqualFold(first, writeWord), strings.EqualFold(first, asWord):
			return s.modeNamed(first, rest)
		case strings.EqualFold(first, "top") && rest != "":
			return s.topOf(rest)
		case rest != "" && strings.EqualFold(first, logWord):
			return s.logsNamed(rest)
		case rest != "" && tabWords[strings.ToLower(first)] != "":
			return s.tabNamed(strings.ToLower(first), rest)
		case slices.Contains(contextWords, strings.ToLower(first)):
			own := ui.Choice{Name: s.Cluster.Name(), Detail: "the context in use", Then: openView{s, contextWords[0]}}
			return ui.Rank(rest, append(s.contextChoices(nil), own))
		}
		return s.seek(s.inKind(first, rest), rest)
	}
	if several := s.severalChoice(strings.TrimSpace(query)); len(several) > 0 {
		return several
	}
	out := append(s.timeChoices(query), ui.Rank(query, s.allChoices(view))...)
	if len(out) == 0 || out[0].Weak {
		out = append(s.named(strings.TrimSpace(query)), s.mistyped(query, out)...)
	}
	if c, named := s.effectNamed(view, query); named && (len(out) == 0 || out[0].Weak) {
		out = append([]ui.Choice{c}, out...)
	}
	if s.unlisted(query) {
		c := ui.Choice{Name: query, Detail: "switch to namespace, by its name", Then: goToNamespace{s, query}}
		if len(out) > 0 && out[0].Weak { // It is what was typed; they are not.
			return append([]ui.Choice{c}, out...)
		}
		out = append(out, c)
	}
	return out
}

// allChoices are those that a single word may find over a view.
func (s *Session) allChoices(view ui.View) []ui.Choice {
	all := s.kindChoices()
	if h, is := view.(*home); is && s.Namespace != h.verdict.Namespace {
		s.sayNamespace(all)
	}
	all = append(all, s.placeChoices()...)
	all = append(all, s.aliasChoices(view)...)
	all = append(all, s.namespaceChoices()...)
	all = append(all, s.viewChoices()...)
	all = append(all, s.treeChoice(view))
	all = append(all, slices.Concat(s.remoteCommands(view), s.pluginChoices(view))...)
	all = append(all, s.notifyChoices(view)...)
	all = append(append(all, s.writeChoices()...), s.asChoices()...)
	return append(all, s.contextChoices(nil)...)
}

// sayNamespace says of kinds where they are shown, over a screen that is about more than that.
func (s *Session) sayNamespace(all []ui.Choice) {
	for i := range all {
		if all[i].Then.(goToKind).resource.Namespaced {
			all[i].Detail = "in " + namespaceName(s.Namespace) + "  " + all[i].Detail
		}
	}
}

// topOf is what kubectl's top prints: of pods by what they use, of nodes the table.
func (s *Session) topOf(what string) []ui.Choice {
	found := s.Cluster.Resources().Find(what)
	switch {
	case len(found) == 0:
		return nil
	case found[0].GroupResource() == Pods(s.Cluster).GroupResource():
		return []ui.Choice{{Name: "top pods", Detail: "pods by the CPU that they use", Then: openView{s, "top"}}}
	}
	return []ui.Choice{s.tableChoice(found[0], s.namespaceFor(found[0]), "")}
}

// contextWords stand before a context.
var contextWords = []string{"contexts", "context", "ctx", "clusters"}

// everyday are the kinds that most people look at most, in that order.
var everyday = []string{
	"pods", "deployments.apps", "services", "nodes", "events", "statefulsets.apps", "jobs.batch",
	"ingresses.networking.k8s.io", "configmaps", "secrets", "namespaces", "persistentvolumeclaims",
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
	for _, r := range s.Cluster.Resources().Named() {
		if !slices.Contains(r.Verbs, "list") || !r.Preferred {
			continue
		}
		short := r.Short()
		c := ui.Choice{
			Name:   r.Resource,
			Detail: strings.TrimSpace(r.GroupVersion().String() + "  " + r.Kind + "  " + strings.Join(short, " ")),
			Also:   append([]string{r.Singular, r.Kind, r.GroupResource().String()}, short...),
			Then:   goToKind{session: s, resource: r, namespace: s.Namespace},
		}
		if !s.holds(r) {
			c.Dim, c.Detail = true, "not saved"
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b ui.Choice) int {
		return cmp.Compare(s.usedAt(a), s.usedAt(b))
	})
	return out
}

// usedAt orders kinds by how likely they are wanted: those visited last, everyday ones, all
// others, and what was not saved.
func (s *Session) usedAt(c ui.Choice) int {
	name := qualified(c.Then.(goToKind).resource)
	if i := slices.Index(s.visited, name); i >= 0 {
		return i
	}
	if c.Dim {
		return len(s.visited) + len(everyday) + 1
	}
	if i := slices.Index(everyday, name); i >= 0 {
		return len(s.visited) + i
	}
	return len(s.visited) + len(everyday)
}

// explainCommand is what stands before a kind, or a field, whose fields are wanted.
const explainCommand = "explain"

// explainChoices are the kinds whose fields can be shown, that which is named first.
func (s *Session) explainChoices(what string) []ui.Choice {
	var all, named []ui.Choice
	r, path, found := FindField(s, what)
	if found {
		named = []ui.Choice{explainChoice(s, r, path)}
	}
	for _, other := range s.Cluster.Resources().All() {
		if other.Preferred && (!found || other.GroupVersionResource != r.GroupVersionResource) {
			all = append(all, explainChoice(s, other, ""))
		}
	}
	return append(named, ui.Rank(what, all)...)
}

func explainChoice(s *Session, r kube.Resource, path string) ui.Choice {
	name, detail := r.Resource, "the fields of "+r.GroupVersion().String()+" "+r.Kind
	if path != "" {
		name += "." + path
		detail = "a field of " + r.GroupVersion().String() + " " + r.Kind
	}
	return ui.Choice{
		Name: name, Detail: detail, Also: append([]string{r.Singular, r.GroupResource().String()}, r.ShortNames...),
		Then: explainField{s, r, path},
	}
}

func (s *Session) namespaceFor(r kube.Resource) string {
	if r.Namespaced {
		return s.Namespace
	}
	return ""
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

// namespaceChoices switch to a namespace; the recent ones say which digit does that in a
// table.
func (s *Session) namespaceChoices() []ui.Choice {
	out := []ui.Choice{{
		Name: "all namespaces", Detail: "switch to all namespaces (0 in tables)", Then: goToNamespace{s, ""},
	}}
	for i, name := range s.namespaceNames() {
		detail := "switch to namespace"
		if i < len(s.Recent) {
			detail += " (" + strconv.Itoa(i+1) + " in tables)"
		}
		out = append(out, ui.Choice{Name: name, Detail: detail, Then: goToNamespace{s, name}})
	}
	return out
}

// switchTo are the namespaces that a name finds, as places to go to.
func (s *Session) switchTo(name string) []ui.Choice {
	out := ui.Rank(name, s.namespaceChoices())
	if s.unlisted(name) {
		out = append(out, ui.Choice{
			Name: name, Detail: "switch to namespace, by its name", Then: goToNamespace{s, name},
		})
	}
	return out
}

// isNamespaces reports whether a resource is that of the namespaces.
func isNamespaces(r kube.Resource) bool { return r.Group == "" && r.Resource == "namespaces" }

func (s *Session) viewChoices() []ui.Choice {
	var out []ui.Choice
	for _, v := range viewSpecs {
		out = append(out, ui.Choice{Name: v.name, Detail: "view: " + v.help, Also: v.also, Then: openView{s, v.name}})
	}
	out = append(out, ui.Choice{
		Name: explainCommand, Detail: "view: the fields of a kind: explain deploy.spec", Then: openView{s, "api"},
	})
	out = append(append(out, s.findChoice(), saveChoice()), tabChoices()...)
	out = append(out, s.loginChoices()...)
	out = append(out, ui.Choice{Name: "help", Detail: "command: the keys of this screen (?)", Then: ui.ShowHelp{}})
	return append(out, s.recordChoice(), ui.Choice{Name: "quit", Detail: "command", Also: []string{"q", "exit"},
		Then: ui.Quit{}})
}

// contextChoices are the clusters to switch to, as the kubeconfig had them at start. With a
// table they lead to that one there; that of this cluster is among them, then.
func (s *Session) contextChoices(there *goToKind) []ui.Choice {
	var out []ui.Choice
	for _, c := range s.Known {
		choice := ui.Choice{Name: c.Name, Detail: "switch to context " + c.Server, Then: s.connect(c.Name)}
		switch own := c.Name == s.Cluster.Name(); {
		case there != nil && own:
			choice.Then = *there
		case there != nil:
			choice.Then = ui.Watch{Source: &connector{session: s, name: c.Name, there: there}}
		case own:
			continue
		}
		if there != nil {
			choice.Detail = "open its " + there.resource.Resource
		}
		out = append(out, choice)
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
