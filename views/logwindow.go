package views

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// window is how far back a log is read.
type window struct {
	name  string
	since time.Duration
	from  time.Time // in place of since
	tail  int64
}

var windows = []window{
	{name: "last 1000 lines", tail: 1000},
	{name: "last 500 lines", tail: 500},
	{name: "last minute", since: time.Minute},
	{name: "last 5 minutes", since: 5 * time.Minute},
	{name: "last 15 minutes", since: 15 * time.Minute},
	{name: "last hour", since: time.Hour},
	{name: "last 6 hours", since: 6 * time.Hour},
	{name: "all"},
}

// back is how long ago the window begins; 0 where time does not bound it.
func (w window) back(now time.Time) time.Duration {
	if w.from.IsZero() {
		return w.since
	}
	return now.Sub(w.from) + time.Second // The server is asked for whole seconds.
}

// wider returns the window that reaches further back, and whether there is one.
func (w window) wider(now time.Time) (window, bool) {
	const most = 100_000
	all := windows[len(windows)-1]
	switch back := w.back(now); {
	case w == all:
		return w, false
	case w.tail > 0 && w.tail < most:
		return lastLines(min(10*w.tail, most)), true
	default:
		if i := slices.IndexFunc(windows, func(o window) bool { return w.tail == 0 && o.since > back }); i >= 0 {
			return windows[i], true
		}
		return all, true
	}
}

func lastLines(n int64) window { return window{name: "last " + counted(int(n), "lines"), tail: n} }

// windowOf reads a window: "500" lines, "90s" or "1d" ago, or a time as moment reads it.
func windowOf(text string, now time.Time) (w window, ok bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 32); err == nil && n > 0 {
		return lastLines(n), true
	}
	if d, isDuration := rows.ParseDuration(strings.TrimPrefix(text, "-")); isDuration && d >= time.Second {
		w = window{name: "last " + strings.TrimPrefix(text, "-"), since: d}
		if i := slices.IndexFunc(windows, func(o window) bool { return o.since == d }); i >= 0 {
			w = windows[i]
		}
		return w, true
	}
	at, err := moment(text, now)
	if err != nil || !at.Before(now) {
		return window{}, false
	}
	return window{name: "since " + at.UTC().Format("15:04:05Z"), from: at}, true
}

// chooseWindow offers how far back the logs may be read, and takes any other time.
func (v *logs) chooseWindow() ui.Intent {
	choose := ui.Choose{Title: "how far back: choose, or type 90s, 2h, 14:02 (UTC), 500 (lines)"}
	for _, w := range windows {
		choose.Choices = append(choose.Choices, ui.Choice{Name: w.name, Then: chosen{v, w}})
	}
	choose.Typed = func(text string) []ui.Choice {
		w, ok := windowOf(text, v.subject.session.Now())
		if !ok {
			return nil
		}
		return []ui.Choice{{Name: w.name, Then: chosen{v, w}}}
	}
	return choose
}

// chosen is a window with which the logs are read again.
type chosen struct {
	logs   *logs
	window window
}

// Intent implements ui.Lazy.
func (c chosen) Intent() ui.Intent {
	c.logs.window = c.window
	return c.logs.start()
}
