//go:build !linux

package memory

import "math"

// systemMost is not known here: GOMEMLIMIT says it.
func systemMost() uint64 { return math.MaxUint64 }

// available is not known here.
func available() uint64 { return math.MaxUint64 }
