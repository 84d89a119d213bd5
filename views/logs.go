package views

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

const tabLogs tabID = "logs"

func init() {
	registerTab(tabSpec{
		order: 50, id: tabLogs, key: "l", footer: true,
		also: []ui.Key{{Action: actPrevious, Keys: []string{"p"}, Help: "logs of the previous run", Group: "Object"}},
		fits: hasLogs,
		open: func(s *subject) tab { return newLogs(s) },
	})
}

// hasLogs reports whether objects of a kind are pods or run pods.
func hasLogs(k *kinds.Kind) bool {
	switch k.GroupKind().String() {
	case "Pod", "Deployment.apps", "ReplicaSet.apps", "StatefulSet.apps", "DaemonSet.apps", "Job.batch":
		return true
	}
	return false
}

const (
	actPod       ui.Action = "pod"
	actFollow    ui.Action = "follow"
	actPrevious  ui.Action = "previous-logs"
	actContainer ui.Action = "container"
	actSince     ui.Action = "since"
	actTimes     ui.Action = "timestamps"
)

// window is how far back a log is read.
type window struct {
	name  string
	since time.Duration
	tail  int64
}

var windows = []window{
	{name: "last 1000 lines", tail: 1000},
	{name: "last 500 lines", tail: 500},
	{name: "last minute", since: time.Minute},
	{name: "last 5 minutes", since: 5 * time.Minute},
	{name: "last 15 minutes", since: 15 * time.Minute},
	{name: "last hour", since: time.Hour},
	{name: "last 6 hours", since: 6 * time.Hour},
	{name: "all"},
}

// allContainers is the choice of every container's log, merged by time.
const allContainers = "all containers"

// stream is the log of one container.
type stream struct {
	container string
	source    *kube.Logs
	ended     bool
}

// logs is what the containers of a pod wrote: of the subject, or of a pod that it
// runs.
type logs struct {
	document
	subject    *subject
	children   *children     // whose pods there are; nil when the subject is a pod
	pod        *kinds.Record // nil before it is known
	containers []kinds.Container
	container  string // the chosen one, or allContainers; "" before the pod is known
	streams    []stream
	buffer     logbuf.Buffer
	prefix     logbuf.Prefix
	window     window
	previous   bool
	note       string // the last event of a stream
	problem    string // why a stream failed
}

func newLogs(s *subject) *logs {
	v := &logs{subject: s, window: windows[0], previous: s.previous}
	v.document = document{text: v, file: s.fileName(".log")}
	v.pager.Follow = true
	if s.resource.Kind != "Pod" {
		v.children = newChildren(s)
	}
	return v
}

// Len implements ui.Document.
func (v *logs) Len() int { return v.buffer.Len() }

// Line implements ui.Document.
func (v *logs) Line(i int) ui.Line { return v.prefix.Show(v.buffer.Line(i)) }

// Blocks implements ui.Blocks.
func (v *logs) Blocks() []ui.Block { return v.buffer.Blocks(v.prefix) }

// Keys implements tab.
func (v *logs) Keys() []ui.Key {
	previous, follow := "previous run", "follow"
	if v.previous {
		previous = "current run"
	}
	if v.pager.Follow {
		follow = "pause"
	}
	keys := []ui.Key{
		{Action: actFollow, Keys: []string{"f"}, Help: follow, Group: "Logs", Footer: true},
		{Action: actPrevious, Keys: []string{"p"}, Help: previous, Group: "Logs", Footer: true},
		{Action: actContainer, Keys: []string{"C"}, Help: "container", Group: "Logs", Footer: len(v.containers) > 1},
		{Action: actSince, Keys: []string{"S"}, Help: "since", Group: "Logs", Footer: true},
		{Action: actTimes, Keys: []string{"T"}, Help: "timestamps", Group: "Logs", Footer: true},
	}
	if v.children != nil {
		keys = append(keys, ui.Key{Action: actPod, Keys: []string{"P"}, Help: "pod", Group: "Logs", Footer: true})
	}
	return append(keys, v.document.keys()...)
}

// Update implements tab.
func (v *logs) Update(msg ui.Msg) ui.Intent { return v.withSearch(v.update(msg)) }

func (v *logs) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown, subjectChanged:
		return v.renew()
	case kube.ListingChanged:
		if v.children != nil && v.children.update(msg) {
			return v.renew()
		}
		return nil
	case kube.LogLines:
		v.addLines(msg)
		return nil
	case ui.Ended:
		v.streamEnded(msg)
	case ui.Do:
		return v.act(msg)
	}
	return v.document.update(msg)
}

// renew adopts what is new about the pod, and starts to read its log when the pod
// is known for the first time.
func (v *logs) renew() ui.Intent {
	var intents ui.All
	if v.children == nil {
		v.pod = v.subject.record
	} else {
		v.children.resolve()
		intents = v.children.watches()
		v.choosePod()
	}
	v.readContainers()
	if v.streams == nil && v.container != "" {
		intents = append(intents, v.start()...)
	}
	if intents == nil {
		return nil
	}
	return intents
}

// choosePod stays with the pod that is read, in its newest version. The first one
// is the one in the worst state.
func (v *logs) choosePod() {
	pods := v.pods()
	for _, p := range pods {
		if v.pod != nil && p.UID == v.pod.UID {
			v.pod = p
			return
		}
	}
	if v.pod == nil && len(pods) > 0 {
		v.pod = pods[0]
	}
}

// pods returns the pods that the subject runs, the worst first, then the youngest.
func (v *logs) pods() []*kinds.Record {
	var pods []*kinds.Record
	for _, l := range v.children.lists {
		if l.child.Resource == "pods" {
			pods = append(pods, l.records...)
		}
	}
	slices.SortFunc(pods, func(a, b *kinds.Record) int {
		return cmp.Or(cmp.Compare(b.Status.Level, a.Status.Level), b.Created.Compare(a.Created), cmp.Compare(a.Name, b.Name))
	})
	return pods
}

// readContainers reads the containers of the pod's newest version.
func (v *logs) readContainers() {
	if v.pod == nil {
		return
	}
	obj, err := v.subject.session.Cluster.Decode(v.pod)
	if errors.Is(err, kube.ErrDropped) {
		v.pod = nil // The subject's own listing brings it.
		return
	}
	if err != nil {
		v.problem = err.Error()
		return
	}
	v.containers = v.pod.Kind.Details(obj).Containers
	if v.container == "" && len(v.containers) > 0 {
		v.container = v.subject.container
		if v.container == "" {
			v.container = defaultContainer(obj, v.containers)
		}
	}
}

// defaultContainer returns the container that kubectl logs chooses
// (k8s.io/kubectl/pkg/cmd/util/podcmd).
func defaultContainer(obj any, containers []kinds.Container) string {
	is := func(name string) func(kinds.Container) bool {
		return func(c kinds.Container) bool { return c.Name == name }
	}
	if m, ok := obj.(metav1.Object); ok {
		name := m.GetAnnotations()["kubectl.kubernetes.io/default-container"]
		if slices.ContainsFunc(containers, is(name)) {
			return name
		}
	}
	for _, c := range containers {
		if c.Type == "" {
			return c.Name
		}
	}
	return containers[0].Name
}

// choose reads the log of another container ("" keeps the current one) or run.
func (v *logs) choose(container string, previous bool) ui.Intent {
	v.container, v.previous = cmp.Or(container, v.container), previous
	return v.start()
}

// start reads again from the beginning, with the options as they are now.
func (v *logs) start() ui.All {
	if v.pod == nil {
		return nil
	}
	var intents ui.All
	for _, s := range v.streams {
		intents = append(intents, ui.Unwatch{Source: s.source})
	}
	names := []string{v.container}
	if v.container == allContainers {
		names = nil
		for _, c := range v.containers {
			names = append(names, c.Name)
		}
	}
	v.streams, v.buffer, v.note, v.problem = nil, logbuf.Buffer{}, "", ""
	v.prefix.SetNames(names)
	v.pager.Follow = true
	v.pager.Replaced(v)
	v.file = "pod-" + v.pod.Name + "-" + strings.ReplaceAll(v.container, " ", "-") + ".log"
	for _, name := range names {
		source := v.subject.session.Cluster.Logs(kube.LogOptions{
			Namespace: v.pod.Namespace,
			Pod:       v.pod.Name,
			Container: name,
			Previous:  v.previous,
			Follow:    !v.previous && v.subject.session.Saved == "",
			Since:     v.window.since,
			Tail:      v.window.tail,
		})
		v.streams = append(v.streams, stream{container: name, source: source})
		intents = append(intents, ui.Watch{Source: source})
	}
	return intents
}

// addLines adds new lines, unless they are of a stream that was left.
func (v *logs) addLines(msg kube.LogLines) {
	i := slices.IndexFunc(v.streams, func(s stream) bool { return s.source == msg.From })
	if i < 0 {
		return
	}
	before := v.Len()
	dropped, stayed := v.buffer.Add(msg.Lines, i)
	if stayed < before {
		v.pager.Moved(stayed)
	}
	if dropped > 0 {
		v.pager.Dropped(dropped)
	}
	if msg.Note != "" {
		v.note = v.about(i, msg.Note)
	}
}

func (v *logs) streamEnded(msg ui.Ended) {
	i := slices.IndexFunc(v.streams, func(s stream) bool { return ui.Source(s.source) == msg.Source })
	if i < 0 {
		return
	}
	v.streams[i].ended = true
	if msg.Err != nil {
		v.problem = v.about(i, msg.Err.Error())
	}
}

// about names the container that a text is about, where there are several.
func (v *logs) about(i int, text string) string {
	if len(v.streams) > 1 {
		return v.streams[i].container + ": " + text
	}
	return text
}

func (v *logs) act(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actFollow:
		v.pager.Follow = !v.pager.Follow
	case actPrevious:
		v.previous = !v.previous
		return v.start()
	case actTimes:
		v.prefix.Times = !v.prefix.Times
		v.pager.Replaced(v)
	case actContainer:
		return v.offerContainers()
	case actPod:
		return v.offerPods()
	case actSince:
		choose := ui.Choose{Title: "how far back"}
		for _, w := range windows {
			choose.Choices = append(choose.Choices, ui.Choice{Name: w.name, Then: chosen{v, w}})
		}
		return choose
	case ui.Bottom:
		v.pager.Do(msg, v)
		v.pager.Follow = true
	default:
		return v.document.update(msg)
	}
	return nil
}

func (v *logs) offerContainers() ui.Intent {
	choose := ui.Choose{Title: "container"}
	for _, c := range v.containers {
		choose.Choices = append(choose.Choices, ui.Choice{
			Name: c.Name, Detail: strings.TrimSpace(c.Type + " " + c.State), Then: chosen{v, c.Name},
		})
	}
	if len(v.containers) > 1 {
		choose.Choices = append(
			choose.Choices,
			ui.Choice{Name: allContainers, Detail: "merged by time", Then: chosen{v, allContainers}},
		)
	}
	return choose
}

func (v *logs) offerPods() ui.Intent {
	choose := ui.Choose{Title: "pod"}
	for _, p := range v.pods() {
		choose.Choices = append(choose.Choices, ui.Choice{
			Name: p.Name, Detail: strings.TrimSpace(p.Status.Level.String() + " " + p.Status.Reason), Then: chosen{v, p},
		})
	}
	return choose
}

// chosen is a choice with which the logs are read again: a window, the name of a
// container, or a pod.
type chosen struct {
	logs *logs
	what any
}

// Intent implements ui.Lazy.
func (c chosen) Intent() ui.Intent {
	switch what := c.what.(type) {
	case window:
		c.logs.window = what
	case string:
		c.logs.container = what
	case *kinds.Record:
		c.logs.pod, c.logs.container = what, ""
		c.logs.readContainers()
	}
	return c.logs.start()
}

// Draw implements tab.
func (v *logs) Draw(f ui.Frame) string {
	head := []ui.Line{v.head().Truncate(f.Width)}
	switch {
	case v.problem != "":
		head = append(head, note(v.problem, themes.Failing, f.Width)...)
	case v.Len() == 0:
		head = append(head, note(v.empty(), themes.Muted, f.Width)...)
	}
	return v.document.draw(f, head...)
}

// head returns the line that says what is shown, and how.
func (v *logs) head() ui.Line {
	mode, role := "following", themes.OK
	switch {
	case v.over():
		mode, role = "ended", themes.Muted
	case !v.pager.Follow:
		mode, role = "paused, f or G follows", themes.Waiting
	}
	run := ""
	if v.previous {
		run = "previous run  "
	}
	pod := ""
	if v.children != nil && v.pod != nil {
		pod = v.pod.Name + " "
	}
	line := ui.Line{
		{Text: pod, Role: themes.Text},
		{Text: cmp.Or(v.container, "no container yet") + "  ", Role: themes.Accent},
		{Text: run, Role: themes.Heading},
		{Text: mode, Role: role},
		{Text: fmt.Sprintf("  %s  %s", v.window.name, counted(v.Len(), "lines")), Role: themes.Muted},
	}
	if dropped := v.buffer.Dropped(); dropped > 0 {
		line = append(line, ui.Span{Text: fmt.Sprintf(", %d older dropped", dropped), Role: themes.Degraded})
	}
	if v.note != "" {
		line = append(line, behind(2, v.note, themes.Waiting)...)
	}
	return line
}

// over reports whether no stream will say anything more.
func (v *logs) over() bool {
	return len(v.streams) > 0 && !slices.ContainsFunc(v.streams, func(s stream) bool { return !s.ended })
}

// empty returns why there is nothing to read.
func (v *logs) empty() string {
	switch {
	case v.subject.session.Player != nil:
		return "no log lines on the tape yet; a tape holds only the logs that its recording asked for, " +
			"mostly those of failing pods"
	case v.subject.session.Saved != "":
		return "no log lines in the dump"
	case v.over():
		return "nothing was logged"
	case v.pod == nil:
		return "no pod yet"
	}
	for _, c := range v.containers {
		if c.Name == v.container && c.State != "" {
			return fmt.Sprintf("no log lines yet; container %s is %s", c.Name, strings.ToLower(c.State[:1])+c.State[1:])
		}
	}
	return "no log lines yet"
}

// Wake implements tab.
func (v *logs) Wake(now time.Time) time.Time { return v.document.wake(now) }
