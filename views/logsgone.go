package views

import (
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// tailLines is how many of the last lines of a container are kept, and tailWidth how many
	// bytes of each.
	tailLines = 100
	tailWidth = 2 << 10
	// tailsMax is how many containers have their last lines kept.
	tailsMax = 64
)

// tails are the last lines that a screen read of containers, for when their pods are gone and
// nobody else has them. The zero value has none.
type tails struct {
	of    map[tailOf][]kube.LogLine
	order []tailOf // the first that was read first
}

type tailOf struct {
	pod       kinds.UID
	container string
}

// add keeps the last of some lines, in their order, of each stream.
func (t *tails) add(streams []logStream, lines []kube.LogLine) {
	last := make([][]kube.LogLine, len(streams)) // the newest first
	for _, line := range slices.Backward(lines) {
		if i := line.Stream; line.Flags == 0 && i >= 0 && i < len(streams) && len(last[i]) < tailLines {
			last[i] = append(last[i], line)
		}
	}
	for i, fresh := range last {
		if len(fresh) == 0 {
			continue
		}
		slices.Reverse(fresh)
		t.addTo(tailOf{streams[i].pod.UID, streams[i].container.Name}, fresh)
	}
}

func (t *tails) addTo(of tailOf, fresh []kube.LogLine) {
	kept, known := t.of[of]
	if !known {
		if t.of == nil {
			t.of = map[tailOf][]kube.LogLine{}
		}
		if t.order = append(t.order, of); len(t.order) > tailsMax {
			delete(t.of, t.order[0])
			t.order = t.order[1:]
		}
	}
	for _, line := range fresh {
		if n := len(kept); n > 0 && !line.Time.After(kept[n-1].Time) {
			continue // The log is read a second time.
		}
		// The text is a part of a larger one that nobody else needs.
		line.Text = strings.Clone(strings.ToValidUTF8(line.Text[:min(len(line.Text), tailWidth)], ""))
		kept = append(kept, line)
	}
	t.of[of] = slices.Clone(kept[max(0, len(kept)-tailLines):])
}

// showRemembered shows what is left of a pod that is gone, when its log has nothing to say: the
// last lines that a screen or triage read of its containers.
func (v *logs) showRemembered() {
	s := v.subject
	if v.reading > 0 || s.deleted.IsZero() || len(v.children) > 0 || v.said() {
		return
	}
	for i := range v.streams {
		of := tailOf{v.streams[i].pod.UID, v.streams[i].container.Name}
		lines, who := slices.Clone(s.session.tails.of[of]), "a screen"
		for at := range lines {
			lines[at].Stream = i
		}
		if len(lines) == 0 && s.session.Triage != nil {
			who = "triage"
			for _, text := range s.session.Triage.LastLog(s.ref(), of.container) {
				lines = append(lines, kube.LogLine{Text: text, Stream: i})
			}
		}
		if len(lines) > 0 {
			v.problem = "the pod is gone; its last lines, as " + who + " read them"
			v.take(lines)
			v.pager.Replaced(v)
		}
	}
}

// said reports whether there is a line that a container wrote.
func (v *logs) said() bool {
	for i := range v.buffer.Len() {
		if v.buffer.Line(i).Flags == 0 {
			return true
		}
	}
	return false
}
