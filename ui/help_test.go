package ui

import (
	"strings"
	"testing"
	"testing/synctest"
)

// TestHelpKeepsItsOrder has two screens whose bindings come in different orders.
func TestHelpKeepsItsOrder(t *testing.T) {
	o := HelpOptions{
		First: []Action{"open", GoPalette, GoBack}, Groups: []string{"Object", "Sort", "Everywhere", "Elsewhere"},
		Elsewhere: func([]Key) []Key { return []Key{{Show: "N", Help: "previous match", Group: "Elsewhere"}} },
	}
	open := Key{Action: "open", Keys: []string{"enter"}, Help: "open", Group: "Table"}
	name := Key{Action: "sort", Keys: []string{"N"}, Help: "sort by name", Group: "Sort"}
	yaml := Key{Action: "yaml", Keys: []string{"y"}, Help: "yaml", Group: "Object"}
	clearing := Key{Action: "clear", Keys: []string{"esc"}, Help: "clear filter", Group: "Object"}
	want := ""
	for _, keys := range [][]Key{{open, name, yaml, clearing}, {name, yaml, clearing, open}} {
		synctest.Test(t, func(t *testing.T) {
			d := drive(t, Options{Home: &page{name: "pods", keys: keys}, Help: o}, 50, 40)
			d.press("?")
			got := d.text()
			last := -1
			for _, part := range []string{"Most used", "open", "go to", "back", "Object", "Sort", "Everywhere", "Elsewhere"} {
				at := strings.Index(got, part)
				if at <= last {
					t.Errorf("%q is not where it belongs:\n%s", part, got)
				}
				last = max(last, at)
			}
			for _, both := range []string{"clear filter", "back; q quits", "sort by name", "previous match"} {
				if !strings.Contains(got, both) {
					t.Errorf("it lacks %q:\n%s", both, got)
				}
			}
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("two orders of the same keys:\n%s\n%s", want, got)
			}
		})
	}
}

// TestHelpSaysWhereThereIsMore scrolls to the end.
func TestHelpSaysWhereThereIsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{Home: &page{name: "pods"}}, 80, 10)
		d.press("?")
		d.contains("↓ for more")
		d.press("G")
		d.contains("↑ for more")
		d.lacks("↓ for more")
	})
}

// TestUnboundKeysAreSaid presses keys that do nothing.
func TestUnboundKeysAreSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := &page{name: "pods", keys: []Key{{Action: "wrap", Keys: []string{"W"}, Help: "wrap"}}}
		d := drive(t, Options{Home: home, Unbound: func(bound []Key, key string) string {
			if key == "w" && bound[0].Action == "wrap" {
				return "W wraps"
			}
			return ""
		}}, 80, 10)
		d.press("x")
		d.contains("x: nothing here, ? for keys")
		d.press("w")
		d.contains("w: W wraps, ? for keys")
		d.press("W")
		d.lacks("for keys")
	})
}

func TestCopiedSaysWhat(t *testing.T) {
	for _, tt := range []struct {
		copy Copy
		tmux bool
		want string
	}{
		{Copy{Text: "web-1", What: "name"}, false, "copied web-1"},
		{Copy{Text: "web-1", What: "name"}, true, "copied, where tmux has set-clipboard on: web-1"},
		{Copy{Text: "a\nb", What: "2 names"}, false, "copied 2 names: a …"},
		{Copy{Text: "hunter2", What: "value of password", Hidden: true}, false, "copied value of password"},
		{Copy{Text: "bad\x1b]0;x\a", What: "name"}, false, "copied bad" + printable("\x1b]0;x\a")},
	} {
		if got := copied(tt.copy, tt.tmux); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.copy, got, tt.want)
		}
	}
}
