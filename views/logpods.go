package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// logStream is one container whose log is shown. Its place in the slice is the number of
// its lines' stream, so it stays when its pod has gone.
type logStream struct {
	pod       *kinds.Record // its newest version
	container kinds.Container
	gone      bool
	off       bool // not chosen
}

// wantLogs tells a source which logs to read.
type wantLogs struct {
	source  *kube.Logs
	targets []kube.LogTarget
}

// Execute implements ui.Command.
func (w wantLogs) Execute() { w.source.Want(w.targets) }

var _ ui.Command = wantLogs{}

// want asks for the chosen logs; those of containers that are not well come first.
func (v *logs) want() ui.Intent {
	var targets []kube.LogTarget
	for i, s := range v.streams {
		if !s.off {
			targets = append(targets, kube.LogTarget{Stream: i, Pod: s.pod, Namespace: s.pod.Namespace, Name: s.pod.Name,
				Container: s.container.Name, Gone: s.gone})
		}
	}
	slices.SortStableFunc(targets, func(a, b kube.LogTarget) int {
		return cmp.Compare(v.streams[b.Stream].container.Level, v.streams[a.Stream].container.Level)
	})
	return wantLogs{v.source, targets}
}

// pods returns the pods that there are, the worst first, then the youngest, and those
// that were there.
func (v *logs) pods() (pods, gone []*kinds.Record) {
	complete := true
	for _, s := range v.subjects() {
		switch {
		case s.record == nil || s.resource.Kind != "Pod":
		case s.deleted.IsZero():
			pods = append(pods, s.record)
		default:
			gone = append(gone, s.record)
		}
	}
	for _, c := range v.children {
		for _, l := range c.lists {
			if l.child.Resource == "pods" {
				pods = append(pods, l.records...)
				complete = complete && l.listing.State().Phase == kube.Live
			}
		}
	}
	slices.SortStableFunc(pods, func(a, b *kinds.Record) int {
		return cmp.Or(cmp.Compare(b.Status.Level, a.Status.Level), b.Created.Compare(a.Created), cmp.Compare(a.Name, b.Name))
	})
	for _, s := range v.streams {
		same := func(p *kinds.Record) bool { return p.UID == s.pod.UID }
		if len(v.children) > 0 && complete && !slices.ContainsFunc(pods, same) && !slices.ContainsFunc(gone, same) {
			gone = append(gone, s.pod)
		}
	}
	return pods, gone
}

// adopt takes over what is new about the pods, and reports whether anything is.
func (v *logs) adopt() (changed bool) {
	pods, gone := v.pods()
	for _, p := range pods {
		changed = v.adoptPod(p) || changed
	}
	for _, p := range gone {
		changed = v.adoptPod(p) || changed
		for i := range v.streams {
			if s := &v.streams[i]; s.pod.UID == p.UID && !s.gone {
				s.gone, changed = true, true
			}
		}
	}
	if changed {
		v.rename()
	}
	return changed
}

// adoptPod takes over the containers of a pod, unless that version is known.
func (v *logs) adoptPod(p *kinds.Record) bool {
	if slices.ContainsFunc(v.streams, func(s logStream) bool { return s.pod == p }) {
		return false
	}
	obj, err := v.subject.session.Cluster.Decode(p)
	if err != nil {
		return false // Its listing brings it again.
	}
	chosen := v.subject.container
	for _, c := range p.Kind.Details(obj).Containers {
		if v.subject.alone && c.Name != chosen {
			continue
		}
		i := slices.IndexFunc(v.streams, func(s logStream) bool { return s.pod.UID == p.UID && s.container.Name == c.Name })
		if i < 0 {
			i = len(v.streams)
			v.streams = append(v.streams, logStream{off: chosen != "" && c.Name != chosen})
		}
		v.streams[i].pod, v.streams[i].container = p, c
	}
	return true
}

// podColours tell pods apart, besides their names. Red and yellow say how bad a line is, and
// blue can hardly be read on black.
var podColours = []uint8{6, 5, 2, 14, 13, 10}

// rename makes the names of the streams that stand before their lines; of a single
// one there is none.
func (v *logs) rename() {
	var pods, hashes []string
	chosen, containers := 0, map[string]int{} // of each pod
	for _, s := range v.streams {
		if s.off {
			continue
		}
		chosen++
		if containers[s.pod.Name]++; containers[s.pod.Name] == 1 {
			hash, _ := s.pod.Label("pod-template-hash")
			pods, hashes = append(pods, s.pod.Name), append(hashes, hash)
		}
	}
	short := shortNames(pods, hashes)
	names, roles := make([]string, len(v.streams)), make([]themes.Role, len(v.streams))
	for i, s := range v.streams {
		at := slices.Index(pods, s.pod.Name)
		switch {
		case s.off:
			continue
		case len(pods) == 1:
			names[i], at = s.container.Name, i
		case containers[s.pod.Name] == 1:
			names[i] = short[at]
		default:
			names[i] = short[at] + " " + s.container.Name
		}
		roles[i] = themes.Foreign{Foreground: themes.Indexed(podColours[at%len(podColours)])}.Role()
	}
	if chosen < 2 {
		names = nil
	}
	v.prefix.SetNames(names, roles)
	v.pager.Replaced(v)
}

// shortNames returns what tells pods apart: those of one workload by the last part of their
// names, "x2x9" for checkout-7d9f-x2x9; those of several by their names without the hashes of
// their templates, "checkout-x2x9".
func shortNames(names, hashes []string) []string {
	short, last, workloads := make([]string, len(names)), make([]string, len(names)), map[string]bool{}
	for i, name := range names {
		short[i] = name
		if hashes[i] != "" {
			short[i] = strings.Replace(name, "-"+hashes[i]+"-", "-", 1)
		}
		at := strings.LastIndexByte(short[i], '-')
		last[i] = short[i][at+1:]
		workloads[short[i][:max(at, 0)]] = true
	}
	switch {
	case len(workloads) == 1 && differ(last):
		return last
	case differ(short):
		return short
	}
	return names
}

// differ reports whether no two texts are the same.
func differ(texts []string) bool {
	seen := map[string]bool{}
	for _, text := range texts {
		seen[text] = true
	}
	return len(seen) == len(texts)
}

func (v *logs) ofOnePod() bool { return len(v.children)+len(v.others) == 0 }

// chosenWords name what is shown.
func (v *logs) chosenWords() string {
	on, pods, gone := -1, map[string]bool{}, map[string]bool{}
	count := 0
	for i, s := range v.streams {
		if !s.off {
			on = i
			count++
			pods[s.pod.Name] = true
			if s.gone {
				gone[s.pod.Name] = true
			}
		}
	}
	left := ""
	if len(gone) > 0 {
		left = fmt.Sprintf(" (%d gone)", len(gone))
	}
	switch {
	case len(v.streams) == 0 && v.unread():
		return "containers not known yet"
	case len(v.streams) == 0:
		return "no container yet"
	case count == 0:
		return "no container chosen"
	case count == 1 && !v.ofOnePod():
		return v.streams[on].pod.Name + " " + v.streams[on].container.Name
	case count == 1:
		return v.streams[on].container.Name
	case v.ofOnePod():
		return counted(count, "containers")
	case count == len(pods):
		return counted(count, "pods") + left
	}
	return counted(len(pods), "pods") + left + ", " + counted(count, "containers")
}

// stateWords say why a log stands still: "exited 3, 2m ago; restarts in 3m". They are
// empty while it does not.
func (v *logs) stateWords(now time.Time) string {
	if v.previous || v.subject.session.Saved != "" {
		return ""
	}
	words, failing, waiting, on, done := "", 0, 0, 0, 0
	for _, s := range v.streams {
		if s.off {
			continue
		}
		on++
		text := containerWords(&s.container, now)
		switch c := &s.container; {
		case s.gone:
		case !c.Ended.IsZero() && c.Level <= kinds.OK:
			done++
		case text != "":
			words = text
			failing++
		case strings.HasPrefix(c.State, "Waiting"):
			waiting++
		}
	}
	switch {
	case failing == 0:
		return ""
	case on == 1:
		return words
	}
	text := fmt.Sprintf("%d of %d not running", failing+waiting, on-done)
	if done > 0 {
		text += fmt.Sprintf(", %d done", done)
	}
	return text
}

// The pauses between the runs of a container that crashes
// (k8s.io/kubernetes/pkg/kubelet/kubelet.go: containerBackOffPeriod, MaxContainerBackOff).
const (
	backOffBase = 10 * time.Second
	backOffMax  = 5 * time.Minute
)

// containerWords say why a container that should run does not; "" when it does, or has
// ended well.
func containerWords(c *kinds.Container, now time.Time) string {
	ended, last := c.Ended.Time, c.State
	back := strings.Contains(c.State, "CrashLoopBackOff")
	if back {
		ended, last = c.LastEnded.Time, c.Last
	}
	if ended.IsZero() || c.Level <= kinds.OK {
		return ""
	}
	words := "ended"
	if _, code, found := strings.Cut(last, "exit "); found {
		words = "exited " + strings.TrimSuffix(code, ")")
	}
	words += ", " + kinds.CoarseAge(now.Sub(ended)) + " ago"
	if back {
		pause := min(backOffMax, backOffBase<<min(max(0, c.Restarts-1), 8))
		if left := ended.Add(pause).Sub(now); left >= backOffBase {
			words += "; restarts in " + kinds.CoarseAge(left)
		} else {
			words += "; restarts soon"
		}
	}
	return words
}

// offerContainers lists the containers, with the chosen ones checked. at is where the
// cursor is.
func (v *logs) offerContainers(at int) ui.Intent {
	all := !slices.ContainsFunc(v.streams, func(s logStream) bool { return s.off })
	choose := ui.Choose{Title: "containers: enter checks, esc closes", At: at}
	choose.Choices = append(choose.Choices,
		ui.Choice{Name: check(all) + "all", Detail: counted(len(v.streams), "containers"), Then: checked{v, -1, at}})
	for i, s := range v.streams {
		detail := strings.TrimSpace(s.container.Type + " " + s.container.State)
		switch {
		case s.gone:
			detail = "pod deleted"
		case s.container.Level >= kinds.Degraded:
			detail = "✖ " + detail
		}
		if slices.Contains(v.held, i) {
			detail += ", not read"
		}
		name := s.container.Name
		if !v.ofOnePod() {
			name = s.pod.Name + " " + name
		}
		choose.Choices = append(choose.Choices,
			ui.Choice{Name: check(!s.off) + name, Detail: detail, Then: checked{v, i, len(choose.Choices)}})
	}
	return choose
}

func check(on bool) string {
	if on {
		return "[x] "
	}
	return "[ ] "
}

// checked checks a stream or takes the check off; -1 is all of them. The first that is
// picked out of all is the only one from then on.
type checked struct {
	logs       *logs
	stream, at int
}

// Intent implements ui.Lazy.
func (c checked) Intent() ui.Intent {
	v := c.logs
	all := !slices.ContainsFunc(v.streams, func(s logStream) bool { return s.off })
	for i := range v.streams {
		off := &v.streams[i].off
		switch {
		case c.stream < 0:
			*off = all
		case all:
			*off = i != c.stream
		case i == c.stream:
			*off = !*off
		}
	}
	v.subject.container = ""
	return ui.All{v.start(), v.offerContainers(c.at)}
}
