// Package program builds fathom from the working tree.
package program

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build builds the program as the Makefile does, with the version that git describes,
// and puts it in place in one step: processes that run the previous one are not
// disturbed. It must be called from within the e2e module.
func Build(ctx context.Context, path string) error {
	module, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("find the e2e module: %w", err)
	}
	root := filepath.Dir(filepath.Dir(strings.TrimSpace(string(module))))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	fresh := filepath.Join(folder, "fathom")
	flags := "-s -w -X github.com/fathom-k8s/fathom/cmd/fathom/version.Number=" + version(ctx, root)
	command := exec.CommandContext(
		ctx,
		"go",
		"build",
		"-C",
		root,
		"-trimpath",
		"-ldflags",
		flags,
		"-o",
		fresh,
		"./cmd/fathom",
	)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return os.Rename(fresh, path)
}

// version is "dev" where there is no git.
func version(ctx context.Context, root string) string {
	text, err := exec.CommandContext(ctx, "git", "-C", root, "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		return "dev"
	}
	return strings.TrimSpace(string(text))
}
