package views

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// request is what may stand behind a kind in the palette, in the words of kubectl and k9s:
// "pods -n shop app=web", "pods @prod", "pods /web".
type request struct {
	names     []string // of a namespace, an object, or namespace/object
	filter    []string // terms of the table's filter
	namespace string
	placed    bool // a namespace is named; "" is all of them
	context   string
	elsewhere bool   // a context is named
	strange   string // a flag that means nothing here
}

// readRequest reads what stands behind a kind. A flag whose value is still to be typed has
// an empty one.
func readRequest(text string) (q request) {
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		word := words[i]
		value := func(flags ...string) (string, bool) {
			for _, flag := range flags {
				after, found := strings.CutPrefix(word, flag)
				switch {
				case !found || after != "" && after[0] != '=' && strings.HasPrefix(flag, "--"):
				case after != "":
					return strings.TrimPrefix(after, "="), true
				default:
					i++
					return strings.Join(words[min(i, len(words)):min(i+1, len(words))], ""), true
				}
			}
			return "", false
		}
		if filter, found := strings.CutPrefix(word, "/"); found {
			// As in k9s, the rest is the filter, but for a context.
			terms := []string{filter}
			for _, word := range words[i+1:] {
				if name, found := strings.CutPrefix(word, "@"); found {
					q.elsewhere, q.context = true, name
					continue
				}
				terms = append(terms, word)
			}
			rest := strings.Join(terms, " ")
			if strings.HasSuffix(rest, "/") {
				rest = "/" + rest
			}
			q.filter = append(q.filter, rest)
			return q
		}
		if word == "-A" || word == "--all-namespaces" {
			q.placed, q.namespace = true, ""
		} else if name, found := value("-n", "--namespace"); found {
			q.placed, q.namespace = true, name
		} else if selector, found := value("-l", "--selector"); found {
			if selector != "" {
				q.filter = append(q.filter, "-l", selector)
			}
		} else if name, found := value("@", "--context"); found {
			q.elsewhere, q.context = true, name
		} else if strings.HasPrefix(word, "-") {
			q.strange = word
		} else if strings.ContainsAny(word, "=<>!") {
			q.filter = append(q.filter, word)
		} else {
			q.names = append(q.names, word)
		}
	}
	return q
}

// text is the filter of the table.
func (q request) text() string { return strings.Join(q.filter, " ") }

// inKind are the places behind a kind's name: "pods shop" is the pods of a namespace,
// "pod shop/web-1", "pod web-1" or "pods/web-1" one of them, and what readRequest reads.
func (s *Session) inKind(kind, rest string) []ui.Choice {
	if strings.Contains(kind, ",") {
		if several := s.severalChoice(kind); len(several) > 0 && rest == "" {
			return append(several, s.tablesOf(strings.Split(kind, ","), readRequest(rest))...)
		}
		return s.tablesOf(strings.Split(kind, ","), readRequest(rest))
	}
	kind, one, exact := strings.Cut(kind, "/")
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 {
		return nil
	}
	r, q := found[0], readRequest(rest)
	one = s.splitNamespace(r, &q, one)
	name := strings.TrimSpace(one + " " + strings.Join(q.names, " "))
	switch {
	case q.strange != "":
		return []ui.Choice{{
			Name: q.strange, Detail: "not known here; -n, -A, -l, --context are", Weak: true, Dim: true,
		}}
	case q.elsewhere:
		if r.Namespaced && !q.placed && one == "" && len(q.names) == 1 { // "pods shop @prod"
			q.placed, q.namespace = true, q.names[0]
		}
		to := &goToKind{session: s, resource: r, namespace: q.spaceOr(s.Namespace), stay: !q.placed, filter: q.text()}
		return ui.Rank(q.context, s.contextChoices(to))
	case exact && q.text() == "":
		return s.objectsNamed(r, q.spaceOr(s.namespaceFor(r)), name, "")
	case isNamespaces(r) && len(s.severalChoice(rest)) > 0:
		return s.severalChoice(rest)
	case len(s.severalNamed(r, q.namespace, q.text())) > 0 && name == "":
		return s.severalNamed(r, q.namespace, q.text())
	case len(s.severalNamed(r, name, q.text())) > 0 && !strings.Contains(name, "/"):
		return s.severalNamed(r, name, q.text())
	case isNamespaces(r) && q.text() == "":
		return append(s.switchTo(name), s.objectsNamed(r, "", name, "open the namespace object")...)
	case q.placed && q.namespace != "" && r.Namespaced && !slices.Contains(s.namespaceNames(), q.namespace):
		return s.spacesNamed(r, q)
	case q.placed && name != "" || strings.Contains(name, "/"):
		return s.within(kind, r, q, name)
	case q.placed || q.text() != "" && name == "":
		return []ui.Choice{s.tableChoice(r, q.spaceOr(s.namespaceFor(r)), q.text())}
	case q.text() != "":
		return s.spacesNamed(r, q)
	}
	var all []ui.Choice
	if r.Namespaced {
		for _, space := range append([]string{""}, s.namespaceNames()...) {
			all = append(all, s.tableChoice(r, space, ""))
		}
	}
	out := ui.Rank(name, append(all, s.knownObjects(r, s.namespaceFor(r), "")...))
	if r.Namespaced && s.unlisted(name) {
		out = append(out, s.tableChoice(r, name, ""))
	}
	return s.orByName(out, r, s.namespaceFor(r), name)
}

// splitNamespace finds the namespace in two words, "cart shop" or "shop cart", of which one is an
// object's name. one is the word that stands directly behind the kind, and what is left of it is returned.
func (s *Session) splitNamespace(r kube.Resource, q *request, one string) string {
	words := slices.Concat(strings.Fields(one), q.names)
	if len(words) != 2 || q.placed || !r.Namespaced || strings.Contains(words[0]+words[1], "/") {
		return one
	}
	for _, i := range []int{1, 0} {
		if slices.Contains(s.namespaceNames(), words[i]) {
			q.placed, q.namespace = true, words[i]
			q.names = []string{words[1-i]}
			return ""
		}
	}
	return one
}

// tablesOf are the tables of several kinds, "pods,svc", of which one opens at a time.
func (s *Session) tablesOf(kinds []string, q request) (out []ui.Choice) {
	for _, kind := range kinds {
		if found := s.Cluster.Resources().Find(kind); len(found) > 0 {
			out = append(out, s.tableChoice(found[0], q.spaceOr(s.namespaceFor(found[0])), q.text()))
		}
	}
	return out
}

// spaceOr is the namespace that is named, or else another one.
func (q request) spaceOr(other string) string {
	if q.placed {
		return q.namespace
	}
	return other
}

// spacesNamed are the tables of a kind in the namespaces that a part of a name finds, or in
// the one of that name, which may exist all the same.
func (s *Session) spacesNamed(r kube.Resource, q request) []ui.Choice {
	part := cmp.Or(q.namespace, strings.Join(q.names, " "))
	var all []ui.Choice
	for _, space := range s.namespaceNames() {
		all = append(all, s.tableChoice(r, space, q.text()))
	}
	out := ui.Rank(part, all)
	if len(out) == 0 && len(validation.IsDNS1123Label(part)) == 0 {
		out = append(out, s.tableChoice(r, part, q.text()))
	}
	return out
}

// within are an object of a namespace and those whose names are like that. What is asked
// for in the plural may be a part of many names: the table with that filter comes first,
// unless the object is known.
func (s *Session) within(kind string, r kube.Resource, q request, name string) []ui.Choice {
	space, short := q.spaceOr(s.namespaceFor(r)), name
	if before, after, both := strings.Cut(name, "/"); both && r.Namespaced {
		space, short = before, after
	}
	out := s.objectsNamed(r, space, short, "")
	known := len(out) > 0 && (out[0].Name == space+"/"+short || out[0].Name == short)
	if short == "" {
		return []ui.Choice{s.tableChoice(r, space, "")}
	}
	if table := s.tableChoice(r, space, short); !known && (kind == r.Resource || slices.Contains(r.ShortNames, kind)) {
		return append([]ui.Choice{table}, out...)
	}
	return out
}

// tableChoice is the table of a kind in a namespace, with a filter.
func (s *Session) tableChoice(r kube.Resource, space, filter string) ui.Choice {
	c := ui.Choice{
		Name: r.Resource, Detail: "open the table",
		Then: goToKind{session: s, resource: r, namespace: space, filter: filter},
	}
	if r.Namespaced {
		c.Name += " " + namespaceName(space)
		c.Detail = "open those in " + namespaceName(space)
		c.Also = []string{space}
	}
	if filter != "" {
		c.Name, c.Detail = c.Name+" /"+filter, c.Detail+", filtered"
	}
	return c
}

// objectsNamed are the known objects of a namespace that a name finds, and the one of just
// that name.
func (s *Session) objectsNamed(r kube.Resource, space, name, detail string) []ui.Choice {
	if space == "" && r.Namespaced {
		space = s.Namespace
	}
	return s.orByName(ui.Rank(name, s.knownObjects(r, space, detail)), r, space, name)
}

// knownObjects are the objects of a kind that are listed anyway.
func (s *Session) knownObjects(r kube.Resource, space, detail string) (all []ui.Choice) {
	scope := kube.Scope{GroupVersionResource: r.GroupVersionResource, Namespace: space}
	for _, rec := range s.Cluster.Listing(scope).Since(0).Changed {
		name := rec.Name
		if rec.Namespace != "" {
			name = rec.Namespace + "/" + name
		}
		all = append(all, ui.Choice{
			Name: name, Detail: cmp.Or(detail, "open "+strings.ToLower(r.Kind)), Also: []string{rec.Name},
			Then: goToObject{s, r, rec.Namespace, rec.Name, ""},
		})
	}
	return all
}

// orByName adds the object of just this name, which no table need know, unless it is there.
func (s *Session) orByName(out []ui.Choice, r kube.Resource, space, name string) []ui.Choice {
	if before, after, both := strings.Cut(name, "/"); both && r.Namespaced {
		space, name = before, after
	}
	if !nameable(r, name) || slices.ContainsFunc(out, func(c ui.Choice) bool {
		return c.Name == name || slices.Contains(c.Also, name)
	}) {
		return out
	}
	var named []ui.Choice
	where := ""
	if r.Namespaced {
		if space == "" { // It may be in any of them.
			named = append(s.mistypedNamespace(r, name), s.tableChoice(r, "", name))
		}
		space = cmp.Or(space, "default")
		where = " in " + space
	}
	named = append(named, ui.Choice{
		Name: strings.ToLower(r.Kind) + " " + name, Detail: "open by name" + where,
		Then: goToObject{s, r, space, name, ""},
	})
	if len(out) > 0 && out[0].Weak { // They are what was typed; those are not.
		return append(named, out...)
	}
	return append(out, named...)
}

// nameable reports whether an object may have a name. Those of roles may have capitals and
// colons (IsValidPathSegmentName), those of IPAddresses colons.
func nameable(r kube.Resource, name string) bool {
	if r.Group == "rbac.authorization.k8s.io" {
		return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/% ")
	}
	return name != "" && len(validation.IsDNS1123Subdomain(strings.ReplaceAll(name, ":", ""))) == 0
}
