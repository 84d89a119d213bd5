package views

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// fieldTree is the fields of a kind as a tree, with what the API says of the one under
// the cursor below it. On an object, its values stand beside the fields.
type fieldTree struct {
	detailed
	source  *kube.Explanation
	name    string // of the kind, to be shown
	schema  *openapi.Schema
	problem string  // why the schema is old or missing
	wanted  string  // the path that the cursor goes to as soon as there are fields
	without string  // the path that was wanted, if there is no such field
	ahead   []ui.Do // keys that came before the fields

	open    map[string]bool // the paths of the fields whose own are visible
	visible []int           // indexes of fields
	drawn   int             // counts up when rows read differently
	width   int             // that the text was drawn for
	values  func() map[string]any
	object  map[string]any // what values returned last
}

// newFieldTree returns the tree of a resource's kind. values returns the object whose
// values are shown, nil for none; values is nil where there never is one.
func newFieldTree(s *Session, r kube.Resource, values func() map[string]any) fieldTree {
	t := fieldTree{
		source: s.Cluster.Explain(r), name: r.Kind, values: values,
		open: map[string]bool{"spec": true}, width: 80,
	}
	t.table.Sorted = -1
	if values != nil {
		// Beside values, a description has room on wide screens only; below them it is whole.
		t.table.SetColumns([]ui.Column{
			{Title: "FIELD", Fixed: true}, {Title: "TYPE"}, {Title: "VALUE"},
			{Title: "DESCRIPTION", Optional: true, Max: 50},
		})
	} else {
		t.table.SetColumns([]ui.Column{{Title: "FIELD", Fixed: true}, {Title: "TYPE"}, {Title: "DESCRIPTION"}})
	}
	return t
}

const actUnfold ui.Action = "unfold-all"

func (t *fieldTree) keys() []ui.Key {
	return append([]ui.Key{
		{Action: actFold, Keys: []string{"enter", "space"}, Help: "unfold, fold", Group: "Text", Footer: true},
		{Action: actSearch, Keys: []string{"/"}, Help: "find a field", Group: "Text", Footer: true},
		{Action: actUnfold, Keys: []string{"a"}, Help: "unfold all", Group: "Text", Footer: true},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy path or value", Group: "Text"},
	}, t.moves()...)
}

func (t *fieldTree) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return ui.Watch{Source: t.source}
	case kube.Explained:
		if msg.From == t.source {
			t.explained(msg)
			return t.catchUp()
		}
		return nil
	case ui.Ended:
		if msg.Source == t.source && msg.Err != nil {
			t.problem = msg.Err.Error()
		}
		return nil
	case ui.Do:
		if t.schema == nil && t.problem == "" && len(t.ahead) < aheadMax {
			t.ahead = append(t.ahead, msg)
			return nil
		}
		if intent, handled := t.do(msg); handled {
			return intent
		}
	case ui.Clicked:
		t.detailed.update(msg, t, nil)
		if msg.Double {
			t.fold()
		}
		return nil
	}
	t.detailed.update(msg, t, t.text(t.width))
	return nil
}

func (t *fieldTree) explained(msg kube.Explained) {
	t.problem = ""
	if msg.Err != nil {
		t.problem = msg.Err.Error()
	}
	if msg.Schema != t.schema {
		t.schema = msg.Schema
		t.arrange()
		t.showWanted()
	}
}

// aheadMax is how many keys wait for the fields.
const aheadMax = 64

// catchUp does what was asked before there were fields.
func (t *fieldTree) catchUp() ui.Intent {
	ahead := t.ahead
	t.ahead = nil
	var all ui.All
	for _, do := range ahead {
		if intent := t.update(do); intent != nil {
			all = append(all, intent)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// showWanted puts the cursor on the field that was asked for, or on the last one on the
// way to it that exists, and unfolds it.
func (t *fieldTree) showWanted() {
	if t.wanted == "" || t.schema == nil {
		return
	}
	at, rest := fieldAt(t.schema.Fields, t.wanted)
	if t.without = ""; rest != "" {
		t.without = t.wanted
	}
	t.wanted = ""
	if at >= 0 {
		path := t.schema.Fields[at].Path
		t.open[path] = true
		showField{t, path}.Execute()
	}
}

func (t *fieldTree) do(msg ui.Do) (intent ui.Intent, handled bool) {
	switch msg.Action {
	case actFold:
		if t.whole {
			t.whole = false
		} else {
			t.fold()
		}
	case actUnfold:
		t.unfoldAll()
	case actSearch:
		return t.find(), true
	case actCopy:
		return t.copyChoices(), true
	default:
		return nil, false
	}
	return nil, true
}

// current is the field under the cursor, or nil.
func (t *fieldTree) current() *openapi.Field {
	if i := t.table.Current(t); i >= 0 {
		return &t.schema.Fields[t.visible[i]]
	}
	return nil
}

// arrange finds the fields that are not folded away.
func (t *fieldTree) arrange() {
	t.visible = t.visible[:0]
	t.drawn++
	if t.schema == nil {
		return
	}
	for i := 0; i < len(t.schema.Fields); {
		t.visible = append(t.visible, i)
		if f := &t.schema.Fields[i]; t.open[f.Path] {
			i++
		} else {
			i = f.End
		}
	}
	t.table.Update(t)
}

// fold folds or unfolds the field under the cursor. One without fields of its own has a
// text that may be long.
func (t *fieldTree) fold() {
	i := t.table.Current(t)
	if i < 0 {
		return
	}
	f := &t.schema.Fields[t.visible[i]]
	if f.End == t.visible[i]+1 {
		t.detailed.update(ui.Do{Action: actWrap}, t, nil)
		return
	}
	t.open[f.Path] = !t.open[f.Path]
	t.arrange()
}

// unfoldAll unfolds everything, or folds it again.
func (t *fieldTree) unfoldAll() {
	if t.schema == nil {
		return
	}
	if len(t.visible) == len(t.schema.Fields) {
		t.open = map[string]bool{}
	} else {
		for i, f := range t.schema.Fields {
			if f.End > i+1 {
				t.open[f.Path] = true
			}
		}
	}
	t.arrange()
}

// showField puts the cursor on a field, and unfolds what is around it.
type showField struct {
	tree *fieldTree
	path string
}

// Execute implements ui.Command.
func (s showField) Execute() {
	t := s.tree
	t.whole = false
	for i, c := range s.path {
		if c == '.' {
			t.open[s.path[:i]] = true
		}
	}
	t.arrange()
	t.table.SetCurrent(s.path)
	t.table.Update(t)
}

// find offers every field by its path.
func (t *fieldTree) find() ui.Intent {
	if t.schema == nil {
		return ui.Say{Text: "there are no fields to find", Role: themes.Muted}
	}
	choices := make([]ui.Choice, len(t.schema.Fields))
	for i := range t.schema.Fields {
		f := &t.schema.Fields[i]
		choices[i] = ui.Choice{
			Name: f.Path, Also: []string{f.Name}, Detail: f.Type + "  " + firstSentence(f.Description),
			Then: showField{t, f.Path},
		}
	}
	return ui.Choose{Title: "field of " + t.name, Choices: choices}
}

func (t *fieldTree) copyChoices() ui.Intent {
	i := t.table.Current(t)
	if i < 0 {
		return ui.Say{Text: "nothing to copy", Role: themes.Muted}
	}
	f := &t.schema.Fields[t.visible[i]]
	choices := []ui.Choice{{Name: "path", Detail: f.Path, Then: ui.Copy{Text: f.Path, What: "path"}}}
	if text := briefValues(t.valuesOf(t.visible[i])); text != "" {
		choices = append(choices, ui.Choice{Name: "value", Detail: text, Then: ui.Copy{Text: text, What: "value"}})
	}
	if f.Description != "" {
		text := ui.Copy{Text: f.Description, What: "description"}
		choices = append(choices, ui.Choice{Name: "description", Detail: firstSentence(f.Description), Then: text})
	}
	return ui.Choose{Title: "copy", Choices: choices}
}

func (t *fieldTree) valuesOf(field int) []any {
	if t.object == nil {
		return nil
	}
	return valuesAt(t.object, t.schema.Fields, field)
}

// firstSentence is the beginning of a description, on one line.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if i := strings.Index(text, ". "); i >= 0 {
		text = text[:i+1]
	}
	return text
}

// Len implements ui.Rows.
func (t *fieldTree) Len() int { return len(t.visible) }

// ID implements ui.Rows.
func (t *fieldTree) ID(i int) string { return t.schema.Fields[t.visible[i]].Path }

// Find implements ui.Rows.
func (t *fieldTree) Find(id string) int {
	return slices.IndexFunc(t.visible, func(i int) bool { return t.schema.Fields[i].Path == id })
}

// rowVersion is what the cells of a row are made from.
type rowVersion struct{ row, drawn int }

// Version implements ui.Rows.
func (t *fieldTree) Version(i int) any { return rowVersion{t.visible[i], t.drawn} }

// RowRole implements ui.Rows.
func (t *fieldTree) RowRole(int) themes.Role { return themes.Text }

// Row implements ui.Rows.
func (t *fieldTree) Row(i int, _ time.Time, cells []ui.TableCell) (until time.Time) {
	at := t.visible[i]
	f := &t.schema.Fields[at]
	cells[0] = ui.TableCell{Text: branch(f.Depth, f.End > at+1, t.open[f.Path]) + f.Name, Role: themes.Text}
	kind := f.Type
	if f.Required {
		kind += ", required"
	}
	cells[1] = ui.TableCell{Text: kind, Role: themes.Muted}
	if t.values != nil {
		cells[2] = ui.TableCell{Text: briefValues(t.valuesOf(at)), Role: themes.Accent}
	}
	cells[len(cells)-1] = ui.TableCell{Text: firstSentence(f.Description), Role: themes.Muted}
	return until
}

// branch is what stands before a name in a tree.
func branch(depth int, folds, open bool) string {
	mark := "  "
	switch {
	case folds && open:
		mark = "▾ "
	case folds:
		mark = "▸ "
	}
	return strings.Repeat("  ", depth) + mark
}
