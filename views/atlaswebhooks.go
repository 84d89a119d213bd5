package views

import (
	"slices"
	"strconv"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// webhook is one webhook of a configuration.
type webhook struct {
	name               string
	rules              string          // what it intercepts, in words; "" is nothing
	namespaces         labels.Selector // nil when it intercepts nothing that is in a namespace
	narrowed           bool            // not every object that the rules name is sent to it
	fails              bool            // an object is refused when it does not answer
	namespace, service string
	url                string
}

func readWebhooks(obj runtime.Object) any {
	var out []webhook
	for _, fields := range mapsAt(fieldsOf(obj), "webhooks") {
		// The fields that the two kinds share are those of a validating one.
		var h admissionv1.ValidatingWebhook
		if runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &h) != nil {
			out = append(out, webhook{name: textAt(fields, "name"), fails: textAt(fields, "failurePolicy") != "Ignore"})
			continue
		}
		hook := webhook{
			name: kinds.Clean(h.Name), rules: kinds.Clean(kinds.RulesText(h.Rules)), namespaces: namespacesOf(&h),
			narrowed: len(h.MatchConditions) > 0 ||
				h.ObjectSelector != nil && len(h.ObjectSelector.MatchLabels)+len(h.ObjectSelector.MatchExpressions) > 0,
			fails: h.FailurePolicy == nil || *h.FailurePolicy != admissionv1.Ignore,
		}
		if s := h.ClientConfig.Service; s != nil {
			hook.namespace, hook.service = kinds.Clean(s.Namespace), kinds.Clean(s.Name)
		}
		if h.ClientConfig.URL != nil {
			hook.url = kinds.Clean(*h.ClientConfig.URL)
		}
		out = append(out, hook)
	}
	return out
}

// namespacesOf selects the namespaces in which a webhook intercepts something.
func namespacesOf(h *admissionv1.ValidatingWebhook) labels.Selector {
	if !slices.ContainsFunc(h.Rules, func(r admissionv1.RuleWithOperations) bool {
		return r.Scope == nil || *r.Scope != admissionv1.ClusterScope
	}) {
		return nil
	}
	if h.NamespaceSelector == nil {
		return labels.Everything()
	}
	selector, err := metav1.LabelSelectorAsSelector(h.NamespaceSelector)
	if err != nil {
		return labels.Nothing()
	}
	return selector
}

// hooksShown is how many webhooks of a sort have lines of their own.
const hooksShown = 6

// webhooks are the webhooks of one sort, those first behind which nobody is ready.
func (w *atlasWriter) webhooks(id feedID, does string) []part {
	p := part{name: string(id), does: does, then: w.toList(id)}
	entries, p, ok := w.list(id, p, string(id)+"webhookconfigurations")
	if !ok {
		if p.sight == isSeen {
			if w.session.isSaved() {
				p.sight = isNotShown
			}
			p.say(kinds.Quiet, w.none("webhook"))
		}
		return []part{p}
	}
	blind, asking, strict := 0, 0, 0
	var bad, rest []part
	for _, e := range entries {
		hooks, _ := e.Value.([]webhook)
		for _, h := range hooks {
			if h.fails {
				strict++
			}
			one, judged := w.webhook(e, h)
			switch {
			case one.level >= kinds.Degraded:
				bad = append(bad, one)
				continue
			case !judged && w.feeds.asksFor(h):
				asking++
			case !judged:
				blind++
			}
			rest = append(rest, one)
		}
	}
	all := append(bad, rest...)
	p.say(kinds.Quiet, strconv.Itoa(len(all)))
	if strict > 0 {
		p.say(kinds.Quiet, strconv.Itoa(strict)+" with failurePolicy Fail")
	}
	switch {
	case asking > 0:
		p.note("asking who answers")
	case blind > 0:
		p.note("whether " + strconv.Itoa(blind) + " live is not shown")
	case len(bad) == 0 && len(all) > 0:
		p.say(kinds.OK, "all have somebody behind them")
	}
	if n := len(all) - hooksShown; n > 0 {
		p.note(strconv.Itoa(n) + " have no line here")
	}
	return append([]part{p}, all[:min(len(all), hooksShown)]...)
}

// webhook is the line of one webhook: who answers, what it intercepts, and what happens
// when nobody does. judged is false when it is not known whether anybody answers.
func (w *atlasWriter) webhook(e kube.DigestEntry, h webhook) (one part, judged bool) {
	one = part{name: "webhook", then: w.toRecord(e.Record)}
	ready, judged := w.backend(h)
	if judged && ready == 0 {
		level, text := kinds.Degraded, h.name+": nobody ready behind "+h.namespace+"/"+h.service
		if h.fails {
			level, text = kinds.Failing, text+", and what it matches is refused"
		}
		one.say(level, text)
	} else {
		one.say(kinds.Quiet, h.name)
	}
	if h.rules == "" {
		one.note("has no rules: it is never asked")
	}
	one.say(kinds.Quiet, h.rules)
	one.say(kinds.Quiet, w.matched(h))
	if h.narrowed {
		one.say(kinds.Quiet, "only some objects, by label or condition")
	}
	switch {
	case judged && ready == 0:
		return one, judged
	case h.fails:
		one.say(kinds.Quiet, "refused while it is down (Fail)")
	default:
		one.say(kinds.Quiet, "passed while it is down (Ignore)")
	}
	switch {
	case judged:
		one.say(kinds.OK, strconv.Itoa(ready)+" ready behind "+h.namespace+"/"+h.service)
	case h.service != "":
		one.note("whether " + h.namespace + "/" + h.service + " answers is not known")
	case h.url != "":
		one.note("asks a URL outside the cluster")
	}
	return one, judged
}

// matched names the namespaces in which a webhook intercepts something; "" for none.
func (w *atlasWriter) matched(h webhook) string {
	switch {
	case h.namespaces == nil:
		return ""
	case h.namespaces.Empty():
		return "in all namespaces"
	}
	by := kinds.Clean(h.namespaces.String())
	if by == "" {
		return "in no namespace: its selector cannot be read"
	}
	entries, why := w.loaded("namespaces")
	if why != "" {
		return "in namespaces with " + by
	}
	var names []string
	for _, e := range entries {
		if h.namespaces.Matches(labelsOf(e.Record)) {
			names = append(names, e.Record.Name)
		}
	}
	switch len(names) {
	case 0:
		return "in no namespace: none has " + by
	case len(entries):
		return "in all " + counted(len(names), "namespaces") + ", by " + by
	}
	return "in " + fewOf(names, 3) + ", by " + by
}

// labelsOf are the labels of a namespace. A saved one may lack the label that the API
// server gives to each.
func labelsOf(r *kinds.Record) labels.Set {
	out := labels.Set{corev1.LabelMetadataName: r.Name}
	for _, l := range r.Labels {
		out[l.Key] = l.Value
	}
	return out
}

// backend counts who is ready behind a webhook, by the EndpointSlices of its Service;
// judged is false when that is not known.
func (w *atlasWriter) backend(h webhook) (ready int, judged bool) {
	if h.service == "" {
		return 0, false
	}
	entries, state := w.feeds.backend(h.namespace, h.service)
	if state.Phase != kube.Live || len(entries) == 0 && w.session.isSaved() {
		return 0, false
	}
	for _, e := range entries {
		if s, ok := e.Value.(slice); ok {
			ready += len(s.ready)
		}
	}
	return ready, true
}

// backendsMax bounds for how many Services behind webhooks EndpointSlices are listed.
const backendsMax = 40

// backends asks for the EndpointSlices of the Services behind webhooks.
func (a *atlasFeeds) backends(watch func(*kube.Digest)) {
	r, ok := a.served(sliceKind)
	if !ok {
		return
	}
	for _, id := range []feedID{"validating", "mutating"} {
		entries, _ := a.entries(id)
		for _, e := range entries {
			hooks, _ := e.Value.([]webhook)
			for _, h := range hooks {
				id := backendID(h.namespace, h.service)
				if h.service == "" || a.lists[id] != nil || len(a.lists) > len(feedSpecs)+backendsMax {
					continue
				}
				scope := kube.Scope{
					GroupVersionResource: r.GroupVersionResource, Namespace: h.namespace,
					Labels: "kubernetes.io/service-name=" + h.service,
				}
				f := &feed{digest: a.session.Cluster.Digest(scope, readSlice), scope: scope}
				a.lists[id] = f
				watch(f.digest)
			}
		}
	}
}

func backendID(namespace, service string) feedID {
	return feedID("backend " + namespace + "/" + service)
}

// asksFor reports whether it will be known whether anybody answers for a webhook.
func (a *atlasFeeds) asksFor(h webhook) bool {
	f := a.lists[backendID(h.namespace, h.service)]
	return f != nil && f.state.Phase.Undecided()
}

// backend are the EndpointSlices of a Service behind a webhook.
func (a *atlasFeeds) backend(namespace, service string) ([]kube.DigestEntry, kube.State) {
	return a.entries(backendID(namespace, service))
}
