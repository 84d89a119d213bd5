//go:build !linux

package main

import (
	"context"
	"errors"
	"time"
)

// peakOf is measured on Linux only, as is everything else that needs the rig.
func peakOf(context.Context, []string, string, ...string) (int64, error) {
	return 0, errors.ErrUnsupported
}

func cpuOf(int) (time.Duration, error) { return 0, errors.ErrUnsupported }

func faultTime() (time.Duration, error) { return 0, errors.ErrUnsupported }
