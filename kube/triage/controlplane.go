package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleCheck = rule("API server check", atOnce, "a check that fails is asked again every 2 seconds",
		"A check of the API server, or of etcd behind it, that fails.")
	ruleLeader = rule("leader lost", atOnce, "a leader renews its lease every two seconds",
		"The lease of the scheduler or the controller-manager, which nobody renews.")
	ruleLease = rule("lease stale", soon, "a kubelet that restarts is back within a minute",
		"A node whose kubelet does not renew its lease, though nobody says that the node is not ready.")
	ruleCredential = rule("credential", atOnce, "a certificate does not become valid again by itself",
		"A kubeconfig whose client certificate or token expires within a week, or has expired.")
	ruleAPIService = rule("API not available", soon, "what serves it may be restarting",
		"An APIService that is not available.")
	ruleWebhook = rule("webhook", soon, "what answers it may be restarting",
		"A webhook whose Service has no ready endpoint, or that fails when it is called.")
	ruleDefinition = rule("definition", atOnce, "a conflict of names does not end by itself",
		"A CustomResourceDefinition that is not established, or whose names conflict.")
	ruleTrouble = rule("in trouble", soon, "most states of an object pass within a minute",
		"An object whose own conditions say that it is not well.")

	leaseKind      = groupKind("coordination.k8s.io", "Lease")
	apiServiceKind = groupKind("apiregistration.k8s.io", "APIService")
	validatingKind = groupKind("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")
	mutatingKind   = groupKind("admissionregistration.k8s.io", "MutatingWebhookConfiguration")

	schedulerLease = refTo("coordination.k8s.io", "Lease", "kube-system", "kube-scheduler")
	managerLease   = refTo("coordination.k8s.io", "Lease", "kube-system", "kube-controller-manager")

	_ = judging(leaseKind, isLeader, judgeLease)
	_ = judging(validatingKind, nil, judgeValidating)
	_ = judging(mutatingKind, nil, judgeMutating)
	_ = judging(apiServiceKind, nil, judgeAPIService)
)

// APIServer stands for the API server among objects: its checks have no object.
var APIServer = refTo("", "APIServer", "", "kube-apiserver")

// isLeader reports whether a lease is that of a part of the control plane, or of a node.
func isLeader(r *kinds.Record) bool {
	return r.Ref() == schedulerLease || r.Ref() == managerLease || r.Namespace == NodeLeases
}

// NodeLeases is the namespace of the leases of kubelets.
const NodeLeases = "kube-node-lease"

// leaseFacts is when a lease ends unless it is renewed.
type leaseFacts struct {
	renewed time.Time
	lasts   time.Duration
	holder  string
}

func judgeLease(l *coordinationv1.Lease, e *entry) {
	f := &leaseFacts{lasts: 15 * time.Second}
	if l.Spec.RenewTime != nil {
		f.renewed = l.Spec.RenewTime.Time
	}
	if l.Spec.LeaseDurationSeconds != nil {
		f.lasts = time.Duration(*l.Spec.LeaseDurationSeconds) * time.Second
	}
	if l.Spec.HolderIdentity != nil {
		f.holder = kinds.Clean(*l.Spec.HolderIdentity)
	}
	e.facts = f
	if l.Namespace == NodeLeases {
		e.suffer(problem{rule: ruleLease, severity: Degraded, weight: weightStart, since: f.renewed,
			object: refTo("", "Node", "", l.Name), from: f.renewed.Add(f.lasts + kubeletSlack),
			reason:   "its kubelet has not renewed its lease since " + f.renewed.UTC().Format(time.RFC3339),
			evidence: e.field("spec.renewTime", f.renewed.UTC().Format(time.RFC3339))})
		return
	}
	doing := "nothing is reconciled"
	if l.Name == schedulerLease.Name {
		doing = "no pod is scheduled"
	}
	e.add(problem{rule: ruleLeader, severity: Failing, weight: weightCreate, since: f.renewed,
		from:     f.renewed.Add(f.lasts + leaseSlack),
		reason:   l.Name + ": its leader " + f.holder + " has stopped renewing its lease; " + doing,
		evidence: e.field("spec.renewTime", f.renewed.UTC().Format(time.RFC3339))})
}

// leaseSlack is how much later than it ends a lease counts as lost: its event may be on
// its way, and clocks differ.
const leaseSlack = 3 * time.Second

// kubeletSlack is the same for the lease of a kubelet, which renews it every ten seconds: the
// node controller says first that a node is lost, unless it is not there.
const kubeletSlack = 15 * time.Second

// heardAgain is how long the API server must have answered for a lease to say anything: while
// it was silent nobody could renew one.
const heardAgain = 12 * time.Second

// lapsed reports whether a problem may be one for what is known of the API server: whether a
// lease that nobody renews says anything.
func (c *court) lapsed(p *problem) bool {
	s := c.state
	if p.rule != ruleLeader && p.rule != ruleLease {
		return true
	}
	from := s.heard
	if !from.IsZero() && from != never {
		from = from.Add(heardAgain)
	}
	if s.silent || c.now.Before(from) {
		c.docket.wakes(from, c.now)
		return false
	}
	return p.rule == ruleLeader || s.entry(p.object) != nil
}

// Lapsed reports whether a lease that nobody renews is said of anything.
func (v *Verdict) Lapsed() bool {
	return slices.ContainsFunc(v.Findings, func(f *Finding) bool { return f.Rule == ruleLeader || f.Rule == ruleLease })
}

// SetCredential takes from when on and until when what this kubeconfig signs in with is valid, and
// what that is; the zero time where nothing says so.
func (s *State) SetCredential(context, what string, begins, ends time.Time) {
	s.all = s.all || !s.credential.ends.Equal(ends) || !s.credential.begins.Equal(begins)
	s.credential = credential{context, what, begins, ends}
}

type credential struct {
	context, what string
	begins, ends  time.Time
}

// Kubeconfig stands for the file that says how to reach the cluster.
const Kubeconfig = "Kubeconfig"

// credentials judges what this program signs in with.
func (s *State) credentials(add func(problem)) {
	c := s.credential
	if c.ends.IsZero() {
		return
	}
	p := problem{rule: ruleCredential, severity: Notice, object: refTo("", Kubeconfig, "", c.context),
		since: expiringSince(c.begins, c.ends), from: c.ends.Add(-expiring), until: c.ends,
		reason: "its " + c.what + " expires at " + c.ends.UTC().Format(time.RFC3339)}
	p.evidence = []Evidence{{p.object, c.what, p.reason}}
	add(p)
	p.part, p.severity, p.since, p.from, p.until = "expired", Failing, c.ends, c.ends, time.Time{}
	p.reason = "its " + c.what + " expired at " + c.ends.UTC().Format(time.RFC3339)
	add(p)
}

// hookFacts is what the webhooks of a configuration call.
type hookFacts struct {
	hooks   []hook
	written time.Time
}

type hook struct {
	name    string
	service kinds.Ref // without a name for one that is called by its URL
	fails   bool      // requests are refused when it does not answer
	reach
}

func judgeValidating(c *admissionv1.ValidatingWebhookConfiguration, e *entry) {
	f := &hookFacts{written: written(c.ManagedFields)}
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		f.add(w.Name, &w.ClientConfig, w.FailurePolicy, reachOf(w.NamespaceSelector, w.Rules))
	}
	e.facts = f
}

func judgeMutating(c *admissionv1.MutatingWebhookConfiguration, e *entry) {
	f := &hookFacts{written: written(c.ManagedFields)}
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		f.add(w.Name, &w.ClientConfig, w.FailurePolicy, reachOf(w.NamespaceSelector, w.Rules))
	}
	e.facts = f
}

func (f *hookFacts) add(
	name string, c *admissionv1.WebhookClientConfig, p *admissionv1.FailurePolicyType, asked reach,
) {
	h := hook{name: kinds.Clean(name), fails: p == nil || *p == admissionv1.Fail, reach: asked}
	if c.Service != nil {
		h.service = refTo("", "Service", c.Service.Namespace, c.Service.Name)
	}
	f.hooks = append(f.hooks, h)
}

// webhooks judges what answers each webhook.
func (s *State) webhooks(add func(problem)) {
	if !s.complete(serviceKind) || !s.complete(sliceKind) {
		return
	}
	for e := range s.hooks {
		for _, h := range e.facts.(*hookFacts).hooks {
			if p, bad := s.hookProblem(e, h); bad {
				add(p)
			}
		}
	}
}

func (s *State) hookProblem(e *entry, h hook) (problem, bool) {
	if h.service.Name == "" || !s.would(h.service) {
		return problem{}, false
	}
	p := problem{rule: ruleWebhook, part: h.name, severity: Failing, weight: weightCreate, object: e.record.Ref(),
		because: []cause{{h.service, "calls"}}, evidence: e.field("webhooks["+h.name+"].clientConfig", h.service.String())}
	what := "requests are refused (failurePolicy Fail)"
	if !h.fails {
		p.severity, what = Notice, "it is passed over (failurePolicy Ignore)"
	}
	service := s.entry(h.service)
	switch {
	case service == nil:
		p.since, p.refers = e.facts.(*hookFacts).written, true
		p.reason = fmt.Sprintf("failed calling webhook %q: service %q not found: ", h.name, h.service.Name) + what
	case s.addressesOf(h.service).ready == 0:
		p.reason = fmt.Sprintf("failed calling webhook %q: no endpoints available for service %q: ", h.name, h.service.Name) + what
		p.from = service.record.Created.Add(atOnce)
		if f, ok := service.facts.(*serviceFacts); ok {
			p.because = append(p.because, s.behind(h.service.Namespace, f.selector)...)
		}
	default:
		return problem{}, false
	}
	return p, true
}

// hookNamed is the configuration with a webhook of that name.
func (s *State) hookNamed(webhook string) kinds.Ref {
	for e := range s.hooks {
		for _, h := range e.facts.(*hookFacts).hooks {
			if h.name == webhook {
				return e.record.Ref()
			}
		}
	}
	return kinds.Ref{}
}

// apiFacts is since when an APIService has been available.
type apiFacts struct{ since time.Time }

func judgeAPIService(u *unstructured.Unstructured, e *entry) {
	if e.record.Status.Level < kinds.Waiting {
		f := &apiFacts{}
		all, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
		for _, c := range all {
			if c, ok := c.(map[string]any); ok && c["type"] == "Available" {
				at, _ := c["lastTransitionTime"].(string)
				f.since, _ = time.Parse(time.RFC3339, at)
			}
		}
		e.facts = f
		return
	}
	var by []cause
	for _, l := range e.record.Links {
		if l.Relation == kinds.Calls {
			by = append(by, cause{l.To, "is served by"})
		}
	}
	status := e.record.Status
	e.add(problem{rule: ruleAPIService, severity: Failing, weight: weightCreate, since: status.Since,
		reason: status.Reason, because: by, evidence: e.field("status.conditions[Available]", status.Reason)})
}

// failedChecks judges the API server's checks of itself. etcd is one of them, and the
// others of the server depend on it.
func (s *State) failedChecks(add func(problem)) {
	for _, c := range s.checks {
		reason := "check " + c.Name + " fails"
		if c.Said != "" {
			reason += ": " + c.Said
		}
		weight := weightCreate
		if strings.HasPrefix(c.Name, "etcd") {
			weight++
		}
		add(problem{rule: ruleCheck, part: c.Name, severity: Failing, weight: weight, object: APIServer, reason: reason,
			since: c.Since, evidence: []Evidence{{APIServer, "/readyz " + c.Name, firstOf(c.Said, "failed")}}})
	}
}

// judgeByStatus judges an object of a kind without rules of its own by its status.
func judgeByStatus(e *entry) {
	status := e.record.Status
	if status.Level < kinds.Degraded {
		return
	}
	severity := Degraded
	if status.Level == kinds.Failing {
		severity = Failing
	}
	p := problem{rule: ruleTrouble, severity: severity, weight: weightCount, since: status.Since, reason: status.Reason,
		evidence: e.field("status", status.Reason)}
	// What it manages, uses or needs is why, where that is in trouble itself.
	for _, l := range e.record.Links {
		if l.ByName() && l.Relation != kinds.OwnedBy && !l.Optional {
			p.because = append(p.because, cause{l.To, l.Relation.String()})
		}
	}
	e.add(p)
}
