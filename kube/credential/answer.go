package credential

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/pkg/apis/clientauthentication"
	"k8s.io/client-go/pkg/apis/clientauthentication/install"
	clientauthv1 "k8s.io/client-go/pkg/apis/clientauthentication/v1"
	clientauthv1beta1 "k8s.io/client-go/pkg/apis/clientauthentication/v1beta1"
)

// infoVariable tells a plugin in which version to answer, and for which cluster.
const infoVariable = "KUBERNETES_EXEC_INFO"

// codecs read and write the versions of the protocol.
var codecs = func() serializer.CodecFactory {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	return serializer.NewCodecFactory(scheme)
}()

// versionOf returns the version of the protocol that a kubeconfig names.
func versionOf(apiVersion string) (schema.GroupVersion, error) {
	for _, gv := range []schema.GroupVersion{clientauthv1.SchemeGroupVersion, clientauthv1beta1.SchemeGroupVersion} {
		if gv.String() == apiVersion {
			return gv, nil
		}
	}
	return schema.GroupVersion{}, fmt.Errorf("exec plugin: invalid apiVersion %q; valid values are %s and %s",
		apiVersion, clientauthv1.SchemeGroupVersion, clientauthv1beta1.SchemeGroupVersion)
}

// credentials are what a plugin has returned. They never change.
type credentials struct {
	token       string
	certificate *tls.Certificate // nil if there is none
	chain, key  string           // certificate and its key in PEM
	expires     time.Time        // zero if never
	obtained    time.Time
	refused     bool // the ones before were refused
}

func (c *credentials) expired(now time.Time) bool { return !c.expires.IsZero() && now.After(c.expires) }

// info is what a plugin gets to know.
func (p *Plugin) info(interactive bool) (string, error) {
	question := &clientauthentication.ExecCredential{}
	question.Spec.Interactive = interactive
	if p.o.Exec.ProvideClusterInfo {
		question.Spec.Cluster = p.o.Cluster
	}
	text, err := runtime.Encode(codecs.LegacyCodec(p.version), question)
	return string(text), err
}

// read reads what a plugin has printed.
func (p *Plugin) read(text []byte) (*credentials, error) {
	answer := &clientauthentication.ExecCredential{}
	_, gvk, err := codecs.UniversalDecoder(p.version).Decode(text, nil, answer)
	switch {
	case err != nil:
		return nil, fmt.Errorf("decoding stdout: %w", err)
	case gvk.GroupVersion() != p.version:
		return nil, fmt.Errorf("exec plugin is configured to use API version %s, plugin returned version %s",
			p.version, gvk.GroupVersion())
	case answer.Status == nil:
		return nil, errors.New("exec plugin didn't return a status field")
	}
	status := answer.Status
	c := &credentials{token: status.Token, obtained: time.Now()}
	if status.ExpirationTimestamp != nil {
		c.expires = status.ExpirationTimestamp.Time
	}
	switch cert, key := status.ClientCertificateData, status.ClientKeyData; {
	case cert == "" && key == "" && c.token == "":
		return nil, errors.New("exec plugin didn't return a token or cert/key pair")
	case (cert == "") != (key == ""):
		return nil, errors.New("exec plugin returned only certificate or key, not both")
	case cert != "":
		pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
		if err != nil {
			return nil, fmt.Errorf("parse the client certificate: %w", err)
		}
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return nil, fmt.Errorf("parse the client certificate: %w", err)
		}
		c.certificate, c.chain, c.key = &pair, cert, key
	}
	return c, nil
}
