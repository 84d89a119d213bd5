package views

import (
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	quotaKind        = schema.GroupKind{Kind: "ResourceQuota"}
	claimKind        = schema.GroupKind{Kind: "PersistentVolumeClaim"}
	namespaceKind    = schema.GroupKind{Kind: "Namespace"}
	storageClassKind = schema.GroupKind{Group: "storage.k8s.io", Kind: "StorageClass"}
)

// functions is how the cluster is divided, and what joins its parts.
func (w *atlasWriter) functions() []partGroup {
	return []partGroup{
		{"namespaces", "by their status and quotas", append(
			[]part{w.judged("namespaces", "namespaces", "keep names and rights apart")}, w.quotas()...)},
		{"network", "counted", []part{
			w.numbers("services", "names and addresses for pods", schema.GroupKind{Kind: "Service"}),
			w.numbers("routes", "lead traffic to services",
				schema.GroupKind{Group: "networking.k8s.io", Kind: "Ingress"},
				schema.GroupKind{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"}),
			w.numbers("policies", "say which pods may talk",
				schema.GroupKind{Group: "networking.k8s.io", Kind: "NetworkPolicy"}),
		}},
		{"storage", "by status, or counted", []part{w.classes(), w.judged("claims", "claims", "disks that pods ask for"),
			w.numbers("volumes", "disks that there are", schema.GroupKind{Kind: "PersistentVolume"})}},
	}
}

// quota is how much of the fullest resource of a ResourceQuota is used.
type quota struct {
	of         string
	used, hard string
	percent    int64
}

func readQuota(obj runtime.Object) any {
	fields := fieldsOf(obj)
	hard, _, _ := unstructured.NestedMap(fields, "status", "hard")
	var out quota
	for name := range hard {
		most, used := textAt(fields, "status", "hard", name), textAt(fields, "status", "used", name)
		share, ok := share(used, most)
		if ok && (out.of == "" || share > out.percent || share == out.percent && name < out.of) {
			out = quota{of: kinds.Clean(name), used: used, hard: most, percent: share}
		}
	}
	return out
}

// share is how many per cent one quantity is of another.
func share(used, of string) (int64, bool) {
	u, err := resource.ParseQuantity(used)
	if err != nil {
		return 0, false
	}
	most, err := resource.ParseQuantity(of)
	if err != nil {
		return 0, false
	}
	if most.IsZero() {
		return 100, true
	}
	return int64(min(100*u.AsApproximateFloat64()/most.AsApproximateFloat64(), 1e6)), true
}

// quotaNear is how full a quota is, in per cent, when it has a line of its own.
const quotaNear = 80

func (w *atlasWriter) quotas() []part {
	p := part{name: "quotas", does: "limit what a namespace takes", then: w.toList("quotas")}
	entries, why := w.loaded("quotas")
	switch {
	case why == "hidden by your rights":
		return []part{p.unseen(isHidden, "hidden: you may not list resourcequotas")}
	case why == "loading":
		return []part{p.unseen(isLoading, "loading ...")}
	case why != "" && len(entries) == 0:
		p.says = append(p.says, w.number(quotaKind))
		p.note(why)
		return []part{p}
	case len(entries) == 0:
		p.say(kinds.Quiet, w.none("quotas"))
		return []part{p}
	}
	p.say(kinds.Quiet, strconv.Itoa(len(entries)))
	parts := []part{p}
	for _, e := range entries {
		q, _ := e.Value.(quota)
		if q.percent < quotaNear || len(parts) > nodesShown {
			continue
		}
		one := part{name: "quota", then: w.toRecord(e.Record)}
		level := kinds.Waiting
		if q.percent >= 100 {
			level = kinds.Degraded
		}
		one.bar = bar(barWidth, 100, 100, 0, min(q.percent, 100))
		one.say(level, e.Record.Namespace+"/"+e.Record.Name+" "+q.of+" "+q.used+" of "+q.hard+
			" ("+percentText(q.percent)+")")
		parts = append(parts, one)
	}
	return parts
}

// readStorageClass reports whether claims that name no class get this one.
func readStorageClass(obj runtime.Object) any {
	return textAt(fieldsOf(obj), "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") == "true"
}

func (w *atlasWriter) classes() part {
	p := part{name: "storage classes", does: "ways to get a disk", then: w.toTable(storageClassKind, "")}
	entries, p, ok := w.list("classes", p, "storageclasses")
	if !ok {
		if p.sight == isSeen {
			p.say(kinds.Quiet, w.none("storage class"))
		}
		return p
	}
	var names []string
	var standard string
	for _, e := range entries {
		names = append(names, e.Record.Name)
		if is, _ := e.Value.(bool); is {
			standard = e.Record.Name
		}
	}
	p.say(kinds.Quiet, fewOf(names, 4))
	if standard == "" {
		p.note("none is the default: a claim without a class waits for a volume")
	} else if len(names) > 1 {
		p.say(kinds.Quiet, standard+" is the default")
	}
	return p
}
