package transport

import "errors"

// ErrReadOnly is why a request was not sent: it could change the cluster, and
// the program was started without --write.
var ErrReadOnly = errors.New("read-only: start fathom with --write to change the cluster")
