//go:build !linux

package main

import (
	"errors"
	"os"
)

// holdText keeps a text in a file that only this user can read until the program ends, and
// returns its path: there is nothing here like a file that is in memory only and can be
// read twice.
func (a *app) holdText(text []byte) (path string, err error) {
	file, err := os.CreateTemp("", "fathom-kubeconfig-")
	if err != nil {
		return "", err
	}
	a.held = append(a.held, file.Name())
	_, err = file.Write(text)
	return file.Name(), errors.Join(err, file.Close())
}
