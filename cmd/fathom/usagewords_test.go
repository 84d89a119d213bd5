package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestMisspeltFlags suggests what was meant.
func TestMisspeltFlags(t *testing.T) {
	for flag, want := range map[string]string{
		"--oncee": "did you mean --once?", "--contxt": "did you mean --context?", "--zzzzzz": "see --help",
	} {
		cmd := rootCommand("fathom")
		cmd.SetArgs([]string{flag, "x"})
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", flag, err, want)
		}
	}
}

// TestHelpSaysWhatOncePrints holds that who prints a screen without naming one knows which that is: it
// is not the one that is opened.
func TestHelpSaysWhatOncePrints(t *testing.T) {
	cmd := rootCommand("fathom")
	if !strings.Contains(cmd.Long, "the pods, unless a kind") || !strings.Contains(cmd.Long, "triage --once") {
		t.Errorf("it says\n%s", cmd.Long)
	}
	out, err := runOpen(t, dumped(t))
	if err != nil || !strings.Contains(out, "RESTARTS") {
		t.Errorf("without a kind it prints %v\n%s", err, out)
	}
}

// TestHelpListsWhatMatters reads the help of commands to which some flags mean nothing.
func TestHelpListsWhatMatters(t *testing.T) {
	for command, not := range map[string][]string{
		"report": {"--once", "--theme", "--recursive", "--containers"},
		"triage": {"--recursive", "--containers", "--no-triage"},
		"demo":   {"--kubeconfig", "--token", "--as ", "--write"},
		"open":   {"--kubeconfig", "--token", "--as ", "--write"},
	} {
		cmd := rootCommand("fathom")
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetArgs([]string{command, "--help"})
		if err := cmd.Execute(); err != nil {
			t.Fatal(err)
		}
		for _, flag := range not {
			if strings.Contains(out.String(), "  "+flag+" ") {
				t.Errorf("%s --help lists %s", command, flag)
			}
		}
	}
}
