package provider_test

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

// kindLeft is the name of the cluster that must leave nothing behind.
const kindLeft = "kind-left"

// TestKindLeavesNothing starts a cluster whose first start is killed in its middle, starts
// it once more, and compares the machine before and after.
func TestKindLeavesNothing(t *testing.T) {
	if os.Getenv("FATHOM_E2E_PROVIDER") != "kind" {
		t.Skip("it takes minutes: `make test PROVIDER=kind` runs it")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root gets a daemon of its own; kind leaves its network on the machine's")
	}
	if os.Getenv("FATHOM_E2E_INSIDE") != "" {
		clusters := kindClusters(t)
		_, err := clusters.Up(t.Context())
		t.Fatalf("the start was to be killed, and ended with %v", err)
	}
	clusters := kindClusters(t)
	down := func() {
		if err := clusters.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(down)
	down()
	before := machine(t)
	killAt(t, "Preparing nodes")
	for turn := range 2 {
		if _, err := clusters.Up(t.Context()); err != nil {
			t.Fatalf("turn %d: %v", turn, err)
		}
		started := time.Now()
		cluster, err := clusters.Up(t.Context())
		if err != nil || cluster.RealNodes != 3 || time.Since(started) > time.Minute {
			t.Fatalf("turn %d: found running after %s: %v", turn, time.Since(started), err)
		}
		down()
		down()
		after := machine(t)
		for what := range before {
			for _, line := range after[what] {
				if !slices.Contains(before[what], line) {
					t.Errorf("turn %d: %s is left: %s", turn, what, line)
				}
			}
		}
		for what := range maps.Keys(after) {
			if _, ok := before[what]; !ok {
				t.Errorf("turn %d: %s was not looked at before", turn, what)
			}
		}
	}
}

func kindClusters(t *testing.T) provider.Provider {
	t.Helper()
	clusters, err := provider.New(provider.Options{Name: kindLeft, Provider: "kind", Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	return clusters
}

// killAt starts the cluster in another process and kills that when it says the words.
func killAt(t *testing.T, words string) {
	t.Helper()
	inside := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKindLeavesNothing$")
	inside.Env = append(os.Environ(), "FATHOM_E2E_INSIDE=yes")
	output, err := inside.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := inside.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = inside.Wait() }()
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		t.Log(lines.Text())
		if strings.Contains(lines.Text(), words) {
			if err := inside.Process.Kill(); err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Fatalf("it never said %q", words)
}

// machine lists what a cluster could leave behind. What other clusters of this machine
// have is left out where it can be told apart.
func machine(t *testing.T) map[string][]string {
	t.Helper()
	cache := os.Getenv("FATHOM_E2E_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(user, "fathom-e2e")
	}
	found := map[string][]string{
		"file":      glob(t, filepath.Join(cache, "kind", kindLeft, "*")),
		"cgroup":    glob(t, "/sys/fs/cgroup/*/fathom-kind-"+kindLeft, "/sys/fs/cgroup/fathom-kind-"+kindLeft),
		"docker":    glob(t, "/run/docker*", "/var/lib/docker*", "/etc/docker*", "/run/containerd*"),
		"mount":     {},
		"process":   {},
		"rule":      {},
		"interface": {},
		"setting":   {},
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, kindLeft) || strings.Contains(line, "docker") {
			found["mount"] = append(found["mount"], line)
		}
	}
	for _, command := range glob(t, "/proc/[0-9]*/cmdline") {
		data, _ := os.ReadFile(command)
		if strings.Contains(string(data), "/kind/"+kindLeft+"/") || strings.Contains(string(data), "dockerd") {
			found["process"] = append(found["process"], strings.ReplaceAll(string(data), "\x00", " "))
		}
	}
	rules, err := exec.CommandContext(t.Context(), "iptables-save").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(rules)) {
		if strings.HasPrefix(line, "-A") || strings.HasPrefix(line, ":") && !strings.Contains(line, " - ") {
			line, _, _ = strings.Cut(line, " [")
			found["rule"] = append(found["rule"], line)
		}
	}
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if !strings.HasPrefix(link.Name, "fathom") {
			found["interface"] = append(found["interface"], link.Name)
		}
	}
	for setting := range strings.FieldsSeq("vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops " +
		"net/ipv4/ip_forward fs/inotify/max_user_instances kernel/keys/root_maxkeys kernel/keys/root_maxbytes") {
		data, err := os.ReadFile("/proc/sys/" + setting)
		found["setting"] = append(found["setting"], fmt.Sprintf("%s = %s %v", setting, data, err))
	}
	return found
}

func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var paths []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}
