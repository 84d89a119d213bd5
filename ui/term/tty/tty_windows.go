package tty

import "errors"

// Modes fails: a console of Windows has other modes.
func Modes(int) ([]byte, error) { return nil, errors.ErrUnsupported }

// SetModes fails, as Modes does.
func SetModes(int, []byte) error { return errors.ErrUnsupported }

// KeepSignals does nothing: what is typed waits for whoever reads keys.
func KeepSignals(int) {}
