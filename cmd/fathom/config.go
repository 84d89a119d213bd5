package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// config is what the user may set in $XDG_CONFIG_HOME/fathom/config.yaml. A flag
// goes before it.
type config struct {
	// Theme is a built-in theme's name, or that of a file in themes/ beside
	// the config.
	Theme string `yaml:"theme"`
	// ASCII draws nothing but ASCII.
	ASCII bool `yaml:"ascii"`
	// Mouse may be set to false to leave the mouse to the terminal.
	Mouse *bool `yaml:"mouse"`
	// Keys gives actions other keys: "tab-describe: [ctrl+d]".
	Keys bindings `yaml:"keys"`
}

// bindings are the keys of actions.
type bindings map[ui.Action][]string

// UnmarshalYAML implements yaml.Unmarshaler: an action that does not exist is an
// error, for a misspelt one would do nothing.
func (b *bindings) UnmarshalYAML(node *yaml.Node) error {
	plain := map[ui.Action][]string{}
	if err := node.Decode(&plain); err != nil {
		return err
	}
	actions := views.Actions()
	for i := 0; i < len(node.Content); i += 2 {
		if name := node.Content[i]; !slices.Contains(actions, ui.Action(name.Value)) {
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: there is no action %q; docs/keys.md lists them", name.Line, name.Value)}}
		}
	}
	*b = plain
	return nil
}

// configDir is where config and themes are, by the XDG base directory
// specification.
func configDir() string { return xdgDir("XDG_CONFIG_HOME", ".config") }

// stateDir is where remembered places are.
func stateDir() string { return xdgDir("XDG_STATE_HOME", ".local/state") }

func xdgDir(env, fallback string) string {
	if dir := os.Getenv(env); filepath.IsAbs(dir) {
		return filepath.Join(dir, "fathom")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, fallback, "fathom")
}

// readConfig reads a config file; one that does not exist is the empty config.
func readConfig(path string) (config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return config{}, nil
	}
	if err != nil {
		return config{}, err
	}
	c, err := parseConfig(data)
	if err != nil {
		return config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// parseConfig reads a config strictly: an unknown or repeated key is an error
// that names its line.
func parseConfig(data []byte) (config, error) {
	var c config
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	err := decoder.Decode(&c)
	if err == nil && !errors.Is(decoder.Decode(new(yaml.Node)), io.EOF) {
		return c, errors.New("one YAML document is allowed")
	}
	var wrong *yaml.TypeError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return c, nil
	case errors.As(err, &wrong):
		return c, errors.New(configProblem(strings.Join(wrong.Errors, "; ")))
	}
	return c, errors.New(configProblem(strings.TrimPrefix(err.Error(), "yaml: ")))
}

// configProblem says an error of the YAML library in the words of the config.
func configProblem(text string) string {
	text = strings.ReplaceAll(text, "not found in type main.config", "is unknown; there are theme, ascii, mouse, keys")
	return strings.ReplaceAll(text, "field ", "key ")
}
