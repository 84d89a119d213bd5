package provider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// dockerPackages are what a Docker daemon is unpacked from. They are not installed: that
// would start a daemon, and change the machine.
var dockerPackages = []string{"docker.io", "containerd", "libdevmapper1.02.1"}

// rootRelease is the last release of Debian whose systemd starts on version 1 of cgroups.
const rootRelease = "bookworm"

// rootPackages are what a node's root holds besides the essential packages: what kind's
// Dockerfile installs, without the programs of network storage.
var rootPackages = []string{
	"systemd", "systemd-sysv", "dbus", "conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux",
	"mount", "kmod", "libseccomp2", "e2fsprogs", "ca-certificates", "curl", "jq", "procps", "socat",
	"containernetworking-plugins", "runc",
}

// debianRoot returns the path of a tar with the root of a Debian that boots in a container.
func debianRoot(ctx context.Context, cache string, progress io.Writer) (string, error) {
	target := filepath.Join(cache, "debian", rootRelease+"-"+digest(rootPackages...)+".tar")
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	tool, err := unpack(ctx, cache, progress, "debootstrap", []string{"debootstrap"})
	if err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(cache, "locks", "debian"), progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return "", err
	}
	root := strings.TrimSuffix(target, ".tar") + ".root"
	defer func() { _ = os.RemoveAll(root) }()
	if err := os.RemoveAll(root); err != nil {
		return "", err
	}
	fmt.Fprintln(progress, "making the nodes' Debian with debootstrap, which takes a minute or more")
	started := time.Now()
	bootstrap := exec.CommandContext(ctx, "/bin/sh", filepath.Join(tool, "usr/sbin/debootstrap"), "--variant=minbase",
		"--include="+strings.Join(rootPackages, ","), rootRelease, root)
	bootstrap.Env = append(os.Environ(), "DEBOOTSTRAP_DIR="+filepath.Join(tool, "usr/share/debootstrap"))
	if err := quiet(bootstrap); err != nil {
		return "", err
	}
	pack := []string{"-C", root, "-cf", target + ".partial"}
	for folder := range strings.FieldsSeq("var/cache/apt var/lib/apt/lists usr/share/doc usr/share/man usr/share/locale") {
		pack = append(pack, "--exclude=./"+folder)
	}
	if err := quiet(exec.CommandContext(ctx, "tar", append(pack, ".")...)); err != nil {
		return "", err
	}
	fmt.Fprintf(progress, "the nodes' Debian is there after %s\n", time.Since(started).Round(time.Second))
	return target, os.Rename(target+".partial", target)
}

// packagesFolder is where unpack puts the packages.
func packagesFolder(cache, name string, packages []string) string {
	return filepath.Join(cache, "packages", name+"-"+digest(packages...))
}

// unpack returns a folder with the files of Debian packages, which it downloads once.
func unpack(ctx context.Context, cache string, progress io.Writer, name string, packages []string) (string, error) {
	target := packagesFolder(cache, name, packages)
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if find(tool) == "" {
			return "", fmt.Errorf("%s comes from Debian's packages, and there is no %s here", name, tool)
		}
	}
	unlock, err := lock(ctx, filepath.Join(cache, "locks", "packages"), progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	fmt.Fprintf(progress, "downloading Debian packages: %s\n", strings.Join(packages, " "))
	partial := target + ".partial"
	if err := errors.Join(os.RemoveAll(partial), os.MkdirAll(filepath.Join(partial, "archives"), 0o755)); err != nil {
		return "", err
	}
	options := []string{"download", "-q", "-o", "APT::Sandbox::User=root"}
	download := exec.CommandContext(ctx, "apt-get", slices.Concat(options, packages)...)
	download.Dir = filepath.Join(partial, "archives")
	if err := errors.Join(quiet(exec.CommandContext(ctx, "apt-get", "update", "-q")), quiet(download)); err != nil {
		return "", err
	}
	archives, err := filepath.Glob(filepath.Join(partial, "archives", "*.deb"))
	if err != nil {
		return "", err
	}
	for _, archive := range archives {
		if err := quiet(exec.CommandContext(ctx, "dpkg-deb", "-x", archive, partial)); err != nil {
			return "", err
		}
	}
	return target, errors.Join(os.RemoveAll(filepath.Join(partial, "archives")), os.Rename(partial, target))
}

// quiet runs a command and shows what it wrote only if it fails.
func quiet(command *exec.Cmd) error {
	output, err := command.CombinedOutput()
	if err != nil {
		lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
		return fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err,
			bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
	}
	return nil
}

// digest is a short name for a list of words.
func digest(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, " ")))
	return hex.EncodeToString(sum[:])[:8]
}
