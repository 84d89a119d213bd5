package provider

import "fmt"

// Etcd is how to reach a native cluster's etcd, with all rights. What is written there
// bypasses the API server's validation, admission and audit log.
type Etcd struct {
	// URL is https://host:port of the client endpoint.
	URL string
	// Authority, Certificate and Key are paths of PEM files.
	Authority, Certificate, Key string
}

// Etcd is the access to the cluster's etcd; ErrUnsupported where the provider is not native.
func (c *Cluster) Etcd() (Etcd, error) {
	cluster, ok := c.backend.(*native)
	if !ok {
		return Etcd{}, fmt.Errorf("etcd of %s: %w", c.Name, ErrUnsupported)
	}
	state, err := cluster.readState()
	if err != nil {
		return Etcd{}, err
	}
	return cluster.etcdAccess(state), nil
}

func (n *native) etcdAccess(s *state) Etcd {
	return Etcd{URL: s.url("etcd"), Authority: n.certificate("etcd-ca"), Certificate: n.certificate("etcd"),
		Key: n.key("etcd")}
}
