package kinds

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/kinds.md")

const kindsHead = "# Kinds" + `

Written from the files of kube/kinds by ` + "`go test ./kube/kinds -run KindsDocument -update`" + `. A kind
that is not here is shown too: a custom resource by its printer columns, anything else by the
server's table.

- **Columns** are those of ` + "`kubectl get`" + `; those in parentheses only of ` + "`-o wide`" + `. ` + "`TestCells`" + ` in
  e2e/suite compares them, and every cell of every object, with the server's own table.
- **Status** says that the kind has a health of its own. Each object that is being deleted has one.
- **Below** and **above** are what its links put there in a tree, in the words of the tree. Any kind
  may also be owned by another, stand above what it mentions, and have events. The links of each
  kind are held by ` + "`TestLinks`" + `.
`

// edge is a link from any object of a kind to any of another.
type edge struct {
	from, to string
	relation Relation
}

// edgesOf reads the links of the samples and of the objects of TestLinks.
func edgesOf(t *testing.T) map[edge]bool {
	t.Helper()
	edges := map[edge]bool{}
	read := func(k *Kind, r *Record) {
		for _, l := range r.Links {
			edges[edge{k.GroupKind().String(), l.To.GroupKind.String(), l.Relation}] = true
		}
	}
	for _, k := range All() {
		r, _ := row(t, k, sample(t, k))
		read(k, r)
	}
	for _, c := range allLinks {
		r, _ := row(t, c.kind, parse(t, c.kind, c.object))
		read(c.kind, r)
	}
	for _, k := range All() {
		for _, to := range k.LinkKinds() {
			addTemplate(edges, k, to.String())
			if !slices.ContainsFunc(slices.Collect(maps.Keys(edges)), func(e edge) bool {
				return e.from == k.GroupKind().String() && e.to == to.String()
			}) {
				t.Errorf("LinksTo of %s has %s, to which no object of TestLinks points", k.Kind, to)
			}
		}
	}
	return edges
}

// addTemplate adds what the pods of a kind with a template point to.
func addTemplate(edges map[edge]bool, k *Kind, to string) {
	if k == Pod || !strings.HasPrefix(k.LinksTo, specLinksTo) {
		return
	}
	if to == "Pod" {
		edges[edge{k.GroupKind().String(), to, Makes}] = true
	}
	for _, e := range slices.Collect(maps.Keys(edges)) {
		if e.from == "Pod" && e.to == to {
			e.from = k.GroupKind().String()
			edges[e] = true
		}
	}
}

// besides are the relations that any kind may have.
var besides = []Relation{OwnedBy, About, Mentions}

// sides say what stands below and above a kind: "mounts ConfigMap, Secret; runs on Node".
func sides(edges map[edge]bool, k *Kind) (below, above string) {
	names := [2]map[string][]string{{}, {}}
	for e := range edges {
		if slices.Contains(besides, e.relation) {
			continue
		}
		other, _, _ := strings.Cut(e.to, ".")
		if e.relation == Defines || e.relation == Scales {
			other = "any kind"
		}
		side := 0
		if e.relation.HolderBelow() {
			side = 1
		}
		if e.from == k.GroupKind().String() {
			names[side][e.relation.String()] = append(names[side][e.relation.String()], other)
		}
		if e.to == k.GroupKind().String() && other != "any kind" {
			other, _, _ = strings.Cut(e.from, ".")
			names[1-side][e.relation.Reverse()] = append(names[1-side][e.relation.Reverse()], other)
		}
	}
	text := func(names map[string][]string) string {
		var parts []string
		for _, words := range slices.Sorted(maps.Keys(names)) {
			slices.Sort(names[words])
			parts = append(parts, words+" "+strings.Join(names[words], ", "))
		}
		return strings.Join(parts, "; ")
	}
	return text(names[0]), text(names[1])
}

// wrapped is a line of a list in as many lines as it needs.
func wrapped(text string) string {
	var b strings.Builder
	width := 0
	for word := range strings.SplitSeq("- "+text, " ") {
		switch {
		case width == 0:
		case width+1+len(word) > 100:
			b.WriteString("\n  ")
			width = 2
		default:
			b.WriteString(" ")
			width++
		}
		b.WriteString(word)
		width += len(word)
	}
	return b.String() + "\n"
}

func columnsText(k *Kind) string {
	names := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		names[i] = c.Name
		if c.Wide {
			names[i] = "(" + c.Name + ")"
		}
	}
	return strings.Join(names, ", ")
}

// hasStatus reports whether the file of a kind says how well its objects are.
func hasStatus(t *testing.T, k *Kind) bool {
	t.Helper()
	source, err := os.ReadFile(strings.ToLower(k.Kind) + ".go")
	if err != nil {
		t.Fatal(err)
	}
	return k.status != nil || strings.Contains(string(source), "r.Status")
}

// TestKindsDocument compares docs/kinds.md with the kinds; -update writes it.
func TestKindsDocument(t *testing.T) {
	edges := edgesOf(t)
	var b strings.Builder
	b.WriteString(kindsHead)
	for _, k := range All() {
		names := append([]string{k.Resource}, k.Short...)
		b.WriteString("\n## " + k.Kind + "\n\n")
		b.WriteString(wrapped("`" + strings.Join(names, "`, `") + "` of " + k.GroupVersion().String()))
		b.WriteString(wrapped("Columns: " + columnsText(k)))
		if hasStatus(t, k) {
			b.WriteString(wrapped("Status"))
		}
		below, above := sides(edges, k)
		if below != "" {
			b.WriteString(wrapped("Below: " + below))
		}
		if above != "" {
			b.WriteString(wrapped("Above: " + above))
		}
	}
	const path = "../../docs/kinds.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != b.String() {
		t.Errorf("%s is not what the kinds say; go test ./kube/kinds -run KindsDocument -update writes it (%v)", path, err)
	}
}
