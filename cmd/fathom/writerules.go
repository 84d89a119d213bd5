package main

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/kube/effects"
)

// What the config says of write mode in a context.
const (
	writeNever  = "never"
	writeAsk    = "ask"
	writeAlways = "always"
)

// contextRule is what the config says of contexts whose names fit a pattern.
type contextRule struct {
	pattern    string
	Write      string `yaml:"write"`      // never, ask or always; "" is ask
	Production bool   `yaml:"production"` // its name has to be typed
}

// contextRules are in the order of the file.
type contextRules []contextRule

// UnmarshalYAML implements yaml.Unmarshaler.
func (r *contextRules) UnmarshalYAML(node *yaml.Node) error {
	return eachLine(node, "contexts", "prod-*: {write: ask, production: true}", func(name, value *yaml.Node) error {
		rule := contextRule{pattern: name.Value}
		if err := decodeStrictly(value, &rule, "write", "production"); err != nil {
			return err
		}
		switch rule.Write {
		case "", writeNever, writeAsk, writeAlways:
		default:
			return configErrorf(value.Line, "write: %q is neither never, nor ask, nor always", rule.Write)
		}
		*r = append(*r, rule)
		return nil
	})
}

// decodeStrictly decodes a mapping whose keys are known.
func decodeStrictly(node *yaml.Node, into any, known ...string) error {
	if node.Kind != yaml.MappingNode {
		return configErrorf(node.Line, "%q is not a mapping of %s", node.Value, strings.Join(known, ", "))
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; !slices.Contains(known, key.Value) {
			return configErrorf(key.Line, "unknown key %s; valid keys: %s", key.Value, strings.Join(known, ", "))
		}
	}
	return node.Decode(into)
}

// of is what holds for a context: the strictest of all patterns that fit, since one that is
// kept read-only must not be opened by another line.
func (r contextRules) of(context string) contextRule {
	strictness := map[string]int{writeAlways: 1, "": 2, writeAsk: 2, writeNever: 3}
	out := contextRule{Write: "", Production: false}
	found := false
	for _, rule := range r {
		if !effects.Fits(rule.pattern, context) {
			continue
		}
		if !found || strictness[rule.Write] > strictness[out.Write] {
			out.Write = rule.Write
		}
		found = true
		out.Production = out.Production || rule.Production
	}
	return out
}

// undoWait is how long an effect can be stopped where the config says nothing.
const undoWait = 5 * time.Second

// undoTime is a duration in the config.
type undoTime time.Duration

// UnmarshalYAML implements yaml.Unmarshaler.
func (u *undoTime) UnmarshalYAML(node *yaml.Node) error {
	d, err := time.ParseDuration(node.Value)
	if err != nil || d < 0 || d > time.Minute {
		return configErrorf(node.Line, "undo: %q is not a time from 0s to 1m", node.Value)
	}
	*u = undoTime(d)
	return nil
}

// duration is the time, also where the config says nothing.
func (u *undoTime) duration() time.Duration {
	if u == nil {
		return undoWait
	}
	return time.Duration(*u)
}
