package kinds

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// IngressClass names a controller that serves Ingresses.
var IngressClass = register(Kind{
	GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("IngressClass"),
	Resource:         "ingressclasses",
	Quiet:            true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "CONTROLLER"},
		{Name: "PARAMETERS"},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &networkingv1.IngressClass{} },
}, readIngressClass, ingressClassDetails)

func readIngressClass(c *networkingv1.IngressClass, r *Record) {
	r.Cells = []Cell{
		nameCell(r, defaultIngressClass(c)),
		TextCell(c.Spec.Controller),
		TextCell(firstOf(classParameters(c), "<none>")),
		AgeCell(r.Created),
	}
	if p := c.Spec.Parameters; p != nil {
		group := schema.GroupVersion{Group: intern(valueOr(p.APIGroup, ""))}
		r.linkTo(Mentions, ref(group, intern(p.Kind), valueOr(p.Namespace, ""), p.Name), "parameters")
	}
}

// defaultIngressClass reports whether Ingresses that name no class get this one.
func defaultIngressClass(c *networkingv1.IngressClass) bool {
	return annotated(c, networkingv1.AnnotationIsDefaultIngressClass)
}

// classParameters is "Kind.group/name" of the object that configures the
// controller, "" when there is none.
func classParameters(c *networkingv1.IngressClass) string {
	p := c.Spec.Parameters
	if p == nil {
		return ""
	}
	kind := p.Kind
	if p.APIGroup != nil {
		kind += "." + *p.APIGroup
	}
	return kind + "/" + p.Name
}

func ingressClassDetails(c *networkingv1.IngressClass) Details {
	var f facts
	if defaultIngressClass(c) {
		f.add("Default", "yes: ingresses that name no class get this one")
	}
	f.add("Controller", c.Spec.Controller)
	if p := c.Spec.Parameters; p != nil {
		group := schema.GroupVersion{Group: valueOr(p.APIGroup, "")}
		f.linkAs("Parameters", classParameters(c), ref(group, intern(p.Kind), valueOr(p.Namespace, ""), p.Name))
	}
	return Details{Facts: f}
}
