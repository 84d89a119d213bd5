package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// mayImport lists the only packages of ours that each package may import.
var mayImport = map[string][]string{
	"themes": {},
	// For tests; no product code may import it.
	"themes/contrast": {},
	"kube/helm":       {},
	"kube/kinds":      {"kube/helm", "kube/redact"},
	"kube/dump":       {"kube/contain", "kube/memapi"},
	"kube/memapi":     {"kube/contain"},
	"kube/redact":     {},
	"kube/tape":       {"kube/contain", "kube/memapi", "kube/redact"},
	"kube": {
		"kube/kinds", "kube/bodies", "kube/contain", "kube/credential", "kube/history", "kube/openapi",
		"kube/logs", "kube/plain", "kube/redact",
		"kube/signal", "kube/transport", "kube/wire",
	},
	"kube/bodies": {"kube/kinds", "kube/wire"},
	"kube/effects": {
		"kube", "kube/history", "kube/journal", "kube/kinds", "kube/plain", "kube/redact", "kube/signal",
	},
	"kube/journal":    {"kube/signal"},
	"kube/contain":    {},
	"kube/credential": {"kube/contain", "kube/process", "kube/transport"},
	"kube/process":    {"kube/contain"},
	"kube/history":    {"kube/kinds", "kube/redact"},
	"kube/links":      {"kube/kinds"},
	"kube/logs":       {"kube/kinds"},
	"kube/openapi":    {"kube/kinds"},
	"kube/plain":      {"kube/kinds"},
	"kube/plugins":    {"kube", "kube/journal", "kube/kinds", "kube/plain", "kube/process"},
	"kube/recorder": {"kube", "kube/contain", "kube/kinds", "kube/logs", "kube/plain", "kube/signal", "kube/tape",
		"kube/transport", "kube/wire"},
	"kube/remote":      {"kube", "kube/kinds", "kube/plain", "kube/signal"},
	"kube/signal":      {"kube/contain"},
	"kube/transport":   {"kube/contain", "kube/kinds", "kube/plain", "kube/signal"},
	"kube/triage":      {"kube/history", "kube/kinds"},
	"kube/triage/live": {"kube", "kube/contain", "kube/history", "kube/kinds", "kube/signal", "kube/triage"},
	"kube/wire":        {},

	"ui":          {"ui/match", "ui/term", "themes"},
	"ui/match":    {},
	"ui/term":     {"ui/term/tty"},
	"ui/term/tty": {},
	// The terminal of a test; no product code may import it.
	"ui/term/termtest": {},

	"views": {
		"kube", "kube/effects", "kube/helm", "kube/history", "kube/journal", "kube/kinds", "kube/links", "kube/logs",
		"kube/openapi", "kube/plugins", "kube/recorder", "kube/redact", "kube/remote",
		"kube/triage", "kube/triage/live", "ui", "themes",
		"views/rows", "views/logbuf", "views/yamltext",
	},
	"views/rows":   {"kube", "kube/kinds", "ui", "themes"},
	"views/logbuf": {"kube", "kube/kinds", "kube/logs", "ui", "ui/match", "themes"},
	// The printer of YAML colours the texts that it finds in objects.
	"views/yamltext":  {"kube/kinds", "ui", "themes", "views/highlight"},
	"views/highlight": {"ui", "themes"},
	"cmd/fathom": {
		"kube", "kube/dump", "kube/effects", "kube/journal", "kube/kinds", "kube/logs", "kube/plugins", "kube/recorder",
		"kube/redact", "kube/remote", "kube/triage", "kube/triage/live", "ui", "views",
		"views/yamltext", "themes",
		"cmd/fathom/console", "cmd/fathom/crash", "cmd/fathom/env", "cmd/fathom/memory",
		"cmd/fathom/opening", "cmd/fathom/saved", "cmd/fathom/version",
	},
	"cmd/fathom/console": {"kube/kinds"},
	"cmd/fathom/memory":  {},
	"cmd/fathom/env":     {},
	"cmd/fathom/crash":   {"ui/term/tty"},
	// What these import is initialised before they show something.
	"cmd/fathom/opening": {"cmd/fathom/crash", "cmd/fathom/env", "cmd/fathom/memory",
		"themes", "ui"},
	"cmd/fathom/saved":   {"kube/contain", "kube/dump", "kube/kinds", "kube/plain", "kube/tape", "ui", "views"},
	"kube/kubetest":      {"kube/kinds", "kube/memapi"},
	"cmd/fathom/version": {},
}

// TestImports holds the one direction of the code. A package without a line in
// mayImport fails. It reads the files and does not ask the go command, so that a cached
// result is never wrong.
func TestImports(t *testing.T) {
	const module = "github.com/fathom-k8s/fathom/"
	seen := map[string]bool{}
	eachProductFile(t, func(file string, source []byte) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		from := path.Dir(file)
		seen[from] = true
		if _, known := mayImport[from]; !known {
			t.Errorf("%s has no line in this test", from)
		}
		for _, spec := range parsed.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			if to, ours := strings.CutPrefix(name, module); ours && !slices.Contains(mayImport[from], to) {
				t.Errorf("%s: %s must not import %s", file, from, to)
			}
			if name == "text/template" || name == "html/template" {
				t.Errorf("%s: %s keeps the linker from removing dead code and costs 21 MB", file, name)
			}
		}
	})
	for from := range mayImport {
		if !seen[from] {
			t.Errorf("%s has a line here but no code", from)
		}
	}
}

// eachProductFile calls do with every Go file of the product, tests left out.
func eachProductFile(t *testing.T, do func(file string, source []byte)) {
	t.Helper()
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (file == "e2e" || strings.HasPrefix(entry.Name(), ".") && file != ".") {
			return fs.SkipDir
		}
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		source, err := fs.ReadFile(root, file)
		if err == nil {
			do(file, source)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
