package memapi

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Line is a line of a container's log, without its line end. A line whose Time is
// zero has no timestamp and is never too old.
type Line struct {
	Time time.Time
	Text string
}

func (l Line) before(t time.Time) bool { return !l.Time.IsZero() && l.Time.Before(t) }

// stamp is how a kubelet writes a time.
const stamp = "2006-01-02T15:04:05.000000000Z07:00"

// Container names a container whose log is held. Previous is its run before.
type Container struct {
	Namespace, Pod, Name string
	Previous             bool
}

type logKey = Container

// lines is a container's log. The slice only grows or is replaced.
type lines struct {
	changed chan struct{} // closed and replaced when it is
	all     []Line
	times   int // how often it was replaced
	set     int // how many lines it was replaced with
}

// Log appends lines to a container's log; those who follow it get them.
func (a *API) Log(of Container, more ...Line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.linesOf(of)
	l.all = append(l.all, more...)
	l.notify()
}

// SetLog makes the lines the whole log, as a jump in time does. Those who follow
// it get only what is appended from now on.
func (a *API) SetLog(of Container, all ...Line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.linesOf(of)
	l.all = slices.Clone(all)
	l.times, l.set = l.times+1, len(all)
	l.notify()
}

func (a *API) linesOf(of Container) *lines {
	if a.logs[of] == nil {
		a.logs[of] = &lines{changed: make(chan struct{})}
	}
	return a.logs[of]
}

func (l *lines) notify() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// logBody is the body of a log. It has no goroutine: the reader waits.
type logBody struct {
	waiter
	api    *API
	pod    *store
	of     Container
	times  int // of the lines that next counts
	next   int
	left   int // bytes that may be sent; -1 means all
	follow bool
	since  time.Time
	stamps bool
	text   strings.Reader
}

func (a *API) log(r *request) (*http.Response, error) {
	a.mu.Lock()
	i := r.resource.store.items[keyOf(r.namespace, r.name)]
	a.mu.Unlock()
	if i == nil {
		return nil, apierrors.NewNotFound(r.group(), r.name)
	}
	obj, err := i.typed(podKind)
	if err != nil {
		return nil, err
	}
	of := Container{r.namespace, r.name, r.query.Get("container"), r.query.Get("previous") == "true"}
	if of.Name, err = choose(obj.(*corev1.Pod), of.Name); err != nil {
		return nil, err
	}
	body := &logBody{
		waiter: waiter{ctx: r.Context(), closed: make(chan struct{})},
		api:    a, pod: r.resource.store, of: of, left: -1,
		follow: r.query.Get("follow") == "true" && !of.Previous, stamps: r.query.Get("timestamps") == "true",
	}
	tail, err := body.options(r)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	held := a.logs[of]
	if of.Previous && held == nil {
		a.mu.Unlock()
		message := fmt.Sprintf("previous terminated container %q in pod %q not found", of.Name, of.Pod)
		return nil, apierrors.NewBadRequest(message)
	}
	if held == nil {
		held = a.linesOf(of)
	}
	all := held.all
	body.times = held.times
	a.mu.Unlock()
	body.next = len(all)
	for body.next > 0 && !all[body.next-1].before(body.since) && tail != 0 {
		body.next--
		tail--
	}
	return stream(r.Request, http.StatusOK, http.Header{"Content-Type": {"text/plain"}}, body, -1), nil
}

// options reads the query of a log, except for the container.
func (b *logBody) options(r *request) (tail int, err error) {
	q := r.query
	tail = -1
	if q.Has("tailLines") {
		if tail, err = strconv.Atoi(q.Get("tailLines")); err != nil || tail < 0 {
			return 0, invalidLog("tailLines", q.Get("tailLines"), "must be greater than or equal to 0")
		}
	}
	if q.Has("limitBytes") {
		if b.left, err = strconv.Atoi(q.Get("limitBytes")); err != nil || b.left < 1 {
			return 0, invalidLog("limitBytes", q.Get("limitBytes"), "must be greater than 0")
		}
	}
	if q.Has("sinceSeconds") && q.Has("sinceTime") {
		return 0, invalidLog("", "", "at most one of `sinceTime` or `sinceSeconds` may be specified")
	}
	if text := q.Get("sinceTime"); text != "" {
		if b.since, err = time.Parse(time.RFC3339, text); err != nil {
			return 0, apierrors.NewBadRequest(err.Error())
		}
	}
	if q.Has("sinceSeconds") {
		seconds, err := strconv.Atoi(q.Get("sinceSeconds"))
		if err != nil || seconds < 1 {
			return 0, invalidLog("sinceSeconds", q.Get("sinceSeconds"), "must be greater than 0")
		}
		b.since = b.api.options.Clock.Now().Add(-time.Duration(seconds) * time.Second)
	}
	return tail, nil
}

// Read returns lines; when the log is followed it waits for the next one until
// the pod is deleted.
func (b *logBody) Read(p []byte) (_ int, err error) {
	defer b.api.options.Panicked.Recover(b.of, &err)
	for b.text.Len() == 0 {
		all, lineCame, podChanged, gone := b.held()
		b.text.Reset(b.nextLines(all))
		if b.text.Len() > 0 {
			break
		}
		if !b.follow || gone || b.left == 0 {
			return 0, io.EOF
		}
		select {
		case <-lineCame:
		case <-podChanged:
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		case <-b.closed:
			return 0, io.ErrClosedPipe
		}
	}
	return b.text.Read(p)
}

// held returns what is there now, and what is closed when that changes.
func (b *logBody) held() (all []Line, lineCame, podChanged <-chan struct{}, gone bool) {
	a := b.api
	a.mu.Lock()
	defer a.mu.Unlock()
	held := a.linesOf(b.of)
	if held.times != b.times {
		b.times, b.next = held.times, held.set
	}
	gone = b.pod.items[keyOf(b.of.Namespace, b.of.Pod)] == nil
	return held.all, held.changed, b.pod.changed, gone
}

// nextLines returns the text of lines that were not sent yet, a part at a time.
func (b *logBody) nextLines(all []Line) string {
	const enough = 64 << 10
	var out strings.Builder
	for ; b.next < len(all) && b.left != 0 && out.Len() < enough; b.next++ {
		line := all[b.next]
		if line.before(b.since) {
			continue
		}
		text := line.Text + "\n"
		if b.stamps && !line.Time.IsZero() {
			text = line.Time.UTC().Format(stamp) + " " + text
		}
		if b.left >= 0 {
			text = text[:min(len(text), b.left)]
			b.left -= len(text)
		}
		out.WriteString(text)
	}
	return out.String()
}
