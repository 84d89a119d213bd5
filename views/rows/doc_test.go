package rows

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/filter.md")

// TestFilterDocument compares the tables in docs/filter.md with the syntax and the rules;
// -update writes them.
func TestFilterDocument(t *testing.T) {
	const path = "../../docs/filter.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var terms, values strings.Builder
	terms.WriteString("| term | shows the rows |\n|---|---|\n")
	for _, s := range Syntax {
		fmt.Fprintf(&terms, "| `%s` | %s |\n", strings.ReplaceAll(s.Term, "|", "\\|"), s.Shows)
	}
	values.WriteString("| a column of | shown as | compares with |\n|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&values, "| %s | %s | %s |\n", r.holds, r.shown, r.value)
	}
	want := string(text)
	for begin, table := range map[string]string{
		"<!-- terms: written by go test ./views/rows -update -->\n": terms.String(),
		"<!-- written by go test ./views/rows -update -->\n":        values.String(),
	} {
		head, rest, found := strings.Cut(want, begin)
		_, tail, ended := strings.Cut(rest, "<!-- end -->\n")
		if !found || !ended {
			t.Fatalf("%s has no place for %q", path, begin)
		}
		want = head + begin + table + "<!-- end -->\n" + tail
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the syntax and the rules say; -update writes it", path)
	}
	for i, line := range strings.Split(want, "\n") {
		if len([]rune(line)) > 100 {
			t.Errorf("%s:%d has more than 100 columns", path, i+1)
		}
	}
}

// TestSyntax checks that every term of the documentation is one.
func TestSyntax(t *testing.T) {
	_, columns := filterRecord()
	for _, s := range Syntax {
		if f, err := (&Index{all: columns}).parseFilter(s.Term); err != nil || len(f.terms) == 0 {
			t.Errorf("%s: %d terms, %v", s.Term, len(f.terms), err)
		}
	}
}
