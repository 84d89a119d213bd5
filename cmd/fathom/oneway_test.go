package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// standardFiles are the only files that may name standard output or standard error, and
// why none of their text is foreign.
var standardFiles = map[string]string{
	"cmd/fathom/console/console.go":  "cleans",
	"cmd/fathom/crash/guard_unix.go": "comes before the cleaning is initialised, and quotes what it says",
	"cmd/fathom/opening/opening.go":  "asks whether it is a terminal",
	"cmd/fathom/once.go":             "asks how wide it is",
	"cmd/fathom/program.go":          "asks whether it is a terminal",
	"cmd/fathom/version/version.go":  "writes the version",
	"kube/stderr.go":                 "takes it away from libraries",
	"ui/term/terminal.go":            "draws",
}

// TestTextLeavesByOneWay finds what could write text to standard output or standard
// error without going through package console.
func TestTextLeavesByOneWay(t *testing.T) {
	seen := map[string]bool{}
	eachProductFile(t, func(file string, source []byte) {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			way := wayOut(n, path.Dir(file))
			if way != "" && standardFiles[file] == "" {
				t.Errorf("%s: %s does not go through package console", set.Position(n.Pos()), way)
			}
			seen[file] = seen[file] || way != ""
			return true
		})
	})
	for file := range standardFiles {
		if !seen[file] {
			t.Errorf("%s needs no line in this test", file)
		}
	}
}

// wayOut returns what a node writes with, or "".
func wayOut(n ast.Node, folder string) string {
	switch n := n.(type) {
	case *ast.ImportSpec:
		if n.Path.Value == `"log"` {
			return "log"
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
			return f.Name
		}
	case *ast.SelectorExpr:
		from, ok := n.X.(*ast.Ident)
		if !ok {
			return ""
		}
		name := from.Name + "." + n.Sel.Name
		switch {
		case slices.Contains([]string{"os.Stdout", "os.Stderr", "syscall.Stdout", "syscall.Stderr"}, name),
			from.Name == "fmt" && strings.HasPrefix(n.Sel.Name, "Print"),
			// Elsewhere it writes into texts.
			from.Name == "fmt" && strings.HasPrefix(n.Sel.Name, "Fprint") && strings.HasPrefix(folder, "cmd/"):
			return name
		}
	}
	return ""
}
