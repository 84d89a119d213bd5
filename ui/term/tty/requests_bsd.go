//go:build unix && !linux

package tty

import "golang.org/x/sys/unix"

// The requests of termios(3), and what stands for no character.
const (
	termiosGet   = unix.TIOCGETA
	termiosSet   = unix.TIOCSETA
	termiosFlush = unix.TIOCSETAF // drops the input too
	noChar       = 0xff
)
