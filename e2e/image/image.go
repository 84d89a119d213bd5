// Package image makes the container image of the test workload, without a registry, a Dockerfile or a container tool.
package image

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Repository is the name of the workload image without its tag. Its domain can never be registered (RFC 6761), so a
// cluster that was not given the image cannot fetch somebody else's.
const Repository = "fathom.test/workload"

// Tags are the versions of the workload image. They hold the same program; their IDs differ, as those of two releases do.
var Tags = []string{"1", "v41", "v42"}

// Build compiles the workload for Linux on this machine's architecture and writes it as a docker-archive to path.
// The file is the same byte for byte when the program is. It must be called from within the e2e module, as it runs go build.
func Build(ctx context.Context, path string) error {
	folder, err := os.MkdirTemp("", "fathom-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "workload")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary,
		"github.com/fathom-k8s/fathom/e2e/workload")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the workload: %w\n%s", err, output)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := Write(&archive, program, Repository, Tags...); err != nil {
		return err
	}
	return os.WriteFile(path, archive.Bytes(), 0o644)
}

// Write writes a docker-archive with one image per tag to w. Each has a single layer that holds nothing but the
// static program, as its entry point.
func Write(w io.Writer, program []byte, repository string, tags ...string) error {
	const layerName = "layer.tar"
	var layer bytes.Buffer
	if err := writeTar(&layer, file{"program", program, 0o755}); err != nil {
		return err
	}
	type entry struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	var manifest []entry
	files := []file{{layerName, layer.Bytes(), 0o644}}
	for _, tag := range tags {
		config, err := json.Marshal(map[string]any{
			"architecture": runtime.GOARCH,
			"os":           "linux",
			"config": map[string]any{
				"Entrypoint": []string{"/program"},
				"Labels":     map[string]string{"org.opencontainers.image.version": tag},
			},
			"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer.Bytes())}},
		})
		if err != nil {
			return err
		}
		name := digest(config) + ".json"
		files = append(files, file{name, config, 0o644})
		manifest = append(manifest, entry{name, []string{repository + ":" + tag}, []string{layerName}})
	}
	index, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	return writeTar(w, append(files, file{"manifest.json", index, 0o644})...)
}

type file struct {
	name    string
	content []byte
	mode    int64
}

func writeTar(w io.Writer, files ...file) error {
	archive := tar.NewWriter(w)
	for _, f := range files {
		if err := archive.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content))}); err != nil {
			return err
		}
		if _, err := archive.Write(f.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
