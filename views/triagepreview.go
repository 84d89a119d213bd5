package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// preview is the finding under the cursor in full.
func (v *home) preview(f ui.Frame) []ui.Line {
	r := v.current()
	if r == nil {
		return nil
	}
	out := []ui.Line{rule("", f.Width)}
	role := severityRole(r.finding.Severity)
	words := []string{r.finding.Severity.String()}
	if r.finding.Settling {
		words = append(words, "settling")
	}
	if r.finding.Flapping {
		words = append(words, "comes and goes")
	}
	title := append(behind(1, r.object.String(), themes.Heading), behind(2, strings.Join(words, ", "), role)...)
	title = append(title, behind(2, sinceText(r.finding, f.Now), themes.Muted)...)
	out = append(out, title.Truncate(f.Width-1))
	text := wrap(r.reason(f.Now), f.Width-2)
	for _, part := range text[:min(len(text), previewLines-2)] {
		out = append(out, ui.Line{{Text: " " + part, Role: themes.Text}})
	}
	if affects := affectsText(r.finding); affects != "" && r.symptom == nil {
		out = append(out, ui.Line{{Text: " " + affects, Role: themes.Muted}}.Truncate(f.Width-1))
	}
	for len(out) < previewLines+1 {
		out = append(out, nil)
	}
	return out
}

// rule is a line across the screen, with words near its end.
func rule(words string, width int) ui.Line {
	const after = 2
	before := max(0, width-ui.Width(words)-after)
	return ui.Line{{Text: strings.Repeat("─", before) + words + strings.Repeat("─", after), Role: themes.Muted}}
}
