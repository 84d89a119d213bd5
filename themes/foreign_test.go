package themes

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func TestForeign(t *testing.T) {
	for _, test := range []struct {
		name               string
		look               Foreign
		rich, mid, sixteen string
	}{
		{"nothing", Foreign{}, "", "", ""},
		{"one of sixteen", Foreign{Foreground: Indexed(1)}, "\x1b[31m", "\x1b[31m", "\x1b[31m"},
		{"black is a colour", Foreign{Background: Indexed(0)}, "\x1b[40m", "\x1b[40m", "\x1b[40m"},
		{"a bright one", Foreign{Background: Indexed(15)}, "\x1b[107m", "\x1b[107m", "\x1b[107m"},
		{"one of 256", Foreign{Foreground: Indexed(196)}, "\x1b[38;5;196m", "\x1b[38;5;196m", "\x1b[91m"},
		{"a true colour", Foreign{Foreground: RGB(255, 0, 0)}, "\x1b[38;2;255;0;0m", "\x1b[38;5;196m", "\x1b[91m"},
		{
			"everything", Foreign{Indexed(2), RGB(0, 0, 0), true, true, true},
			"\x1b[1;4;7;32;48;2;0;0;0m", "\x1b[1;4;7;32;48;5;16m", "\x1b[1;4;7;32;40m",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, theme := range []string{"default", "dusk", "paper"} {
				d, err := Load(theme, "")
				if err != nil {
					t.Fatal(err)
				}
				for profile, want := range map[colorprofile.Profile]string{
					colorprofile.TrueColor: test.rich, colorprofile.ANSI256: test.mid, colorprofile.ANSI: test.sixteen,
					colorprofile.ASCII: "", colorprofile.NoTTY: "",
				} {
					compiled := d.For(profile)
					if got := compiled.Start(test.look.Role()); got != want && test.look != (Foreign{}) {
						t.Errorf("%s, %v: got %q, want %q", theme, profile, got, want)
					}
					if got, want := compiled.StartOn(Cursor, test.look.Role()), compiled.StartOn(Cursor, Text); got != want {
						t.Errorf("%s, %v: under the cursor %q, want %q", theme, profile, got, want)
					}
				}
			}
			monochrome, err := Load("mono", "")
			if err != nil {
				t.Fatal(err)
			}
			if got := monochrome.For(colorprofile.TrueColor).Start(test.look.Role()); got != "" {
				t.Errorf("mono: %q", got)
			}
		})
	}
}
