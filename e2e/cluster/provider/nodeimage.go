package provider

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A node's image is a tar that is written as Docker reads it, so that no second copy of
// its gigabyte is kept:
//
//	Debian's root (debian.go) + kind's base files + our programs + /kind/images/*.tar
//
// Images cannot be in containerd's own folder: it is on a volume, which Docker would fill
// from the image for every node. A node imports them when it starts instead, a worker only
// those it needs.

// nodePrograms are the programs that a node's own system runs, by their path.
var nodePrograms = map[string]string{
	"containerd": "/usr/local/bin", "containerd-shim-runc-v2": "/usr/local/bin", "ctr": "/usr/local/bin",
	"kubeadm": "/usr/bin", "kubelet": "/usr/bin", "kubectl": "/usr/bin",
}

// nodeImages are the images that hold one program, by where they are needed.
var nodeImages = []struct{ program, folder, repository string }{
	{"pause", "all", "registry.k8s.io/pause"},
	{"kube-apiserver", "control-plane", "registry.k8s.io/kube-apiserver"},
	{"kube-controller-manager", "control-plane", "registry.k8s.io/kube-controller-manager"},
	{"kube-scheduler", "control-plane", "registry.k8s.io/kube-scheduler"},
	{"etcd", "control-plane", "registry.k8s.io/etcd"},
	{"coredns", "all", "registry.k8s.io/coredns/coredns"},
	{"metrics-server", "control-plane", metricsRepository},
}

// proxyPackages hold what kube-proxy runs: iptables, and the libraries of that.
var proxyPackages = []string{
	"libc6", "iptables", "libip4tc2", "libip6tc2", "libmnl0", "libnetfilter-conntrack3", "libnfnetlink0",
	"libnftnl11", "libxtables12",
}

// nodeProgramNames are the programs that are built for a node's image.
func nodeProgramNames() []string {
	names := []string{"kube-proxy"}
	for name := range nodePrograms {
		names = append(names, name)
	}
	for _, image := range nodeImages {
		names = append(names, image.program)
	}
	return names
}

// nodeImage is what a node's image is made of.
type nodeImage struct {
	// debian is the path of a tar with Debian's root, base kind's folder images/base/files.
	debian, base string
	// programs are the paths of the binaries, tags the tags of the images that hold one.
	programs, tags map[string]string
}

// write writes the image's root as a tar.
func (i nodeImage) write(w io.Writer) error {
	root := rootWriter{tar.NewWriter(w)}
	proxy, err := i.copyDebian(root)
	if err != nil {
		return fmt.Errorf("debian's root: %w", err)
	}
	if err := errors.Join(i.writeBase(root), i.writeSettings(root)); err != nil {
		return err
	}
	for name, folder := range nodePrograms {
		if err := root.copy(path.Join(folder, name), i.programs[name], 0o755); err != nil {
			return err
		}
	}
	for _, image := range nodeImages {
		program, err := os.ReadFile(i.programs[image.program])
		if err != nil {
			return err
		}
		var archive bytes.Buffer
		err = WriteImage(&archive, image.repository+":"+i.tags[image.program], []string{"/" + image.program},
			ImageFile{Path: "/" + image.program, Mode: 0o755, Data: program})
		if err != nil {
			return err
		}
		if err := root.file("/kind/images/"+image.folder+"/"+image.program+".tar", 0o644, archive.Bytes()); err != nil {
			return err
		}
	}
	var archive bytes.Buffer
	if err := i.writeProxy(&archive, proxy); err != nil {
		return err
	}
	if err := root.file("/kind/images/all/kube-proxy.tar", 0o644, archive.Bytes()); err != nil {
		return err
	}
	return root.Close()
}

// copyDebian copies Debian's root and returns a layer with the packages of kube-proxy.
func (i nodeImage) copyDebian(root rootWriter) (*bytes.Buffer, error) {
	wanted, err := i.packageFiles()
	if err != nil {
		return nil, err
	}
	var layer bytes.Buffer
	proxy := tar.NewWriter(&layer)
	err = eachEntry(i.debian, func(header *tar.Header, content io.Reader) error {
		if strings.HasPrefix(header.Name, "./dev/") || unwantedUnit(header.Name) {
			return nil
		}
		targets := []*tar.Writer{root.Writer}
		if partOfProxy(header, wanted) {
			targets = append(targets, proxy)
		}
		writers := make([]io.Writer, len(targets))
		for i, target := range targets {
			if err := target.WriteHeader(header); err != nil {
				return err
			}
			writers[i] = target
		}
		_, err := io.Copy(io.MultiWriter(writers...), content)
		return err
	})
	return &layer, errors.Join(err, proxy.Flush())
}

// partOfProxy reports whether an entry of Debian's root belongs into kube-proxy's image: the
// files and links of its packages, and the links of / to folders of /usr.
func partOfProxy(header *tar.Header, wanted map[string]bool) bool {
	name := path.Clean("/" + header.Name)
	switch header.Typeflag {
	case tar.TypeReg:
		return wanted[name]
	case tar.TypeSymlink:
		return wanted[name] || path.Dir(name) == "/"
	}
	return false
}

// packageFiles are the paths of kube-proxy's packages. A package may name a file by /lib,
// which is a link to /usr/lib.
func (i nodeImage) packageFiles() (map[string]bool, error) {
	files := map[string]bool{}
	err := eachEntry(i.debian, func(header *tar.Header, content io.Reader) error {
		name, ok := strings.CutSuffix(path.Base(header.Name), ".list")
		name, _, _ = strings.Cut(name, ":")
		if !ok || path.Dir(path.Clean(header.Name)) != "var/lib/dpkg/info" || !slices.Contains(proxyPackages, name) {
			return nil
		}
		list, err := io.ReadAll(content)
		for file := range strings.FieldsSeq(string(list)) {
			files[file], files["/usr"+file] = true, true
		}
		return err
	})
	return files, err
}

// unwantedUnit reports whether kind's Dockerfile deletes this link to a unit.
func unwantedUnit(name string) bool {
	folder, unit := path.Split(strings.TrimPrefix(name, "."))
	folder = strings.TrimPrefix(folder, "/usr")
	switch folder {
	case "/lib/systemd/system/sysinit.target.wants/":
		return unit == "systemd-tmpfiles-setup.service"
	case "/lib/systemd/system/multi-user.target.wants/", "/lib/systemd/system/local-fs.target.wants/",
		"/lib/systemd/system/basic.target.wants/":
		return unit != ""
	case "/lib/systemd/system/sockets.target.wants/":
		return strings.Contains(unit, "udev") || strings.Contains(unit, "initctl")
	}
	return strings.HasPrefix(folder, "/etc/systemd/system/") && strings.HasSuffix(folder, ".wants/") && unit != ""
}

// writeBase writes kind's own files with the modes that its Dockerfile gives them.
func (i nodeImage) writeBase(root rootWriter) error {
	return filepath.WalkDir(i.base, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(i.base, file)
		if err != nil {
			return err
		}
		mode := int64(0o644)
		if strings.Contains(relative, "/bin/") {
			mode = 0o755
		}
		return root.copy("/"+filepath.ToSlash(relative), file, mode)
	})
}

// writeProxy writes the image of kube-proxy, which runs iptables.
func (i nodeImage) writeProxy(w io.Writer, layer *bytes.Buffer) error {
	root := rootWriter{tar.NewWriter(layer)}
	for _, name := range []string{"iptables", "ip6tables"} {
		for _, suffix := range []string{"", "-save", "-restore"} {
			if err := root.link("/usr/sbin/"+name+suffix, "xtables-nft-multi"); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(root.copy("/usr/local/bin/kube-proxy", i.programs["kube-proxy"], 0o755),
		root.Close()); err != nil {
		return err
	}
	return writeLayer(w, "registry.k8s.io/kube-proxy:"+i.tags["kube-proxy"],
		map[string]any{"Env": []string{"PATH=" + systemPath}}, layer.Bytes())
}

// containerSpec is what every container's OCI configuration starts from. To raise a limit
// needs a right that root may lack, so there are none.
func (i nodeImage) containerSpec() ([]byte, error) {
	output, err := exec.Command(i.programs["ctr"], "oci", "spec").Output()
	if err != nil {
		return nil, fmt.Errorf("ctr oci spec: %w", commandError(err))
	}
	var spec map[string]any
	if err := json.Unmarshal(output, &spec); err != nil {
		return nil, err
	}
	if process, ok := spec["process"].(map[string]any); ok {
		delete(process, "rlimits")
	}
	return json.Marshal(spec)
}

// eachEntry calls do with the entries of a tar.
func eachEntry(file string, do func(*tar.Header, io.Reader) error) error {
	archive, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	reader := tar.NewReader(archive)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(header, reader); err != nil {
			return err
		}
	}
}

// rootWriter adds files of root to a tar.
type rootWriter struct{ *tar.Writer }

func (r rootWriter) file(name string, mode int64, data []byte) error {
	if err := r.WriteHeader(r.header(name, mode, int64(len(data)))); err != nil {
		return err
	}
	_, err := r.Write(data)
	return err
}

func (r rootWriter) copy(name, source string, mode int64) error {
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := r.WriteHeader(r.header(name, mode, info.Size())); err != nil {
		return err
	}
	_, err = io.Copy(r, file)
	return err
}

func (r rootWriter) link(name, target string) error {
	header := r.header(name, 0o777, 0)
	header.Typeflag, header.Linkname = tar.TypeSymlink, target
	return r.WriteHeader(header)
}

func (r rootWriter) header(name string, mode, size int64) *tar.Header {
	return &tar.Header{
		Name: "." + name, Mode: mode, Size: size, ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg,
	}
}

// kindBase is kind's folder images/base/files, in the module of the library.
func kindBase(ctx context.Context) (string, error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return "", err
	}
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kind")
	list.Dir = root
	output, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("find kind's module: %w", commandError(err))
	}
	return filepath.Join(strings.TrimSpace(string(output)), "images", "base", "files"), nil
}
