package transport

import "errors"

// ErrReadOnly is why a request was not sent: it could change the cluster, and
// write mode is off.
var ErrReadOnly = errors.New("read-only: switch to write mode (:write, or start with --write)")

// ErrElsewhere is why a request was not sent, or a redirect not followed: it leads to
// another host or scheme than the kubeconfig names.
var ErrElsewhere = errors.New("credentials go only to the server that the kubeconfig names")

// ErrSignedOut is wrapped by the error of a request for which there are no credentials.
var ErrSignedOut = errors.New("signed out")

// ErrPending is wrapped by the error of a request that ended while its credentials were
// still waited for: it says nothing about the API server.
var ErrPending = errors.New("the credential plugin has not answered yet")

// errRedirects is why a second redirect in a row is not followed.
var errRedirects = errors.New("the API server answers a redirect with a redirect")
