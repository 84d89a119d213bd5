package provider

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Clientset returns a client with the rights of Kubeconfig and without rate limits.
func (c *Cluster) Clientset() (*kubernetes.Clientset, error) {
	loader := &clientcmd.ClientConfigLoadingRules{ExplicitPath: c.Kubeconfig}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: c.Context}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(loader, overrides).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("kubeconfig of %s: %w", c.Name, err)
	}
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}

// UserKubeconfig writes a kubeconfig to path for a user who authenticates with a new
// client certificate, valid for the given time (at least ten minutes, the API's own
// limit). The user exists as soon as this returns and has no rights but those bound to
// its name and groups. The certificate comes from the cluster itself
// (CertificateSigningRequest, signer kubernetes.io/kube-apiserver-client); some
// vendors' clusters refuse to sign it.
func (c *Cluster) UserKubeconfig(
	ctx context.Context,
	path, user string,
	groups []string,
	validity time.Duration,
) error {
	client, err := c.Clientset()
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader,
		&x509.CertificateRequest{Subject: pkix.Name{CommonName: user, Organization: groups}}, key)
	if err != nil {
		return err
	}
	certificate, err := sign(ctx, client, request, validity)
	if err != nil {
		return fmt.Errorf("certificate for user %s: %w", user, err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	config, err := clientcmd.LoadFromFile(c.Kubeconfig)
	if err != nil {
		return err
	}
	kubeContext, ok := config.Contexts[c.Context]
	if !ok {
		return fmt.Errorf("kubeconfig %s: no context %q", c.Kubeconfig, c.Context)
	}
	return writeKubeconfig(path, c.Context, config.Clusters[kubeContext.Cluster], user, &clientcmdapi.AuthInfo{
		ClientCertificateData: certificate,
		ClientKeyData:         pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}),
	})
}

// sign has the cluster sign a certificate request and returns the certificate in PEM.
func sign(ctx context.Context, client kubernetes.Interface, request []byte, validity time.Duration) ([]byte, error) {
	requests := client.CertificatesV1().CertificateSigningRequests()
	created, err := requests.Create(ctx, &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "fathom-e2e-"},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			Request:           pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}),
			SignerName:        certificatesv1.KubeAPIServerClientSignerName,
			ExpirationSeconds: new(int32(validity / time.Second)),
			Usages:            []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = requests.Delete(context.WithoutCancel(ctx), created.Name, metav1.DeleteOptions{}) }()

	created.Status.Conditions = append(created.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
		Type:    certificatesv1.CertificateApproved,
		Status:  corev1.ConditionTrue,
		Reason:  "Test",
		Message: "asked for by a test",
	})
	if _, err := requests.UpdateApproval(ctx, created.Name, created, metav1.UpdateOptions{}); err != nil {
		return nil, err
	}
	var certificate []byte
	err = wait.PollUntilContextTimeout(
		ctx,
		50*time.Millisecond,
		30*time.Second,
		true,
		func(ctx context.Context) (bool, error) {
			current, err := requests.Get(ctx, created.Name, metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			for _, condition := range current.Status.Conditions {
				if condition.Type == certificatesv1.CertificateFailed || condition.Type == certificatesv1.CertificateDenied {
					return false, fmt.Errorf("%s: %s", condition.Reason, condition.Message)
				}
			}
			certificate = current.Status.Certificate
			return len(certificate) > 0, nil
		},
	)
	return certificate, err
}

// writeKubeconfig writes a kubeconfig with one context, readable by its owner only.
func writeKubeconfig(
	path, context string,
	cluster *clientcmdapi.Cluster,
	user string,
	auth *clientcmdapi.AuthInfo,
) error {
	config := clientcmdapi.NewConfig()
	config.Clusters[context] = cluster
	config.AuthInfos[user] = auth
	config.Contexts[context] = &clientcmdapi.Context{Cluster: context, AuthInfo: user}
	config.CurrentContext = context
	return clientcmd.WriteToFile(*config, path)
}
