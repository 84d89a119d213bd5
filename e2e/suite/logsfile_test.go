package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestFieldOfALogAsAColumn opens a line of JSON and makes one of its fields a column.
func TestFieldOfALogAsAColumn(t *testing.T) {
	t.Parallel()
	f := open(t, "deploy/web", "-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("INFO  request served", limit)
	f.Keys("f", "enter")
	f.WaitFor("duration_ms", limit)
	f.Type("/status")
	f.Keys("enter", "|", "esc")
	column := regexp.MustCompile(`(?m)^ +STATUS\s*$`)
	values := regexp.MustCompile(`(INFO |WARN |ERROR) +\d{3} +request served  method=`)
	f.WaitFor(func(shot screen.Screen) bool {
		return column.MatchString(shot.Text()) && values.MatchString(shot.Text())
	}, limit)
}

// TestLogIntoAFile writes lines to a file while they come, and shows what there is in a pager of the user's.
func TestLogIntoAFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pager := filepath.Join(folder, "pager")
	script := "#!/bin/sh\necho paged $(wc -l) lines\nexec head -c 1 /dev/tty\n"
	if err := os.WriteFile(pager, []byte(script), 0o700); err != nil { //nolint:gosec // It has to run.
		t.Fatal(err)
	}
	options := screen.Options{Dir: folder, Env: []string{"PAGER=" + pager}}
	f := openWith(t, world.cluster.Kubeconfig, options, "deploy/web", "-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("INFO  request served", limit)
	f.Keys("F")
	written := regexp.MustCompile(`writing, F ends it: (\d+) lines? to `)
	lines := func(shot screen.Screen) (n int) {
		if m := written.FindStringSubmatch(shot.Text()); m != nil {
			_, _ = fmt.Sscan(m[1], &n)
		}
		return n
	}
	first := lines(f.WaitFor(func(shot screen.Screen) bool { return lines(shot) > 0 }, limit))
	f.WaitFor(func(shot screen.Screen) bool { return lines(shot) >= first+2 }, limit)
	f.Keys("F")
	f.WaitFor(regexp.MustCompile(`saved \d+ lines to `), limit)
	files, err := filepath.Glob(filepath.Join(folder, "*-shop-deployment-web-*.log"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v: %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Count(string(text), "\n")
	if got < first+2 || !strings.Contains(string(text), `"msg":"request served"`) {
		t.Errorf("%d lines in the file, at least %d were announced: %.200s", got, first+2, text)
	}
	f.Keys("P")
	f.WaitFor(regexp.MustCompile(`paged [1-9]\d* lines`), limit)
	f.Keys("enter")
	f.WaitFor("● live", limit)
}

// TestLogAtOnset goes to when the trouble of a finding began.
func TestLogAtOnset(t *testing.T) {
	t.Parallel()
	f := open(t, "-n", "shop")
	f.WaitFor("● live", limit)
	f.Type("/checkout")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`(?m)^›.*checkout`), limit)
	f.Keys("l")
	f.WaitFor("panic: connection refused", limit)
	f.Keys("@")
	f.WaitFor("or onset: ", limit)
	f.Keys("enter")
	f.WaitFor(func(shot screen.Screen) bool {
		return shot.Contains("paused") && !shot.Contains("nothing is known") && !shot.Contains("or onset: ")
	}, limit)
}

// TestRecordingKeepsTheLogsThatAreRead records while a log is on the screen, and reads it on the tape.
func TestRecordingKeepsTheLogsThatAreRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f := openWith(t, world.cluster.Kubeconfig, screen.Options{Dir: folder}, "deploy/web", "-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("INFO  request served", limit)
	f.Type(":record\r")
	f.WaitFor("start recording", limit)
	// The recording begins with lists of its own, and reads the log beside us: ten seconds are enough for it.
	begun, newest := time.Now().UTC(), regexp.MustCompile(`(?m)^\S+ (\d\d:\d\d:\d\d) (?:INFO|WARN|ERROR)`)
	f.WaitFor(func(shot screen.Screen) bool {
		for _, m := range newest.FindAllStringSubmatch(shot.Text(), -1) {
			at, err := time.Parse(time.DateOnly+" "+time.TimeOnly, begun.Format(time.DateOnly)+" "+m[1])
			later := at.Sub(begun)
			if later < -12*time.Hour { // It is another day.
				later += 24 * time.Hour
			}
			if err == nil && later > 10*time.Second {
				return true
			}
		}
		return false
	}, time.Minute)
	f.Type(":record\r")
	f.WaitFor(regexp.MustCompile(`done: stop recording`), limit)
	tapes, err := filepath.Glob(filepath.Join(folder, "*.tape"))
	if err != nil || len(tapes) != 1 {
		t.Fatalf("tapes %v: %v", tapes, err)
	}
	tape := openWith(t, world.cluster.Kubeconfig, screen.Options{}, "open", tapes[0], "deploy/web", "-n", "shop")
	tape.WaitFor("■ tape", limit)
	tape.WaitFor("deployment shop/web", limit)
	tape.Keys("l")
	tape.WaitFor("request served", limit)
}
