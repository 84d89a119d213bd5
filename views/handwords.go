package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// effectNamed is what the name of an effect, such as cordon, leads to in the palette: the menu of what
// the cursor is on, which has it and does nothing by itself.
func (s *Session) effectNamed(view ui.View, query string) (c ui.Choice, named bool) {
	offer, known := effects.Named(strings.ToLower(strings.TrimSpace(query)))
	if !known || s.Hands == nil {
		return c, false
	}
	c = ui.Choice{Name: offer.Name, Detail: "command: " + offer.Help}
	to, on := s.pointedBy(view)
	if !on {
		c.Then = ui.Say{Text: offer.Name + ": put the cursor on an object first, then m has it", Role: themes.Muted}
		return c, true
	}
	c.Detail = "command: the menu of " + to.text() + " has it if it may be done (m)"
	c.Then = handWord{to}
	return c, true
}

// handWord opens the menu of an object.
type handWord struct{ of goToObject }

// Intent implements ui.Lazy.
func (h handWord) Intent() ui.Intent {
	return h.of.session.handRef(actMenu, kinds.Ref{
		GroupKind: h.of.resource.GroupKind(), Namespace: h.of.namespace, Name: h.of.name,
	})
}
