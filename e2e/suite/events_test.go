package suite

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestEventsOfAnObject shows what the cluster said about a deployment, and with one key
// about everything that it owns.
func TestEventsOfAnObject(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	pendingDeployment(t, namespace, "web", 2)
	pendingDeployment(t, namespace, "other", 1)
	f := open(t, "deployment/web", "-n", namespace)
	f.WaitFor("● live", limit)
	f.Keys("E")
	f.WaitFor(regexp.MustCompile(`ScalingReplicaSet +Scaled up replica set web-\w+ from 0 to 2`), limit)
	if shot := f.Screen(); shot.Contains("FailedScheduling") || shot.Contains("other") {
		t.Errorf("events of other objects are shown\n%s", shot)
	}
	f.Keys("o")
	own := func(shot screen.Screen) bool {
		return strings.Count(shot.Text(), "SuccessfulCreate  ") == 2 && podsNotScheduled(shot) == 2
	}
	shot := f.WaitFor(own, limit)
	for _, row := range []string{
		`ScalingReplicaSet +deployment/web `, `SuccessfulCreate +rep\S*…/web\S* `,
		`FailedScheduling +pod/web\S*…\w+ `,
	} {
		if !regexp.MustCompile(row).MatchString(shot.Text()) {
			t.Errorf("no row matches %s\n%s", row, shot)
		}
	}
	if shot.Contains("other") {
		t.Errorf("events of another deployment are shown\n%s", shot)
	}

	// What comes later is shown too.
	scale(t, namespace, "web", 3)
	f.WaitFor("from 2 to 3", limit)
	f.WaitFor(func(shot screen.Screen) bool { return podsNotScheduled(shot) == 3 }, limit)
	f.Keys("o")
	f.WaitGone("FailedScheduling  ", limit)
	f.WaitFor("from 2 to 3", limit)
}

// podsNotScheduled counts the pods that have a row of FailedScheduling: one pod has several
// where the scheduler tried again and had another reason, as it does when a node changes.
func podsNotScheduled(shot screen.Screen) int {
	pods := map[string]bool{}
	for _, row := range regexp.MustCompile(`FailedScheduling +(pod/\S+) `).FindAllStringSubmatch(shot.Text(), -1) {
		pods[row[1]] = true
	}
	return len(pods)
}

// TestEventsOpenWhatTheyAreAbout walks from a deployment's events to a pod.
func TestEventsOpenWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	pendingDeployment(t, namespace, "web", 1)
	f := open(t, "deployment/web", "-n", namespace)
	f.WaitFor("● live", limit)
	f.Keys("E")
	f.WaitFor("Scaled up", limit)
	f.Keys("o")
	f.WaitFor("FailedScheduling", limit)
	f.ClickOn("FailedScheduling")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`(?m)^ \S+  `+namespace+`  pod web-\w+-\w+ `), limit)
	f.Keys("esc")
	f.WaitFor("deployment web ", limit)
}

// TestEventsOfACrashingPod compares the rows with what kubectl get events says about
// the same pod.
func TestEventsOfACrashingPod(t *testing.T) {
	pod := podOf(t, "shop", "checkout")
	f := read(t, subject{"pod", "shop", pod})
	f.Keys("E")
	f.WaitFor("BackOff", limit)
	var got, want []string
	err := wait.PollUntilContextTimeout(
		t.Context(),
		200*time.Millisecond,
		limit,
		true,
		func(context.Context) (bool, error) {
			out := kubectl(t, "get", "events", "-n", "shop", "--field-selector", "involvedObject.name="+pod, "-o",
				`jsonpath={range .items[*]}{.type} {.reason} {.message}{"\n"}{end}`)
			want, got = eventRows(out), eventRows(messageColumn(body(f.Screen())))
			return slices.Equal(got, want) && len(want) > 0, nil
		},
	)
	if err != nil {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var eventRow = regexp.MustCompile(`(Normal|Warning) +(\w+) +(.*)`)

// messageColumn returns a table of events with nothing between the reason and the
// message: a wide screen has other columns there, and some after them.
func messageColumn(lines []string) string {
	from, to := -1, -1
	var rows []string
	for _, line := range lines {
		if before, after, is := strings.Cut(line, "MESSAGE"); is {
			from, to = utf8.RuneCountInString(before), -1
			if column := strings.TrimLeft(after, " ▲▼"); column != "" {
				to = utf8.RuneCountInString(line) - utf8.RuneCountInString(column)
			}
			continue
		}
		cells := []rune(line)
		match := eventRow.FindStringSubmatch(line)
		if from < 0 || len(cells) <= from || match == nil {
			continue
		}
		end := len(cells)
		if to >= 0 {
			end = min(end, to)
		}
		rows = append(rows, match[1]+" "+match[2]+" "+string(cells[from:end]))
	}
	return strings.Join(rows, "\n")
}

// eventRows are type, reason and the start of the message, sorted.
func eventRows(text string) []string {
	var rows []string
	for _, match := range eventRow.FindAllStringSubmatch(text, -1) {
		message := strings.Join(strings.Fields(match[3]), " ")
		rows = append(rows, fmt.Sprintf("%s %s %.60s", match[1], match[2], message))
	}
	slices.Sort(rows)
	return rows
}

// TestEventsOfANode finds what a kubelet says about its node: it gives the name where
// other objects have a UID.
func TestEventsOfANode(t *testing.T) {
	name := node(t)
	events := world.client.CoreV1().Events("default")
	now := metav1.Now()
	event, err := events.Create(t.Context(), &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{GenerateName: "suite-"},
		InvolvedObject: corev1.ObjectReference{Kind: "Node", Name: name, UID: types.UID(name)},
		Reason:         "SuiteLooked", Message: "the suite has looked at this node", Type: corev1.EventTypeNormal,
		FirstTimestamp: now, LastTimestamp: now, Count: 1,
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := events.Delete(context.Background(), event.Name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	f := open(t, "node/"+name)
	f.WaitFor("● live", limit)
	f.Keys("E")
	f.WaitFor("the suite has looked at this node", limit)
}
