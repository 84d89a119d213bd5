package hostile

import (
	"bytes"
	"fmt"
	"regexp"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// link is a hyperlink to where osc-link leads, however the program may have rewritten it.
var link = regexp.MustCompile(`\x1b\][0-9]*8;[^\x07\x1b]*hostile\.test`)

// Leaks names the payloads that reached the terminal: transcript is every byte that the
// program has written, shot is what its screen shows. There should be none.
func Leaks(transcript []byte, shot screen.Screen) []string {
	var leaks []string
	for _, payload := range Payloads {
		if payload.Danger != "" && bytes.Contains(transcript, []byte(payload.Danger)) {
			leaks = append(leaks, fmt.Sprintf("%s: %q was written", payload.Name, payload.Danger))
		}
	}
	if link.Match(transcript) {
		leaks = append(leaks, "osc-link: a hyperlink to hostile.test was written")
	}
	for y := range shot.Rows {
		for x := range shot.Columns {
			if cell := shot.Cell(x, y); cell.Conceal || cell.Link != "" {
				leaks = append(leaks, fmt.Sprintf("csi-conceal, osc-link: a hidden or linked cell at column %d, row %d", x, y))
				return leaks
			}
		}
	}
	return leaks
}
