package logbuf

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/logs.md")

// TestLogsDocument compares the table in docs/logs.md with the language of the filter, whose
// examples have to be filters; -update writes it.
func TestLogsDocument(t *testing.T) {
	const path, begin, end = "../../docs/logs.md", "<!-- written by go test ./views/logbuf -update -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| term | such as | lines |\n|---|---|---|\n")
	for _, s := range FilterSyntax {
		fmt.Fprintf(&table, "| `%s` | `%s` | %s |\n", s.Form, s.Example, s.Means)
		if f, err := NewFilter(s.Example); err != nil || len(f.terms) != 1 {
			t.Errorf("the example %q: %v, %v", s.Example, f, err)
		}
	}
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", path)
	}
	want := head + begin + table.String() + end + tail
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the filter takes; -update writes it", path)
	}
}
