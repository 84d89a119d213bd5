package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/fathom-k8s/fathom/cmd/fathom/opening"
)

// TestOpeningKnowsTheFlags holds that the frame before the program reads a command line
// as the program does.
func TestOpeningKnowsTheFlags(t *testing.T) {
	describe := func(flags *pflag.FlagSet) []string {
		var all []string
		flags.VisitAll(func(f *pflag.Flag) {
			all = append(all, strings.Join([]string{f.Name, f.Shorthand, f.Value.Type(), f.NoOptDefVal}, " "))
		})
		return all
	}
	root := rootCommand("fathom")
	root.InitDefaultHelpFlag()
	got, want := describe(opening.Flags(&opening.Line{})), describe(root.Flags())
	for _, flag := range want {
		if !slices.Contains(got, flag) {
			t.Errorf("opening does not know %q", flag)
		}
	}
	for _, flag := range got {
		if !slices.Contains(want, flag) {
			t.Errorf("opening knows %q, which the program does not", flag)
		}
	}
	root.InitDefaultCompletionCmd()
	for _, command := range root.Commands() {
		if _, shown := opening.Parse([]string{command.Name()}); shown {
			t.Errorf("opening shows a screen for the command %s", command.Name())
		}
	}
}

func TestOpening(t *testing.T) {
	for _, tt := range []struct {
		line string
		want bool
	}{
		{"", true},
		{"pods -n shop", true},
		{"--kubeconfig /tmp/x deployment web", true},
		{"-Apods", false}, // -A takes no value
		{"-A pods --theme dusk --ascii --write", true},
		{"-nshop -s https://x --as-group a --as-group b", true},
		{"--once pods", false},
		{"--once=false pods", false}, // is rare, and only costs a frame
		{"-o yaml pods", false},
		{"-h", false},
		{"--help", false},
		{"--version", false},
		{"--nosuch", false},
		{"-n", false},
		{"a b c", false},
		{"open x.tape", false},
		{"-n shop demo", false},
		{"__complete pods", false},
		{"get pods", false},
		{"-- get", false},
	} {
		if _, got := opening.Parse(strings.Fields(tt.line)); got != tt.want {
			t.Errorf("fathom %s: a frame: %v, want %v", tt.line, got, tt.want)
		}
	}
	line, _ := opening.Parse([]string{"--theme=dusk", "--write", "--ascii"})
	if line != (opening.Line{Theme: "dusk", ASCII: true, Write: true}) {
		t.Errorf("got %+v", line)
	}
}
