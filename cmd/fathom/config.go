package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/cmd/fathom/opening"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// config is what the user may set in $XDG_CONFIG_HOME/fathom/config.yaml. A flag
// overrides it.
type config struct {
	opening.Look `yaml:",inline"`
	// Keys gives actions other keys: "tab-describe: [D]".
	Keys bindings `yaml:"keys"`
	// Conditions says of more types of conditions which status is bad: "LicenseValid: False".
	Conditions polarities `yaml:"conditions"`
	// Contexts say of contexts, by patterns of their names, whether write mode is allowed.
	Contexts contextRules `yaml:"contexts"`
	// Rules say which effects are denied, and what has to be typed or said before others.
	Rules effectRules `yaml:"rules"`
	// Undo is how long an effect can be stopped after it was confirmed; 5s.
	Undo *undoTime `yaml:"undo"`
	// Anonymous leaves the user out of the name of the field manager of what is changed.
	Anonymous bool `yaml:"anonymous"`
	// Columns says which columns the table of a kind has.
	Columns columnRules `yaml:"columns"`
	// Aliases and Hotkeys lead where a text in the palette does.
	Aliases aliases `yaml:"aliases"`
	Hotkeys hotkeys `yaml:"hotkeys"`
	// Plugins are programs that are run for objects.
	Plugins pluginRules `yaml:"plugins"`
	// Restore keeps the open tabs for the next start.
	Restore bool `yaml:"restore"`
	// Triage may be set to false to begin where one left off, as --no-triage does.
	Triage *bool `yaml:"triage"`
}

// polarities are types of conditions with the status that is bad.
type polarities []kinds.Polarity

// eachLine calls do with the name and the value of each line of a mapping. example is what the
// lines of such a part of the config look like.
func eachLine(node *yaml.Node, part, example string, do func(name, value *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return configErrorf(node.Line, "%s are lines like %q", part, example)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if err := do(node.Content[i], node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// UnmarshalYAML implements yaml.Unmarshaler. True and False are what they look like, with
// quotes or without.
func (p *polarities) UnmarshalYAML(node *yaml.Node) error {
	return eachLine(node, "conditions", "LicenseValid: False", func(name, bad *yaml.Node) error {
		line := kinds.Polarity{Type: name.Value, Bad: bad.Value, Level: kinds.Failing}
		if bad.Tag == "!!bool" {
			line.Bad = strings.ToUpper(bad.Value[:1]) + strings.ToLower(bad.Value[1:])
		}
		if problem := line.Problem(); problem != "" {
			return configErrorf(name.Line, "condition %q: %s", name.Value, problem)
		}
		if slices.ContainsFunc(*p, func(o kinds.Polarity) bool { return o.Type == line.Type }) {
			return configErrorf(name.Line, "condition %q is there twice", name.Value)
		}
		*p = append(*p, line)
		return nil
	})
}

// bindings are the keys of actions.
type bindings map[ui.Action][]string

// UnmarshalYAML implements yaml.Unmarshaler. A misspelt action would do nothing,
// and a key that another action has would silently be taken from it: both are
// errors.
func (b *bindings) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
		return b.usePreset(node)
	}
	own := yaml.Node{Kind: node.Kind, Tag: node.Tag, Line: node.Line, Column: node.Column}
	for i := 0; i < len(node.Content); i++ {
		if i%2 == 0 && node.Content[i].Value == presetKey && len(node.Content) > i+1 {
			if err := b.usePreset(node.Content[i+1]); err != nil {
				return err
			}
			i++
			continue
		}
		own.Content = append(own.Content, node.Content[i])
	}
	plain := map[ui.Action][]string{}
	if err := own.Decode(&plain); err != nil {
		return err
	}
	wanted := bindings{}
	maps.Copy(wanted, *b)
	maps.Copy(wanted, plain)
	actions := views.Actions()
	for i := 0; i < len(own.Content); i += 2 {
		name := own.Content[i]
		action := ui.Action(name.Value)
		if !slices.Contains(actions, action) {
			return configErrorf(name.Line, "unknown action %q%s", name.Value, nearestAction(actions, name.Value))
		}
		for _, key := range plain[action] {
			if !isKey(key) {
				return configErrorf(name.Line, "unknown key %q; keys are characters, f1 to f12, %s; ctrl+, alt+ and "+
					"shift+ may stand before them", key, strings.Join(namedKeys, ", "))
			}
			if other := boundTo(key, action, wanted); other != "" {
				return configErrorf(name.Line, "%s is the key of %q; give %s other keys too (%s: [] for none)",
					key, other, other, other)
			}
		}
	}
	*b = wanted
	return nil
}

// presetKey stands before the name of a preset among the keys of actions.
const presetKey = "preset"

// usePreset begins with the keys of another program.
func (b *bindings) usePreset(name *yaml.Node) error {
	preset := views.Preset(name.Value)
	if preset == nil {
		return configErrorf(name.Line, "unknown preset %q of keys; there is %s", name.Value,
			strings.Join(views.Presets(), ", "))
	}
	*b = preset
	return nil
}

// namedKeys are the keys that are not a character.
var namedKeys = []string{
	"enter", "esc", "tab", "space", "backspace", "delete", "insert", "home", "end", "pgup", "pgdown",
	"up", "down", "left", "right",
}

// isKey reports whether a terminal may send a key of that name.
func isKey(name string) bool {
	for _, modifier := range []string{"ctrl+", "alt+", "shift+"} { // In the order that a key's name has them.
		if len(name) > len(modifier) {
			name = strings.TrimPrefix(name, modifier)
		}
	}
	n, err := strconv.Atoi(strings.TrimPrefix(name, "f"))
	function := err == nil && name[0] == 'f' && n >= 1 && n <= 12
	return utf8.RuneCountInString(name) == 1 || function || slices.Contains(namedKeys, name)
}

func configErrorf(line int, format string, args ...any) error {
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: ", line) + fmt.Sprintf(format, args...)}}
}

// nearestAction suggests an action, or lists all.
func nearestAction(actions []ui.Action, typed string) string {
	for _, action := range actions {
		for part := range strings.SplitSeq(string(action), "-") {
			if part == typed || ui.Resembles(ui.Typos(typed, string(action)), string(action)) {
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

// boundTo is the other action that has a key on a screen that has the action, "" for
// none: by the config, or by default where the config does not name it.
func boundTo(key string, action ui.Action, wanted bindings) ui.Action {
	all := views.Bindings()
	i := slices.IndexFunc(all, func(b views.Binding) bool { return b.Action == action })
	if i < 0 || slices.Contains(all[i].Keys, key) {
		return "" // It is the action's own, and shared on purpose if it is.
	}
	for _, bound := range all {
		keys := bound.Keys
		if chosen, named := wanted[bound.Action]; named {
			keys = chosen
		}
		if bound.Action != action && slices.Contains(keys, key) && bound.Shares(all[i]) {
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
	if err == nil || errors.Is(err, io.EOF) {
		err = errors.Join(c.checkHotkeys(), c.checkPlugins())
	}
	var wrong *yaml.TypeError
	switch {
	case err == nil:
		return c, nil
	case errors.As(err, &wrong):
		return c, errors.New(configProblem(strings.Join(wrong.Errors, "; ")))
	}
	return c, errors.New(configProblem(strings.TrimPrefix(err.Error(), "yaml: ")))
}

// configKeys are the keys of a config.
var configKeys = []string{
	"theme", "ascii", "mouse", "keys", "conditions", "columns", "aliases", "hotkeys", "plugins", "triage", "restore",
	"contexts", "rules", "undo", "anonymous",
}

// configProblem rewords an error of the YAML library in terms of the config.
func configProblem(text string) string {
	text = strings.ReplaceAll(text, " not found in type main.config",
		"; valid keys: "+strings.Join(configKeys, ", "))
	return strings.ReplaceAll(text, "field ", "unknown key ")
}
