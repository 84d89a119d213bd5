package tty

import "golang.org/x/sys/unix"

// The requests of termios(3), and what stands for no character.
const (
	termiosGet = unix.TCGETS
	termiosSet = unix.TCSETS
	noChar     = 0
)

// DropInput drops what was typed and not read, what the driver has not yet passed on
// included, which setting the modes with TCSETSF would leave (tty_ioctl in the kernel's
// drivers/tty/tty_io.c).
func DropInput(fd int) { _ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }
