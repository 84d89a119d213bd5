package triage

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the rules into docs/triage.md")

const (
	document = "../../docs/triage.md"
	rulesAt  = "<!-- rules: written by go test ./kube/triage -run TestDocument -update -->\n"
)

// TestDocument compares the rules in docs/triage.md with the code; -update writes them.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), rulesAt)
	if !ok {
		t.Fatalf("%s has no line %q", document, rulesAt)
	}
	var b strings.Builder
	b.WriteString(head + rulesAt + "\n| rule | finds | settles after | because |\n|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(Rules)) {
		r := Rules[name]
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Name, r.About, settleText(r.Settles), r.Why)
	}
	if *update {
		if err := os.WriteFile(document, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != string(text) {
		t.Errorf("%s is not what the rules say; go test ./kube/triage -run TestDocument -update writes it", document)
	}
}

func settleText(d time.Duration) string {
	text := d.String()
	if d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

// TestRules holds that each rule says what it is, and why it waits.
func TestRules(t *testing.T) {
	for name, r := range Rules {
		if r.Why == "" || r.About == "" || r.Settles <= 0 || r.Name != name || !strings.HasSuffix(r.About, ".") {
			t.Errorf("%+v", r)
		}
	}
}
