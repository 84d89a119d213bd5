package themes

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/charmbracelet/colorprofile"
	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var files embed.FS

// Definition is a theme as its file defines it, for terminals with any number of
// colours. It never changes and may be used from any goroutine.
type Definition struct {
	Name string
	// Background is the "#rrggbb" that the theme is made for and paints, where the
	// terminal has at least 256 colours. "" leaves the terminal's own.
	Background string

	looks [rolesEnd]look
}

// look is what a theme file says about one role.
type look struct {
	FG        string `json:"fg"`
	FG256     *int   `json:"fg256"`
	FG16      string `json:"fg16"`
	BG        string `json:"bg"`
	BG256     *int   `json:"bg256"`
	BG16      string `json:"bg16"`
	Bold      bool   `json:"bold"`
	Faint     bool   `json:"faint"`
	Italic    bool   `json:"italic"`
	Underline bool   `json:"underline"`
	Reverse   bool   `json:"reverse"`

	fg, bg shade
}

// Names lists the themes that are built in, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // The files are part of the program.
	}
	var all []string
	for _, entry := range entries {
		all = append(all, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	return all
}

// Load finds a theme by name: a file NAME.yaml in userDir (which need not
// exist), else one that is built in. The error for an unknown name lists the
// known ones.
func Load(name, userDir string) (*Definition, error) {
	if name != filepath.Base(name) {
		return nil, fmt.Errorf("theme %q: a theme is a name, not a path; put its file into %s", name, userDir)
	}
	if userDir != "" {
		path := filepath.Join(userDir, name+".yaml")
		data, err := os.ReadFile(path)
		if err == nil {
			return Parse(path, data)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("theme %q: %w", name, err)
		}
	}
	data, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("unknown theme %q; valid themes: %s; or write %s", name,
			strings.Join(Names(), ", "), filepath.Join(userDir, name+".yaml"))
	}
	return Parse(name, data)
}

var syntaxErrorPrefix = regexp.MustCompile(`^.*yaml: (unmarshal errors:\s*)?`)

// Parse reads one theme. Each role must be there and nothing else; errors name
// the line and say what would be right. The name is the theme's, or its file's.
func Parse(name string, data []byte) (*Definition, error) {
	var file map[string]any
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("theme %s: %s", name, syntaxErrorPrefix.ReplaceAllString(err.Error(), ""))
	}
	d := &Definition{Name: strings.TrimSuffix(filepath.Base(name), ".yaml")}
	var missing []string
	for role, key := range names {
		value, ok := file[key]
		if !ok {
			missing = append(missing, key)
			continue
		}
		if err := d.looks[role].parse(value); err != nil {
			return nil, fmt.Errorf("theme %s: line %d: %s: %w", name, lineOf(data, key), key, err)
		}
		delete(file, key)
	}
	if value, ok := file["background"]; ok {
		if d.Background, ok = value.(string); !ok || !isHex(d.Background) {
			return nil, fmt.Errorf("theme %s: line %d: background: write \"#rrggbb\"", name, lineOf(data, "background"))
		}
		delete(file, "background")
	}
	for key := range file {
		return nil, fmt.Errorf("theme %s: line %d: unknown name %q; known names are background, %s",
			name, lineOf(data, key), key, strings.Join(names[:], ", "))
	}
	if missing != nil {
		return nil, fmt.Errorf("theme %s: missing %s; write \"{}\" for the terminal's own look",
			name, strings.Join(missing, ", "))
	}
	return d, nil
}

// truths are the other words for true and false in YAML 1.1 (https://yaml.org/type/bool.html),
// which the decoder takes for text.
var truths = map[string]bool{
	"yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
}

// parse reads a look as YAML gave it. Its JSON is decoded, because that says which
// field is wrong and how.
func (l *look) parse(value any) error {
	if fields, ok := value.(map[string]any); ok {
		for name, field := range fields {
			word, _ := field.(string)
			if truth, is := truths[word]; is {
				fields[name] = truth
			}
		}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return errors.New("keys must be text")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(l); err != nil {
		words := strings.NewReplacer("json: ", "", "Go struct field look.", "", "Go value of type themes.look", "a look")
		message := words.Replace(err.Error())
		return fmt.Errorf("%s; a look is like {fg: \"#e06c75\", fg256: 168, fg16: red, bold: true}, "+
			"or with bg, faint, italic, underline, reverse", message)
	}
	if l.fg, err = parseShade("fg", l.FG, l.FG256, l.FG16); err != nil {
		return err
	}
	l.bg, err = parseShade("bg", l.BG, l.BG256, l.BG16)
	return err
}

// lineOf is the line on which a key of the file's top level begins.
func lineOf(data []byte, key string) int {
	lines := strings.Split(string(data), "\n")
	return 1 + max(0, slices.IndexFunc(lines, func(line string) bool {
		rest, ok := strings.CutPrefix(strings.TrimLeft(line, `"' `), key)
		return ok && strings.HasPrefix(strings.TrimLeft(rest, `"' `), ":")
	}))
}

// For compiles the theme for the colours of a terminal. Without any (NO_COLOR, or a
// terminal that has none) every theme looks like "mono", because a look that was only a
// colour would be lost.
func (d *Definition) For(profile colorprofile.Profile) *Theme {
	switch profile {
	case colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI:
		return d.compile(profile)
	case colorprofile.ASCII:
		return mono().compile(colorprofile.ANSI)
	default:
		return Plain
	}
}

var mono = sync.OnceValue(func() *Definition {
	s, err := Load("mono", "")
	if err != nil {
		panic(err) // The file is part of the program.
	}
	return s
})
