package views

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const description = `Name:             web-1
Namespace:        shop
Containers:
  app:
    Image:          shop/web:v42
    Port:           8080/TCP
    State:          Waiting
      Reason:       ImagePullBackOff
    Environment:
      URL:  http://db:5432
Conditions:
  Type              Status
  Ready             False
Events:
  Type     Reason   Age   From     Message
  ----     ------   ----  ----     -------
  Normal   Pulling  10m   kubelet  Pulling image "shop/web:v42"
  Warning  Failed   9m    kubelet  Failed to pull image: not found
`

// tabOfPod opens a tab of the pod web-1 whose sources stay silent, so that a
// test says what they say.
func tabOfPod[T tab](t *testing.T, open func(*subject) T) T {
	t.Helper()
	_, v := openYAML(t, "pod", "web-1")
	return open(v.subject)
}

func drawTab(t tab, width, height int) string {
	return t.Draw(ui.Frame{Width: width, Height: height, Theme: themes.Plain, Now: screenNow})
}

func TestDescribeScreens(t *testing.T) {
	v := tabOfPod(t, newDescribe)
	if all, ok := v.Update(ui.Shown{}).(ui.All); !ok || len(all) != 2 || all[0] != (ui.Watch{Source: v.source}) ||
		all[1] != (ui.Watch{Source: v.heard}) {
		t.Errorf("shown: got %#v, want watches of the text and of the events", all)
	}
	if got := drawTab(v, 80, 24); !strings.HasPrefix(got, "describing ...") {
		t.Errorf("before the first text: %q", got)
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			v.Update(kube.Described{From: v.source, Text: description, At: screenNow})
			golden.RequireEqual(t, drawTab(v, size[0], size[1]))
		})
	}
	if got := v.all(); got != description {
		t.Errorf("the text is another than kubectl's:\n%s", cmp.Diff(description, got))
	}
	v.Update(kube.Described{From: v.source, Text: description, Err: errors.New("forbidden")})
	if got := drawTab(v, 80, 24); !strings.HasPrefix(got, "forbidden\nName: ") {
		t.Errorf("with an error: %q", got)
	}
	v.Update(kube.Described{From: &kube.Description{}, Text: "another object"})
	if got := drawTab(v, 80, 24); strings.Contains(got, "another") {
		t.Errorf("takes the text of another source: %q", got)
	}
}

// TestErrorsOnTabsWrap draws tabs whose text is old or missing because of an error that
// is longer than the screen is wide.
func TestErrorsOnTabsWrap(t *testing.T) {
	err := errors.New(`pods "web-1" is forbidden: User "system:serviceaccount:monitoring:dashboard" cannot get resource ` +
		`"pods" in API group "" in the namespace "shop": RBAC: role.rbac.authorization.k8s.io "reader" not found`)
	describe, yaml, logs := tabOfPod(t, newDescribe), tabOfPod(t, newYAML), startLogs(t)
	describe.Update(kube.Described{From: describe.source, Text: description, Err: err})
	yaml.refresh()
	yaml.missing = err
	logs.say(0, logBatch(0, 5), "container restarted")
	logs.Update(ui.Ended{Source: logs.source, Err: err})
	for name, tab := range map[string]struct {
		tab
		*document
	}{
		"describe": {describe, &describe.document}, "yaml": {yaml, &yaml.document}, "logs": {logs, &logs.document},
	} {
		t.Run(name, func(t *testing.T) {
			screen := drawTab(tab.tab, 80, 22)
			golden.RequireEqual(t, screen)
			rows := strings.Split(screen, "\n")
			first := slices.IndexFunc(rows, func(row string) bool { return strings.Contains(row, tab.text.Line(0).String()) })
			tab.tab.Update(ui.Clicked{Y: first + 1})
			if got := tab.pager.Cursor(); tab.pager.Select && got != 1 {
				t.Errorf("a click on the second line of the text is one on line %d", got+1)
			}
			if screen := drawTab(tab.tab, 80, 4); !strings.Contains(screen, " …\n"+tab.text.Line(tab.pager.Top()).String()) {
				t.Errorf("the error leaves no room:\n%s", screen)
			}
		})
	}
}

func TestDescribeKeepsItsPlace(t *testing.T) {
	v := tabOfPod(t, newDescribe)
	v.Update(kube.Described{From: v.source, Text: description})
	drawTab(v, 80, 8)
	v.Update(ui.Do{Action: ui.Bottom})
	before := drawTab(v, 80, 8)
	if !strings.Contains(before, "not found") {
		t.Fatalf("the end is not in sight:\n%s", before)
	}
	v.Update(kube.Described{From: v.source, Text: description})
	if diff := cmp.Diff(before, drawTab(v, 80, 8)); diff != "" {
		t.Error(diff)
	}
}

// TestDescribeFollowsEvents lets an event happen that leaves its object as it
// was.
func TestDescribeFollowsEvents(t *testing.T) {
	cluster := newCluster(t, "shop.yaml")
	s := newSession(t, cluster, "shop")
	v := newObject(s, served(t, s, "pod"), "shop", "db-0", nil, "describe").(*object)
	p := look(t, v)
	p.until(100, 200, "Events:")
	p.wait("the first events are known", func() bool { return at[*describe](v).known && v.subject.record != nil })
	uid := v.subject.record.UID.String()
	cluster.Apply(t, fmt.Sprintf(`{apiVersion: v1, kind: Event, type: Warning, reason: Evicted, message: out of room,
metadata: {name: db-0.1, namespace: shop}, involvedObject: {kind: Pod, namespace: shop, name: db-0, uid: %q}}`, uid))
	p.until(100, 200, "out of room")
}

func TestDescribeColours(t *testing.T) {
	got := map[string]themes.Role{}
	for _, line := range describeLines(description) {
		got[strings.TrimSpace(line[0].Text)] = line[0].Role
	}
	for text, want := range map[string]themes.Role{
		"Name:": themes.SyntaxKey, "URL:": themes.SyntaxKey, "Events:": themes.SyntaxKey,
		"Ready             False": themes.Text,
		"Warning  Failed   9m    kubelet  Failed to pull image: not found": themes.Degraded,
		"Normal   Pulling  10m   kubelet  Pulling image \"shop/web:v42\"":  themes.Text,
	} {
		if role, ok := got[text]; !ok || role != want {
			t.Errorf("%q: got %v (%v), want %v", text, role, ok, want)
		}
	}
}
