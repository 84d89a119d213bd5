package history

import (
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// managed is an object with managedFields; each line is one entry.
func managed(t *testing.T, spec string, entries ...string) map[string]any {
	t.Helper()
	text := "apiVersion: apps/v1\nkind: Deployment\nspec: " + spec + "\nmetadata:\n  name: x\n  managedFields:\n"
	for _, e := range entries {
		text += "  - {" + e + "}\n"
	}
	return parsed(t, text)
}

func TestAuthor(t *testing.T) {
	const (
		apply   = `manager: kubectl-client-side-apply, operation: Update, time: "2026-01-01T11:00:00Z"`
		edit    = `manager: kubectl-edit, operation: Update, time: "2026-01-01T12:00:00Z"`
		control = `manager: kube-controller-manager, operation: Update, subresource: status, time: "2026-01-01T12:00:01Z"`
		hpa     = `manager: kube-controller-manager, operation: Update, subresource: scale, time: "2026-01-01T12:00:00Z"`
		argo    = `manager: argocd-controller, operation: Apply, time: "2026-01-01T12:00:00Z"`
		server  = `manager: kubectl, operation: Apply, time: "2026-01-01T12:00:00Z"`
		ours    = `manager: okteto-agent, operation: Update, time: "2026-01-01T12:00:00Z"`
		hostile = `manager: "a\e[2Jb", operation: Update, time: yesterday`
	)
	for name, c := range map[string]struct {
		before, now []string
		status      bool
		who, how    string
		hand        bool
	}{
		"nobody": {nil, nil, false, "", "", false},
		"the one that moved": {
			[]string{apply}, []string{apply, edit}, false, "kubectl-edit", "kubectl edit", true,
		},
		"spec and status in one step": {
			[]string{apply}, []string{apply, edit, control}, false, "kubectl-edit", "kubectl edit", true,
		},
		"the status": {
			[]string{apply}, []string{apply, edit, control}, true, "kube-controller-manager", "", false,
		},
		"the autoscaler": {
			[]string{apply}, []string{apply, hpa}, false, "kube-controller-manager", "hpa", false,
		},
		"Argo CD": {
			[]string{apply}, []string{apply, argo}, false, "argocd-controller", "Argo CD", false,
		},
		"a server-side apply": {
			nil, []string{server}, false, "kubectl", "kubectl apply --server-side", true,
		},
		"twice within a second": {
			[]string{apply, edit}, []string{apply, edit}, false, "kubectl-edit", "kubectl edit", true,
		},
		"a manager that nobody knows":  {nil, []string{ours}, false, "okteto-agent", "", false},
		"a hostile name without times": {nil, []string{hostile}, false, "a␛[2Jb", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := Author(managed(t, "{}", c.before...), managed(t, "{}", c.now...), c.status)
			how, hand := m.Tool()
			if m.Name != c.who || how != c.how || hand != c.hand {
				t.Errorf("it was %q, %q, by a hand %v", m.Name, how, hand)
			}
		})
	}
}

func version(rv string) *Version {
	return &Version{
		Kind: kinds.Deployment, Namespace: "shop", Name: "x", UID: kinds.NewUID("uid-x"),
		ResourceVersion: rv,
	}
}

func TestStep(t *testing.T) {
	edited := `manager: kubectl-edit, operation: Update, time: "2026-01-01T12:00:00Z"`
	older := managed(t, "{replicas: 3}", `manager: helm, operation: Update, time: "2026-01-01T11:00:00Z"`)
	newer := managed(t, "{replicas: 5}", `manager: helm, operation: Update, time: "2026-01-01T11:00:00Z"`, edited)
	owned := parsed(t, "{metadata: {ownerReferences: [{controller: true, name: x}]}}")
	again := version("9")
	again.UID = kinds.NewUID("another")
	for name, c := range map[string]struct {
		step Step
		want string
		at   time.Time
	}{
		"an update, dated by its manager": {
			Step{
				Old: version("1"), New: version("2"), OldObject: older, NewObject: newer,
				At: noon.Add(700 * time.Millisecond),
			},
			"replicas 3 → 5  by hand (kubectl edit)", noon,
		},
		"a clock that is behind": {
			Step{
				Old: version("1"), New: version("2"), OldObject: older, NewObject: newer,
				At: noon.Add(-time.Hour),
			},
			"replicas 3 → 5  by hand (kubectl edit)", noon.Add(-time.Hour),
		},
		"an update without meaning": {
			Step{Old: version("1"), New: version("2"), OldObject: older, NewObject: older, At: noon}, "", noon,
		},
		"a creation": {
			Step{New: version("1"), NewObject: newer, At: noon}, "created  by hand (kubectl edit)",
			noon,
		},
		"a deletion": {Step{Old: version("1"), OldObject: owned, At: noon}, "deleted", noon},
		"again": {
			Step{Old: version("1"), New: again, OldObject: older, NewObject: newer, At: noon},
			"deleted and created again: replicas 3 → 5  by hand (kubectl edit)", noon,
		},
		"again, as it was": {
			Step{Old: version("1"), New: again, OldObject: owned, NewObject: owned, At: noon},
			"deleted and created again, as it was", noon,
		},
		"without its objects": {Step{Old: version("1"), At: noon}, "deleted", noon},
		"nothing":             {Step{At: noon}, "", noon},
	} {
		t.Run(name, func(t *testing.T) {
			change, ok := c.step.Change()
			if ok != (c.want != "") || ok && (change.Line() != c.want || !change.At.Equal(c.at)) {
				t.Errorf("it says %q at %v", change.Line(), change.At)
			}
		})
	}
}

func TestBefore(t *testing.T) {
	ref := func(name string) kinds.Ref {
		return kinds.Ref{GroupKind: schema.GroupKind{Kind: "Deployment"}, Namespace: "shop", Name: name}
	}
	onset := noon
	ago := func(object string, before time.Duration, rank Rank, text string) Change {
		return Change{Object: ref(object), At: onset.Add(-before), Rank: rank, Text: text}
	}
	controlled := ago("web", 0, Deleted, "a pod")
	controlled.Controlled = true
	hpa := ago("web", 5*time.Second, Replicas, "hpa")
	hpa.Who, hpa.How = "kube-controller-manager", "hpa"
	all := []Change{
		ago("web", time.Second, Status, "status"), controlled,
		ago("web", 2*time.Second, Created, "created"), hpa,
		ago("config", 8*time.Second, Data, "data"), ago("web", 8*time.Second, Image, "image"),
		ago("web", -time.Second, Env, "a second later"), ago("web", -3*time.Second, Env, "too late"),
		ago("web", 16*time.Minute, Image, "too old"), ago("stranger", time.Second, Image, "a stranger"),
	}
	near := Near{ref("web"): 0, ref("config"): 1}
	var got []string
	for _, c := range Before(all, near, onset, 0) {
		got = append(got, c.Text)
	}
	want := []string{"a second later", "hpa", "image", "data", "a pod", "created", "status"}
	if !slices.Equal(got, want) {
		t.Errorf("they are %q\n wanted %q", got, want)
	}
	near[ref("config")] = -1
	if found := Before(all, near, onset, 0); found[0].Text != "data" || found[len(found)-1].Text != "status" {
		t.Errorf("what is named as the cause does not come first of its class: %v", found)
	}
	if found := Before(all, nil, onset, 0); found != nil {
		t.Errorf("near nothing there is %v", found)
	}
	if found := Before(all, near, onset, time.Second); len(found) != 3 {
		t.Errorf("within a second there is %v", found)
	}
}
