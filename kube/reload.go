package kube

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync/atomic"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/plain"
)

// errServerChanged is returned for a request to the server that the context had
// before: it must not be sent with the credentials of the new one.
var errServerChanged = errors.New("the kubeconfig names another server now")

// access is what a context of the kubeconfig says about a cluster and how to log in
// there.
type access struct {
	context string // as the kubeconfig spells it; "" when no context was used
	cluster clientcmdapi.Cluster
	user    clientcmdapi.AuthInfo
}

func accessOf(raw clientcmdapi.Config, context string) access {
	a := access{context: context}
	to := raw.Contexts[context]
	if to == nil {
		return a
	}
	if cluster := raw.Clusters[to.Cluster]; cluster != nil {
		a.cluster = *cluster.DeepCopy()
	}
	if user := raw.AuthInfos[to.AuthInfo]; user != nil {
		a.user = *user.DeepCopy()
	}
	// Tools note there when they were last used.
	a.cluster.Extensions, a.user.Extensions = nil, nil
	return a
}

// Reloaded is what ReloadKubeconfig found.
type Reloaded struct {
	Server, Credentials bool // changed, and used from now on
	Gone                bool // the context is gone; what it said is still used
}

// ReloadKubeconfig reads the kubeconfig again and uses what it now says about this
// cluster's context: requests from now on go to its server, with its credentials, and
// listings that are not live start over. It never goes to another context. When it
// fails, everything stays as it was.
//
// A cluster that was not opened by a context has nothing to reload. Only one
// goroutine may call it at a time.
func (c *Cluster) ReloadKubeconfig() (Reloaded, error) {
	if c.access.context == "" {
		return Reloaded{}, nil
	}
	flags := flagsFor(c.options.Flags, c.access.context)
	raw, err := flags.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return Reloaded{}, plain.Error("read the kubeconfig", err)
	}
	if raw.Contexts[c.access.context] == nil {
		return Reloaded{Gone: true}, nil
	}
	now := accessOf(raw, c.access.context)
	found := Reloaded{
		Server:      !reflect.DeepEqual(now.cluster, c.access.cluster),
		Credentials: !reflect.DeepEqual(now.user, c.access.user),
	}
	place := kubeconfigOf(raw, c.access.context, flags)
	if found == (Reloaded{}) {
		c.kubeconfig.Store(&place)
		return found, nil
	}
	config, err := flags.ToRawKubeConfigLoader().ClientConfig()
	if err != nil {
		return Reloaded{}, plain.Error("read the kubeconfig", err)
	}
	c.options.impersonate(config)
	if err := c.connect(config); err != nil {
		return Reloaded{}, plain.Error("context "+c.name, err)
	}
	c.access = now
	c.kubeconfig.Store(&place)
	c.Refresh()
	if found.Server {
		c.restartListings()
	}
	return found, nil
}

// restartListings has everything that is watched read from the new server.
func (c *Cluster) restartListings() {
	for _, l := range c.allListings() {
		if l.State().Phase != Idle {
			l.restart()
		}
	}
}

// link is the connection that requests go through, which can be replaced.
type link struct{ now atomic.Pointer[connection] }

type connection struct {
	host string
	next http.RoundTripper
}

func (l *link) use(host string, next http.RoundTripper) { l.now.Store(&connection{host, next}) }

// RoundTrip implements http.RoundTripper.
func (l *link) RoundTrip(req *http.Request) (*http.Response, error) {
	to := l.now.Load()
	if to.host != "" && req.URL.Host != to.host {
		return nil, fmt.Errorf("%s: %w", req.URL.Host, errServerChanged)
	}
	return to.next.RoundTrip(req)
}
