package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// terminationMax is how many lines of a termination message are shown.
const terminationMax = 6

var (
	panicLine = regexp.MustCompile(`^(panic|fatal error): `)
	errorLine = regexp.MustCompile(`(?i)\b(panic|fatal|\w*error|\w*exception|failed)\b`)
)

// decisiveLine is the line of a termination message that says why: where a program
// panicked, else the last line that mentions an error, else the last one.
func decisiveLine(lines []string) int {
	if i := slices.IndexFunc(lines, panicLine.MatchString); i >= 0 {
		return i
	}
	for i, line := range slices.Backward(lines) {
		if errorLine.MatchString(line) {
			return i
		}
	}
	return len(lines) - 1
}

// terminationLines are the lines of a termination message that are not blank.
func terminationLines(message string) []string {
	return slices.DeleteFunc(strings.Split(message, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}

// terminationTail chooses the lines to show of a long message: its last ones,
// and before them the decisive one if it is not among them.
func terminationTail(lines []string) (shown []string, left int) {
	if len(lines) <= terminationMax {
		return lines, 0
	}
	decisive := decisiveLine(lines)
	if from := len(lines) - terminationMax; decisive >= from {
		return lines[from:], from
	}
	from := len(lines) - terminationMax + 1
	return append([]string{lines[decisive]}, lines[from:]...), from - 1
}

// messageRows are what a container says about itself, below its row.
func (v *overview) messageRows(c kinds.Container, width int) []row {
	var out []row
	reason, role := v.subject.record.Status.Reason, rows.LevelRole(c.Level)
	if c.Message != "" && !strings.Contains(reason, c.Message) {
		out = append(out, row{cells: []ui.Span{{Text: "  " + c.Message, Role: role}}})
	}
	lines := terminationLines(c.Termination)
	if len(lines) == 1 && !strings.Contains(reason, lines[0]) {
		return append(out, row{cells: []ui.Span{{Text: "  " + lines[0], Role: role}}})
	}
	shown, left := terminationTail(lines)
	if left > 0 {
		out = append(out, row{cells: []ui.Span{{Text: fmt.Sprintf("  … %d earlier lines", left), Role: themes.Muted}}})
	}
	decisive := -1
	if len(shown) > 0 {
		decisive = decisiveLine(shown)
	}
	for i, line := range shown {
		cell := ui.Span{Text: "  " + line, Role: themes.Text}
		if i == decisive {
			cell.Role = role // It wraps; the others are cut.
		} else {
			cell.Text = ui.Truncate(cell.Text, width-1)
		}
		out = append(out, row{cells: []ui.Span{cell}})
	}
	return out
}

// cause is the decisive line of the worst container's termination message, for the
// headline; "" if the message has one line, which is below the headline anyway.
func (v *overview) cause() string {
	lines := terminationLines(v.worstContainer().Termination)
	if len(lines) < 2 {
		return ""
	}
	line := strings.TrimSpace(lines[decisiveLine(lines)])
	if strings.Contains(v.subject.record.Status.Reason, line) {
		return ""
	}
	return line
}

// worstContainer is the first of the containers that are worst; one without a name when
// all are well.
func (v *overview) worstContainer() kinds.Container {
	worst := kinds.Container{Level: kinds.OK}
	for _, c := range v.details.Containers {
		if c.Level > worst.Level {
			worst = c
		}
	}
	return worst
}

// lastFailure is when the worst container last ended; zero when it never did.
func (v *overview) lastFailure() time.Time {
	worst := v.worstContainer()
	if worst.Ended.IsZero() {
		return worst.LastEnded.Time
	}
	return worst.Ended.Time
}
