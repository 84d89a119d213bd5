package provider

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"runtime"
	"slices"
	"time"
)

// ImageFile is one file of an image.
type ImageFile struct {
	// Path is absolute, such as "/workload".
	Path string
	Mode int64
	Data []byte
}

// WriteImage writes a docker-archive tar with one layer that holds the files, for
// ImportImage. The same arguments give the same bytes.
func WriteImage(w io.Writer, name string, entrypoint []string, files ...ImageFile) error {
	var layer bytes.Buffer
	if err := writeTar(&layer, slices.Concat(files, []ImageFile{{Path: "/tmp/", Mode: 0o1777}})...); err != nil {
		return fmt.Errorf("image %s: %w", name, err)
	}
	if err := writeLayer(w, name, map[string]any{"Entrypoint": entrypoint, "Env": []string{"PATH=/"}},
		layer.Bytes()); err != nil {
		return fmt.Errorf("image %s: %w", name, err)
	}
	return nil
}

// writeLayer writes a docker-archive tar of an image with this layer and configuration.
func writeLayer(w io.Writer, name string, configuration map[string]any, layer []byte) error {
	digest := sha256.Sum256(layer)
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       configuration,
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(digest[:])}},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]map[string]any{{
		"Config": "config.json", "RepoTags": []string{name}, "Layers": []string{"layer.tar"},
	}})
	if err != nil {
		return err
	}
	return writeTar(w,
		ImageFile{Path: "/manifest.json", Mode: 0o644, Data: manifest},
		ImageFile{Path: "/config.json", Mode: 0o644, Data: config},
		ImageFile{Path: "/layer.tar", Mode: 0o644, Data: layer})
}

// writeTar writes the files with fixed times and owners; a path that ends in a
// slash is a folder.
func writeTar(w io.Writer, files ...ImageFile) error {
	archive := tar.NewWriter(w)
	for _, file := range files {
		header := &tar.Header{
			Name: path.Clean(file.Path)[1:], Mode: file.Mode, Size: int64(len(file.Data)),
			ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg,
		}
		if file.Path[len(file.Path)-1] == '/' {
			header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(file.Data); err != nil {
			return err
		}
	}
	return archive.Close()
}
