package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// lastLog is the end of what a container wrote before it crashed, or while it hangs.
type lastLog struct {
	pod, container string
	source         *kube.Logs
	lines          []string
	ended          bool
}

// lastLogLines is how many lines of it are shown.
const lastLogLines = 6

// followLog asks for the log of the container that a finding is about.
func (v *why) followLog(f *triage.Finding) ui.All {
	pod, container, previous := toldContainer(f)
	if pod.Name == "" || v.log != nil && v.log.pod == pod.Name && v.log.container == container {
		return nil
	}
	v.log = &lastLog{pod: pod.Name, container: container}
	v.log.source = v.subject.session.Cluster.Logs(kube.LogOptions{
		Namespace: pod.Namespace, Pod: pod.Name, Container: container, Previous: previous, Tail: triage.LogTail,
	})
	return ui.All{ui.Watch{Source: v.log.source}}
}

// toldContainer is the container whose run ended badly or does not end, as the evidence says, and
// whether that was the run before.
func toldContainer(f *triage.Finding) (pod kinds.Ref, container string, previous bool) {
	for _, e := range f.Evidence {
		rest, ok := strings.CutPrefix(e.Field, "status.containerStatuses[")
		if init, isInit := strings.CutPrefix(e.Field, "status.initContainerStatuses["); isInit {
			rest, ok = init, true
		}
		name, field, _ := strings.Cut(rest, "]")
		previous := field == ".lastState"
		told := previous || field == ".state.terminated" || field == ".state.running"
		if ok && told && e.Object.Kind == kinds.Pod.Kind {
			return e.Object, name, previous
		}
	}
	return kinds.Ref{}, "", false
}

// awaited reports whether there may be more of it.
func (l *lastLog) awaited() bool { return l != nil && !l.ended }

func (l *lastLog) end(msg ui.Ended) {
	if l != nil && msg.Source == l.source {
		l.ended = true
	}
}

func (l *lastLog) take(msg kube.LogLines) {
	if l == nil || msg.From != l.source {
		return
	}
	for _, line := range msg.Lines {
		if !line.Written() {
			continue
		}
		l.lines = append(l.lines, kinds.WithoutSGR(line.Text))
	}
	l.lines = l.lines[max(0, len(l.lines)-triage.LogTail):]
}

// logSection is the end of the log.
func (v *why) logSection(width int) []entry {
	if v.log == nil || len(v.log.lines) == 0 {
		return nil
	}
	var all []row
	for _, line := range triage.LastWords(v.log.lines, lastLogLines) {
		if text := strings.TrimSpace(line); text != "" {
			all = append(all, row{cells: []ui.Span{{Text: text, Role: themes.Text}}})
		}
	}
	return section("last log lines of "+v.log.container, all, width)
}
