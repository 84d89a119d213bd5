package views

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/ui"
)

// commands are the methods that make the cluster side do something. They belong in an
// intent, so that the shell decides and a test can compare.
var commands = []string{
	"Refresh", "Again", "Close", "Toggle", "Faster", "Slower", "NextChange", "PreviousChange", "NextFinding",
	"PreviousFinding", "Seek",
}

// TestOnlyIntentsHaveEffects reads the package and finds calls of those methods
// outside what the shell executes.
func TestOnlyIntentsHaveEffects(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fset, executed := token.NewFileSet(), map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(fset, file.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			function, _ := declared.(*ast.FuncDecl)
			ast.Inspect(declared, func(n ast.Node) bool {
				selected, ok := n.(*ast.SelectorExpr)
				switch {
				case !ok || !slices.Contains(commands, selected.Sel.Name) || isRows(selected.X):
				case function != nil && function.Name.Name == "Execute" && function.Recv != nil:
					executed[selected.Sel.Name] = true
				default:
					t.Errorf("%s: %s outside an intent", fset.Position(n.Pos()), selected.Sel.Name)
				}
				return true
			})
		}
	}
	if !executed["Refresh"] || !executed["Again"] || !executed["Seek"] {
		t.Errorf("the intents are not where this test looks: %v", executed)
	}
}

// isRows reports whether a method is that of a list's rows, which only sort.
func isRows(of ast.Expr) bool {
	field, ok := of.(*ast.SelectorExpr)
	return ok && field.Sel.Name == "rows"
}

// TestIntentsOfATabAreFoundInside has a tab ask the object view for the logs
// among other intents, as tabs that answer to a change do.
func TestIntentsOfATabAreFoundInside(t *testing.T) {
	_, v := openYAML(t, "pod", "web-1")
	kept := ui.All{ui.Say{Text: "kept"}, showLogs{container: "app"}}
	asked := ui.All{ui.All{nil, kept}, ui.Back{}}
	got := v.resolve(asked)
	if v.specs[v.current].id != tabLogs || v.subject.container != "app" {
		t.Errorf("at %s, container %q", v.specs[v.current].id, v.subject.container)
	}
	if !contains(got, ui.Say{Text: "kept"}, ui.Back{}) {
		t.Errorf("other intents are lost: %v", got)
	}
	if contains(got, showLogs{container: "app"}) {
		t.Errorf("the shell is asked what it does not know: %v", got)
	}
	if diff := cmp.Diff([]ui.Intent(ui.All{ui.Say{Text: "kept"}, kept[1]}), []ui.Intent(kept),
		cmp.AllowUnexported(showLogs{})); diff != "" {
		t.Errorf("the tab's own intents were changed: %s", diff)
	}
}
