package logs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// readSize is how much of a log is read at a time.
	readSize = 64 << 10
	// LongLineMax is the longest line that is shown whole.
	LongLineMax = 1 << 20
)

// Flag says what a line is, besides a line of a log.
type Flag uint8

// The flags of a line.
const (
	Late       Flag = 1 << iota // came after younger lines had been passed on
	Marker                      // is not of the container: a restart, lines that are missing
	Untimed                     // came without a time; Time is that of the line before
	Incomplete                  // says that lines are missing, or may be
)

// Line is one line of a stream.
type Line struct {
	Time   time.Time // when the container runtime read it; zero when it did not say
	Text   string    // clean, except for the SGR sequences that kinds.SGR understands
	Stream int
	Flags  Flag
}

// Written reports whether a container wrote the line.
func (l *Line) Written() bool { return l.Flags&Marker == 0 }

// Reader cuts the body of a request for logs with timestamps into lines.
type Reader struct {
	body   *bufio.Reader
	stream int
	stamps stamps
	rest   Line
}

// NewReader returns a reader whose lines are of a stream.
func NewReader(body io.Reader, stream int) *Reader {
	return &Reader{body: bufio.NewReaderSize(body, readSize), stream: stream}
}

// Next returns at least one line, and those that came with it. An error comes alone;
// io.EOF is a proper end. A line that has no end is not among them; see Rest.
func (r *Reader) Next() ([]Line, error) {
	var lines []Line
	for {
		text, cut, err := r.line()
		switch {
		case err == nil:
			lines = append(lines, r.parse(text, cut))
		case errors.Is(err, io.EOF) && len(text) > 0:
			r.rest = r.parse(text, cut)
		}
		if err != nil && len(lines) == 0 {
			return nil, err
		}
		if err != nil || !r.more() {
			return lines, nil
		}
	}
}

// Rest returns what came after the last line feed before a proper end, and whether there
// is any: what a container wrote last, or half a line of a stream that was cut.
func (r *Reader) Rest() (Line, bool) { return r.rest, r.rest.Text != "" }

// more reports whether another whole line has come.
func (r *Reader) more() bool {
	come, _ := r.body.Peek(r.body.Buffered())
	return bytes.IndexByte(come, '\n') >= 0
}

// line reads a line, which is valid until the next one is read. cut is how much of a
// line above LongLineMax was left out.
func (r *Reader) line() (line []byte, cut int, err error) {
	line, err = r.body.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, 0, err
	}
	line = bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		var part []byte
		part, err = r.body.ReadSlice('\n')
		fits := min(len(part), LongLineMax-len(line))
		line = append(line, part[:fits]...)
		cut += len(part) - fits
	}
	return line, cut, err
}

// parse separates a line from the time that the kubelet put before it.
func (r *Reader) parse(text []byte, cut int) Line {
	text = bytes.TrimRight(text, "\r\n")
	line := Line{Stream: r.stream}
	stamp, rest, _ := bytes.Cut(text, []byte(" "))
	if at, ok := r.stamps.parse(stamp); ok {
		line.Time, text = at, rest
	}
	if line.Time.IsZero() && FromKubelet(text) {
		line.Text, line.Flags = "the kubelet no longer has this log", Marker|Incomplete
		return line
	}
	line.Text = kinds.CleanLog(string(text))
	if cut > 0 {
		line.Text += fmt.Sprintf(" … (%d more bytes are not shown)", cut)
	}
	return line
}

// noLogs begin what the kubelet answers, in place of lines and without a time: for a
// container that the runtime has removed (GetContainerLogs in
// k8s.io/kubernetes/pkg/kubelet/kuberuntime/kuberuntime_container.go), and for a file that is
// removed meanwhile (ReadLogs in k8s.io/cri-client/pkg/logs/logs.go).
var noLogs = [][]byte{
	[]byte("unable to retrieve container logs for "), []byte("failed to try resolving symlinks in path "),
}

// FromKubelet reports whether a line that came without a time, though times were asked for, is the
// kubelet's own, which says that it has no log.
func FromKubelet(line []byte) bool {
	return slices.ContainsFunc(noLogs, func(begin []byte) bool { return bytes.HasPrefix(line, begin) })
}

// stamps reads times. A busy log has thousands with the same second, which is read once.
type stamps struct {
	second string // "2026-11-23T04:00:00"
	at     time.Time
}

const secondLength = len("2006-01-02T15:04:05")

func (s *stamps) parse(stamp []byte) (time.Time, bool) {
	if len(stamp) <= secondLength || stamp[4] != '-' {
		return time.Time{}, false
	}
	nanoseconds, utc := fraction(stamp[secondLength:])
	if utc && string(stamp[:secondLength]) == s.second {
		return s.at.Add(nanoseconds), true
	}
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	if err == nil && utc {
		s.second, s.at = string(stamp[:secondLength]), at.Add(-nanoseconds)
	}
	return at, err == nil
}

// fraction reads what follows the second of a time in UTC: ".123Z".
func fraction(text []byte) (time.Duration, bool) {
	digits, utc := bytes.CutSuffix(text, []byte("Z"))
	if !utc || len(digits) > 10 || len(digits) > 0 && digits[0] != '.' || len(digits) == 1 {
		return 0, false
	}
	value, unit := time.Duration(0), time.Second
	for _, c := range digits[min(1, len(digits)):] {
		if c < '0' || c > '9' {
			return 0, false
		}
		unit /= 10
		value += time.Duration(c-'0') * unit
	}
	return value, true
}
