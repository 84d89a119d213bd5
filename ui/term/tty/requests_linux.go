package tty

import "golang.org/x/sys/unix"

// The requests of termios(3), and what stands for no character.
const (
	termiosGet   = unix.TCGETS
	termiosSet   = unix.TCSETS
	termiosFlush = unix.TCSETSF // drops the input too
	noChar       = 0
)
