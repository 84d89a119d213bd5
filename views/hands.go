package views

import (
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const (
	actMenu    ui.Action = "menu"
	actDelete  ui.Action = "delete"
	actRestart ui.Action = "restart"
	actScale   ui.Action = "scale"
	actYes     ui.Action = "yes"
	actChoice  ui.Action = "no-or-yes"
	actCommand ui.Action = "copy-command"
)

// handKeys are the keys of what changes objects, for a kind: all of them in write mode, else
// the menu, which says what there would be; nil for what was saved.
func (s *Session) handKeys(r kube.Resource) []ui.Key {
	if s.Hands == nil {
		return nil
	}
	r = s.served(r)
	keys := []ui.Key{{Action: actMenu, Keys: []string{"m"}, Help: "menu", Group: "Hands", Footer: s.Cluster.Writable()}}
	if !s.Cluster.Writable() {
		return keys
	}
	if effects.CanEdit(r) {
		keys = append(keys, ui.Key{Action: actEdit, Keys: []string{"e"}, Help: "edit (asks)", Group: "Hands"})
	}
	for _, o := range effects.Offers(r, nil) {
		switch o.Name {
		case "restart":
			keys = append(keys, ui.Key{Action: actRestart, Keys: []string{"r"}, Help: "restart (asks)", Group: "Hands"})
		case "scale":
			keys = append(keys, ui.Key{Action: actScale, Keys: []string{"s"}, Help: "scale (asks)", Group: "Hands"})
		case "delete":
			keys = append(keys, ui.Key{Action: actDelete, Keys: []string{"D"}, Help: "delete (asks)", Group: "Hands"})
		}
	}
	return keys
}

// handKeysOf are the keys of what changes an object that only its name is known of.
func (s *Session) handKeysOf(ref kinds.Ref) []ui.Key {
	resource, ok := s.Cluster.Resources().ByKind(ref.GroupKind)
	if !ok {
		return nil
	}
	return s.handKeys(resource)
}

// handRef is what an action does with an object that only its name is known of.
func (s *Session) handRef(action ui.Action, ref kinds.Ref) ui.Intent {
	resource, ok := s.Cluster.Resources().ByKind(ref.GroupKind)
	if !ok {
		return ui.Say{Text: "this cluster does not serve kind " + ref.GroupKind.String(), Role: themes.Degraded}
	}
	return s.hand(action, []effects.Target{{Cluster: s.Cluster, Resource: resource, Ref: ref}})
}

// served is a resource as discovery names it by now, with its verbs and subresources. A table
// that was opened before that has what every cluster serves.
func (s *Session) served(r kube.Resource) kube.Resource {
	if r.Can(kube.VerbPatch) || len(r.Subresources) > 0 {
		return r
	}
	if now, ok := s.Cluster.Resources().ByKind(r.GroupKind()); ok && now.Version == r.Version {
		return now
	}
	return r
}

// target is the object of a record.
func (s *Session) target(r kube.Resource, record *kinds.Record) effects.Target {
	return effects.Target{
		Cluster: s.Cluster, Resource: s.served(r), Ref: record.Ref(), UID: record.GetUID(), Record: record,
	}
}

// handNames are the effects of the actions that lead to one at once.
var handNames = map[ui.Action]string{actDelete: "delete", actRestart: "restart", actScale: "scale"}

// isHand reports whether an action is done to objects.
func isHand(action ui.Action) bool {
	return action == actMenu || action == actEdit || handNames[action] != ""
}

// hand is what an action does with objects; hidden are the names of those of them that the
// filter hides.
func (s *Session) hand(action ui.Action, targets []effects.Target, hidden ...string) ui.Intent {
	switch {
	case s.Hands == nil:
		return ui.Say{Text: "what was saved cannot be changed", Role: themes.Muted}
	case len(targets) == 0:
		return ui.Say{Text: "nothing selected", Role: themes.Muted}
	case action == actEdit && len(targets) > 1:
		return ui.Say{Text: "one object at a time is edited", Role: themes.Muted}
	case action == actEdit:
		return s.edit(targets[0])
	}
	menu := newMenu(s, targets)
	menu.hidden = hidden
	if action == actMenu {
		return ui.Open{View: menu}
	}
	offer, known := effects.Named(handNames[action])
	switch {
	case !s.Cluster.Writable():
		return s.sayReadOnly(offer.Name)
	case !known:
		return nil
	case offer.Ask == "":
		return menu.choose(offer)
	}
	if denied := s.deniedByRule(offer.Name, targets); denied != nil {
		return denied
	}
	menu.first = &offer // The prompt is the menu's, so it has to be there first.
	return ui.Open{View: menu}
}

// sayReadOnly says what is missing for an effect.
func (s *Session) sayReadOnly(name string) ui.Intent {
	if s.Cluster.Never() {
		return ui.Say{Text: name + ": the config says that " + s.Cluster.Name() + " is never changed", Role: themes.Degraded}
	}
	if s.Cluster.OnlyLooks() {
		return ui.Say{Text: name + " needs write mode, and you are viewing as " + s.Cluster.ActsAs() + ": :as off ends that",
			Role: themes.Degraded}
	}
	return ui.Say{Text: name + " needs write mode: :write switches to it", Role: themes.Degraded}
}
