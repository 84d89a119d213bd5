package views

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	deploymentKind = schema.GroupKind{Group: "apps", Kind: "Deployment"}
	daemonSetKind  = schema.GroupKind{Group: "apps", Kind: "DaemonSet"}
	csiDriverKind  = schema.GroupKind{Group: "storage.k8s.io", Kind: "CSIDriver"}
)

// nameLabel is the label that charts put an application's name into.
const nameLabel = "app.kubernetes.io/name"

const metricsServer = "metrics-server"

// addons are what most clusters run besides Kubernetes itself, by the names that their
// manifests give them in k8s-app or app.kubernetes.io/name.
var addons = []struct {
	name, does, without string
	apps                []string
}{
	{"dns", "names of Services", "without it no Service is found by name", []string{
		"kube-dns", "coredns", "dns-default",
	}},
	{metricsServer, "cpu and memory of pods", "no usage, no autoscaling by it", []string{metricsServer}},
	{"cni", "network of the pods", "built in, or under another name", []string{
		"calico-node", "cilium", "cilium-agent", "flannel", "kube-flannel", "canal", "weave-net", "antrea", "kindnet",
		"kube-router", "aws-node", "azure-cni", "azure-cns", "ovn-kubernetes", "multus", "netd",
	}},
	{"ingress", "lets traffic in", "", []string{
		"ingress-nginx", "nginx-ingress", "traefik", "haproxy-ingress", "kubernetes-ingress", "contour", "kong",
		"ambassador", "istio-ingressgateway", "envoy-gateway", "aws-load-balancer-controller", "router-default",
	}},
	{"dashboard", "", "", []string{"kubernetes-dashboard", "headlamp"}},
}

// addonSelector selects the add-ons by one label, and kube-proxy, which is found in the
// same way.
func addonSelector(label string) string {
	names := []string{"kube-proxy"}
	for _, a := range addons {
		names = append(names, a.apps...)
	}
	slices.Sort(names)
	return label + " in (" + strings.Join(names, ",") + ")"
}

// readImages reads the images of a DaemonSet.
func readImages(obj runtime.Object) any {
	var images []string
	for _, c := range mapsAt(fieldsOf(obj), "spec", "template", "spec", "containers") {
		images = append(images, textAt(c, "image"))
	}
	return images
}

// imageTag is the tag of an image's name; "" when it has none.
func imageTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndexByte(image, '/')+1:]
	_, tag, _ := strings.Cut(image, ":")
	return tag
}

// workload says how well a Deployment or DaemonSet is.
func (w *atlasWriter) workload(p *part, r *kinds.Record) {
	level, text := r.Status.Level, "ready"
	if level >= kinds.Waiting {
		text = r.Status.Reason
	} else {
		level = kinds.OK
	}
	p.say(level, r.Namespace+"/"+r.Name+" "+text)
	if p.then == nil || level >= kinds.Waiting {
		p.then = w.toRecord(r)
	}
}

// addonFeeds are the lists that add-ons are found in.
var addonFeeds = []feedID{"addons1", "addons2", "addons3", "addons4"}

func (w *atlasWriter) addons() []part {
	var all []kube.DigestEntry
	var blind part
	for _, id := range addonFeeds {
		entries, p, ok := w.list(id, part{}, "deployments and daemonsets of all namespaces")
		if !ok && p.sight != isSeen {
			blind = p
		}
		for _, e := range entries {
			if !slices.ContainsFunc(all, func(o kube.DigestEntry) bool { return o.Record.Ref() == e.Record.Ref() }) {
				all = append(all, e)
			}
		}
	}
	var parts []part
	for _, a := range addons {
		p := part{name: a.name, does: a.does}
		for _, e := range all {
			if isAddon(e.Record, a.apps) {
				w.workload(&p, e.Record)
			}
		}
		switch {
		case len(p.says) > 0:
		case a.name == metricsServer && w.servesMetrics():
			p.say(kinds.OK, kinds.MetricsGroup+" is served")
			p.note("where it runs is not shown")
			p.how = "discovery"
		case blind.sight != isSeen:
			p = p.unseen(blind.sight, blind.says[0].Text)
		default:
			text := "not shown: " + w.none("workload with its label")
			if a.without != "" {
				text += "; " + a.without
			}
			p = p.unseen(isNotShown, text)
		}
		parts = append(parts, p)
	}
	return append(parts, w.csi())
}

// servesMetrics reports whether somebody measures pods, whatever runs there.
func (w *atlasWriter) servesMetrics() bool {
	_, served := metricsResource(w.session.Cluster.Resources(), "pods")
	return served && !w.session.isSaved()
}

func isAddon(r *kinds.Record, apps []string) bool {
	for _, label := range []string{"k8s-app", nameLabel} {
		if app, ok := r.Label(label); ok && slices.Contains(apps, app) {
			return true
		}
	}
	return false
}

// csi are the storage drivers.
func (w *atlasWriter) csi() part {
	p := part{name: "csi", does: "drivers of storage", then: w.toTable(csiDriverKind, "")}
	entries, p, ok := w.list("csi", p, "CSI drivers")
	if !ok {
		if p.sight == isSeen {
			p = p.unseen(isNotShown, "not shown: "+w.none("CSIDriver"))
		}
		return p
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Record.Name)
	}
	p.say(kinds.Quiet, fewOf(names, 4))
	return p
}
