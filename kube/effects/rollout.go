package effects

import (
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// restartedAt is the annotation by which kubectl restarts a workload
// (k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go).
const restartedAt = "kubectl.kubernetes.io/restartedAt"

var restart = Offer{
	Name: "restart", Help: "its pods, one after another, as its strategy says",
	Make: func(t Target, _ string) (Effect, error) {
		now := t.Cluster.Now().Format(time.RFC3339)
		return Effect{
			Target: t, Name: "restart", Do: "restart", Command: []string{"rollout", "restart", kubectlName(t)},
			act: patch{mutate: func(object map[string]any) error {
				inner(object, "spec", "template", "metadata", "annotations")[restartedAt] = now
				return nil
			}},
		}, nil
	},
	fits: of(kinds.Deployment, kinds.StatefulSet, kinds.DaemonSet),
}

var pause = Offer{
	Name: "pause", Help: "its rollout: changes of the template wait",
	Make: setFlag("pause", "paused", true, func(t Target) []string {
		return []string{"rollout", "pause", kubectlName(t)}
	}),
	fits: ofWhere(kinds.Deployment, func(o map[string]any) bool { return !boolAt(o, "/spec/paused") }),
}

var resume = Offer{
	Name: "resume", Help: "its rollout",
	Make: setFlag("resume", "paused", false, func(t Target) []string {
		return []string{"rollout", "resume", kubectlName(t)}
	}),
	fits: ofWhere(kinds.Deployment, func(o map[string]any) bool { return boolAt(o, "/spec/paused") }),
}

// setFlag makes an effect that sets a boolean field of the spec. A field that is false is
// left out, as the API server has it.
func setFlag(do, field string, to bool, command func(Target) []string) func(Target, string) (Effect, error) {
	return func(t Target, _ string) (Effect, error) {
		e := Effect{
			Target: t, Name: do, Do: do, Undoes: true,
			act: patch{mutate: func(object map[string]any) error {
				spec := inner(object, "spec")
				if was, _ := spec[field].(bool); was == to {
					return errNothing
				}
				spec[field] = to
				return nil
			}},
		}
		if command != nil {
			e.Command = command(t)
		}
		return e, nil
	}
}

var suspend = Offer{
	Name: "suspend", Help: "it: no new runs",
	Make: setFlag("suspend", "suspend", true, patched(`{"spec":{"suspend":true}}`)),
	fits: suspended(false),
}

var unsuspend = Offer{
	Name: "unsuspend", Help: "it: runs go on",
	Make: setFlag("unsuspend", "suspend", false, patched(`{"spec":{"suspend":false}}`)),
	fits: suspended(true),
}

func suspended(is bool) func(kube.Resource, map[string]any) bool {
	kind := of(kinds.CronJob, kinds.Job)
	return func(r kube.Resource, object map[string]any) bool {
		return kind(r, object) && (object == nil || boolAt(object, "/spec/suspend") == is)
	}
}

// patched is kubectl's command for what it has no word for.
func patched(body string) func(Target) []string {
	return func(t Target) []string { return []string{"patch", kubectlName(t), "--type=merge", "-p", body} }
}

var cordon = Offer{
	Name: "cordon", Help: "it: no new pods",
	Make: setFlag("cordon", "unschedulable", true, func(t Target) []string { return []string{"cordon", t.Ref.Name} }),
	fits: ofWhere(kinds.Node, func(o map[string]any) bool { return !boolAt(o, "/spec/unschedulable") }),
}

var uncordon = Offer{
	Name: "uncordon", Help: "it: pods may come",
	Make: setFlag("uncordon", "unschedulable", false, func(t Target) []string {
		return []string{"uncordon", t.Ref.Name}
	}),
	fits: ofWhere(kinds.Node, func(o map[string]any) bool { return boolAt(o, "/spec/unschedulable") }),
}
