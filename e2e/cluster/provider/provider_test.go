package provider

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNewRefusesWhatCannotBe(t *testing.T) {
	t.Setenv("FATHOM_E2E_PROVIDER", "")
	tests := []struct {
		name    string
		options Options
		want    string
	}{
		{"upper case", Options{Name: "Fathom", Provider: "native"}, "lower case"},
		{"a path", Options{Name: "../x", Provider: "native"}, "lower case"},
		{"a digit first", Options{Name: "1a", Provider: "native"}, "lower case"},
		{
			"too long for a cgroup, a node and a context",
			Options{Name: "aaaaaaaaaaaaaaaaaaaaa", Provider: "native"},
			"at most 20",
		},
		{"unknown provider", Options{Provider: "minikube"}, "auto, native, kind, existing"},
		{"less than no nodes", Options{Provider: "native", Nodes: -1}, "0 or more"},
		{"simulated nodes on somebody's cluster", Options{Provider: "existing", Nodes: 1}, "native has them"},
		{"simulated nodes on kind", Options{Provider: "kind", Nodes: 1}, "native has them"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestProviderComesFromTheEnvironment(t *testing.T) {
	t.Setenv("FATHOM_E2E_PROVIDER", "existing")
	chosen, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := chosen.(*existing); !ok {
		t.Errorf("got %T, want *existing", chosen)
	}
}

// TestProviderOfAClusterThatIsThere finds a kind cluster by its name alone.
func TestProviderOfAClusterThatIsThere(t *testing.T) {
	if !hasContainers() {
		t.Skip("without root, kind needs a Docker daemon")
	}
	cache := t.TempDir()
	t.Setenv("FATHOM_E2E_CACHE", cache)
	t.Setenv("FATHOM_E2E_PROVIDER", "auto")
	if err := os.MkdirAll(filepath.Join(cache, "kind", "there"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, kinds := range map[string]bool{"there": true, "elsewhere": false} {
		chosen, err := New(Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if _, is := chosen.(*kind); is != kinds {
			t.Errorf("%s is of %T", name, chosen)
		}
	}
}

func TestCapabilitiesSayWhatIsThere(t *testing.T) {
	tests := []struct {
		capabilities Capabilities
		want         string
	}{
		{Capabilities{}, "no real pods"},
		{Capabilities{Faults: true}, "no real pods, faults"},
		{Capabilities{RealPods: true, RealNodes: 3, Images: true}, "3 real node(s), image import"},
		{
			Capabilities{RealPods: true, RealNodes: 1, SimulatedNodes: 5000, Metrics: true},
			"1 real node(s), 5000 simulated node(s), metrics",
		},
	}
	for _, test := range tests {
		if got := test.capabilities.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestExistingSaysWhatIsMissing(t *testing.T) {
	t.Setenv("FATHOM_E2E_CACHE", t.TempDir())
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	_, err := Open(t.Context(), Options{Provider: "existing"})
	if err == nil || !strings.Contains(err.Error(), "set KUBECONFIG") {
		t.Errorf("got %v, want the way out", err)
	}
}

func TestImageIsTheSameEachTimeAndHoldsItsFiles(t *testing.T) {
	write := func() []byte {
		var archive bytes.Buffer
		err := WriteImage(&archive, "fathom.test/app:1", []string{"/app", "serve"},
			ImageFile{Path: "/app", Mode: 0o755, Data: []byte("program")}, ImageFile{Path: "/empty", Mode: 0o600})
		if err != nil {
			t.Fatal(err)
		}
		return archive.Bytes()
	}
	first := write()
	if !bytes.Equal(first, write()) {
		t.Error("two archives of the same files differ")
	}
	outer := readTar(t, first)
	var manifest []struct {
		Config           string
		RepoTags, Layers []string
	}
	if err := json.Unmarshal(outer["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest) != 1 || manifest[0].RepoTags[0] != "fathom.test/app:1" || outer[manifest[0].Config] == nil {
		t.Errorf("manifest %+v", manifest)
	}
	layer := readTar(t, outer[manifest[0].Layers[0]])
	if string(layer["app"]) != "program" || layer["empty"] == nil || layer["tmp/"] == nil {
		t.Errorf("layer holds %v", layer)
	}
}

func readTar(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	reader := tar.NewReader(bytes.NewReader(data))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInterruptedBuildLeavesNoBinary(t *testing.T) {
	root, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pause := programs[len(programs)-1]
	cache := t.TempDir()
	target, err := pause.path(cache, root)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	progress := writerFunc(func(string) { cancel() })
	if err := pause.build(ctx, progress, "building", root, target); err == nil {
		t.Error("the build was interrupted and says nothing")
	}
	_ = filepath.WalkDir(cache, func(path string, entry fs.DirEntry, _ error) error {
		if !entry.IsDir() {
			t.Errorf("left %s", path)
		}
		return nil
	})
	if err := pause.build(t.Context(), io.Discard, "building", root, target); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("binary: %v, %v", info, err)
	}
}

func TestEveryProgramHasAPinnedVersion(t *testing.T) {
	root, err := moduleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		version, err := program.version(root)
		if err != nil {
			t.Errorf("%s: %v", program.name, err)
		}
		if program.pinned != "" && !strings.HasPrefix(version, "v") {
			t.Errorf("%s: version %q", program.name, version)
		}
	}
}

func TestKubernetesProgramsSayTheirVersion(t *testing.T) {
	got := ldflags("k8s.io/kubernetes", "v1.36.3")
	for _, want := range []string{"version.gitVersion=v1.36.3 ", "version.gitMajor=1 ", "version.gitMinor=36"} {
		if !strings.Contains(got+" ", want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
	if got := ldflags("sigs.k8s.io/kwok", "v0.8.0"); strings.Contains(got, "-X") {
		t.Errorf("got %q for another module", got)
	}
}

func TestStateSurvivesAndKnowsItsProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	if empty, err := readState(path); err != nil || len(empty.Processes) > 0 {
		t.Fatalf("no file: got %+v, %v", empty, err)
	}
	var written state
	written.record(process{Name: "etcd", PID: 1, Start: "a"})
	written.record(process{Name: "kubelet", PID: 2, Start: "b"})
	written.record(process{Name: "etcd", PID: 3, Start: "c"})
	if err := written.write(path); err != nil {
		t.Fatal(err)
	}
	got, err := readState(path)
	if err != nil {
		t.Fatal(err)
	}
	if etcd, ok := got.process("etcd"); !ok || etcd.PID != 3 || len(got.Processes) != 2 {
		t.Errorf("got %+v, want one etcd, the last", got.Processes)
	}
	if err := os.WriteFile(path, []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readState(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("broken file: got %v, want its path", err)
	}
}

func TestAnotherProcessWithTheSameNumberIsNotOurs(t *testing.T) {
	own := os.Getpid()
	tests := []struct {
		name    string
		process process
		want    bool
	}{
		{"this one", process{PID: own, Start: processStart(own)}, true},
		{"an earlier one", process{PID: own, Start: "another boot/1"}, false},
		{"one whose start was never seen", process{PID: own}, false},
		{"none", process{}, false},
	}
	for _, test := range tests {
		if got := test.process.alive(); got != test.want {
			t.Errorf("%s: alive is %t", test.name, got)
		}
	}
}

func TestLockIsHeldByOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "lock")
	unlock, err := lock(t.Context(), path, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var said strings.Builder
	if _, err := lock(ctx, path, &said); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(said.String(),
		path) {
		t.Errorf("second lock: got %v and said %q", err, said.String())
	}
	unlock()
	again, err := lock(t.Context(), path, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// writerFunc hands every write to a function.
type writerFunc func(line string)

func (f writerFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}
