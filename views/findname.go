package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// findWord stands before a part of a name.
const findWord = "find"

// findChoice says how find is used.
func (s *Session) findChoice() ui.Choice {
	return ui.Choice{
		Name: findWord, Detail: "command: objects of any kind by a part of their name: find web", Also: []string{"search"},
		Then: ui.Say{Text: ": find NAME looks through the kinds that are listed", Role: themes.Muted},
	}
}

const (
	// findMax is how many objects a name finds at most.
	findMax = 200
	// findTables is how many kinds that were not looked at are offered as tables.
	findTables = 3
	// findNames is how many kinds are named where there are more.
	findNames = 2
)

const (
	// namedFrom is how much of a name has to be there for objects to be found by it, and namedMost
	// how many are.
	namedFrom = 3
	namedMost = 5
)

// named are objects whose names have what was typed, where nothing is called so.
func (s *Session) named(part string) []ui.Choice {
	if len(part) < namedFrom || strings.ContainsAny(part, " /@") {
		return nil
	}
	objects := slices.DeleteFunc(s.findNamed(part), func(c ui.Choice) bool { return c.Weak })
	return objects[:min(len(objects), namedMost)]
}

// findNamed are the objects of any kind whose names have a part, as far as their kinds are listed
// anyway, as what is broken has most of them listed. The last line says which were not looked at,
// and the likeliest of those are there as tables.
func (s *Session) findNamed(part string) []ui.Choice {
	var all []ui.Choice
	var looked, left []kube.Resource
	for _, c := range s.kindChoices() {
		r := c.Then.(goToKind).resource
		l := s.listedNow(r)
		switch {
		case r.Kind == kinds.Event.Kind || c.Dim: // The name of an event says nothing; what was not saved is nowhere.
			continue
		case l == nil:
			left = append(left, r)
			continue
		}
		looked = append(looked, r)
		for _, rec := range l.Since(0).Changed {
			if len(all) < findMax && strings.Contains(rec.Name, part) {
				all = append(all, ui.Choice{
					Name: rec.Ref().String(), Detail: "open " + r.Singular, Also: []string{rec.Name},
					Then: goToObject{s, r, rec.Namespace, rec.Name, ""},
				})
			}
		}
	}
	out := ui.Rank(part, all)
	say := func(text string) { out = append(out, ui.Choice{Name: text, Dim: true, Weak: true}) }
	switch {
	case len(looked) == 0:
		say("nothing was looked at yet; ! lists most kinds")
	case len(out) == 0 && len(left) == 0:
		say("nothing has " + part + " in its name")
	case len(out) == 0:
		say("nothing has " + part + " in its name, in the kinds that were looked at")
	}
	for _, r := range left[:min(len(left), findTables)] {
		if slices.Contains(everyday, qualified(r)) {
			c := s.tableChoice(r, s.namespaceFor(r), part)
			c.Weak = true
			out = append(out, c)
		}
	}
	if len(looked) > 0 {
		say("looked at: " + someOf(looked))
	}
	if len(left) > 0 {
		say("not looked at: " + someOf(left))
	}
	return out
}

// listedNow is the listing of a kind that is complete, of all namespaces or else of the one in use;
// nil if nobody lists it.
func (s *Session) listedNow(r kube.Resource) *kube.Listing {
	for _, space := range []string{"", s.Namespace} {
		l := s.Cluster.Listing(kube.Scope{GroupVersionResource: r.GroupVersionResource, Namespace: space})
		if l.State().Phase == kube.Live {
			return l
		}
	}
	return nil
}

// someOf names the first of some kinds: "secrets, configmaps and 30 more kinds".
func someOf(all []kube.Resource) string {
	var names []string
	for _, r := range all[:min(len(all), findNames)] {
		names = append(names, r.Resource)
	}
	text := strings.Join(names, ", ")
	if more := len(all) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more kinds", more)
	}
	return text
}
