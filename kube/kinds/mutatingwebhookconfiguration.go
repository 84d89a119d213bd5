package kinds

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// MutatingWebhookConfiguration names services that may change what is written.
var MutatingWebhookConfiguration = register(Kind{
	GroupVersionKind: admissionv1.SchemeGroupVersion.WithKind("MutatingWebhookConfiguration"),
	Resource:         "mutatingwebhookconfigurations",
	Quiet:            true,
	Columns:          webhookColumns,
	LinksTo:          "Service Namespace",
	New:              func() runtime.Object { return &admissionv1.MutatingWebhookConfiguration{} },
}, func(c *admissionv1.MutatingWebhookConfiguration, r *Record) {
	readWebhooks(mutatingWebhooks(c), r)
}, func(c *admissionv1.MutatingWebhookConfiguration) Details {
	return webhooksDetails(mutatingWebhooks(c))
})

func mutatingWebhooks(c *admissionv1.MutatingWebhookConfiguration) []webhook {
	all := make([]webhook, len(c.Webhooks))
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		all[i] = webhook{admissionv1.ValidatingWebhook{
			Name: w.Name, ClientConfig: w.ClientConfig, Rules: w.Rules,
			FailurePolicy: w.FailurePolicy, MatchPolicy: w.MatchPolicy,
			NamespaceSelector: w.NamespaceSelector, ObjectSelector: w.ObjectSelector,
			SideEffects: w.SideEffects, TimeoutSeconds: w.TimeoutSeconds, MatchConditions: w.MatchConditions,
		}, new(valueOr(w.ReinvocationPolicy, admissionv1.NeverReinvocationPolicy))}
	}
	return all
}
