package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
)

// TestArchive reads an archive back as a container runtime does: manifest, config, layer, program.
func TestArchive(t *testing.T) {
	program, err := build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	configs := map[string]string{}
	for _, tag := range Tags {
		var archive bytes.Buffer
		if err := write(&archive, tag, program); err != nil {
			t.Fatal(err)
		}
		files := untar(t, &archive)
		var manifest []struct {
			Config           string
			RepoTags, Layers []string
		}
		if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
			t.Fatal(err)
		}
		if want := Repository + ":" + tag; manifest[0].RepoTags[0] != want {
			t.Errorf("image is named %v, want %s", manifest[0].RepoTags, want)
		}
		config := string(files[manifest[0].Config])
		if twin, taken := configs[config]; taken {
			t.Errorf("%s has the ID of %s", tag, twin)
		}
		configs[config] = tag
		var settings struct{ Config struct{ Entrypoint []string } }
		if err := json.Unmarshal([]byte(config), &settings); err != nil {
			t.Fatal(err)
		}
		layer := untar(t, bytes.NewReader(files[manifest[0].Layers[0]]))
		if !bytes.HasPrefix(layer[settings.Config.Entrypoint[0][1:]], []byte("\x7fELF")) {
			t.Errorf("entry point %s of %s is not a Linux program", settings.Config.Entrypoint, tag)
		}
	}
}

func untar(t *testing.T, archive io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
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
