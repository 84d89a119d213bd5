package provider

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// inotifySetting is how many inotify instances one user may have on this machine, and
// inotifyWanted what several clusters need: a kubelet that gets none exits again and again.
const (
	inotifySetting = "/proc/sys/fs/inotify/max_user_instances"
	inotifyWanted  = 1024
)

// raiseInotify raises the setting where it is lower, and remembers in the file what it was.
func raiseInotify(setting, remembered string) error {
	before, err := os.ReadFile(setting)
	if err != nil {
		return err
	}
	if number, err := strconv.Atoi(strings.TrimSpace(string(before))); err != nil || number >= inotifyWanted {
		return err
	}
	if err := os.WriteFile(remembered, before, 0o600); err != nil {
		return err
	}
	return os.WriteFile(setting, []byte(strconv.Itoa(inotifyWanted)), 0o644)
}

// restoreInotify puts the setting back when the folder of clusters has none but this one.
func restoreInotify(setting, remembered, cluster string) error {
	before, err := os.ReadFile(remembered)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	others, err := filepath.Glob(filepath.Join(filepath.Dir(cluster), "*", "state.json"))
	if err != nil {
		return err
	}
	for _, other := range others {
		if filepath.Dir(other) != cluster {
			return nil
		}
	}
	return errors.Join(os.WriteFile(setting, before, 0o644), os.Remove(remembered))
}
