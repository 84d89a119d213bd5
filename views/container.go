package views

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

func init() {
	registerView(viewSpec{
		name: "containers", help: "all containers, the worst first", also: []string{"container", "co"},
		open: func(s *Session) rootView { return newContainers(s) },
	})
}

// containersResource stands for the containers of pods, which the API has no resource of.
var containersResource = kube.Resource{
	GroupVersionResource: kinds.ContainerKind.GVR(),
	Kind:                 kinds.ContainerKind.Kind, Singular: "container", Namespaced: true,
}

// newContainers is the table of all containers of the session's namespace.
func newContainers(s *Session) *table {
	v := Objects(s, containersResource).(*table)
	v.list.sortOn("STATE")
	return v
}

// openContainer is what a tab asks of the object view: one container of the subject.
type openContainer struct{ name string }

// newContainer opens a container: its pod, of which only that is shown.
func newContainer(s *Session, namespace, pod, container string, record *kinds.Record, tab tabID) *object {
	v := newObject(s, Pods(s.Cluster), namespace, pod, record, tab).(*object)
	v.subject.container, v.subject.alone = container, true
	return v
}

// openRow opens the container of a row of the table.
func (s *Session) openRow(r *kinds.Record, tab tabID) ui.Intent {
	pod, container, _ := kinds.SplitContainer(r)
	return ui.Open{View: newContainer(s, r.Namespace, pod, container, nil, tab)}
}

// containerPage is all about the one container that is shown of a pod.
func (v *overview) containerPage(f ui.Frame) []entry {
	s := v.subject
	i := slices.IndexFunc(v.details.Containers, func(c kinds.Container) bool { return c.Name == s.container })
	if i < 0 {
		text := s.ref().String() + " has no container " + s.container
		return append(v.summary(f), entry{line: behind(2, text, themes.Degraded)})
	}
	c := v.details.Containers[i]
	head := ui.Line{{Text: "container " + c.Name, Role: themes.Heading}}
	if c.Type != "" {
		head = append(head, behind(2, c.Type, themes.Muted)...)
	}
	head = append(head, behind(2, c.State, rows.LevelRole(c.Level))...)
	out := []entry{{line: head.Truncate(f.Width - 1)}}
	out = append(out, section("pod", v.podRow(), f.Width)...)
	out = append(out, v.usage.section(f.Width)...)
	for _, part := range v.parts {
		out = append(out, v.part(part, f)...)
	}
	if text := strings.TrimSpace(c.Termination); text != "" {
		said := []row{{cells: []ui.Span{{Text: text, Role: themes.Text}}}}
		out = append(out, section("termination message", said, f.Width)...)
	}
	return append(out, v.lastEvents(f)...)
}

// podRow leads from a container to its pod.
func (v *overview) podRow() []row {
	r := v.subject.record
	return []row{{id: r.Name, then: goTo{r.Ref()}, cells: []ui.Span{
		{Text: r.Name, Role: themes.Accent},
		{Text: cellText(r, "READY") + " ready", Role: themes.Text},
		{Text: strings.TrimSuffix(cellText(r, "STATUS")+": "+r.Status.Reason, ": "), Role: rows.LevelRole(r.Status.Level)},
	}}}
}
