package views

import (
	"slices"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// TestPresetsHaveNoKeyTwice looks for keys that two actions of a screen have with a preset.
func TestPresetsHaveNoKeyTwice(t *testing.T) {
	for _, name := range Presets() {
		preset := Preset(name)
		keysOf := func(b Binding) []string {
			if keys, changed := preset[b.Action]; changed {
				return keys
			}
			return b.Keys
		}
		all := Bindings()
		for i, a := range all {
			for _, b := range all[i+1:] {
				if a.Action == b.Action || !a.Shares(b) {
					continue
				}
				for _, key := range keysOf(a) {
					if slices.Contains(keysOf(b), key) && !slices.Contains(a.Keys, key) != !slices.Contains(b.Keys, key) {
						t.Errorf("%s: %s is the key of %s and of %s", name, key, a.Action, b.Action)
					}
				}
			}
		}
	}
}

// TestPresetsPassOver lists the actions of presets that no view has as yet.
func TestPresetsPassOver(t *testing.T) {
	want := map[string][]ui.Action{
		"k9s": nil,
	}
	for _, name := range Presets() {
		var got []ui.Action
		for action := range presets[name] {
			if _, there := Preset(name)[action]; !there {
				got = append(got, action)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want[name]) {
			t.Errorf("%s passes over %v, want %v", name, got, want[name])
		}
	}
	if Preset("vi") != nil {
		t.Error("there is a preset that there is not")
	}
}
