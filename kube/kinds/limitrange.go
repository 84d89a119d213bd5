package kinds

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// LimitRange says how much one pod, container or claim of a namespace may ask for, and
// what it gets when it asks for nothing.
var LimitRange = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("LimitRange"),
	Resource:         "limitranges",
	Quiet:            true,
	Short:            []string{"limits"},
	Namespaced:       true,
	// The server has no printer for it.
	Columns: []Column{{Name: "NAME"}, {Name: "CREATED AT"}},
	LinksTo: "Namespace",
	New:     func() runtime.Object { return &corev1.LimitRange{} },
}, readLimitRange, limitRangeDetails)

func readLimitRange(l *corev1.LimitRange, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), ownCell(r.Created.UTC().Format(time.RFC3339))}
	r.linkTo(Guards, core("Namespace", "", l.Namespace), "")
}

func limitRangeDetails(l *corev1.LimitRange) Details {
	var f facts
	for i := range l.Spec.Limits {
		item := &l.Spec.Limits[i]
		names := resourceNames(item.Min, item.Max, item.Default, item.DefaultRequest, item.MaxLimitRequestRatio)
		for _, name := range names {
			f.add(string(item.Type)+" "+string(name), limitText(item, name))
		}
	}
	return Details{Facts: f}
}

// limitText is "max 512Mi, default 64Mi, default request 16Mi".
func limitText(item *corev1.LimitRangeItem, name corev1.ResourceName) string {
	limit, request := item.Default, item.DefaultRequest
	if item.Type == corev1.LimitTypeContainer {
		// As SetDefaults_LimitRangeItem has it (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
		limit = firstWith(name, limit, item.Max)
		request = firstWith(name, request, limit, item.Min)
	}
	return join(
		", ", boundText("min", item.Min, name), boundText("max", item.Max, name), boundText("default", limit, name),
		boundText("default request", request, name), boundText("limit/request", item.MaxLimitRequestRatio, name),
	)
}

// firstWith is the first of the lists that has the resource.
func firstWith(name corev1.ResourceName, lists ...corev1.ResourceList) corev1.ResourceList {
	for _, l := range lists {
		if _, ok := l[name]; ok {
			return l
		}
	}
	return nil
}

func boundText(what string, list corev1.ResourceList, name corev1.ResourceName) string {
	q, ok := list[name]
	if !ok {
		return ""
	}
	return what + " " + q.String()
}
