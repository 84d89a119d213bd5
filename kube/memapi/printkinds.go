package memapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
)

func init() {
	prints(&corev1.ComponentStatus{}, "Name, Status, Message, Error", func(o *corev1.ComponentStatus) []any {
		status, message, problem := "Unknown", "", ""
		for _, c := range o.Conditions {
			if c.Type != corev1.ComponentHealthy {
				continue
			}
			switch c.Status {
			case corev1.ConditionTrue:
				status = "Healthy"
			case corev1.ConditionFalse:
				status = "Unhealthy"
			default:
			}
			message, problem = c.Message, c.Error
		}
		return []any{o.Name, status, message, problem}
	})
	prints(&corev1.ServiceAccount{}, "Name, Age", func(o *corev1.ServiceAccount) []any {
		return []any{o.Name, o.CreationTimestamp}
	})
	prints(&corev1.PodTemplate{}, "Name, Containers, Images, Pod Labels", func(o *corev1.PodTemplate) []any {
		names, images := containers(o.Template.Spec.Containers)
		return []any{o.Name, names, images, labels.FormatLabels(o.Template.Labels)}
	})
	prints(&corev1.ReplicationController{}, "Name, #Desired, #Current, #Ready, Age, +Containers, +Images, +Selector", func(o *corev1.ReplicationController) []any {
		var names, images string
		if o.Spec.Template != nil {
			names, images = containers(o.Spec.Template.Spec.Containers)
		}
		return []any{
			o.Name, or(o.Spec.Replicas, 0), o.Status.Replicas, o.Status.ReadyReplicas, o.CreationTimestamp,
			names, images, labels.FormatLabels(o.Spec.Selector),
		}
	})
	prints(&corev1.ResourceQuota{}, "Name, Request, Limit, Age", func(o *corev1.ResourceQuota) []any {
		var names []string
		for name := range o.Status.Hard {
			names = append(names, string(name))
		}
		slices.Sort(names)
		var requests, limits []string
		for _, name := range names {
			used, hard := o.Status.Used[corev1.ResourceName(name)], o.Status.Hard[corev1.ResourceName(name)]
			text := fmt.Sprintf("%s: %s/%s", name, used.String(), hard.String())
			if strings.HasPrefix(name, "limits.") {
				limits = append(limits, text)
			} else {
				requests = append(requests, text)
			}
		}
		return []any{o.Name, strings.Join(requests, ", "), strings.Join(limits, ", "), o.CreationTimestamp}
	})
	prints(&appsv1.ControllerRevision{}, "Name, Controller, #Revision, Age", func(o *appsv1.ControllerRevision) []any {
		owner := "<none>"
		if ref := metav1.GetControllerOf(o); ref != nil {
			gv, _ := schema.ParseGroupVersion(ref.APIVersion)
			owner = strings.ToLower(gv.WithKind(ref.Kind).GroupKind().String()) + "/" + ref.Name
		}
		return []any{o.Name, owner, o.Revision, o.CreationTimestamp}
	})
	prints(&policyv1.PodDisruptionBudget{}, "Name, Min Available, Max Unavailable, #Allowed Disruptions, Age", func(o *policyv1.PodDisruptionBudget) []any {
		lowest, highest := "N/A", "N/A"
		if v := o.Spec.MinAvailable; v != nil {
			lowest = v.String()
		}
		if v := o.Spec.MaxUnavailable; v != nil {
			highest = v.String()
		}
		return []any{o.Name, lowest, highest, o.Status.DisruptionsAllowed, o.CreationTimestamp}
	})
	prints(&coordinationv1.Lease{}, "Name, Holder, Age", func(o *coordinationv1.Lease) []any {
		return []any{o.Name, or(o.Spec.HolderIdentity, ""), o.CreationTimestamp}
	})
	prints(&nodev1.RuntimeClass{}, "Name, Handler, Age", func(o *nodev1.RuntimeClass) []any {
		return []any{o.Name, o.Handler, o.CreationTimestamp}
	})
	prints(&schedulingv1.PriorityClass{}, "Name, #Value, Global-Default, Age, +PreemptionPolicy", func(o *schedulingv1.PriorityClass) []any {
		return []any{o.Name, o.Value, o.GlobalDefault, o.CreationTimestamp, or(o.PreemptionPolicy, "")}
	})
	prints(&resourcev1.DeviceClass{}, "Name, Age", func(o *resourcev1.DeviceClass) []any { return []any{o.Name, o.CreationTimestamp} })
	prints(&resourcev1.ResourceClaimTemplate{}, "Name, Age", func(o *resourcev1.ResourceClaimTemplate) []any {
		return []any{o.Name, o.CreationTimestamp}
	})
	prints(&resourcev1.ResourceSlice{}, "Name, Node, Driver, Pool, Age", func(o *resourcev1.ResourceSlice) []any {
		return []any{o.Name, or(o.Spec.NodeName, ""), o.Spec.Driver, o.Spec.Pool.Name, o.CreationTimestamp}
	})
	prints(&resourcev1.ResourceClaim{}, "Name, State, Age", func(o *resourcev1.ResourceClaim) []any {
		return []any{o.Name, claimState(o), o.CreationTimestamp}
	})
	printAccess()
	printAdmission()
	printFlow()
}

func claimState(o *resourcev1.ResourceClaim) string {
	var states []string
	if o.DeletionTimestamp != nil {
		states = append(states, "deleted")
	}
	switch {
	case o.Status.Allocation != nil:
		states = append(states, "allocated")
		if len(o.Status.ReservedFor) > 0 {
			states = append(states, "reserved")
		}
	case o.DeletionTimestamp == nil:
		states = append(states, "pending")
	}
	return strings.Join(states, ",")
}

func printAccess() {
	const columns = "Name, Role, Age, +Users, +Groups, +ServiceAccounts"
	prints(&rbacv1.RoleBinding{}, columns, func(o *rbacv1.RoleBinding) []any {
		return append([]any{o.Name, o.RoleRef.Kind + "/" + o.RoleRef.Name, o.CreationTimestamp}, subjects(o.Subjects)...)
	})
	prints(&rbacv1.ClusterRoleBinding{}, columns, func(o *rbacv1.ClusterRoleBinding) []any {
		return append([]any{o.Name, o.RoleRef.Kind + "/" + o.RoleRef.Name, o.CreationTimestamp}, subjects(o.Subjects)...)
	})
	prints(&certificatesv1.CertificateSigningRequest{}, "Name, Age, SignerName, Requestor, RequestedDuration, Condition", func(o *certificatesv1.CertificateSigningRequest) []any {
		signer, lasts := o.Spec.SignerName, "<none>"
		if signer == "" {
			signer = "<none>"
		}
		if s := o.Spec.ExpirationSeconds; s != nil {
			lasts = duration.HumanDuration(time.Duration(*s) * time.Second)
		}
		return []any{o.Name, o.CreationTimestamp, signer, o.Spec.Username, lasts, signingState(o)}
	})
}

func subjects(all []rbacv1.Subject) []any {
	by := map[string][]string{}
	for _, s := range all {
		name := s.Name
		if s.Kind == rbacv1.ServiceAccountKind {
			name = s.Namespace + "/" + name
		}
		by[s.Kind] = append(by[s.Kind], name)
	}
	var cells []any
	for _, kind := range []string{rbacv1.UserKind, rbacv1.GroupKind, rbacv1.ServiceAccountKind} {
		cells = append(cells, strings.Join(by[kind], ", "))
	}
	return cells
}

func signingState(o *certificatesv1.CertificateSigningRequest) string {
	has := func(kind certificatesv1.RequestConditionType) bool {
		return slices.ContainsFunc(o.Status.Conditions, func(c certificatesv1.CertificateSigningRequestCondition) bool { return c.Type == kind })
	}
	state := "Pending"
	if has(certificatesv1.CertificateDenied) {
		state = "Denied"
	} else if has(certificatesv1.CertificateApproved) {
		state = "Approved"
	}
	if has(certificatesv1.CertificateFailed) {
		state += ",Failed"
	}
	if len(o.Status.Certificate) > 0 {
		state += ",Issued"
	}
	return state
}

func printAdmission() {
	prints(&admissionv1.MutatingWebhookConfiguration{}, "Name, #Webhooks, Age", func(o *admissionv1.MutatingWebhookConfiguration) []any {
		return []any{o.Name, len(o.Webhooks), o.CreationTimestamp}
	})
	prints(&admissionv1.ValidatingWebhookConfiguration{}, "Name, #Webhooks, Age", func(o *admissionv1.ValidatingWebhookConfiguration) []any {
		return []any{o.Name, len(o.Webhooks), o.CreationTimestamp}
	})
	prints(&admissionv1.ValidatingAdmissionPolicy{}, "Name, #Validations, ParamKind, Age", func(o *admissionv1.ValidatingAdmissionPolicy) []any {
		param := "<unset>"
		if k := o.Spec.ParamKind; k != nil {
			param = k.APIVersion + "/" + k.Kind
		}
		return []any{o.Name, len(o.Spec.Validations), param, o.CreationTimestamp}
	})
	prints(&admissionv1.ValidatingAdmissionPolicyBinding{}, "Name, PolicyName, ParamRef, Age", func(o *admissionv1.ValidatingAdmissionPolicyBinding) []any {
		param := "<unset>"
		switch ref := o.Spec.ParamRef; {
		case ref == nil:
		case ref.Name != "" && ref.Namespace != "":
			param = ref.Namespace + "/" + ref.Name
		case ref.Name != "":
			param = "*/" + ref.Name
		case ref.Selector != nil:
			param = ref.Selector.String()
		}
		return []any{o.Name, o.Spec.PolicyName, param, o.CreationTimestamp}
	})
}

func printFlow() {
	prints(&flowcontrolv1.FlowSchema{}, "Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL", func(o *flowcontrolv1.FlowSchema) []any {
		method, dangling := "<none>", "?"
		if m := o.Spec.DistinguisherMethod; m != nil {
			method = string(m.Type)
		}
		for _, c := range o.Status.Conditions {
			if c.Type == flowcontrolv1.FlowSchemaConditionDangling {
				dangling = string(c.Status)
			}
		}
		return []any{o.Name, o.Spec.PriorityLevelConfiguration.Name, o.Spec.MatchingPrecedence, method, o.CreationTimestamp, dangling}
	})
	schemas := flowcontrolv1.SchemeGroupVersion.WithKind("FlowSchema")
	ordered := printers[schemas]
	ordered.compare = func(x, y runtime.Object) int {
		return cmp.Compare(x.(*flowcontrolv1.FlowSchema).Spec.MatchingPrecedence, y.(*flowcontrolv1.FlowSchema).Spec.MatchingPrecedence)
	}
	printers[schemas] = ordered
	prints(&flowcontrolv1.PriorityLevelConfiguration{}, "Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age", func(o *flowcontrolv1.PriorityLevelConfiguration) []any {
		shares, queues := any("<none>"), []any{"<none>", "<none>", "<none>"}
		if l := o.Spec.Limited; l != nil {
			shares = or(l.NominalConcurrencyShares, nil)
			if q := l.LimitResponse.Queuing; q != nil {
				queues = []any{q.Queues, q.HandSize, q.QueueLengthLimit}
			}
		}
		return append(append([]any{o.Name, string(o.Spec.Type), shares}, queues...), o.CreationTimestamp)
	})
}

// containers are the names and images of containers.
func containers(all []corev1.Container) (names, images string) {
	var n, i []string
	for _, c := range all {
		n, i = append(n, c.Name), append(i, c.Image)
	}
	return strings.Join(n, ","), strings.Join(i, ",")
}
