package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/e2e/shop"
)

// healthyShop opens the part of the shop that works, and mends what is wrong with it on
// purpose for those who look at single screens.
func (w *world) healthyShop(ctx context.Context) error {
	if err := shop.ApplyWorking(ctx, w.config); err != nil {
		return err
	}
	mends := []func(context.Context) error{w.mendDatabase, w.mendRoutes, w.mendCertificate, w.mendStorefront,
		w.mendRequests}
	for _, mend := range mends {
		if err := mend(ctx); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	for _, namespace := range shop.Namespaces {
		s := &scene{world: w, namespace: namespace}
		if err := until(ctx, settleLimit, "the workloads of "+namespace, s.well); err != nil {
			return err
		}
	}
	return nil
}

// mendDatabase scales the database down by the pod that gets no volume.
func (w *world) mendDatabase(ctx context.Context) error {
	_, err := w.client.AppsV1().StatefulSets("shop").Patch(ctx, "db", types.MergePatchType,
		[]byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	return w.client.CoreV1().PersistentVolumeClaims("shop").Delete(ctx, "data-db-2", metav1.DeleteOptions{})
}

// mendRoutes gives the old API a pod, since the Ingress routes to it, and lets the shop's pods reach the queue.
func (w *world) mendRoutes(ctx context.Context) error {
	_, err := w.client.AppsV1().Deployments("shop").Patch(ctx, "legacy-api", types.MergePatchType,
		[]byte(`{"spec":{"replicas":1}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	within := networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}}
	policy := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "within"},
		Spec: networkingv1.NetworkPolicySpec{
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
			Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{within}}},
		},
	}
	_, err = w.client.NetworkingV1().NetworkPolicies("payments").Create(ctx, policy, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// mendCertificate renews the one of the shop, which has expired.
func (w *world) mendCertificate(ctx context.Context) error {
	certificate, key, err := keyPair("shop.fathom.test", time.Now().AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	secret, err := w.client.CoreV1().Secrets("shop").Get(ctx, "shop-tls", metav1.GetOptions{})
	if err != nil {
		return err
	}
	secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey] = certificate, key
	_, err = w.client.CoreV1().Secrets("shop").Update(ctx, secret, metav1.UpdateOptions{})
	return err
}

// mendStorefront says of a custom resource that it is ready.
func (w *world) mendStorefront(ctx context.Context) error {
	storefronts := w.dynamic.Resource(schema.GroupVersionResource{
		Group: "shop.fathom.test", Version: "v1", Resource: "storefronts",
	}).Namespace("shop")
	garden, err := storefronts.Get(ctx, "garden", metav1.GetOptions{})
	if err != nil {
		return err
	}
	conditions := []any{map[string]any{
		"type": "Ready", "status": "True", "reason": "Synced", "message": "all pages are served",
		"lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
	}}
	if err := unstructured.SetNestedSlice(garden.Object, conditions, "status", "conditions"); err != nil {
		return err
	}
	_, err = storefronts.UpdateStatus(ctx, garden, metav1.UpdateOptions{})
	return err
}

// mendRequests removes a request for a certificate that nobody signs, and a volume that is attached to a node that
// does not exist.
func (w *world) mendRequests(ctx context.Context) error {
	err := w.client.CertificatesV1().CertificateSigningRequests().Delete(ctx, "shop-checkout", metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	return w.client.StorageV1().VolumeAttachments().Delete(ctx, "shop-archive", metav1.DeleteOptions{})
}

// keyPair returns a self-signed certificate for a host and its key, which is worthless.
func keyPair(host string, end time.Time) (certificate, key []byte, err error) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: end.AddDate(-2, 0, 0), NotAfter: end,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses, template.DNSNames = []net.IP{ip}, nil
	}
	der, err := x509.CreateCertificate(nil, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}
