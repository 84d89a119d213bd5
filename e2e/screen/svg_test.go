package screen

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestSVG(t *testing.T) {
	f := shell(
		t,
		Options{},
		`printf '\033[1;32mgreen\033[0m <&> 你 \033[7mreverse\033[0m \033[38;5;196mred\033[48;5;244m on gray\033[0m \033[8mhidden\033[0m end'; exec sleep 60`,
	)
	shot := f.WaitFor("end", limit)
	picture := shot.SVG()
	if !bytes.Equal(picture, shot.SVG()) {
		t.Error("two pictures of one screen differ")
	}
	decoder := xml.NewDecoder(bytes.NewReader(picture))
	var text strings.Builder
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if characters, ok := token.(xml.CharData); ok {
			text.WriteString(strings.Trim(string(characters), "\n"))
		}
	}
	if got, want := text.String(), "green <&>你reversered on grayend"; got != want {
		t.Errorf("the picture reads %q, want %q", got, want)
	}
	for _, want := range []string{
		`fill="#98c379" font-weight="bold">green<`,
		`textLength="18" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="#d8dee9">你<`,
		`fill="` + paperColor + `">reverse<`,
		`fill="#ff0000">red<`,
		`fill="#808080"/>`,
	} {
		if !strings.Contains(string(picture), want) {
			t.Errorf("no %s in\n%s", want, picture)
		}
	}
}
