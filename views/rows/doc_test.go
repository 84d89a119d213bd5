package rows

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/filter.md")

// TestFilterDocument compares the table in docs/filter.md with the rules; -update
// writes it.
func TestFilterDocument(t *testing.T) {
	const (
		path  = "../../docs/filter.md"
		begin = "<!-- written by go test ./views/rows -update -->\n"
		end   = "<!-- end -->\n"
	)
	var table strings.Builder
	table.WriteString("| a column of | shown as | compares with |\n|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", r.holds, r.shown, r.value)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
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
		t.Errorf("%s is not what the rules say; -update writes it", path)
	}
	for i, line := range strings.Split(want, "\n") {
		if len([]rune(line)) > 100 {
			t.Errorf("%s:%d has more than 100 columns", path, i+1)
		}
	}
}
