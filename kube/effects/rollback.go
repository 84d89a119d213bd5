package effects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// revisionAnnotation numbers the ReplicaSets of a Deployment
// (k8s.io/kubectl/pkg/util/deployment/deployment.go).
const revisionAnnotation = "deployment.kubernetes.io/revision"

var rollback = Offer{
	Name: "rollback", Help: "to an earlier revision of its template", Ask: "revision, 0 for the one before",
	Choices: revisions,
	Make: func(t Target, text string) (Effect, error) {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 0 {
			return Effect{}, fmt.Errorf("%q is not the number of a revision", text)
		}
		how := "to revision " + strconv.FormatInt(n, 10)
		if n == 0 {
			how = "to the revision before"
		}
		back := &revision{number: n}
		return Effect{
			Target: t, Name: "rollback", Do: "roll back", How: how, Undoes: true,
			Command: []string{"rollout", "undo", kubectlName(t), "--to-revision=" + strconv.FormatInt(n, 10)},
			act:     patch{load: back.load, mutate: back.apply},
		}, nil
	},
	fits: of(kinds.Deployment, kinds.StatefulSet, kinds.DaemonSet),
}

// revision is a ReplicaSet or a ControllerRevision that a workload goes back to.
type revision struct {
	number int64 // 0 is the one before the newest
	object map[string]any
}

// ownedRevisions are the ReplicaSets or ControllerRevisions of a workload, the oldest first.
func ownedRevisions(ctx context.Context, t Target, workload map[string]any) ([]map[string]any, error) {
	kind := kinds.ControllerRevision
	if t.Ref.Kind == "Deployment" {
		kind = kinds.ReplicaSet
	}
	resource, ok := t.Cluster.Resources().ByKind(kind.GroupKind())
	if !ok {
		return nil, errors.New("this cluster does not serve " + kind.Resource)
	}
	list, err := t.Cluster.FetchSelected(ctx, resource, t.Ref.Namespace, selectorOf(workload), "")
	if err != nil {
		return nil, err
	}
	uid := textAt(workload, "metadata", "uid")
	owned := slices.DeleteFunc(itemsAt(list, "/items"), func(o map[string]any) bool {
		return revisionOf(o) == 0 || !slices.ContainsFunc(itemsAt(o, "/metadata/ownerReferences"),
			func(ref map[string]any) bool { return ref["uid"] == uid })
	})
	slices.SortFunc(owned, func(a, b map[string]any) int { return int(revisionOf(a) - revisionOf(b)) })
	return owned, nil
}

// revisions are those that a workload can go back to, the newest first.
func revisions(ctx context.Context, t Target) ([]Choice, error) {
	workload, err := t.Cluster.Fetch(ctx, t.Resource, t.Ref.Namespace, t.Ref.Name, "")
	if err != nil {
		return nil, err
	}
	owned, err := ownedRevisions(ctx, t, workload)
	if err != nil {
		return nil, err
	}
	var out []Choice
	for i, o := range slices.Backward(owned) {
		if i == len(owned)-1 {
			continue // It is this one.
		}
		var words []string
		template := "/spec/template"
		if o["data"] != nil {
			template = "/data/spec/template"
		}
		for _, c := range itemsAt(o, template+"/spec/containers") {
			words = append(words, textAt(c, "image"))
		}
		if cause := textAt(o, "metadata", "annotations", "kubernetes.io/change-cause"); cause != "" {
			words = append(words, cause)
		}
		words = append(words, "made "+textAt(o, "metadata", "creationTimestamp"))
		out = append(out, Choice{strconv.FormatInt(revisionOf(o), 10), kinds.Clean(strings.Join(words, "  "))})
	}
	if out == nil {
		return nil, errors.New("no earlier revision is kept")
	}
	return out, nil
}

// load finds it among those that the workload owns.
func (r *revision) load(ctx context.Context, t Target, workload map[string]any) error {
	owned, err := ownedRevisions(ctx, t, workload)
	if err != nil {
		return err
	}
	r.object = nil
	var known []string
	for i, o := range owned {
		known = append(known, strconv.FormatInt(revisionOf(o), 10))
		if revisionOf(o) == r.number || r.number == 0 && i == len(owned)-2 {
			r.object = o
		}
	}
	switch {
	case r.object != nil:
		return nil
	case r.number == 0:
		return errors.New("no earlier revision is kept")
	}
	return fmt.Errorf("revision %d is not kept; those that are: %s", r.number, strings.Join(known, ", "))
}

// revisionOf is the number of a ReplicaSet or a ControllerRevision; 0 for none.
func revisionOf(o map[string]any) int64 {
	if n, ok := number(o["revision"]); ok {
		return int64(n)
	}
	n, _ := strconv.ParseInt(textAt(o, "metadata", "annotations", revisionAnnotation), 10, 64)
	return n
}

// apply gives a workload the template of the revision, as kubectl does
// (k8s.io/kubectl/pkg/polymorphichelpers/rollback.go): a ReplicaSet holds the template, a
// ControllerRevision a strategic merge patch of the workload.
func (r *revision) apply(workload map[string]any) error {
	if boolAt(workload, "/spec/paused") {
		return errors.New("its rollout is paused; resume it first")
	}
	if data, ok := r.object["data"].(map[string]any); ok {
		return mergeTemplate(workload, data)
	}
	template, ok := at(r.object, "/spec/template").(map[string]any)
	if !ok {
		return errors.New("the revision has no template")
	}
	template = (&unstructured.Unstructured{Object: template}).DeepCopy().Object
	if labels, ok := at(template, "/metadata/labels").(map[string]any); ok {
		delete(labels, appsv1.DefaultDeploymentUniqueLabelKey)
	}
	inner(workload, "spec")["template"] = template
	return nil
}

func mergeTemplate(workload, data map[string]any) error {
	before, err := json.Marshal(workload)
	if err != nil {
		return err
	}
	change, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var shape any = appsv1.StatefulSet{}
	if workload["kind"] == "DaemonSet" {
		shape = appsv1.DaemonSet{}
	}
	after, err := strategicpatch.StrategicMergePatch(before, change, shape)
	if err != nil {
		return err
	}
	merged := map[string]any{}
	if err := json.Unmarshal(after, &merged); err != nil {
		return err
	}
	template, ok := at(merged, "/spec/template").(map[string]any)
	if !ok {
		return errors.New("the revision has no template")
	}
	inner(workload, "spec")["template"] = template
	return nil
}
