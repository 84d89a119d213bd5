package version

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// Whatever else this package imports would be initialised before the answer.
func TestNothingIsInitialisedBeforeTheAnswer(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "version.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		if spec.Path.Value != `"os"` {
			t.Errorf("imports %s", spec.Path.Value)
		}
	}
}

func TestOnlyTheVersionAloneIsAnsweredEarly(t *testing.T) {
	tests := map[string]bool{
		"fathom --version":           true,
		"kubectl-fathom version":     true,
		"fathom":                     false,
		"fathom pods":                false,
		"fathom --version --ascii":   false,
		"fathom -n shop version":     false,
		"fathom version extra":       false,
		"fathom --context --version": false,
	}
	for line, want := range tests {
		if got := Asked(strings.Fields(line)); got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
}
