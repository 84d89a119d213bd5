//go:build unix

package saved

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// TestOpenPipe opens what somebody writes to a pipe, which can be read only once.
func TestOpenPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = os.WriteFile(pipe, []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n"), 0o600)
	}()
	c, err := Open(t.Context(), pipe, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Name != "pipe" || c.Address != pipe || !slices.Equal(c.Namespaces, []string{"shop"}) {
		t.Errorf("opened %+v", c)
	}
}
