package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/ui"
)

// printedExplain prints what kubectl explain prints of a kind, or of one of its fields
// (k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl).
type printedExplain struct {
	screen
	source    *kube.Explanation
	resource  kube.Resource
	path      string // "" is the kind itself
	recursive bool   // with the fields of fields, without descriptions
	answer    *kube.Explained
}

// PrintedExplain returns a view that prints the fields of a kind, as FindField names it.
func PrintedExplain(s *Session, r kube.Resource, path string, recursive bool) ui.View {
	v := &printedExplain{source: s.Cluster.Explain(r), resource: r, path: path, recursive: recursive}
	v.screen = newScreen(s, v, v.source)
	return v
}

// place implements page.
func (v *printedExplain) place() []string { return []string{"explain " + v.resource.Resource} }

// state implements page.
func (v *printedExplain) state() kube.State { return kube.State{} }

// keys implements page.
func (v *printedExplain) keys() []ui.Key { return nil }

// update implements page.
func (v *printedExplain) update(msg ui.Msg) ui.Intent {
	if answer, ok := msg.(kube.Explained); ok {
		v.answer = &answer
	}
	return nil
}

// empty implements page.
func (v *printedExplain) empty() bool { return v.answer == nil }

// awaited implements awaiting.
func (v *printedExplain) awaited() bool { return v.answer == nil }

// problem is why there is nothing to print.
func (v *printedExplain) problem() error {
	switch {
	case v.answer == nil:
		return nil
	case v.answer.Schema == nil:
		return v.answer.Err
	}
	if _, rest := fieldAt(v.answer.Schema.Fields, v.path); rest != "" {
		return fmt.Errorf("%s %s has no field %q", v.resource.GroupVersion(), v.resource.Kind, v.path)
	}
	return nil
}

// Wake implements ui.View.
func (v *printedExplain) Wake(time.Time) time.Time { return time.Time{} }

// Draw implements ui.View.
func (v *printedExplain) Draw(f ui.Frame) string {
	if v.answer == nil || v.answer.Schema == nil || v.problem() != nil {
		return ""
	}
	p := explainPrinter{schema: v.answer.Schema, width: min(f.Width, explainWidth), recursive: v.recursive}
	if v.resource.Group != "" {
		p.line("GROUP:      " + v.resource.Group)
	}
	p.line("KIND:       " + v.resource.Kind)
	p.line("VERSION:    " + v.resource.Version)
	p.line("")
	from, to, depth, description := 0, len(p.schema.Fields), 0, p.schema.Description
	if at, _ := fieldAt(p.schema.Fields, v.path); at >= 0 {
		field := &p.schema.Fields[at]
		p.field(field)
		from, to, depth, description = at+1, field.End, field.Depth+1, strings.TrimSpace(field.Description+"\n"+field.OfType)
	}
	p.line("DESCRIPTION:")
	p.wrapped(4, cmp.Or(description, "<empty>"))
	p.line("")
	if from < to {
		p.line("FIELDS:")
		p.fields(from, to, depth)
	}
	return p.text.String()
}

// fieldAt returns the index of the field that a path leads to, whatever the case of its
// letters. Where the path goes on past the fields that exist, at is the last of them (-1 for
// none) and rest is the part of the path that is left.
func fieldAt(fields []openapi.Field, path string) (at int, rest string) {
	at = -1
	from, to := 0, len(fields)
	for path != "" {
		name, after, _ := strings.Cut(path, ".")
		found := -1
		for i := from; i < to; i = fields[i].End {
			if fields[i].Name == name || found < 0 && strings.EqualFold(fields[i].Name, name) {
				found = i
			}
		}
		if found < 0 {
			return at, path
		}
		at, path, from, to = found, after, found+1, fields[found].End
	}
	return at, ""
}

// explainWidth is how wide kubectl explain prints.
const explainWidth = 80

type explainPrinter struct {
	schema    *openapi.Schema
	width     int
	recursive bool
	text      strings.Builder
}

func (p *explainPrinter) line(text string) { p.text.WriteString(text + "\n") }

// wrapped prints a text of several lines with blanks before each. A word that is too long
// stays whole, so that a URL can be copied.
func (p *explainPrinter) wrapped(indent int, text string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			if line != "" && indent+ui.Width(line)+1+ui.Width(word) > p.width {
				p.line(strings.Repeat(" ", indent) + line)
				line = ""
			}
			line = strings.TrimLeft(line+" "+word, " ")
		}
		p.line(strings.Repeat(" ", indent) + line)
	}
}

// field prints the heading of the one field that is explained.
func (p *explainPrinter) field(f *openapi.Field) {
	p.line("FIELD: " + f.Name + " <" + f.Type + ">")
	if len(f.Enum) > 0 {
		p.line("ENUM:")
		for _, value := range f.Enum {
			p.line("    " + value)
		}
	}
	p.line("")
}

// enumShown is how many of the values of a field kubectl explain prints in a list of
// fields.
const enumShown = 4

// fields prints the fields from an index to another: those of a depth, or with the
// deeper ones if the print is recursive.
func (p *explainPrinter) fields(from, to, depth int) {
	for i := from; i < to; i++ {
		f := &p.schema.Fields[i]
		if f.Depth > depth && !p.recursive {
			continue
		}
		indent := 2 * (f.Depth - depth + 1)
		p.line(strings.Repeat(" ", indent) + f.Name + "\t<" + f.Type + ">" + requiredMark(f))
		if len(f.Enum) > 0 {
			values := slices.Clone(f.Enum[:min(len(f.Enum), enumShown)])
			if len(f.Enum) > enumShown {
				values = append(values, "....")
			}
			p.line(strings.Repeat(" ", indent) + "enum: " + strings.Join(values, ", "))
		}
		if !p.recursive {
			p.wrapped(indent+2, cmp.Or(f.Description, "<no description>"))
			p.line("")
		}
	}
}

func requiredMark(f *openapi.Field) string {
	if f.Required {
		return " -required-"
	}
	return ""
}
