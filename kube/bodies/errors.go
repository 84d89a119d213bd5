package bodies

import "errors"

var (
	// ErrDropped is returned for an object that had to make room for newer ones.
	ErrDropped = errors.New("the object itself is no longer kept")
	// ErrNone is returned for a record that was created without its object.
	ErrNone = errors.New("the object itself was not kept")
)
