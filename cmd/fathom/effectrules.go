package main

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// effectRules are what the config says of effects: "- {context: prod-*, effect: delete, type: true}".
type effectRules effects.Rules

// ruleKeys are the keys of a rule.
var ruleKeys = []string{"context", "namespace", "kind", "effect", "deny", "type", "reason", "most"}

// UnmarshalYAML implements yaml.Unmarshaler.
func (r *effectRules) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.SequenceNode {
		return configErrorf(node.Line, "rules are a list of lines like %q", "- {context: prod-*, effect: delete, type: true}")
	}
	for _, entry := range node.Content {
		rule, err := readRule(entry)
		if err != nil {
			return err
		}
		*r = append(*r, rule)
	}
	return nil
}

func readRule(node *yaml.Node) (rule effects.Rule, err error) {
	var read struct {
		Context   patterns `yaml:"context"`
		Namespace patterns `yaml:"namespace"`
		Kind      patterns `yaml:"kind"`
		Effect    patterns `yaml:"effect"`
		Deny      denial   `yaml:"deny"`
		Type      bool     `yaml:"type"`
		Reason    bool     `yaml:"reason"`
		Most      int      `yaml:"most"`
	}
	if err := decodeStrictly(node, &read, ruleKeys...); err != nil {
		return rule, err
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case value.Tag == "!!null" && slices.Index(ruleKeys, key.Value) < 4:
			return rule, configErrorf(key.Line, "%s is empty; omit it for any", key.Value)
		case value.Tag == "!!null":
			return rule, configErrorf(key.Line, "%s is empty; omit it", key.Value)
		case key.Value == "most" && read.Most < 1:
			return rule, configErrorf(value.Line, "most: %s is not a number of objects from 1 on; deny: true allows none", value.Value)
		case key.Value == "effect":
			if err := checkEffects(value, read.Effect); err != nil {
				return rule, err
			}
		}
	}
	rule = effects.Rule{
		Contexts: read.Context, Namespaces: read.Namespace, Kinds: read.Kind, Effects: read.Effect,
		Deny: read.Deny.is, Why: read.Deny.why, Type: read.Type, Reason: read.Reason, Most: read.Most,
	}
	if !rule.Deny && !rule.Type && !rule.Reason && rule.Most == 0 {
		return rule, configErrorf(node.Line, "the rule changes nothing; give it deny, type, reason or most")
	}
	return rule, nil
}

// checkEffects refuses patterns that no effect fits: they would protect nothing.
func checkEffects(node *yaml.Node, all patterns) error {
	names := effects.Names()
	for _, pattern := range all {
		if !slices.ContainsFunc(names, func(name string) bool { return effects.Fits(pattern, name) }) {
			return configErrorf(node.Line, "unknown effect %q; valid effects: %s", pattern, strings.Join(names, ", "))
		}
	}
	return nil
}

// patterns are a text, or a list of texts, in which * stands for any text.
type patterns []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *patterns) UnmarshalYAML(node *yaml.Node) error {
	all := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		all = node.Content
	}
	if len(all) == 0 {
		return configErrorf(node.Line, "the list is empty; omit it for any")
	}
	for _, one := range all {
		if one.Kind != yaml.ScalarNode || one.Tag == "!!null" || strings.TrimSpace(one.Value) == "" {
			return configErrorf(one.Line, "give a text such as prod-*, or a list of texts")
		}
		*p = append(*p, one.Value)
	}
	return nil
}

// denial is the reason why something is denied, or true.
type denial struct {
	is  bool
	why string
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *denial) UnmarshalYAML(node *yaml.Node) error {
	if node.Style == 0 && node.Decode(&d.is) == nil { // Plain yes and no count too, as after type.
		return nil
	}
	d.is, d.why = true, strings.TrimSpace(kinds.Clean(node.Value))
	if node.Kind != yaml.ScalarNode || d.why == "" {
		return configErrorf(node.Line, "deny: give the reason that people read, or true")
	}
	return nil
}
