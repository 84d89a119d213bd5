package kube

import (
	"errors"
	"fmt"
	"io"

	"github.com/fathom-k8s/fathom/kube/bodies"
	"github.com/fathom-k8s/fathom/kube/credential"
	"github.com/fathom-k8s/fathom/kube/transport"
)

// The errors of this package that callers distinguish.
var (
	// ErrNoKubeconfig is wrapped by Open's error when nothing says where a
	// cluster is.
	ErrNoKubeconfig = errors.New("no kubeconfig")
	// ErrUnchangeable is returned when a Backend is opened with Options.Write, or switched
	// to it.
	ErrUnchangeable = errors.New("cannot be changed: it is what was saved")
	// ErrNever is returned when a cluster is switched to write mode that Forbid keeps
	// read-only.
	ErrNever = errors.New("is never changed: the config says so")
	// ErrReadOnly is returned for a request that was not sent because it could change
	// the cluster, and the program was started without --write.
	ErrReadOnly = transport.ErrReadOnly
	// ErrTooLarge is wrapped by the error of an answer that was not read to its end.
	ErrTooLarge = transport.ErrTooLarge
	// ErrElsewhere is wrapped by the error of a request or a redirect that would have
	// taken credentials to another server.
	ErrElsewhere = transport.ErrElsewhere
	// ErrDropped is returned for a record whose object had to make room for
	// newer ones. A listing of this one object has it.
	ErrDropped = bodies.ErrDropped
	// ErrPluginDenied is wrapped by a request's error when Options.PluginPolicy does not
	// let the credential plugin run.
	ErrPluginDenied = credential.ErrDenied
)

// errClosed is the error of a watch whose connection ended before an answer came.
var errClosed = errors.New("the connection was closed before the API server answered")

var (
	// errCut is the error of an answer in JSON that ends too early.
	errCut = fmt.Errorf("the API server's answer was cut off: %w", io.ErrUnexpectedEOF)
	// errNameless is returned for what no API server stores.
	errNameless = errors.New("the API server sent an object without a name")
)
