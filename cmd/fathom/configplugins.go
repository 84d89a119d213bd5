package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plugins"
	"github.com/fathom-k8s/fathom/views"
)

// pluginRules are programs of the user's: "logs: {command: [stern, $NAME], kinds: [deployments]}".
type pluginRules []pluginRule

type pluginRule struct {
	plugins.Plugin
	line int // of the config
}

// pluginKeys are the keys of a plugin.
var pluginKeys = []string{"command", "help", "kinds", "key", "output", "reads"}

// UnmarshalYAML implements yaml.Unmarshaler. What the keys of actions are is checked when the
// whole config is known.
func (p *pluginRules) UnmarshalYAML(node *yaml.Node) error {
	const example = "events: {command: [kubectl, get, events, -n, $NAMESPACE], reads: true}"
	return eachLine(node, "plugins", example, func(name, value *yaml.Node) error {
		rule := pluginRule{plugins.Plugin{Name: name.Value}, name.Line}
		same := func(o pluginRule) bool { return strings.EqualFold(o.Name, rule.Name) }
		switch {
		case name.Value == "" || strings.ContainsAny(name.Value, " \t/,@!=<>|") || name.Value[0] == '-',
			kinds.Clean(name.Value) != name.Value:
			return configErrorf(name.Line, "plugin %q: a name is one word", name.Value)
		case slices.ContainsFunc(*p, same):
			return configErrorf(name.Line, "plugin %q is there twice", name.Value)
		case value.Kind != yaml.MappingNode:
			return configErrorf(name.Line, "plugin %s: give its command, as in %s", name.Value, example)
		}
		seen := map[string]bool{}
		for i := 0; i+1 < len(value.Content); i += 2 {
			key := value.Content[i]
			if seen[key.Value] {
				return configErrorf(key.Line, "plugin %s: %s is there twice", name.Value, key.Value)
			}
			seen[key.Value] = true
			line, err := rule.set(key, value.Content[i+1])
			if err != nil {
				return configErrorf(line, "plugin %s: %v", name.Value, err)
			}
		}
		if err := rule.Check(); err != nil {
			return configErrorf(name.Line, "plugin %s: %v", name.Value, err)
		}
		*p = append(*p, rule)
		return nil
	})
}

// set reads one key of a plugin; line is where an error is.
func (p *pluginRule) set(key, value *yaml.Node) (line int, err error) {
	switch key.Value {
	case "key":
		if p.Key = keyNamed(value.Value); !isKey(p.Key) {
			return value.Line, fmt.Errorf("unknown key %q; keys are characters, f1 to f12, %s; ctrl+, alt+ and "+
				"shift+ may stand before them", value.Value, strings.Join(namedKeys, ", "))
		}
	case "help":
		p.Help = kinds.Clean(value.Value)
	case "kinds":
		p.Kinds, line, err = wordsOf(value, "[deployments, statefulsets]")
		return line, err
	case "command":
		all, line, err := wordsOf(value, "[kubectl, get, $RESOURCE, $NAME]")
		if err != nil {
			return line, err
		}
		for i, word := range all {
			a, err := plugins.ParseArgument(word)
			if err != nil {
				return value.Content[i].Line, err
			}
			p.Command = append(p.Command, a)
		}
	case "output":
		if value.Value != "pager" && value.Value != "terminal" {
			return value.Line, fmt.Errorf("output %q: give pager or terminal", value.Value)
		}
		p.Terminal = value.Value == "terminal"
	case "reads":
		if err := value.Decode(&p.Reads); err != nil {
			return value.Line, fmt.Errorf("reads %q: give true or false", value.Value)
		}
	default:
		return key.Line, fmt.Errorf("unknown key %q%s", key.Value, nearestOf(pluginKeys, key.Value))
	}
	return 0, nil
}

// wordsOf reads a list of words.
func wordsOf(node *yaml.Node, example string) (out []string, line int, err error) {
	wrong := errors.New("give a list of words, such as " + example)
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		return nil, node.Line, wrong
	}
	for _, word := range node.Content {
		if word.Kind != yaml.ScalarNode || word.Tag == "!!null" {
			return nil, word.Line, wrong
		}
		out = append(out, word.Value)
	}
	return out, 0, nil
}

// actionOf is the action that has a key on any screen; "" for none.
func (c *config) actionOf(key string) string {
	for _, bound := range views.Bindings() {
		keys := bound.Keys
		if chosen, named := c.Keys[bound.Action]; named {
			keys = chosen
		}
		if slices.Contains(keys, key) {
			return string(bound.Action)
		}
	}
	return ""
}

// checkPlugins refuses keys of plugins that something else has. Two plugins share one where no kind
// is named by both.
func (c *config) checkPlugins() error {
	for i, p := range c.Plugins {
		if p.Key == "" {
			continue
		}
		if action := c.actionOf(p.Key); action != "" {
			return configErrorf(p.line, "plugin %s: %s is the key of %q; give %s other keys too (%s: [] for none)",
				p.Name, p.Key, action, action, action)
		}
		if slices.ContainsFunc(c.Hotkeys, func(h hotkey) bool { return h.Key == p.Key }) {
			return configErrorf(p.line, "plugin %s: %s is a hotkey", p.Name, p.Key)
		}
		for _, other := range c.Plugins[:i] {
			if other.Key == p.Key && sameKinds(other.Kinds, p.Kinds) {
				return configErrorf(p.line, "plugin %s: %s is the key of plugin %s", p.Name, p.Key, other.Name)
			}
		}
	}
	return nil
}

// sameKinds reports whether two lists of kinds may mean the same one.
func sameKinds(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(name string) bool {
		return slices.ContainsFunc(b, func(other string) bool {
			one, two := kindNamed(name), kindNamed(other)
			return strings.EqualFold(name, other) || one != nil && one == two
		})
	})
}
