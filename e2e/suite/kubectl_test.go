package suite

import (
	"os"
	"path/filepath"
	"testing"
)

// kubectlApply creates the objects of a YAML text in a namespace.
func kubectlApply(t *testing.T, namespace, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "objects.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	kubectl(t, "apply", "-n", namespace, "-f", file)
}
