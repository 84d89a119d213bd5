package provider

import (
	"bufio"
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
	"sync/atomic"
	"time"

	"golang.org/x/mod/modfile"
)

// program is one binary that is built from a Go module.
type program struct {
	name string
	// folder is the module below the e2e module's root that pins the version.
	folder string
	// source is the package to build; pinned is the module in folder/go.mod whose
	// version is the program's version. A program of our own has none.
	source, pinned string
	tags           string
}

// programs is every program that a provider may run, in the order of building:
// those that take longest come first.
var programs = []program{
	kubernetesProgram("kube-apiserver"),
	kubernetesProgram("kube-controller-manager"),
	kubernetesProgram("kube-scheduler"),
	kubernetesProgram("kubelet"),
	kubernetesProgram("kube-proxy"),
	kubernetesProgram("kubectl"),
	{name: "etcd", folder: "binaries/etcd", source: "go.etcd.io/etcd/server/v3", pinned: "go.etcd.io/etcd/server/v3"},
	containerdProgram("containerd"),
	containerdProgram("containerd-shim-runc-v2"),
	containerdProgram("ctr"),
	{
		name:   "metrics-server",
		folder: "binaries/metrics-server",
		source: "sigs.k8s.io/metrics-server/cmd/metrics-server",
		pinned: "sigs.k8s.io/metrics-server",
	},
	{name: "kwok", folder: "binaries/kwok", source: "sigs.k8s.io/kwok/cmd/kwok", pinned: "sigs.k8s.io/kwok"},
	{
		name:   "kubeadm",
		folder: "binaries/kubeadm",
		source: "k8s.io/kubernetes/cmd/kubeadm",
		pinned: "k8s.io/kubernetes",
	},
	{name: "coredns", folder: "binaries/coredns", source: ".", pinned: "github.com/coredns/coredns"},
	{name: "pause", folder: "cluster/pause", source: "."},
	{name: "dropcaps", folder: "cluster/dropcaps", source: "."},
}

func kubernetesProgram(name string) program {
	return program{name: name, folder: "binaries/kubernetes", source: "k8s.io/kubernetes/cmd/" + name,
		pinned: "k8s.io/kubernetes"}
}

func containerdProgram(name string) program {
	const module = "github.com/containerd/containerd/v2"
	return program{name: name, folder: "binaries/containerd", source: module + "/cmd/" + name, pinned: module,
		tags: "no_btrfs"}
}

// cacheRoot is where everything lives that outlasts one run: FATHOM_E2E_CACHE, or
// fathom-e2e in the user's cache folder.
func cacheRoot() (string, error) {
	if root := os.Getenv("FATHOM_E2E_CACHE"); root != "" {
		return filepath.Abs(root)
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w; set FATHOM_E2E_CACHE to a folder for binaries and clusters", err)
	}
	return filepath.Join(user, "fathom-e2e"), nil
}

// moduleRoot is the folder of the e2e module, which holds the pinned versions.
func moduleRoot(ctx context.Context) (string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/fathom-k8s/fathom/e2e")
	output, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("find the e2e module with the go command (run this inside the checkout's e2e folder): %w",
			commandError(err))
	}
	return strings.TrimSpace(string(output)), nil
}

// build returns the paths of the programs, by name, building those that the cache
// lacks. Any number of processes may build at once: one does, the others wait.
func build(ctx context.Context, progress io.Writer, names ...string) (map[string]string, error) {
	cache, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return nil, err
	}
	paths := map[string]string{}
	var missing []program
	for _, program := range programs {
		if !slices.Contains(names, program.name) {
			continue
		}
		path, err := program.path(cache, root)
		if err != nil {
			return nil, err
		}
		paths[program.name] = path
		if _, err := os.Stat(path); err != nil {
			missing = append(missing, program)
		}
	}
	if len(missing) == 0 {
		return paths, nil
	}
	unlock, err := lock(ctx, filepath.Join(cache, "locks", "build"), progress)
	if err != nil {
		return nil, err
	}
	defer unlock()
	for i, program := range missing {
		label := fmt.Sprintf("building %s (%d of %d)", program.name, i+1, len(missing))
		if err := program.build(ctx, progress, label, root, paths[program.name]); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// path names the binary after everything that decides what is in it.
func (p program) path(cache, root string) (string, error) {
	version, err := p.version(root)
	if err != nil {
		return "", err
	}
	inputs := []string{"go.mod", "go.sum"}
	if p.pinned == "" {
		inputs = []string{"main.go"}
	}
	digest := sha256.New()
	for _, input := range inputs {
		data, err := os.ReadFile(filepath.Join(root, p.folder, input))
		if err != nil {
			return "", err
		}
		digest.Write(data)
	}
	folder := filepath.Base(p.folder) + "-" + version + "-" + hex.EncodeToString(digest.Sum(nil))[:8]
	return filepath.Join(cache, "bin", folder, p.name), nil
}

// version is the pinned module's version, or "local" for a program of our own.
func (p program) version(root string) (string, error) {
	if p.pinned == "" {
		return "local", nil
	}
	path := filepath.Join(root, p.folder, "go.mod")
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	module, err := modfile.ParseLax(path, data, nil)
	if err != nil {
		return "", err
	}
	for _, require := range module.Require {
		if require.Mod.Path == p.pinned {
			return require.Mod.Version, nil
		}
	}
	return "", fmt.Errorf("%s does not require %s", path, p.pinned)
}

// build compiles into a temporary file next to the target, so that the target is always
// a whole binary.
func (p program) build(ctx context.Context, progress io.Writer, label, root, target string) error {
	if _, err := os.Stat(target); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	version, err := p.version(root)
	if err != nil {
		return err
	}
	partial := fmt.Sprintf("%s.partial-%d", target, os.Getpid())
	defer func() { _ = os.Remove(partial) }()

	command := exec.CommandContext(
		ctx,
		"go",
		"build",
		"-v",
		"-trimpath",
		"-buildvcs=false",
		"-tags",
		p.tags,
		"-ldflags",
		ldflags(p.pinned, version),
		"-o",
		partial,
		p.source,
	)
	command.Dir = filepath.Join(root, p.folder)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	output, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("%s: %w", label, err)
	}
	tail := report(progress, label, output)
	if err := command.Wait(); err != nil {
		return fmt.Errorf("%s: %w\n%s", label, err, tail)
	}
	return os.Rename(partial, target)
}

// ldflags drop debug information and give Kubernetes' programs the version that
// their own build scripts would.
func ldflags(module, version string) string {
	flags := "-s -w"
	if module != "k8s.io/kubernetes" {
		return flags
	}
	number := strings.Split(strings.TrimPrefix(version, "v"), ".")
	const variable = " -X k8s.io/component-base/version."
	return flags + variable + "gitVersion=" + version + variable + "gitMajor=" + number[0] + variable + "gitMinor=" +
		number[1]
}

// report prints the label now and, with the count of compiled packages, every ten
// seconds until the output of go build -v ends. It returns the last lines.
func report(progress io.Writer, label string, output io.Reader) string {
	start := time.Now()
	var compiled atomic.Int64
	done := make(chan struct{})
	defer close(done)
	fmt.Fprintln(progress, label)
	go func() {
		ticker := time.NewTicker(10 * time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				fmt.Fprintf(
					progress,
					"%s: %d packages compiled, %s\n",
					label,
					compiled.Load(),
					time.Since(start).Round(time.Second),
				)
			}
		}
	}()
	var tail []string
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "go: downloading ") {
			compiled.Add(1)
		}
		tail = append(tail, lines.Text())
		if len(tail) > 15 {
			tail = tail[1:]
		}
	}
	return strings.Join(tail, "\n")
}

// commandError adds what a program wrote to stderr to the error of its exit.
func commandError(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}
