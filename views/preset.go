package views

import (
	"slices"

	"github.com/fathom-k8s/fathom/ui"
)

// presets are the keys of other programs for what is there too. Where such a key is taken here,
// its action gets another one. An action that no view has is passed over (Preset).
var presets = map[string]map[ui.Action][]string{
	"k9s": {
		ui.GoPalette: {":", "ctrl+a"},

		actDelete: {"ctrl+d", "ctrl+k"},
		"shell":   {"s"},
		"attach":  {"a"},
		"edit":    {"e"},
		"forward": {"F"},
		"scale":   {"s"},
		"restart": {"r"},
		"menu":    {"m"},

		actWrong: {"ctrl+z", "z"},
		actTimes: {"t"},
		actWrap:  {"w"},

		ui.HalfDown:     {},
		ui.GoSuspend:    {},
		tabWhy.action(): {"W"},
		"tab-tree":      {"X"},
		actLogEvents:    {"ctrl+e"},
		actUnfold:       {"Z"},
		actToFile:       {"ctrl+o"},
	},
}

// Presets are the names of the presets.
func Presets() []string {
	var names []string
	for name := range presets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Preset returns the keys of a preset, for the actions that there are; nil for an unknown name.
func Preset(name string) map[ui.Action][]string {
	preset, known := presets[name]
	if !known {
		return nil
	}
	out, actions := map[ui.Action][]string{}, Actions()
	for action, keys := range preset {
		if slices.Contains(actions, action) {
			out[action] = keys
		}
	}
	return out
}
