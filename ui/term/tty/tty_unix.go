//go:build unix

package tty

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Modes returns the modes of the terminal behind a file descriptor, for SetModes.
func Modes(fd int) ([]byte, error) {
	modes, err := unix.IoctlGetTermios(fd, termiosGet)
	if err != nil {
		return nil, err
	}
	return binary.Append(nil, binary.NativeEndian, modes)
}

// SetModes gives a terminal the modes that Modes returned.
func SetModes(fd int, modes []byte) error {
	var settings unix.Termios
	if err := binary.Read(bytes.NewReader(modes), binary.NativeEndian, &settings); err != nil {
		return err
	}
	return unix.IoctlSetTermios(fd, termiosSet, &settings)
}

// KeepFromStopping takes the key from a terminal that stops the program in its
// foreground (ctrl+z).
func KeepFromStopping(fd int) {
	if modes, err := unix.IoctlGetTermios(fd, termiosGet); err == nil {
		modes.Cc[unix.VSUSP] = noChar
		_ = unix.IoctlSetTermios(fd, termiosSet, modes)
	}
}

// KeepSignals lets ctrl+c send its signal in a terminal in raw mode. The other keys that
// send one would stop or kill the program without giving the terminal back, so they stay
// keys. Where that fails the terminal stays in raw mode, and ctrl+c waits to be read.
func KeepSignals(fd int) {
	modes, err := unix.IoctlGetTermios(fd, termiosGet)
	if err != nil {
		return
	}
	modes.Lflag |= unix.ISIG
	modes.Cc[unix.VSUSP], modes.Cc[unix.VQUIT] = noChar, noChar
	_ = unix.IoctlSetTermios(fd, termiosSet, modes)
}
