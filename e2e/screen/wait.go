package screen

import (
	"fmt"
	"regexp"
	"time"
)

// WaitFor returns the screen as soon as it shows what is asked for: a text (string) within one row, a
// *regexp.Regexp that matches Screen.Text, or a func(Screen) bool that says yes. It fails the test when the limit is
// over or the program ends before.
func (t *Terminal) WaitFor(what any, limit time.Duration) Screen {
	t.t.Helper()
	check, name := condition(what)
	shot, problem := t.until(check, limit)
	if problem != "" {
		t.t.Fatalf("waited for %s: %s\n%s", name, problem, shot)
	}
	return shot
}

// WaitGone returns the screen as soon as it no longer shows what WaitFor would wait for.
func (t *Terminal) WaitGone(what any, limit time.Duration) Screen {
	t.t.Helper()
	check, name := condition(what)
	shot, problem := t.until(func(shot Screen) bool { return !check(shot) }, limit)
	if problem != "" {
		t.t.Fatalf("waited for %s to go: %s\n%s", name, problem, shot)
	}
	return shot
}

// WaitIdle returns the screen as soon as the program has written nothing for the time given as quiet, which is also how
// long it has to react to what was typed last.
func (t *Terminal) WaitIdle(quiet, limit time.Duration) Screen {
	t.t.Helper()
	end := time.Now().Add(limit)
	for {
		t.mu.Lock()
		left, shot, changed := quiet-time.Since(t.lastTraffic), t.screen(), t.changed
		t.mu.Unlock()
		if left <= 0 || t.Exited() {
			return shot
		}
		if time.Now().Add(left).After(end) {
			t.t.Fatalf("the program still writes after %s\n%s", limit, shot)
			return shot
		}
		select {
		case <-changed:
		case <-time.After(left):
		}
	}
}

// WaitExit returns the program's exit code, 128 plus the signal's number if one ended it.
func (t *Terminal) WaitExit(limit time.Duration) int {
	t.t.Helper()
	select {
	case <-t.exited:
	case <-time.After(limit):
		t.t.Fatalf("the program still runs after %s\n%s", limit, t.Screen())
	}
	return t.exitCode
}

// until checks every screen until one passes, and otherwise returns what was in the
// way.
func (t *Terminal) until(check func(Screen) bool, limit time.Duration) (shot Screen, problem string) {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		t.mu.Lock()
		shot, changed, gone := t.screen(), t.changed, t.Exited()
		t.mu.Unlock()
		if check(shot) {
			return shot, ""
		}
		if gone {
			return shot, fmt.Sprintf("the program ended with exit code %d", t.exitCode)
		}
		select {
		case <-changed:
		case <-timeout.C:
			return shot, fmt.Sprintf("not within %s", limit)
		}
	}
}

func condition(what any) (check func(Screen) bool, name string) {
	switch what := what.(type) {
	case string:
		return func(shot Screen) bool { return shot.Contains(what) }, fmt.Sprintf("%q", what)
	case *regexp.Regexp:
		return func(shot Screen) bool { return what.MatchString(shot.Text()) }, "/" + what.String() + "/"
	case func(Screen) bool:
		return what, "a state of the screen"
	}
	panic(fmt.Sprintf("cannot wait for a %T: give a string, a *regexp.Regexp or a func(Screen) bool", what))
}
