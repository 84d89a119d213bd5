package views

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// dataTitle heads the keys of a ConfigMap or a Secret.
const dataTitle = "data"

// dataLinesMax is how many lines of a value that was asked for are shown.
const dataLinesMax = 6

// secret reports whether the subject has values that are hidden until asked for.
func (v *overview) secret() bool {
	return v.subject.secret() && (v.subject.record == nil || len(v.details.Data) > 0)
}

// data is a line for each key, and more for a value that was asked for.
func (v *overview) data(f ui.Frame) []entry {
	var shown map[string]string
	if v.revealed && v.secret() {
		shown = v.values()
	}
	var all []row
	for _, d := range v.details.Data {
		first := row{id: d.Key, then: showTab{"yaml"}, cells: []ui.Span{{Text: d.Key, Role: themes.Muted}}}
		text, known := shown[d.Key]
		switch {
		case known && text != "" && strings.Trim(text, "\x00") == "": // what a tape has in its place
			first.cells = append(first.cells, ui.Span{Text: d.Size + " that were not recorded", Role: themes.Muted})
		case known && utf8.ValidString(text):
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			for i, line := range lines[:min(len(lines), dataLinesMax)] {
				cell := ui.Span{Text: kinds.Clean(line), Role: themes.Text}
				if i == 0 {
					first.cells = append(first.cells, cell)
					all = append(all, first)
					continue
				}
				all = append(all, row{cells: []ui.Span{{Role: themes.Muted}, cell}})
			}
			if more := len(lines) - dataLinesMax; more > 0 {
				words := counted(more, "more lines") + "; c copies all, enter shows all"
				all = append(all, row{cells: []ui.Span{{Role: themes.Muted}, {Text: words, Role: themes.Muted}}})
			}
			continue
		case known:
			first.cells = append(first.cells, ui.Span{Text: d.Size + " that are not text", Role: themes.Muted})
		case d.Text != "":
			first.cells = append(first.cells, ui.Span{Text: d.Text, Role: themes.Text})
		default:
			first.cells = append(first.cells, ui.Span{Text: d.Size, Role: themes.Muted})
		}
		all = append(all, first)
	}
	return section(dataTitle, all, f.Width)
}

// values are the values of all keys, decoded; nil when the object cannot be read.
func (v *overview) values() map[string]string {
	fields, err := v.subject.session.Cluster.Fields(v.subject.record)
	if err != nil {
		v.unread = err
		return nil
	}
	all := map[string]string{}
	for _, part := range []struct {
		name    string
		encoded bool
	}{{"data", v.subject.record.Kind.Secret}, {"binaryData", true}, {"stringData", false}} {
		values, _ := fields[part.name].(map[string]any)
		for key, value := range values {
			text, _ := value.(string)
			if decoded, err := base64.StdEncoding.DecodeString(text); part.encoded && err == nil {
				text = string(decoded)
			}
			all[kinds.Clean(key)] = text
		}
	}
	return all
}

// copy copies what the line under the cursor names: a value, another object; else the
// subject's name.
func (v *overview) copy() ui.Intent {
	e := v.walk.current()
	if key, is := strings.CutPrefix(e.id, dataTitle); is && e.then == (showTab{"yaml"}) {
		if v.secret() && !v.revealed {
			return ui.Say{Text: "x shows the values; then c copies one", Role: themes.Muted}
		}
		if value, known := v.values()[key]; known {
			return ui.Copy{Text: value, What: "the value of " + key, Hidden: v.secret()}
		}
	}
	name := v.subject.shownName()
	switch then := e.then.(type) {
	case goTo:
		name = then.ref.Name
	case openRecord:
		name = then.record.Name
	case openContainer:
		name = then.name
	}
	return ui.Copy{Text: name, What: "name"}
}
