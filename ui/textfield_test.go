package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// TestSelectedTextIsReplaced types into a field whose old text is selected.
func TestSelectedTextIsReplaced(t *testing.T) {
	letter := tea.KeyPressMsg{Code: 'x', Text: "x"}
	for name, tt := range map[string]struct {
		keys []tea.KeyPressMsg
		want string
	}{
		"a letter replaces it":        {[]tea.KeyPressMsg{letter, letter}, "xx"},
		"backspace removes it":        {[]tea.KeyPressMsg{{Code: tea.KeyBackspace}, letter}, "x"},
		"end keeps it":                {[]tea.KeyPressMsg{{Code: tea.KeyEnd}, letter}, "webx"},
		"left keeps it":               {[]tea.KeyPressMsg{{Code: tea.KeyLeft}, letter}, "wexb"},
		"a key without text keeps it": {[]tea.KeyPressMsg{{Code: tea.KeyF5}}, "web"},
	} {
		in := newTextField("web")
		in.whole = true
		for _, key := range tt.keys {
			in.pressKey(key)
		}
		if in.text != tt.want {
			t.Errorf("%s: got %q, want %q", name, in.text, tt.want)
		}
	}
	in := newTextField("web")
	in.whole = true
	in.insert("pasted")
	if in.text != "pasted" {
		t.Errorf("pasted text: got %q", in.text)
	}
}
