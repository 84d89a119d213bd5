package views

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

// logBatch are n lines, one a second.
func logBatch(from, n int) []kube.LogLine {
	var out []kube.LogLine
	for i := range n {
		out = append(
			out,
			kube.LogLine{
				Time: screenNow.Add(time.Duration(from+i) * time.Second),
				Text: fmt.Sprintf("line %d of the log", from+i),
			},
		)
	}
	return out
}

// watched are the sources that an intent starts and ends.
func watched(intent ui.Intent) (starts, ends int) {
	all, _ := intent.(ui.All)
	for _, i := range all {
		switch i.(type) {
		case ui.Watch:
			starts++
		case ui.Unwatch:
			ends++
		}
	}
	return starts, ends
}

// startLogs opens the logs of the pod web-1.
func startLogs(t *testing.T) *logs {
	t.Helper()
	v := tabOfPod(t, newLogs)
	if starts, ends := watched(v.Update(ui.Shown{})); starts != 1 || ends != 0 {
		t.Fatalf("starts %d and ends %d sources", starts, ends)
	}
	return v
}

// say lets a stream of the logs write.
func (v *logs) say(stream int, lines []kube.LogLine, note string) {
	v.Update(kube.LogLines{From: v.streams[stream].source, Lines: lines, Note: note})
}

// pick carries out the choice of a name.
func pick(t *testing.T, intent ui.Intent, name string) ui.Intent {
	t.Helper()
	for _, c := range intent.(ui.Choose).Choices {
		if c.Name == name {
			return c.Then.(ui.Lazy).Intent()
		}
	}
	t.Fatalf("no choice %q in %#v", name, intent)
	return nil
}

func do(v tab, action ui.Action) ui.Intent { return v.Update(ui.Do{Action: action}) }

func TestLogScreens(t *testing.T) {
	long := kube.LogLine{Time: screenNow, Text: `{"level":"error","msg":"` + strings.Repeat("a long message ", 12) + `"}`}
	for _, test := range []struct {
		name string
		do   func(*testing.T, *logs)
	}{
		{"empty", func(*testing.T, *logs) {}},
		{"following", func(_ *testing.T, v *logs) { v.say(0, logBatch(0, 100), "") }},
		{"paused", func(_ *testing.T, v *logs) {
			v.say(0, logBatch(0, 100), "")
			drawTab(v, 80, 22)
			do(v, ui.Up)
			do(v, ui.Up)
			v.say(0, logBatch(100, 50), "")
		}},
		{"previous", func(_ *testing.T, v *logs) {
			do(v, actPrevious)
			v.say(0, logBatch(0, 3), "")
			v.Update(ui.Ended{Source: v.streams[0].source})
		}},
		{"no previous", func(_ *testing.T, v *logs) {
			do(v, actPrevious)
			v.Update(ui.Ended{Source: v.streams[0].source, Err: errors.New("previous terminated container \"app\" not found")})
		}},
		{"wrapped with timestamps", func(_ *testing.T, v *logs) {
			do(v, actWrap)
			do(v, actTimes)
			v.say(0, append(logBatch(0, 2), long), "container restarted")
		}},
		{"all containers", func(t *testing.T, v *logs) {
			pick(t, do(v, actContainer), allContainers)
			v.say(1, logBatch(0, 4), "")
			v.say(2, logBatch(2, 4), "")
		}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", test.name, size[0], size[1]), func(t *testing.T) {
				v := startLogs(t)
				test.do(t, v)
				golden.RequireEqual(t, drawTab(v, size[0], size[1]-2))
			})
		}
	}
}

func TestLogsFollow(t *testing.T) {
	v := startLogs(t)
	shows := func(text string, want bool) {
		t.Helper()
		if got := drawTab(v, 80, 10); strings.Contains(got, text) != want {
			t.Errorf("shows %q is not %v:\n%s", text, want, got)
		}
	}
	v.say(0, logBatch(0, 50), "")
	shows("line 49 ", true)
	do(v, ui.Up)
	v.say(0, logBatch(50, 10), "")
	shows("line 59 ", false)
	shows("paused", true)
	do(v, ui.Bottom)
	shows("line 59 ", true)
	v.say(0, logBatch(60, 10), "")
	shows("line 69 ", true)
	do(v, actFollow)
	v.say(0, logBatch(70, 10), "")
	shows("line 79 ", false)
	do(v, actFollow)
	shows("line 79 ", true)
	v.Update(ui.Wheel{Lines: -3})
	shows("paused", true)
}

func TestLogsStartAgain(t *testing.T) {
	v := startLogs(t)
	if v.container != "app" {
		t.Errorf("begins with container %q, want the annotated one", v.container)
	}
	for name, act := range map[string]func() ui.Intent{
		"previous":  func() ui.Intent { return do(v, actPrevious) },
		"container": func() ui.Intent { return pick(t, do(v, actContainer), "proxy") },
		"since":     func() ui.Intent { return pick(t, do(v, actSince), "last 5 minutes") },
	} {
		old := v.streams[0].source
		v.say(0, logBatch(0, 5), "")
		intent := act()
		if starts, ends := watched(intent); starts != 1 || ends != 1 {
			t.Errorf("%s: starts %d and ends %d sources", name, starts, ends)
		}
		if all := intent.(ui.All); all[0] != (ui.Unwatch{Source: old}) {
			t.Errorf("%s: ends %#v", name, all[0])
		}
		v.Update(kube.LogLines{From: old, Lines: logBatch(0, 5)})
		v.Update(ui.Ended{Source: old, Err: errors.New("cancelled")})
		if v.Len() != 0 || v.problem != "" {
			t.Errorf("%s: takes %d lines and %q from the old source", name, v.Len(), v.problem)
		}
	}
	if starts, ends := watched(pick(t, do(v, actContainer), allContainers)); starts != 3 || ends != 1 {
		t.Errorf("all containers: starts %d and ends %d sources", starts, ends)
	}
	if got := v.Update(subjectChanged{}); got != nil {
		t.Errorf("a new version of the pod starts %#v", got)
	}
}

func TestLogsOfAChosenContainer(t *testing.T) {
	_, object := openYAML(t, "pod", "web-1")
	object.subject.container = "proxy"
	v := newLogs(object.subject)
	v.Update(ui.Shown{})
	if v.container != "proxy" {
		t.Errorf("got container %q", v.container)
	}
	v.say(0, logBatch(0, 2), "")
	var text strings.Builder
	saved := do(v, actSave).(ui.Save)
	if _, err := saved.Text.WriteTo(&text); err != nil || saved.Name != "pod-web-1-proxy.log" ||
		text.String() != "line 0 of the log\nline 1 of the log\n" {
		t.Errorf("saves %q as %s, %v", text.String(), saved.Name, err)
	}
}

// TestLogsSayWhatWasDropped lets a paused reader see the same lines while old
// ones go, and tells how many went.
func TestLogsSayWhatWasDropped(t *testing.T) {
	v := startLogs(t)
	v.say(0, make([]kube.LogLine, logbuf.LinesMax-100), "")
	v.say(0, logBatch(0, 100), "")
	drawTab(v, 80, 10)
	do(v, ui.Up)
	before := strings.SplitN(drawTab(v, 80, 10), "\n", 2)[1]
	v.say(0, logBatch(100, 4096), "")
	after := strings.SplitN(drawTab(v, 80, 10), "\n", 2)
	if v.buffer.Dropped() < 4096/2 || !strings.Contains(after[0], fmt.Sprintf("%d older dropped", v.buffer.Dropped())) {
		t.Errorf("%d were dropped, and the head does not say so: %s", v.buffer.Dropped(), after[0])
	}
	if diff := cmp.Diff(before, after[1]); diff != "" {
		t.Errorf("dropping moves what is read:\n%s", diff)
	}
}

func TestLogsOfADeployment(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	v := newObject(s, served(t, s, "deploy"), "shop", "checkout", nil, "logs").(*object)
	p := look(t, v)
	p.until(80, 24, "checkout-7d9f-x2x9 app  ")
	choice, ok := p.press("P").(ui.Choose)
	if !ok || len(choice.Choices) != 2 || choice.Choices[0].Name != "checkout-7d9f-x2x9" {
		t.Fatalf("P: got %#v, want both pods, the worse first", p.intent)
	}
	l := at[*logs](v)
	old := l.streams[0].source
	if starts, ends := watched(pick(t, choice, choice.Choices[1].Name)); starts != 1 || ends != 1 ||
		l.streams[0].source == old {
		t.Errorf("another pod starts %d and ends %d sources", starts, ends)
	}
	if screen := p.draw(80, 24); !strings.Contains(screen, choice.Choices[1].Name+" app  ") {
		t.Errorf("the head does not name the pod:\n%s", screen)
	}
}
