package main

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// holdText keeps a text in memory for as long as the program runs, never on a disk, and
// returns the path that it is read by.
func (a *app) holdText(text []byte) (path string, err error) {
	// Nothing may close it, so there is no *os.File of it.
	descriptor, err := unix.MemfdCreate("kubeconfig", unix.MFD_CLOEXEC)
	if err != nil {
		return "", err
	}
	path = "/proc/self/fd/" + strconv.Itoa(descriptor)
	return path, os.WriteFile(path, text, 0o600)
}
