package main

import (
	"errors"
	"io"
	"os"
	"strings"
)

// saveFile writes text to a new file in the working directory, readable by its
// owner only; it never touches an existing file.
func saveFile(name string, text io.WriterTo) (string, error) {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '-'
		}
		return r
	}, name)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = text.WriteTo(file)
	return name, errors.Join(err, file.Close())
}
