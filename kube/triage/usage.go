package triage

import (
	"regexp"
	"slices"
	"strings"
)

// complaint is what a line says that tells why a program ended.
var complaint = regexp.MustCompile(`(?i)error|fatal|panic|exception|refused|denied|forbidden|failed|cannot|unable|not found|` +
	`not defined|unknown|unrecogni[sz]ed|invalid|no such`)

// telling is the last line that complains, or the last one that is not of a usage text, or the head
// of that; "" where the usage is too long for its head to be there.
func telling(lines []string) string {
	said, usage := partUsage(lines)
	for _, l := range slices.Backward(said) {
		if complaint.MatchString(l) {
			return l
		}
	}
	if len(said) > 0 {
		return said[len(said)-1]
	}
	if i := slices.IndexFunc(usage, usageHead.MatchString); i >= 0 {
		return usage[i]
	}
	return ""
}

// LogTail is how many lines of a log LastWords wants: as many as most usage texts have.
const LogTail = 40

// LastWords are the last lines of a log, at most so many, that say why a program ended: one that is
// started with a wrong flag writes that in one line, and its usage in dozens around it.
func LastWords(lines []string, most int) []string {
	said, usage := partUsage(lines)
	if len(said) == 0 {
		return usage[:min(len(usage), most)]
	}
	return said[max(0, len(said)-most):]
}

// Usage texts as they are written by Go's flag, cobra, argparse, click, clap, kingpin, yargs and
// getopt: a head, lines that are further in, heads of lists, and where to read more.
var (
	usageHead = regexp.MustCompile(`(?i)^\s*usage(:| of \S+:)|^(options|flags):$`)
	usageList = regexp.MustCompile(`^[A-Z][A-Za-z -]*:$|^[a-z][a-z ]*:$`)
	usageMore = regexp.MustCompile(`^(Try|Use|Run|See|For more information, try) .*(--?help|-h\b)`)
	usageFlag = regexp.MustCompile(`^\s+--?[A-Za-z]`)
)

// partUsage parts the lines that say something from those of a usage text, whose head may be further
// up than what was read.
func partUsage(lines []string) (said, usage []string) {
	inside := cutUsage(lines)
	for _, l := range lines {
		more := usageMore.MatchString(l)
		inside = usageHead.MatchString(l) || inside && (more || indented(l) || usageList.MatchString(l))
		switch {
		case inside || more:
			usage = append(usage, l)
		case strings.TrimSpace(l) != "":
			said = append(said, l)
		}
	}
	return said, usage
}

// cutUsage reports whether lines begin within a usage text: with its flags.
func cutUsage(lines []string) bool {
	for _, l := range lines {
		if !indented(l) || usageFlag.MatchString(l) {
			return indented(l)
		}
	}
	return false
}

// indented reports whether a line is one of a block, which may have empty lines.
func indented(line string) bool { return line == "" || line[0] == ' ' || line[0] == '\t' }
