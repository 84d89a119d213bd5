package views

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// LogsView is the logs of several objects, or of the pods that a selector chooses, as one.
type LogsView struct {
	screen
	logs *logs
}

// newLogsView opens the logs of objects. They must be of kinds that have logs.
func newLogsView(s *Session, of []kinds.Ref) *LogsView {
	var subjects []*subject
	for _, ref := range of {
		if resource, ok := s.Cluster.Resources().ByKind(ref.GroupKind); ok {
			subjects = append(subjects, newSubject(s, resource, ref.Namespace, ref.Name, nil))
		}
	}
	v := &LogsView{logs: newLogsOf(subjects[0], subjects[1:]...)}
	return v.watching(s, subjects...)
}

// LogsOf opens the logs of one object that leads to pods, from a container if it is named.
func LogsOf(
	s *Session, resource kube.Resource, namespace, name, container string, o kube.LogOptions,
) (*LogsView, error) {
	if kind, _ := kinds.For(resource.GroupKind()); kind == nil || !hasLogs(kind) {
		return nil, fmt.Errorf("%s have no pods of their own, so no logs", resource.Resource)
	}
	subject := newSubject(s, resource, namespace, name, nil)
	subject.container = container
	v := &LogsView{logs: newLogsOf(subject)}
	v.logs.print(o)
	return v.watching(s, subject), nil
}

// LogsSelected opens the logs of the pods with labels, in a namespace or in all ("").
func LogsSelected(s *Session, namespace, labels, container string, o kube.LogOptions) *LogsView {
	pods := Pods(s.Cluster)
	subject := newSubject(s, pods, namespace, "", nil)
	subject.container = container
	scope := kube.Scope{GroupVersionResource: pods.GroupVersionResource, Namespace: namespace, Labels: labels}
	listing := s.Cluster.Listing(scope)
	list := &childList{
		child:   kinds.Child{GroupVersionResource: pods.GroupVersionResource, Selector: labels},
		listing: listing, watch: listing.Watch(),
	}
	v := &LogsView{logs: newLogsOf(subject)}
	v.logs.children = []*children{{subject: subject, lists: []*childList{list}}}
	v.logs.print(o)
	return v.watching(s)
}

// print makes the logs those of a command line.
func (v *logs) print(o kube.LogOptions) {
	v.options, v.previous = o, o.Previous
	v.window = window{since: o.Since, tail: o.Tail}
}

func (v *LogsView) watching(s *Session, subjects ...*subject) *LogsView {
	var sources []ui.Source
	for _, subject := range subjects {
		sources = append(sources, subject.listing.Watch())
	}
	v.screen = newScreen(s, v, sources...)
	return v
}

// place implements page.
func (v *LogsView) place() []string {
	if n := len(v.logs.subjects()); n > 1 {
		return []string{"logs of " + counted(n, "objects")}
	}
	return []string{"logs of " + v.logs.subject.ref().String()}
}

// state implements page.
func (v *LogsView) state() kube.State { return kube.State{} }

// empty implements page.
func (v *LogsView) empty() bool { return v.logs.Len() == 0 }

// keys implements page.
func (v *LogsView) keys() []ui.Key { return v.logs.Keys() }

// update implements page.
func (v *LogsView) update(msg ui.Msg) ui.Intent {
	if changed, ok := msg.(kube.ListingChanged); ok {
		for _, s := range v.logs.subjects() {
			if s.name != "" && s.listing == changed.Listing && s.refresh() {
				return v.logs.Update(subjectChanged{})
			}
		}
	}
	return v.logs.Update(msg)
}

// Draw implements ui.View.
func (v *LogsView) Draw(f ui.Frame) string { return v.logs.Draw(f) }

// Wake implements ui.View.
func (v *LogsView) Wake(now time.Time) time.Time { return v.logs.Wake(now) }

// Stream names the container of a line.
func (v *LogsView) Stream(i int) (namespace, pod, container string) {
	s := v.logs.streams[i]
	return s.pod.Namespace, s.pod.Name, s.container.Name
}

// Prefix is what stands before the lines of a stream; "" when there is only one.
func (v *LogsView) Prefix(stream int) string { return v.logs.prefix.Name(stream) }

// because is what an object's status says, behind a colon; "" while it says nothing.
func (s *subject) because() string {
	if s.record == nil || s.record.Status.Reason == "" {
		return ""
	}
	return ": " + s.record.Status.Reason
}

// ErrNoPods is the Problem of what exists and has no pods, which may still come.
var ErrNoPods = errors.New("no pods")

// containers are the names of those of the first pod.
func (v *LogsView) containers() (names []string) {
	for _, s := range v.logs.streams {
		if s.pod == v.logs.streams[0].pod {
			names = append(names, s.container.Name)
		}
	}
	return names
}

// Problem says why there will be no line; nil while there may be some.
func (v *LogsView) Problem() error {
	if len(v.logs.streams) > 0 {
		if v.logs.chosenWords() == "no container chosen" {
			return fmt.Errorf("no container %q in %s: it has %s", v.logs.subject.container, v.logs.streams[0].pod.Ref(),
				strings.Join(v.containers(), ", "))
		}
		return nil
	}
	for _, s := range v.logs.subjects() {
		if err := s.listing.State().Err; s.name != "" && err != nil {
			return err
		}
		if s.name != "" && s.record == nil {
			return errors.New(s.ref().String() + " does not exist")
		}
	}
	for _, c := range v.logs.children {
		for _, l := range c.lists {
			if err := l.listing.State().Err; err != nil {
				return err
			}
		}
	}
	if s := v.logs.subject; len(v.logs.others) == 0 && s.name != "" {
		return fmt.Errorf("%s has %w%s", s.ref(), ErrNoPods, s.because())
	}
	return ErrNoPods
}
