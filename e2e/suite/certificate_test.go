package suite

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"testing"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// requestCertificate asks for a certificate for nobody in particular.
func requestCertificate(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	subject := x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}
	der, err := x509.CreateCertificateRequest(rand.Reader, &subject, key)
	if err != nil {
		t.Fatal(err)
	}
	expires := int32(3600)
	request := &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			Request:    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}),
			SignerName: certificatesv1.KubeAPIServerClientSignerName, ExpirationSeconds: &expires,
			Usages: []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth},
		},
	}
	requests := world.client.CertificatesV1().CertificateSigningRequests()
	if _, err := requests.Create(t.Context(), request, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "csr", name, "--ignore-not-found") })
}

// TestEffectsOfCertificateRequests approves one, for which a certificate is issued, and denies another.
func TestEffectsOfCertificateRequests(t *testing.T) {
	t.Parallel()
	wanted, unwanted := writeNamespace+"-csr-a", writeNamespace+"-csr-b"
	requestCertificate(t, wanted)
	requestCertificate(t, unwanted)
	options := brief(t)
	state := t.TempDir()
	options.Env = append(options.Env, "XDG_STATE_HOME="+state)
	f := openWith(t, world.cluster.Kubeconfig, options, "certificatesigningrequests", "--write")
	f.WaitFor("● live", limit)
	filter(f, writeNamespace+"-csr")
	f.WaitFor("› "+wanted, limit)
	chooseEffect(f, "approve")
	f.WaitFor("type: Approved", limit)
	f.WaitFor("kubectl certificate approve "+wanted, limit)
	yesTyped(f, wanted, "done: approve")
	f.WaitFor("Approved,Issued", limit)
	f.Keys("j")
	f.WaitFor("› "+unwanted, limit)
	chooseEffect(f, "deny")
	f.WaitFor("type: Denied", limit)
	yes(f, "done: deny")
	f.WaitFor("Denied", limit)

	requests := world.client.CertificatesV1().CertificateSigningRequests()
	for name, condition := range map[string]certificatesv1.RequestConditionType{
		wanted: certificatesv1.CertificateApproved, unwanted: certificatesv1.CertificateDenied,
	} {
		err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, limit, true,
			func(ctx context.Context) (bool, error) {
				r, err := requests.Get(ctx, name, metav1.GetOptions{})
				if err != nil || len(r.Status.Conditions) != 1 {
					return false, err
				}
				decided := r.Status.Conditions[0]
				issued := len(r.Status.Certificate) > 0
				return decided.Type == condition && decided.Status == corev1.ConditionTrue &&
					issued == (name == wanted), nil
			})
		if err != nil {
			t.Errorf("%s is not %s: %v", name, condition, err)
		}
	}
	equalEntries(t, journaled(t, state), "approve certificatesigningrequests "+wanted+" done",
		"deny certificatesigningrequests "+unwanted+" done")
}
