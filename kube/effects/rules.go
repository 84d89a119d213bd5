package effects

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
)

// Rule is what the config says of the effects that it fits. A list without a pattern fits all. In
// a pattern, * stands for any text.
type Rule struct {
	Contexts, Namespaces, Kinds, Effects []string

	Deny   bool
	Why    string // it is denied, in the config's words; "" where it says nothing
	Type   bool   // the name of the object, or the number of objects, has to be typed
	Reason bool   // has to be said, for the journal
	Most   int    // objects at once; 0 for any number
}

// Rules hold together: the strictest of those that fit.
type Rules []Rule

// Verdict is what the rules say of an effect.
type Verdict struct {
	Deny         string // why it may not be done; "" where it may
	Type, Reason bool
}

// And is what holds where both verdicts do.
func (v Verdict) And(o Verdict) Verdict {
	return Verdict{Deny: cmp.Or(v.Deny, o.Deny), Type: v.Type || o.Type, Reason: v.Reason || o.Reason}
}

// Each returns what holds for one thing that is done by way of several objects.
func (r Rules) Each(effect string, targets []Target) (v Verdict) {
	for _, t := range targets {
		v = v.And(r.For(effect, []Target{t}))
	}
	return v
}

// For returns what holds for an effect on objects. Any of them is enough for a rule to fit.
func (r Rules) For(effect string, targets []Target) (v Verdict) {
	tooMany := ""
	for i := range r {
		rule := &r[i]
		n := 0
		for _, t := range targets {
			if rule.fits(subjectOf(effect, t)) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		v.Type = v.Type || rule.Type
		v.Reason = v.Reason || rule.Reason
		switch {
		case rule.Deny && rule.Why != "":
			v.Deny = "a rule of the config denies it: " + rule.Why
		case rule.Deny && v.Deny == "":
			v.Deny = "a rule of the config denies it"
		}
		if rule.Most > 0 && n > rule.Most {
			tooMany = fmt.Sprintf("a rule of the config allows %d at once, not %d", rule.Most, n)
		}
	}
	if v.Deny == "" {
		v.Deny = tooMany
	}
	return v
}

// subject is what the patterns of a rule are compared with.
type subject struct {
	context, namespace string
	kinds, effects     []string // all their names
}

func subjectOf(effect string, t Target) subject {
	r := t.Resource
	s := subject{
		context: t.Cluster.Name(), namespace: t.Ref.Namespace, kinds: kindNames(r), effects: ruledAs(effect),
	}
	if r.Group == "" && t.Ref.Kind == "Namespace" { // What happens to it happens to all that is in it.
		s.namespace = t.Ref.Name
	}
	return s
}

// kindNames are the names of a kind that a rule may use.
func kindNames(r kube.Resource) []string {
	return append([]string{r.Resource, r.Singular, r.Kind, r.GroupResource().String()}, r.ShortNames...)
}

// Unknown returns the kinds in rules for a context that none of its resources is called: such a rule
// protects nothing.
func (r Rules) Unknown(context string, all []kube.Resource) (unknown []string) {
	for _, rule := range r {
		if !among(rule.Contexts, context) {
			continue
		}
		for _, pattern := range rule.Kinds {
			one := Rule{Kinds: []string{pattern}}
			if !slices.ContainsFunc(all, func(r kube.Resource) bool { return slices.ContainsFunc(kindNames(r), one.named) }) {
				unknown = append(unknown, pattern)
			}
		}
	}
	return unknown
}

// ruledAs are the names by which a rule may mean an effect.
func ruledAs(effect string) []string {
	switch effect {
	case "delete-with", "delete-grace":
		return []string{"delete"}
	case "kill":
		return []string{"kill", "delete"}
	}
	return []string{effect}
}

func (r *Rule) fits(s subject) bool {
	return among(r.Contexts, s.context) && among(r.Namespaces, s.namespace) &&
		slices.ContainsFunc(s.effects, func(name string) bool { return among(r.Effects, name) }) &&
		(len(r.Kinds) == 0 || slices.ContainsFunc(s.kinds, r.named))
}

// among reports whether a name fits one of the patterns, or there are none.
func among(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return Fits(p, name) })
}

// named reports whether a rule means a kind by one of its names, whatever the case of its letters.
func (r *Rule) named(kind string) bool {
	return kind != "" && slices.ContainsFunc(r.Kinds, func(p string) bool {
		return Fits(strings.ToLower(p), strings.ToLower(kind))
	})
}

// streams are the effects that are not an Offer: an editor, a program of the user's that may write, and what
// needs a stream to a container.
var streams = []string{"edit", "plugin", "shell", "attach", "forward", "copy", "debug"}

// Names are the names of effects that a rule may use, sorted.
func Names() []string {
	names := slices.Clone(streams)
	for _, o := range offers {
		names = append(names, ruledAs(o.Name)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Fits reports whether a name fits a pattern, in which * stands for any text: names of contexts
// have slashes and brackets.
func Fits(pattern, name string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == name
	}
	if !strings.HasPrefix(name, first) {
		return false
	}
	for name = name[len(first):]; ; name = name[1:] {
		if Fits(rest, name) {
			return true
		}
		if name == "" {
			return false
		}
	}
}
