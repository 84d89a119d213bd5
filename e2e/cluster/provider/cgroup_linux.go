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

// cgroupFolders are the folders of the cluster's cgroup, one for each hierarchy. Every
// cluster has its own, since a kubelet removes what it does not know below its root.
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

// kubeletControllers are the controllers that a kubelet needs in its root cgroup, as
// far as the kernel has them (kubelet, cgroup_v2_manager_linux.go).
var kubeletControllers = []string{"cpu", "cpuset", "hugetlb", "io", "memory", "pids"}

// makeCgroups makes the cluster's cgroup. Version 2, which has one hierarchy, gives
// a cgroup only the controllers that its parent passes on.
func makeCgroups(name string) error {
	folders, err := cgroupFolders(name)
	if err != nil {
		return err
	}
	if len(folders) == 1 {
		if err := enableControllers(filepath.Dir(folders[0])); err != nil {
			return err
		}
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func enableControllers(parent string) error {
	there, err := os.ReadFile(filepath.Join(parent, "cgroup.controllers"))
	if err != nil {
		return err
	}
	for controller := range strings.FieldsSeq(string(there)) {
		if !slices.Contains(kubeletControllers, controller) {
			continue
		}
		if err := os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+"+controller), 0o644); err != nil {
			return fmt.Errorf("cgroup controller %s: %w", controller, err)
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

// removeFolders removes a tree of cgroups, leaves first: their files cannot be deleted
// and go with them.
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
