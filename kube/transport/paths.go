package transport

import (
	"net/url"
	"slices"
	"strings"
)

// APIPath is the request's path below the API server's address, in segments. A
// path that a server could read in two ways has none.
func APIPath(u *url.URL, prefix string) ([]string, bool) {
	prefix = strings.TrimSuffix(prefix, "/")
	rest, ok := strings.CutPrefix(u.Path, prefix)
	if !ok || rest != "" && rest[0] != '/' {
		return nil, false
	}
	// A slash that is written as %2F divides segments for some and not for others.
	if strings.Count(u.EscapedPath(), "/") != strings.Count(u.Path, "/") {
		return nil, false
	}
	path := strings.Split(strings.Trim(rest, "/"), "/")
	for i, segment := range path {
		if segment == "." || segment == ".." || segment == "" && i > 0 {
			return nil, false
		}
	}
	return path, true
}

// apiPath is what a path of the API names (apiserver,
// pkg/endpoints/request/requestinfo.go); all of it is empty for a path of another kind.
type apiPath struct {
	resource, name, subresource string
	more                        bool // there are segments after that
}

// parsePath finds the resource that a path is about.
func parsePath(path []string) (at apiPath) {
	switch {
	case len(path) > 2 && path[0] == "api":
		path = path[2:]
	case len(path) > 3 && path[0] == "apis":
		path = path[3:]
	default:
		return at
	}
	if len(path) > 2 && path[0] == "namespaces" && !slices.Contains(ofNamespaces, path[2]) {
		path = path[2:]
	}
	for i, to := range []*string{&at.resource, &at.name, &at.subresource} {
		if i < len(path) {
			*to = path[i]
		}
	}
	at.more = len(path) > 3
	return at
}

// ofNamespaces are the subresources of a namespace itself.
var ofNamespaces = []string{"status", "finalize"}

// documents are the paths outside the resources that only read, by their first segment.
var documents = []string{"", "api", "apis", "openapi", "version", "healthz", "livez", "readyz", "metrics"}

// readSubresources are the subresources whose GET only reads. Every other one may act:
// exec, attach, portforward and proxy open a connection into the cluster, and those of
// an aggregated API do what it likes.
var readSubresources = []string{"", "status", "scale", "log", "resize", "ephemeralcontainers", "approval"}

// onlyReads reports whether a GET of a path only reads.
func onlyReads(path []string) bool {
	if !slices.Contains(documents, path[0]) {
		return false
	}
	at := parsePath(path)
	switch at.resource {
	case "":
		return true
	case "proxy", "redirect", "watch": // what comes after them is the resource, in API servers before 1.16
		return false
	}
	return !at.more && slices.Contains(readSubresources, at.subresource)
}
