package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cgroupFolders are the folders of the cluster's cgroup, one for each hierarchy.
// Every cluster has one of its own, since a kubelet removes what it does not know below its root.
func cgroupFolders(name string) ([]string, error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil, err
	}
	var folders []string
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line)
		if len(fields) > 2 && (fields[2] == "cgroup" || fields[2] == "cgroup2") {
			folders = append(folders, filepath.Join(fields[1], cgroupRoot(name)))
		}
	}
	return folders, nil
}

// makeCgroups makes the cluster's cgroup. In a version 2 hierarchy it also gives
// it all controllers, which the kubelet asks of its root.
func makeCgroups(name string) error {
	folders, err := cgroupFolders(name)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		controllers, _ := os.ReadFile(filepath.Join(filepath.Dir(folder), "cgroup.controllers"))
		for _, controller := range strings.Fields(string(controllers)) {
			enable := filepath.Join(filepath.Dir(folder), "cgroup.subtree_control")
			if err := os.WriteFile(enable, []byte("+"+controller), 0o644); err != nil {
				return fmt.Errorf("cgroup controller %s: %w", controller, err)
			}
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// removeCgroups removes the cluster's cgroups, which can need a moment after the
// end of the processes in them.
func removeCgroups(ctx context.Context, name string) error {
	roots, err := cgroupFolders(name)
	if err != nil {
		return err
	}
	return until(ctx, 30*time.Second, "cgroups are empty", func(context.Context) error {
		var failures []error
		for _, root := range roots {
			failures = append(failures, removeFolders(root))
		}
		return errors.Join(failures...)
	})
}

// removeFolders removes a tree of cgroups from its leaves on: their files cannot be
// deleted and go with them.
func removeFolders(root string) error {
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	for _, folder := range slices.Backward(folders) {
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}
