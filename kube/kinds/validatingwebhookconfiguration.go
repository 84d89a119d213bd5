package kinds

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ValidatingWebhookConfiguration names services that may refuse what is written.
var ValidatingWebhookConfiguration = register(Kind{
	GroupVersionKind: admissionv1.SchemeGroupVersion.WithKind("ValidatingWebhookConfiguration"),
	Resource:         "validatingwebhookconfigurations",
	Quiet:            true,
	Columns:          webhookColumns,
	LinksTo:          "Service Namespace",
	New:              func() runtime.Object { return &admissionv1.ValidatingWebhookConfiguration{} },
}, func(c *admissionv1.ValidatingWebhookConfiguration, r *Record) {
	readWebhooks(validatingWebhooks(c), r)
}, func(c *admissionv1.ValidatingWebhookConfiguration) Details {
	return webhooksDetails(validatingWebhooks(c))
})

func validatingWebhooks(c *admissionv1.ValidatingWebhookConfiguration) []webhook {
	all := make([]webhook, len(c.Webhooks))
	for i := range c.Webhooks {
		all[i].ValidatingWebhook = c.Webhooks[i]
	}
	return all
}
