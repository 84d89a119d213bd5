package tape

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Line is a line of a container's log, without its line end.
type Line struct {
	Time time.Time
	Text string
}

// Container names a container whose log is held. Previous is its run before.
type Container struct {
	Namespace, Pod, Name string
	Previous             bool
}

type logKey = Container

// Log appends lines to a container's log; those who follow it hear them.
func (a *API) Log(of Container, lines ...Line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.logs[of] = append(a.logs[of], lines...)
	a.wake()
}

// logBody is the body of a log. It has no goroutine: the reader waits.
type logBody struct {
	waiter
	api    *API
	pod    *resource
	of     Container
	next   int
	follow bool
	since  time.Time
	stamps bool
	text   strings.Reader
}

func (a *API) log(r *request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := r.resource.items[r.namespace+"/"+r.name]
	if i == nil {
		return nil, apierrors.NewNotFound(r.group(), r.name)
	}
	var pod corev1.Pod
	if err := json.Unmarshal(i.json, &pod); err != nil {
		return nil, err
	}
	q := r.URL.Query()
	of := Container{r.namespace, r.name, q.Get("container"), q.Get("previous") == "true"}
	var err error
	if of.Name, err = choose(&pod, of.Name); err != nil {
		return nil, err
	}
	lines, held := a.logs[of]
	if of.Previous && !held {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("previous terminated container %q in pod %q not found", of.Name, of.Pod))
	}
	body := &logBody{
		waiter: waiter{ctx: r.Context(), closed: make(chan struct{})}, api: a, pod: r.resource, of: of,
		follow: q.Get("follow") == "true" && !of.Previous, stamps: q.Get("timestamps") == "true",
	}
	if text := q.Get("sinceTime"); text != "" {
		if body.since, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
	} else if seconds, _ := strconv.Atoi(q.Get("sinceSeconds")); seconds > 0 {
		body.since = a.options.Clock.Now().Add(-time.Duration(seconds) * time.Second)
	}
	if tail, err := strconv.Atoi(q.Get("tailLines")); err == nil && tail >= 0 {
		body.next = max(0, len(lines)-tail)
	}
	return stream(r.Request, http.StatusOK, http.Header{"Content-Type": {"text/plain"}}, body, -1), nil
}

// choose returns the container whose log is meant.
func choose(pod *corev1.Pod, asked string) (string, error) {
	var names []string
	for _, c := range pod.Spec.Containers {
		names = append(names, c.Name)
	}
	if asked == "" && len(names) == 1 {
		return names[0], nil
	}
	if asked == "" {
		return "", apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: %v", pod.Name, names))
	}
	for _, c := range pod.Spec.InitContainers {
		names = append(names, c.Name)
	}
	for _, c := range pod.Spec.EphemeralContainers {
		names = append(names, c.Name)
	}
	for _, name := range names {
		if name == asked {
			return name, nil
		}
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", asked, pod.Name))
}

// Read returns lines; when the log is followed it waits for the next one until
// the pod is deleted.
func (b *logBody) Read(p []byte) (int, error) {
	for b.text.Len() == 0 {
		b.api.mu.Lock()
		changed := b.api.changed
		lines := b.api.logs[b.of]
		gone := b.pod.items[b.of.Namespace+"/"+b.of.Pod] == nil
		b.api.mu.Unlock()
		var out strings.Builder
		for ; b.next < len(lines); b.next++ {
			line := lines[b.next]
			if line.Time.Before(b.since) {
				continue
			}
			if b.stamps {
				out.WriteString(line.Time.UTC().Format(time.RFC3339Nano) + " ")
			}
			out.WriteString(line.Text + "\n")
		}
		b.text.Reset(out.String())
		if b.text.Len() > 0 {
			break
		}
		if !b.follow || gone {
			return 0, io.EOF
		}
		select {
		case <-changed:
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		case <-b.closed:
			return 0, io.ErrClosedPipe
		}
	}
	return b.text.Read(p)
}
