package credential

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
	"k8s.io/client-go/util/connrotation"
)

// Apply has the requests of a transport use the plugin's credentials, as far as the
// kubeconfig has no others. Dialers that are set already stay below.
func (p *Plugin) Apply(config *transport.Config) {
	if config.HasTokenAuth() || config.HasBasicAuth() || config.HasCertAuth() {
		return
	}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &authenticating{p, next} })
	config.TLS.GetCertHolder = &transport.GetCertHolder{GetCert: p.certificate}
	dial := (&net.Dialer{}).DialContext
	if config.DialHolder != nil {
		dial = config.DialHolder.Dial
	}
	config.DialHolder = &transport.DialHolder{Dial: connrotation.NewDialerWithTracker(dial, p.connections).DialContext}
}

// ApplyNow has one connection of a config use the plugin's credentials as they are now, as
// far as the kubeconfig has no others: client-go opens connections that are upgraded from a
// config. It runs the plugin if there are none, and fails as a request would.
func (p *Plugin) ApplyNow(ctx context.Context, config *rest.Config) error {
	has, err := config.TransportConfig()
	if err != nil {
		return err
	}
	if has.HasTokenAuth() || has.HasBasicAuth() || has.HasCertAuth() {
		return nil
	}
	c, err := p.credentials(ctx)
	if err != nil {
		return err
	}
	config.CertData, config.KeyData = []byte(c.chain), []byte(c.key)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &authenticating{p, next} })
	return nil
}

// certificate is what a TLS handshake asks for, nil for none. The request behind it has
// waited for the plugin already; one that expired since then may end the handshake's own
// connection if it were renewed here.
func (p *Plugin) certificate() (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil {
		return nil, nil
	}
	return p.current.certificate, nil
}

// authenticating puts credentials into requests that have none.
type authenticating struct {
	plugin *Plugin
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (a *authenticating) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Authorization") != "" {
		return a.next.RoundTrip(req)
	}
	c, err := a.plugin.credentials(req.Context())
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	if c.token != "" {
		req = utilnet.CloneRequest(req)
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := a.next.RoundTrip(req)
	if err == nil && res.StatusCode == http.StatusUnauthorized {
		a.plugin.refuse(c)
	}
	return res, err
}

// WrappedRoundTripper lets client-go find the transport below.
func (a *authenticating) WrappedRoundTripper() http.RoundTripper { return a.next }

// Wait waits until there are credentials, or an error that a request will meet. It lets
// a request's own time limit begin after that.
func (p *Plugin) Wait(ctx context.Context) { _, _ = p.credentials(ctx) }
