package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/themes"
)

// aSkin has colours by their value, by an alias, by a name that terminals have, and by one that they do not.
const aSkin = `
foreground: &foreground "#F8F0E3"
k9s:
  body: {fgColor: *foreground, bgColor: "#202028"}
  prompt: {fgColor: default}
  frame:
    border: {fgColor: gray}
    menu: {keyColor: "#50a0f0"}
    status: {errorColor: orangered, addColor: "#40c060", pendingColor: yellow}
  views:
    table: {cursorFgColor: black, cursorBgColor: "#50a0f0"}
    yaml: {keyColor: cyan}
`

// TestImportOfASkin makes a theme of a skin, saves it, and reads it again by its name.
func TestImportOfASkin(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	dir := k9sFolder(t, map[string]string{
		"skins/mine.yaml": aSkin, "skins/empty.yaml": "k9s: {}\n", "skins/bad.yaml": "[",
	})
	var out, notes bytes.Buffer
	if err := importSkin(dir, "mine", false, console.New(&out), console.New(&notes)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`background: "#202028"`, `text: {fg: "#f8f0e3", fg256: 230, fg16: default}`, "border: {fg: bright-black}",
		"failing: {bold: true}", "waiting: {fg: yellow}",
		`cursor: {fg: black, bg: "#50a0f0", bg256: 75, bg16: bright-blue}`,
		"input: {}", "syntax-key: {fg: cyan}", "match: {fg: black, bg: yellow}",
	} {
		if !strings.Contains(out.String(), want+"\n") {
			t.Errorf("it has no line %s:\n%s", want, &out)
		}
	}
	want := `mine.yaml: frame.status.errorColor: colour "orangered" is not translated`
	if !strings.Contains(notes.String(), want) {
		t.Errorf("it says %q, not %q", notes.String(), want)
	}
	for range 2 {
		out.Reset()
		err := importSkin(dir, "mine", true, console.New(&out), console.New(&notes))
		if file := strings.TrimSpace(strings.TrimPrefix(out.String(), "wrote ")); err == nil {
			if _, err := themes.Load("mine", filepath.Dir(file)); err != nil {
				t.Error(err)
			}
			continue
		}
		if !strings.Contains(err.Error(), "is there already") {
			t.Error(err)
		}
	}
	path := filepath.Join(dir, "skins", "empty.yaml")
	if err := importSkin(dir, path, false, console.New(&out), console.New(&notes)); err != nil {
		t.Errorf("an empty skin: %v", err)
	}
	for name, want := range map[string]string{"bad": "bad.yaml: ", "none": "none.yaml: "} {
		if err := importSkin(dir, name, false, console.New(&out), console.New(&notes)); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "themes")); err == nil {
		t.Error("k9s's folder was written to")
	}
}
