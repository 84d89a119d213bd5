package kinds

import (
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ResourceClaimTemplate is what the ResourceClaims of pods are made from, one for each.
var ResourceClaimTemplate = register(Kind{
	GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("ResourceClaimTemplate"),
	Resource:         "resourceclaimtemplates",
	Quiet:            true,
	Namespaced:       true,
	Columns:          nameAndAge,
	LinksTo:          "DeviceClass.resource.k8s.io",
	New:              func() runtime.Object { return &resourcev1.ResourceClaimTemplate{} },
}, readResourceClaimTemplate, resourceClaimTemplateDetails)

func readResourceClaimTemplate(t *resourcev1.ResourceClaimTemplate, r *Record) {
	r.Cells = nameAndAgeCells(r)
	r.linkDevices(&t.Spec.Spec)
}

func resourceClaimTemplateDetails(t *resourcev1.ResourceClaimTemplate) Details {
	var f facts
	f.requests(&t.Spec.Spec)
	return Details{Facts: f}
}
