package effects

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// jobs is the resource of the Jobs that effects make.
var jobs = kube.Resource{GroupVersionResource: kinds.Job.GVR(), Kind: "Job", Singular: "job", Namespaced: true}

var trigger = Offer{
	Name: "trigger", Help: "a run now, beside its schedule",
	Make: func(t Target, _ string) (Effect, error) {
		name := runName(t.Ref.Name, t.Cluster.Now().Unix())
		return Effect{
			Target: t, Name: "trigger", Do: "trigger", How: "as job " + name,
			Command: []string{"create", "job", name, "--from=cronjob/" + t.Ref.Name},
			act: creation{jobs, func(cron map[string]any) (map[string]any, error) {
				template, ok := at(cron, "/spec/jobTemplate").(map[string]any)
				if !ok {
					return nil, errors.New("it has no job template")
				}
				return triggered(t, cron, runtime.DeepCopyJSON(template), name), nil
			}},
		}, nil
	},
	fits: of(kinds.CronJob),
}

// triggered is the Job that kubectl makes of a CronJob
// (k8s.io/kubectl/pkg/cmd/create/create_job.go).
func triggered(t Target, cron, template map[string]any, name string) map[string]any {
	metadata := inner(template, "metadata")
	annotations := inner(template, "metadata", "annotations")
	annotations["cronjob.kubernetes.io/instantiate"] = "manual"
	return map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "spec": template["spec"],
		"metadata": map[string]any{
			"name": name, "namespace": t.Ref.Namespace, "annotations": annotations, "labels": metadata["labels"],
			"ownerReferences": []any{map[string]any{
				"apiVersion": "batch/v1", "kind": "CronJob", "name": t.Ref.Name,
				"uid": textAt(cron, "metadata", "uid"), "controller": true,
			}},
		},
	}
}

// runName is the name of another run: as long as a name may be.
func runName(of string, number int64) string {
	suffix := "-" + strconv.FormatInt(number, 36)
	const most = validation.DNS1123LabelMaxLength - 11 // Pods get a suffix of their own.
	return strings.TrimRight(of[:min(len(of), most-len(suffix))], "-.") + suffix
}

// madeByController are the labels that the Job controller sets
// (k8s.io/kubernetes/pkg/apis/batch/types.go).
var madeByController = []string{
	"controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name",
}

var rerun = Offer{
	Name: "rerun", Help: "it, as another Job of the same template",
	Make: func(t Target, _ string) (Effect, error) {
		name := runName(t.Ref.Name, t.Cluster.Now().Unix())
		return Effect{
			Target: t, Name: "rerun", Do: "run", How: "again as job " + name,
			act: creation{jobs, func(job map[string]any) (map[string]any, error) {
				spec, ok := job["spec"].(map[string]any)
				if !ok {
					return nil, errors.New("it has no spec")
				}
				return again(t, job, runtime.DeepCopyJSON(spec), name), nil
			}},
		}, nil
	},
	fits: of(kinds.Job),
}

func again(t Target, job, spec map[string]any, name string) map[string]any {
	if spec["manualSelector"] != true {
		delete(spec, "selector")
	}
	delete(spec, "suspend")
	unowned := func(labels any) {
		if m, ok := labels.(map[string]any); ok {
			maps.DeleteFunc(m, func(k string, _ any) bool { return slices.Contains(madeByController, k) })
		}
	}
	unowned(at(spec, "/template/metadata/labels"))
	metadata := map[string]any{"name": name, "namespace": t.Ref.Namespace}
	if labels, ok := at(job, "/metadata/labels").(map[string]any); ok {
		labels = runtime.DeepCopyJSON(labels)
		unowned(labels)
		metadata["labels"] = labels
	}
	return map[string]any{"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}
}
