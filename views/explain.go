package views

import (
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/redact"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const tabExplain tabID = "explain"

func init() {
	registerTab(tabSpec{
		order: 90, id: tabExplain, key: "i", api: true,
		open: func(s *subject) tab { return newExplainTab(s) },
	})
}

// explainTab is the fields of the subject's kind, with the subject's values beside them.
// Values of Secrets stay hidden: the YAML tab shows them.
type explainTab struct {
	fieldTree
	subject *subject
	stale   bool // the subject is newer than shown
	shown   map[string]any
	missing error // why there is nothing newer
}

func newExplainTab(s *subject) *explainTab {
	v := &explainTab{subject: s, stale: true}
	v.fieldTree = newFieldTree(s.session, s.resource, v.fields)
	return v
}

// fields returns the newest version of the subject.
func (v *explainTab) fields() map[string]any {
	s := v.subject
	if !v.stale || s.record == nil {
		return v.shown
	}
	v.stale = false
	fields, err := s.session.Cluster.Fields(s.record)
	if v.missing = err; err != nil {
		return v.shown
	}
	if s.record.Kind.Secret {
		v.shown = redact.Secret(fields, redact.Plain)
	} else {
		v.shown, _ = redact.Object(fields, redact.Plain)
	}
	v.drawn++
	return v.shown
}

// Keys implements tab.
func (v *explainTab) Keys() []ui.Key { return v.keys() }

// Update implements tab.
func (v *explainTab) Update(msg ui.Msg) ui.Intent {
	if _, ok := msg.(subjectChanged); ok {
		v.stale = true
		return nil
	}
	return v.update(msg)
}

// Draw implements tab.
func (v *explainTab) Draw(f ui.Frame) string {
	var head []ui.Line
	if v.fields(); v.missing != nil {
		words, role := v.subject.without(v.missing)
		head = note(words, role, f.Width)
	}
	return v.drawTree(f, head)
}

// Wake implements tab.
func (v *explainTab) Wake(time.Time) time.Time { return time.Time{} }

// explain is the fields of a kind, without an object.
type explain struct {
	screen
	fieldTree
	resource kube.Resource
}

// Explain is the fields of a kind, with the cursor on the one at a path, as FindField
// returns it.
func Explain(s *Session, r kube.Resource, path string) ui.View {
	v := &explain{resource: r}
	v.fieldTree = newFieldTree(s, r, nil)
	v.wanted = path
	v.screen = newScreen(s, v)
	return v
}

// place implements page.
func (v *explain) place() []string {
	return []string{"explain", v.resource.GroupVersion().String() + " " + v.resource.Kind}
}

// state implements page.
func (v *explain) state() kube.State { return kube.State{} }

// empty implements page.
func (v *explain) empty() bool { return v.schema == nil }

// keys implements page.
func (v *explain) keys() []ui.Key { return v.fieldTree.keys() }

// update implements page.
func (v *explain) update(msg ui.Msg) ui.Intent { return v.fieldTree.update(msg) }

// Draw implements ui.View.
func (v *explain) Draw(f ui.Frame) string {
	var head []ui.Line
	if v.schema != nil {
		head = append(head, ui.Line{{Text: " " + firstSentence(v.schema.Description), Role: themes.Muted}})
	}
	return v.drawTree(f, head)
}

// Wake implements ui.View.
func (v *explain) Wake(time.Time) time.Time { return time.Time{} }
