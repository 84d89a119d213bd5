package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/views"
)

// explain says what the user can do about an error of a cluster.
func (a *app) explain(s *views.Session, err error) error {
	if err == nil {
		return nil
	}
	name := a.whichCluster(s)
	switch state := s.Cluster.Health(s.Now()).State; {
	case a.deniedPlugin(err):
		return fmt.Errorf("%s: %w, according to %s%s", name, err, a.kubercPath, otherContexts(s))
	case state == kube.SignedOut:
		return fmt.Errorf("%s: signed out: %w; log in again%s", name, err, otherContexts(s))
	case state != kube.Unreachable && state != kube.Stale:
		return fmt.Errorf("%s: %w", name, err)
	case badCertificate(err):
		return fmt.Errorf("%s: %s: %w; is it the right server, and is certificate-authority right?%s",
			name, s.Cluster.Server(), err, otherContexts(s))
	}
	return fmt.Errorf("%s: %s: %w; is the address right and the network up?%s",
		name, s.Cluster.Server(), err, otherContexts(s))
}

// whichCluster names the cluster at the beginning of an error.
func (a *app) whichCluster(s *views.Session) string {
	name := s.Cluster.Name()
	if a.saved != nil && name == a.saved.Name || name == s.Cluster.Server() {
		return name
	}
	return "context " + name
}

// badCertificate reports whether the server was reached, but not believed.
func badCertificate(err error) bool {
	if _, is := errors.AsType[*tls.CertificateVerificationError](err); is {
		return true
	}
	_, is := errors.AsType[x509.UnknownAuthorityError](err)
	return is
}

// contextsShown is how many other contexts an error names.
const contextsShown = 5

// otherContexts names some of the contexts that are left to choose from.
func otherContexts(s *views.Session) string {
	var names []string
	for _, c := range s.Known {
		if c.Name != s.Cluster.Name() && len(names) < contextsShown {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; --context chooses another: " + strings.Join(names, ", ")
}
