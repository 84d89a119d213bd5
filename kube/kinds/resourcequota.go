package kinds

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ResourceQuota limits what a namespace may have in all.
var ResourceQuota = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ResourceQuota"),
	Resource:         "resourcequotas",
	Short:            []string{"quota"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "REQUEST", State: true, List: true},
		{Name: "LIMIT", State: true, List: true},
		{Name: "AGE"},
	},
	LinksTo: "Namespace",
	New:     func() runtime.Object { return &corev1.ResourceQuota{} },
}, readResourceQuota, resourceQuotaDetails)

// quotaNearlyFull is how much of a quota is used, in percent, when that is said.
const quotaNearlyFull = 90

func readResourceQuota(q *corev1.ResourceQuota, r *Record) {
	var requests, limits []string
	for _, name := range resourceNames(q.Status.Hard) {
		used, hard := q.Status.Used[name], q.Status.Hard[name]
		text := string(name) + ": " + used.String() + "/" + hard.String()
		if strings.HasPrefix(string(name), "limits.") {
			limits = append(limits, text)
		} else {
			requests = append(requests, text)
		}
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		ownCell(strings.Join(requests, ", ")),
		ownCell(strings.Join(limits, ", ")),
		AgeCell(r.Created),
	}
	r.Status = resourceQuotaStatus(q)
	r.linkTo(Guards, core("Namespace", "", q.Namespace), "")
}

// resourceNames are the names in a list of resources, sorted.
func resourceNames(lists ...corev1.ResourceList) []corev1.ResourceName {
	var names []corev1.ResourceName
	for _, l := range lists {
		names = slices.AppendSeq(names, maps.Keys(l))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func resourceQuotaStatus(q *corev1.ResourceQuota) Status {
	if len(q.Status.Hard) == 0 && len(q.Spec.Hard) > 0 {
		return Status{Level: Waiting, Reason: "not counted yet"}
	}
	var scarce []string
	for _, name := range resourceNames(q.Status.Hard) {
		if text, nearly := quotaUse(q, name); nearly {
			scarce = append(scarce, string(name)+" "+text)
		}
	}
	if len(scarce) > 0 {
		return Status{Level: Degraded, Reason: Clean(strings.Join(scarce, ", "))}
	}
	return Status{Level: OK}
}

// quotaUse is how much of a resource is used, "95% used" or "4/4 used", and whether there
// is little left. What nobody may have at all is not scarce.
func quotaUse(q *corev1.ResourceQuota, name corev1.ResourceName) (text string, nearly bool) {
	used, hard := q.Status.Used[name], q.Status.Hard[name]
	switch {
	case hard.Sign() <= 0 && used.Sign() <= 0:
		return "none allowed", false
	case used.Cmp(hard) >= 0:
		return used.String() + "/" + hard.String() + " used", true
	}
	percent := int(used.AsApproximateFloat64() / hard.AsApproximateFloat64() * 100)
	return strconv.Itoa(percent) + "% used", percent >= quotaNearlyFull
}

func resourceQuotaDetails(q *corev1.ResourceQuota) Details {
	var f facts
	for _, name := range resourceNames(q.Status.Hard, q.Spec.Hard) {
		hard, counted := q.Status.Hard[name]
		if !counted {
			hard = q.Spec.Hard[name]
			f.addLevel(string(name), "not counted yet, limit "+hard.String(), Waiting)
			continue
		}
		used, level := q.Status.Used[name], OK
		text, nearly := quotaUse(q, name)
		if nearly {
			level = Degraded
		}
		f.addLevel(string(name), used.String()+" of "+hard.String()+" ("+text+")", level)
	}
	for _, s := range q.Spec.Scopes {
		f.add("Scope", string(s))
	}
	if s := q.Spec.ScopeSelector; s != nil {
		for _, e := range s.MatchExpressions {
			f.add("Scope", join(" ", string(e.ScopeName), string(e.Operator), strings.Join(e.Values, ", ")))
		}
	}
	return Details{Facts: f}
}
