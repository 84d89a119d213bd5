package effects

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// contents says what a deletion takes along: the objects in a namespace, the custom
// resources of a definition, the data behind a claim or a volume, the pods of a node.
func contents(ctx context.Context, t Target, object map[string]any) []string {
	switch t.Ref.Kind {
	case "Namespace":
		return inNamespace(ctx, t)
	case "CustomResourceDefinition":
		return ofDefinition(ctx, t, object)
	case "PersistentVolume":
		return []string{reclaimed(object)}
	case "PersistentVolumeClaim":
		return behindClaim(ctx, t, object)
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
		return ofWorkload(ctx, t, object)
	case "Node":
		return []string{"its pods are deleted with it; the machine itself stays"}
	}
	return nil
}

// counts are the kinds that people look for in a namespace, the most important first.
var counts = []string{
	"pods", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch", "cronjobs.batch", "services",
	"ingresses.networking.k8s.io", "configmaps", "secrets", "persistentvolumeclaims",
}

func inNamespace(ctx context.Context, t Target) []string {
	var found, unread []string
	for _, name := range counts {
		resources := t.Cluster.Resources().Find(name)
		if len(resources) == 0 {
			continue
		}
		switch n := t.Cluster.CountNow(ctx, resources[0], t.Ref.Name); {
		case n.Err != nil:
			unread = append(unread, resources[0].Resource)
		case n.N > 0:
			found = append(found, counted(n, resources[0]))
		}
	}
	out := []string{"everything inside: " + strings.Join(found, ", ")}
	if len(found) == 0 {
		out = []string{"nothing of the kinds that were asked for is inside"}
	}
	if len(unread) > 0 {
		out = append(out, "could not be asked for: "+strings.Join(unread, ", "))
	}
	return out
}

func ofDefinition(ctx context.Context, t Target, object map[string]any) []string {
	names := textAt(object, "spec", "names", "plural") + "." + textAt(object, "spec", "group")
	resources := t.Cluster.Resources().Find(names)
	if len(resources) == 0 {
		return []string{"all its custom resources; how many there are is not known"}
	}
	n := t.Cluster.CountNow(ctx, resources[0], "")
	if n.Err != nil {
		return []string{"all its custom resources; how many there are is not known: " + n.Err.Error()}
	}
	return []string{"all its custom resources: " + counted(n, resources[0])}
}

func counted(n kube.Count, r kube.Resource) string {
	switch {
	case n.More:
		return fmt.Sprintf("more than %d %s", n.N, r.Resource)
	case n.N == 1:
		return "1 " + cmp.Or(r.Singular, strings.ToLower(r.Kind))
	}
	return fmt.Sprintf("%d %s", n.N, r.Resource)
}

func reclaimed(volume map[string]any) string {
	switch policy := textAt(volume, "spec", "persistentVolumeReclaimPolicy"); policy {
	case "Delete":
		return "reclaim policy Delete: what deletes the storage behind it is its claim's deletion, not this"
	case "Retain":
		return "reclaim policy Retain: the storage behind it stays"
	default:
		return "reclaim policy " + kinds.Clean(policy)
	}
}

func behindClaim(ctx context.Context, t Target, claim map[string]any) []string {
	name := textAt(claim, "spec", "volumeName")
	if name == "" {
		return []string{"no volume is bound to it"}
	}
	volumes, ok := t.Cluster.Resources().ByKind(kinds.PersistentVolume.GroupKind())
	if !ok {
		return nil
	}
	volume, err := t.Cluster.Fetch(ctx, volumes, "", name, "")
	if err != nil {
		return []string{"volume " + kinds.Clean(name) + ", whose reclaim policy is not known: " + err.Error()}
	}
	if textAt(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete" {
		return []string{"volume " + kinds.Clean(name) + " AND ITS DATA: its reclaim policy is Delete"}
	}
	return []string{"volume " + kinds.Clean(name) + " is released; " + reclaimed(volume)}
}

// scalers names what sets the replicas of a workload by itself.
func (e Effect) scalers(ctx context.Context, fields []Field) []string {
	if !slices.ContainsFunc(fields, func(f Field) bool { return f.Path == "/spec/replicas" }) {
		return nil
	}
	hpas, err := selected(ctx, e.Target, kinds.HorizontalPodAutoscaler, "")
	if err != nil {
		return []string{"whether a HorizontalPodAutoscaler scales it is not known: " + err.Error()}
	}
	var notes []string
	for _, hpa := range hpas {
		if textAt(hpa, "spec", "scaleTargetRef", "kind") == e.Ref.Kind &&
			textAt(hpa, "spec", "scaleTargetRef", "name") == e.Ref.Name {
			notes = append(notes, "scaled by horizontalpodautoscaler "+kinds.Clean(textAt(hpa, "metadata", "name"))+
				", which will change it back unless it is set to 0")
		}
	}
	return notes
}
