package suite

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/badserver"
	"github.com/fathom-k8s/fathom/e2e/screen"
)

const (
	// memoryLimit is what fathom may have of the address space, in KB: a bastion's
	// memory. What the server sends would fill it.
	memoryLimit = 3_000_000
	// watchedFor is how long a server is looked at that answers badly, and askedMost how
	// many requests may come in that time: five a second, the start included.
	watchedFor = 10 * time.Second
	askedMost  = 5 * int(watchedFor/time.Second)
	// shownLimit is for 512 MB that are read beside others.
	shownLimit = 4 * time.Minute
)

// TestNothingTheServerSaysEndsIt opens the pods of servers that answer as none should, with little memory. It has to
// say what is wrong, answer keys, ask no more than five times a second, send no credentials elsewhere, and end well.
func TestNothingTheServerSaysEndsIt(t *testing.T) {
	t.Parallel()
	for _, scenario := range badserver.Scenarios() {
		t.Run(scenario.Name, func(t *testing.T) {
			t.Parallel()
			server := badserver.Start(t, scenario)
			script := fmt.Sprintf(`ulimit -v %d; exec "$@"`, memoryLimit)
			f := screen.Start(t, screen.Options{Columns: 120, Rows: 20, Env: []string{"KUBECONFIG=" + server.Kubeconfig}},
				"sh", "-c", script, "sh", world.fathom, "pods")
			if scenario.Keys != nil {
				f.WaitFor("p0 ", limit)
				f.Keys(scenario.Keys...)
			}
			f.WaitFor(regexp.MustCompile(scenario.Shown), shownLimit)
			lasted := func(context.Context) (bool, error) { return server.Lasted() > watchedFor, nil }
			if err := wait.PollUntilContextTimeout(t.Context(), time.Second, time.Minute, true, lasted); err != nil {
				t.Fatal(err)
			}
			f.Keys("?")
			f.WaitFor("help", limit)
			f.Keys("esc", "ctrl+c")
			if code := f.WaitExit(limit); code != 0 {
				t.Errorf("exit code %d\n%s", code, f.Screen())
			}
			checkTraffic(t, server)
		})
	}
}

// checkTraffic checks what the program asked for.
func checkTraffic(t *testing.T, server *badserver.Server) {
	t.Helper()
	if asked := server.Busiest(watchedFor); len(asked) > askedMost {
		t.Errorf("%d requests in %v:\n%s", len(asked), watchedFor, strings.Join(asked, "\n"))
	}
	if sent := server.Elsewhere(); len(sent) > 0 {
		t.Errorf("requests went to another server: %q", sent)
	}
}

// recorded are the scenarios that a recording meets in code of its own.
var recorded = []string{
	"versions of 8 GiB in gzip", "a pod of 8 GiB in gzip", "a list without end", "an event without end",
	"the same page again", "two pages in turns", "a watch that ends after an event", "a watch that is always gone",
	"a redirect to another host",
}

// TestNothingTheServerSaysEndsARecording records servers that answer as none should, with little memory.
func TestNothingTheServerSaysEndsARecording(t *testing.T) {
	t.Parallel()
	found := 0
	for _, scenario := range badserver.Scenarios() {
		if !slices.Contains(recorded, scenario.Name) {
			continue
		}
		found++
		t.Run(scenario.Name, func(t *testing.T) {
			t.Parallel()
			server := badserver.Start(t, scenario)
			script := fmt.Sprintf(`ulimit -v %d; exec "$@"`, memoryLimit)
			path := filepath.Join(t.TempDir(), "bad.tape")
			_, said, code := run(t, []string{"KUBECONFIG=" + server.Kubeconfig}, "sh", "-c", script, "sh",
				world.fathom, "record", "-o", path, "--for", (watchedFor + time.Second).String())
			if code > 1 || strings.Contains(said, "goroutine ") {
				t.Errorf("exit code %d: %s", code, said[:min(len(said), 1000)])
			}
			checkTraffic(t, server)
		})
	}
	if found != len(recorded) {
		t.Errorf("%d of %d scenarios are there", found, len(recorded))
	}
}
