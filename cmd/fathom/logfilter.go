package main

import (
	"regexp"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
)

// logFilter chooses lines. nil chooses all.
type logFilter struct {
	level  logs.Level
	grep   *regexp.Regexp
	passed map[int]bool // whether the last line of a stream that began something did
}

func newLogFilter(l logsFlags) (*logFilter, error) {
	if l.level == "" && l.grep == "" {
		return nil, nil
	}
	f := &logFilter{passed: map[int]bool{}}
	if f.level = logs.LevelOf(l.level); l.level != "" && f.level == logs.Unknown {
		return nil, usagef("--level %s: valid values are debug, info, warn, error, fatal", l.level)
	}
	if l.grep != "" {
		var err error
		if f.grep, err = regexp.Compile(l.grep); err != nil {
			return nil, usagef("--grep: %w", err)
		}
	}
	return f, nil
}

// passes reports whether a line is chosen. A line that belongs to the one before it in its
// stream goes with that.
func (f *logFilter) passes(line *kube.LogLine) bool {
	if f == nil {
		return true
	}
	text := kinds.WithoutSGR(line.Text)
	if logs.Continues(text) {
		return f.passed[line.Stream]
	}
	passes := (f.grep == nil || f.grep.MatchString(text)) && (f.level == logs.Unknown || logs.Parse(text).Level >= f.level)
	f.passed[line.Stream] = passes
	return passes
}
