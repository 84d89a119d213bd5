package tty

import "errors"

// Modes fails: a console of Windows has other modes.
func Modes(int) ([]byte, error) { return nil, errors.ErrUnsupported }

// SetModes fails, as Modes does.
func SetModes(int, []byte) error { return errors.ErrUnsupported }

// KeepFromStopping does nothing: no key stops a program.
func KeepFromStopping(int) {}

// DropInput does nothing: what was typed stays in the console.
func DropInput(int) {}

// KeepSignals does nothing: what is typed waits for whoever reads keys.
func KeepSignals(int) {}
