package dump

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// logText is a log that waits for its pod to be known.
type logText struct {
	file  string
	of    container // empty when the path does not say it
	run   int       // of a kubelet's file: how often the container was restarted
	exact bool      // of is certain
	text  []byte
	cut   bool
	cri   bool // a container runtime's own format
	bare  bool // no line has the kubelet's timestamp
}

// strayLog is how much is kept of a log whose container is not known yet.
const strayLog = 1 << 20

// readLog keeps the end of a log.
func (r *reader) readLog(f file) error {
	log := logText{file: f.name}
	log.of, log.run, log.exact = logPath(f.name)
	keep := r.limits.Log
	if !log.exact {
		keep = min(keep, strayLog)
	}
	tail := tailBuffer{max: keep}
	open := false // the line is longer than the buffer
	for {
		line, err := f.text.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			tail.part(line)
			open = true
			continue
		}
		if len(line) > 0 || open {
			tail.line(trimEnd(line))
			open = false
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) {
			r.problems.reportLost(f.name, 0, "%s", reasonOf(err))
			if errors.Is(err, errRefused) {
				return err
			}
		}
		break
	}
	log.text, log.cut = tail.text(), tail.dropped
	log.cri = log.run >= 0
	r.keepLog(log)
	return nil
}

// keepLog keeps a log as long as there is room for it.
func (r *reader) keepLog(log logText) {
	if r.logBytes += int64(len(log.text)); r.logBytes > r.limits.Logs {
		r.logBytes -= int64(len(log.text))
		r.problems.reportLost(log.file, 0, "a log beyond the limit of %d MiB for all logs: not read", r.limits.Logs>>20)
		return
	}
	r.logs = append(r.logs, log)
}

// attachLogs gives the API the logs of the containers that it has.
func (c *collector) attachLogs(logs []logText) {
	runs := map[container][]logText{}
	for _, log := range logs {
		if !log.exact {
			if !c.findContainer(&log) {
				continue
			}
		} else if !c.hasContainer(log.of) {
			c.problems.reportLost(
				log.file,
				0,
				"the log of container %s of pod %s/%s, which is not in the dump",
				log.of.name,
				log.of.namespace,
				log.of.pod,
			)
			continue
		}
		runs[log.of] = append(runs[log.of], log)
	}
	for of, all := range runs {
		slices.SortStableFunc(all, func(a, b logText) int { return cmp.Compare(b.run, a.run) })
		c.attachLog(of, all[0])
		if len(all) > 1 && all[1].run >= 0 && all[1].run < all[0].run {
			of.previous = true
			c.attachLog(of, all[1])
		} else if len(all) > 1 && !bytes.Equal(all[0].text, all[1].text) {
			c.problems.reportLost(
				all[1].file,
				0,
				"a second log of container %s of pod %s/%s; %s is shown",
				of.name,
				of.namespace,
				of.pod,
				all[0].file,
			)
		}
	}
}

func (c *collector) attachLog(of container, log logText) {
	lines := log.lines()
	for _, line := range lines {
		c.latest = later(c.latest, line.Time, c.before)
	}
	c.api.Log(memapi.Container{Namespace: of.namespace, Pod: of.pod, Name: of.name, Previous: of.previous}, lines...)
	c.logged[of] = true
	if log.cut {
		c.problems.reportLost(log.file, 0, "a long log: its beginning is not shown")
	}
}

// hasContainer reports whether a container belongs to one of the dump's pods.
func (c *collector) hasContainer(of container) bool {
	return slices.Contains(c.pods[podName{of.namespace, of.pod}], of.name)
}

// lines cuts a log's text, and takes off the times that the kubelet or the
// container runtime put before the lines: off all or none.
func (l logText) lines() []memapi.Line {
	text := string(l.text)
	stamped := !l.bare && (l.cri || allStamped(text))
	lines := make([]memapi.Line, 0, strings.Count(text, "\n"))
	part := ""
	for line := range strings.Lines(text) {
		one := memapi.Line{Text: strings.TrimRight(line, "\r\n")}
		if !stamped {
			lines = append(lines, one)
			continue
		}
		stamp, rest, _ := strings.Cut(one.Text, " ")
		if t := timeOf(stamp); !t.IsZero() {
			one.Time, one.Text = t, rest
		}
		if l.cri {
			rest, partial, ok := criLine(one.Text)
			if ok && partial {
				part += rest
				continue
			}
			if ok {
				one.Text, part = part+rest, ""
			}
		}
		lines = append(lines, one)
	}
	return lines
}

// criLine takes a line of the container runtime's format apart: stream, tag,
// text (kubernetes, pkg/kubelet/kuberuntime/logs).
func criLine(line string) (text string, partial, ok bool) {
	stream, rest, _ := strings.Cut(line, " ")
	tag, text, _ := strings.Cut(rest, " ")
	if stream != "stdout" && stream != "stderr" || tag == "" || tag[0] != 'F' && tag[0] != 'P' {
		return "", false, false
	}
	return text, tag[0] == 'P', true
}

// allStamped reports whether every line begins with a time as the kubelet writes
// it: to more than milliseconds, which few programs do by themselves.
func allStamped(text string) bool {
	seen := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		stamp, _, _ := strings.Cut(line, " ")
		if len(stamp) < len("2006-01-02T15:04:05.0000000Z") || timeOf(stamp).IsZero() {
			return false
		}
		seen = true
	}
	return seen
}

// podName names a pod.
type podName struct{ namespace, name string }

// findContainer looks for the pod that a log's path names in any way: the longest name
// of a pod, then that of a container, among the parts of the path.
func (c *collector) findContainer(log *logText) bool {
	path, previous := loosePath(log.file)
	var best podName
	several := false
	for pod := range maps.Keys(c.pods) {
		if !hasWord(path, pod.name) {
			continue
		}
		switch {
		case len(pod.name) > len(best.name),
			len(pod.name) == len(best.name) && hasWord(path, pod.namespace) && !hasWord(path, best.namespace):
			best, several = pod, false
		case len(pod.name) == len(best.name) && hasWord(path, pod.namespace) == hasWord(path, best.namespace):
			several = true
		}
	}
	if best.name == "" {
		return false // not a pod's log
	}
	if several {
		c.problems.reportLost(
			log.file,
			0,
			"a log of pod %s: there are several, and its path does not say the namespace",
			best.name,
		)
		return false
	}
	name := ""
	rest := strings.Replace(path, best.name, "", 1)
	containers := c.pods[best]
	for _, container := range containers {
		if hasWord(rest, container) && len(container) > len(name) {
			name = container
		}
	}
	if name == "" && len(containers) == 1 {
		name = containers[0]
	}
	if name == "" {
		c.problems.reportLost(
			log.file,
			0,
			"a log of pod %s/%s: its path does not say which container's (%s)",
			best.namespace,
			best.name,
			strings.Join(containers, ", "),
		)
		return false
	}
	log.of = container{best.namespace, best.name, name, previous}
	return true
}
