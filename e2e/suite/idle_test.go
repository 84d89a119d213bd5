package suite

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestIdleTableWritesNothing leaves a table alone over a change of the minute. Only
// what reads differently may be written: the clock, and ages that have reached their
// next step.
func TestIdleTableWritesNothing(t *testing.T) {
	t.Parallel()
	const (
		watched  = 70 * time.Second
		frameMax = 250 // bytes for a changed clock and three changed ages
	)
	namespace := sandbox(t)
	for _, name := range []string{"one", "two", "three"} {
		configMap(t, namespace, name, "value")
	}
	f := openWith(
		t,
		world.cluster.Kubeconfig,
		screen.Options{Columns: 120, Rows: 40, Synchronized: true},
		"configmaps",
		"-n",
		namespace,
		"--no-triage", // What other tests break would be counted in the header.
	)
	f.WaitFor("three", limit)
	f.WaitFor(regexp.MustCompile(`● live +v\d`), limit)
	shot := f.WaitIdle(2*time.Second, limit)

	begin, first := time.Now(), f.Bytes()
	frames := 0
	minute := clockOf(shot)
	for time.Since(begin) < watched {
		before, bytes := shot, f.Bytes()
		f.WaitFor(func(screen.Screen) bool { return f.Bytes() != bytes }, 65*time.Second)
		shot = f.WaitIdle(300*time.Millisecond, limit)
		frames++
		if shot.Text() == before.Text() {
			t.Errorf("%d bytes were written and changed nothing", f.Bytes()-bytes)
		}
		if got, want := withoutTimes(shot), withoutTimes(before); got != want {
			t.Fatalf("more than the clock and ages changed, from\n%s\nto\n%s", before, shot)
		}
	}
	if clockOf(shot) == minute {
		t.Errorf("the clock stands still at %s", minute)
	}
	written := f.Bytes() - first
	t.Logf("%d bytes in %d frames within %v", written, frames, time.Since(begin).Round(time.Second))
	if written > frames*frameMax {
		t.Errorf("%d bytes in %d frames, want at most %d each", written, frames, frameMax)
	}
	// Each minute has one change of the clock and six steps of young ages, which are three objects' at most.
	if most := 1 + 4*int(time.Since(begin)/(10*time.Second)+1); frames > most {
		t.Errorf("%d frames, want at most %d", frames, most)
	}
}

var (
	clockAtEnd = regexp.MustCompile(`\d\d:\d\d$`)
	ageAtEnd   = regexp.MustCompile(` \d+[smhd]$`)
)

// clockOf is the time of day in the header.
func clockOf(shot screen.Screen) string { return clockAtEnd.FindString(shot.Row(0)) }

// withoutTimes is a table's text without the clock and the ages at the ends of its rows.
func withoutTimes(shot screen.Screen) string {
	lines := strings.Split(shot.Text(), "\n")
	for i, line := range lines {
		if i == 0 {
			lines[i] = clockAtEnd.ReplaceAllString(line, "")
		} else {
			lines[i] = strings.TrimRight(ageAtEnd.ReplaceAllString(line, ""), " ")
		}
	}
	return strings.Join(lines, "\n")
}
