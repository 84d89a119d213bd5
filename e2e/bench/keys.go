package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// moving presses the cursor keys while nothing changes.
func (c *course) moving(ctx context.Context) error {
	if err := c.keys(c.program.Keys.Top); err != nil {
		return err
	}
	c.session.settle(quiet)
	times, bytes, err := c.walk(ctx)
	if err != nil {
		return err
	}
	c.add("key-idle-p50", percentile(times, 50))
	c.add("key-idle-p99", percentile(times, 99))
	c.add("pty-cursor", bytes)
	before := c.written()
	turns := min(pages, max(1, c.pods/rows-1))
	for range turns {
		if err := c.press(c.program.Keys.PageDown); err != nil {
			return err
		}
	}
	c.add("pty-page", float64(c.written().bytes-before.bytes)/float64(turns))
	err = c.press(c.program.Keys.Top)
	return err
}

// walk moves the cursor down and up again for a window, or for some more keys, and returns how long
// each key took in ms, and the mean of bytes.
func (c *course) walk(ctx context.Context) (times []float64, bytes float64, err error) {
	begin := c.written()
	for i := range max(leastKeys, int(c.window/keyPace)) {
		keys := c.program.Keys.Down
		if i/25%2 == 1 {
			keys = c.program.Keys.Up
		}
		next := time.Now().Add(keyPace)
		row := nameIn(c.underCursor())
		took, err := c.moved(keys, row)
		if err != nil {
			return nil, 0, err
		}
		times = append(times, milliseconds(took))
		pause(ctx, time.Until(next))
	}
	return times, float64(c.written().bytes-begin.bytes) / float64(len(times)), nil
}

// moved presses keys and returns how long it took to the last byte of the frame that has another
// row under the cursor. A frame with something else may come before it.
func (c *course) moved(keys []string, row string) (time.Duration, error) {
	pressed := time.Now()
	if err := c.keys(keys); err != nil {
		return 0, err
	}
	shown, err := c.shown("the cursor to leave "+row, moveLimit, func(string) bool {
		now := nameIn(c.underCursor())
		return now != "" && now != row
	})
	if errors.Is(err, errLate) {
		// The key is lost, and whoever pressed it has waited that long.
		return moveLimit, nil
	}
	return shown.Sub(pressed), err
}

// press presses keys and waits for the end of the frame that follows.
func (c *course) press(keys []string) error {
	before := c.written()
	if err := c.keys(keys); err != nil {
		return err
	}
	return c.frame(before, keyLimit)
}

// typing sorts and filters.
func (c *course) typing(ctx context.Context) error {
	pressed := time.Now()
	if err := c.keys(c.program.Keys.Sort); err != nil {
		return err
	}
	shown, err := c.shown("the sorted rows", keyLimit, c.program.Sorted.in)
	if err != nil {
		return err
	}
	c.add("sort", milliseconds(shown.Sub(pressed)))
	c.session.settle(300 * time.Millisecond)
	if err := c.press(c.program.Keys.SortBack); err != nil {
		return err
	}
	c.session.settle(300 * time.Millisecond)
	if err := c.filtering(ctx); err != nil {
		return err
	}
	_, err = c.shown(
		"all pods again",
		keyLimit,
		func(text string) bool { return rowsIn(c.program.Row, text) >= min(firstRows, c.pods) },
	)
	return err
}

// filtering types the name of the pod under the cursor, fast, and waits for the number of pods that have it in theirs.
func (c *course) filtering(ctx context.Context) error {
	keys := c.program.Keys
	var name string
	_, err := c.shown("a pod under the cursor", keyLimit, func(string) (found bool) {
		_, name, found = strings.Cut(nameIn(c.underCursor()), "/")
		return found
	})
	if c.forgives(err, "filter", "clear") {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := c.rig.Pods(ctx)
	if err != nil {
		return err
	}
	want := 0
	for _, pod := range all {
		if strings.Contains(pod, name) {
			want++
		}
	}
	if err := c.press(keys.Filter); err != nil {
		return err
	}
	typed := time.Now()
	if err := c.write(name); err != nil {
		return err
	}
	shown, err := c.shown(fmt.Sprintf("%d pods that pass the filter", want), keyLimit, func(text string) bool {
		n, ok := number(c.program.Filtered, text)
		return ok && n == want
	})
	if c.forgives(err, "filter", "clear") {
		return cmp.Or(c.keys(keys.FilterDone), c.keys(keys.ClearFilter))
	}
	if err != nil {
		return err
	}
	c.add("filter", milliseconds(shown.Sub(typed)))
	if err := c.press(keys.FilterDone); err != nil {
		return err
	}
	c.session.settle(300 * time.Millisecond)
	typed = time.Now()
	if err := c.keys(keys.ClearFilter); err != nil {
		return err
	}
	shown, err = c.shown("all pods again", keyLimit, func(text string) bool {
		n, ok := number(c.program.Count, text)
		return ok && n == len(all) && !c.program.Filtered.in(text) && rowsIn(c.program.Row, text) >= min(firstRows, c.pods)
	})
	c.add("clear", milliseconds(shown.Sub(typed)))
	return err
}

// forgives reports whether a program other than fathom was merely late, which is noted
// and does not end its run.
func (c *course) forgives(err error, metrics ...string) bool {
	if !errors.Is(err, errLate) || c.program.Name == subject {
		return false
	}
	c.without(fmt.Sprintf("not within %s", keyLimit), metrics...)
	return true
}

// goTo switches to a kind and returns when the last key was pressed.
func (c *course) goTo(kind string) (time.Time, error) {
	if err := c.press(c.program.Keys.GoTo); err != nil {
		return time.Time{}, err
	}
	if err := c.write(kind); err != nil {
		return time.Time{}, err
	}
	c.session.settle(300 * time.Millisecond)
	pressed := time.Now()
	return pressed, c.keys(c.program.Keys.GoToDone)
}

func (c *course) switching(context.Context) error {
	for _, name := range []string{"switch-first", "switch-cached"} {
		line := c.underCursor()
		pressed, err := c.goTo("nodes")
		if err != nil {
			return err
		}
		shown, err := c.shown("nodes", keyLimit, func(text string) bool {
			return rowsIn(c.program.NodeRow, text) >= min(firstRows, c.nodes)
		})
		if c.forgives(err, name) {
			return nil
		}
		if err != nil {
			return err
		}
		c.add(name, milliseconds(shown.Sub(pressed)))
		c.session.settle(500 * time.Millisecond)
		pressed = time.Now()
		if err := c.keys(c.program.Keys.Back); err != nil {
			return err
		}
		shown, err = c.shown("pods", keyLimit, func(text string) bool {
			return rowsIn(c.program.Row, text) >= min(firstRows, c.pods)
		})
		if err != nil {
			return err
		}
		c.add("switch-back", milliseconds(shown.Sub(pressed)))
		c.session.settle(500 * time.Millisecond)
		c.hold(
			"back at the same row",
			nameIn(c.underCursor()) == nameIn(line),
			fmt.Sprintf("it was %q and is %q", line, c.underCursor()),
		)
	}
	return nil
}

// nameIn is the pod's namespace and name in a line of the table.
func nameIn(line string) string {
	fields := strings.Fields(strings.TrimLeft(line, "›│ "))
	return strings.Join(fields[:min(2, len(fields))], "/")
}
