package views

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	kubelogs "github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/themes"
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

// serviceLog are lines in the formats of loggers, with a stack trace.
func serviceLog() []kube.LogLine {
	var out []kube.LogLine
	for i, text := range []string{
		`{"time":"2026-05-01T12:00:00Z","level":"info","msg":"listening","port":8080}`,
		`{"level":"debug","msg":"GET /healthz","status":200}`,
		`{"level":"error","msg":"cannot reach the cart","error":"dial tcp 10.0.0.7:6379: refused","try":3,"user":{"id":42}}`,
		`10.0.0.7 - - [01/May/2026:12:00:03 +0000] "GET /cart HTTP/1.1" 502 157 "-" "curl"`,
		"panic: no cart", "goroutine 1 [running]:", "main.main()", "	/src/main.go:42 +0x1d",
		`level=warn msg="starting again" try=1`,
		`{"level":"warn","msg":"healthz was slow","took":"2s"}`,
		`{"no":"message"}`,
	} {
		out = append(out, kube.LogLine{Time: screenNow.Add(time.Duration(i) * time.Second), Text: kinds.CleanLog(text)})
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

// startLogs opens the logs of a container of the pod web-1.
func startLogs(t *testing.T) *logs {
	t.Helper()
	_, object := openYAML(t, "pod", "web-1")
	object.subject.container = "app"
	v := newLogs(object.subject)
	if starts, ends := watched(v.Update(ui.Shown{})); starts != 1 || ends != 0 {
		t.Fatalf("starts %d and ends %d sources", starts, ends)
	}
	return v
}

// say lets a stream of the logs write, and be marked.
func (v *logs) say(stream int, lines []kube.LogLine, mark string) {
	lines = slices.Clone(lines)
	if mark != "" {
		lines = append(lines, kube.LogLine{Time: screenNow, Text: mark, Flags: kubelogs.Marker})
	}
	for i := range lines {
		lines[i].Stream = stream
	}
	v.Update(kube.LogLines{From: v.source, Lines: lines, Reading: 1})
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
	drawLogScreens(t, []logScreen{
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
			v.Update(ui.Ended{Source: v.source})
		}},
		{"no previous", func(_ *testing.T, v *logs) {
			do(v, actPrevious)
			v.Update(ui.Ended{Source: v.source, Err: errors.New("previous terminated container \"app\" not found")})
		}},
		{"wrapped with timestamps", func(_ *testing.T, v *logs) {
			do(v, actWrap)
			do(v, actTimes)
			v.say(0, append(logBatch(0, 2), long), "container app restarted: exit 3, Error")
		}},
		{"lines over time", func(_ *testing.T, v *logs) {
			v.say(0, append(serviceLog(), logBatch(20, 40)...), "")
			do(v, actHistogram)
		}},
		{"fields as columns", func(_ *testing.T, v *logs) {
			v.say(0, append(serviceLog(), logBatch(20, 3)...), "")
			v.prefix.Columns = []string{"status", "try"}
		}},
		{"stack trace unfolded", func(_ *testing.T, v *logs) {
			v.say(0, serviceLog(), "")
			do(v, actFoldLines)
		}},
		{"all containers", func(t *testing.T, v *logs) {
			pick(t, do(v, actContainer), "[ ] all")
			v.say(1, logBatch(0, 4), "")
			v.say(2, logBatch(2, 4), "")
		}},
	})
}

// logScreen is what is drawn of a log after something was done.
type logScreen struct {
	name string
	do   func(*testing.T, *logs)
}

func drawLogScreens(t *testing.T, screens []logScreen) {
	for _, screen := range screens {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", screen.name, size[0], size[1]), func(t *testing.T) {
				v := startLogs(t)
				screen.do(t, v)
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
	for name, act := range map[string]func() ui.Intent{
		"previous":  func() ui.Intent { return do(v, actPrevious) },
		"container": func() ui.Intent { return pick(t, do(v, actContainer), "[ ] proxy").(ui.All)[0] },
		"since":     func() ui.Intent { return pick(t, do(v, actSince), "last 5 minutes") },
	} {
		old := v.source
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
	if got := v.Update(subjectChanged{}); got != nil {
		t.Errorf("a new version of the pod starts %#v", got)
	}
}

// wanted are the containers that an intent asks for.
func wanted(t *testing.T, intent ui.Intent) (names []string) {
	t.Helper()
	for _, i := range intent.(ui.All) {
		if want, ok := i.(wantLogs); ok {
			for _, target := range want.targets {
				names = append(names, target.Container)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestLogsOfAllContainers(t *testing.T) {
	v := tabOfPod(t, newLogs)
	all := wanted(t, v.Update(ui.Shown{}))
	if len(all) != len(v.streams) || !slices.Contains(all, "app") || !slices.Contains(all, "proxy") {
		t.Errorf("reads %v", all)
	}
	only := pick(t, do(v, actContainer), "[x] proxy").(ui.All)
	if got := wanted(t, only[0]); !slices.Equal(got, []string{"proxy"}) {
		t.Errorf("picked out of all, reads %v", got)
	}
	if choose := only[1].(ui.Choose); choose.Choices[choose.At].Name != "[x] proxy" {
		t.Errorf("the list stands at %q", choose.Choices[choose.At].Name)
	}
	got := wanted(t, pick(t, do(v, actContainer), "[ ] app").(ui.All)[0])
	if !slices.Equal(got, []string{"app", "proxy"}) {
		t.Errorf("with another one, reads %v", got)
	}
	pick(t, do(v, actContainer), "[x] proxy")
	pick(t, do(v, actContainer), "[x] app")
	if text := drawTab(v, 80, 10); !strings.Contains(text, "no container chosen") {
		t.Errorf("without one:\n%s", text)
	}
}

func TestShortNames(t *testing.T) {
	for _, test := range []struct{ names, hashes, want []string }{
		{nil, nil, []string{}},
		{[]string{"web-7d9f-abcde", "web-7d9f-fghij"}, []string{"7d9f", "7d9f"}, []string{"abcde", "fghij"}},
		{[]string{"web-7d9f-abcde", "web-c4c4-fghij"}, []string{"7d9f", "c4c4"}, []string{"abcde", "fghij"}},
		{[]string{"web-7d9f-abcde", "cart-7d9f-fghij"}, []string{"7d9f", "7d9f"}, []string{"web-abcde", "cart-fghij"}},
		{[]string{"web-7d9f-abcde", "toolbox"}, []string{"7d9f", ""}, []string{"web-abcde", "toolbox"}},
		{[]string{"web-0", "web-1"}, []string{"", ""}, []string{"0", "1"}},
		{[]string{"web-0", "db-1"}, []string{"", ""}, []string{"web-0", "db-1"}},
		{[]string{"a-1-x", "a-2-x"}, []string{"1", "2"}, []string{"a-1-x", "a-2-x"}},
		{[]string{"one", "two"}, []string{"", ""}, []string{"one", "two"}},
	} {
		if got := shortNames(test.names, test.hashes); !slices.Equal(got, test.want) {
			t.Errorf("%v: got %v, want %v", test.names, got, test.want)
		}
	}
}

func TestContainerWords(t *testing.T) {
	ago := func(d time.Duration) metav1.Time { return metav1.NewTime(screenNow.Add(-d)) }
	for _, test := range []struct {
		container kinds.Container
		want      string
	}{
		{kinds.Container{State: "Running", Level: kinds.OK}, ""},
		{kinds.Container{State: "Waiting: ContainerCreating", Level: kinds.Waiting}, ""},
		{kinds.Container{State: "Terminated: Completed (exit 0)", Level: kinds.OK, Ended: ago(time.Hour)}, ""},
		{kinds.Container{State: "Completed (exit 0)", Type: "init", Level: kinds.Quiet, Ended: ago(time.Hour)}, ""},
		{kinds.Container{State: "Terminated: Error (exit 3)", Level: kinds.Failing, Ended: ago(2 * time.Minute)},
			"exited 3, 2m ago"},
		{kinds.Container{State: "Waiting: CrashLoopBackOff", Level: kinds.Failing, Restarts: 9, Last: "Error (exit 3)",
			LastEnded: ago(2 * time.Minute)}, "exited 3, 2m ago; restarts in 3m"},
		{kinds.Container{State: "Waiting: CrashLoopBackOff", Level: kinds.Failing, Restarts: 1, Last: "OOMKilled (exit 137)",
			LastEnded: ago(9 * time.Second)}, "exited 137, 0s ago; restarts soon"},
	} {
		if got := containerWords(&test.container, screenNow); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.container, got, test.want)
		}
	}
}

func TestLogsOfAChosenContainer(t *testing.T) {
	_, object := openYAML(t, "pod", "web-1")
	object.subject.container = "proxy"
	v := newLogs(object.subject)
	v.Update(ui.Shown{})
	if got := v.chosenWords(); got != "proxy" {
		t.Errorf("got container %q", got)
	}
	v.say(0, logBatch(0, 2), "")
	var text strings.Builder
	saved := do(v, actSave).(ui.Save)
	if _, err := saved.Text.WriteTo(&text); err != nil || saved.Name != "prod-eu-shop-pod-web-1-proxy.log" ||
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
	p.until(80, 24, "2 pods")
	choice, ok := p.press("C").(ui.Choose)
	if !ok || len(choice.Choices) < 3 || !strings.HasPrefix(choice.Choices[1].Name, "[x] checkout-7d9f-x2x9 ") {
		t.Fatalf("C: got %#v, want the containers of both pods, the worse first", p.intent)
	}
	l := at[*logs](v)
	pod := l.streams[0].pod.Name
	l.say(0, logBatch(0, 2), "")
	l.say(1, logBatch(1, 2), "")
	screen := p.draw(80, 24)
	if !strings.Contains(screen, pod[len(pod)-4:]+" ") {
		t.Errorf("lines are not marked with their pod:\n%s", screen)
	}
}

func TestLogLineScreens(t *testing.T) {
	for name, text := range map[string]string{
		"json": `{"time":"2026-04-30T23:59:59Z","level":"error","msg":"cannot charge\nthe card","status":502,` +
			`"http":{"path":"/cart","headers":["a","b"]},"error":"dial tcp: refused","caller":"pay.go:42","esc":"\u001b[2J"}`,
		"plain": "\x1b[31mERROR\x1b[0m no format at all, but long: " + strings.Repeat("word ", 30),
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				v := startLogs(t)
				v.say(1, []kube.LogLine{{Time: screenNow, Text: text}}, "")
				opened := do(v, actOpen).(ui.Open).View
				golden.RequireEqual(t, opened.Draw(ui.Frame{
					Width: size[0], Height: size[1] - 2, Theme: themes.Plain, Now: screenNow,
				}))
			})
		}
	}
}

// TestFieldsBecomeFilters opens a line and filters by one of its fields.
func TestFieldsBecomeFilters(t *testing.T) {
	v := startLogs(t)
	v.say(0, append(serviceLog(), kube.LogLine{Text: `{"msg":"once more","try":3}`}), "")
	v.pager.Follow = false
	for _, step := range []struct {
		field, want string
		lines       int
	}{{"try", "try=3", 2}, {"level", "try=3 level=error", 1}, {"received", "try=3 level=error", 1}} {
		v.pager.Select = true
		v.pager.GoTo(lineWith(v, "reach the cart"), v)
		line := do(v, actOpen).(ui.Open).View.(*logLine)
		line.pager.GoTo(lineWith(line.text, step.field+" "), line.text)
		if got := line.update(ui.Do{Action: actFilterLines}); step.field != "received" && got != ui.Intent(ui.Back{}) {
			t.Errorf("%s: %#v", step.field, got)
		}
		if v.sifted.filter != step.want || v.Len() != step.lines {
			t.Errorf("%s: the filter is %q and %d lines are shown, want %q, %d",
				step.field, v.sifted.filter, v.Len(), step.want, step.lines)
		}
	}
}

// TestFieldsBecomeColumns opens a line and makes a field a column, and back.
func TestFieldsBecomeColumns(t *testing.T) {
	v := startLogs(t)
	v.say(0, serviceLog(), "")
	v.pager.Follow = false
	toggle := func(field string) ui.Intent {
		v.pager.Select = true
		v.pager.GoTo(lineWith(v, "reach the cart"), v)
		line := do(v, actOpen).(ui.Open).View.(*logLine)
		line.pager.GoTo(lineWith(line.text, field+" "), line.text)
		return line.update(ui.Do{Action: actColumn})
	}
	if got := toggle("try"); got != ui.Intent(ui.Back{}) || !slices.Equal(v.prefix.Columns, []string{"try"}) {
		t.Errorf("%#v, the columns are %v", got, v.prefix.Columns)
	}
	if got := drawTab(v, 80, 20); !strings.Contains(got, "TRY") || strings.Contains(got, "try=3") {
		t.Errorf("the field is not a column, or stands there twice:\n%s", got)
	}
	if _, said := toggle("received").(ui.Say); !said {
		t.Error("what is not a field becomes a column")
	}
	toggle("caller")
	toggle("try")
	do(v, actColumn)
	if got := drawTab(v, 80, 20); strings.Contains(got, "TRY") || !strings.Contains(got, "try=3") {
		t.Errorf("the column is still there:\n%s", got)
	}
}

// lineWith is the first line of a document that has a text.
func lineWith(d ui.Document, text string) int {
	return slices.IndexFunc(linesOf(d), func(l string) bool { return strings.Contains(l, text) })
}

// linesOf are the lines of a document.
func linesOf(d ui.Document) []string {
	var out []string
	for i := range d.Len() {
		out = append(out, d.Line(i).String())
	}
	return out
}

// TestStackTracesAreFolded reads a log with one: a search looks into it, and what is copied
// or saved has it.
func TestStackTracesAreFolded(t *testing.T) {
	v := startLogs(t)
	v.say(0, serviceLog(), "")
	all := v.buffer.Len()
	drawTab(v, 80, 20)
	shows := func(want string, unwanted string) {
		t.Helper()
		got := drawTab(v, 80, 20)
		if !strings.Contains(got, want) || strings.Contains(got, unwanted) {
			t.Errorf("it shows\n%s\nwant %q, not %q", got, want, unwanted)
		}
	}
	shows("panic: no cart  +3 lines (z)", "goroutine 1")
	do(v, ui.Up)
	v.pager.GoTo(4, v)
	whole := "panic: no cart\ngoroutine 1 [running]:\nmain.main()\n        /src/main.go:42 +0x1d\n"
	if got := do(v, actCopy).(ui.Copy); got.Text != whole || got.What != "4 lines" {
		t.Errorf("copied is %q as %s", got.Text, got.What)
	}
	var file strings.Builder
	if _, err := do(v, actSave).(ui.Save).Text.WriteTo(&file); err != nil || strings.Count(file.String(), "\n") != all {
		t.Errorf("%v, and saved is\n%s", err, file.String())
	}
	screen := ui.Frame{Width: 80, Height: 20, Theme: themes.Plain, Now: screenNow}
	if line, ok := do(v, actOpen).(ui.Open); !ok || !strings.Contains(line.View.Draw(screen), "/src/main.go:42") {
		t.Error("a line that is opened does not show its trace")
	}
	do(v, actSearch)
	v.Update(ui.Entered{Prompt: string(actSearch), Text: "main.main"})
	shows("main.main()", "(z)")
	if got := v.Line(v.pager.Cursor()).String(); got != "main.main()" {
		t.Errorf("found is %q", got)
	}
	do(v, actSearchEnd)
	shows("(z)", "main.main()")
	do(v, actFoldLines)
	shows("main.main()", "(z)")
	v.Update(ui.Entered{Prompt: string(actFilterLines), Text: "panic"})
	shows("main.main()", "INFO")
	do(v, actFoldLines)
	shows("panic: no cart  +3 lines (z)", "main.main()")
}
