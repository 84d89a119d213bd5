package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const rootHelp = `fathom explores a Kubernetes cluster: pods, nodes
and more.

Note: a line with a colon is not a heading.

Usage:
  fathom [KIND | KIND/NAME] [flags]
  fathom [command]

Examples:
  fathom pods -n shop

Available Commands:
  help        Help about any command
  open        Browse a dump

Flags:
      --ascii   draw ASCII only
.dots at the start of a line

Use "fathom [command] --help" for more information about a command.
`

func TestPage(t *testing.T) {
	root := parse("", rootHelp)
	if got := root.commands(); !slices.Equal(got, []string{"open"}) {
		t.Errorf("commands %q", got)
	}
	got := page(root, []help{parse("open", "Browse a dump.\n\nUsage:\n  fathom open FILE\n")})
	for _, want := range []string{
		".SH NAME\nfathom \\- explores a Kubernetes cluster\n.SH",
		"Note: a line with a colon is not a heading.\n",
		".SH EXAMPLES\n.nf\n  fathom pods \\-n shop\n.fi\n",
		"      \\-\\-ascii   draw ASCII only\n\\&.dots at the start of a line\n.fi\n",
		".SS fathom open\nBrowse a dump.\n.PP\n.B Usage\n.nf\n  fathom open FILE\n.fi\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Use \"fathom") {
		t.Errorf("cobra's pointer to help is in\n%s", got)
	}
}

// TestProgram makes the page of the real program.
func TestProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "fathom")
	build := exec.Command("go", "build", "-C", "../..", "-o", program, "./cmd/fathom")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	root, err := ask(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"open", "record", "demo", "completion", "version"} {
		if !slices.Contains(root.commands(), want) {
			t.Errorf("the help lists %q and not %s", root.commands(), want)
		}
		if command, err := ask(program, want); err != nil || len(command.sections["Usage"]) == 0 {
			t.Errorf("help of %s: %+v, %v", want, command, err)
		}
	}
	if home, err := os.UserHomeDir(); err != nil || strings.Contains(page(root, nil), home) {
		t.Errorf("the page names a folder of who made it, %s (%v)", home, err)
	}
	for _, section := range []string{"Usage", "Examples", "Flags"} {
		if len(root.sections[section]) == 0 {
			t.Errorf("no section %s in the help of the program", section)
		}
	}
}
