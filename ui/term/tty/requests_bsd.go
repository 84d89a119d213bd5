//go:build unix && !linux

package tty

import "golang.org/x/sys/unix"

// The requests of termios(3), and what stands for no character.
const (
	termiosGet = unix.TIOCGETA
	termiosSet = unix.TIOCSETA
	noChar     = 0xff
)

// DropInput drops what was typed and not read.
func DropInput(fd int) { _ = unix.IoctlSetPointerInt(fd, unix.TIOCFLUSH, fread) }

// fread is FREAD of sys/fcntl.h: the queue of the input.
const fread = 1
