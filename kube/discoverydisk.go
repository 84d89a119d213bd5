package kube

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/homedir"
)

// The disk cache is the one of kubectl, in its place and in its form (client-go,
// discovery/cached/disk): servergroups.json, and for each group version a
// serverresources.json. client-go's own reader is not used: it makes one request for
// each group version, where aggregated discovery needs two in all.
const (
	groupsFile    = "servergroups.json"
	resourcesFile = "serverresources.json"
)

var notInFileNames = regexp.MustCompile(`[^(\w/.)]`)

// cacheDirectory is where kubectl keeps what it knows about servers (cli-runtime,
// config_flags.go); "" for nowhere.
func cacheDirectory(flags *genericclioptions.ConfigFlags) string {
	if parent := cmp.Or(deref(flags.CacheDir), os.Getenv("KUBECACHEDIR")); parent != "" {
		return parent
	}
	if home := homedir.HomeDir(); home != "" {
		return filepath.Join(home, ".kube", "cache")
	}
	return ""
}

// discoveryDirectory is the part of the cache that is about the resources of one server.
func discoveryDirectory(parent, host string) string {
	if parent == "" {
		return ""
	}
	host = strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://")
	if slices.Contains(strings.Split(host, "/"), "..") {
		return "" // It would be somewhere else.
	}
	return filepath.Join(parent, "discovery", notInFileNames.ReplaceAllString(host, "_"))
}

// readDiscovery reads what is on disk, however old; nil when there is nothing
// of use.
func readDiscovery(directory string) *Resources {
	groups := &metav1.APIGroupList{}
	if directory == "" || !readObject(filepath.Join(directory, groupsFile), groups) {
		return nil
	}
	lists := map[schema.GroupVersion]*metav1.APIResourceList{}
	groups, _, _ = dropForbiddenNames(groups, nil)
	for _, g := range groups.Groups {
		for _, v := range g.Versions {
			list := &metav1.APIResourceList{}
			gv := schema.GroupVersion{Group: g.Name, Version: v.Version}
			if readObject(resourcesPath(directory, gv), list) {
				lists[gv] = list
			}
		}
	}
	if len(lists) == 0 {
		return nil
	}
	groups, lists, _ = dropForbiddenNames(groups, lists)
	return resourcesFrom(groups, lists, nil)
}

// resourcesPath returns the file of a group version whose names are allowed, "" for a
// group whose folder would be in the place of the list of groups.
func resourcesPath(directory string, gv schema.GroupVersion) string {
	if gv.Group == groupsFile {
		return ""
	}
	return filepath.Join(directory, gv.Group, gv.Version, resourcesFile)
}

func readObject(path string, into runtime.Object) bool {
	// Whoever reads a pipe or a device waits.
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	data, err := os.ReadFile(path)
	return err == nil && runtime.DecodeInto(scheme.Codecs.UniversalDecoder(), data, into) == nil
}

// writeDiscovery keeps what the server said for the next start, and for kubectl. Where
// it cannot be written, nothing is kept.
func writeDiscovery(
	directory string,
	groups *metav1.APIGroupList,
	lists map[schema.GroupVersion]*metav1.APIResourceList,
) error {
	if directory == "" {
		return nil
	}
	var problem error
	for gv, list := range lists {
		if file := resourcesPath(directory, gv); file != "" && len(list.APIResources) > 0 {
			problem = errors.Join(problem, writeObject(file, list))
		}
	}
	problem = errors.Join(problem, writeObject(filepath.Join(directory, groupsFile), groups))
	if errors.Is(problem, fs.ErrPermission) {
		return nil
	}
	return problem
}

func sameText(path string, data []byte) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(data)) {
		return false
	}
	old, err := os.ReadFile(path)
	return err == nil && bytes.Equal(old, data)
}

// writeObject replaces a file as a whole, so that a reader never sees half of it.
func writeObject(path string, obj runtime.Object) error {
	data, err := runtime.Encode(scheme.Codecs.LegacyCodec(), obj)
	if err != nil {
		return err
	}
	if sameText(path, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o660), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
