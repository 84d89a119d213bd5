//go:build unix

package remote

import (
	"errors"
	"syscall"
)

func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

func isForbidden(err error) bool { return errors.Is(err, syscall.EACCES) }
