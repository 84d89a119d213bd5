package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// columnRules are what the config says of columns: "pods: [NAME, -IP, {name: TEAM, label: team}]".
type columnRules []views.ColumnRule

// UnmarshalYAML implements yaml.Unmarshaler.
func (c *columnRules) UnmarshalYAML(node *yaml.Node) error {
	const example = "pods: [NAME, STATUS, {name: TEAM, label: team}]"
	return eachLine(node, "columns", example, func(head, list *yaml.Node) error {
		rule, err := readTarget(head.Value)
		if err != nil {
			return configErrorf(head.Line, "columns of %q: %v", head.Value, err)
		}
		if slices.ContainsFunc(*c, func(o views.ColumnRule) bool { return sameTarget(o, rule) }) {
			return configErrorf(head.Line, "columns of %q are there twice", head.Value)
		}
		if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
			return configErrorf(head.Line, "columns of %q: give a list, such as [NAME, {name: TEAM, label: team}]", head.Value)
		}
		for _, entry := range list.Content {
			if err := addColumn(&rule, entry); err != nil {
				return configErrorf(entry.Line, "columns of %q: %v", head.Value, err)
			}
		}
		*c = append(*c, rule)
		return nil
	})
}

func sameTarget(a, b views.ColumnRule) bool {
	return strings.EqualFold(a.Kind, b.Kind) && a.Namespace == b.Namespace && a.Context == b.Context
}

// readTarget reads which tables columns are for: "pods", "po -n shop-*", "pods @prod-*".
func readTarget(text string) (rule views.ColumnRule, err error) {
	for words := strings.Fields(text); len(words) > 0; words = words[1:] {
		word := words[0]
		context, isContext := strings.CutPrefix(word, "@")
		switch {
		case isContext && context != "" && rule.Context == "":
			rule.Context = context
		case word == "-n" && len(words) > 1 && rule.Namespace == "":
			words = words[1:]
			rule.Namespace = words[0]
		case rule.Kind == "" && !isContext && !strings.HasPrefix(word, "-"):
			rule.Kind = word
		default:
			return rule, fmt.Errorf("%q means nothing here; write KIND, KIND -n NAMESPACE or KIND @CONTEXT", word)
		}
	}
	if rule.Kind == "" {
		return rule, errors.New("a kind is missing, such as pods or deployments.apps")
	}
	if rule.Namespace != "" && !views.MayNameNamespace(rule.Namespace) {
		return rule, fmt.Errorf("no namespace can be called %q; write a name or a pattern such as shop-*", rule.Namespace)
	}
	return rule, nil
}

// allColumns hides, with a minus, every column that is not named.
const allColumns = "*"

// addColumn reads one entry of the list of a rule.
func addColumn(rule *views.ColumnRule, entry *yaml.Node) error {
	column, err := readColumn(entry)
	if err != nil {
		return err
	}
	if column.Name == allColumns && column.Hidden {
		rule.Only = true
		return nil
	}
	if problem := columnNameProblem(column.Name); problem != "" {
		return fmt.Errorf("column %q: %s", column.Name, problem)
	}
	same := func(o views.ColumnChoice) bool { return strings.EqualFold(o.Name, column.Name) }
	if slices.ContainsFunc(rule.Columns, same) {
		return fmt.Errorf("column %s is there twice", column.Name)
	}
	kind := kindNamed(rule.Kind)
	switch known := kind == nil || hasColumn(kind, column.Name); {
	case column.Own == nil && !known:
		return fmt.Errorf("%s has no column %s; it has %s; one of your own has a path, label or annotation",
			rule.Kind, column.Name, columnNames(kind))
	case column.Own != nil && kind != nil && known:
		return fmt.Errorf("%s has a column %s already; give yours another name", rule.Kind, column.Name)
	}
	rule.Columns = append(rule.Columns, column)
	return nil
}

func columnNameProblem(name string) string {
	const longest = 63
	switch {
	case name == "":
		return "a name is missing"
	case len(name) > longest:
		return fmt.Sprintf("a name has %d characters at most", longest)
	case kinds.Clean(name) != name || strings.ContainsAny(name, "=<>!|,\"*"):
		return "a name is letters, digits and - _ . / % ( )"
	}
	return ""
}

// readColumn reads "NAME", "-NAME", or a map.
func readColumn(entry *yaml.Node) (out views.ColumnChoice, err error) {
	if entry.Kind == yaml.ScalarNode {
		name, hidden := strings.CutPrefix(entry.Value, "-")
		return views.ColumnChoice{Name: strings.ToUpper(name), Hidden: hidden}, nil
	}
	if entry.Kind != yaml.MappingNode {
		return out, errors.New("a column is a name, -NAME, or {name: NAME, path: ...}")
	}
	given := map[string]bool{}
	for i := 0; i+1 < len(entry.Content); i += 2 {
		key, value := entry.Content[i].Value, entry.Content[i+1]
		if given[key] {
			return out, fmt.Errorf("key %q is there twice", key)
		}
		given[key] = true
		if err := setColumn(&out, key, value); err != nil {
			return out, err
		}
	}
	if n := count(given, columnSources); n > 1 {
		return out, fmt.Errorf("column %q: give one of %s", out.Name, strings.Join(columnSources, ", "))
	}
	return out, nil
}

func count(given map[string]bool, keys []string) (n int) {
	for _, key := range keys {
		if given[key] {
			n++
		}
	}
	return n
}

var (
	columnSources = []string{"path", "label", "annotation"}
	columnKeys    = append([]string{"name"}, append(columnSources, "width", "right", "wide", "hidden")...)
)

// setColumn reads one key of a column.
func setColumn(c *views.ColumnChoice, key string, value *yaml.Node) (err error) {
	if value.Kind != yaml.ScalarNode {
		return fmt.Errorf("key %q: give one value", key)
	}
	text := value.Value
	switch key {
	case "name":
		c.Name = strings.ToUpper(text)
	case "path":
		if c.Own, err = kinds.PathColumn(text); err != nil {
			return fmt.Errorf("path %q: %w", text, err)
		}
	case "label", "annotation":
		if problems := validation.IsQualifiedName(text); len(problems) > 0 {
			return fmt.Errorf("%s %q: %s", key, text, strings.Join(problems, "; "))
		}
		c.Own = kinds.LabelColumn(text)
		if key == "annotation" {
			c.Own = kinds.AnnotationColumn(text)
		}
	case "width":
		if err := value.Decode(&c.Width); err != nil || c.Width < 1 {
			return fmt.Errorf("width %q: give a number of characters", text)
		}
	case "right", "wide", "hidden":
		var on bool
		if err := value.Decode(&on); err != nil {
			return fmt.Errorf("%s %q: give true or false", key, text)
		}
		switch key {
		case "right":
			c.Right = &on
		case "wide":
			c.Wide = on
		default:
			c.Hidden = on
		}
	default:
		return fmt.Errorf("unknown key %q%s", key, nearestOf(columnKeys, key))
	}
	return nil
}

// nearestOf suggests one of a few words, or lists them.
func nearestOf(words []string, typed string) string {
	for _, word := range words {
		if ui.Resembles(ui.Typos(typed, word), word) {
			return fmt.Sprintf("; did you mean %s?", word)
		}
	}
	return "; valid keys: " + strings.Join(words, ", ")
}

// kindNamed returns the kind with a file of a name, as far as that is known without a cluster;
// nil for any other.
func kindNamed(name string) *kinds.Kind {
	name, group, grouped := strings.Cut(strings.ToLower(name), ".")
	for _, k := range kinds.All() {
		called := append([]string{k.Resource, strings.ToLower(k.Kind)}, k.Short...)
		if slices.Contains(called, name) && (!grouped || k.Group == group) {
			return k
		}
	}
	return nil
}

// besideColumns are the columns that tables have beside those of a kind.
var besideColumns = []string{"NAMESPACE", "CPU", "MEM", "CPU/L", "MEM/L", "CPU/R", "MEM/R", "CPU/A", "MEM/A"}

func hasColumn(kind *kinds.Kind, name string) bool {
	return kind.Column(name) >= 0 || slices.Contains(besideColumns, name)
}

func columnNames(kind *kinds.Kind) string {
	names := make([]string, len(kind.Columns))
	for i, c := range kind.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
