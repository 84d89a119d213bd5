package effects

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

const denied = "a rule of the config denies it"

// refused is the verdict of a rule without words.
var refused = Verdict{Deny: denied}

// ruleTest is an effect on objects under rules.
type ruleTest struct {
	name    string
	rules   Rules
	effect  string
	targets []Target
	want    Verdict
}

func checkRules(t *testing.T, tests []ruleTest) {
	t.Helper()
	for _, test := range tests {
		if got := test.rules.For(test.effect, test.targets); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// denying is one rule that denies.
func denying(rule Rule) Rules {
	rule.Deny = true
	return Rules{rule}
}

// podsOf are pods of a test, the last in another namespace where that is not empty.
func podsOf(c *kube.Cluster, n int, last string) (all []Target) {
	for range n {
		all = append(all, targetOf(c, kinds.Pod, "web-1"))
	}
	if last != "" {
		all[n-1].Ref.Namespace = last
	}
	return all
}

// TestRulesFit compares each pattern of a rule. The context of a test is an address.
func TestRulesFit(t *testing.T) {
	c := open(t)
	pods := podsOf(c, 1, "")
	one := func(k *kinds.Kind, name string) []Target { return []Target{targetOf(c, k, name)} }
	deploys := one(kinds.Deployment, "web")
	deploys[0].Resource.ShortNames = []string{"deploy"}
	custom := one(kinds.Pod, "x")
	custom[0].Resource.Group, custom[0].Resource.Resource, custom[0].Resource.Kind = "example.com", "widgets", "Widget"
	checkRules(t, []ruleTest{
		{"no rules", nil, "delete", pods, Verdict{}},
		{"no objects", denying(Rule{}), "delete", nil, Verdict{}},
		{"a rule for everything", denying(Rule{}), "delete", pods, refused},
		{"an effect without a name", denying(Rule{}), "", pods, refused},
		{"another effect", denying(Rule{Effects: []string{"scale"}}), "delete", pods, Verdict{}},
		{"one of its effects", denying(Rule{Effects: []string{"scale", "del*"}}), "delete", pods, refused},
		{"a kill is a deletion", denying(Rule{Effects: []string{"delete"}}), "kill", pods, refused},
		{"a deletion is not a kill", denying(Rule{Effects: []string{"kill"}}), "delete", pods, Verdict{}},
		{"a deletion with a grace period", denying(Rule{Effects: []string{"delete"}}), "delete-grace", pods, refused},
		{"an eviction is not a deletion", denying(Rule{Effects: []string{"delete"}}), "evict", pods, Verdict{}},
		{"this context", denying(Rule{Contexts: []string{"*127.0.0.1*"}}), "delete", pods, refused},
		{"another context", denying(Rule{Contexts: []string{"prod-*"}}), "delete", pods, Verdict{}},
		{"another namespace", denying(Rule{Namespaces: []string{"kube-*"}}), "delete", pods, Verdict{}},
		{"an object without a namespace", denying(Rule{Namespaces: []string{"shop"}}), "delete",
			one(kinds.Node, "n1"), Verdict{}},
		{"any namespace, also none", denying(Rule{Namespaces: []string{"*"}}), "delete",
			one(kinds.Node, "n1"), refused},
		{"a namespace is in itself", denying(Rule{Namespaces: []string{"kube-*"}}), "delete",
			one(kinds.Namespace, "kube-system"), refused},
		{"a kind in the plural", denying(Rule{Kinds: []string{"pods"}}), "delete", pods, refused},
		{"a kind in the singular", denying(Rule{Kinds: []string{"pod"}}), "delete", pods, refused},
		{"a kind as it calls itself", denying(Rule{Kinds: []string{"Pod"}}), "delete", pods, refused},
		{"a kind in capitals", denying(Rule{Kinds: []string{"POD*"}}), "delete", pods, refused},
		{"a short name", denying(Rule{Kinds: []string{"deploy"}}), "scale", deploys, refused},
		{"a kind with its group", denying(Rule{Kinds: []string{"deployments.apps"}}), "scale", deploys, refused},
		{"a group", denying(Rule{Kinds: []string{"*.example.com"}}), "edit", custom, refused},
		{"another kind", denying(Rule{Kinds: []string{"secrets", ""}}), "edit", custom, Verdict{}},
	})
}

// TestRulesHoldTogether asks what holds where several rules fit, and several objects.
func TestRulesHoldTogether(t *testing.T) {
	c := open(t)
	pods := func(n int) []Target { return podsOf(c, n, "") }
	mixed := podsOf(c, 3, "kube-system")
	deny := Rule{Deny: true}
	checkRules(t, []ruleTest{
		{"one object of several", denying(Rule{Namespaces: []string{"kube-system"}}), "delete", mixed, refused},
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
	})
}

// TestUnknownKinds finds kinds that nothing is called.
func TestUnknownKinds(t *testing.T) {
	all := []kube.Resource{targetOf(open(t), kinds.Pod, "x").Resource, targetOf(open(t), kinds.Deployment, "x").Resource}
	rules := Rules{
		{Kinds: []string{"Pod", "deploymnt", "*s.apps"}}, {Kinds: []string{"secret*"}, Contexts: []string{"prod*"}},
		{Kinds: []string{"nodes"}, Contexts: []string{"dev"}}, {},
	}
	if got := rules.Unknown("prod-1", all); !slices.Equal(got, []string{"deploymnt", "secret*"}) {
		t.Errorf("%q", got)
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
		{"*/prod-*", "arn:aws:eks:eu:1:cluster/prod-eu", true}, {"prod-*", "staging", false},
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
	shell, err := hands.Begin(t.Context(), "shell", "shell in shop/web-1", "incident 8", target)
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.End(nil, false); err != nil {
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

// TestEachObjectAlone holds that a shell in a pod by way of its Deployment is one thing, not two.
func TestEachObjectAlone(t *testing.T) {
	c := open(t)
	pod := targetOf(c, kinds.Pod, "web-1")
	rules := Rules{{Most: 1}, {Kinds: []string{"pods"}, Type: true}, {Kinds: []string{"deployments"}, Reason: true}}
	both := []Target{targetOf(c, kinds.Deployment, "web"), pod}
	if got := rules.Each("shell", both); got != (Verdict{Type: true, Reason: true}) {
		t.Errorf("a shell: %+v", got)
	}
	if got := rules.For("delete", both); got.Deny == "" {
		t.Error("two objects are deleted at once")
	}
}
