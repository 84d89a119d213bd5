package wire

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed is returned for bytes that are not the protobuf that an API
	// server writes.
	ErrMalformed = errors.New("the API server's answer is not valid protobuf")
	// ErrTooLarge is returned for an object that is larger than etcd could hold.
	ErrTooLarge = fmt.Errorf("an object is larger than %d MB", objectMax>>20)
)
