package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleClaim = rule("claim pending", soon, "a provisioner takes some seconds",
		"A claim without a volume: its class is missing, nothing provisions, no volume fits.")
	ruleResize = rule("resize pending", start, "a file system may have to wait until its pod starts again",
		"A claim that does not grow, or whose change of attributes fails.")
	ruleVolume = rule("volume", atOnce, "a volume that has failed stays so",
		"A volume that has failed, or that should be deleted with its claim and is not.")
	ruleNamespace = rule("namespace does not end", soon, "its objects are deleted one after the other",
		"A namespace that is being deleted: what is left in it, or which API cannot be asked.")

	classKind     = groupKind("storage.k8s.io", "StorageClass")
	volumeKind    = groupKind("", "PersistentVolume")
	namespaceKind = groupKind("", "Namespace")

	_ = judging(claimKind, nil, judgeClaim)
	_ = judging(classKind, nil, judgeClass)
	_ = judging(volumeKind, nil, judgeVolume)
	_ = judging(namespaceKind, nil, judgeNamespace)
)

// claimFacts is what a pending claim asks for.
type claimFacts struct {
	pending bool
	class   *string
	made    time.Time
	volume  string
	asks    resource.Quantity
	modes   []corev1.PersistentVolumeAccessMode
	kept    string // the finalizers that keep it from going; "" where it stays anyway
}

// classFacts is how a class provisions.
type classFacts struct {
	provisioner string
	waits       bool // for the first pod that uses the claim
	isDefault   bool
}

func judgeClass(c *storagev1.StorageClass, e *entry) {
	e.facts = &classFacts{
		provisioner: kinds.Clean(c.Provisioner),
		waits:       c.VolumeBindingMode != nil && *c.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer,
		isDefault:   c.Annotations["storageclass.kubernetes.io/is-default-class"] == "true",
	}
}

func judgeClaim(c *corev1.PersistentVolumeClaim, e *entry) {
	f := &claimFacts{class: c.Spec.StorageClassName, made: c.CreationTimestamp.Time, volume: c.Spec.VolumeName,
		asks: c.Spec.Resources.Requests[corev1.ResourceStorage], modes: c.Spec.AccessModes}
	f.pending = c.Status.Phase == corev1.ClaimPending || c.Status.Phase == ""
	if class, ok := c.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		f.class = &class
	}
	e.facts = f
	if c.Status.Phase == corev1.ClaimLost {
		e.add(problem{rule: ruleClaim, severity: Failing, weight: weightStart, reason: e.record.Status.Reason,
			evidence: e.field("status.phase", "Lost")})
	}
	e.resizing(c)
	if c.DeletionTimestamp != nil {
		f.kept = kinds.Clean(strings.Join(c.Finalizers, ", "))
	}
}

// resizing adds what keeps a claim from growing.
func (e *entry) resizing(c *corev1.PersistentVolumeClaim) {
	for i := range c.Status.Conditions {
		condition := &c.Status.Conditions[i]
		p := problem{rule: ruleResize, part: string(condition.Type), severity: Waiting, weight: weightCount,
			since:    condition.LastTransitionTime.Time,
			reason:   because(string(condition.Type), firstOf(condition.Message, condition.Reason)),
			evidence: e.field("status.conditions["+string(condition.Type)+"]", because(condition.Reason, condition.Message)),
			events:   []string{"VolumeResizeFailed", "FileSystemResizeFailed", "ExternalExpanding"}}
		switch condition.Type {
		case corev1.PersistentVolumeClaimControllerResizeError, corev1.PersistentVolumeClaimNodeResizeError,
			corev1.PersistentVolumeClaimVolumeModifyVolumeError:
			p.severity = Degraded
		case corev1.PersistentVolumeClaimResizing, corev1.PersistentVolumeClaimFileSystemResizePending,
			corev1.PersistentVolumeClaimVolumeModifyingVolume:
			p.from = condition.LastTransitionTime.Add(resizing)
		default:
			continue
		}
		if condition.Status == corev1.ConditionTrue {
			e.add(p)
		}
	}
}

// resizing is how long a volume may take to grow.
const resizing = time.Minute

// claims judges claims without a volume, and those that are being deleted and do not go.
func (s *State) claims(add func(problem)) {
	for e := range s.pending {
		f := e.facts.(*claimFacts)
		if !s.asks(e.record.Namespace) {
			continue
		}
		if f.kept != "" {
			add(s.claimKept(e, f))
		}
		if !f.pending || !e.record.Deleting.IsZero() {
			continue
		}
		p := problem{rule: ruleClaim, severity: Waiting, weight: weightStart, object: e.record.Ref(), since: f.made,
			from: f.made.Add(soon), reason: "Pending", evidence: e.field("status.phase", "Pending"),
			events: []string{"ProvisioningFailed", "FailedBinding", "VolumeMismatch"}}
		class := s.classOf(f)
		used := len(s.users[e.record.Ref()]) > 0
		if used {
			p.from = f.made.Add(fresh) // A pod cannot start without it.
		}
		switch {
		case f.class != nil && *f.class != "" && s.complete(classKind) && class == nil:
			p.severity, p.from = Failing, time.Time{}
			p.reason = `Pending: storageclass.storage.k8s.io "` + kinds.Clean(*f.class) + `" not found`
			p.evidence = append(p.evidence, e.field("spec.storageClassName", *f.class)...)
		case class != nil && class.facts.(*classFacts).waits && !used:
			continue // Nobody uses it yet.
		case class != nil && class.facts.(*classFacts).provisioner != noProvisioner:
			p.reason = "Pending: ExternalProvisioning: waiting for a volume to be created by the external provisioner '" +
				class.facts.(*classFacts).provisioner + "', which has not answered"
		case class != nil:
			p.reason = "Pending: nothing makes volumes of its class, and no volume fits" + s.volumesFor(*f.class, f)
			p.from = f.made.Add(atOnce)
		case f.class == nil || *f.class == "":
			p.reason = "Pending: no volume fits, and it names no storage class" + s.volumesFor("", f)
			if s.complete(classKind) {
				p.from = f.made.Add(atOnce)
			}
		}
		add(p)
	}
}

// claimKept judges a claim that is being deleted. Its protection holds it while a pod uses
// it (k8s.io/kubernetes/pkg/controller/volume/pvcprotection), which is trouble only if the pod
// stays.
func (s *State) claimKept(e *entry, f *claimFacts) problem {
	p := problem{rule: ruleTerminating, severity: Waiting, weight: weightUnready, object: e.record.Ref(),
		since: e.record.Deleting, from: e.record.Deleting.Add(fresh), reason: "Terminating: finalizer " + f.kept}
	if f.kept != claimProtection {
		return p
	}
	p.from = e.record.Deleting.Add(soon)
	for _, pod := range s.users[e.record.Ref()] {
		if pod.record.Deleting.IsZero() && pod.record.Status.Level != kinds.Quiet {
			p.from = e.record.Deleting.Add(settled)
			p.reason += ", because " + pod.record.Ref().String() + " uses it"
			p.evidence = pod.field("spec.volumes", "mounts "+e.record.Ref().String())
			break
		}
	}
	return p
}

const (
	claimProtection = "kubernetes.io/pvc-protection"
	// settled is how long what is deleted together may take to be.
	settled = 2 * time.Second
)

// noProvisioner is the provisioner of classes whose volumes somebody makes by hand.
const noProvisioner = "kubernetes.io/no-provisioner"

// volumesFor says why no volume of a class fits a claim: the nearest, and what is wrong
// with it.
func (s *State) volumesFor(class string, f *claimFacts) string {
	nearest := ""
	for _, e := range s.in(volumeKind, "") {
		v, ok := e.facts.(*volumeFacts)
		if !ok || v.class != class {
			continue
		}
		name := e.record.Ref().String()
		switch {
		case !v.available:
			if nearest == "" {
				nearest = "; " + name + " is taken"
			}
		case v.capacity.Cmp(f.asks) < 0:
			return "; " + name + " has " + v.capacity.String() + ", and it asks for " + f.asks.String()
		case !slices.ContainsFunc(f.modes, func(m corev1.PersistentVolumeAccessMode) bool {
			return slices.Contains(v.modes, m)
		}):
			return fmt.Sprintf("; %s allows %v, and it asks for %v", name, v.modes, f.modes)
		}
	}
	return nearest
}

// classOf is the class of a claim that is known; nil for none.
func (s *State) classOf(f *claimFacts) *entry {
	if f.class != nil && *f.class != "" {
		e := s.entry(refTo("storage.k8s.io", "StorageClass", "", *f.class))
		if e != nil && e.facts == nil {
			return nil
		}
		return e
	}
	return nil
}

// volumeFacts is where a volume is, and what it can do.
type volumeFacts struct {
	class     string
	capacity  resource.Quantity
	modes     []corev1.PersistentVolumeAccessMode
	available bool
	terms     []corev1.NodeSelectorTerm // the nodes that it can be used on; none for all
}

func judgeVolume(v *corev1.PersistentVolume, e *entry) {
	f := &volumeFacts{class: v.Spec.StorageClassName, capacity: v.Spec.Capacity[corev1.ResourceStorage],
		modes: v.Spec.AccessModes, available: v.Status.Phase == corev1.VolumeAvailable}
	if a := v.Spec.NodeAffinity; a != nil && a.Required != nil {
		f.terms = a.Required.NodeSelectorTerms
	}
	e.facts = f
	since := time.Time{}
	if t := v.Status.LastPhaseTransitionTime; t != nil {
		since = t.Time
	}
	if v.Status.Phase == corev1.VolumeReleased && v.DeletionTimestamp == nil &&
		v.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete {
		e.add(problem{rule: ruleVolume, severity: Waiting, weight: weightCount, since: since, delay: soon,
			reason:   "Released: its reclaim policy is Delete, and nothing has deleted it",
			evidence: e.field("status.phase", "Released"), events: []string{"VolumeFailedDelete"}})
	}
	if v.Status.Phase != corev1.VolumeFailed {
		return
	}
	e.add(problem{rule: ruleVolume, severity: Degraded, weight: weightStart, since: since,
		reason:   because("Failed", firstOf(v.Status.Message, v.Status.Reason)),
		evidence: e.field("status.phase", "Failed")})
}

// volumeOf is the volume of a claim; nil where it has none that is known.
func (s *State) volumeOf(claim kinds.Ref) (*entry, *volumeFacts) {
	c := s.entry(claim)
	if c == nil {
		return nil, nil
	}
	f, ok := c.facts.(*claimFacts)
	if !ok || f.volume == "" {
		return nil, nil
	}
	v := s.entry(refTo("", "PersistentVolume", "", f.volume))
	if v == nil {
		return nil, nil
	}
	facts, _ := v.facts.(*volumeFacts)
	return v, facts
}

// volumePlace says on which nodes the volume of a claim can be used.
func (s *State) volumePlace(claim kinds.Ref) []Evidence {
	v, f := s.volumeOf(claim)
	if f == nil || len(f.terms) == 0 {
		return nil
	}
	var places []string
	for _, t := range f.terms {
		var parts []string
		for _, r := range t.MatchExpressions {
			parts = append(parts, requirement(r))
		}
		places = append(places, strings.Join(parts, " and "))
	}
	return v.field("spec.nodeAffinity", v.record.Ref().String()+" can only be used where "+strings.Join(places, " or "))
}

// volumeNodes are the nodes that the volume of a claim can be used on, where these are few.
func (s *State) volumeNodes(claim kinds.Ref) []cause {
	_, f := s.volumeOf(claim)
	if f == nil || len(f.terms) == 0 {
		return nil
	}
	selector := nodeaffinity.NewLazyErrorNodeSelector(&corev1.NodeSelector{NodeSelectorTerms: f.terms})
	var out []cause
	for e := range s.tables[nodeKind].all() {
		if fits, err := selector.Match(asNode(e.record)); err == nil && fits {
			out = append(out, cause{e.record.Ref(), "has its volume on"})
		}
	}
	if len(out) > 1 {
		return nil
	}
	return out
}

func judgeNamespace(n *corev1.Namespace, e *entry) {
	if n.DeletionTimestamp == nil {
		return
	}
	p := problem{rule: ruleNamespace, severity: Waiting, weight: weightStart, since: n.DeletionTimestamp.Time,
		from: n.DeletionTimestamp.Add(soon), reason: e.record.Status.Reason}
	var failed, held *corev1.NamespaceCondition
	for i := range n.Status.Conditions {
		c := &n.Status.Conditions[i]
		if c.Status != corev1.ConditionTrue {
			continue
		}
		p.evidence = append(p.evidence, e.field("status.conditions["+string(c.Type)+"]", because(c.Reason, c.Message))...)
		switch c.Type {
		case corev1.NamespaceDeletionDiscoveryFailure, corev1.NamespaceDeletionGVParsingFailure,
			corev1.NamespaceDeletionContentFailure:
			failed, p.severity, p.from = c, Failing, n.DeletionTimestamp.Add(atOnce)
			p.because = append(p.because, unavailableAPIs(c.Message)...)
		case corev1.NamespaceFinalizersRemaining:
			if !passing(c.Message) {
				held, p.from = c, time.Time{}
			}
		case corev1.NamespaceContentRemaining:
		}
	}
	// An API that broke later is not why it hangs.
	if failed != nil && held != nil && held.LastTransitionTime.Before(&failed.LastTransitionTime) {
		p.because = nil
		p.reason = "Terminating: " + because(string(held.Type), held.Message)
	}
	e.add(p)
}

// passing reports whether all the finalizers that a namespace's condition names are of the
// cluster's own, which lets go of its objects by itself: "Some content in the namespace has
// finalizers remaining: kubernetes.io/pvc-protection in 1 resource instances".
func passing(message string) bool {
	_, names, _ := strings.Cut(message, "remaining: ")
	for name := range strings.SplitSeq(names, ", ") {
		if name, _, _ := strings.Cut(name, " in "); isForeign(name) {
			return false
		}
	}
	return true
}

// isForeign reports whether a finalizer is not one of the cluster's own.
func isForeign(finalizer string) bool {
	domain, _, ok := strings.Cut(finalizer, "/")
	return ok && !strings.HasSuffix("."+domain, ".kubernetes.io")
}

// unavailableAPIs are the APIServices that the error of a discovery names: "unable to
// retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale ...".
func unavailableAPIs(message string) []cause {
	var out []cause
	for _, word := range strings.FieldsFunc(message, func(r rune) bool { return r == ' ' || r == ',' || r == '"' }) {
		group, version, ok := strings.Cut(strings.TrimSuffix(word, ":"), "/")
		if ok && strings.Contains(group, ".") && strings.HasPrefix(version, "v") {
			name := version + "." + group
			out = append(out, cause{refTo("apiregistration.k8s.io", "APIService", "", name), "needs"})
		}
	}
	return out
}
