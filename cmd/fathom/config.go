package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/cmd/fathom/opening"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// config is what the user may set in $XDG_CONFIG_HOME/fathom/config.yaml. A flag
// overrides it.
type config struct {
	opening.Look `yaml:",inline"`
	// Keys gives actions other keys: "tab-describe: [D]".
	Keys bindings `yaml:"keys"`
}

// bindings are the keys of actions.
type bindings map[ui.Action][]string

// UnmarshalYAML implements yaml.Unmarshaler. A misspelt action would do nothing,
// and a key that another action has would silently be taken from it: both are
// errors.
func (b *bindings) UnmarshalYAML(node *yaml.Node) error {
	plain := map[ui.Action][]string{}
	if err := node.Decode(&plain); err != nil {
		return err
	}
	actions := views.Actions()
	for i := 0; i < len(node.Content); i += 2 {
		name := node.Content[i]
		action := ui.Action(name.Value)
		if !slices.Contains(actions, action) {
			return configErrorf(name.Line, "unknown action %q%s", name.Value, nearestAction(actions, name.Value))
		}
		for _, key := range plain[action] {
			if other := boundTo(key, action, plain); other != "" {
				return configErrorf(name.Line, "%s is the key of %q; give %s other keys too (%s: [] for none)",
					key, other, other, other)
			}
		}
	}
	*b = plain
	return nil
}

func configErrorf(line int, format string, args ...any) error {
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: ", line) + fmt.Sprintf(format, args...)}}
}

// nearestAction suggests an action, or lists all.
func nearestAction(actions []ui.Action, typed string) string {
	for _, action := range actions {
		for part := range strings.SplitSeq(string(action), "-") {
			if part == typed || resembles(typos(typed, string(action)), string(action)) {
				return fmt.Sprintf("; did you mean %s?", action)
			}
		}
	}
	names := make([]string, len(actions))
	for i, action := range actions {
		names[i] = string(action)
	}
	return "; valid actions: " + strings.Join(names, ", ")
}

// boundTo is the other action that has a key, "" for none: by the config, or by
// default where the config does not name it.
func boundTo(key string, action ui.Action, wanted bindings) ui.Action {
	all := views.Bindings()
	if slices.ContainsFunc(all, func(k ui.Key) bool { return k.Action == action && slices.Contains(k.Keys, key) }) {
		return "" // It is the action's own, and shared on purpose if it is.
	}
	for _, bound := range all {
		keys := bound.Keys
		if chosen, named := wanted[bound.Action]; named {
			keys = chosen
		}
		if bound.Action != action && slices.Contains(keys, key) {
			return bound.Action
		}
	}
	return ""
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

// configProblem rewords an error of the YAML library in terms of the config.
func configProblem(text string) string {
	text = strings.ReplaceAll(text, " not found in type main.config", "; valid keys: theme, ascii, mouse, keys")
	return strings.ReplaceAll(text, "field ", "unknown key ")
}
