package ui

import (
	"testing"
	"testing/synctest"

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

// TestPromptToEdit opens a prompt whose text is replaced by what is typed, and one whose text is edited.
func TestPromptToEdit(t *testing.T) {
	for _, edited := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			view := home()
			view.intents["filter"] = Prompt{Name: "image", Label: "image: ", Text: "web:v1", Edited: edited}
			d := drive(t, Options{Home: view}, 80, 24)
			d.press("/", "backspace", "2", "enter")
			want := "2"
			if edited {
				want = "web:v2"
			}
			if got := heard[Entered](view); len(got) != 1 || got[0].Text != want {
				t.Errorf("edited %v: entered %v, want %q", edited, got, want)
			}
		})
	}
}
