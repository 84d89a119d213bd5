// Package version holds the program's version and answers `fathom --version`
// and `fathom version` before anything else of the program is initialised. It
// imports nothing but os, so that Go initialises it as early as that allows:
// the tables of the Kubernetes API, which most of a start is spent on, are not
// made for an answer of one line.
package version

import "os"

// Number is the version; the linker sets it.
var Number = "dev"

// Line is what the program answers.
func Line() string { return "fathom " + Number + "\n" }

// Asked reports whether a command line, with the program's name first, asks for
// the version and nothing else. Other command lines are for the flags' parser.
func Asked(line []string) bool {
	return len(line) == 2 && (line[1] == "--version" || line[1] == "version")
}

func init() {
	if !Asked(os.Args) {
		return
	}
	if _, err := os.Stdout.WriteString(Line()); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}
