package triage

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

func lease(name, renewed string) string {
	return fmt.Sprintf(`
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: %s, namespace: kube-system}
spec: {holderIdentity: cp-1, leaseDurationSeconds: 15, renewTime: %s}
`, name, renewed)
}

func definition(conditions string, more ...string) string {
	return fmt.Sprintf(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: carts.shop.test, creationTimestamp: @-1h}
spec: {group: shop.test, names: {kind: Cart, plural: carts}%s}
status: {conditions: [%s]}
`, comma(more), conditions)
}

func TestControlPlane(t *testing.T) {
	unlooked := strings.Replace(pod("web-1-a", "ReplicaSet/web-1", `{phase: Pending}`), ", nodeName: n1", "", 1)
	established := condition("Established", "True", "InitialNamesAccepted", "", "@-1h")
	conversion := `conversion: {strategy: Webhook, webhook: {clientConfig: {service: {namespace: shop, name: convert}}}}`
	checkAll(t, []situation{
		{"the scheduler is gone", []string{lease("kube-scheduler", "@-60s"), deployment("web", 1, 0), replicas("web", 1),
			unlooked}, `
			failing lease kube-system/kube-scheduler: kube-scheduler: its leader cp-1 has stopped renewing its lease; no pod is scheduled (since -1m0s)
			  deployment shop/web
			  pod shop/web-1-a`},
		{"the controller-manager is gone", []string{lease("kube-controller-manager", "@-60s"),
			strings.Replace(deployment("web", 1, 1), "generation: 1", "generation: 2", 1)}, `
			failing lease kube-system/kube-controller-manager: kube-controller-manager: its leader cp-1 has stopped renewing its lease; nothing is reconciled (since -1m0s)
			  deployment shop/web`},
		{"leaders are there", []string{lease("kube-scheduler", "@-2s"), lease("kube-controller-manager", "@-14s")}, ``},
		{"a definition whose names conflict", []string{definition(condition("NamesAccepted", "False", "PluralConflict",
			`"carts" is already in use`, "@-3m") + ", " + condition("Established", "False", "NotAccepted",
			"not all names are accepted", "@-3m"))}, `
			failing customresourcedefinition carts.shop.test: NamesAccepted=False: PluralConflict: "carts" is already in use (since -3m0s)`},
		{"a definition that is installing", []string{definition(condition("Established", "False", "Installing",
			"the initial names have been accepted", "@-1s"))}, ``},
		{"a conversion that nobody answers", []string{definition(established, conversion)}, `
			failing customresourcedefinition carts.shop.test: conversion webhook: service "convert" not found: its objects cannot be read in other versions (since -1h0m0s)`},
		{"a conversion that is answered", []string{definition(established, conversion), service("convert"),
			slice("convert", "convert-1 ready")}, ``},
		{"DNS is down", []string{strings.ReplaceAll(deployment("kube-dns", 0, 0)+"---"+service("kube-dns")+"---"+
			slice("kube-dns"), "namespace: shop", "namespace: kube-system")}, `
			failing deployment kube-system/kube-dns: scaled to 0: service kube-system/kube-dns has no endpoints, and all pods ask it for names (since ?)
			  service kube-system/kube-dns`},
		{"a request that nobody signs", []string{`
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: csr-1, creationTimestamp: @-5m}
spec: {request: "", signerName: kubernetes.io/kubelet-serving, usages: [server auth]}
`}, `
			waiting certificatesigningrequest csr-1: Pending: waits for approval (since -5m0s)`},
	})
}

func TestChecks(t *testing.T) {
	s := newScene(t)
	s.state.SetChecks([]Check{{Name: "poststarthook/x", Said: "not finished"}, {Name: "etcd", Said: "connection refused"}})
	s.check(`
			failing apiserver kube-apiserver: check etcd fails: connection refused; check poststarthook/x fails: not finished (since ?)`)
	s.state.SetChecks(nil)
	s.check(``)
}

func TestSkew(t *testing.T) {
	versioned := func(version string) string {
		return strings.Replace(node("n1", nodeWell), "status:\n", "status:\n  nodeInfo: {kubeletVersion: "+version+"}\n", 1)
	}
	s := newScene(t).put(versioned("v1.32.1"))
	s.state.SetVersion("v1.36.2")
	s.check(`
			notice node n1: its kubelet v1.32.1 is 4 minor versions older than the API server, v1.36.2; 3 are supported (since ?)`)
	s.put(versioned("v1.33.0")).check(``)
	s.put(versioned("v1.37.0-alpha.1")).check(`
			notice node n1: its kubelet v1.37.0-alpha.1 is newer than the API server, v1.36.2 (since ?)`)
}

// certificate is a Secret with a certificate that is valid for a time around noon.
func certificate(t *testing.T, begins, ends time.Duration) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: noon.Add(begins), NotAfter: noon.Add(ends)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return fmt.Sprintf("\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: tls, namespace: shop}\n"+
		"data: {tls.crt: %s, tls.key: %s}\n", text, base64.StdEncoding.EncodeToString([]byte("k")))
}

func TestCertificates(t *testing.T) {
	day := 24 * time.Hour
	base := []string{deployment("web", 1, 1), service("web"), slice("web", "web-1-a ready"),
		ingress("web", 80, "tls: [{secretName: tls}]")}
	with := func(more ...string) []string { return append(base[:4:4], more...) }
	checkAll(t, []situation{
		{"no Secret", base, `
			failing ingress shop/shop: TLS secret shop/tls does not exist (since ?)`},
		{"expired", with(certificate(t, -90*day, -2*time.Hour)), `
			failing ingress shop/shop: the certificate in TLS secret shop/tls expired at 2026-11-30T10:00:00Z (since -2h0m0s)`},
		{"about to expire", with(certificate(t, -90*day, 2*day)), `
			notice ingress shop/shop: the certificate in TLS secret shop/tls expires at 2026-12-02T12:00:00Z (since -120h0m0s)`},
		{"not yet valid", with(certificate(t, day, 90*day)), `
			failing ingress shop/shop: the certificate in TLS secret shop/tls is not valid before 2026-12-01T12:00:00Z (since ?)`},
		{"valid", with(certificate(t, -day, 30*day)), ``},
		{"hidden in a tape", with("\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\n" +
			"metadata: {name: tls, namespace: shop}\ndata: {tls.crt: AAAAAAAA, tls.key: AAAA}\n"), ``},
		{"no certificate in it", with("\napiVersion: v1\nkind: Secret\nmetadata: {name: tls, namespace: shop}\n"), `
			degraded ingress shop/shop: TLS secret shop/tls has no certificate (since ?)`},
	})
	newScene(t).put(base...).unknown(secretKind).check(``)
}

func TestAutoscalers(t *testing.T) {
	checkAll(t, []situation{
		{"nothing to scale", []string{hpa(condition("AbleToScale", "False", "FailedGetScale",
			`the HPA controller was unable to get the target's current scale: deployments.apps "web" not found`, "@-3m"))}, `
			degraded horizontalpodautoscaler shop/web: FailedGetScale: the HPA controller was unable to get the target's current scale: deployments.apps "web" not found (since -3m0s, settling)`},
		{"at its maximum", []string{deployment("web", 5, 5), hpa(condition("ScalingLimited", "True", "TooManyReplicas",
			"the desired replica count is more than the maximum replica count", "@-6m"))}, `
			notice horizontalpodautoscaler shop/web: TooManyReplicas: the desired replica count is more than the maximum replica count (since -6m0s)`},
	})
	s := newScene(t).put(deployment("web", 5, 5))
	for i := range 8 {
		s.wait(time.Minute).put(strings.Replace(hpa(), "desiredReplicas: 5",
			fmt.Sprintf("desiredReplicas: %d, lastScaleTime: @0", 3+i%2*2), 1))
	}
	if got := s.says(); !strings.Contains(got, "it scales to and fro: 3, 5, 3, 5, 3, 5, 3, 5") {
		t.Error(got)
	}
	s.wait(time.Hour).check(``)
}

func TestStorage(t *testing.T) {
	volume := `
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec: {storageClassName: hand, capacity: {storage: 500Mi}, accessModes: [ReadWriteOnce]}
status: {phase: Available}
`
	released := func(policy, at string) string {
		return strings.NewReplacer("phase: Available", "phase: Released, lastPhaseTransitionTime: @"+at,
			"spec: {", "spec: {persistentVolumeReclaimPolicy: "+policy+", ").Replace(volume)
	}
	hand := strings.Replace(storageClass("hand", "Immediate"), "disks.test", "kubernetes.io/no-provisioner", 1)
	checkAll(t, []situation{
		{"no volume is large enough", []string{claim("data", "hand", "Pending"), hand, volume}, `
			waiting persistentvolumeclaim shop/data: Pending: nothing makes volumes of its class, and no volume fits; persistentvolume disk-1 has 500Mi, and it asks for 1Gi (since -5m0s)`},
		{"no volume can be written that way", []string{claim("data", "hand", "Pending"), hand,
			strings.NewReplacer("500Mi", "5Gi", "ReadWriteOnce", "ReadOnlyMany").Replace(volume)}, `
			waiting persistentvolumeclaim shop/data: Pending: nothing makes volumes of its class, and no volume fits; persistentvolume disk-1 allows [ReadOnlyMany], and it asks for [ReadWriteOnce] (since -5m0s)`},
		{"nobody provisions", []string{claim("data", "fast", "Pending"), storageClass("fast", "Immediate")}, `
			waiting persistentvolumeclaim shop/data: Pending: ExternalProvisioning: waiting for a volume to be created by the external provisioner 'disks.test', which has not answered (since -5m0s)`},
		{"it does not grow", []string{strings.Replace(claim("data", "fast", "Bound"), "phase: Bound",
			"phase: Bound, conditions: ["+condition("ControllerResizeError", "True", "", "quota exceeded", "@-3m")+"]", 1)}, `
			degraded persistentvolumeclaim shop/data: ControllerResizeError: quota exceeded (since -3m0s, settling)`},
		{"a volume that nothing deletes", []string{released("Delete", "-5m")}, `
			waiting persistentvolume disk-1: Released: its reclaim policy is Delete, and nothing has deleted it (since -5m0s)`},
		{"a volume that somebody keeps", []string{released("Retain", "-5m")}, ``},
		{"a volume that is about to be deleted", []string{released("Delete", "-5s")}, ``},
		{"it grows", []string{strings.Replace(claim("data", "fast", "Bound"), "phase: Bound", "phase: Bound, conditions: ["+
			condition("Resizing", "True", "", "", "@-3s")+"]", 1)}, ``},
		{"a namespace that does not end", []string{`
apiVersion: v1
kind: Namespace
metadata: {name: old, deletionTimestamp: @-5m, creationTimestamp: @-24h}
spec: {finalizers: [kubernetes]}
status: {phase: Terminating, conditions: [` + condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
			"Some content in the namespace has finalizers remaining: shop.test/hold in 1 resource instances", "@-4m") + `]}
`}, `
			waiting namespace old: Terminating: NamespaceFinalizersRemaining: Some content in the namespace has finalizers remaining: shop.test/hold in 1 resource instances (since -5m0s)`},
	})
}

// TestPlacement holds what is said of how far the nearest node is from fitting.
func TestPlacement(t *testing.T) {
	s := newScene(t).put(
		strings.Replace(node("n1", nodeWell), "labels: {", "labels: {disktype: hdd, ", 1),
		strings.Replace(node("n2", nodeWell, "taints: [{key: team, value: gpu, effect: NoSchedule}]"), "labels: {",
			"labels: {disktype: hdd, ", 1),
		unscheduledPod("web", "", "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "+
			"1 node(s) had untolerated taint(s).", "nodeSelector: {disktype: ssd}",
			`containers: [{name: app, image: a, resources: {requests: {cpu: "16"}}}]`))
	var got []string
	for _, e := range s.state.Judge(s.now).Findings[0].Evidence {
		got = append(got, e.Text)
	}
	for _, want := range []string{"no node has disktype=ssd; 2 nodes carry disktype=hdd",
		"it asks for 16 cpu, and no node has more than 4",
		"1 node has the taint team=gpu:NoSchedule, which it does not tolerate",
		"nearest: node n1 would need the label disktype=ssd, and 12 more cpu"} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

// TestSpread holds that the label is named over which pods must be spread, where no node has it.
func TestSpread(t *testing.T) {
	spread := "topologySpreadConstraints: [{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: %s}]"
	message := "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label)."
	for want, pod := range map[string]string{
		"no node has the label rack, over which its pods are spread": unscheduledPod("web", "", message,
			fmt.Sprintf(spread, "DoNotSchedule")),
		"": unscheduledPod("web", "", message, fmt.Sprintf(spread, "ScheduleAnyway")),
	} {
		var got []string
		for _, e := range newScene(t).put(node("n1", nodeWell), pod).state.Judge(noon).Findings[0].Evidence {
			got = append(got, e.Text)
		}
		if all := strings.Join(got, "\n"); strings.Contains(all, "rack") != (want != "") || !strings.Contains(all, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

// TestPlacementStands holds that what keeps a pod from the nodes is found out once, as long as the
// nodes are as they were, and again when one is not.
func TestPlacementStands(t *testing.T) {
	pod := func(name string) string {
		return unscheduledPod(name, "", "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
			"nodeSelector: {disktype: ssd}")
	}
	hdd := strings.Replace(node("n1", nodeWell), "labels: {", "labels: {disktype: hdd, ", 1)
	s := newScene(t).put(hdd, pod("web"))
	said := func() string {
		t.Helper()
		var all []string
		for _, f := range s.state.Judge(s.now).Findings {
			for _, e := range f.Evidence {
				if e.Object.Name == "web" {
					all = append(all, e.Text)
				}
			}
		}
		return strings.Join(all, "\n")
	}
	if got := said(); !strings.Contains(got, "1 node carries disktype=hdd") {
		t.Error(got)
	}
	const mark = "what was said before"
	for needs, placing := range s.state.placings {
		placing.texts = []string{mark}
		s.state.placings[needs] = placing
	}
	// Much time goes by, a kubelet reports that its node is as it was, and something else is judged.
	s.wait(10*placedFor).put(hdd, pod("api"))
	if got := said(); !strings.Contains(got, mark) {
		t.Errorf("the nodes were looked at again: %s", got)
	}
	s.put(strings.ReplaceAll(hdd, "hdd", "tape")).wait(placedFor)
	if got := said(); strings.Contains(got, mark) || !strings.Contains(got, "1 node carries disktype=tape") {
		t.Errorf("a node is another: %s", got)
	}
}

// TestACertificateBlamesItsSecret lets an Ingress fail because of a Secret, and because of something
// else.
func TestACertificateBlamesItsSecret(t *testing.T) {
	secret := refTo("", "Secret", "shop", "tls")
	for _, tt := range []struct {
		objects []string
		why     string
	}{
		{[]string{deployment("web", 1, 1), service("web"), slice("web", "web-1-a ready"),
			ingress("web", 80, "tls: [{secretName: tls}]"), certificate(t, -90*24*time.Hour, -2*time.Hour)},
			"expired at 2026-11-30T10:00:00Z"},
		{[]string{ingress("web", 80, "")}, ""},
		{[]string{ingress("web", 80, "tls: [{secretName: tls}]"), certificate(t, -90*24*time.Hour, -2*time.Hour)},
			"expired at 2026-11-30T10:00:00Z"},
		{[]string{ingress("web", 80, "tls: [{secretName: tls}]"), certificate(t, -90*24*time.Hour, 2*time.Hour)}, ""},
	} {
		findings := newScene(t).put(tt.objects...).state.Judge(noon).Findings
		if len(findings) != 1 {
			t.Fatalf("%d findings", len(findings))
		}
		ref, why, found := findings[0].Blames()
		if why != tt.why || found != (tt.why != "") || found && ref != secret {
			t.Errorf("%s blames %v: %q, want %q", findings[0].Reason, ref, why, tt.why)
		}
	}
}
