package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReleasesAreCompiledAsHere compares what the Makefile compiles without inlining, and
// how it links, with what a release does: only the Makefile's binary is measured.
func TestReleasesAreCompiledAsHere(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	release, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	paths := func(pattern string) []string {
		match := regexp.MustCompile(pattern).FindSubmatch(makefile)
		if match == nil {
			t.Fatalf("the Makefile has no %s", pattern)
		}
		return strings.Fields(strings.ReplaceAll(string(match[1]), "\\\n", " "))
	}
	const module = "github.com/fathom-k8s/fathom/"
	var want []string
	for _, path := range paths(`(?m)^COLD +:= ((?:.*\\\n)*.*)`) {
		want = append(want, path+"/...")
	}
	for _, path := range paths(`(?m)^OWN +:= \$\(addprefix ` + module + `,((?:.*\\\n)*.*)\)$`) {
		want = append(want, module+path)
	}
	var got []string
	for _, match := range regexp.MustCompile(`(?m)^ +- (\S+)=-l$`).FindAllSubmatch(release, -1) {
		got = append(got, string(match[1]))
	}
	if !slices.Equal(got, want) {
		t.Errorf(".goreleaser.yaml compiles\n%q\nwithout inlining, the Makefile\n%q", got, want)
	}
	links := regexp.MustCompile(`(?m)^ +ldflags: \["(.*) -X `).FindSubmatch(release)
	if want := paths(`(?m)^LDFLAGS := (.*) -X `); links == nil || !slices.Equal(strings.Fields(string(links[1])), want) {
		t.Errorf(".goreleaser.yaml links with %q, the Makefile with %q", links, want)
	}
}
