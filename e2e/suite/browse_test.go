package suite

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
	"github.com/fathom-k8s/fathom/kube"
)

// backOff is how long a broken pod may take to show the status that it is known for:
// between two tries it shows others.
const backOff = 2 * time.Minute

// TestPodsOfTheShop compares the screen and the plain text with kubectl get pods, and sees each
// kind of trouble by name.
func TestPodsOfTheShop(t *testing.T) {
	f := open(t, "pods", "-n", "shop")
	f.WaitFor("● live", limit)
	t.Run("screen", func(t *testing.T) {
		samePods(t, func() string { return f.Screen().Text() })
	})
	t.Run("once", func(t *testing.T) {
		samePods(t, func() string {
			out, problems, code := run(t, nil, world.fathom, "--once", "pods", "-n", "shop")
			if code != 0 || problems != "" {
				t.Fatalf("exit code %d, stderr %q", code, problems)
			}
			if strings.Contains(out, "\x1b") {
				t.Errorf("the plain text has escape sequences: %q", out)
			}
			return out
		})
	})
	for _, row := range []string{
		`checkout-\w+-\w+ +0/1 +CrashLoopBackOff +\d+ \(\w+ ago\)`,
		`search-\w+-\w+ +0/1 +ImagePullBackOff +0`,
		`gift-cards-\w+-\w+ +0/1 +CreateContainerConfigError +0`,
		`ranking-\w+-\w+ +0/1 +Pending +0`,
		`db-2 +0/1 +Pending +0`,
		`report-2026-10-\w+ +0/1 +Error +0`,
		`db-migrate-0041-\w+ +0/1 +Completed +0`,
		`web-\w+-\w+ +1/1 +Running +0`,
	} {
		f.WaitFor(regexp.MustCompile(row), backOff)
	}
}

// TestOutOfMemoryShows makes a pod that ends for lack of memory and stays so: those of the shop are restarted.
func TestOutOfMemoryShows(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	f := open(t, "pods", "-n", namespace)
	f.WaitFor("no pods", limit)
	kubectlApply(t, namespace, `
apiVersion: v1
kind: Pod
metadata: {name: hungry}
spec:
  restartPolicy: Never
  containers:
  - name: model
    image: fathom.test/workload:1
    args: [--print=loading the model, --eat=64]
    resources: {requests: {memory: 16Mi}, limits: {memory: 32Mi}}
`)
	f.WaitFor(regexp.MustCompile(`hungry +0/1 +OOMKilled +0`), backOff)
	f.Keys("enter")
	f.WaitFor("OOMKilled (exit 137)", limit)
}

// samePods asks for both sides until they agree: pods change between two looks.
func samePods(t *testing.T, shown func() string) {
	t.Helper()
	var problems []string
	err := wait.PollUntilContextTimeout(
		t.Context(),
		100*time.Millisecond,
		limit,
		true,
		func(context.Context) (bool, error) {
			want := podRows(kubectl(t, "get", "pods", "-n", "shop", "--no-headers"))
			got := podRows(shown())
			problems = nil
			for name, row := range want {
				if got[name] != row {
					problems = append(problems, fmt.Sprintf("pod %s: got %q, want %q", name, got[name], row))
				}
			}
			for name := range got {
				if want[name] == "" {
					problems = append(problems, fmt.Sprintf("pod %s: kubectl does not know it", name))
				}
			}
			return len(problems) == 0 && len(want) > 0, nil
		},
	)
	if err != nil {
		t.Errorf("%v:\n%s", err, strings.Join(problems, "\n"))
	}
}

// podRow is NAME, READY, STATUS and the count of RESTARTS.
var podRow = regexp.MustCompile(`(?m)^[›\s]*([a-z0-9-]+) +(\d+/\d+) +(\S+) +(\d+)\b`)

// podRows finds what a table says about each pod, without the ages.
func podRows(table string) map[string]string {
	rows := map[string]string{}
	for _, match := range podRow.FindAllStringSubmatch(table, -1) {
		rows[match[1]] = strings.Join(match[2:], " ")
	}
	return rows
}

// TestEveryResourceOpens opens everything that can be listed from the palette, in one session.
func TestEveryResourceOpens(t *testing.T) {
	cluster := openCluster(t)
	f := open(t, "pods", "-A")
	f.WaitFor("● live", limit)
	classes := map[string]int{}
	for _, resource := range cluster.Resources().All() {
		if !resource.Can("list") || !resource.Preferred {
			continue
		}
		classes[class(resource)]++
		t.Run(resource.GroupResource().String(), func(*testing.T) {
			goTo(f, resource.GroupResource().String())
			shot := f.WaitFor(opened(resource), limit)
			if shot.Contains("no " + resource.Resource) {
				return
			}
			f.Keys("y")
			f.WaitFor("apiVersion: ", limit)
			f.Type("/kind: " + resource.Kind + "\r") // It may stand below what is on the screen.
			f.WaitFor(regexp.MustCompile(`(?m)^kind: `+resource.Kind), limit)
			f.Keys("esc", "esc")
			f.WaitFor(opened(resource), limit)
		})
		// A step that failed leaves the screen of the next one unknown.
		if t.Failed() {
			t.FailNow()
		}
	}
	for _, name := range []string{"built-in", "custom", "aggregated"} {
		if classes[name] == 0 {
			t.Errorf("no %s resource was there to open", name)
		}
	}
	t.Logf("opened %v", classes)
}

// class returns who serves a resource.
func class(r kube.Resource) string {
	switch {
	case r.Group == "metrics.k8s.io":
		return "aggregated"
	case strings.HasSuffix(r.Group, ".fathom.test"):
		return "custom"
	}
	return "built-in"
}

// opened reports whether the screen shows the live table of a resource, without a
// problem.
func opened(r kube.Resource) func(screen.Screen) bool {
	place := regexp.MustCompile(`^ \S+  (all namespaces  )?` + regexp.QuoteMeta(r.Resource) + `( \d+)?  .*● live`)
	return func(shot screen.Screen) bool {
		rows := shot.Contains("NAME") || shot.Contains("no "+r.Resource)
		return place.MatchString(shot.Row(0)) && rows
	}
}
