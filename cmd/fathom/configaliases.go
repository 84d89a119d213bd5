package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// aliases are words for the palette and the command line: "dp: deployments".
type aliases []views.Alias

// UnmarshalYAML implements yaml.Unmarshaler.
func (a *aliases) UnmarshalYAML(node *yaml.Node) error {
	return eachLine(node, "aliases", "prod: pods -n shop /web", func(name, text *yaml.Node) error {
		same := func(o views.Alias) bool { return strings.EqualFold(o.Name, name.Value) }
		switch {
		case name.Value == "" || strings.ContainsAny(name.Value, " \t/,@!=<>|") || name.Value[0] == '-',
			kinds.Clean(name.Value) != name.Value:
			return configErrorf(name.Line, "alias %q: an alias is one word", name.Value)
		case slices.ContainsFunc(*a, same):
			return configErrorf(name.Line, "alias %q is there twice", name.Value)
		}
		typed, err := paletteText(text)
		if err != nil {
			return configErrorf(text.Line, "alias %q: %v", name.Value, err)
		}
		*a = append(*a, views.Alias{Name: name.Value, Text: typed})
		return nil
	})
}

// paletteText reads what can be typed in the palette.
func paletteText(node *yaml.Node) (string, error) {
	text := strings.Join(strings.Fields(node.Value), " ")
	if node.Kind != yaml.ScalarNode || text == "" || kinds.Clean(text) != text {
		return "", errors.New("give what the palette takes, such as pods -n shop /web")
	}
	return strings.TrimPrefix(text, ":"), nil
}

// hotkeys are keys that go somewhere: "shift+f1: pods -n shop", or with words for the help
// "f5: {go: pods -n shop, help: the shop}".
type hotkeys []hotkey

type hotkey struct {
	views.Hotkey
	line int // of the config
}

// UnmarshalYAML implements yaml.Unmarshaler. What the keys of actions are is checked when the
// whole config is known.
func (h *hotkeys) UnmarshalYAML(node *yaml.Node) error {
	return eachLine(node, "hotkeys", "f5: pods -n shop", func(name, text *yaml.Node) error {
		key := hotkey{views.Hotkey{Key: keyNamed(name.Value)}, name.Line}
		if !isKey(key.Key) {
			return configErrorf(name.Line, "unknown key %q; keys are characters, f1 to f12, %s; ctrl+, alt+ and "+
				"shift+ may stand before them", name.Value, strings.Join(namedKeys, ", "))
		}
		if slices.ContainsFunc(*h, func(o hotkey) bool { return o.Key == key.Key }) {
			return configErrorf(name.Line, "hotkey %s is there twice", name.Value)
		}
		if err := key.read(name.Value, text); err != nil {
			return err
		}
		*h = append(*h, key)
		return nil
	})
}

// read reads where a hotkey goes.
func (h *hotkey) read(name string, node *yaml.Node) error {
	where := node
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			switch part, value := node.Content[i], node.Content[i+1]; part.Value {
			case "go":
				where = value
			case "help":
				h.Help = kinds.Clean(value.Value)
			default:
				return configErrorf(part.Line, "hotkey %s: unknown key %q; valid keys: go, help", name, part.Value)
			}
		}
	}
	text, err := paletteText(where)
	if err != nil {
		return configErrorf(node.Line, "hotkey %s: %v", name, err)
	}
	h.Text = text
	return nil
}

// shiftedDigits are what a keyboard of the US sends for shift and a digit, from 0 on.
const shiftedDigits = ")!@#$%^&*("

// keyNamed is a key as the terminal sends it, of a name as k9s writes it too: "shift-1" is "!".
func keyNamed(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '+' })
	if len(parts) < 2 {
		return name
	}
	last := parts[len(parts)-1]
	if len(parts) == 2 && parts[0] == "shift" && len(last) == 1 {
		if last[0] >= '0' && last[0] <= '9' {
			return string(shiftedDigits[last[0]-'0'])
		}
		return strings.ToUpper(last)
	}
	return strings.Join(parts, "+")
}

// checkHotkeys refuses hotkeys that are the keys of actions.
func (c *config) checkHotkeys() error {
	for _, h := range c.Hotkeys {
		if action := c.actionOf(h.Key); action != "" {
			return configErrorf(h.line, "hotkey %s is the key of %q; give %s other keys too (%s: [] for none)",
				h.Key, action, action, action)
		}
	}
	return nil
}

// expand puts what an alias stands for in the place of the arguments' first; text is set where that
// is more than a kind, and is what the palette takes.
func (a *app) expand(args []string) (expanded []string, text string) {
	if len(args) == 0 || isWord(args) {
		return args, ""
	}
	s := &views.Session{Aliases: a.aliases}
	whole := s.Expand(strings.Join(args, " "))
	first, rest, more := strings.Cut(whole, " ")
	switch {
	case whole == strings.Join(args, " "):
		return args, ""
	case !more:
		return []string{first}, ""
	case len(args) > 1 && rest == strings.Join(args[1:], " "):
		return append([]string{first}, args[1:]...), ""
	}
	if n := cmp.Or(a.flags.spaces, *a.flags.kube.Namespace); n != "" {
		whole += " -n " + n
	}
	if a.flags.allNamespaces {
		whole += " -A"
	}
	return args, whole
}

// paletteView is the view that a text leads to in the palette.
func (a *app) paletteView(ctx context.Context, s *views.Session, text string) (ui.View, error) {
	if err := a.waitResources(ctx, s); err != nil {
		return nil, a.explain(s, err)
	}
	if view := views.Go(views.Objects(s, views.Pods(s.Cluster)), text); view != nil {
		return view, nil
	}
	return nil, fmt.Errorf("%s: the palette leads nowhere with %q", a.whichCluster(s), text)
}
