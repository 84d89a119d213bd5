package effects

import (
	"context"
	"errors"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Offer is an effect that objects of a kind know: a line of the menu.
type Offer struct {
	Name string // one word: "scale"
	Help string // what it does, in a few words
	// Ask is what a person has to say before, "" for nothing. It is the label of a prompt.
	Ask string
	// Preset is what the prompt holds at first, from the object; nil is nothing.
	Preset func(object map[string]any) string
	// Choices reads what a person may choose from instead of saying it; nil where there is a
	// prompt. It asks the API server.
	Choices func(ctx context.Context, t Target) ([]Choice, error)
	// Make returns the effect; text is what the person said. Its error says what is wrong
	// with that.
	Make func(t Target, text string) (Effect, error)
	// fits reports whether it makes sense for an object. object may be nil where only the
	// kind is known.
	fits func(r kube.Resource, object map[string]any) bool
}

// Choice is one thing to choose from: what Make takes, and what a person reads beside it.
type Choice struct{ Text, Detail string }

// offers are all effects, in the order of the menu: what is done most first, what takes away
// last.
var offers = []Offer{
	restart, scale, setImage, rollback, pause, resume,
	trigger, suspend, unsuspend, rerun,
	cordon, uncordon, drain, taint,
	approve, deny, expand,
	label, annotate, removeFinalizer,
	evict, remove, removeWith, removeGrace, kill,
}

// Offers are the effects that fit an object, in the order of a menu. object is the whole
// object, nil where only its kind is known.
func Offers(r kube.Resource, object map[string]any) []Offer {
	var out []Offer
	for _, o := range offers {
		if o.fits(r, object) {
			out = append(out, o)
		}
	}
	return out
}

// Named is the offer of that name, and whether there is one.
func Named(name string) (Offer, bool) {
	i := slices.IndexFunc(offers, func(o Offer) bool { return o.Name == name })
	if i < 0 {
		return Offer{}, false
	}
	return offers[i], true
}

// Rights is what a person needs for an offer. ok is false where that depends on what they
// say.
func (o Offer) Rights(t Target) (asked kube.Asked, ok bool) {
	text := ""
	if o.Ask != "" {
		text = o.example()
	}
	e, err := o.Make(t, text)
	if err != nil {
		return kube.Asked{}, false
	}
	return e.Rights(), true
}

// example is a text that Make takes.
func (o Offer) example() string {
	return map[string]string{
		"scale": "1", "image": "app=image", "rollback": "1", "taint": "key:NoSchedule", "expand": "1Gi", "label": "key=value",
		"annotate": "key=value", "finalizer": "example.com/name", "delete-with": "foreground", "delete-grace": "30",
	}[o.Name]
}

// always fits every object that can be patched.
func always(r kube.Resource, _ map[string]any) bool {
	return r.Can(kube.VerbPatch) || len(r.Verbs) == 0
}

// of fits kinds.
func of(all ...*kinds.Kind) func(kube.Resource, map[string]any) bool {
	return func(r kube.Resource, _ map[string]any) bool {
		return slices.ContainsFunc(all, func(k *kinds.Kind) bool { return k.GroupKind() == r.GroupKind() })
	}
}

// ofWhere fits kinds whose object is in some state; an object that is not known fits.
func ofWhere(k *kinds.Kind, is func(object map[string]any) bool) func(kube.Resource, map[string]any) bool {
	return func(r kube.Resource, object map[string]any) bool {
		return k.GroupKind() == r.GroupKind() && (object == nil || is(object))
	}
}

// KubectlName is how kubectl's commands name the object: "deployment/web", "widgets.example.com/x".
func (t Target) KubectlName() string { return kubectlName(t) }

// kubectlName is how kubectl's commands name an object: "deployment/web",
// "widgets.example.com/x".
func kubectlName(t Target) string {
	if t.Resource.Group == "" || builtin(t.Resource.GroupKind()) {
		return strings.ToLower(t.Ref.Kind) + "/" + t.Ref.Name
	}
	return t.Resource.GroupResource().String() + "/" + t.Ref.Name
}

func builtin(gk schema.GroupKind) bool {
	return slices.ContainsFunc(kinds.All(), func(k *kinds.Kind) bool { return k.GroupKind() == gk })
}

// said returns a text without the blanks around it; an empty one is an error.
func said(text, what string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", errors.New("say " + what)
	}
	return text, nil
}

// boolAt is a field of an object; false where there is none.
func boolAt(object map[string]any, path string) bool {
	b, _ := at(object, path).(bool)
	return b
}

// inner returns a field of an object that is an object, which it makes if need be.
func inner(object map[string]any, names ...string) map[string]any {
	for _, name := range names {
		next, ok := object[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			object[name] = next
		}
		object = next
	}
	return object
}

// itemsAt are the objects of a list in an object.
func itemsAt(object map[string]any, path string) []map[string]any {
	list, _ := at(object, path).([]any)
	out := make([]map[string]any, 0, len(list))
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
