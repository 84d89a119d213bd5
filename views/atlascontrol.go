package views

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Where the parts of the control plane leave their traces.
const (
	systemNamespace = "kube-system"
	apiSlices       = "kubernetes.io/service-name=kubernetes"
)

var (
	podKind     = schema.GroupKind{Kind: "Pod"}
	accountKind = schema.GroupKind{Kind: "ServiceAccount"}
	leaseKind   = schema.GroupKind{Group: "coordination.k8s.io", Kind: "Lease"}
	sliceKind   = schema.GroupKind{Group: "discovery.k8s.io", Kind: "EndpointSlice"}
)

// lease is what a Lease says: who holds it, since when, and until when that is good.
type lease struct {
	holder            string
	acquired, renewed time.Time
	lasts             time.Duration
}

func readLease(obj runtime.Object) any {
	fields := fieldsOf(obj)
	seconds, _, _ := unstructured.NestedInt64(fields, "spec", "leaseDurationSeconds")
	return lease{
		holder:   textAt(fields, "spec", "holderIdentity"),
		acquired: timeAt(fields, "spec", "acquireTime"),
		renewed:  timeAt(fields, "spec", "renewTime"),
		lasts:    time.Duration(min(max(seconds, 0), 24*3600)) * time.Second,
	}
}

// host is the machine of a holder, which leader election names "cp-1_<uuid>".
func (l lease) host() string {
	host, _, _ := strings.Cut(l.holder, "_")
	return host
}

// late returns how long after its end a lease counts as given up: the clocks of its holder
// and of who looks differ a little, and what a dump holds was read over some time. A tape
// has each renewal at its time.
func (w *atlasWriter) late() time.Duration {
	if w.session.Saved != "" {
		return 2 * time.Minute
	}
	return clockSlack
}

// expired reports whether a lease was not renewed in time.
func (w *atlasWriter) expired(l lease) bool {
	if l.renewed.IsZero() {
		return true
	}
	end := l.renewed.Add(l.lasts + w.late())
	w.wakeAt(end)
	return !w.now().Before(end)
}

// controlPod is a pod of the control plane: a static pod, as kubeadm makes them.
type controlPod struct {
	component, node string
	version         string // of its image
	arguments       []string
}

func readControlPod(obj runtime.Object) any {
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil
	}
	out := controlPod{component: kinds.Clean(pod.Labels["component"]), node: kinds.Clean(pod.Spec.NodeName)}
	for i := range pod.Spec.Containers {
		if out.version == "" {
			out.version = imageTag(kinds.Clean(pod.Spec.Containers[i].Image))
		}
		for _, text := range slices.Concat(pod.Spec.Containers[i].Command, pod.Spec.Containers[i].Args) {
			if isShownArgument(text) {
				out.arguments = append(out.arguments, kinds.Clean(text))
			}
		}
	}
	return out
}

// shownArguments are the flags of the API server that the atlas reads. Others may hold
// what is nobody's business.
var shownArguments = []string{
	"--authorization-mode=", "--enable-admission-plugins=", "--disable-admission-plugins=", "--authorization-config=",
}

func isShownArgument(text string) bool {
	return slices.ContainsFunc(shownArguments, func(flag string) bool { return strings.HasPrefix(text, flag) })
}

// controlPods are the pods of a component of the control plane.
func (w *atlasWriter) controlPods(component string) (all []controlPod, records []*kinds.Record) {
	entries, _ := w.feeds.entries("control")
	for _, e := range entries {
		if pod, ok := e.Value.(controlPod); ok && pod.component == component {
			all, records = append(all, pod), append(records, e.Record)
		}
	}
	return all, records
}

// onNodes says where the pods of a component run, and what is wrong with one.
func (w *atlasWriter) onNodes(p *part, component string) {
	pods, records := w.controlPods(component)
	var nodes []string
	for i, r := range records {
		nodes = append(nodes, pods[i].node)
		if level, text := controlSkew(w.session.Cluster.Version(), component, pods[i].version); text != "" {
			p.say(level, pods[i].version+" "+text)
		}
		if r.Status.Level >= kinds.Degraded {
			p.say(r.Status.Level, r.Name+" "+r.Status.Reason)
			p.then = w.toRecord(r)
		}
	}
	if len(nodes) > 0 {
		slices.Sort(nodes)
		p.note("on " + fewOf(slices.Compact(nodes), 3))
	}
}

// controlSkew judges the version of what signs in to the API server by the published
// policy: not newer, and at most one minor version older.
func controlSkew(server, component, version string) (kinds.Level, string) {
	serverMinor, ok := minorOf(server)
	minor, known := minorOf(version)
	switch {
	case component == "etcd" || component == "kube-apiserver" || !ok || !known:
	case minor > serverMinor:
		return kinds.Degraded, "is newer than the API server, which is not supported"
	case minor < serverMinor-1:
		return kinds.Degraded, "is too old for the API server (one minor version at most)"
	}
	return kinds.Quiet, ""
}

// fewOf joins the first few of many names.
func fewOf(names []string, most int) string {
	if n := len(names) - most; n > 1 {
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(n) + " more"
	}
	return strings.Join(names, ", ")
}

func (w *atlasWriter) controlPlane() []part {
	parts := []part{w.apiServer()}
	if checks := w.checks(); checks.name != "" {
		parts = append(parts, checks)
	}
	parts = append(parts, w.etcd())
	for _, c := range []struct{ name, lease, does, idle string }{
		{"scheduler", "kube-scheduler", "places pods", "no pod is placed"},
		{"controller-manager", "kube-controller-manager", "runs the control loops", "nothing is reconciled"},
		{"cloud-controller", "cloud-controller-manager", "talks to the cloud", "the cloud is not asked"},
	} {
		parts = append(parts, w.leader(c.name, c.lease, c.does, c.idle))
	}
	if loops := w.loops(); loops.name != "" {
		parts = append(parts, loops)
	}
	return parts
}

// apiServer is the front of the API.
func (w *atlasWriter) apiServer() part {
	p := part{name: "kube-apiserver", does: "front of the API", then: w.checks().then}
	entries, slices, _ := w.list("api", part{}, "its EndpointSlice")
	instances, names := 0, []string(nil)
	for _, e := range entries {
		if s, ok := e.Value.(slice); ok {
			instances += len(s.ready)
			names = append(names, s.ready...)
			p.then = w.toRecord(e.Record)
		}
	}
	if w.session.isSaved() {
		p = p.unseen(isNotShown, "not shown: a "+w.source()+" answers no checks")
		p.note(w.session.Cluster.Version())
		if instances > 0 {
			p.note(counted(instances, "instances") + ": " + fewOf(names, 3))
		}
		return p
	}
	checked := w.feeds.checked
	if checked == nil {
		return p.unseen(isLoading, "asking ...")
	}
	w.probes(&p, checked)
	p.say(kinds.Quiet, w.session.Cluster.Version())
	switch {
	case instances > 0:
		p.say(kinds.Quiet, counted(instances, "instances")+" ("+fewOf(names, 3)+")")
	case slices.sight == isHidden:
		p.note("instances hidden")
	}
	w.onNodes(&p, "kube-apiserver")
	if checked.Took > 0 {
		p.say(kinds.Quiet, "answers in "+latency(checked.Took))
	}
	if checked.Ahead.Abs() >= clockSlack {
		side := "ahead of"
		if checked.Ahead < 0 {
			side = "behind"
		}
		p.say(kinds.Degraded, "this machine's clock is "+checked.Ahead.Abs().String()+" "+side+" its clock")
	}
	p.how = "/livez and /readyz"
	return p
}

// latency is a time in whole milliseconds, coarse enough to stand still.
func latency(took time.Duration) string {
	ms := took.Milliseconds()
	switch {
	case ms < 10:
		return "under 10 ms"
	case ms < 100:
		return "about " + strconv.FormatInt(ms/10*10, 10) + " ms"
	}
	return "about " + strconv.FormatInt(ms/100*100, 10) + " ms"
}

// probes says what the API server says of itself.
func (w *atlasWriter) probes(p *part, checked *kube.Checked) {
	live, ready := &checked.Live, &checked.Ready
	notLive, notReady := failedChecks(live.Checks), failedChecks(ready.Checks)
	switch {
	case live.Err != nil:
		p.say(kinds.Failing, live.Err.Error())
		return
	case !live.OK:
		p.say(kinds.Failing, "not live: "+fewOf(notLive, 4))
	}
	switch {
	case ready.Err != nil:
		p.say(kinds.Failing, ready.Err.Error())
	case !ready.OK && !live.OK && slices.Equal(notLive, notReady):
		p.say(kinds.Failing, "not ready")
	case !ready.OK:
		p.say(kinds.Failing, "not ready: "+fewOf(notReady, 4))
	case live.OK:
		p.say(kinds.OK, "ready: all "+counted(len(ready.Checks), "checks")+" pass")
	}
}

// checks are the API server's checks of itself, each by its name.
func (w *atlasWriter) checks() part {
	c := w.feeds.checked
	if c == nil || len(c.Ready.Checks)+len(c.Live.Checks) == 0 {
		return part{}
	}
	p := part{name: "its checks"}
	p.say(kinds.Quiet, counted(len(c.Ready.Checks), "checks")+" of readiness")
	p.say(kinds.Quiet, strconv.Itoa(len(c.Live.Checks))+" of life")
	p.note("enter names them")
	var b strings.Builder
	for _, probe := range []struct {
		path   string
		checks []kube.Check
	}{{"/readyz", c.Ready.Checks}, {"/livez", c.Live.Checks}} {
		b.WriteString(probe.path + "\n")
		for _, check := range probe.checks {
			mark := "  ● "
			if !check.OK {
				mark = "  ✖ "
			}
			b.WriteString(mark + check.Name + "  " + check.Said + "\n")
		}
	}
	p.then = openLines{w.session, "checks of kube-apiserver", b.String()}
	return p
}

// failedChecks are the names of checks that failed.
func failedChecks(all []kube.Check) (names []string) {
	for _, c := range all {
		if !c.OK {
			names = append(names, c.Name)
		}
	}
	return names
}

// etcd holds the state. What the API server says about it is all that everybody sees.
func (w *atlasWriter) etcd() part {
	p := part{name: "etcd", does: "holds all state"}
	_, records := w.controlPods("etcd")
	if len(records) > 0 {
		p.then = w.toRecord(records[0])
	}
	if w.session.isSaved() {
		if len(records) == 0 {
			return p.unseen(isNotShown, "not shown: a "+w.source()+" answers no checks")
		}
		p.say(kinds.Quiet, counted(len(records), "members"))
		w.onNodes(&p, "etcd")
		p.how = "its pods"
		return p
	}
	checked := w.feeds.checked
	if checked == nil {
		return p.unseen(isLoading, "asking ...")
	}
	found := 0
	for _, c := range checked.Ready.Checks {
		if !strings.HasPrefix(c.Name, "etcd") {
			continue
		}
		found++
		if !c.OK {
			p.say(kinds.Failing, c.Name+" "+c.Said)
		}
	}
	switch {
	case found == 0 && len(records) == 0:
		return p.unseen(isNotShown, "not shown: the API server has no check of it")
	case found > 0 && p.level == kinds.Quiet:
		p.say(kinds.OK, "answers the API server")
	}
	p.how = "/readyz"
	w.etcdSize(&p, checked)
	if len(records) > 0 {
		p.say(kinds.Quiet, counted(len(records), "members"))
		w.onNodes(&p, "etcd")
	} else {
		p.note("members not shown")
	}
	return p
}

func (w *atlasWriter) etcdSize(p *part, checked *kube.Checked) {
	switch {
	case checked.MetricsErr != nil:
		p.note("size hidden: " + short(checked.MetricsErr.Error()))
	case checked.Metrics == nil:
	case len(checked.Metrics.Storage) == 0:
		p.note("size not shown")
	default:
		// Each member has a copy of its own.
		var most int64
		for size := range maps.Values(checked.Metrics.Storage) {
			most = max(most, size)
		}
		p.say(kinds.Quiet, sizeText(most))
	}
}

// leader is a part of the control plane that elects one by a Lease.
func (w *atlasWriter) leader(name, leaseName, does, idle string) part {
	p := part{name: name, does: does}
	entries, p, ok := w.list("leases", p, "leases in "+systemNamespace)
	if !ok && p.sight != isSeen {
		return p
	}
	i := slices.IndexFunc(entries, func(e kube.DigestEntry) bool { return e.Record.Name == leaseName })
	if i < 0 {
		return p.unseen(isNotShown, "not shown: "+w.none("lease "+leaseName))
	}
	p.then, p.how = w.toRecord(entries[i].Record), "lease"
	l, ok := entries[i].Value.(lease)
	switch {
	case !ok:
		return p.unseen(isNotShown, "its lease cannot be read")
	case l.holder == "":
		p.say(kinds.Failing, "no leader: "+idle)
	case w.expired(l):
		p.say(kinds.Failing, "lease of "+l.host()+" not renewed for "+w.ago(l.renewed)+": "+idle)
	default:
		live := "live"
		if w.session.isSaved() {
			live = "was live"
		}
		p.say(kinds.OK, live)
		text := "leader " + l.host()
		if !l.acquired.IsZero() {
			text += " for " + w.ago(l.acquired)
		}
		p.say(kinds.Quiet, text)
	}
	w.onNodes(&p, leaseName)
	return p
}

// slice is what an EndpointSlice says of its addresses.
type slice struct{ ready, notReady []string }

func readSlice(obj runtime.Object) any {
	var out slice
	for _, e := range mapsAt(fieldsOf(obj), "endpoints") {
		addresses := textsAt(e, "addresses")
		ready, found, _ := unstructured.NestedBool(e, "conditions", "ready")
		if ready || !found {
			out.ready = append(out.ready, addresses...)
		} else {
			out.notReady = append(out.notReady, addresses...)
		}
	}
	return out
}
