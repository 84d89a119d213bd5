package dump

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// benchPods writes what kubectl get pods -A -o yaml prints for a number of pods, 3 KB
// each.
func benchPods(b *testing.B, count int) (path string, size int64) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "pods.yaml")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = f.WriteString("apiVersion: v1\nitems:\n")
	for i := range count {
		text := pod("shop", fmt.Sprintf("web-%d", i)) + "    env:\n"
		for j := range 20 {
			text += fmt.Sprintf("    - name: VARIABLE_%d\n      value: \"%d\"\n", j, i*j)
		}
		text += "status:\n  phase: Running\n  conditions:\n"
		for _, name := range []string{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady",
			"PodScheduled"} {
			text += "  - lastProbeTime: null\n    lastTransitionTime: \"2026-01-02T03:00:00Z\"\n" +
				"    observedGeneration: 1\n    status: \"True\"\n    type: " + name + "\n"
		}
		text += "  message: " + strings.Repeat("words and more words ", 40) + "end\n"
		_, _ = f.WriteString(indented(text, "- ", "  "))
	}
	_, _ = f.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

// BenchmarkOpen opens 10,000 pods.
func BenchmarkOpen(b *testing.B) {
	path, size := benchPods(b, 10_000)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		d, err := Open(b.Context(), path, nil, Options{})
		if err != nil || d.Objects != 10_000 || len(d.Problems) > 0 {
			b.Fatal(err)
		}
	}
}

// BenchmarkSplit cuts them only.
func BenchmarkSplit(b *testing.B) {
	path, size := benchPods(b, 10_000)
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		if all, problems, err := rawObjects(text); len(all) != 10_000 || problems > 0 || err != nil {
			b.Fatal(len(all), problems, err)
		}
	}
}
