package main

import (
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"go.yaml.in/yaml/v3"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/env"
	"github.com/fathom-k8s/fathom/themes"
)

// skinLook is what makes a role of a theme out of a skin: paths of its colours, of which the first
// that is there counts, and what the skin says nothing about.
type skinLook struct {
	role   string
	fg, bg string // paths, with blanks between them; "" is none
	rest   string // "bold: true"
}

// skinLooks are those roles that a skin of k9s has something like; see config.Style in k9s.
var skinLooks = []skinLook{
	{"text", "body.fgColor", "", ""},
	{"muted", "frame.status.completedColor", "", ""},
	{"accent", "frame.title.highlightColor frame.menu.keyColor", "", "bold: true"},
	{"heading", "views.table.header.fgColor frame.title.fgColor", "", "bold: true"},
	{"border", "frame.border.fgColor", "", ""},
	{"ok", "frame.status.addColor", "", ""},
	{"waiting", "frame.status.pendingColor frame.status.newColor", "", ""},
	{"degraded", "frame.status.highlightColor frame.status.modifyColor", "", ""},
	{"failing", "frame.status.errorColor", "", "bold: true"},
	{"cursor", "views.table.cursorFgColor", "views.table.cursorBgColor", "reverse: true"},
	{"marked", "views.table.markColor", "", "bold: true"},
	{"key-name", "frame.menu.keyColor", "", "bold: true"},
	{"input", "prompt.fgColor", "", ""},
	{"syntax-key", "views.yaml.keyColor", "", ""},
	{"syntax-string", "views.yaml.valueColor", "", ""},
	{"syntax-punctuation", "views.yaml.colonColor", "", ""},
}

// importSkin prints a skin of k9s as a theme, or saves it among the themes. name is one of k9s's
// folder of skins, or a path.
func importSkin(dir, name string, save bool, out, notes console.Out) error {
	file := name
	if !strings.ContainsAny(name, `/\`) && filepath.Ext(name) == "" {
		file = filepath.Join(dir, "skins", name+".yaml")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("skin %w", err)
	}
	var skin struct {
		K9s yaml.Node `yaml:"k9s"`
	}
	if err := yaml.Unmarshal(data, &skin); err != nil {
		return fmt.Errorf("%s: %s", file, oneLine(err.Error()))
	}
	text, said, err := skinTheme(&skin.K9s)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, note := range said {
		if err := notes.Line(filepath.Base(file) + ": " + note); err != nil {
			return err
		}
	}
	if !save {
		return out.Whole(text)
	}
	to := filepath.Join(env.ConfigDir(), "themes", strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))+".yaml")
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already; without --save the theme is printed", to)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		return err
	}
	return out.Line("wrote " + to)
}

// skinTheme is the theme that a skin makes: what it says nothing about is the terminal's own look.
func skinTheme(skin *yaml.Node) (text []byte, notes []string, err error) {
	var lines []string
	add := func(name, value string) { lines = append(lines, name+": "+value) }
	shade := func(field, paths string) string {
		for path := range strings.FieldsSeq(paths) {
			value := skinValue(skin, path)
			words, known := shadeWords(field, value)
			if known && words != "" {
				return words
			}
			if note := path + ": colour " + strconv.Quote(value) + " is not translated; \"#rrggbb\" is"; !known &&
				!slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
		return ""
	}
	if value := skinValue(skin, "body.bgColor"); len(value) == len("#rrggbb") && value[0] == '#' {
		add("background", strconv.Quote(strings.ToLower(value)))
	}
	known := map[string]bool{}
	for _, look := range skinLooks {
		fg, bg := shade("fg", look.fg), shade("bg", look.bg)
		if before, _, has := strings.Cut(fg, "fg16: "); has && look.role == "text" {
			fg = before + "fg16: default" // The nearest of sixteen may be yellow.
		}
		parts := slices.DeleteFunc([]string{fg, bg, look.rest}, func(part string) bool { return part == "" })
		if look.role == "cursor" && bg != "" {
			parts = parts[:len(parts)-1] // It has a background of its own, and need not be reversed.
		}
		known[look.role] = true
		add(look.role, "{"+strings.Join(parts, ", ")+"}")
	}
	for role := themes.Text; role.String() != "foreign"; role++ {
		if look := restLooks[role.String()]; !known[role.String()] {
			add(role.String(), "{"+look+"}")
		}
	}
	text = []byte(strings.Join(lines, "\n") + "\n")
	if _, err := themes.Parse("skin", text); err != nil {
		return nil, nil, err
	}
	return text, notes, nil
}

// restLooks are those of the roles that no skin has; "" is the terminal's own.
var restLooks = map[string]string{
	"match": "fg: black, bg: yellow", "match-current": "fg: black, bg: cyan, bold: true", "syntax-number": "fg: magenta",
	"syntax-bool": "fg: magenta", "syntax-null": "fg: magenta, faint: true", "syntax-comment": "faint: true",
	"syntax-keyword": "fg: blue, bold: true",
}

// skinValue is the text at a path, through the skin's aliases; "" where there is none.
func skinValue(node *yaml.Node, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		i := 0
		for i+1 < len(node.Content) && node.Content[i].Value != name {
			i += 2
		}
		if node.Kind != yaml.MappingNode || i+1 >= len(node.Content) {
			return ""
		}
		node = node.Content[i+1]
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node.Value
}

// sixteen are the colours that every terminal has, as themes name them.
var sixteen = []string{
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red", "bright-green",
	"bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
}

// shadeWords writes a colour of k9s in a theme, with its fallbacks; "" for the terminal's own. It
// is not known where it is a name that terminals do not have.
func shadeWords(field, value string) (words string, known bool) {
	value = strings.ToLower(value)
	switch {
	case value == "" || value == "default" || value == "-":
		return "", true
	case slices.Contains(sixteen, value):
		return field + ": " + value, true
	case value == "gray" || value == "grey":
		return field + ": bright-black", true
	}
	rgb, err := strconv.ParseUint(strings.TrimPrefix(value, "#"), 16, 32)
	if err != nil || len(value) != len("#rrggbb") || value[0] != '#' {
		return "", false
	}
	c := color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 255} //nolint:gosec // A byte each.
	return fmt.Sprintf("%[1]s: %[2]q, %[1]s256: %[3]d, %[1]s16: %[4]s",
		field, value, max(16, int(ansi.Convert256(c))), sixteen[ansi.Convert16(c)]), true
}
