//go:build unix

package term

import "golang.org/x/sys/unix"

// keepSignals lets ctrl+c send its signal in a terminal in raw mode. The other
// keys that send one would stop or kill the program without giving the terminal
// back, so they stay keys.
func keepSignals(fd int) {
	mode, err := unix.IoctlGetTermios(fd, termiosGet)
	if err != nil {
		return // It stays in raw mode, and ctrl+c waits to be read.
	}
	mode.Lflag |= unix.ISIG
	mode.Cc[unix.VSUSP], mode.Cc[unix.VQUIT] = noChar, noChar
	_ = unix.IoctlSetTermios(fd, termiosSet, mode)
}
