package views

import (
	"slices"
	"sort"

	"github.com/fathom-k8s/fathom/kube"
)

// What a logRing keeps at most. A line costs its text and logLineBytes.
const (
	logBytesMax  = 32 << 20
	logLinesMax  = 200_000
	logLineBytes = 64
)

// logLine is a line of one of several streams.
type logLine struct {
	kube.LogLine
	stream int
}

// logRing holds the newest lines of a log.
type logRing struct {
	lines   []logLine
	bytes   int
	dropped int // how many had to go
}

// add appends the lines of one stream and returns how many old ones it
// dropped. Lines of several streams are ordered by time, as far as lines that
// are already there allow: they only ever move behind the older of the new.
func (r *logRing) add(batch []kube.LogLine, stream int) (dropped int) {
	if len(batch) == 0 {
		return 0
	}
	at := len(r.lines)
	for at > 0 && r.lines[at-1].stream != stream && r.lines[at-1].Time.After(batch[0].Time) {
		at--
	}
	for _, l := range batch {
		r.lines = append(r.lines, logLine{l, stream})
		r.bytes += len(l.Text) + logLineBytes
	}
	if at < len(r.lines)-len(batch) {
		tail := r.lines[at:]
		sort.SliceStable(tail, func(i, j int) bool { return tail[i].Time.Before(tail[j].Time) })
	}
	return r.shrink()
}

// shrink drops the oldest lines until the rest is small enough.
func (r *logRing) shrink() (dropped int) {
	for r.bytes > logBytesMax || len(r.lines)-dropped > logLinesMax {
		r.bytes -= len(r.lines[dropped].Text) + logLineBytes
		dropped++
	}
	if dropped > 0 {
		r.dropped += dropped
		clear(r.lines[:dropped]) // Lets go of their texts.
		r.lines = r.lines[dropped:]
	}
	if cap(r.lines) > 2*logLinesMax {
		r.lines = slices.Clone(r.lines)
	}
	return dropped
}
