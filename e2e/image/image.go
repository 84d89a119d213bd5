// Package image makes the container image of the test workload and gives it to a cluster, without a registry.
package image

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

// Repository is the image's name without its tag. Its domain can never be registered
// (RFC 6761), so a cluster without the image cannot fetch somebody else's.
const Repository = "fathom.test/workload"

// Tags are the versions of the image. They hold the same program; their IDs differ, as those of two releases do.
var Tags = []string{"1", "v41", "v42"}

// Import builds the workload and gives every version of its image to the cluster. It must be called from within the
// e2e module, as it runs go build.
func Import(ctx context.Context, cluster *provider.Cluster) error {
	program, err := build(ctx)
	if err != nil {
		return fmt.Errorf("build the workload: %w", err)
	}
	for _, tag := range Tags {
		var archive bytes.Buffer
		if err := write(&archive, tag, program); err != nil {
			return err
		}
		if err := cluster.ImportImage(ctx, Repository+":"+tag, &archive); err != nil {
			return err
		}
	}
	return nil
}

// build returns the workload as a static program for Linux on this machine's architecture.
func build(ctx context.Context) ([]byte, error) {
	folder, err := os.MkdirTemp("", "fathom-image-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "workload")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", path,
		"github.com/fathom-k8s/fathom/e2e/workload")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, output)
	}
	return os.ReadFile(path)
}

// write writes the archive of one version.
func write(w io.Writer, tag string, program []byte) error {
	return provider.WriteImage(w, Repository+":"+tag, []string{"/workload"},
		provider.ImageFile{Path: "/workload", Mode: 0o755, Data: program},
		provider.ImageFile{Path: "/version", Mode: 0o644, Data: []byte(tag + "\n")})
}
