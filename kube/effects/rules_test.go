package effects

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestRules asks what holds for effects on one or more objects, whose context is an address.
func TestRules(t *testing.T) {
	c := open(t)
	pods := func(n int) (all []Target) {
		for range n {
			all = append(all, targetOf(c, kinds.Pod, "web-1"))
		}
		return all
	}
	one := func(k *kinds.Kind, name string) []Target { return []Target{targetOf(c, k, name)} }
	deploys := one(kinds.Deployment, "web")
	deploys[0].Resource.ShortNames = []string{"deploy"}
	custom := one(kinds.Pod, "x")
	custom[0].Resource.Group, custom[0].Resource.Resource, custom[0].Ref.Kind = "example.com", "widgets", "Widget"
	mixed := append(pods(2), targetOf(c, kinds.Pod, "dns"))
	mixed[2].Ref.Namespace = "kube-system"
	deny := Rule{Deny: true}
	with := func(change func(*Rule)) Rules {
		rule := deny
		change(&rule)
		return Rules{rule}
	}
	const denied = "a rule of the config denies it"
	for _, test := range []struct {
		name    string
		rules   Rules
		effect  string
		targets []Target
		want    Verdict
	}{
		{"no rules", nil, "delete", pods(1), Verdict{}},
		{"no objects", Rules{deny}, "delete", nil, Verdict{}},
		{"a rule for everything", Rules{deny}, "delete", pods(1), Verdict{Deny: denied}},
		{"an effect without a name", Rules{deny}, "", pods(1), Verdict{Deny: denied}},
		{"another effect", with(func(r *Rule) { r.Effects = []string{"scale"} }), "delete", pods(1), Verdict{}},
		{"one of its effects", with(func(r *Rule) { r.Effects = []string{"scale", "del*"} }), "delete", pods(1),
			Verdict{Deny: denied}},
		{"a kill is a deletion", with(func(r *Rule) { r.Effects = []string{"delete"} }), "kill", pods(1), Verdict{Deny: denied}},
		{"a deletion is not a kill", with(func(r *Rule) { r.Effects = []string{"kill"} }), "delete", pods(1), Verdict{}},
		{"a deletion with a grace period", with(func(r *Rule) { r.Effects = []string{"delete"} }), "delete-grace", pods(1),
			Verdict{Deny: denied}},
		{"an eviction is not a deletion", with(func(r *Rule) { r.Effects = []string{"delete"} }), "evict", pods(1), Verdict{}},
		{"this context", with(func(r *Rule) { r.Contexts = []string{"*127.0.0.1*"} }), "delete", pods(1),
			Verdict{Deny: denied}},
		{"another context", with(func(r *Rule) { r.Contexts = []string{"prod-*"} }), "delete", pods(1), Verdict{}},
		{"another namespace", with(func(r *Rule) { r.Namespaces = []string{"kube-*"} }), "delete", pods(1), Verdict{}},
		{"an object without a namespace", with(func(r *Rule) { r.Namespaces = []string{"shop"} }), "delete",
			one(kinds.Node, "n1"), Verdict{}},
		{"any namespace, also none", with(func(r *Rule) { r.Namespaces = []string{"*"} }), "delete",
			one(kinds.Node, "n1"), Verdict{Deny: denied}},
		{"a namespace is in itself", with(func(r *Rule) { r.Namespaces = []string{"kube-*"} }), "delete",
			one(kinds.Namespace, "kube-system"), Verdict{Deny: denied}},
		{"a kind in the plural", with(func(r *Rule) { r.Kinds = []string{"pods"} }), "delete", pods(1), Verdict{Deny: denied}},
		{"a kind in the singular", with(func(r *Rule) { r.Kinds = []string{"pod"} }), "delete", pods(1), Verdict{Deny: denied}},
		{"a kind as it calls itself", with(func(r *Rule) { r.Kinds = []string{"Pod"} }), "delete", pods(1),
			Verdict{Deny: denied}},
		{"a kind in capitals", with(func(r *Rule) { r.Kinds = []string{"POD*"} }), "delete", pods(1), Verdict{Deny: denied}},
		{"a short name", with(func(r *Rule) { r.Kinds = []string{"deploy"} }), "scale", deploys, Verdict{Deny: denied}},
		{"a kind with its group", with(func(r *Rule) { r.Kinds = []string{"deployments.apps"} }), "scale", deploys,
			Verdict{Deny: denied}},
		{"a group", with(func(r *Rule) { r.Kinds = []string{"*.example.com"} }), "edit", custom, Verdict{Deny: denied}},
		{"another kind", with(func(r *Rule) { r.Kinds = []string{"secrets", ""} }), "edit", custom, Verdict{}},
		{"one object of several", with(func(r *Rule) { r.Namespaces = []string{"kube-system"} }), "delete", mixed,
			Verdict{Deny: denied}},
		{"the words of the config", Rules{{Deny: true, Why: "platform team only"}, deny}, "delete", pods(1),
			Verdict{Deny: denied + ": platform team only"}},
		{"words after none", Rules{deny, {Deny: true, Why: "ask"}}, "delete", pods(1), Verdict{Deny: denied + ": ask"}},
		{"the strictest of several", Rules{{Type: true}, {Reason: true}, {Most: 5}, {}}, "delete", pods(5),
			Verdict{Type: true, Reason: true}},
		{"too many", Rules{{Most: 5}, {Most: 2, Type: true}}, "delete", pods(3),
			Verdict{Deny: "a rule of the config allows 2 at once, not 3", Type: true}},
		{"too many of those that fit", Rules{{Most: 1, Namespaces: []string{"kube-system"}}}, "delete", mixed, Verdict{}},
		{"denied, and too many", Rules{{Most: 1}, {Deny: true, Why: "no"}}, "delete", pods(2),
			Verdict{Deny: denied + ": no"}},
	} {
		if got := test.rules.For(test.effect, test.targets); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// TestRulesCanNameEveryEffect makes each effect and looks for its name among those of the rules.
func TestRulesCanNameEveryEffect(t *testing.T) {
	c, names := open(t), Names()
	for _, o := range offers {
		e, err := o.Make(targetOf(c, kinds.Pod, "web-1"), o.example())
		if err != nil {
			continue // It is not for pods.
		}
		if !slices.Contains(names, e.Name) || !slices.Contains(ruledAs(o.Name), e.Name) {
			t.Errorf("%s makes %s; a rule may name %s", o.Name, e.Name, strings.Join(ruledAs(o.Name), ", "))
		}
	}
	if !slices.IsSorted(names) || slices.Contains(names, "delete-with") {
		t.Errorf("names: %q", names)
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a/b", true}, {"a*", "ab", true}, {"a*", "ba", false},
		{"*a", "ba", true}, {"*a", "ab", false}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "axxbyy", false},
		{"a**b", "ab", true}, {"[a]", "[a]", true}, {"[a]", "a", false}, {"?", "a", false},
	} {
		if got := Fits(c.pattern, c.name); got != c.want {
			t.Errorf("%q of %q: %v", c.pattern, c.name, got)
		}
	}
}

// TestReasonIsJournaled does an effect and begins a shell for a reason.
func TestReasonIsJournaled(t *testing.T) {
	_, c := startWriting(t, deployment)
	hands := &Hands{Journal: journal.Open(t.TempDir(), time.Now)}
	target := targetOf(c, kinds.Deployment, "web")
	pause, err := mustOffer(t, "pause").Make(target, "")
	if err != nil {
		t.Fatal(err)
	}
	ready := hands.Ready(hands.Plan(t.Context(), pause))
	ready.Reason = "incident 7"
	if err := ready.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := hands.Note(t.Context(), "shell", "shell in shop/web-1", "incident 8", target); err != nil {
		t.Fatal(err)
	}
	entries, _, err := hands.Journal.Read(time.Now().AddDate(0, 0, -1))
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v, %v", entries, err)
	}
	for i, want := range []string{"shell: incident 8", "pause: incident 7"} {
		if got := entries[i].Effect + ": " + entries[i].Reason; got != want || entries[i].Outcome != journal.Done {
			t.Errorf("%s, %s; want %s", got, entries[i].Outcome, want)
		}
	}
}

func mustOffer(t *testing.T, name string) Offer {
	t.Helper()
	o, ok := Named(name)
	if !ok {
		t.Fatalf("there is no offer %s", name)
	}
	return o
}
