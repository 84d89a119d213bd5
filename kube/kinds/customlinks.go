package kinds

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// fieldLink says what a field of a custom resource points to: a name, a reference, or a
// list of them. What has a kind that is not among kinds is a mention only.
type fieldLink struct {
	field    string // "spec.rules.backendRefs": lists on the way are gone through
	relation Relation
	kinds    string // as in LinksTo; the first one is meant where the field names none
}

const (
	gatewayKinds = "Gateway." + gatewayGroup + " Service"
	driverKind   = "CSIDriver.storage.k8s.io"
	classKind    = "VolumeSnapshotClass." + snapshotGroup
	contentKind  = "VolumeSnapshotContent." + snapshotGroup
	issuerKinds  = "Issuer." + certManagerGroup + " ClusterIssuer." + certManagerGroup
	sourceKinds  = "GitRepository." + fluxSourceGroup + " OCIRepository." + fluxSourceGroup +
		" Bucket." + fluxSourceGroup + " HelmRepository." + fluxSourceGroup + " HelmChart." + fluxSourceGroup
)

// inventoryMax is how many of the objects that an application made are linked.
const inventoryMax = 256

// clusterKinds are custom resources without namespaces that others refer to. The names of
// most begin with Cluster.
var clusterKinds = []string{"GatewayClass", "VolumeSnapshotClass", "VolumeSnapshotContent"}

// CustomLinks returns the kinds that objects of the custom resources that are known here
// point to, by theirs.
func CustomLinks() map[schema.GroupKind][]schema.GroupKind {
	out := map[schema.GroupKind][]schema.GroupKind{}
	for gk := range customs {
		k := Kind{LinksTo: linksTo(gk)}
		out[gk] = k.LinkKinds()
	}
	return out
}

// linksTo is LinksTo of a kind of custom resource.
func linksTo(gk schema.GroupKind) string {
	var all []string
	for _, l := range customs[gk].fields {
		all = append(all, strings.Fields(l.kinds)...)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

// linkCustom adds the links of an object without a Go type: those of its kind, and what its
// other fields mention.
func (r *Record) linkCustom(gk schema.GroupKind, o *object) {
	if target := o.part("spec", "scaleTargetRef"); target != nil {
		r.linkField(fieldLink{relation: Scales}, gk, target)
	}
	for _, l := range customs[gk].fields {
		eachAt(o.fields, strings.Split(l.field, "."), func(value any) { r.linkField(l, gk, value) })
	}
	if more := customs[gk].links; more != nil {
		more(o, r)
	}
	mentions{record: r, own: gk}.collect(o.fields)
}

// eachAt calls do with each value at a path, and with each item where it is a list.
func eachAt(value any, path []string, do func(any)) {
	if list, ok := value.([]any); ok {
		for _, item := range list {
			eachAt(item, path, do)
		}
		return
	}
	if len(path) == 0 {
		do(value)
		return
	}
	if m, ok := value.(map[string]any); ok && m[path[0]] != nil {
		eachAt(m[path[0]], path[1:], do)
	}
}

// linkField adds the link of one name or reference.
func (r *Record) linkField(l fieldLink, own schema.GroupKind, value any) {
	kinds := strings.Fields(l.kinds)
	means := schema.GroupKind{}
	if len(kinds) > 0 {
		means = schema.ParseGroupKind(kinds[0])
	}
	to, uid, ok := r.reference(value, means, own)
	if !ok {
		return
	}
	relation := l.relation
	if len(kinds) > 0 && !slices.Contains(kinds, to.GroupKind.String()) {
		relation = Mentions
	}
	fields, _ := value.(map[string]any)
	how := join(" ", text(fields["sectionName"]), portText(fields["port"]))
	if uid != "" {
		r.link(Link{Relation: relation, To: to, UID: types.UID(Clean(uid)), How: intern(how)})
		return
	}
	r.linkTo(relation, to, how)
}

func portText(value any) string {
	if n, ok := wholeNumber(value); ok && n > 0 && n < 1<<16 {
		return "port " + strconv.FormatInt(n, 10)
	}
	return ""
}

// reference reads what a name or a reference means; means is its kind where it says none.
func (r *Record) reference(value any, means, own schema.GroupKind) (to Ref, uid string, ok bool) {
	name, namespace := text(value), ""
	to.GroupKind = means
	if fields, isMap := value.(map[string]any); isMap {
		name, namespace, uid = text(fields["name"]), text(fields["namespace"]), text(fields["uid"])
		if kind := text(fields["kind"]); kind != "" && kind != means.Kind {
			to.GroupKind = kindNamed(kind, fields, own, means)
		}
	}
	if !validName(name) || !validName(to.Kind) || namespace != "" && !validName(namespace) {
		return to, uid, false
	}
	to.Group, to.Kind, to.Name = intern(to.Group), intern(to.Kind), intern(name)
	if isNamespaced(to.GroupKind) {
		if namespace == "" {
			namespace = r.Namespace
		}
		to.Namespace = intern(namespace)
		return to, uid, namespace != ""
	}
	return to, uid, true
}

// kindNamed returns the kind that a reference names. One without a group is a kind of
// Kubernetes', or of the group that the field or the object itself is about.
func kindNamed(kind string, fields map[string]any, own, means schema.GroupKind) schema.GroupKind {
	for _, field := range []string{"apiGroup", "group"} {
		if group, said := fields[field].(string); said {
			return schema.GroupKind{Group: group, Kind: kind}
		}
	}
	if version := text(fields["apiVersion"]); version != "" {
		return schema.FromAPIVersionAndKind(version, kind).GroupKind()
	}
	if known, ok := byName[kind]; ok {
		return known
	}
	if means.Group != "" {
		return schema.GroupKind{Group: means.Group, Kind: kind}
	}
	return schema.GroupKind{Group: own.Group, Kind: kind}
}

// byName are the groups of Kubernetes' own kinds that people refer to without them.
var byName = map[string]schema.GroupKind{
	"Secret": {Kind: "Secret"}, "ConfigMap": {Kind: "ConfigMap"}, "Service": {Kind: "Service"}, "Pod": {Kind: "Pod"},
	"ServiceAccount": {Kind: "ServiceAccount"}, "Namespace": {Kind: "Namespace"}, "Node": {Kind: "Node"},
	"PersistentVolumeClaim": {Kind: "PersistentVolumeClaim"}, "PersistentVolume": {Kind: "PersistentVolume"},
	"Deployment": {Group: "apps", Kind: "Deployment"}, "StatefulSet": {Group: "apps", Kind: "StatefulSet"},
	"DaemonSet": {Group: "apps", Kind: "DaemonSet"}, "ReplicaSet": {Group: "apps", Kind: "ReplicaSet"},
	"Job": {Group: "batch", Kind: "Job"}, "CronJob": {Group: "batch", Kind: "CronJob"},
	"Ingress":       {Group: "networking.k8s.io", Kind: "Ingress"},
	"Role":          {Group: "rbac.authorization.k8s.io", Kind: "Role"},
	"ClusterRole":   {Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"},
	"StorageClass":  {Group: "storage.k8s.io", Kind: "StorageClass"},
	"IngressClass":  {Group: "networking.k8s.io", Kind: "IngressClass"},
	"PriorityClass": {Group: "scheduling.k8s.io", Kind: "PriorityClass"},
	"RuntimeClass":  {Group: "node.k8s.io", Kind: "RuntimeClass"},
}

// isNamespaced reports whether objects of a kind are in namespaces, as far as that is known.
func isNamespaced(gk schema.GroupKind) bool {
	if k, ok := For(gk); ok {
		return k.Namespaced
	}
	if known, ok := byName[gk.Kind]; ok && known == gk {
		return !slices.Contains([]string{"Namespace", "Node", "PersistentVolume"}, gk.Kind) &&
			!strings.HasSuffix(gk.Kind, "Class") && gk.Kind != "ClusterRole"
	}
	return !strings.HasPrefix(gk.Kind, "Cluster") && !slices.Contains(clusterKinds, gk.Kind) && gk.Kind != "CSIDriver"
}

// argoLinks are the objects of an application, if they are in the same cluster.
func argoLinks(o *object, r *Record) {
	server, name := o.text("spec", "destination", "server"), o.text("spec", "destination", "name")
	if server != "https://kubernetes.default.svc" && name != "in-cluster" {
		return
	}
	all := o.list("status", "resources")
	for _, made := range all[:min(len(all), inventoryMax)] {
		kind := schema.GroupKind{Group: intern(text(made["group"])), Kind: intern(text(made["kind"]))}
		r.linkMember(Ref{kind, intern(text(made["namespace"])), intern(text(made["name"]))})
	}
}

// fluxLinks are the objects of an inventory, and the newest Secret of a Helm release, if
// they are in the same cluster.
func fluxLinks(o *object, r *Record) {
	if o.part("spec", "kubeConfig") != nil {
		return
	}
	all := o.list("status", "inventory", "entries")
	for _, entry := range all[:min(len(all), inventoryMax)] {
		// "shop_web_apps_Deployment"; a colon in a name is written as two of these.
		id := strings.ReplaceAll(text(entry["id"]), "__", ":")
		if parts := strings.Split(id, "_"); len(parts) == 4 {
			kind := schema.GroupKind{Group: intern(parts[2]), Kind: intern(parts[3])}
			r.linkMember(Ref{kind, intern(parts[0]), intern(parts[1])})
		}
	}
	if history := o.list("status", "history"); len(history) > 0 {
		version, ok := wholeNumber(history[0]["version"])
		if name := text(history[0]["name"]); ok && validName(name) {
			secret := helmSecretName(name, version)
			r.linkTo(Mentions, core("Secret", text(history[0]["namespace"]), secret), "release")
		}
	}
}

// linkMember adds an object that the record says it has made.
func (r *Record) linkMember(to Ref) {
	if validName(to.Kind) && validName(to.Name) && (to.Namespace == "" || validName(to.Namespace)) {
		r.link(Link{Relation: Mentions, To: to, How: "made"})
	}
}
