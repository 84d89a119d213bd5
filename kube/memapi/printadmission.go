package memapi

import (
	"cmp"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func init() {
	prints("Name, #Webhooks, Age", func(o *admissionv1.MutatingWebhookConfiguration) []any {
		return []any{o.Name, len(o.Webhooks), o.CreationTimestamp}
	})
	prints("Name, #Webhooks, Age", func(o *admissionv1.ValidatingWebhookConfiguration) []any {
		return []any{o.Name, len(o.Webhooks), o.CreationTimestamp}
	})
	prints("Name, #Validations, ParamKind, Age", func(o *admissionv1.ValidatingAdmissionPolicy) []any {
		return []any{o.Name, len(o.Spec.Validations), paramKind(o.Spec.ParamKind), o.CreationTimestamp}
	})
	prints("Name, #Mutations, ParamKind, Age", func(o *admissionv1.MutatingAdmissionPolicy) []any {
		return []any{o.Name, len(o.Spec.Mutations), paramKind(o.Spec.ParamKind), o.CreationTimestamp}
	})
	prints("Name, PolicyName, ParamRef, Age", func(o *admissionv1.ValidatingAdmissionPolicyBinding) []any {
		return []any{o.Name, o.Spec.PolicyName, paramRef(o.Spec.ParamRef), o.CreationTimestamp}
	})
	prints("Name, PolicyName, ParamRef, Age", func(o *admissionv1.MutatingAdmissionPolicyBinding) []any {
		return []any{o.Name, o.Spec.PolicyName, paramRef(o.Spec.ParamRef), o.CreationTimestamp}
	})
	prints("Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL", flowSchemaCells)
	printOrder(func(x, y *flowcontrolv1.FlowSchema) int {
		return cmp.Compare(x.Spec.MatchingPrecedence, y.Spec.MatchingPrecedence)
	})
	prints("Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age", priorityLevelCells)
}

func paramKind(k *admissionv1.ParamKind) string {
	if k == nil {
		return "<unset>"
	}
	return k.APIVersion + "/" + k.Kind
}

func paramRef(ref *admissionv1.ParamRef) string {
	switch {
	case ref == nil:
	case ref.Name != "" && ref.Namespace != "":
		return ref.Namespace + "/" + ref.Name
	case ref.Name != "":
		return "*/" + ref.Name
	case ref.Selector != nil:
		return ref.Selector.String()
	}
	return "<unset>"
}

func flowSchemaCells(o *flowcontrolv1.FlowSchema) []any {
	method, dangling := "<none>", "?"
	if m := o.Spec.DistinguisherMethod; m != nil {
		method = string(m.Type)
	}
	for _, c := range o.Status.Conditions {
		if c.Type == flowcontrolv1.FlowSchemaConditionDangling {
			dangling = string(c.Status)
			break
		}
	}
	return []any{
		o.Name, o.Spec.PriorityLevelConfiguration.Name, o.Spec.MatchingPrecedence, method, o.CreationTimestamp, dangling,
	}
}

// sharesUnset is what a server makes of a limit that says no shares.
const sharesUnset = 30

func priorityLevelCells(o *flowcontrolv1.PriorityLevelConfiguration) []any {
	cells := []any{o.Name, string(o.Spec.Type), "<none>", "<none>", "<none>", "<none>", o.CreationTimestamp}
	if l := o.Spec.Limited; l != nil {
		cells[2] = orElse(l.NominalConcurrencyShares, sharesUnset)
		if q := l.LimitResponse.Queuing; q != nil {
			cells[3], cells[4], cells[5] = q.Queues, q.HandSize, q.QueueLengthLimit
		}
	}
	return cells
}

// printOrder sets how the rows of a kind's table are ordered.
func printOrder[T runtime.Object](compare func(x, y T) int) {
	gvk := kindOfType[T]()
	p := printers[gvk]
	p.compare = func(x, y runtime.Object) int { return compare(x.(T), y.(T)) }
	printers[gvk] = p
}
