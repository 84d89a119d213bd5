package views

import (
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// title names the row under the cursor; nil without one.
func (v *api) title() ui.Line {
	row, ok := v.current()
	if !ok {
		return nil
	}
	line := ui.Line{{Text: v.name(row), Role: themes.Heading}}
	if r := v.resource(row); r != nil {
		return append(line, ui.Span{Text: "  " + r.GroupVersion().String() + " " + r.Kind, Role: themes.Muted})
	}
	return append(line, ui.Span{Text: "  " + v.versions[row.version].standing(), Role: themes.Muted})
}

// labelled lines of a text, wrapped beside their labels.
type labelledText struct {
	lines []ui.Line
	width int
}

// labelWidth is the room for a label.
const labelWidth = 12

func (t *labelledText) say(label, text string, role themes.Role) {
	for _, line := range ui.Wrap(text, t.width-labelWidth-2) {
		label += strings.Repeat(" ", max(0, labelWidth-len(label)))
		t.lines = append(t.lines, ui.Line{{Text: " " + label, Role: themes.Muted}, {Text: line, Role: role}})
		label = ""
	}
}

// text is all that is known of the row under the cursor.
func (v *api) text(width int) []ui.Line {
	row, ok := v.current()
	if !ok {
		return nil
	}
	t := &labelledText{width: width}
	version := &v.versions[row.version]
	if r := v.resource(row); r != nil {
		v.sayResource(t, version, *r)
	} else {
		v.sayVersion(t, version)
	}
	return t.lines
}

func (v *api) sayVersion(t *labelledText, version *apiVersion) {
	t.say("path", version.path(), themes.Text)
	v.sayOrigin(t, version)
	var others []string
	for _, other := range v.versions {
		if other.Group == version.Group && other.Version != version.Version {
			others = append(others, other.Version+" ("+other.standing()+")")
		}
	}
	if len(others) > 0 {
		t.say("other", strings.Join(others, ", "), themes.Text)
	}
	for _, r := range version.resources {
		v.sayRemoval(t, r)
	}
	names := make([]string, len(version.resources))
	for i, r := range version.resources {
		names[i] = r.Resource
	}
	t.say("resources", strings.Join(names, ", "), themes.Text)
}

func (v *api) sayResource(t *labelledText, version *apiVersion, r kube.Resource) {
	v.sayObjects(t, r)
	v.sayRemoval(t, r)
	names := append([]string{r.Singular}, r.ShortNames...)
	t.say("names", strings.Join(names, ", "), themes.Text)
	path := version.path()
	if r.Namespaced {
		path += "/namespaces/NAMESPACE"
	}
	t.say("path", path+"/"+r.Resource, themes.Text)
	t.say("verbs", strings.Join(r.Verbs, ", "), themes.Text)
	var parts []string
	for _, s := range r.Subresources {
		part := s.Name + " ("
		if s.Kind != r.Kind {
			part += s.Kind + ": "
		}
		parts = append(parts, part+strings.Join(s.Verbs, ", ")+")")
	}
	if len(parts) > 0 {
		t.say("parts", strings.Join(parts, "; "), themes.Text)
	}
	if len(r.Categories) > 0 {
		t.say("categories", strings.Join(r.Categories, ", "), themes.Text)
	}
	v.sayOrigin(t, version)
}

// sayObjects says how many objects there are, and whether one may list them.
func (v *api) sayObjects(t *labelledText, r kube.Resource) {
	where := "in all namespaces"
	if !r.Namespaced {
		where = "in the cluster"
	} else if v.session.Namespace != "" {
		where = "in " + v.session.Namespace
	}
	c, known := v.counts[r.GroupVersionResource]
	switch {
	case !r.Can("list"):
		t.say("objects", "cannot be listed", themes.Muted)
	case !known && v.asked[r.GroupVersionResource]:
		t.say("objects", "counting ...", themes.Muted)
	case !known:
		t.say("objects", "not counted yet", themes.Muted)
	case apierrors.IsForbidden(c.Err):
		t.say("objects", "you may not list them: "+c.Err.Error(), themes.Degraded)
	case c.Err != nil:
		t.say("objects", "not counted: "+c.Err.Error(), themes.Failing)
	case c.More:
		t.say("objects", objectCount(c)+" "+where+"; how many more, the API server does not say", themes.Text)
	default:
		t.say("objects", "you may list them: "+objectCount(c)+" "+where, themes.Text)
	}
}

func (v *api) sayRemoval(t *labelledText, r kube.Resource) {
	version := r.Removal()
	if version == "" {
		return
	}
	text := r.Kind + " in " + version
	if replacement, ok := v.resources.Replacement(r); ok {
		text += "; use " + replacement.GroupVersion().String()
	}
	t.say("removed", text, themes.Degraded)
}

func (v *api) sayOrigin(t *labelledText, version *apiVersion) {
	o, known := v.origins[version.GroupVersion]
	switch words := v.origin(version); {
	case o.Service != "":
		t.say("from", "the aggregated API of service "+o.Service, themes.Text)
	case o.Custom:
		t.say("from", "CustomResourceDefinitions", themes.Text)
	case words != "":
		t.say("from", "Kubernetes itself", themes.Text)
	case v.originProblem != "":
		t.say("from", "not known: "+v.originProblem, themes.Muted)
	case !known:
		t.say("from", "not known", themes.Muted)
	}
	if o.Problem != "" {
		t.say("unavailable", o.Problem, themes.Failing)
	}
}
