package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestArchive reads the archive back as a container runtime does: manifest, config, layer, program.
func TestArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workload.tar")
	if err := Build(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := untar(t, archive)
	var manifest []struct {
		Config           string
		RepoTags, Layers []string
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest) != len(Tags) {
		t.Fatalf("%d images, want one for each of %v", len(manifest), Tags)
	}
	seen := map[string]bool{}
	for i, image := range manifest {
		if want := Repository + ":" + Tags[i]; len(image.RepoTags) != 1 || image.RepoTags[0] != want {
			t.Errorf("image %d is named %v, want %s", i, image.RepoTags, want)
		}
		if seen[image.Config] {
			t.Errorf("%s has the ID of another tag", image.RepoTags)
		}
		seen[image.Config] = true
		var config struct {
			Config struct{ Entrypoint []string }
			RootFS struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
		if err := json.Unmarshal(files[image.Config], &config); err != nil {
			t.Fatal(err)
		}
		layer := files[image.Layers[0]]
		if want := "sha256:" + digest(layer); config.RootFS.DiffIDs[0] != want {
			t.Errorf("diff ID %s, want %s", config.RootFS.DiffIDs[0], want)
		}
		program := untar(t, layer)[config.Config.Entrypoint[0][1:]]
		if !bytes.HasPrefix(program, []byte("\x7fELF")) {
			t.Errorf("entry point %s is not a Linux program", config.Config.Entrypoint)
		}
	}
}

func untar(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for reader := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = content
	}
}
