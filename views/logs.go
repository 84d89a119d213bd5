package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

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

// hasLogs reports whether objects of a kind are pods or lead to pods.
func hasLogs(k *kinds.Kind) bool {
	switch k.GroupKind().String() {
	case "Pod", "Deployment.apps", "ReplicaSet.apps", "StatefulSet.apps", "DaemonSet.apps", "Job.batch",
		"CronJob.batch", "ReplicationController", "Service", "Node":
		return true
	}
	return false
}

const (
	actFollow    ui.Action = "follow"
	actPrevious  ui.Action = "previous-logs"
	actContainer ui.Action = "container"
	actSince     ui.Action = "since"
	actTimes     ui.Action = "timestamps"
)

// logs is what the containers of pods wrote, merged by time: of the subject, of those
// that it leads to.
type logs struct {
	document
	subject  *subject    // the one object that they are of, or the first of several
	others   []*subject  // the rest of them
	children []*children // whose pods there are; none for what is a pod
	options  kube.LogOptions
	streams  []logStream
	source   *kube.Logs // nil before a container is known
	buffer   logbuf.Buffer
	sifted   sifted
	bars     histogram
	out      *logFile  // what is written to a file; nil while nothing is
	back     time.Time // of the line to stay on while older ones are read; zero for none
	events   logEvents
	prefix   logbuf.Prefix
	window   window
	previous bool
	reading  int    // how many logs may still bring lines
	held     []int  // the streams that wait for others to end
	answered bool   // the source has said something
	problem  string // why the source or a pod cannot be read
}

func newLogs(s *subject) *logs { return newLogsOf(s) }

// newLogsOf returns the logs of objects as one.
func newLogsOf(first *subject, others ...*subject) *logs {
	v := &logs{subject: first, others: others, window: windows[0], previous: first.previous}
	v.options.Follow = first.session.Saved == ""
	v.document = document{text: v, file: first.fileName(".log"), whole: v.wholeText, bare: v.bareLine}
	v.pager.Follow = true
	for _, s := range v.subjects() {
		if s.resource.Kind != "Pod" {
			v.children = append(v.children, newChildren(s))
		}
	}
	return v
}

func (v *logs) subjects() []*subject { return append([]*subject{v.subject}, v.others...) }

// Keys implements tab.
func (v *logs) Keys() []ui.Key {
	previous, follow := "previous run", "follow"
	if v.previous {
		previous = "current run"
	}
	if v.pager.Follow {
		follow = "pause"
	}
	toFile := "write to a file as lines come"
	if v.out != nil {
		toFile = "end the file"
	}
	events := "events among the lines"
	if v.events.listing != nil {
		events = "no events"
	}
	keys := []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "one line whole", Group: "Logs", Footer: !v.pager.Follow},
		{Action: actFollow, Keys: []string{"f"}, Help: follow, Group: "Logs", Footer: true},
	}
	keys = append(keys, v.filterLineKeys()...)
	keys = append(keys, []ui.Key{
		{Action: actContainer, Keys: []string{"C"}, Help: "containers", Group: "Logs", Footer: len(v.streams) > 1},
		{Action: actPrevious, Keys: []string{"p"}, Help: previous, Group: "Logs", Footer: true},
		{Action: actSince, Keys: []string{"S"}, Help: "since", Group: "Logs", Footer: true},
		{Action: actTimes, Keys: []string{"T"}, Help: timesWords[v.prefix.Times], Group: "Logs", Footer: true},
		{Action: actLogEvents, Keys: []string{"e"}, Help: events, Group: "Logs"},
		{Action: actHistogram, Keys: []string{"H"}, Help: "lines over time", Group: "Logs"},
		{Action: actJumpTo, Keys: []string{"@"}, Help: "go to a time", Group: "Logs"},
		{Action: actToFile, Keys: []string{"F"}, Help: toFile, Group: "Logs"},
	}...)
	return append(keys, v.document.keys()...)
}

// Update implements tab.
func (v *logs) Update(msg ui.Msg) ui.Intent {
	if _, pressed := msg.(ui.Do); pressed {
		v.pager.Select = true
	}
	intent := v.update(msg)
	v.refold()
	intent = v.withSifting(v.withSearch(intent))
	v.pager.Select = !v.pager.Follow // A cursor at the end would only follow it.
	return intent
}

func (v *logs) update(msg ui.Msg) ui.Intent {
	if v.updateSifted(msg) {
		return nil
	}
	if entered, ok := msg.(ui.Entered); ok && entered.Prompt == string(actJumpTo) {
		return v.jumpTo(entered.Text)
	}
	switch msg := msg.(type) {
	case ui.Shown, subjectChanged:
		return v.renew()
	case kube.ListingChanged:
		for _, c := range v.children {
			if c.update(msg) {
				return v.renew()
			}
		}
		if v.events.listing != nil && msg.Listing == v.events.listing {
			v.adoptEvents()
		}
		return nil
	case kube.LogLines:
		v.addLines(msg)
		return nil
	case ui.Ended:
		if intent, ended := v.fileEnded(msg); ended {
			return intent
		}
		v.sourceEnded(msg)
	case ui.Do:
		return v.act(msg)
	}
	return v.document.update(msg)
}

// renew adopts what is new about the pods. Their logs are read from when the first
// container is known.
func (v *logs) renew() ui.Intent {
	var intents ui.All
	for _, c := range v.children {
		c.resolve()
		intents = append(intents, c.watches()...)
	}
	changed := v.adopt()
	switch {
	case v.source == nil && len(v.streams) > 0:
		intents = append(intents, v.start()...)
	case changed:
		intents = append(intents, v.want())
	}
	if intents == nil {
		return nil
	}
	return intents
}

// choose reads only one container ("" keeps the choice), or another run.
func (v *logs) choose(container string, previous bool) ui.Intent {
	if v.previous = previous; container != "" {
		v.subject.container = container
		for i := range v.streams {
			v.streams[i].off = v.streams[i].container.Name != container
		}
	}
	return v.start()
}

// start reads again from the beginning, with the options as they are now.
func (v *logs) start() ui.All {
	if len(v.streams) == 0 {
		return nil
	}
	var intents ui.All
	if v.source != nil {
		intents = append(intents, ui.Unwatch{Source: v.source})
	}
	if v.out != nil {
		v.out.finish() // What is read again would be there twice.
	}
	v.buffer, v.problem, v.answered, v.held = logbuf.Buffer{}, "", false, nil
	v.pager.Follow = true
	v.sift()
	v.events.told = nil
	v.adoptEvents()
	v.rename()
	v.file = v.subject.fileName(".log")
	if c := v.subject.container; c != "" {
		v.file = v.subject.fileName("-" + c + ".log")
	}
	o := v.options
	o.Previous, o.Since, o.Tail = v.previous, v.window.back(v.subject.session.Now()), v.window.tail
	v.source = v.subject.session.Cluster.MergedLogs(o)
	return append(intents, v.want(), ui.Watch{Source: v.source})
}

// addLines adds new lines, unless they are of a source that was left.
func (v *logs) addLines(msg kube.LogLines) {
	if msg.From != v.source {
		return
	}
	v.answered, v.reading, v.held = true, msg.Reading, msg.Held
	if !v.previous {
		v.subject.session.tails.add(v.streams, msg.Lines)
	}
	v.take(msg.Lines)
	v.returnTo()
	v.showRemembered()
}

func (v *logs) sourceEnded(msg ui.Ended) {
	if v.source == nil || msg.Source != ui.Source(v.source) {
		return
	}
	v.answered, v.reading = true, 0
	if msg.Err != nil {
		v.problem = msg.Err.Error()
	}
	v.showRemembered()
}

func (v *logs) act(msg ui.Do) ui.Intent {
	if intent, did := v.doSifted(msg.Action); did {
		return intent
	}
	v.back = time.Time{}
	if v.atTop(msg.Action) {
		return v.readBack()
	}
	switch msg.Action {
	case actOpen:
		return v.openLine()
	case actFollow:
		v.pager.Follow = !v.pager.Follow
	case actPrevious:
		v.previous = !v.previous
		return v.start()
	case actTimes:
		v.prefix.Times = (v.prefix.Times + 1) % (logbuf.Delta + 1)
		v.pager.Replaced(v)
	case actContainer:
		return v.offerContainers(0)
	case actLogEvents:
		return v.toggleEvents()
	case actHistogram:
		v.bars.shown = !v.bars.shown
	case actJumpTo:
		return v.askTime()
	case actToFile:
		return v.toggleFile()
	case actSince:
		return v.chooseWindow()
	case ui.Bottom:
		v.pager.Do(msg, v)
		v.pager.Follow = true
	default:
		return v.document.update(msg)
	}
	return nil
}

// Draw implements tab.
func (v *logs) Draw(f ui.Frame) string {
	v.prefix.Now = f.Now
	head := []ui.Line{v.head(f.Now).Truncate(f.Width)}
	switch {
	case v.problem != "":
		head = append(head, note(v.problem, themes.Failing, f.Width)...)
	case v.buffer.Len() == 0:
		head = append(head, note(v.empty(), themes.Muted, f.Width)...)
	}
	if line := v.fileLine(); line != nil {
		head = append(head, line.Truncate(f.Width))
	}
	if v.bars.shown && v.buffer.Len() > 0 {
		head = append(head, v.bars.line(&v.buffer, f.Width).Truncate(f.Width))
	}
	if line := v.filterLine(f.Width); line != nil {
		head = append(head, line.Truncate(f.Width))
	}
	if len(v.prefix.Columns) > 0 {
		head = append(head, v.columnHeads(f.Height).Truncate(f.Width))
	}
	return v.document.draw(f, head...)
}

// columnHeads names the columns above them.
func (v *logs) columnHeads(height int) ui.Line {
	top := v.pager.Top()
	if v.pager.Follow {
		top = max(0, v.Len()-height)
	}
	for i := top; i < min(v.Len(), top+height); i++ {
		v.Line(i) // So the columns are as wide as they will be.
	}
	text := v.prefix.Heading()
	return ui.Line{{Text: text[min(v.pager.Left(), len(text)):], Role: themes.Heading}}
}

// head returns the line that says what is shown, and how.
func (v *logs) head(now time.Time) ui.Line {
	mode, role := "following", themes.OK
	switch state := v.stateWords(now); {
	case state != "":
		mode, role = state, themes.Degraded
		if v.source != nil && strings.Contains(state, " of ") {
			mode = "following, " + state
		}
	case v.over():
		mode, role = "ended", themes.Muted
	case v.source == nil && v.unread():
		mode, role = "its pods are not read yet", themes.Waiting
	case v.source == nil:
		mode, role = "waiting for pods", themes.Waiting
	}
	if !v.over() && !v.pager.Follow {
		mode, role = "paused, f or G follows", themes.Waiting
	}
	run := ""
	if v.previous {
		run = "previous run  "
	}
	line := ui.Line{
		{Text: v.chosenWords() + "  ", Role: themes.Accent},
		{Text: run, Role: themes.Heading},
		{Text: mode, Role: role},
		{Text: fmt.Sprintf("  %s  %s", v.windowWords(), counted(v.buffer.Len(), "lines")), Role: themes.Muted},
	}
	if dropped := v.buffer.Dropped(); dropped > 0 {
		line = append(line, ui.Span{Text: fmt.Sprintf(", %d older dropped", dropped), Role: themes.Degraded})
	}
	if n := len(v.held); n > 0 {
		text := fmt.Sprintf("  %s not read, as %d are at a time: C chooses", counted(n, "containers"), kube.LogStreamsMax)
		line = append(line, ui.Span{Text: text, Role: themes.Degraded})
	}
	return line
}

// windowWords say how far back each log is read.
func (v *logs) windowWords() string {
	if on := len(v.streams) - countOff(v.streams); v.window.tail > 0 && on > 1 {
		return v.window.name + " each"
	}
	return v.window.name
}

func countOff(streams []logStream) (n int) {
	for _, s := range streams {
		if s.off {
			n++
		}
	}
	return n
}

// unlisted is why pods that the logs are of are not known; nil when they are.
func (v *logs) unlisted() error {
	for _, c := range v.children {
		for _, l := range c.lists {
			if state := l.listing.State(); l.child.Resource == "pods" && state.Err != nil {
				return state.Err
			}
		}
	}
	return nil
}

// unread reports whether there may be pods that have not been read yet.
func (v *logs) unread() bool {
	return slices.ContainsFunc(v.children, (*children).undecided) ||
		slices.ContainsFunc(v.subjects(), func(s *subject) bool {
			return s.record == nil && s.listing.State().Phase.Undecided()
		})
}

// over reports whether no log will say anything more.
func (v *logs) over() bool { return v.source != nil && v.answered && v.reading == 0 }

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
	case len(v.streams) == 0 && v.unlisted() != nil:
		return "its pods cannot be listed: " + v.unlisted().Error()
	case len(v.streams) == 0 && v.unread():
		return "connecting: which pods there are is not known yet"
	case len(v.streams) == 0:
		return "no pod yet" + v.subject.because()
	}
	for _, s := range v.streams {
		if s.container.State != "" && !s.off {
			words := fmt.Sprintf("no log lines yet; container %s is %s", s.container.Name,
				strings.ToLower(s.container.State[:1])+s.container.State[1:])
			if why := s.pod.Status.Reason; why != "" && s.container.State == "Waiting" {
				words += ": " + why
			}
			return words
		}
	}
	return "no log lines yet"
}

// Wake implements tab.
func (v *logs) Wake(now time.Time) time.Time {
	if v.bars.shown && v.bars.more {
		return now
	}
	if v.out != nil && v.out.path.Load() == nil {
		return now.Add(100 * time.Millisecond)
	}
	again := v.document.wake(now)
	if again.IsZero() && (v.stateWords(now) != "" || v.prefix.Times == logbuf.Ago) {
		return now.Add(time.Second)
	}
	return again
}
