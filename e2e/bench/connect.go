package main

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// openLink opens a link to a kubeconfig's server and writes a kubeconfig that leads through it. The
// server is asked for by its own name, so that its certificate holds.
func openLink(kubeconfig, folder string, profile link.Profile) (through *link.Link, config string, err error) {
	file, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		return nil, "", err
	}
	if err := clientcmd.ResolveLocalPaths(file); err != nil {
		return nil, "", err
	}
	cluster, err := currentCluster(file)
	if err != nil {
		return nil, "", err
	}
	server, err := url.Parse(cluster.Server)
	if err != nil {
		return nil, "", err
	}
	address := server.Host
	if server.Port() == "" {
		address = net.JoinHostPort(server.Hostname(), "443")
	}
	if through, err = link.Open(address, profile); err != nil {
		return nil, "", err
	}
	if cluster.TLSServerName == "" {
		cluster.TLSServerName = server.Hostname()
	}
	server.Host = through.Address()
	cluster.Server = server.String()
	config = filepath.Join(folder, "kubeconfig-"+profile.Name)
	return through, config, clientcmd.WriteToFile(*file, config)
}

func currentCluster(file *api.Config) (*api.Cluster, error) {
	current, ok := file.Contexts[file.CurrentContext]
	if !ok {
		return nil, fmt.Errorf("the kubeconfig has no context %q", file.CurrentContext)
	}
	cluster, ok := file.Clusters[current.Cluster]
	if !ok {
		return nil, fmt.Errorf("the kubeconfig has no cluster %q", current.Cluster)
	}
	return cluster, nil
}
