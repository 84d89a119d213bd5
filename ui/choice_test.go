package ui

import "testing"

// TestWhatIsTypedIsAChoice puts what a text means before the choices that are called so.
func TestWhatIsTypedIsAChoice(t *testing.T) {
	c := Choose{Choices: []Choice{{Name: "last hour"}, {Name: "all"}}}
	if got := c.search("1h"); len(got) != 0 {
		t.Errorf("1h finds %v", got)
	}
	c.Typed = func(text string) []Choice {
		if text == "1h" || text == "all" || text == "" {
			return []Choice{{Name: "typed " + text}}
		}
		return nil
	}
	for text, want := range map[string][]string{
		"": {"last hour", "all"}, "1h": {"typed 1h"}, "all": {"typed all", "all"}, "hour": {"last hour"}, "zz": nil,
	} {
		got := c.search(text)
		if len(got) != len(want) {
			t.Fatalf("%q finds %v, want %v", text, got, want)
		}
		for i, name := range want {
			if got[i].Name != name {
				t.Errorf("%q finds %q in place %d, want %q", text, got[i].Name, i, name)
			}
		}
	}
}
