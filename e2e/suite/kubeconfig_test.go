package suite

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
	"github.com/fathom-k8s/fathom/e2e/shop"
)

// kubeconfigOf reads a kubeconfig that has one context.
func kubeconfigOf(t *testing.T, path string) *clientcmdapi.Config {
	t.Helper()
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// changedKubeconfig writes a copy of the suite's kubeconfig with a change to its cluster and its user.
func changedKubeconfig(t *testing.T, change func(*clientcmdapi.Cluster, *clientcmdapi.AuthInfo)) string {
	t.Helper()
	config := kubeconfigOf(t, world.cluster.Kubeconfig)
	used := config.Contexts[config.CurrentContext]
	change(config.Clusters[used.Cluster], config.AuthInfos[used.AuthInfo])
	return writtenKubeconfig(t, config)
}

// linked is a kubeconfig by way of a link to its server, whose certificate need not be for the link's address.
func linked(t *testing.T, kubeconfig string, profile link.Profile) (path string, wire *link.Link) {
	t.Helper()
	config := kubeconfigOf(t, kubeconfig)
	entry := config.Clusters[config.Contexts[config.CurrentContext].Cluster]
	server, err := url.Parse(entry.Server)
	if err != nil {
		t.Fatal(err)
	}
	if wire, err = link.Open(server.Host, profile); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(wire.Close)
	entry.Server, entry.TLSServerName = "https://"+wire.Address(), server.Hostname()
	return writtenKubeconfig(t, config), wire
}

func writtenKubeconfig(t *testing.T, config *clientcmdapi.Config) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// addDead adds a context whose server refuses connections.
func addDead(t *testing.T, config *clientcmdapi.Config, name string) {
	t.Helper()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: unused(t)}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: "none"}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
}

// deadKubeconfig is one whose only server refuses connections.
func deadKubeconfig(t *testing.T, name string) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	addDead(t, config, name)
	config.CurrentContext = name
	return writtenKubeconfig(t, config)
}

// unused is the address of a server that nobody runs.
func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return fmt.Sprintf("https://%s", listener.Addr())
}

// oncall is the kubeconfig of the person on call for payments, whose context names that namespace.
func oncall(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oncall")
	if err := world.cluster.UserKubeconfig(t.Context(), path, shop.OncallUser, nil, time.Hour); err != nil {
		t.Fatal(err)
	}
	config := kubeconfigOf(t, path)
	config.Contexts[config.CurrentContext].Namespace = "payments"
	return writtenKubeconfig(t, config)
}

// expiredCertificate is a client certificate that was valid until yesterday, and its key, both in PEM.
func expiredCertificate(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "somebody", Organization: []string{"system:masters"}},
		NotBefore:    time.Now().Add(-48 * time.Hour),
		NotAfter:     time.Now().Add(-24 * time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
		Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}
