package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func TestParseConfig(t *testing.T) {
	tests := []struct {
		name, text string
		problem    string // "" is none
	}{
		{"empty", "", ""},
		{"only a comment", "# nothing\n", ""},
		{"everything", "theme: mono\nascii: true\nmouse: false\nkeys:\n  tab-describe: [X, d]\n", ""},
		{"conditions", "conditions:\n  LicenseValid: False\n  '*Expired': true\n  Lost: 'True'\n", ""},
		{"conditions without a line", "conditions: {}\n", ""},
		{"a list of conditions", "conditions: [Ready]\n", `line 1: conditions are lines like "LicenseValid: False"`},
		{"a condition without a status", "conditions:\n  Lost:\n", `line 2: condition "Lost": the status that is bad is`},
		{"a condition with many", "conditions:\n  Lost: [a]\n", `line 2: condition "Lost": the status that is bad is`},
		{"a status that there is not", "conditions:\n  A: False\n  Lost: bad\n", `line 3: condition "Lost": the status`},
		{"a star in the middle", "conditions:\n  'A*B': True\n", `a * may stand at its beginning: "*Expired"`},
		{"nothing but a star", "conditions:\n  '*': True\n", `condition "*": a type of condition is a word`},
		{"a condition twice", "conditions:\n  A: True\n  A: False\n", `line 3: condition "A" is there twice`},
		{"unknown key", "theme: mono\ncolour: red\n", "line 2: unknown key colour; valid keys: theme"},
		{"unknown key says what there is", "x: 1\n", "unknown key x; valid keys: theme, ascii, mouse, keys, conditions"},
		{"wrong type", "mouse: perhaps\n", "line 1: cannot unmarshal"},
		{"keys need lists", "keys:\n  tab-describe: d\n", "line 2: cannot unmarshal"},
		{
			"unknown action", "keys:\n  wide: [f12]\n  describe: [d]\n",
			`line 3: unknown action "describe"; did you mean tab-describe?`,
		},
		{"an action with a typo", "keys:\n  cpoy: [X]\n", `unknown action "cpoy"; did you mean copy?`},
		{"an action like no other", "keys:\n  fly: [X]\n", "valid actions: "},
		{"a key that moves", "keys:\n  wide: [X]\n  copy: [j]\n", `line 3: j is the key of "down"; give down other keys`},
		{"a key that two widgets share", "keys:\n  mark: [space, U]\n", ""},
		{"a key of the shell", "keys:\n  copy: [\"?\"]\n", `? is the key of "help"`},
		{"a key of a tab", "keys:\n  copy: [d]\n", `d is the key of "tab-describe"`},
		{"a key of its own", "keys:\n  down: [j, f9]\n", ""},
		{"a key that its action gave away", "keys:\n  copy: [j]\n  down: [f9]\n", ""},
		{"a key that its action does without", "keys:\n  copy: [ctrl+d]\n  half-down: []\n", ""},
		{"keys that change places", "keys:\n  down: [k]\n  up: [j]\n", ""},
		{"a key for two tabs", "keys:\n  tab-describe: [X]\n  tab-yaml: [X]\n", `X is the key of "tab-`},
		{"a key of one kind of screen", "keys:\n  copy: [A]\n", `A is the key of "sort-age"`},
		{"a key of logs", "keys:\n  tab-yaml: [T]\n", `T is the key of "timestamps"`},
		{"a key of another screen", "keys:\n  wide: [W]\n", ""},
		{"k9s's keys", "keys: k9s\n", ""},
		{"k9s's keys and one's own", "keys:\n  preset: k9s\n  tab-tree: [X, f9]\n  half-down: [f8]\n", ""},
		{"a key that the preset freed", "keys: {preset: k9s, tab-tree: [X], copy: [ctrl+z, c], only-wrong: [z]}\n", ""},
		{"a key of the preset", "keys:\n  copy: [ctrl+z]\n  preset: k9s\n", `line 2: ctrl+z is the key of "only-wrong"`},
		{"an unknown preset", "keys: vi\n", `line 1: unknown preset "vi" of keys; there is k9s`},
		{"an unknown preset among keys", "keys:\n  preset: vi\n", `line 2: unknown preset "vi"`},
		{"a list for a preset", "keys:\n  preset: [k9s]\n", "line 2: unknown preset"},
		{"no keys", "keys:\n", ""},
		{"repeated key", "theme: a\ntheme: b\n", "line 2:"},
		{"broken YAML", "theme: [\n", "line 1:"},
		{"two documents", "theme: a\n---\ntheme: b\n", "one YAML document"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseConfig([]byte(tt.text))
			if tt.problem == "" && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)) {
				t.Errorf("got %v, want %q", err, tt.problem)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
		})
	}
}

func TestKeyNames(t *testing.T) {
	for name, want := range map[string]bool{
		"j": true, "é": true, "ctrl+w": true, "shift+right": true, "ctrl+\\": true, "f2": true, "+": true, "ctrl++": true,
		"ctrl+alt+shift+f12": true, "pgdown": true, "space": true,
		"": false, "k9": false, "ctrl+": false, "cntrl+w": false,
		"f0": false, "f13": false, "pagedown": false, "return": false,
	} {
		if got := isKey(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
	_, err := parseConfig([]byte("keys: {copy: [k9]}"))
	if err == nil || !strings.Contains(err.Error(), `line 1: unknown key "k9"; keys are characters`) {
		t.Errorf("got %v", err)
	}
}

// TestConfigOfTheREADME reads the settings that the README shows.
func TestConfigOfTheREADME(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, found := strings.Cut(string(text), "config.yaml`, all optional:\n\n")
	shown, _, ends := strings.Cut(shown, "\n\n")
	if !found || !ends {
		t.Fatal("the README shows no settings")
	}
	c, err := parseConfig([]byte(strings.ReplaceAll(shown, "\n    ", "\n")[len("    "):]))
	if err != nil || c.Theme == "" || c.Mouse == nil || len(c.Keys) == 0 || len(c.Conditions) == 0 {
		t.Errorf("got %+v, %v of:\n%s", c, err, shown)
	}
}

func TestConditionsOfTheConfig(t *testing.T) {
	c, err := parseConfig([]byte("conditions:\n  LicenseValid: false\n  '*Expired': 'True'\n"))
	if err != nil || !slices.Equal(c.Conditions, polarities{
		{Type: "LicenseValid", Bad: "False", Level: kinds.Failing}, {Type: "*Expired", Bad: "True", Level: kinds.Failing},
	}) {
		t.Errorf("got %v, %v", c.Conditions, err)
	}
}

func TestReadConfigNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if c, err := readConfig(path); err != nil || c.Theme != "" {
		t.Errorf("without a file: got %v, %v", c, err)
	}
	if err := os.WriteFile(path, []byte("theem: mono\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(path); err == nil || !strings.HasPrefix(err.Error(), path+": line 1") {
		t.Errorf("got %v, want the path and line 1", err)
	}
}

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	p := newPlaces(dir)
	if _, ok := p.at("a"); ok {
		t.Error("a place that was never visited is known")
	}
	p.set("a/../b", place{Namespace: "shop", Resource: "deployments.apps", Recent: []string{"shop", "x"}})
	if err := p.save(); err != nil {
		t.Fatal(err)
	}
	got, ok := newPlaces(dir).at("a/../b")
	if !ok || got.Namespace != "shop" || got.Resource != "deployments.apps" || len(got.Recent) != 2 {
		t.Errorf("got %v, %v", got, ok)
	}
	info, err := os.Stat(p.file("a/../b"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v, want 0600", info.Mode(), err)
	}
	if err := os.WriteFile(p.file("broken"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := newPlaces(dir).at("broken"); ok {
		t.Error("a broken file gave a place")
	}
	entries, _ := os.ReadDir(filepath.Dir(p.file("x")))
	if len(entries) != 2 {
		t.Errorf("%d files are left, want 2", len(entries))
	}
}

// TestExamplesOfConfigDocument reads the examples of docs/config.md, and looks for the keys that it
// does not name.
func TestExamplesOfConfigDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	example, examples := "", 0
	for line := range strings.Lines(string(text) + "\nend\n") {
		if code, is := strings.CutPrefix(line, "    "); is {
			example += code
			continue
		}
		if strings.TrimSpace(line) == "" || example == "" {
			continue
		}
		examples++
		if _, err := parseConfig([]byte(example)); err != nil {
			t.Errorf("%v of:\n%s", err, example)
		}
		example = ""
	}
	if examples < 3 {
		t.Errorf("%d examples", examples)
	}
	for _, key := range slices.Concat(configKeys, columnKeys, pluginKeys) {
		if !strings.Contains(string(text), "`"+key+"`") {
			t.Errorf("%s is not in the document", key)
		}
	}
}
