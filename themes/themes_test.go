package themes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"github.com/fathom-k8s/fathom/themes/contrast"
)

func TestBuiltInThemesParse(t *testing.T) {
	if !slices.Contains(Names(), "default") {
		t.Fatalf("the default theme is missing among %q", Names())
	}
	for _, name := range Names() {
		if _, err := Load(name, ""); err != nil {
			t.Error(err)
		}
	}
}

func TestParseNamesLineAndWayOut(t *testing.T) {
	good, err := files.ReadFile("dusk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, old, new string
		want           []string
	}{
		{"missing role", "muted: {", "# muted: {", []string{"missing muted", `"{}"`}},
		{"unknown role", "muted: {", "muttd: {}\nmuted: {", []string{"line 6", `"muttd"`, "muted"}},
		{"unknown field", "fg: \"#d3d7e0\"", "fgg: \"#d3d7e0\"", []string{"line 5", "text", `"fgg"`, "a look is like"}},
		{"no such colour", "#d3d7e0", "#d3d7eg", []string{"line 5", "text", "#rrggbb"}},
		{"short colour", "#d3d7e0", "#d3d", []string{"line 5", "#rrggbb"}},
		{"no such name", "fg16: white", "fg16: grey", []string{"line 6", "muted", `"grey"`, "bright-black"}},
		{"no 256 fallback", ", fg256: 249", "", []string{"line 6", "muted", "fg256"}},
		{"256 out of range", "fg256: 249", "fg256: 256", []string{"line 6", "fg256", "255"}},
		{"no 16 fallback", ", fg16: white}", "}", []string{"line 6", "muted", "fg16"}},
		{"fallback without need", `fg: "#a3abbd"`, "fg: red", []string{"line 6", "muted", "omit them"}},
		{"wrong type", "fg256: 249", "fg256: much", []string{"line 6", "muted"}},
		{"not a look", "{fg: \"#d3d7e0\", fg256: 188, fg16: default}", "red", []string{"line 5", "text", "a look is like"}},
		{"role twice", "text: {", "text: {}\ntext: {", []string{"line 6", "text"}},
		{"broken YAML", "text: {", "text: [", []string{"line 4"}},
		{"wrong background", "background: \"#1b1e26\"", "background: dark", []string{"line 3", "background", "#rrggbb"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := strings.Replace(string(good), tt.old, tt.new, 1)
			if data == string(good) {
				t.Fatal("the case changes nothing")
			}
			_, err := Parse("dusk", []byte(data))
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range append(tt.want, "theme dusk: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to contain %q", err, want)
				}
			}
		})
	}
}

func TestLoadPrefersTheUsersFile(t *testing.T) {
	dir := t.TempDir()
	data, err := files.ReadFile("mono.yaml")
	if err != nil {
		t.Fatal(err)
	}
	mine := strings.Replace(string(data), "accent: {bold: true}", "accent: {fg: red}", 1)
	if err := os.WriteFile(filepath.Join(dir, "mono.yaml"), []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := Load("mono", dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := source.For(colorprofile.ANSI).Paint(Accent, "x"), "\x1b[31mx\x1b[m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := Load("dusk", dir); err != nil {
		t.Errorf("built-in beside the user's files: %v", err)
	}
	for _, name := range []string{"nope", "../mono", ""} {
		if _, err := Load(name, dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%q: got %v, want an error that names %s", name, err, dir)
		}
	}
}

// TestWordsForTrueAndFalse holds that a theme may say them as YAML 1.1 does.
func TestWordsForTrueAndFalse(t *testing.T) {
	data, err := files.ReadFile("mono.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for look, want := range map[string]string{
		"{bold: yes, italic: off}": "\x1b[1mx\x1b[m",
		"{bold: true}":             "\x1b[1mx\x1b[m",
		"{bold: No, italic: ON}":   "\x1b[3mx\x1b[m",
		"{bold: maybe}":            "",
		"{fg: yes}":                "",
		"{fg: [yes]}":              "",
		"{fg: {yes: no}}":          "",
	} {
		d, err := Parse("mine", []byte(strings.Replace(string(data), "accent: {bold: true}", "accent: "+look, 1)))
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), "accent: ") {
				t.Errorf("%s: got %v, want an error that names the role", look, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", look, err)
			continue
		}
		if got := d.For(colorprofile.ANSI).Paint(Accent, "x"); got != want {
			t.Errorf("%s: got %q, want %q", look, got, want)
		}
	}
}

func TestLooksByProfile(t *testing.T) {
	tests := []struct {
		theme   string
		profile colorprofile.Profile
		row     Role
		role    Role
		want    string
	}{
		{"dusk", colorprofile.TrueColor, Text, Failing, "\x1b[1;38;2;246;140;148m"},
		{"dusk", colorprofile.ANSI256, Text, Failing, "\x1b[1;38;5;210m"},
		{"dusk", colorprofile.ANSI, Text, Failing, "\x1b[1;31m"},
		{"dusk", colorprofile.ANSI, Text, Text, ""},
		{"dusk", colorprofile.ASCII, Text, Failing, "\x1b[1;4m"},
		{"dusk", colorprofile.NoTTY, Text, Failing, ""},
		{"dusk", colorprofile.TrueColor, Cursor, Failing, "\x1b[1;38;2;246;140;148;48;2;48;57;80m"},
		{"dusk", colorprofile.ANSI, Cursor, Failing, "\x1b[1;97;44m"},
		{"dusk", colorprofile.ANSI, Cursor, OK, "\x1b[97;44m"},
		{"dusk", colorprofile.TrueColor, Cursor, Match, "\x1b[38;2;27;30;38;48;2;217;180;95m"},
		{"default", colorprofile.TrueColor, Text, Failing, "\x1b[1;31m"},
		{"default", colorprofile.TrueColor, Text, Text, ""},
		{"default", colorprofile.ANSI256, Cursor, Failing, "\x1b[1;7m"},
		{"default", colorprofile.ANSI256, Cursor, Degraded, "\x1b[4;7m"},
		{"default", colorprofile.ANSI256, Cursor, Waiting, "\x1b[7m"},
		{"default", colorprofile.ANSI256, Cursor, Muted, "\x1b[7m"},
		{"default", colorprofile.ANSI, HeaderBar, OK, "\x1b[32m"},
		{"mono", colorprofile.TrueColor, Text, Cursor, "\x1b[7m"},
	}
	for _, tt := range tests {
		source, err := Load(tt.theme, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := source.For(tt.profile).StartOn(tt.row, tt.role); got != tt.want {
			t.Errorf("%s on %v, %v on %v: got %q, want %q", tt.theme, tt.profile, tt.role, tt.row, got, tt.want)
		}
	}
}

func TestBareLooksLikeTheRowInBlanks(t *testing.T) {
	tests := []struct {
		theme     string
		profile   colorprofile.Profile
		row, role Role
		want      bool
	}{
		{"default", colorprofile.TrueColor, Text, Failing, true},
		{"default", colorprofile.TrueColor, Text, Match, false},
		{"default", colorprofile.TrueColor, Cursor, OK, true},
		{"default", colorprofile.TrueColor, Cursor, Failing, true},
		{"default", colorprofile.TrueColor, Cursor, Degraded, false}, // Underlined.
		{"default", colorprofile.TrueColor, Cursor, Match, false},
		{"default", colorprofile.TrueColor, Text, Cursor, false},
		{"dusk", colorprofile.TrueColor, Cursor, Failing, true},
		{"dusk", colorprofile.ASCII, Text, Failing, false}, // Underlined.
	}
	for _, tt := range tests {
		source, err := Load(tt.theme, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := source.For(tt.profile).Bare(tt.row, tt.role); got != tt.want {
			t.Errorf("%s on %v, %v on %v: got %v", tt.theme, tt.profile, tt.role, tt.row, got)
		}
	}
}

// TestNoColourMeansNone checks that no theme writes a colour without colours,
// and that the cursor and matches can still be seen.
func TestNoColourMeansNone(t *testing.T) {
	for _, name := range Names() {
		source, err := Load(name, "")
		if err != nil {
			t.Fatal(err)
		}
		theme := source.For(colorprofile.ASCII)
		for _, row := range rows {
			for role := range rolesEnd {
				start := theme.StartOn(row, role)
				for parameter := range strings.SplitSeq(strings.Trim(start, "\x1b[m"), ";") {
					if len(parameter) > 1 {
						t.Errorf("%s: %v on %v writes %q", name, role, row, start)
					}
				}
			}
		}
		for _, role := range []Role{Cursor, Match, MatchCurrent, Failing} {
			if theme.Start(role) == "" {
				t.Errorf("%s: %v looks like any text", name, role)
			}
		}
	}
}

// TestContrast holds the themes that paint a background, and their fallbacks among
// the 256 colours, to WCAG's 4.5:1 for text, on that background and on the rows that
// have one of their own. The others use the terminal's sixteen colours, which the
// user has chosen.
func TestContrast(t *testing.T) {
	for _, name := range Names() {
		source, err := Load(name, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range unreadable(source) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// unreadable says which roles of a theme are hard to read, and where.
func unreadable(d *Definition) (problems []string) {
	for role, l := range d.looks {
		for _, value := range []string{l.FG, l.BG} {
			if (d.Background != "") != isHex(value) && value != "" {
				problems = append(problems, fmt.Sprintf(
					"%v: %s: \"#rrggbb\" is for themes that paint a background, and the only one for them", Role(role), value))
			}
		}
	}
	if d.Background == "" || problems != nil {
		return problems
	}
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
		theme := d.For(profile)
		for _, row := range rows {
			for role := range rolesEnd {
				wanted := contrast.Text
				if role == Border {
					wanted = contrast.Lines
				}
				look := d.looks[role].resolve(profile).over(d.looks[row].resolve(profile), profile)
				if look.fg == nil {
					look.fg = d.looks[Text].resolve(profile).fg
				}
				if look.bg == nil {
					look.bg = profile.Convert(theme.Background)
				}
				if look.fg == nil {
					problems = append(problems, "text has no colour, but the theme a background")
				} else if got := contrast.Ratio(look.fg, look.bg); got < wanted {
					problems = append(problems, fmt.Sprintf("%v on %v in %v: contrast is %.2f, want at least %v",
						role, row, profile, got, wanted))
				}
			}
		}
	}
	return problems
}

// TestContrastSeesWhatIsHardToRead spoils a good theme.
func TestContrastSeesWhatIsHardToRead(t *testing.T) {
	good, err := files.ReadFile("dusk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"faint text", `muted: {fg: "#a3abbd"`, `muted: {fg: "#303540"`, "muted on text in TrueColor"},
		{"faint text of 256", `muted: {fg: "#a3abbd", fg256: 249`, `muted: {fg: "#a3abbd", fg256: 238`, "in ANSI256"},
		{"a cursor too bright for what it is on", `bg: "#303950"`, `bg: "#8090b0"`, "failing on cursor"},
		{"a footer of its own", `fg16: default}
key-name`, `fg16: default, bg: "#8090b0", bg256: 103, bg16: default}
key-name`, "key-name on footer-bar"},
		{"one of the sixteen", `ok: {fg: "#94ca85", fg256: 114, fg16: green}`, "ok: {fg: green}", `ok: green: "#rrggbb"`},
		{"a border that is not seen", `border: {fg: "#7d87a3"`, `border: {fg: "#303540"`, "border on text in TrueColor"},
		{"no background", `background: "#1b1e26"`, "", "is for themes that paint a background"},
		{"text without a colour", `text: {fg: "#d3d7e0", fg256: 188, fg16: default}`, "text: {}", "text has no colour"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := strings.Replace(string(good), tt.old, tt.new, 1)
			if data == string(good) {
				t.Fatal("the case changes nothing")
			}
			source, err := Parse("spoilt", []byte(data))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(unreadable(source), "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A theme is compiled before the first frame.
func BenchmarkCompile(b *testing.B) {
	source, err := Load("dusk", "")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		source.For(colorprofile.TrueColor)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load("dusk", ""); err != nil {
			b.Fatal(err)
		}
	}
}
