package kube

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// uglyNames are names that no API server of Kubernetes gives anything.
var uglyNames = []string{
	"..", ".", "../..", "a/../../x", "/etc", "a/b", "a//b", "%2e%2e", "a\x00b", "a\nb", "\x1b[31m", "höhe", "💥",
	strings.Repeat("x", 300), "Apps", "-a", "a-", "a b", `a\b`, "~", "a:b",
}

func TestNamesOfDiscovery(t *testing.T) {
	for _, name := range uglyNames {
		if groupAllowed(name) {
			t.Errorf("group %q", name)
		}
		if versionAllowed(name) {
			t.Errorf("version %q", name)
		}
	}
	for _, name := range []string{
		"", ".", "..", "../x", "pods/../../x", "pods//log", "a%2fb", "a\x00b", "höhe", "a b", strings.Repeat("x", 300),
	} {
		if resourceAllowed(name) {
			t.Errorf("resource %q", name)
		}
	}
	if versionAllowed("") || versionAllowed("servergroups.json") || versionAllowed("1") {
		t.Error("a version that is not a label")
	}
	for _, name := range []string{"", "apps", "metrics.k8s.io", "1password.com", "servergroups.json"} {
		if !groupAllowed(name) {
			t.Errorf("not group %q", name)
		}
	}
	for _, name := range []string{"v1", "v2beta1", "v1alpha1"} {
		if !versionAllowed(name) {
			t.Errorf("not version %q", name)
		}
	}
	for _, name := range []string{"pods", "pods/log", "jobs.batch/http_requests", "s0-rabbitmq_Queue:x"} {
		if !resourceAllowed(name) {
			t.Errorf("not resource %q", name)
		}
	}
}

// TestUglyNamesAreWrittenNowhere writes and reads back a discovery in which everything has
// an ugly name too.
func TestUglyNamesAreWrittenNowhere(t *testing.T) {
	groups, lists := &metav1.APIGroupList{}, map[schema.GroupVersion]*metav1.APIResourceList{}
	add := func(group, version string, resources ...string) {
		gv := schema.GroupVersion{Group: group, Version: version}
		of := metav1.GroupVersionForDiscovery{GroupVersion: gv.String(), Version: version}
		groups.Groups = append(groups.Groups, metav1.APIGroup{
			Name: group, Versions: []metav1.GroupVersionForDiscovery{of}, PreferredVersion: of,
		})
		list := &metav1.APIResourceList{GroupVersion: gv.String()}
		for _, r := range resources {
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: r, Kind: "X", Verbs: []string{"list"}})
		}
		lists[gv] = list
	}
	add("", "v1", append([]string{"pods", "pods/log"}, uglyNames...)...)
	add("servergroups.json", "v1", "files")
	for _, name := range append(uglyNames, "servergroups.json") {
		add(name, "v1", "things")
		add("fine.test", name, "things")
	}
	parent := t.TempDir()
	directory := filepath.Join(parent, "discovery", "server")
	allowed, kept, dropped := dropForbiddenNames(groups, lists)
	if err := writeDiscovery(directory, allowed, kept); err != nil {
		t.Error(err)
	}
	for _, g := range allowed.Groups {
		if !groupAllowed(g.Name) || slices.Contains(uglyNames, g.PreferredVersion.Version) {
			t.Errorf("kept %+v", g)
		}
	}
	if len(dropped) < 2*len(uglyNames) {
		t.Errorf("%d names were dropped: %q", len(dropped), dropped)
	}
	var written []string
	_ = filepath.WalkDir(parent, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(directory, path)
			written = append(written, name)
		}
		return err
	})
	if want := []string{"servergroups.json", "v1/serverresources.json"}; !slices.Equal(written, want) {
		t.Errorf("written %q, want %q", written, want)
	}
	r := readDiscovery(directory)
	if r == nil || len(r.All()) < 1 || len(r.Find("pods")) != 1 || len(r.Find("things")) != 0 {
		t.Fatalf("read back %+v", r)
	}
	// What another program has written is not believed either.
	if err := writeObject(filepath.Join(directory, groupsFile), groups); err != nil {
		t.Fatal(err)
	}
	if err := writeObject(filepath.Join(parent, "x", resourcesFile), lists[schema.GroupVersion{Group: "a/../../x",
		Version: "v1"}]); err != nil {
		t.Fatal(err)
	}
	if r := readDiscovery(directory); r == nil || len(r.Find("things")) != 0 {
		t.Errorf("read from outside of the folder: %+v", r)
	}
}

// TestDiscoveryCacheStaysInItsFolder has a kubeconfig whose server's address leads out of
// the cache, and a pipe in the place of a file.
func TestDiscoveryCacheStaysInItsFolder(t *testing.T) {
	cache := t.TempDir()
	flags := genericclioptions.NewConfigFlags(false)
	flags.CacheDir = &cache
	for host, want := range map[string]string{
		"https://10.0.0.1:6443":         filepath.Join(cache, "discovery", "10.0.0.1_6443"),
		"https://rancher/k8s/clusters/": filepath.Join(cache, "discovery", "rancher", "k8s", "clusters"),
		"https://../../..":              "",
		"https://x/../../../../etc":     "",
	} {
		if got := discoveryDirectory(cacheDirectory(flags), host); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	if readObject(os.DevNull, &metav1.APIGroupList{}) {
		t.Error("a device was read")
	}
}
