package kinds

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// linkText is a link as the table below writes it.
func linkText(l *Link) string {
	words := []string{l.Relation.String(), l.To.String()}
	if l.To.Name == "" {
		words[1] = strings.TrimSuffix(words[1], "/") + " where " + l.Selector + l.Labels
	}
	if l.Optional {
		words = append(words, "optional")
	}
	if l.How != "" {
		words = append(words, "("+l.How+")")
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// linked is an object of the namespace shop, mostly called web, and what it points to.
type linked struct {
	name   string
	kind   *Kind
	object string
	want   []string
}

// The links of pods and of what makes them.
var workloadLinks = []linked{
	{"everything that a pod names", Pod, `
metadata: {namespace: shop, name: web, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u}]}
spec:
  nodeName: worker-1
  serviceAccountName: web
  priorityClassName: high
  runtimeClassName: gvisor
  imagePullSecrets: [{name: registry}]
  resourceClaims: [{name: gpu, resourceClaimName: big}, {name: tpu, resourceClaimTemplateName: small}]
  volumes:
  - {name: conf, configMap: {name: conf}}
  - {name: keys, secret: {secretName: keys, optional: true}}
  - {name: data, persistentVolumeClaim: {claimName: data-0}}
  - {name: scratch, ephemeral: {}}
  - {name: csi, csi: {driver: d, nodePublishSecretRef: {name: node}}}
  - name: token
    projected: {sources: [{configMap: {name: kube-root-ca.crt}}, {secret: {name: extra}},
        {serviceAccountToken: {path: token}}, {}]}
  initContainers: [{name: init, env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: a}}}]}]
  containers:
  - name: app
    envFrom: [{configMapRef: {name: conf}}, {secretRef: {name: db, optional: true}}, {}]
    env: [{name: B, valueFrom: {configMapKeyRef: {name: maybe, key: b, optional: true}}},
      {name: C, valueFrom: {configMapKeyRef: {name: maybe, key: c}}}, {name: D}, {name: E, valueFrom: {}}]
status: {resourceClaimStatuses: [{name: tpu, resourceClaimName: web-tpu-x}, {name: none}]}`, []string{
		"owned by replicaset shop/web-1",
		"runs on node worker-1",
		"runs as serviceaccount shop/web",
		"mounts configmap shop/conf (conf)",
		"mounts secret shop/keys optional (keys)",
		"mounts persistentvolumeclaim shop/data-0 (data)",
		"mounts persistentvolumeclaim shop/web-scratch (scratch)",
		"mounts secret shop/node (csi)",
		"projects secret shop/extra (token)",
		"env from secret shop/db (init key a; app)",
		"env from configmap shop/conf (app)",
		"env from configmap shop/maybe (app key b; app key c)",
		"pulls with secret shop/registry",
		"uses priorityclass high",
		"uses runtimeclass gvisor",
		"uses resourceclaim shop/big (gpu)",
		"uses resourceclaimtemplate shop/small (tpu)",
		"uses resourceclaim shop/web-tpu-x (tpu)",
	}},
	{"a template, whose pods have no names yet", Deployment, `
metadata: {namespace: shop, name: web}
spec:
  template:
    metadata: {labels: {tier: front, app: web}}
    spec: {volumes: [{name: scratch, ephemeral: {}}, {name: conf, configMap: {name: conf}}]}`, []string{
		"mounts configmap shop/conf (conf)", "makes pod shop where app=web,tier=front",
	}},
	{"a template within a template", CronJob, `
metadata: {namespace: shop, name: web}
spec: {jobTemplate: {spec: {template: {spec: {serviceAccountName: web}}}}}`,
		[]string{"runs as serviceaccount shop/web"}},
	{"claims by their number", StatefulSet, `
metadata: {namespace: shop, name: web}
spec: {serviceName: db, volumeClaimTemplates: [{metadata: {name: data}}]}`, []string{
		"mounts persistentvolumeclaim shop/data-web-* (data)", "belongs to service shop/db (serviceName)",
	}},
	{"a controller of before", ReplicationController, `
metadata: {namespace: shop, name: web}
spec: {template: {metadata: {labels: {app: web}}, spec: {serviceAccountName: web}}}`,
		[]string{"runs as serviceaccount shop/web", "makes pod shop where app=web"}},
	{"a controller without a template", ReplicationController, `{metadata: {namespace: shop, name: web}}`, nil},
	{"a template that makes no pods", PodTemplate, `
metadata: {namespace: shop, name: web}
template: {metadata: {labels: {app: web}}, spec: {serviceAccountName: web}}`,
		[]string{"runs as serviceaccount shop/web"}},
	{"a revision", ControllerRevision, `
metadata: {namespace: shop, name: web, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: u}]}`,
		[]string{"owned by statefulset shop/db"}},
}

// The links of services and what leads to them.
var networkLinks = []linked{
	{"a service without a selector", Service, `{metadata: {namespace: shop, name: web}, spec: {}}`, nil},
	{"a service", Service, `
metadata: {namespace: shop, name: web}
spec: {selector: {tier: front, app: web}}`, []string{"selects pod shop where app=web,tier=front"}},
	{"backends, each once", Ingress, `
metadata: {namespace: shop, name: web}
spec:
  ingressClassName: nginx
  tls: [{secretName: cert}, {}]
  defaultBackend: {service: {name: fallback}}
  rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 80}}}},
      {backend: {service: {name: web, port: {number: 80}}}},
      {backend: {service: {name: web, port: {name: http}}}},
      {backend: {resource: {apiGroup: example.com, kind: Bucket, name: b}}}]}}, {}]`, []string{
		"uses ingressclass nginx",
		"routes to service shop/fallback",
		"routes to service shop/web (port 80)",
		"routes to service shop/web (port http)",
		"mentions bucket shop/b",
		"uses secret shop/cert (tls)",
	}},
	{"endpoints that are not pods", EndpointSlice, `
metadata: {namespace: shop, name: web, labels: {kubernetes.io/service-name: web}}
endpoints:
- {targetRef: {kind: Pod, namespace: shop, name: web-1}}
- {targetRef: {kind: Pod, namespace: shop, name: web-2}, conditions: {ready: false}}
- {targetRef: {kind: Node, name: n}}
- {}`, []string{
		"routes to pod shop/web-1 (ready)", "routes to pod shop/web-2 (not ready)",
		"belongs to service shop/web",
	}},
	{"old endpoints", Endpoints, `
metadata: {namespace: shop, name: web}
subsets:
- addresses: [{targetRef: {kind: Pod, namespace: shop, name: web-1}}, {targetRef: {kind: Node, name: n}}, {}]
  notReadyAddresses: [{targetRef: {kind: Pod, namespace: shop, name: web-2}}]
- {}`, []string{
		"routes to pod shop/web-1 (ready)", "routes to pod shop/web-2 (not ready)", "belongs to service shop/web",
	}},
	{"who leads, in the old way", Endpoints, `{metadata: {namespace: shop, name: web,
  annotations: {control-plane.alpha.kubernetes.io/leader: "{}"}}}`, nil},
	{"an address", IPAddress, `
metadata: {name: web}
spec: {parentRef: {resource: services, namespace: shop, name: web}}`,
		[]string{"belongs to service shop/web"}},
	{"an address of something else", IPAddress, `
metadata: {name: web}
spec: {parentRef: {group: example.com, resource: services, namespace: shop, name: web}}`, nil},
	{"an event of the newer group", EventsEvent, `
metadata: {namespace: shop, name: web}
regarding: {kind: Pod, namespace: shop, name: web-1, uid: u}
related: {kind: Node, name: worker-1}`, []string{"about pod shop/web-1", "about node worker-1"}},
}

// The links of storage and nodes.
var storageLinks = []linked{
	{"a claim", PersistentVolumeClaim, `
metadata: {namespace: shop, name: web}
spec: {volumeName: pv-1, storageClassName: fast, volumeAttributesClassName: gold}`, []string{
		"claims persistentvolume pv-1", "provisioned by storageclass fast", "uses volumeattributesclass gold",
	}},
	{"a volume", PersistentVolume, `
metadata: {name: web}
spec: {claimRef: {namespace: shop, name: data}, storageClassName: fast, csi: {driver: disk.example.com}}`, []string{
		"claimed by persistentvolumeclaim shop/data", "provisioned by storageclass fast",
		"uses csidriver disk.example.com",
	}},
	{"a class", StorageClass, `{metadata: {name: web}, provisioner: disk.example.com}`,
		[]string{"provisioned by csidriver disk.example.com optional"}},
	{"a token", Secret, `
metadata: {namespace: shop, name: web, annotations: {kubernetes.io/service-account.name: robot}}
type: kubernetes.io/service-account-token`, []string{"belongs to serviceaccount shop/robot"}},
	{"a node", Node, `{metadata: {name: web}}`, []string{
		"uses lease kube-node-lease/web", "uses csinode web",
	}},
}

// allLinks has an object of each kind that points to others.
var allLinks = slices.Concat(
	workloadLinks, networkLinks, storageLinks, accessLinks, driverLinks, admissionLinks, extensionLinks,
	policyLinks, deviceLinks,
)

func TestLinks(t *testing.T) {
	for _, c := range allLinks {
		t.Run(c.kind.Kind+"/"+c.name, func(t *testing.T) {
			r, _ := row(t, c.kind, parse(t, c.kind, c.object))
			var got []string
			for _, l := range r.Links {
				checkLinked(t, c.kind, l)
				got = append(got, linkText(l))
			}
			if g, w := strings.Join(got, "\n"), strings.Join(c.want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

// TestEveryRelationHasWords holds the table of relations whole.
func TestEveryRelationHasWords(t *testing.T) {
	for r := range relations {
		if r.String() == "" || r.Reverse() == "" || r.Class().String() == "" {
			t.Errorf("relation %d has no words", r)
		}
	}
}

func TestAnOwnerIsKnownByItsUID(t *testing.T) {
	r, _ := row(t, Pod, parse(t, Pod, `
metadata:
  namespace: shop
  name: web
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u}]`))
	if len(r.Links) != 1 || r.Links[0].UID != types.UID("u") {
		t.Errorf("got %v", r.Links)
	}
}
