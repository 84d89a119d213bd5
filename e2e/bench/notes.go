package main

import (
	_ "embed"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"
)

//go:embed notes.yaml
var notesText []byte

// loadNotes reads why targets are missed, by the metric's key.
func loadNotes(text []byte) (map[string]string, error) {
	notes := map[string]string{}
	if err := yaml.UnmarshalStrict(text, &notes); err != nil {
		return nil, fmt.Errorf("notes.yaml: %w", err)
	}
	for key := range notes {
		if !slices.ContainsFunc(metrics, func(m metric) bool { return m.key == key }) {
			return nil, fmt.Errorf("notes.yaml: %q is not a metric", key)
		}
	}
	return notes, nil
}
