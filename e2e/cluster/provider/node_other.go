//go:build !linux

package provider

import (
	"context"
	"io"
	"os/exec"
)

// hasContainers is false where there are no namespaces: native is a control plane alone.
func hasContainers() bool { return false }

func find(string) string { return "" }

func installPackages(context.Context, string, io.Writer) error { return nil }

func startNode(string, string, func(process) error) error { return ErrUnsupported }

func startInside(process, *exec.Cmd) error { return ErrUnsupported }

func connectNode(context.Context, process) (string, int, error) { return "", 0, ErrUnsupported }

func makeCgroups(string) error { return ErrUnsupported }

func removeNode(context.Context, string, string, int, func(string, ...any)) error { return nil }
