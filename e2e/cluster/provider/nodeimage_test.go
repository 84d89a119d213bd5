package provider

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestNodeImage puts an image together of a small Debian and programs that hold their names.
func TestNodeImage(t *testing.T) {
	folder := t.TempDir()
	image := nodeImage{
		debian: filepath.Join(folder, "debian.tar"), base: filepath.Join(folder, "base"),
		programs: map[string]string{}, tags: map[string]string{"kube-apiserver": "v1.2.3", "etcd": "v3.0.0"},
	}
	for _, name := range nodeProgramNames() {
		image.programs[name] = filepath.Join(folder, name)
		script := "#!/bin/sh\necho '" + `{"process":{"rlimits":[1],"cwd":"/"}}` + "' # " + name + "\n"
		if err := os.WriteFile(image.programs[name], []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(image.base, "kind", "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kind/README.txt", "kind/bin/fix.sh"} {
		if err := os.WriteFile(filepath.Join(image.base, name), []byte(name), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	writeDebian(t, image.debian)
	var written bytes.Buffer
	if err := image.write(&written); err != nil {
		t.Fatal(err)
	}
	entries := entriesOf(t, &written)
	for name, want := range map[string]string{
		"./usr/sbin/xtables-nft-multi": "iptables", "./kind/bin/fix.sh": "kind/bin/fix.sh 755",
		"./kind/README.txt": "kind/README.txt 644", "./kind/version": "v1.2.3 644",
		"./opt/cni/bin": "-> /usr/lib/cni", "./etc/containerd/cri-base.json": `{"process":{"cwd":"/"}} 644`,
		"./lib": "-> usr/lib", "./usr/bin/kubelet": "# kubelet",
	} {
		if !strings.Contains(entries[name], want) {
			t.Errorf("%s: got %q, want %q", name, entries[name], want)
		}
	}
	for _, name := range []string{
		"./dev/null", "./lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
		"./etc/systemd/system/timers.target.wants/apt.timer",
	} {
		if _, ok := entries[name]; ok {
			t.Errorf("%s is in the image", name)
		}
	}
	checkProxy(t, entries["./kind/images/all/kube-proxy.tar"])
	if _, ok := entries["./kind/images/control-plane/etcd.tar"]; !ok {
		t.Error("the image of etcd is missing")
	}
}

// checkProxy looks into the image of kube-proxy.
func checkProxy(t *testing.T, archive string) {
	t.Helper()
	outer := entriesOf(t, strings.NewReader(strings.TrimSuffix(archive, " 644")))
	layer := entriesOf(t, strings.NewReader(strings.TrimSuffix(outer["layer.tar"], " 644")))
	for name, want := range map[string]string{
		"./usr/sbin/xtables-nft-multi": "iptables", "./usr/sbin/iptables": "-> xtables-nft-multi",
		"./usr/lib/libc.so.6": "libc", "./lib": "-> usr/lib", "./usr/local/bin/kube-proxy": "# kube-proxy",
	} {
		if !strings.Contains(layer[name], want) {
			t.Errorf("kube-proxy's %s: got %q, want %q", name, layer[name], want)
		}
	}
	if _, ok := layer["./usr/bin/jq"]; ok {
		t.Error("jq is in the image of kube-proxy")
	}
}

func writeDebian(t *testing.T, path string) {
	t.Helper()
	var debian bytes.Buffer
	root := rootWriter{tar.NewWriter(&debian)}
	err := errors.Join(
		root.link("/lib", "usr/lib"),
		root.file("/usr/sbin/xtables-nft-multi", 0o755, []byte("iptables")),
		root.file("/usr/lib/libc.so.6", 0o644, []byte("libc")),
		root.file("/usr/bin/jq", 0o755, []byte("jq")),
		root.file("/dev/null", 0o644, nil),
		root.file("/var/lib/dpkg/info/iptables.list", 0o644, []byte("/.\n/usr/sbin/xtables-nft-multi\n")),
		root.file("/var/lib/dpkg/info/libc6:amd64.list", 0o644, []byte("/lib/libc.so.6\n")),
		root.file("/var/lib/dpkg/info/jq.list", 0o644, []byte("/usr/bin/jq\n")),
		root.link("/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service", "x"),
		root.link("/etc/systemd/system/timers.target.wants/apt.timer", "x"),
		root.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, debian.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// entriesOf maps names to the content with the mode, or to what a link names.
func entriesOf(t *testing.T, archive io.Reader) map[string]string {
	t.Helper()
	entries := map[string]string{}
	reader := tar.NewReader(archive)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeSymlink {
			entries[header.Name] = "-> " + header.Linkname
		} else {
			entries[header.Name] = string(data) + " " + strconv.FormatInt(header.Mode, 8)
		}
	}
}
