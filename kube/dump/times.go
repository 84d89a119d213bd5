package dump

import (
	"strings"
	"time"
)

// timed are the fields that say when something happened. Those that say when
// something will happen are not among them.
var timed = map[string]bool{
	"creationTimestamp":        true,
	"time":                     true,
	"firstTimestamp":           true,
	"lastTimestamp":            true,
	"eventTime":                true,
	"lastObservedTime":         true,
	"lastTransitionTime":       true,
	"lastHeartbeatTime":        true,
	"lastUpdateTime":           true,
	"lastProbeTime":            true,
	"startedAt":                true,
	"finishedAt":               true,
	"startTime":                true,
	"completionTime":           true,
	"lastScheduleTime":         true,
	"lastSuccessfulTime":       true,
	"lastScaleTime":            true,
	"renewTime":                true,
	"acquireTime":              true,
	"deprecatedLastTimestamp":  true,
	"deprecatedFirstTimestamp": true,
}

// free are the fields in which users may write anything.
var free = map[string]bool{
	"annotations": true,
	"labels":      true,
	"data":        true,
	"stringData":  true,
	"binaryData":  true,
	"env":         true,
}

// later is the later of two times, but none after before, which a clock that was
// wrong has written.
func later(a, b, before time.Time) time.Time {
	if b.After(a) && (before.IsZero() || b.Before(before)) {
		return b
	}
	return a
}

func timeOf(text string) time.Time {
	if len(text) < len("2006-01-02T15:04:05Z") || !strings.Contains(text, "T") {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
