package views

import (
	"context"
	"io"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// seeker looks once whether an object that was named in the palette exists, before anything is
// opened: a name that was mistyped leads nowhere.
type seeker struct {
	to   goToObject
	may  bool // the name could be that of a namespace too
	done bool
}

// sought is what a seeker found.
type sought struct {
	to      goToObject
	may     bool
	missing bool
}

// seek puts a seeker in the place of each object that no listing has. What is read from other
// objects has no address of its own and is opened as it is.
func (s *Session) seek(found []ui.Choice, rest string) []ui.Choice {
	for i := range found {
		to, is := found[i].Then.(goToObject)
		if _, part := partOf[to.resource.GroupKind()]; !is || part || s.hasListed(to) {
			continue
		}
		may := to.resource.Namespaced && to.name == strings.TrimSpace(rest)
		found[i].Then = ui.Watch{Source: &seeker{to: to, may: may}}
	}
	return found
}

// hasListed reports whether an object is among those that are listed anyway.
func (s *Session) hasListed(to goToObject) bool {
	l := s.listedNow(to.resource)
	return l != nil && l.Get(to.namespace, to.name) != nil
}

// Next implements ui.Source. What cannot be asked for is opened: its page says why.
func (k *seeker) Next(ctx context.Context) (ui.Msg, error) {
	if k.done {
		return nil, io.EOF
	}
	k.done = true
	_, err := k.to.session.Cluster.Fetch(ctx, k.to.resource, k.to.namespace, k.to.name, "")
	return sought{k.to, k.may, apierrors.IsNotFound(err)}, ctx.Err()
}

// Intent implements ui.Lazy: it opens the object, or says what there is instead.
func (k sought) Intent() ui.Intent {
	if !k.missing {
		return k.to
	}
	s, r := k.to.session, k.to.resource
	text := "no " + strings.ToLower(r.Kind)
	if r.Namespaced {
		text += " in " + k.to.namespace
	}
	if k.may && s.MissingNamespace(k.to.name) != "" {
		text += " and no namespace"
	}
	text += " is called " + k.to.name
	if nearest := k.nearest(); nearest != "" {
		text += "; did you mean " + nearest + "?"
	}
	return ui.Say{Text: text, Role: themes.Degraded}
}

// mistypedNamespace is the table of the namespace that was probably meant by a word behind a kind, where
// all namespaces are shown and nothing there has that in its name.
func (s *Session) mistypedNamespace(r kube.Resource, word string) []ui.Choice {
	l := s.Cluster.Held(kube.Scope{GroupVersionResource: r.GroupVersionResource})
	if l == nil || l.State().Phase != kube.Live || slices.ContainsFunc(l.Since(0).Changed, func(r *kinds.Record) bool {
		return strings.Contains(r.Name, word)
	}) {
		return nil
	}
	nearest, _ := nearestName(word, s.namespaceNames())
	if nearest == "" {
		return nil
	}
	c := s.tableChoice(r, nearest, "")
	c.Detail = "did you mean those in " + nearest + "?"
	return []ui.Choice{c}
}

// nearest is the namespace or the object whose name was probably meant; "" for none.
func (k sought) nearest() (nearest string) {
	s, least := k.to.session, ui.TyposMost+1
	if k.may {
		if name, typos := nearestName(k.to.name, s.namespaceNames()); name != "" {
			nearest, least = "namespace "+name, typos
		}
	}
	l := s.listedNow(k.to.resource)
	if l == nil {
		return nearest
	}
	var names []string
	refs := map[string]string{}
	for _, r := range l.Since(0).Changed {
		names = append(names, r.Name)
		refs[r.Name] = r.Ref().String()
	}
	if name, typos := nearestName(k.to.name, names); typos < least {
		nearest = refs[name]
	}
	return nearest
}
