package live

import (
	"context"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
)

const (
	// logKept is how many lines of a run that ended badly are kept, of those that say something.
	logKept = 12
	// logReaders is how many logs are read at a time: each goes through the API server to
	// a kubelet.
	logReaders = 6
	// logPatience is how long one may take: its kubelet may be gone.
	logPatience = 5 * time.Second
	// logBurst is how many logs are read at once, one a finding that may have one, and logsMore how
	// many more after each logPause: containers may crash, and findings take turns, for as long as
	// they like. Several at a time, for what they say makes a new verdict.
	logBurst = 30
	logsMore = 5
	logPause = 10 * time.Second
)

// logs reads the last lines of containers that crash.
type logs struct {
	cluster *kube.Cluster
	read    chan logRead
	asked   map[triage.LogWanted]bool // those that are being read
	began   time.Time                 // by the wall's clock; zero before any could be asked for
	done    bool                      // the first have come
	wait    time.Duration             // for the first
	left    int                       // how many may be read now
	counted time.Time                 // when left was, by the wall's clock
}

// firstLogs is how long the first verdict that is complete waits for logs.
const firstLogs = time.Second

// over reports whether the first logs have come, or that they take too long.
func (l *logs) over(wall time.Time) bool {
	return l.done || !l.began.IsZero() && wall.Sub(l.began) > l.wait
}

// settled notes that all logs that the first verdicts want were asked for, and reports whether they
// have just come, so that a verdict is due.
func (l *logs) settled(wall time.Time) bool {
	was := l.done
	l.done = l.done || len(l.asked) == 0
	return l.done != was || !l.over(wall)
}

type logRead struct {
	wanted triage.LogWanted
	lines  []string
}

func newLogs(c *kube.Cluster, wait time.Duration) *logs {
	return &logs{cluster: c, wait: wait, left: logBurst, read: make(chan logRead), asked: map[triage.LogWanted]bool{}}
}

// ask begins to read what is wanted, as much as may be, and returns after what time there may be
// more; 0 where nothing waits for that.
func (l *logs) ask(
	ctx context.Context, messages *kube.Messages, wanted []triage.LogWanted, wall time.Time,
) time.Duration {
	if l.began.IsZero() {
		l.began = wall
	}
	if l.counted.IsZero() || l.left >= logBurst {
		l.left, l.counted = logBurst, wall
	}
	pauses := wall.Sub(l.counted) / logPause
	l.left, l.counted = min(l.left+logsMore*int(pauses), logBurst), l.counted.Add(pauses*logPause)
	for _, w := range wanted {
		switch {
		case len(l.asked) == logReaders:
			return 0 // The rest is asked for when one of them has come.
		case l.asked[w]:
			continue
		case l.left == 0:
			return l.counted.Add(logPause).Sub(wall)
		}
		l.left--
		l.asked[w] = true
		messages.Start("triage of the log of "+w.Pod.String(), func() {
			select {
			case l.read <- logRead{w, l.last(ctx, w)}:
			case <-ctx.Done():
			}
		})
	}
	return 0
}

// last are the last lines of the run that ended badly: the one before, if there was one, and none goes on
// that should have ended.
func (l *logs) last(ctx context.Context, w triage.LogWanted) []string {
	ctx, cancel := context.WithTimeout(ctx, logPatience)
	defer cancel()
	if w.Restarts > 0 && !w.Running {
		if lines := l.lines(ctx, w, true); len(lines) > 0 || ctx.Err() != nil {
			return lines
		}
	}
	return l.lines(ctx, w, false)
}

func (l *logs) taken(s *triage.State, r logRead) {
	delete(l.asked, r.wanted)
	s.SetLog(r.wanted, r.lines)
}

// keptMax is how many logs are kept of pods that may be gone.
const keptMax = 256

// ofContainer names a log.
type ofContainer struct {
	pod       kinds.Ref
	container string
}

// keep remembers the last lines that were read of a container, for when its pod is gone.
func (t *Triage) keep(r logRead) {
	if len(r.lines) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := ofContainer{r.wanted.Pod, r.wanted.Container}
	if _, known := t.kept[key]; !known {
		t.keptOrder = append(t.keptOrder, key)
	}
	if len(t.keptOrder) > keptMax {
		delete(t.kept, t.keptOrder[0])
		t.keptOrder = t.keptOrder[1:]
	}
	t.kept[key] = r.lines
}

// LastLog returns the last lines that were read of a container that crashed, none if it
// was not. They are kept when its pod is gone.
func (t *Triage) LastLog(pod kinds.Ref, container string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept[ofContainer{pod, container}]
}

// lines are the last ones of the run before, or of this one; none if they cannot be read.
func (l *logs) lines(ctx context.Context, w triage.LogWanted, previous bool) []string {
	source := l.cluster.Logs(kube.LogOptions{Namespace: w.Pod.Namespace, Pod: w.Pod.Name, Container: w.Container,
		Previous: previous, Tail: triage.LogTail})
	var out []string
	for {
		msg, err := source.Next(ctx)
		if err != nil {
			return triage.LastWords(out, logKept)
		}
		if lines, ok := msg.(kube.LogLines); ok {
			for _, line := range lines.Lines {
				if !line.Written() {
					continue
				}
				out = append(out, kinds.Clean(kinds.WithoutSGR(line.Text)))
			}
		}
	}
}
