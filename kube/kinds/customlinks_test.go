package kinds

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// linkNames are words for relations in this test.
var linkNames = map[Relation]string{
	OwnedBy: "owned", Scales: "scales", Uses: "uses", RoutesTo: "routes", Claims: "claims", ClaimedBy: "claimed",
	ProvisionedBy: "provisioned", Makes: "makes", BelongsTo: "belongs", Mentions: "mentions",
}

// linksOf describes the links of an object, as "uses Secret shop/tls (how)".
func linksOf(t *testing.T, gvk schema.GroupVersionKind, namespaced bool, text string) string {
	t.Helper()
	k, err := Generic(gvk.GroupVersion().WithResource("things"), gvk.Kind, namespaced, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := row(t, k, customObject(t, gvk, text))
	var out []string
	for _, l := range r.Links {
		line := linkNames[l.Relation] + " " + l.To.GroupKind.String() + " " +
			strings.TrimPrefix(l.To.Namespace+"/"+l.To.Name, "/")
		if l.UID != "" {
			line += " " + string(l.UID)
		}
		if l.How != "" {
			line += " (" + l.How + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestCustomLinks(t *testing.T) {
	for _, c := range []struct {
		name, group, kind string
		object, want      string
	}{
		{"nothing at all", gatewayGroup, "HTTPRoute", `{}`, ""},
		{"an autoscaler", "autoscaling.k8s.io", "VerticalPodAutoscaler",
			`{metadata: {namespace: shop}, spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}`,
			"scales Deployment.apps shop/web"},
		{"a gateway", gatewayGroup, "Gateway", `
metadata: {namespace: infra}
spec:
  gatewayClassName: nginx
  listeners: [{name: http}, {tls: {certificateRefs: [{name: tls}, {name: other, namespace: certs}, {}]}}]`,
			"uses GatewayClass.gateway.networking.k8s.io nginx\nuses Secret infra/tls\nuses Secret certs/other"},
		{"a route", gatewayGroup, "GRPCRoute", `
metadata: {namespace: shop}
spec:
  parentRefs: [{name: public, namespace: infra, sectionName: https}, {name: mesh, kind: Service, group: ""}]
  rules:
  - backendRefs: [{name: web, port: 80}, {name: web, port: 80}, {name: api, kind: ServiceImport, group: multicluster.x-k8s.io}]
    filters: [{requestMirror: {backendRef: {name: mirror}}}, 7]
  - {}`,
			"routes Gateway.gateway.networking.k8s.io infra/public (https)\nroutes Service shop/mesh\n" +
				"routes Service shop/web (port 80)\nmentions ServiceImport.multicluster.x-k8s.io shop/api\nroutes Service shop/mirror"},
		{"a grant", gatewayGroup, "ReferenceGrant", `{metadata: {namespace: infra}, spec: {from: [{kind: HTTPRoute,
  group: gateway.networking.k8s.io, namespace: shop}], to: [{kind: Secret, group: "", name: tls}, {kind: Service}]}}`,
			"mentions Secret infra/tls (spec.to)"},
		{"a snapshot", snapshotGroup, "VolumeSnapshot", `
metadata: {namespace: shop}
spec: {volumeSnapshotClassName: csi, source: {persistentVolumeClaimName: data}}
status: {boundVolumeSnapshotContentName: snapcontent-1}`,
			"uses PersistentVolumeClaim shop/data\nclaims VolumeSnapshotContent.snapshot.storage.k8s.io snapcontent-1\n" +
				"provisioned VolumeSnapshotClass.snapshot.storage.k8s.io csi"},
		{"a certificate", certManagerGroup, "Certificate", `{metadata: {namespace: shop}, spec: {secretName: tls,
  issuerRef: {name: le, kind: ClusterIssuer, group: cert-manager.io}}, status: {nextPrivateKeySecretName: tls-x7}}`,
			"makes Secret shop/tls\nprovisioned ClusterIssuer.cert-manager.io le\n" +
				"mentions Secret shop/tls-x7 (status.nextPrivateKeySecretName)"},
		{"an application", argoGroup, "Application", `
metadata: {namespace: argocd}
spec: {project: shop, destination: {server: "https://kubernetes.default.svc"}}
status: {resources: [{group: apps, kind: Deployment, namespace: shop, name: web}, {kind: Namespace, name: shop}, {}]}`,
			"belongs AppProject.argoproj.io argocd/shop\nmentions Deployment.apps shop/web (made)\nmentions Namespace shop (made)"},
		{"an application elsewhere", argoGroup, "Application", `{metadata: {namespace: argocd}, spec: {destination: {
  server: "https://other"}}, status: {operationState: {}}}`, ""},
		{"a kustomization", "kustomize.toolkit.fluxcd.io", "Kustomization", `
metadata: {namespace: flux}
spec: {sourceRef: {kind: GitRepository, name: repo}, dependsOn: [{name: base}],
  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}, {kind: Secret, name: keys, optional: true}]}}
status: {inventory: {entries: [{id: shop_web_apps_Deployment, v: v1}, {id: "_sys__tem_rbac.authorization.k8s.io_ClusterRole"},
  {id: odd}]}}`,
			"uses GitRepository.source.toolkit.fluxcd.io flux/repo\nuses Kustomization.kustomize.toolkit.fluxcd.io flux/base\n" +
				"mentions Deployment.apps shop/web (made)\nmentions ClusterRole.rbac.authorization.k8s.io sys:tem (made)\n" +
				"mentions ConfigMap flux/vars (spec.postBuild.substituteFrom)\n" +
				"mentions Secret flux/keys (spec.postBuild.substituteFrom)"},
		{"a Helm release of Flux", "helm.toolkit.fluxcd.io", "HelmRelease", `
metadata: {namespace: flux}
spec: {chart: {spec: {sourceRef: {kind: HelmRepository, name: charts}}}, valuesFrom: [{kind: Secret, name: values}]}
status: {history: [{name: web, namespace: shop, version: 4}, {name: web, namespace: shop, version: 3}]}`,
			"uses HelmRepository.source.toolkit.fluxcd.io flux/charts\nmentions Secret shop/sh.helm.release.v1.web.v4 (release)\n" +
				"mentions Secret flux/values (spec.valuesFrom)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			gvk := schema.GroupVersionKind{Group: c.group, Version: "v1", Kind: c.kind}
			if got := linksOf(t, gvk, true, c.object); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestMentions(t *testing.T) {
	gvk := schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}
	for _, c := range []struct{ name, object, want string }{
		{"by the names of fields", `
metadata: {namespace: shop}
spec:
  secretName: a
  tlsSecretName: b
  configMapName: c
  auth: {passwordSecretRef: {name: d, key: p}, secretKeyRef: {name: d}, configMapRef: e}
  pod: {serviceAccountName: f, volumes: [{persistentVolumeClaim: {claimName: g}}], storageClassName: fast}
  nameless: {secretRef: {}, name: x, userName: y}`,
			"mentions ConfigMap shop/e (spec.auth.configMapRef)\nmentions Secret shop/d (spec.auth.passwordSecretRef)\n" +
				"mentions ConfigMap shop/c (spec.configMapName)\n" +
				"mentions ServiceAccount shop/f (spec.pod.serviceAccountName)\n" +
				"mentions StorageClass.storage.k8s.io fast (spec.pod.storageClassName)\n" +
				"mentions PersistentVolumeClaim shop/g (spec.pod.volumes.persistentVolumeClaim.claimName)\n" +
				"mentions Secret shop/a (spec.secretName)\nmentions Secret shop/b (spec.tlsSecretName)"},
		{"by kind and name", `
metadata: {namespace: shop}
spec:
  a: {kind: Deployment, name: web}
  b: {apiVersion: other.io/v1, kind: Thing, name: t, namespace: else}
  c: {kind: Gadget, name: g}
  d: {kind: ClusterGadget, name: cg}
  e: {kind: User, apiGroup: rbac.authorization.k8s.io, name: jane}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:node"}`,
			"mentions Deployment.apps shop/web (spec.a)\nmentions Thing.other.io else/t (spec.b)\n" +
				"mentions Gadget.example.com shop/g (spec.c)\nmentions ClusterGadget.example.com cg (spec.d)\n" +
				"mentions ClusterRole.rbac.authorization.k8s.io system:node (roleRef)"},
		{"what is not a name", `
metadata: {namespace: shop}
spec:
  secretName: "{{ .Release.Name }}-tls"
  a: {secretName: "$(SECRET)"}
  b: {secretName: "a b"}
  c: {secretName: "\e[2J"}
  d: {secretName: {a: b}, configMapName: 7}
  e: {secretRef: {name: x, namespace: "../y"}}
  f: {kind: "Dep\nloyment", name: x}`, ""},
		{"what others said", `
metadata: {namespace: shop, annotations: {secretName: x}}
data: {secretName: x}
spec: {template: {kind: Secret, metadata: {name: inner}, stringData: {secretName: x}}}
status: {conditions: [{kind: Pod, name: x}]}`, ""},
		{"itself", `{metadata: {namespace: shop, name: w}, spec: {selfRef: {kind: Widget, name: w}}}`, ""},
		{"a spec that is not one", `{spec: [{secretName: a}], status: 7}`, "mentions Secret a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if c.name == "a spec that is not one" {
				want = "" // it is in no namespace, and so is nothing that it could mean
			}
			if got := linksOf(t, gvk, true, c.object); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// An object without a namespace names none by saying nothing.
func TestMentionsOfClusterResources(t *testing.T) {
	gvk := schema.GroupVersionKind{Group: certManagerGroup, Version: "v1", Kind: "ClusterIssuer"}
	got := linksOf(t, gvk, false, `{spec: {acme: {privateKeySecretRef: {name: key}, solvers: [{selector: {},
  http01: {gatewayHTTPRoute: {parentRefs: [{name: public, namespace: infra, kind: Gateway, group: gateway.networking.k8s.io}]}}}]},
  configMapRef: {name: c, namespace: shop}, storageClassName: fast}}`)
	want := "mentions Gateway.gateway.networking.k8s.io infra/public (spec.acme.solvers.http01.gatewayHTTPRoute.parentRefs)\n" +
		"mentions ConfigMap shop/c (spec.configMapRef)\nmentions StorageClass.storage.k8s.io fast (spec.storageClassName)"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMentionsAreBounded(t *testing.T) {
	gvk := schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}
	var many, deep strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "  - {secretName: s%d}\n", i)
	}
	text := "metadata: {namespace: shop}\nspec:\n  all:\n" + many.String()
	if n := strings.Count(linksOf(t, gvk, true, text), "\n") + 1; n != mentionsMax {
		t.Errorf("%d links", n)
	}
	for range 3 * mentionDepth {
		deep.WriteString("{a: ")
	}
	deep.WriteString("{secretName: far}" + strings.Repeat("}", 3*mentionDepth))
	if got := linksOf(t, gvk, true, "{metadata: {namespace: shop}, spec: "+deep.String()+"}"); got != "" {
		t.Errorf("got %s", got)
	}
	inventory := "metadata: {namespace: flux}\nstatus: {inventory: {entries: [" +
		strings.Repeat("{id: shop_web_apps_Deployment},", 3*inventoryMax) + "]}}"
	flux := schema.GroupVersionKind{Group: "kustomize.toolkit.fluxcd.io", Version: "v1", Kind: "Kustomization"}
	if n := strings.Count(linksOf(t, flux, true, inventory), "\n") + 1; n > inventoryMax {
		t.Errorf("%d links", n)
	}
}

// What a table of links names is in LinksTo, which is where others look for it.
func TestLinksToOfCustomResources(t *testing.T) {
	for gk := range customs {
		k, err := Generic(gk.WithVersion("v1").GroupVersion().WithResource("things"), gk.Kind, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range customs[gk].fields {
			for kind := range strings.FieldsSeq(l.kinds) {
				if !slices.Contains(k.LinkKinds(), schema.ParseGroupKind(kind)) {
					t.Errorf("LinksTo of %s lacks %s", gk, kind)
				}
			}
		}
	}
}
