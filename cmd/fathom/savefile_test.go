package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/ui"
)

// TestSavingTwice saves the same thing twice in a second, as in an incident.
func TestSavingTwice(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	now := time.Date(2026, 11, 30, 14, 2, 9, 0, time.UTC)
	for _, want := range []string{
		"prod-shop-pod-web-1-20261130-140209.log", "prod-shop-pod-web-1-20261130-140209-2.log",
		"prod-shop-pod-web-1-20261130-140209-3.log",
	} {
		path, err := saveFileAt(now, "prod-shop-pod-web-1.log", ui.Text("line\n"))
		if err != nil || path != filepath.Join(folder, want) {
			t.Errorf("got %s, %v, want %s", path, err, want)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	path, err := saveFileAt(now, "arn:aws/"+strings.Repeat("x", 300)+".yaml", ui.Text(""))
	if err != nil || len(filepath.Base(path)) > 255 || !strings.HasSuffix(path, ".yaml") {
		t.Errorf("a long name: %s, %v", path, err)
	}
}

// TestSaveWhereNoFileCanBeMade saves into the home directory, and says of a home that takes none
// either what was wrong with the first place.
func TestSaveWhereNoFileCanBeMade(t *testing.T) {
	gone, home := filepath.Join(t.TempDir(), "gone"), t.TempDir()
	if err := os.Mkdir(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(gone)
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	path, err := saveFile("pods.txt", bytes.NewBufferString("web"))
	if err != nil || filepath.Dir(path) != home {
		t.Errorf("saved as %q: %v", path, err)
	}
	t.Setenv("HOME", filepath.Join(home, "none"))
	if path, err := saveFile("pods.txt", bytes.NewBufferString("web")); err == nil || strings.Contains(err.Error(), home) {
		t.Errorf("saved as %q: %v", path, err)
	}
}
