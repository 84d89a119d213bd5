package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// saveFile writes text to a new file in the working directory, readable by its owner
// only, and returns its whole path. The name gets the time, and a number where there is
// such a file: it never touches an existing one. Where the working directory takes no file, as / on
// a bastion host, the home directory does; the error is that of the first.
func saveFile(name string, text io.WriterTo) (string, error) {
	return saveFileAt(time.Now(), name, text)
}

func saveFileAt(now time.Time, name string, text io.WriterTo) (string, error) {
	path, err := saveFileIn(".", now, name, text)
	if home, _ := os.UserHomeDir(); path == "" && home != "" {
		if there, err := saveFileIn(home, now, name, text); there != "" {
			return there, err
		}
	}
	return path, err
}

// saveFileIn returns a path where a file was made, even if not all could be written.
func saveFileIn(dir string, now time.Time, name string, text io.WriterTo) (string, error) {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '-'
		}
		return r
	}, name)
	extension := filepath.Ext(name)
	name = strings.TrimSuffix(name, extension)
	// A file system takes 255 bytes at most.
	name = strings.ToValidUTF8(name[:min(len(name), 200)], "") + now.Format("-20060102-150405")
	path, err := filepath.Abs(filepath.Join(dir, name+extension))
	if err != nil {
		return "", err
	}
	for n := 2; ; n++ {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			path = filepath.Join(filepath.Dir(path), fmt.Sprintf("%s-%d%s", name, n, extension))
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = text.WriteTo(file)
		return path, errors.Join(err, file.Close())
	}
}
