package effects

import (
	"strings"
	"testing"
)

// TestJudgeForDrain holds which pods of a node go, and what is said of those that stay.
func TestJudgeForDrain(t *testing.T) {
	owned := func(kind, name string) string {
		return `"ownerReferences":[{"kind":"` + kind + `","name":"` + name + `","uid":"o","controller":true}],`
	}
	const (
		bare   = "nothing would recreate it"
		static = "it is a static pod, from a file on the node"
		data   = "what is in its emptyDir volumes would be lost"
	)
	for _, c := range []struct {
		name, metadata, rest string
		none, bare, all      string // why it stays without options, with bare pods, with both
	}{
		{"of a ReplicaSet", owned("ReplicaSet", "web-1"), `"spec":{"volumes":[{"name":"a","configMap":{}}]}`, "", "", ""},
		{"with a disk of its own", owned("StatefulSet", "db"), `"spec":{"volumes":[{"emptyDir":{}}]}`, data, data, ""},
		{"of nobody", ``, `"spec":{}`, bare, "", ""},
		{"of nobody, with data", ``, `"spec":{"volumes":[{"emptyDir":{"medium":"Memory"}}]}`, bare, data, ""},
		{"owned, but not controlled", `"ownerReferences":[{"kind":"Node","name":"n1"}],`, `"spec":{}`, bare, "", ""},
		{"of a DaemonSet", owned("DaemonSet", "logs"), `"spec":{"volumes":[{"emptyDir":{}}]}`,
			"daemonset logs would recreate it at once", "daemonset logs would recreate it at once",
			"daemonset logs would recreate it at once"},
		{"of a DaemonSet, and failed", owned("DaemonSet", "logs"), `"status":{"phase":"Failed"}`, "", "", ""},
		{"of a file", `"annotations":{"kubernetes.io/config.mirror":"x"},` + owned("Node", "n1"), `"spec":{}`,
			static, static, static},
		{"that has ended, of nobody", ``, `"status":{"phase":"Succeeded"},"spec":{"volumes":[{"emptyDir":{}}]}`, "", "", ""},
		{"that ends already", `"deletionTimestamp":"2026-12-01T12:00:00Z",`, `"spec":{}`, "", "", ""},
	} {
		pod := parse(t, `{"kind":"Pod","metadata":{`+c.metadata+`"name":"p","namespace":"shop","uid":"u"},`+c.rest+`}`)
		p := judgePod(Target{}, pod)
		for o, want := range map[DrainOptions]string{{}: c.none, {Bare: true}: c.bare, {Bare: true, Data: true}: c.all} {
			if got := p.Stays(o); got != want {
				t.Errorf("a pod %s, %+v: it stays because %q, want %q", c.name, o, got, want)
			}
		}
	}
}

// TestBudgetNotes holds what is said of the budgets that guard the pods of a node.
func TestBudgetNotes(t *testing.T) {
	pod := parse(t, `{"metadata":{"namespace":"shop","labels":{"app":"web","tier":"front"}}}`)
	for selector, want := range map[string]bool{
		`{"matchLabels":{"app":"web"}}`: true, `{"matchLabels":{"app":"db"}}`: false, `{}`: true, `null`: false,
		`{"matchExpressions":[{"key":"tier","operator":"In","values":["front","back"]}]}`: true,
		`{"matchExpressions":[{"key":"tier","operator":"Frobnicates"}]}`:                  false,
	} {
		budget := parse(t, `{"metadata":{"namespace":"shop","name":"b"},"spec":{"selector":`+selector+`}}`)
		if got := guards(budget, pod); got != want {
			t.Errorf("a budget with %s guards it: %v", selector, got)
		}
		inner(budget, "metadata")["namespace"] = "other"
		if guards(budget, pod) {
			t.Error("a budget guards a pod of another namespace")
		}
	}
	for _, c := range []struct {
		status string
		n      int
		want   string
	}{
		{`{"disruptionsAllowed":1,"currentHealthy":3,"desiredHealthy":2}`, 1, ""},
		{`{"disruptionsAllowed":1,"currentHealthy":3,"desiredHealthy":2}`, 3, "budget shop/b lets 1 of its 3 pods go at a time"},
		{`{"disruptionsAllowed":0,"currentHealthy":2,"desiredHealthy":2}`, 2,
			"budget shop/b does not let any of its 2 pods go now: 2 healthy, 2 needed"},
		{`{"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":1}`, 1,
			"budget shop/b does not let its pod go now: 1 healthy, 1 needed"},
		{`{"disruptionsAllowed":0,"currentHealthy":2,"desiredHealthy":3,"expectedPods":3}`, 2,
			"budget shop/b never lets any of its 2 pods go: 3 needed of 3, 2 healthy"},
		{`{"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":1,"expectedPods":1}`, 1,
			"budget shop/b never lets its pod go: 1 needed of 1, 1 healthy"},
		{`{"disruptionsAllowed":0,"currentHealthy":2,"desiredHealthy":2,"expectedPods":3}`, 2,
			"budget shop/b does not let any of its 2 pods go now: 2 healthy, 2 needed"},
		{`{}`, 0, ""},
	} {
		budget := parse(t, `{"metadata":{"namespace":"shop","name":"b"},"status":`+c.status+`}`)
		if got := budgetNote(budget, c.n); got != c.want {
			t.Errorf("%s, %d pods: %q, want %q", c.status, c.n, got, c.want)
		}
	}
}

// TestDrainInWords holds the command of kubectl that does the same.
func TestDrainInWords(t *testing.T) {
	c := open(t)
	plan := DrainPlan{Node: Target{Cluster: c}}
	plan.Node.Ref.Name = "n1"
	for o, want := range map[DrainOptions]string{
		{}:                       "kubectl drain n1 --ignore-daemonsets --context",
		{Bare: true, Data: true}: "kubectl drain n1 --ignore-daemonsets --force --delete-emptydir-data --context",
	} {
		if got := plan.Kubectl(o); !strings.HasPrefix(got, want) {
			t.Errorf("%+v: %q, want %q", o, got, want)
		}
	}
	plan.Pods = []DrainPod{{Bare: true}}
	if got := plan.Kubectl(DrainOptions{}); got != "" {
		t.Errorf("kubectl would drain nothing, but it says %q", got)
	}
	if got := plan.Kubectl(DrainOptions{Bare: true}); got == "" {
		t.Error("there is a command that takes the pod too")
	}
	plan.Pods = []DrainPod{{}}
	plan.Pods[0].Keep("a rule")
	if got := plan.Kubectl(DrainOptions{}); got != "" {
		t.Errorf("kubectl knows no rules, but it says %q", got)
	}
}
